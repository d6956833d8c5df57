"""Comments: the price comment of every issue, as it was released, every issue's address its own."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from ellwand.engine.errors import DataError
from ellwand.office.approvals import corrections
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.record.reading import Given
from ellwand.office.registry.models import Item
from ellwand.office.screens.words import say
from ellwand.web import query
from ellwand.web.moments import Moment, moment
from ellwand.web.site import typeset
from ellwand.web.site.bound import paragraphs
from ellwand.web.site.page import Language, Shown, page, where
from ellwand.web.site.series import share


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


def text_of(one: Release | Given, name: str, language: Language) -> str:
    """A text of a release in a language; "" for a release without it."""
    try:
        return reading.file(one, f"texts/{name}.{language}.md").read_text(encoding="utf-8")
    except (DataError, OSError):
        return ""


@page("comments/", "comments")
def comments(request: HttpRequest, language: Language) -> HttpResponseBase:
    """The comments: those on prices stand first."""
    return redirect(where("price_comments", language))


def title_of(one: Given, language: Language) -> str:
    """The title of a release's price comment; "" for a release without one."""
    key = (one.manifest, language)
    if key not in _titles:
        parts = blocks(text_of(one, "price", language))
        if not parts:
            return ""
        # What is sealed never changes, so its title is read once.
        _titles[key] = parts[0].text
    return _titles[key]


_titles: dict[tuple[str, Language], str] = {}


@page("comments/price/", "price_comments")
def price_comments(request: HttpRequest, language: Language) -> Shown:
    """All price comments by year, the newest first, by their titles."""
    years: dict[str, list[dict[str, Any]]] = {}
    seen = moment()
    for one in reversed(seen.standing.given):
        if one.withdrawn is None and (words := title_of(one, language)):
            years.setdefault(one.period[:4], []).append({"release": one, "title": words})
    context = {"years": [{"year": y, "comments": c} for y, c in years.items()], "next": seen.next}
    return Shown("site/comments.html", say("价格评述", "Price comments"), context)


FILES = (
    "texts/price.zh.md",
    "texts/price.en.md",
    "texts/price.zh.json",
    "texts/price.en.json",
    "report/report.html",
    "outputs/history.xlsx",
    "outputs/history.csv",
)
"""Files of a release that belong to its comment."""


PDF: tuple[tuple[Language, str], ...] = (("zh", "PDF 中文"), ("en", "PDF English"))


@page("comments/price/<str:issue>/", "comment")
def comment(request: HttpRequest, language: Language, issue: str) -> Shown:
    """The price comment of one release, with its rationale. issue : a period as 2026-W05, or the name of a release."""
    everything = moment().standing.given
    found = [r for r in everything if issue in (r.code, r.period)]
    if not found:
        raise Http404
    one = found[-1]
    text = text_of(one, "price", language)
    if not blocks(text):
        raise Http404
    seen = moment(vintage=one.code)
    names = query.names(seen)
    codes = {n.series: n.code for n in names}
    parts = paragraphs(reading.release(one.code), text, language, codes | classes_of_items(set(codes.values())))
    stand = [r for r in everything if r.withdrawn is None]
    place = next((k for k, r in enumerate(stand) if r.key == one.key), None)
    public = {entry.path for entry in reading.manifest(one).files if entry.public}
    context: dict[str, Any] = {
        "release": one,
        "heading": parts[0],
        "paragraphs": parts[1:],
        "rationale": blocks(text_of(one, "rationale", language)),
        "withdrawal": {"zh": one.withdrawn_zh, "en": one.withdrawn_en} if one.withdrawn else None,
        "corrections": [c for c in corrections.log() if one.code in c["releases"] and c["release"] != one.code],
        "rows": figures(seen, one.period, names, language),
        "files": [path for path in FILES if path in public],
        "bulletins": [(words, where("bulletin", of, code=one.code)) for of, words in PDF] if typeset.is_there() else [],
        "share": share(request, language, next(n.code for n in names if not n.level), one.code),
        "before": stand[place - 1] if place else None,
        "after": stand[place + 1] if place is not None and place + 1 < len(stand) else None,
        "about": next((part.text for part in parts if not part.level), ""),
    }
    return Shown("site/comment.html", parts[0].text, context)


def classes_of_items(public: set[str]) -> dict[str, str]:
    """The elementary aggregate of every item, by the name that facts give it: an item has no series of its own."""
    return {f"item/{code}": ea for code, ea in Item.objects.values_list("code", "ea") if ea in public}


def figures(seen: Moment, period: str, names: list[query.Named], language: Language) -> list[dict[str, Any]]:
    """The figures of the total and the level-1 classes that a comment speaks of, as they were released with it."""
    by_code = {n.code: n for n in names if n.level <= 1}
    rows = query.of_period(seen, list(by_code), period)
    limits = reading.points(seen.standing, ("code", "change_low", "change_high"), list(by_code), [period])
    # As in the words: what may be nothing is neither a rise nor a fall.
    unclear = {code for (code, low, high), _, _ in limits if low is not None and low <= 0 <= (high or 0.0)}
    return [
        {
            **row,
            "unclear": row["series"] in unclear,
            "name": (by_code[row["series"]].name_zh if language == "zh" else by_code[row["series"]].name_en)
            or row["series"],
            "address": where("series", language, code=row["series"]) + f"?vintage={seen.vintage}",
        }
        for row in rows
    ]
