"""Labels of published series: frequencies, periods and the bases of changes."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

FREQUENCIES = {
    "daily": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
    "quarterly": "quarterly",
    "annual": "annual",
    "yearly": "annual",
    "annually": "annual",
    "d": "daily",
    "w": "weekly",
    "m": "monthly",
    "q": "quarterly",
    "a": "annual",
}
UNIT = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "annual": "year"}

_UNDATED = ("date unknown", "unknown date", "undated", "no date")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:/|\.\.|to)\s*(\d{4}-\d{2}-\d{2})")
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{1,2})|(\d{4})年(\d{1,2})月|(\d{4})M(\d{2})")
_QUARTER = re.compile(r"(\d{4})-?Q(\d)", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})年?")
_NAMED = re.compile(r"([A-Za-z]+)\.? (\d{4})")
_MONTHS = {name.lower(): i for names in (calendar.month_name, calendar.month_abbr) for i, name in enumerate(names) if i}


@dataclass(frozen=True, slots=True)
class Period:
    """A period on the calendar of its frequency.

    index: running number of the day, week, month, quarter or year. form: how it is written; a weekly issue date and
    the week it reports may differ by one, so only periods of one form are neighbours for certain. day: the issue date
    of a weekly period. year: the year it belongs to; None where two years are possible (a weekly issue around
    1 January reports on a week of either).
    """

    frequency: str
    index: int
    form: str
    start: date
    day: date | None
    year: int | None


def _day(text: str) -> date:
    year, month, day = (int(part) for part in re.sub(r"(\d{4})-?(\d{2})-?(\d{2})", r"\1 \2 \3", text).split())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"there is no such day: {error}") from error


def _week_index(day: date) -> int:
    return (day.toordinal() - 1) // 7


def _week_year(day: date, form: str) -> int | None:
    if form == "date" and ((day.month == 1 and day.day <= 7) or (day.month == 12 and day.day >= 29)):
        return None
    return day.year


def _written(label: str) -> tuple[str, date, date]:
    """Form, first day and last day of a label. ValueError if it is none, or names no day of the calendar."""
    text = " ".join(label.split()).removeprefix("issue ")
    if found := _RANGE.fullmatch(text):
        first, last = _day(found[1]), _day(found[2])
        if last < first:
            raise ValueError("the range ends before it begins")
        return "range", first, last
    if _DATE.fullmatch(text):
        return "date", _day(text), _day(text)
    if found := _WEEK.fullmatch(text):
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError as error:
            raise ValueError(f"there is no such week: {error}") from error
        return "week", monday, monday + timedelta(days=6)
    if found := _QUARTER.fullmatch(text):
        year, quarter = int(found[1]), int(found[2])
        if not 1 <= quarter <= 4 or not year:
            raise ValueError("there is no such quarter")
        return "quarter", date(year, 3 * quarter - 2, 1), date(year, 3 * quarter, 28)
    year = month = 0
    if found := _MONTH.fullmatch(text):
        year, month = (int(part) for part in found.groups() if part)
    elif (found := _NAMED.fullmatch(text)) and found[1].lower() in _MONTHS:
        year, month = int(found[2]), _MONTHS[found[1].lower()]
    elif found := _YEAR.fullmatch(text):
        if not int(found[1]):
            raise ValueError("there is no such year")
        return "year", date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    if not year and not month:
        raise ValueError("it is no date, week, month, quarter or year")
    if not 1 <= month <= 12 or not year:
        raise ValueError("there is no such month")
    return "month", date(year, month, 1), date(year, month, 28)


def undated(label: str) -> bool:
    """Whether a label says itself that the date is not known; its figures are still checked row by row."""
    return label.strip().lower().startswith(_UNDATED)


def period(label: str, frequency: str) -> Period:
    """A period label read for its frequency. ValueError says how the label contradicts it.

    A date stands for the week, month, quarter or year in which it lies, as many tables write the first or the last day.
    A month may name the quarter that it opens or closes.
    """
    form, first, last = _written(label)
    contradiction = ValueError(f"a {frequency} series has no period written as {form}: {label!r}")
    if frequency == "daily":
        if form != "date":
            raise contradiction
        return Period(frequency, first.toordinal(), form, first, first, first.year)
    if frequency == "weekly":
        if form not in ("date", "week", "range"):
            raise contradiction
        if form == "range" and (last - first).days > 6:
            raise ValueError(f"the range has {(last - first).days + 1} days, a week has 7")
        middle = first if form == "date" else first + timedelta(days=3)
        day = first if form == "date" else None
        return Period(frequency, _week_index(first), form, first, day, _week_year(middle, form))
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if form == "week" or (form == "range" and months > {"monthly": 1, "quarterly": 3, "annual": 12}[frequency]):
        raise contradiction
    if frequency == "monthly":
        if form in ("quarter", "year"):
            raise contradiction
        return Period(frequency, first.year * 12 + first.month - 1, "month", first, None, first.year)
    if frequency == "quarterly":
        if form == "year" or (form == "month" and first.month % 3 == 2):
            raise contradiction
        return Period(frequency, first.year * 4 + (first.month - 1) // 3, "quarter", first, None, first.year)
    if form in ("month", "quarter"):
        raise contradiction
    return Period(frequency, first.year, "year", first, None, first.year)


def name(frequency: str, index: int) -> str:
    """The label of a period from its number (a week by its Monday)."""
    if frequency == "monthly":
        return f"{index // 12:04d}-{index % 12 + 1:02d}"
    if frequency == "quarterly":
        return f"{index // 4:04d}-Q{index % 4 + 1}"
    if frequency == "annual":
        return f"{index:04d}"
    return date.fromordinal(index * 7 + 1 if frequency == "weekly" else index).isoformat()


@dataclass(frozen=True, slots=True)
class Basis:
    """What a change compares with.

    kind: previous (the previous issue), year start, last year, period (a named one, in `target`), or other (known by
    name, but not to be recomputed from levels). strict: for the year start, only the last issue of the previous year.
    """

    kind: str
    target: Period | None = None
    strict: bool = False


ANY = frozenset(UNIT)
_SUB = ANY - {"annual"}

BASES: dict[str, tuple[Basis, frozenset[str]]] = {
    phrase: (basis, allowed)
    for basis, allowed, phrases in [
        (
            Basis("previous"),
            ANY,
            "previous issue|last issue|preceding issue|previous period|preceding period|last period|上期|环比|比上期",
        ),
        (Basis("previous"), frozenset({"daily"}), "previous day|last day|day on day|previous trading day|上日"),
        (Basis("previous"), frozenset({"weekly"}), "previous week|last week|preceding week|week on week|上周"),
        (Basis("previous"), frozenset({"monthly"}), "previous month|last month|preceding month|month on month|上月"),
        (
            Basis("previous"),
            frozenset({"quarterly"}),
            "previous quarter|last quarter|preceding quarter|quarter on quarter|上季",
        ),
        (
            Basis("year start"),
            _SUB,
            "beginning of year|start of year|year start|beginning of this year|year to date|年初|较年初",
        ),
        (
            Basis("year start", strict=True),
            _SUB,
            "december|december of last year|december of previous year|end of last year|end of previous year|year end"
            "|last issue of previous year|last issue of last year|上年末|上年12月",
        ),
        (Basis("last year"), ANY, "same period last year|same period of last year|last year|previous year"),
        (
            Basis("last year"),
            ANY,
            "same period of previous year|year on year|year ago|year earlier|去年同期|同比|上年同期",
        ),
        (Basis("last year"), frozenset({"weekly"}), "same week last year|same week of last year"),
        (Basis("last year"), frozenset({"monthly"}), "same month last year|same month of last year"),
        (Basis("last year"), frozenset({"quarterly"}), "same quarter last year|same quarter of last year"),
        (Basis("other"), frozenset({"weekly", "daily"}), "same distance to chinese new year last year"),
    ]
    for phrase in phrases.split("|")
}
"""Every basis label that is known, with the frequencies that can have it."""

_REMARK = re.compile(r"[(（][^)）]*[)）]")
_LEAD = re.compile(r"^(?:(?:change |compared |up |down )?(?:on|over|with|from|since|to|vs\.?|against) |较|比)")


def basis(label: str, frequency: str) -> Basis:
    """A basis label read for its frequency. ValueError if it is unknown or cannot be for this frequency.

    Case, articles, a leading "on", "compared with", "since" and remarks in brackets do not matter; a period's own
    label ("January 2024") is a basis too.
    """
    plain = " ".join(_REMARK.sub(" ", label).replace("_", " ").split())
    phrase = re.sub(r"\bthe ", "", re.sub(r"(?<=[a-z])-(?=[a-z])", " ", plain.lower()))
    for text in (phrase, _LEAD.sub("", phrase)):
        if text in BASES:
            meaning, allowed = BASES[text]
            if frequency not in allowed:
                raise ValueError(f"a {frequency} series has no change on {text!r}")
            return meaning
    try:
        _written(plain)
    except ValueError:
        raise ValueError(
            "the label is unknown, so nobody can tell what the change compares; write previous issue, "
            f"previous {UNIT[frequency]}, beginning of year, same period last year or the period itself"
        ) from None
    if frequency in ("daily", "weekly") and _written(plain)[0] in ("month", "quarter", "year"):
        return Basis("other")  # a mean over the days or weeks of that period, which no single issue shows
    return Basis("period", period(plain, frequency))
