"""Dates as people and spreadsheets write them: ISO, 2024/3/11, 2024年3月11日, 第11周, serial numbers.

What may be read in two ways is refused: 11/3/2024, 2024.3, 24-3-11. Sources: ISO 8601 (calendar and week dates);
ECMA-376 part 1, 18.17.4 (the two date systems of spreadsheets, and the day 1900-02-29 which never was).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.text import Reading, normalise

LONGEST = 40
SYSTEMS = ("1900", "1904")
"""The date systems of spreadsheets: day 1 is 1900-01-01, or day 0 is 1904-01-01."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_ZH = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_TAIL = (
    r"(?:(?:T| ?)(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?)?"
    r"(?: ?\(?(?:星期|周|礼拜)(?P<day>[一二三四五六日天])\)?)?"
)
_YMD = re.compile(r"(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})" + _TAIL)
_PLAIN = re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
_CHINESE = re.compile(
    r"(?:(?P<y>[0-9]{4}) ?年 ?)?(?P<m>[0-9]{1,2}) ?月(?: ?(?P<d>[0-9]{1,2}) ?[日号]" + _TAIL + r"|份)?"
)
_MONTH = re.compile(r"(?P<y>[0-9]{4})[-/](?P<m>[0-9]{1,2})")
_WEEK = re.compile(r"(?P<y>[0-9]{4})-?W(?P<w>[0-9]{2})(?:-?(?P<d>[1-7]))?", re.IGNORECASE)
_WEEK_ZH = re.compile(r"(?:(?P<y>[0-9]{4}) ?年? ?)?第 ?(?P<w>[0-9]{1,2}) ?[周星]期?")
_QUARTER = re.compile(r"(?P<y>[0-9]{4}) ?(?:-?Q(?P<q>[1-4])|年? ?第?(?P<z>[1-4一二三四])季度?)", re.IGNORECASE)
_DOUBTS = (
    ("short year", re.compile(r"[0-9]{2}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?")),
    (
        "date order",
        re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}|[0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{4}\.[0-9]{1,2}"),
    ),
)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a date or a period means. start, end : both belong to it. label : as 2024-03-11 or 2024-W11."""

    start: date
    end: date
    label: str

    def within(self, other: "Span") -> bool:
        """Whether all of its days belong to the other."""
        return other.start <= self.start and self.end <= other.end

    @property
    def week(self) -> str | None:
        """The ISO week in which all of its days lie, as 2024-W11."""
        (y, w, _), last = self.start.isocalendar(), self.end.isocalendar()
        return f"{y:04d}-W{w:02d}" if (y, w) == last[:2] else None

    @property
    def month(self) -> str | None:
        """The month in which all of its days lie, as 2024-03."""
        return f"{self.start:%Y-%m}" if (self.start.year, self.start.month) == (self.end.year, self.end.month) else None

    @property
    def quarter(self) -> str | None:
        """The quarter in which all of its days lie, as 2024-Q1."""
        a, b = ((d.year, (d.month + 2) // 3) for d in (self.start, self.end))
        return f"{a[0]:04d}-Q{a[1]}" if a == b else None


def _day(raw: str, year: int, month: int, day: int) -> Span:
    try:
        found = date(year, month, day)
    except ValueError:
        raise SheetError("no such day", value=raw) from None
    return Span(found, found, found.isoformat())


def _week(raw: str, year: int, week: int, day: int | None) -> Span:
    try:
        start = date.fromisocalendar(year, week, day or 1)
        end = start if day else start + timedelta(days=6)
    except (ValueError, OverflowError):
        raise SheetError("no such day", value=raw) from None
    return Span(start, end, start.isoformat() if day else f"{year:04d}-W{week:02d}")


def _month(raw: str, year: int, month: int, months: int = 1) -> Span:
    last = month + months - 1
    if not (1 <= month <= last <= 12 and year >= 1):
        raise SheetError("no such day", value=raw)
    label = f"{year:04d}-{month:02d}" if months == 1 else f"{year:04d}-Q{last // 3}"
    return Span(date(year, month, 1), date(year, last, monthrange(year, last)[1]), label)


def _weekday(raw: str, span: Span, said: str | None) -> Span:
    if said is not None:
        day = span.start.weekday()
        if "一二三四五六日天".index(said) not in ((day, 7) if day == 6 else (day,)):
            raise SheetError("wrong weekday", value=raw, day=_DAYS[day], day_zh=_DAYS_ZH[day])
    return span


def serial_date(serial: int | float | Decimal, system: str = "1900") -> Reading[Span]:
    """The day of a spreadsheet's serial number; its time of day is dropped.

    system : "1900" or "1904". In the 1900 system the serial 60 is 1900-02-29, a day that never was, and is refused.
    SheetError for it and for numbers that are no day.
    """
    if system not in SYSTEMS:
        raise ValueError(f"system is {system!r}; allowed: {', '.join(SYSTEMS)}")
    number = Decimal(str(serial))
    first = 1 if system == "1900" else 0
    if not number.is_finite() or not first <= number < 2_958_466:
        raise SheetError("no date", value=serial)
    days = int(number)
    if system == "1904":
        base = date(1904, 1, 1)
    elif days == 60:
        raise SheetError("no such day", value=f"{serial} (1900-02-29)")
    else:
        base = date(1899, 12, 31) if days < 60 else date(1899, 12, 30)
    try:
        found = base + timedelta(days=days)
    except OverflowError:
        raise SheetError("no date", value=serial) from None
    return Reading(str(serial), Span(found, found, found.isoformat()), f"serial {system}")


def read_date(raw: str, year: int | None = None, serials: str | None = None) -> Reading[Span]:
    """The day, week, month or quarter that a text says.

    year : for texts without one, as 3月11日 and 第11周; they are refused if it is not given. serials : the date system
    if numbers are serials, else they are refused. Rules: "iso", "day", "chinese", "month", "week", "quarter",
    "serial 1900", "serial 1904". A time of day is dropped; a weekday must be that of the day. SheetError for what may
    be read in two ways, for days that do not exist, and for other texts.
    """
    text = normalise(raw)
    if len(text) > LONGEST:
        raise SheetError("no date", value=raw)

    def of(found: re.Match[str]) -> int:
        if found["y"] is None and year is None:
            raise SheetError("short year", value=raw)
        return int(found["y"]) if found["y"] else int(year or 0)

    if found := _YMD.fullmatch(text) or _PLAIN.fullmatch(text):
        span = _day(raw, of(found), int(found["m"]), int(found["d"]))
        rule = "iso" if text[4] == "-" and len(text) == 10 else "day"
        return Reading(raw, _weekday(raw, span, found.groupdict().get("day")), rule)
    if found := _CHINESE.fullmatch(text):
        if found["d"] is None:
            return Reading(raw, _month(raw, of(found), int(found["m"])), "month")
        span = _day(raw, of(found), int(found["m"]), int(found["d"]))
        return Reading(raw, _weekday(raw, span, found["day"]), "chinese")
    if found := _MONTH.fullmatch(text):
        return Reading(raw, _month(raw, of(found), int(found["m"])), "month")
    if found := _WEEK.fullmatch(text):
        return Reading(raw, _week(raw, of(found), int(found["w"]), int(found["d"]) if found["d"] else None), "week")
    if found := _WEEK_ZH.fullmatch(text):
        return Reading(raw, _week(raw, of(found), int(found["w"]), None), "week")
    if found := _QUARTER.fullmatch(text):
        number = int(found["q"]) if found["q"] else "1234一二三四".index(found["z"]) % 4 + 1
        return Reading(raw, _month(raw, of(found), 3 * number - 2, 3), "quarter")
    if serials and re.fullmatch(r"[0-9]{1,7}(?:\.[0-9]+)?", text):
        read = serial_date(Decimal(text), serials)
        return Reading(raw, read.value, read.rule)
    for rule, pattern in _DOUBTS:
        if pattern.fullmatch(text):
            raise SheetError(rule, value=raw)
    raise SheetError("no date", value=raw)
