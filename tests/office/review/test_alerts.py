"""What is conspicuous, and what is not; the cases that follow."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.review import alerts, cases
from ellwand.office.review.alerts import IDENTICAL, LONE, PUSH, Line
from ellwand.office.review.models import Case

CUTOFF = datetime(2022, 1, 7, 9, 0, tzinfo=UTC)
EARLY = CUTOFF - timedelta(days=1)


def line(unit: str, item: str, before: float, now: float, at: datetime = EARLY, version: int = 1) -> Line:
    return Line(unit, item, before, now, at, version)


def kinds(*lines: Line) -> list[tuple[str, str]]:
    return [(a.kind, a.subject) for a in alerts.find(lines, CUTOFF)]


def test_one_new_price_of_many_units() -> None:
    many = [line(f"u{k}", "i", 10 + k, 15.5) for k in range(4)]
    assert kinds(*many) == [(IDENTICAL, "i 15.5000")]
    assert kinds(*many[:3]) == []
    assert kinds(*(line(f"u{k}", "i", 15.5, 15.5) for k in range(4))) == []
    assert kinds(*(line(f"u{k}", "i", 10, 15.5) for k in range(4))) == []


def test_a_change_just_before_the_cut_off() -> None:
    late = CUTOFF - timedelta(minutes=5)
    assert kinds(line("u", "i", 10, 12, late, 2)) == [(PUSH, "u")]
    assert kinds(line("u", "i", 10, 12, late, 1), line("v", "i", 10, 12, EARLY, 2)) == []
    assert kinds(line("u", "i", 10, 10.5, late, 2)) == []
    assert alerts.find([line("u", "i", 10, 12, late, 2)], None) == []


def test_a_unit_that_moves_alone() -> None:
    still = [line(f"v{k}", f"i{n}", 10, 10) for k in range(2) for n in range(3)]
    alone = [line("u", f"i{n}", 10, 11) for n in range(3)]
    assert kinds(*still, *alone) == [(LONE, "u +")]
    assert kinds(*still, *alone[:2]) == []
    assert kinds(*still, *alone, line("w", "i0", 10, 11)) == []


def test_the_limits_are_settings(sqlite_office: Any, use: Any) -> None:
    many = [line(f"u{k}", "i", 10 + k, 15.5) for k in range(3)]
    assert kinds(*many) == [] and len(alerts.find(many, CUTOFF, alerts.Limits(units=3))) == 1
    path = sqlite_office.home.path / "settings.toml"
    text = path.read_text(encoding="utf-8")
    assert sqlite_office.home.alerts == alerts.Limits() and "[alerts]" in text
    wrong = {
        "units = 1": "units must be 2 or more", "units = 2.5": "a whole number", "pushed = 0": "a share above 0",
        "still = 0.05": "still below moved", "x = 1": "no such limit", "minutes = true": "a whole number",
    }  # fmt: skip
    head = text.partition("[alerts]")[0]
    for given, told in wrong.items():
        path.write_text(f"{head}[alerts]\n{given}\n", encoding="utf-8")
        with pytest.raises(DataError, match=f"alerts.*{told}"):
            use(sqlite_office.home.path, "")
    path.write_text(f"{head}[alerts]\nunits = 3\npushed = 0.05\n", encoding="utf-8")
    assert use(sqlite_office.home.path, "").alerts == alerts.Limits(units=3, pushed=0.05)
    # An office that was made before has none, and goes on with those that were.
    path.write_text(head, encoding="utf-8")
    assert use(sqlite_office.home.path, "").alerts == alerts.Limits()


def test_a_case_is_opened_once_and_decided_with_a_reason(sqlite_office: Any) -> None:
    found = sqlite_office.collect("2022-W01")
    alert = alerts.find([line("u", "i", 10, 12, CUTOFF, 2)], CUTOFF)
    assert len(cases.open_cases(found, alert)) == 1
    assert cases.open_cases(found, alert) == []
    assert cases.undecided(found) == 1
    case = Case.objects.get()
    assert case.evidence[0]["now"] == "12.0000"
    rui = sqlite_office.user("rui")
    with pytest.raises(DataError, match="reason: empty"):
        cases.decide(case, "explained", " ", rui)
    with pytest.raises(DataError, match="code 'no' is not known"):
        cases.decide(case, "no", "x", rui)
    cases.decide(case, "explained", "the mill raised its list", rui)
    assert cases.undecided(found) == 0
