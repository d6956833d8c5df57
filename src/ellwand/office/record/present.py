"""What is public now, kept in the process until a row is added that counts for it, or an instant comes.

The gate opens by time alone, and the rows that it looks at are only ever added. So what it lets through between two of
the instants that they name is the same, and one short question about the rows is enough to know that it still holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Min

from ellwand.office import clock, once
from ellwand.office.record.models import Broken, Release, Revision, Withdrawal
from ellwand.office.registry.models import Issue

T = TypeVar("T")
TABLES = (Release, Broken, Withdrawal, Revision, Issue)
"""What decides what is public, and what comes next."""
MOST = 500
"""Questions whose answers are kept in a span: readers may name any instant of the past."""
INSTANTS = ((Release, "release_at"), (Release, "sealed_at"), (Withdrawal, "at"), (Issue, "release_at"))
"""The instants at which it changes by itself."""


@dataclass(frozen=True)
class Present:
    """A span of time in which nothing changes. rows : what the tables held. since, until : the second not included."""

    rows: tuple[Any, ...]
    since: datetime
    until: datetime | None
    known: dict[Any, Any] = field(default_factory=dict, compare=False)

    def holds(self, rows: tuple[Any, ...], now: datetime) -> bool:
        """Whether what was found is still true; a clock that was set back leaves the span too."""
        return rows == self.rows and self.since <= now and (self.until is None or now < self.until)

    def get(self, key: Any, make: Callable[[datetime], T]) -> T:
        """What was found before, or else is found now. make : finds it, as of an instant of the span."""
        known: T | None = self.known.get(key)
        if known is not None:
            return known
        found = make(self.since)
        if len(self.known) < MOST:
            self.known[key] = found
        return found


_last: dict[tuple[str, str], Present] = {}


def present() -> Present:
    """The span of now."""
    return look()[1]


@once.once
def look() -> tuple[datetime, Present]:
    """The instant, and the span that it lies in. Within one request it is one look, so an answer is of one instant."""
    # The instant before the rows: what is sealed between the two is then late by one look, and never early.
    now, office = clock.now(), once.office()
    rows = once.rows(*TABLES)
    last = _last.get(office)
    if last is not None and last.holds(rows, now):
        return now, last
    ahead = [table.objects.filter(**{f"{name}__gt": now}).aggregate(at=Min(name))["at"] for table, name in INSTANTS]
    found = Present(rows, now, min((at for at in ahead if at is not None), default=None))
    while len(_last) > 8:
        _last.pop(next(iter(_last)), None)
    _last[office] = found
    return now, found
