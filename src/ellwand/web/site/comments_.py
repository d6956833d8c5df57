"""Comments: the price comment of every issue, as it was released, every issue's address its own."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from ellwand.engine.errors import DataError
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.screens.words import say
from ellwand.web.site.page import Language, Shown, page, where


@dataclass(frozen=True)
class Block:
    """A piece of a text. level : of a heading, 0 for a paragraph."""

    level: int
    text: str


def blocks(text: str) -> list[Block]:
    """Headings and paragraphs of a released text, which knows nothing else."""
    out = []
    for part in text.split("\n\n"):
        plain = part.strip()
        marks = len(plain) - len(plain.lstrip("#"))
        if plain:
            out.append(Block(min(marks, 3), plain[marks:].strip()))
    return out


def text_of(one: Release, name: str, language: Language) -> str:
    """A text of a release in a language; "" for a release without it."""
    try:
        return reading.file(one, f"texts/{name}.{language}.md").read_text(encoding="utf-8")
    except (DataError, OSError):
        return ""


@page("comments/", "comments")
def comments(request: HttpRequest, language: Language) -> HttpResponseBase:
    """The comments: those on prices stand first."""
    return redirect(where("price_comments", language))


@page("comments/price/", "price_comments")
def price_comments(request: HttpRequest, language: Language) -> Shown:
    """All price comments by year, the newest first, by their titles."""
    years: dict[str, list[dict[str, Any]]] = {}
    for one in reversed(reading.public(withdrawn=False)):
        parts = blocks(text_of(one, "price", language))
        if parts:
            years.setdefault(one.period[:4], []).append({"release": one, "title": parts[0].text})
    context = {"years": [{"year": y, "comments": c} for y, c in years.items()], "next": reading.next_issue()}
    return Shown("site/comments.html", say("价格评述", "Price comments"), context)


@page("comments/price/<str:issue>/", "comment")
def comment(request: HttpRequest, language: Language, issue: str) -> Shown:
    """The price comment of one release, with its rationale. issue : a period as 2026-W05, or the name of a release."""
    found = [r for r in reading.public() if issue in (r.code, r.period)]
    if not found:
        raise Http404
    one = found[-1]
    parts = blocks(text_of(one, "price", language))
    if not parts:
        raise Http404
    context: dict[str, Any] = {
        "release": one,
        "title_block": parts[0],
        "blocks": parts[1:],
        "rationale": blocks(text_of(one, "rationale", language)),
        "withdrawal": getattr(one, "withdrawal", None),
    }
    return Shown("site/comment.html", parts[0].text, context)
