"""The self-test of a running office: what it finds of a sound one, and that it finds what is wrong."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from ellwand.office.audit import selftest
from ellwand.office.audit.selftest import FAILED, PASSED, PROVEN, WAITS


def outcomes(*numbers: int) -> dict[int, str]:
    return {line.number: line.outcome for line in selftest.run(numbers or None)}


def test_an_empty_office_has_little_to_show(sqlite_office: Any) -> None:
    lines = selftest.run()
    assert [line.number for line in lines] == list(range(1, 51))
    assert all(line.name_zh and line.name_en and line.detail_zh and line.detail_en for line in lines)
    found = {line.number: line.outcome for line in lines}
    assert found[12] == found[34] == found[49] == PASSED
    assert found[1] == found[15] == found[50] == WAITS and found[39] == PROVEN
    # Nothing stands in the calendar, nobody declared his interests or has a second factor; the clock may be nobody's.
    assert {n for n, o in found.items() if o == FAILED} - {5} == {8, 36, 41}


def test_a_sound_office_passes_and_is_kept(week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    from ellwand.office.approvals import aftermath, tasks
    from ellwand.office.audit import tasks as audit_tasks
    from ellwand.office.audit.models import Entry
    from ellwand.office.record import reading
    from ellwand.office.registry import calendar

    office = week.office
    week.public()
    tasks.nightly.func()
    week.at(2022, 1, 10, 6)
    calendar.ahead(office.user("cai"))
    aftermath.follow(reading.public()[0])
    TOTP.activate(office.user("rui"), generate_totp_secret())
    assert audit_tasks.nightly.func() == 0
    row = selftest.last()
    assert row is not None and (row.failed, len(row.lines)) == (0, 50) and row.passed > 25
    assert Entry.objects.get(act="selftest.run").after == {"passed": row.passed, "failed": []}
    lines = selftest.lines_of(row)
    assert lines[33].detail_en.startswith(f"{Entry.objects.count() - 1} entries")
    # No figure of anything stands in what the public reads.
    assert not any("100.00" in line.detail_en + line.detail_zh for line in lines)


def test_what_is_wrong_is_found(sqlite_week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.approvals import ntp
    from ellwand.office.record import reading

    week = sqlite_week
    week.public()
    folder = reading.folder(reading.public()[0])
    assert outcomes(2, 3, 5, 12, 13, 14, 15, 34, 46) == {
        2: PASSED, 3: PASSED, 5: PASSED, 12: PASSED, 13: PASSED, 14: WAITS, 15: PASSED, 34: PASSED, 46: PASSED,
    }  # fmt: skip
    path = folder / "outputs" / "observations.csv"
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace("100.00", "100.01", 1), encoding="utf-8")
    assert outcomes(13) == {13: FAILED}
    path.write_text(sound, encoding="utf-8")
    manifest = folder / "manifest.json"
    held = manifest.read_bytes()
    manifest.write_bytes(held.replace(b'"number":1', b'"number":2'))
    assert outcomes(15, 46) == {15: FAILED, 46: FAILED}
    manifest.write_bytes(held)
    with monkeypatch.context() as patch:
        patch.setattr(ntp, "kernel", lambda: (5, 0x40))
        assert outcomes(5) == {5: FAILED}
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER record_observation_no_update")
        cursor.execute("UPDATE record_observation SET published = '100.01' WHERE level = 0")
        cursor.execute("DROP TRIGGER audit_entry_no_update")
        cursor.execute("UPDATE audit_entry SET reason = 'x' WHERE sequence = 3")
        cursor.execute("DROP TRIGGER approvals_approval_no_update")
        cursor.execute("UPDATE approvals_approval SET by_id = (SELECT MIN(by_id) FROM approvals_approval)")
    assert outcomes(2, 12, 13, 34) == {2: FAILED, 12: FAILED, 13: FAILED, 34: FAILED}


def test_a_check_that_falls_does_not_hold(sqlite_office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> selftest.Found:
        raise RuntimeError("a secret of the machine")

    outcomes(12)
    monkeypatch.setitem(selftest.CHECKS, 12, broken)
    (line,) = selftest.run([12])
    assert line.outcome == FAILED and "RuntimeError" in line.detail_en and "secret" not in line.detail_en


def test_the_table_of_checks() -> None:
    with pytest.raises(ValueError, match="feature 51 is not there"):
        selftest.check(51)
    outcomes_: Callable[..., Any] = selftest.check(12)
    with pytest.raises(ValueError, match="is checked by"):
        outcomes_(lambda: selftest.Found(True, "", ""))


def test_the_worker_plans_it_once(sqlite_office: Any) -> None:
    from django.core.management import call_command
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.audit import tasks

    tasks.plan_nightly()
    tasks.plan_nightly()
    call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
    row = selftest.last()
    assert row is not None and isinstance(row.at, datetime)
    for _ in range(2):
        tasks.plan_nightly()
    waiting = DBTaskResult.objects.filter(task_path=tasks.nightly.module_path, status="READY")
    assert waiting.count() == 1
