"""Compiling from the screen: one run at a time, its progress, what keeps it back, and a worker that was killed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ellwand.engine.errors import DataError


def test_one_run_at_a_time_and_the_second_compiler_is_told(office: Any, compiled: Callable[..., Any]) -> None:
    from ellwand.office.editorial import runs
    from ellwand.office.editorial.models import Step

    compiled(office, 1)
    found = office.collect("2022-W02")
    max_ = office.user("max")
    with pytest.raises(DataError, match="is closed; it is compiled while it is reviewing"):
        runs.start(found, max_)
    office.review(found)
    with pytest.raises(DataError, match=r"may not do round\.compile"):
        runs.start(found, office.user("wen"))
    run = runs.start(found, max_)
    with pytest.raises(DataError, match=r"max is compiling it since .* wait for the result"):
        runs.start(found, max_)
    assert runs.last(found).state == runs.RUNNING
    assert runs.compile_run.func(run.pk) == runs.REFUSED
    told = runs.last(found)
    assert [guard for guard, _ in runs.obstacles(told.words)] == ["queue", "cells"] and not found.compilations.exists()
    assert runs.compile_run.func(run.pk) == runs.REFUSED, "what is done is not done twice"
    # A supervisor signs what may be signed, and only that.
    with pytest.raises(DataError, match="nothing is to be signed"):
        runs.sign(found, "recompute", office.user("sun"), "so")
    with pytest.raises(DataError, match="it needs the role supervisor"):
        runs.sign(found, "cells", office.user("cai"), "so")
    with pytest.raises(DataError, match="it needs the role reviewer"):
        runs.sign(found, "queue", office.user("sun"), "so")
    runs.sign(found, "cells", office.user("sun"), "a small market")
    runs.sign(found, "queue", office.user("rui"), "a test of the run")
    run = runs.start(found, max_)
    assert runs.compile_run.func(run.pk) == runs.DONE and found.state == "compiled"
    steps = list(Step.objects.filter(run=run).order_by("number"))
    assert steps[-1].state == runs.DONE and [s.number for s in steps] == list(range(1, len(steps) + 1))
    sheet = found.compilations.get().sheet
    assert sheet.past == [["2022-W01", 100.0]] and sheet.checks == [["2022-W01", 1, ""]]
    assert len(bytes(sheet.drill)) > 1000


def test_a_run_that_tells_nothing_any_more_makes_room(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.editorial import runs

    found = sqlite_office.collect("2022-W01")
    sqlite_office.review(found)
    first = runs.start(found, sqlite_office.user("max"))
    later = clock.now() + runs.SILENT + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert runs.last(found).state == runs.BROKEN
    second = runs.start(found, sqlite_office.user("max"), sign="a small market")
    assert runs.compile_run.func(second.pk) == runs.DONE
    # The first one's worker comes back too late: it finds what is there, and stores nothing beside it.
    assert runs.compile_run.func(first.pk) == runs.DONE and found.compilations.count() == 1


def test_the_last_issues_are_computed_again(sqlite_office: Any, compiled: Callable[..., Any]) -> None:
    from ellwand.office.editorial import view

    found = compiled(sqlite_office, 3)
    made = found.compilations.get()
    assert [(p, n, w) for p, n, w in made.sheet.checks] == [("2022-W01", 1, ""), ("2022-W02", 1, "")]
    rows = view.tree(made)
    assert rows[0].now.level == 0 and rows[0].before is not None and rows[0].earlier is None
    assert {r.now.series for r in rows} == set(made.observations.values_list("series", flat=True))
    # The band: its classes fill the width, and each one's parts that are shown lie below it.
    band = view.band(rows)
    assert sum(s.width for s in band if s.row == 0) == pytest.approx(1000, abs=0.1)
    for top in [s for s in band if s.row == 0]:
        below = [s for s in band if s.row == 1 and s.now.series.startswith(top.now.series + "/")]
        assert sum(s.width for s in below) <= top.width + 0.1 * len(below)
        assert all(top.x - 0.1 <= s.x for s in below)
    # Quotes: their contributions sum to the total's change; a class holds its own.
    lines = view.lines(made)
    assert sum(q.contribution or 0 for q in lines) == pytest.approx(rows[0].now.change_previous, abs=1e-9)
    for r in rows:
        mine = view.below(lines, rows, r.now.series)
        if r.now.contribution is not None and r.now.level:
            assert sum(q.contribution or 0 for q in mine) == pytest.approx(r.now.contribution, abs=1e-9)
    top = view.influential(lines, 5)
    assert [abs(q.contribution or 0) for q in top] == sorted((abs(q.contribution or 0) for q in lines), reverse=True)[
        :5
    ]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            "round x can't move from reviewing to compiled: queue: 3 quotes are in query (a reviewer may sign an "
            "exception); cells: 2 of 9 series are suppressed (a supervisor may sign an exception)",
            [("queue", "3 quotes are in query"), ("cells", "2 of 9 series are suppressed")],
        ),
        ("round x: the inputs changed", [("", "round x: the inputs changed")]),
    ],
)
def test_what_kept_a_run_back(message: str, found: list[tuple[str, str]]) -> None:
    from ellwand.office.editorial import runs

    assert runs.obstacles(message) == found
