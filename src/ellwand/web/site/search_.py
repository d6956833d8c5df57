"""Search: what is asked stands in the address; works without script."""

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ellwand.office.screens.words import say
from ellwand.web.moments import moment
from ellwand.web.problems import ProblemError
from ellwand.web.search import index
from ellwand.web.search.pieces import LONGEST, folded, runs
from ellwand.web.search.texts import KINDS
from ellwand.web.site.page import Language, Shown, page, where

A_PAGE, MOST_PAGES, AROUND = 20, 50, 60
"""Texts on a page; pages; letters shown on either side of what was asked for."""


@page("search", "search")
def search(request: HttpRequest, language: Language) -> Shown:
    """The texts that hold what is asked for, the best first."""
    asked = request.GET.get("q", "").strip()[:LONGEST]
    number = _number(request.GET.get("page", "1"))
    count, hits = index.find(moment(), language, asked, A_PAGE, (number - 1) * A_PAGE) if asked else (0, [])
    words = runs(asked)
    rows: list[dict[str, Any]] = [
        {
            "kind": say(*KINDS[hit.kind]),
            "address": hit.address,
            "title": marked(hit.title, words),
            "part": marked(part(hit.body, words), words),
            "day": hit.day,
        }
        for hit in hits
    ]
    pages = min(MOST_PAGES, -(-count // A_PAGE))
    address = where("search", language)
    context: dict[str, Any] = {
        "asked": asked,
        "count": count,
        "rows": rows,
        "before": f"{address}?{urlencode({'q': asked, 'page': number - 1})}" if number > 1 else "",
        "after": f"{address}?{urlencode({'q': asked, 'page': number + 1})}" if number < pages else "",
        "number": number,
        "pages": pages,
    }
    title = say("搜索：{q}", "Search: {q}", q=asked) if asked else say("搜索", "Search")
    return Shown("site/search.html", title, context)


def _number(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text) or int(text) > MOST_PAGES:
        raise ProblemError(
            "invalid-value", field="page", value=text,
            rule=(f"不是 1 到 {MOST_PAGES} 的整数", f"is no whole number from 1 to {MOST_PAGES}"),
            remedy=("改用更具体的词", "ask for something narrower"),
        )  # fmt: skip
    return int(text)


def spots(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where the words stand in a text, from and to, in order and without overlap."""
    # Folding may change the length of a text; then nothing is marked rather than the wrong letters.
    plain = folded(text) if len(folded(text)) == len(text) else text.lower()
    found = sorted((m.start(), m.end()) for w in words for m in re.finditer(re.escape(w), plain))
    out: list[tuple[int, int]] = []
    for start, end in found:
        if not out or start >= out[-1][1]:
            out.append((start, end))
    return out


def part(text: str, words: list[str]) -> str:
    """The piece of a text around the first word that was asked for; its beginning where none stands in it."""
    found = spots(text, words)
    start = max(0, found[0][0] - AROUND) if found else 0
    end = min(len(text), start + 3 * AROUND)
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")


def marked(text: str, words: list[str]) -> SafeString:
    """A text with the words that were asked for marked."""
    out, at = SafeString(""), 0
    for start, end in spots(text, words):
        out += format_html("{}<mark>{}</mark>", text[at:start], text[start:end])
        at = end
    return out + format_html("{}", text[at:])
