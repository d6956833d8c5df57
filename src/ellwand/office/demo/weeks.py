"""Which weeks a demo shows: the last ones before today, and the one after them, which is open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ellwand.market.weeks import lunar_new_years
from ellwand.office.rounds.instants import Calendar

CUTOFF = timedelta(minutes=3)
"""From the end of the set-up to the cut-off of the open round."""
RELEASE = timedelta(minutes=30)
"""From the end of the set-up to the instant of its release, at the least."""
STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Weeks:
    """The ISO weeks of a demo. released : in their order. open : the week after them. closed : weeks without an issue.

    first, count : the first week of all, and how many there are from it to the open one.
    """

    released: tuple[str, ...]
    open: str
    closed: tuple[str, ...]
    first: str
    count: int


def weeks(count: int, now: datetime, calendar: Calendar) -> Weeks:
    """The last `count` weeks with an issue whose regular instant of release has come, and the next one with an issue.

    In the week of the Chinese New Year the whole market is closed and there is no issue.
    """
    day = now.astimezone(calendar.zone).date()
    while calendar.instants(_label(day))[1] > now:
        day -= timedelta(days=7)
    open_ = day + timedelta(days=7)
    while is_holiday(open_):
        open_ += timedelta(days=7)
    released: list[str] = []
    first = day
    while len(released) < count:
        first = day
        if not is_holiday(day):
            released.append(_label(day))
        day -= timedelta(days=7)
    n = (open_ - first).days // 7 + 1
    every = [first + timedelta(days=7 * k) for k in range(n)]
    closed = tuple(_label(d) for d in every if is_holiday(d))
    return Weeks(tuple(reversed(released)), _label(open_), closed, _label(first), n)


def is_holiday(day: date) -> bool:
    """Whether the ISO week of a day holds a Chinese New Year's day."""
    year, week, _ = day.isocalendar()
    new_year = lunar_new_years().get(year)
    return new_year is not None and new_year.isocalendar()[:2] == (year, week)


def _label(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def shortened(now: datetime) -> tuple[datetime, datetime]:
    """Cut-off and release of the open round, near enough that a visitor sees both."""
    cutoff = now + CUTOFF
    due = now + RELEASE
    rest = (due - datetime(2000, 1, 1, tzinfo=UTC)) % STEP
    return cutoff, due + (STEP - rest if rest else timedelta(0))
