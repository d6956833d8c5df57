"""Period labels as days: which month, quarter and year a period belongs to, and whether a block of them is whole."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from ellwand.engine.periods import natural_key, text_of

DAY, WEEK, MONTH, QUARTER = "day", "week", "month", "quarter"
BLOCKS = ("month", "quarter", "year")


def year_and_part(label: Any) -> tuple[int, int]:
    """Year of a period and its number within the year: month, quarter or ISO week. ValueError for other labels."""
    numbers = [p for p in natural_key(text_of(label)) if isinstance(p, int)]
    if len(numbers) < 2 or not 1000 <= numbers[0] <= 9999:
        raise ValueError(f"period {label!r} does not name a year and a month, quarter or week, such as 2026-11")
    return numbers[0], numbers[1]


def _day_of(label: Any) -> tuple[date, str]:
    """The day that places a period, and its unit: Thursday of a week, first day of a month or quarter, a day itself."""
    if isinstance(label, datetime):
        return label.date(), DAY
    if isinstance(label, date):
        return label, DAY
    text = text_of(label).upper()
    year, part = year_and_part(label)
    if "W" in text:
        try:
            return date.fromisocalendar(year, part, 4), WEEK
        except ValueError as error:
            raise ValueError(f"period {label!r}: the ISO year {year} has no week {part}; correct the period") from error
    if sum(isinstance(p, int) for p in natural_key(text)) > 2:
        try:
            return date.fromisoformat(text_of(label)[:10]), DAY
        except ValueError as error:
            raise ValueError(f"period {label!r} is no day of the calendar; write it as 2026-11-25") from error
    unit, step = (QUARTER, 3) if "Q" in text else (MONTH, 1)
    if not 1 <= part <= 12 // step:
        raise ValueError(f"period {label!r}: a year has no {unit} {part}; correct the period")
    return date(year, (part - 1) * step + 1, 1), unit


def days_of(periods: tuple[Any, ...]) -> tuple[list[date], str]:
    """The day of each period and the unit of all: day, week, month or quarter.

    Dates that all are the first of a month are months (the first of a quarter: still months); dates a whole number of
    weeks apart are weeks, placed by the Thursday of their ISO week. ValueError for labels without a calendar, or of
    several units.
    """
    found = [_day_of(p) for p in periods]
    units = {unit for _, unit in found}
    if len(units) > 1:
        raise ValueError(f"the periods are of several units: {', '.join(sorted(units))}; give one calendar")
    days, unit = [day for day, _ in found], units.pop()
    if unit == DAY and len(days) > 1:
        if all(day.day == 1 for day in days):
            unit = MONTH
        elif all((b - a).days % 7 == 0 for a, b in pairwise(days)):
            unit = WEEK
            days = [day + timedelta(days=4 - day.isoweekday()) for day in days]
    return days, unit


def after(day: date, unit: str) -> date:
    """The day of the next period."""
    if unit in (DAY, WEEK):
        return day + timedelta(days=1 if unit == DAY else 7)
    month = day.month + (3 if unit == QUARTER else 1)
    return date(day.year + (month > 12), (month - 1) % 12 + 1, 1)


def _block(day: date, to: str) -> str:
    if to == "month":
        return f"{day.year:04d}-{day.month:02d}"
    return f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}" if to == "quarter" else f"{day.year:04d}"


def blocks_of(periods: tuple[Any, ...], to: str) -> dict[str, list[int]]:
    """Positions of the periods of each month, quarter or year, in order. ValueError for another block."""
    if to not in BLOCKS:
        raise ValueError(f"to is {to!r}; allowed: {', '.join(BLOCKS)}")
    days, unit = days_of(periods)
    if (to, unit) in (("month", MONTH), ("month", QUARTER), ("quarter", QUARTER)):
        raise ValueError(f"to is {to!r} and the periods are {unit}s; average to a longer period")
    groups: dict[str, list[int]] = {}
    for t, day in enumerate(days):
        groups.setdefault(_block(day, to), []).append(t)
    return groups


def is_complete(periods: tuple[Any, ...], at: list[int], to: str) -> bool:
    """Whether the periods at these positions are all those of their month, quarter or year."""
    days, unit = days_of(periods)
    inside = _block(days[at[0]], to)
    before = days[at[0]] - timedelta(days={DAY: 1, WEEK: 7}.get(unit, 28))
    if _block(before, to) == inside or _block(after(days[at[-1]], unit), to) == inside:
        return False
    return all(after(days[a], unit) == days[b] for a, b in pairwise(at))
