"""A clock that jumps: the gate of a release neither opens nor closes by a step that nothing vouches for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ellwand.office import clock

NOON = datetime(2022, 1, 10, 3, 59, tzinfo=UTC)


class Machine:
    """A machine with a wall clock that somebody sets, and a count that nobody can."""

    def __init__(self, start: datetime) -> None:
        self.wall, self.count = start, 100.0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.count += seconds

    def steady(self) -> clock.Steady:
        return clock.Steady(lambda: self.wall, lambda: self.count)


@pytest.mark.parametrize("hours", [2, -2])
def test_a_step_is_followed_only_if_the_clock_is_synchronised(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    machine = Machine(NOON)
    steady = machine.steady()
    machine.passes(10)
    assert steady.now() == NOON + timedelta(seconds=10)
    monkeypatch.setattr(clock, "judge", lambda: "it is not synchronised")
    machine.wall += timedelta(hours=hours)
    assert steady.now() == NOON + timedelta(seconds=10)
    machine.passes(2)
    assert steady.now() == NOON + timedelta(seconds=12)
    # The time service has taken hold of it: within seconds it is followed.
    monkeypatch.setattr(clock, "judge", lambda: None)
    machine.passes(clock.AGAIN)
    assert steady.now() == machine.wall


def test_steering_by_small_steps_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(NOON)
    steady = machine.steady()
    monkeypatch.setattr(clock, "judge", lambda: "it is not synchronised")
    for _ in range(20):
        machine.passes(60)
        machine.wall += timedelta(milliseconds=400)
        assert steady.now() == machine.wall


def test_the_gate_stays_shut_and_stays_open(week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduled release is not shown by a jump over its instant, nor a public one hidden by a jump back."""
    from ellwand.office.record import reading

    found = week.scheduled()
    due = found.issue.release_at
    machine = Machine(due - timedelta(minutes=10))
    steady = machine.steady()
    monkeypatch.setattr(clock, "now", steady.now)
    monkeypatch.setattr(clock, "judge", lambda: "it is not synchronised")
    assert reading.figures(["price/total"], [found.period]) == []
    machine.wall += timedelta(hours=1)
    assert reading.figures(["price/total"], [found.period]) == []
    machine.passes(600)
    assert len(reading.figures(["price/total"], [found.period])) == 1
    machine.wall -= timedelta(hours=3)
    assert len(reading.figures(["price/total"], [found.period])) == 1


def test_what_is_written_after_a_jump_back_keeps_the_chain(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of the audit trail is its sequence; a synchronised clock may be put back a little and is followed."""
    from django.db import transaction

    from ellwand.office.audit import trail

    machine = Machine(datetime(2030, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(clock, "now", machine.steady().now)
    monkeypatch.setattr(clock, "judge", lambda: None)
    with transaction.atomic():
        trail.append(office.user("cai"), "note", "round/x")
    machine.wall -= timedelta(minutes=5)
    with transaction.atomic():
        trail.append(office.user("cai"), "note", "round/x")
    assert trail.verify()[2] is None
