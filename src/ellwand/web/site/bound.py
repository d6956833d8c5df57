"""The figures of a released text as links: each opens the series that it stands for, in the vintage of the text.
Those of a single item, which has no series, open its class.

What a figure stands for is kept with the text that was approved. It is used only where the words are those of the
released file, letter by letter; else the text stands as it was released, without links.
"""

from dataclasses import dataclass

from ellwand.engine.errors import DataError
from ellwand.office.editorial.models import PRICE, Draft
from ellwand.office.record.models import Release
from ellwand.office.screens.words import say
from ellwand.production.comment.bound import Bound, Span
from ellwand.web.site.page import Language, where

LINKED = ("figure", "name")
"""Kinds of spans that are links: figures, and the names of classes."""
MEASURES = {
    "index": ("指数", "level"),
    "change_previous": ("较上期", "change on the previous issue"),
    "change_year_start": ("较年初", "change on the start of the year"),
    "change_last_year": ("较上年同期", "change on a year before"),
    "change_low": ("涨跌区间下限", "lower limit of the change"),
    "change_high": ("涨跌区间上限", "upper limit of the change"),
    "contribution": ("贡献", "contribution"),
    "matched": ("配对报价", "matched quotes"),
    "units": ("样本单位", "sample units"),
}


@dataclass(frozen=True)
class Piece:
    """A piece of a text. address : where it leads, "" for plain words. title : what it stands for. kind : span."""

    text: str
    address: str = ""
    title: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A heading or paragraph. level : of a heading, 0 for a paragraph."""

    level: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Its words alone."""
        return "".join(piece.text for piece in self.pieces)


def bound_of(one: Release, text: str, language: Language) -> Bound:
    """The text of a release with what its words stand for; without, where that is not known."""
    rows = Draft.objects.filter(compilation=one.compilation_id, kind=PRICE, language=language, at__lte=one.sealed_at)
    for marked in rows.order_by("-number").values_list("marked", flat=True):
        try:
            found = Bound.of_marked(marked, language, one.period)
        except DataError:
            continue
        if found.text.strip() == text.strip():
            return found
    return Bound(language, one.period, text)


def paragraphs(one: Release, text: str, language: Language, codes: dict[str, str]) -> list[Paragraph]:
    """Headings and paragraphs with their links. codes : of the public series by their names, of items by item/CODE."""
    bound = bound_of(one, text, language)
    out: list[Paragraph] = []
    at = 0
    for part in bound.text.split("\n\n"):
        start, at = at, at + len(part) + 2
        plain = part.strip()
        if not plain:
            continue
        marks = len(plain) - len(plain.lstrip("#"))
        first = start + part.index(plain[marks:].strip()[:1], part.index(plain) + marks)
        last = start + len(part.rstrip())
        spans = [s for s in bound.spans if first <= s.start and s.end <= last]
        out.append(Paragraph(min(marks, 3), _pieces(bound.text, first, last, spans, one, language, codes)))
    # A heading with nothing below it announces nothing.
    return [p for k, p in enumerate(out) if p.level < 2 or (k + 1 < len(out) and not out[k + 1].level)]


def _pieces(
    text: str, first: int, last: int, spans: list[Span], one: Release, language: Language, codes: dict[str, str]
) -> tuple[Piece, ...]:
    out: list[Piece] = []
    at = first
    for span in spans:
        subject, _, measure = span.fact.rpartition(":")
        series, _, period = subject.partition("@")
        code = codes.get(series)
        if span.kind not in LINKED or code is None:
            continue
        if span.start > at:
            out.append(Piece(text[at : span.start]))
        title = ""
        if span.kind == "figure":
            words = MEASURES.get(measure, (measure, measure))
            comma = "，" if language == "zh" else ", "
            title = comma.join([series, period, say(*words)])
        address = where("series", language, code=code) + f"?vintage={one.code}"
        out.append(Piece(text[span.start : span.end], address, title, span.kind))
        at = span.end
    if at < last:
        out.append(Piece(text[at:last]))
    return tuple(out)
