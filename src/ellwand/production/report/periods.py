"""Periods of the report as days: ISO weeks, months, quarters and single days."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ellwand.engine.errors import DataError

Kind = Literal["week", "month", "quarter", "day"]
FORMS: dict[Kind, re.Pattern[str]] = {
    "week": re.compile(r"(\d{4})-W(\d{1,2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(\d{1,2})"),
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
}
YEAR: dict[Kind, int] = {"week": 52, "month": 12, "quarter": 4, "day": 365}
"""Periods of a year, by which a chart's cursor jumps and a small line is cut."""


@dataclass(frozen=True)
class Period:
    """One period: its kind, year and number in the year, and its first and last day."""

    kind: Kind
    year: int
    number: int
    first: date
    last: date


def read(label: str) -> Period:
    """A period from its label: 2024-W05, 2024-05, 2024-Q1 or 2024-05-31. DataError for anything else."""
    try:
        for kind, form in FORMS.items():
            if found := form.fullmatch(label):
                return _period(kind, *(int(part) for part in found.groups()))
    except (ValueError, OverflowError) as error:
        raise DataError(f"period {label!r}: {error}; the year has no such period, correct it") from error
    raise DataError(f"period {label!r} has no calendar; write 2024-W05, 2024-05, 2024-Q1 or 2024-05-31")


def _period(kind: Kind, year: int, number: int, day: int = 1) -> Period:
    if kind == "week":
        first = date.fromisocalendar(year, number, 1)
        return Period(kind, year, number, first, first + timedelta(days=6))
    if kind == "day":
        first = date(year, number, day)
        return Period(kind, year, first.timetuple().tm_yday, first, first)
    start, months = (3 * number - 2, 3) if kind == "quarter" else (number, 1)
    end = start + months - 1
    first = date(year, start, 1)
    return Period(kind, year, number, first, date(year, end, monthrange(year, end)[1]))


def kind_of(labels: Sequence[str]) -> Kind:
    """The kind that all labels have. DataError for several."""
    kinds = {read(label).kind: label for label in labels}
    if len(kinds) > 1:
        named = ", ".join(f"{label} ({kind})" for kind, label in sorted(kinds.items()))
        raise DataError(f"observations mix periods of several kinds: {named}; compile one kind at a time")
    return next(iter(kinds))
