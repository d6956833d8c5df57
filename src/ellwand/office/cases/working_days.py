"""Working days of the office: Monday to Friday, without the holidays that the calendar knows of."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
Days = Callable[[date, date], Collection[date]]

HOLIDAYS: list[Days] = []
"""Of a first and a last day: the days between them on which nobody works. The room of the calendar registers here."""
WORKING: list[Days] = []
"""The same for Saturdays and Sundays on which everybody works, as before and after long holidays."""


def working_days_after(start: date, count: int) -> date:
    """The day that lies a number of working days after another one; that day itself does not count."""
    last = start + timedelta(days=10 * count + 30)
    off = {d for found in HOLIDAYS for d in found(start, last)}
    on = {d for found in WORKING for d in found(start, last)}
    day = start
    while count:
        day += timedelta(days=1)
        count -= day in on or (day.weekday() < SATURDAY and day not in off)
    return day


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day ends in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone)
