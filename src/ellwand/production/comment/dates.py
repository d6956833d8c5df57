"""Periods as texts write them, read as days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from ellwand.production.comment.numerals import of_chinese
from ellwand.production.report.periods import read
from ellwand.production.report.texts import Language
from ellwand.production.report.words import MONTHS

MONTH = "|".join(MONTHS)
N = "[一二三四五六七八九十]"
PATTERNS: dict[Language, tuple[tuple[str, str], ...]] = {
    "zh": (
        ("week", rf"(?P<y>\d{{4}})年第?(?P<n>\d{{1,2}}|{N}{{1,3}})周"),
        ("week", r"(?P<y>\d{4})-W(?P<n>\d{1,2})"),
        ("quarter", r"(?P<y>\d{4})年第?(?P<n>[1-4一二三四])季度"),
        (
            "range",
            r"(?:(?P<y>\d{4})年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})日?(?:至|到|—|–|-|~)"
            r"(?:(?P<y2>\d{4})年)?(?:(?P<m2>\d{1,2})月)?(?P<d2>\d{1,2})日",
        ),
        ("day", r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
        ("day", r"(?:(?P<y>\d{4})年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
        ("month", r"(?P<y>\d{4})年(?P<m>\d{1,2})月"),
        ("week", rf"第(?P<n>\d{{1,2}}|{N}{{1,3}})周"),
        ("year", r"(?P<y>\d{4})年"),
    ),
    "en": (
        ("week", r"week (?P<n>\d{1,2})(?:(?: of|,)? (?P<y>\d{4}))?"),
        ("week", r"(?P<y>\d{4})-W(?P<n>\d{1,2})"),
        ("quarter", r"quarter (?P<n>\d)(?: of|,)? (?P<y>\d{4})"),
        (
            "range",
            rf"(?P<d>\d{{1,2}})(?: (?P<m>{MONTH}))?(?: (?P<y>\d{{4}}))?(?: to |–| – |-| - )"
            rf"(?P<d2>\d{{1,2}}) (?P<m2>{MONTH})(?: (?P<y2>\d{{4}}))?",
        ),
        ("day", r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
        ("day", rf"(?P<d>\d{{1,2}}) (?P<m>{MONTH})(?: (?P<y>\d{{4}}))?"),
        ("day", rf"(?P<m>{MONTH}) (?P<d>\d{{1,2}})(?:, (?P<y>\d{{4}}))?(?!\d)"),
        ("month", rf"(?P<m>{MONTH}) (?P<y>\d{{4}})"),
        ("year", r"(?P<y>(?:19|20)\d{2})(?![\d.,]*\d)(?! ?(?:%|per|points?|percentage|matched|quotes|sample))"),
    ),
}


@dataclass(frozen=True)
class Days:
    """A period of a text: kind as written, first and last day. None for days that no calendar has."""

    kind: str
    first: date | None
    last: date | None


def read_days(kind: str, text: str, pattern: re.Pattern[str], year: int) -> Days:
    """The days that a piece of text names; a year that it leaves out is `year`."""
    found = pattern.fullmatch(text)
    assert found is not None
    part = {k: v for k, v in found.groupdict().items() if v is not None}
    try:
        return _days(kind, part, int(part.get("y", part.get("y2", year))))
    except ValueError:
        return Days(kind, None, None)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else int(of_chinese(text))


def _month(text: str) -> int:
    names = [name.lower() for name in MONTHS]
    return int(text) if text.isdigit() else names.index(text.lower()) + 1


def _days(kind: str, part: dict[str, str], year: int) -> Days:
    if kind == "week":
        first = date.fromisocalendar(year, _number(part["n"]), 1)
        return Days(kind, first, first + timedelta(days=6))
    if kind == "quarter":
        one = read(f"{year}-Q{_number(part['n'])}")
        return Days(kind, one.first, one.last)
    if kind == "year":
        return Days(kind, date(year, 1, 1), date(year, 12, 31))
    if kind == "range":
        month = _month(part.get("m", part.get("m2", "")))
        first = date(year, month, int(part["d"]))
        last = date(int(part.get("y2", year)), _month(part.get("m2", str(month))), int(part["d2"]))
        return Days(kind, first, last)
    month = _month(part["m"])
    if kind == "month":
        return Days(kind, date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    one_day = date(year, month, int(part["d"]))
    return Days(kind, one_day, one_day)


def agrees(days: Days, label: str) -> bool:
    """Whether a period of a text is the period of a label: the same days, or its first or last day, month or year."""
    one = read(label)
    if days.first is None or days.last is None:
        return False
    if days.kind == "day":
        return days.first in (one.first, one.last)
    if days.kind == "month" and one.kind in ("week", "day"):
        return any((days.first.year, days.first.month) == (d.year, d.month) for d in (one.first, one.last))
    if days.kind == "year":
        return days.first.year in (one.year, one.first.year, one.last.year)
    return (days.first, days.last) == (one.first, one.last)
