"""The restore drill (50): a backup restored into an empty folder gives equal manifests and the same chain."""

from pathlib import Path
from typing import Any

import pytest

from ellwand.office.accounts import people
from ellwand.office.cases import drills


def test_a_drill_restores_and_compares(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from ellwand.office.audit import trail
    from ellwand.office.screens.cases import drill_duty

    sealed = office.home.archive / "price" / "2022-W01"
    sealed.mkdir(parents=True)
    (sealed / "manifest.json").write_text("{}")
    ada = office.user("ada")
    assert drills.age() is None and len(drill_duty(ada)) == 1
    count, head, _ = trail.verify()
    made = drills.restore_drill(ada)
    assert made.passed, made.found
    assert {k: made.found[k] for k in ("entries", "head", "manifests", "faults")} == {
        "entries": count, "head": head, "manifests": 1, "faults": [],
    }  # fmt: skip
    age = drills.age()
    assert age is not None and age < timedelta(minutes=5) and drill_duty(ada) == []
    assert "passed" in drills.as_text(made)
    from ellwand.office import clock

    later = clock.now() + drills.DUE + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert len(drill_duty(ada)) == 1
    with pytest.raises(people.RefusedError):
        drills.restore_drill(office.user("cai"))


def test_a_drill_that_fails_is_kept_and_does_not_count(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.cases.models import Drill

    sealed = sqlite_office.home.archive / "2022-W01"
    sealed.mkdir(parents=True)
    (sealed / "manifest.json").write_text("{}")
    restored = drills._restored

    def alter(file: Path, target: Path) -> str:
        told = restored(file, target)
        (target / "archive" / "2022-W01" / "manifest.json").write_text('{"altered": 1}')
        return told

    monkeypatch.setattr(drills, "_restored", alter)
    made = drills.restore_drill(sqlite_office.user("ada"))
    assert not made.passed and made.found["faults"] == ["release 2022-W01: its manifest differs"]
    assert "FAILED" in drills.as_text(made) and drills.age() is None
    monkeypatch.setattr(drills, "_restored", lambda file, target: "the disk is full")
    assert drills.restore_drill(sqlite_office.user("ada")).found["faults"] == ["the disk is full"]
    assert Drill.objects.count() == 2


def test_archives_are_compared_both_ways() -> None:
    assert drills.differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"}) == [
        "release a: its manifest is missing",
        "release b: its manifest differs",
        "release c: its manifest is new",
    ]


def test_the_command(sqlite_office: Any) -> None:
    done = sqlite_office.run("drill", "restore", "--as", "ada")
    assert done.returncode == 0 and done.stdout.startswith("restore drill: passed"), done.stderr
