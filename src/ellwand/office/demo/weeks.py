"""Which weeks a demo shows: the last ones before today, and the one after them, which is open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ellwand.office.rounds.instants import Calendar, last_day

CUTOFF = timedelta(minutes=3)
"""From the end of the set-up to the cut-off of the open round."""
RELEASE = timedelta(minutes=30)
"""From the end of the set-up to the instant of its release, at the least."""
STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Weeks:
    """The ISO weeks of a demo. released : in their order. open : the week after them."""

    released: tuple[str, ...]
    open: str


def weeks(count: int, now: datetime, calendar: Calendar) -> Weeks:
    """The last `count` weeks whose regular instant of release has come, and the next one."""
    day = now.astimezone(calendar.zone).date()
    while calendar.instants(_label(day))[1] > now:
        day -= timedelta(days=7)
    labels = [_label(day - timedelta(days=7 * k)) for k in range(count)]
    return Weeks(tuple(reversed(labels)), _label(day + timedelta(days=7)))


def _label(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def shortened(now: datetime) -> tuple[datetime, datetime]:
    """Cut-off and release of the open round, near enough that a visitor sees both."""
    cutoff = now + CUTOFF
    due = now + RELEASE
    rest = (due - datetime(2000, 1, 1, tzinfo=UTC)) % STEP
    return cutoff, due + (STEP - rest if rest else timedelta(0))


def day_after(period: str) -> datetime:
    """Midnight UTC after the last day of a period."""
    last = last_day(period)
    return datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
