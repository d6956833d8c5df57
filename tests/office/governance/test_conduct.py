"""The office and its public: calendar (8, 9), trail (34), complaints (35), stop (42), clock (49), drills (50)."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from ellwand.engine.errors import DataError

Stage = Callable[[str], Any]


WHY = ("春节休市", "Spring Festival")


def test_governance_08_calendar_ahead(stage: Stage) -> None:
    """The generator leaves no week of the next twelve months without its exact time or its reason, the clock keeps it
    so, and the public sees all of it; what is announced less than four weeks ahead is marked and demands a reason.
    """
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.registry import calendar, tasks

    week = stage("furnished")
    office, cai = week.office, week.office.user("cai")
    week.at(2022, 1, 5, 3)
    with pytest.raises(RefusedError):
        calendar.ahead(office.user("wen"))
    made = calendar.ahead(cai)
    assert len(made) == 53 and calendar.gaps() == []
    assert all(b.release_at - a.release_at == timedelta(days=7) for a, b in pairwise(made))
    late = [p for p, planned in calendar.issues().items() if planned.late]
    assert late == [f"2022-W0{k}" for k in range(1, 5)]
    week.at(2022, 3, 2, 3)
    assert len(tasks.nightly.func()) == 8 and calendar.gaps() == []
    issue = calendar.issues()["2022-W12"].issue
    for zh, en in (("", WHY[1]), (WHY[0], " ")):
        with pytest.raises(DataError, match="the public is told why"):
            calendar.change("2022-W12", cai, issue.cutoff_at, issue.release_at + timedelta(days=1), zh, en)
        with pytest.raises(DataError, match="the public is told why"):
            calendar.skip("2022-W12", cai, zh, en)
    client = office.client()
    for root in ("/", "/en/"):
        page = week.page(client, f"{root}calendar/")
        assert page.count("UTC+08:00") >= 52 and ("2023" in page)
    assert len(client.get("/api/v1/calendar").json()["data"]) == len(calendar.issues())


def test_governance_09_changed_dates(stage: Stage) -> None:
    """A new date stands on the public page and in the interface for programs at once, with its reason in the reader's
    language and the old date beside it; the old row can't be changed or deleted.
    """
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.registry import calendar, public
    from ellwand.office.registry.models import Issue

    week = stage("furnished")
    office, cai = week.office, week.office.user("cai")
    week.at(2022, 1, 5, 3)
    calendar.ahead(cai)
    client = office.client()
    assert WHY[0] not in week.page(client, "/calendar/")
    old = calendar.issues()["2022-W05"].issue
    new = old.release_at + timedelta(days=1)
    calendar.change("2022-W05", cai, old.cutoff_at, new, *WHY)
    for root, why, dates in (
        ("/", WHY[0], ("2022年2月7日 12:00", "2022年2月8日 12:00")),
        ("/en/", WHY[1], ("2022-02-07 12:00", "2022-02-08 12:00")),
    ):
        page = week.page(client, f"{root}calendar/")
        assert why in page and all(date in page for date in dates)
    assert [(m.old, m.new, m.reason_zh, m.reason_en) for m in public.moves()] == [(old.release_at, new, *WHY)]
    (shown,) = [row for row in client.get("/api/v1/calendar").json()["data"] if row["period"] == "2022-W05"]
    assert "2022-02-07T04:00:00Z" in str(shown) and "2022-02-08T04:00:00Z" in str(shown) and WHY[1] in str(shown)
    for attempt in (old.delete, old.save, Issue.objects.filter(period="2022-W05").delete):
        with pytest.raises(ImmutableError):
            attempt()
    with pytest.raises(DatabaseError, match="rows are added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_issue SET reason = '' WHERE number > 1")


def test_governance_34_audit_trail(office: Any) -> None:
    """Each act is an entry with who, when, what, before, after and why, in a chain whose head is in the next manifest;
    neither change nor purge is possible, and what is done below the triggers shows.
    """
    from ellwand.office.accounts import people
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.audit import search, trail
    from ellwand.office.audit.models import Entry

    people.change_roles("col", ["writer"], ["collector"], office.user("ada"), "moves to the desk")
    last = Entry.objects.order_by("-sequence")[0]
    assert (last.actor, last.role, last.act, last.object) == (
        office.user("ada").pk, "admin", "user.roles", f"user/{office.user('col').pk}",
    )  # fmt: skip
    assert (last.before, last.after) == ({"roles": ["collector"]}, {"roles": ["writer"]})
    assert last.reason == "moves to the desk" and last.at.endswith("+00:00")
    count, head, fault = trail.verify()
    assert (fault, head) == (None, last.hash) and count == last.sequence > 10
    for attempt in (last.delete, last.save, Entry.objects.all().delete, Entry.objects.filter(sequence=1).delete):
        with pytest.raises(ImmutableError):
            attempt()
    statements = ["DELETE FROM audit_entry WHERE sequence = 1", "UPDATE audit_entry SET reason = 'x'"]
    statements.append("TRUNCATE audit_entry" if connection.vendor == "postgresql" else "DELETE FROM audit_entry")
    for statement in statements:
        with pytest.raises(DatabaseError, match="rows are added"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    first = search.oldest()
    assert first is not None and first["sequence"] == 1 and Entry.objects.count() == count
    # Whoever takes the triggers away can't do it unseen; a trail cut at its end shows against a head known elsewhere.
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_entry_no_update")
            cursor.execute("DROP TRIGGER audit_entry_no_delete")
        else:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE audit_entry SET reason = 'nothing' WHERE sequence = 4")
        assert "entry 4: was changed" in str(trail.verify()[2])
        transaction.set_rollback(True)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_entry_no_delete")
        else:
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(f"DELETE FROM audit_entry WHERE sequence = {count}")
        assert trail.verify()[2] is None and "is missing" in str(trail.verify((count, head))[2])
        transaction.set_rollback(True)
    assert trail.verify() == (count, head, None)


def test_governance_35_complaints(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A complaint gets its receipt at once; acknowledgement is due in three working days and the answer in thirty days,
    what is overdue rises to the admin; an appeal is decided outside of the process; the counts of a year are public.
    """
    from django.core.cache import cache

    from ellwand.office.cases import complaints
    from ellwand.office.screens.cases import duties

    week = stage("furnished")
    office, cai, ada = week.office, week.office.user("cai"), week.office.user("ada")
    cache.clear()
    # A Thursday; the third working day is the Tuesday after.
    week.at(2022, 2, 10, 2)
    form = {"subject": "Polyester", "text": "The sign is wrong.", "name": "Wang"}
    page = office.client().post("/complaints/", form, follow=True).content.decode()
    (found,) = [row for row, _ in complaints.waiting()]
    assert found.receipt in page and len(found.receipt) == 16
    assert complaints.standing(found).due == datetime(2022, 2, 15, 16, tzinfo=UTC)
    assert duties(ada) == []
    week.at(2022, 2, 15, 16, 1)
    assert complaints.standing(found).overdue and found.receipt in duties(ada)[0].words
    complaints.step(found, "acknowledged", cai, "")
    due = complaints.standing(found).due
    assert due is not None and due - found.at == timedelta(days=30)
    complaints.step(found, "answered", cai, "It is right.")
    complaints.appeal(found, "It is not.")
    with pytest.raises(DataError, match="needs the role admin"):
        complaints.step(found, "decided", cai, "x")
    with pytest.raises(DataError, match=r"works inside the process|answered the complaint"):
        from ellwand.office.accounts import people

        people.change_roles("sun", ["admin"], [], ada, "helps out")
        complaints.step(found, "decided", office.user("sun"), "x")
    complaints.step(found, "decided", ada, "It is not: the text was mended.")
    assert complaints.yearly(2022) == {
        "received": 1, "acknowledged_in_time": 0, "answered": 1, "answered_in_time": 1, "appeals": 1,
        "appeals_decided": 1, "open": 0,
    }  # fmt: skip
    for root in ("/", "/en/"):
        page = week.page(office.client(), f"{root}complaints/")
        (row,) = re.findall(r"<tr><th scope=\"row\">2022</th>(.*?)</tr>", page)
        assert re.findall(r">(\d+)</td>", row) == ["1", "0", "1", "1", "1", "1", "0"]


def test_governance_42_emergency_stop(stage: Stage, found: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """A drill by command shows that the stop holds, and changes nothing; one form holds a release with a notice in both
    languages, which the public reads at once, and its instant passes without it; it resumes at a new one, or both
    approvers withdraw it for good.
    """
    from ellwand.cli import main
    from ellwand.office.approvals.models import Notice
    from ellwand.office.record import reading

    week = stage("scheduled")
    office, one = week.office, found()
    folder = str(office.home.path)
    assert main(["drill", "stop", one.code, "--as", "cai", "--dir", folder]) == 2
    assert "release.postpone" in capsys.readouterr().err and not Notice.objects.exists()
    assert main(["drill", "stop", one.code, "--as", "ada", "--dir", folder]) == 0
    assert "the stop held and was taken back" in capsys.readouterr().out
    address = f"/office/rounds/{one.code}/schedule/"
    words = {"reason": "a fault was found", "zh": "推迟发布。", "en": "The release is postponed."}
    admin = office.client("ada")
    assert one.state == "scheduled" and Notice.objects.get().kind == "drill"
    for lacking in words:
        assert admin.post(address, {"act": "hold", **words, lacking: " "}).status_code == 422
    assert one.state == "scheduled"
    assert admin.post(address, {"act": "hold", **words}).status_code == 302
    notice = Notice.objects.get(kind="postponed")
    assert (one.state, notice.zh, notice.en) == ("postponed", words["zh"], words["en"])
    told = {root: week.page(office.client(), f"{root}status/") for root in ("/", "/en/")}
    assert words["zh"] in told["/"] and words["en"] in told["/en/"] and "Drill" not in told["/en/"]
    week.at(2022, 1, 10, 4, 1)
    assert reading.latest() is None and b"100.00" not in office.client().get("/").content
    assert admin.post(address, {"act": "resume", "at": "2022-01-10T16:00", **words}).status_code == 302
    assert (one.state, one.issue.release_at) == ("text_approved", datetime(2022, 1, 10, 8, tzinfo=UTC))
    week = stage("public")
    after, end = f"/office/rounds/{one.code}/after/", {**words, "en": "Withdrawn."}
    assert week.office.client("sta").post(after, {"kind": "statistics", **end}).status_code == 302
    assert reading.latest() is not None
    assert week.office.client("tex").post(after, {"kind": "text", **end}).status_code == 302
    assert reading.latest() is None and reading.release("price-2022-W01-1").withdrawal.en == "Withdrawn."


ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati")
AROUND = st.builds(
    lambda year, month, day, off, zone: (
        datetime(year, month, day, tzinfo=ZoneInfo(zone)) + timedelta(seconds=off), zone
    ),
    st.integers(2000, 2060), st.sampled_from((1, 3, 6, 12)), st.sampled_from((1, 28, 31 - 1)),
    st.integers(-7200, 7200), st.sampled_from(ZONES),
)  # fmt: skip
"""Instants within two hours of a midnight in a zone, many of them at the end of a year."""


def test_governance_49_clock_and_zone(stage: Stage) -> None:
    """Around midnights and ends of years, in zones with and without summer time, instants are kept in UTC and shown in
    the zone of the market with its offset; the issue of a week falls on the Monday after it at noon there.
    """
    from django.utils import timezone, translation

    from ellwand.office.registry.models import Issue
    from ellwand.office.rounds import work
    from ellwand.office.rounds.instants import Calendar, Hour, last_day
    from ellwand.office.screens.words import instant

    office = stage("furnished").office
    who = office.user("cai")

    @settings(max_examples=120, deadline=None, database=None)
    @given(AROUND)
    def kept_and_shown(one: tuple[datetime, str]) -> None:
        at, zone = one
        with transaction.atomic():
            row = Issue(family="t", period="2022-W01", number=1, cutoff_at=at, release_at=at, by=who, at=at)
            row.save()
            with connection.cursor() as cursor:
                cursor.execute("SELECT release_at FROM registry_issue WHERE id = %s", [row.pk])
                stored = str(cursor.fetchone()[0])
            back = Issue.objects.get(pk=row.pk).release_at
            transaction.set_rollback(True)
        assert stored.startswith(at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"))
        assert back == at and back.utcoffset() == timedelta(0)
        with timezone.override(zone), translation.override("en"):
            day, time, offset = instant(back).split(" ")
        there = datetime.fromisoformat(f"{day}T{time}{offset.removeprefix('UTC')}")
        assert there == at.replace(second=0, microsecond=0)
        assert (there.hour, there.day) == (at.astimezone(ZoneInfo(zone)).hour, at.astimezone(ZoneInfo(zone)).day)

    @settings(max_examples=120, deadline=None, database=None)
    @given(st.integers(2000, 2060), st.sampled_from((1, 12, 13, 30, 44, 52)), st.sampled_from(ZONES))
    def falls_on_monday_noon(year: int, week: int, zone: str) -> None:
        calendar = Calendar(Hour.of(-2, "17:00"), Hour.of(1, "12:00"), ZoneInfo(zone))
        period = f"{year}-W{week:02d}"
        cutoff, release = calendar.instants(period)
        assert release.utcoffset() == timedelta(0)
        local = release.astimezone(ZoneInfo(zone))
        assert (local.isoweekday(), local.hour, local.minute) == (1, 12, 0)
        assert local.date() == last_day(period) + timedelta(days=1)
        assert cutoff.astimezone(ZoneInfo(zone)).isoweekday() == 5

    kept_and_shown()
    falls_on_monday_noon()
    work.plan("2021-W52", who)
    assert "2022-01-03 12:00 UTC+08:00" in office.client("cai").get("/office/rounds/").content.decode()


def test_governance_50_restore_drill(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup restored on an empty folder by another process gives the same manifests and the same head of the trail;
    one that does not is kept and counts for nothing. The public page says when the last one passed.
    """
    from pathlib import Path

    from ellwand.office.cases import drills
    from ellwand.office.screens.words import instant

    office = stage("public").office
    ada = office.user("ada")

    def shown() -> str:
        return str(office.client().get("/en/about/").content.decode())

    assert drills.age() is None and "none has passed yet" in shown()
    with monkeypatch.context() as patch:
        restored = drills._restored

        def alter(file: Path, target: Path) -> str:
            told = restored(file, target)
            path = target / "archive" / "price-2022-W01-1" / "manifest.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | {"number": 2}))
            return told

        patch.setattr(drills, "_restored", alter)
        made = drills.restore_drill(ada)
    assert not made.passed and made.found["faults"] == ["release price-2022-W01-1: its manifest differs"]
    assert drills.age() is None and "none has passed yet" in shown()
    made = drills.restore_drill(ada)
    assert f"{instant(made.at)}, passed" in shown()
    assert made.passed and made.found["manifests"] == 1 and made.found["entries"] > 20
    assert drills.age() == timedelta(0)
