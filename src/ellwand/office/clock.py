"""The one clock of the office, so that a test can set it and a demo can live through two years.

The gate of a release opens by time alone, so a clock that jumps would open or close it. Between two readings the
kernel's count of seconds since the start, which nobody can set, says how much time has passed; a step of the wall clock
against it is believed only if `judge` has nothing against the clock. Until then time goes on from before the step.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

STEP = timedelta(seconds=1)
"""A difference to the kernel's count above which the wall clock was stepped; less is what steering a clock does."""
AGAIN = 5.0
"""Seconds after which a clock that was not believed is asked about again."""

judge: Callable[[], str | None] | None = None
"""Why the clock of the system can't be believed, None if it can; set by the room that schedules releases."""

_set: ContextVar[datetime | None] = ContextVar("clock", default=None)
_log = logging.getLogger("ellwand.clock")


class Steady:
    """A wall clock that is held against a count of seconds. wall, count : where both are read."""

    def __init__(self, wall: Callable[[], datetime], count: Callable[[], float]) -> None:
        self._wall, self._count = wall, count
        self._lock = threading.Lock()
        self._from: tuple[datetime, float] = wall(), count()
        self._asked = float("-inf")

    def now(self) -> datetime:
        """The instant, in UTC."""
        with self._lock:
            wall, count = self._wall(), self._count()
            due = self._from[0] + timedelta(seconds=count - self._from[1])
            if abs(wall - due) > STEP:
                if count - self._asked < AGAIN:
                    return due
                self._asked = count
                if judge is not None and (why := judge()) is not None:
                    _log.warning("the clock was stepped by %s, and is not followed: %s", wall - due, why)
                    return due
                _log.warning("the clock was stepped by %s", wall - due)
            self._from = wall, count
            return wall


def _seconds() -> float:
    # It goes on while the machine sleeps, where the system has such a count.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_steady = Steady(lambda: datetime.now(UTC), _seconds)


def now() -> datetime:
    """The instant, in UTC."""
    return _set.get() or _steady.now()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let it be an instant, for what this thread does within the block: only for the history of a simulated office.

    Nothing that answers a browser or a command of a real office sets the clock.
    """
    token = _set.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _set.reset(token)
