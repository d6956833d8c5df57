"""The history of the registers: what a row was, and what a register held at an instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ellwand.office.registry.columns import Book
from ellwand.office.registry.models import Change

Row = dict[str, str]


@dataclass(frozen=True)
class Step:
    """A change of a row. fields : name, before, after of every field that differs."""

    change: Change
    fields: list[tuple[str, str, str]]


def of_row(book: Book, code: str) -> list[Step]:
    """The changes of a row, the newest first."""
    found = Change.objects.filter(register=book.name, code=code).select_related("by").order_by("-pk")
    return [Step(c, differing(c.before or {}, c.after or {})) for c in found]


def last_of(book: Book, code: str) -> int:
    """The number of the last change of a row, 0 for one that is not there: what a form was filled in upon."""
    return (
        Change.objects.filter(register=book.name, code=code).order_by("-pk").values_list("pk", flat=True).first() or 0
    )


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name, before and after of every field that differs."""
    names = [*after, *(n for n in before if n not in after)]
    pairs = [(n, str(before.get(n, "")), str(after.get(n, ""))) for n in names]
    return [p for p in pairs if p[1] != p[2]]


def as_of(book: Book, at: datetime) -> dict[str, Row]:
    """The rows that a register held at an instant, by code."""
    out: dict[str, Row] = {}
    changes = Change.objects.filter(register=book.name, at__lte=at).order_by("pk")
    for code, after in changes.values_list("code", "after").iterator():
        if after is None:
            out.pop(code, None)
        else:
            out[code] = {k: str(v) for k, v in after.items()}
    return out
