"""The calendar of issues: twelve months ahead without a gap (8), changes with their public reason (9)."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError

WHY = ("春节休市", "Spring Festival")


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


def sheet(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_twelve_months_without_a_gap(office: Any, stopped: Any) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.registry import calendar

    made = calendar.ahead(office.user("cai"))
    periods = [i.period for i in made]
    assert (periods[0], periods[-1], len(periods)) == ("2022-W01", "2023-W01", 53)
    assert calendar.gaps() == [] and calendar.ahead(office.user("cai")) == []
    # Exact times, those beyond four weeks announced in time.
    assert all(i.release_at - i.cutoff_at < timedelta(days=4) for i in made)
    late = [p for p, planned in calendar.issues().items() if planned.late]
    assert late == ["2022-W01", "2022-W02", "2022-W03", "2022-W04"]
    assert Entry.objects.filter(act="calendar.ahead").count() == 1
    with pytest.raises(RefusedError):
        calendar.ahead(office.user("aud"))


def test_the_clock_keeps_it_twelve_months_ahead(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.audit.models import Entry
    from ellwand.office.registry import calendar, tasks

    office.at(monkeypatch, 2022, 1, 5, 3)
    assert calendar.keep_ahead() == []
    calendar.ahead(office.user("cai"))
    office.at(monkeypatch, 2022, 1, 19, 3)
    assert tasks.nightly.func() == ["2023-W02", "2023-W03"]
    assert calendar.gaps() == []
    assert Entry.objects.order_by("-sequence")[0].actor == 0
    assert trail.verify()[2] is None
    # Without the clerk's role nobody's rules are applied.
    from ellwand.office.accounts import people

    people.change_roles("cai", ["writer"], ["clerk"], office.user("ada"), "moves")
    office.at(monkeypatch, 2022, 2, 19, 3)
    assert calendar.keep_ahead() == [] and calendar.gaps()


def test_a_change_keeps_the_old_date_and_tells_why(office: Any, stopped: Any) -> None:
    from ellwand.office.append_only import ImmutableError
    from ellwand.office.registry import calendar, public
    from ellwand.office.registry.models import Issue

    cai = office.user("cai")
    calendar.ahead(cai)
    old = calendar.issues()["2022-W05"].issue
    new = old.release_at + timedelta(days=1)
    for zh, en in (("", "why"), ("为何", " "), ("为" * 201, "why"), ("甲 / 乙", "why"), ("两\n行", "why")):
        with pytest.raises(DataError, match="reason in"):
            calendar.change("2022-W05", cai, old.cutoff_at, new, zh, en)
    calendar.change("2022-W05", cai, old.cutoff_at, new, *WHY)
    planned = calendar.issues()["2022-W05"]
    assert (planned.issue.release_at, planned.before) == (new, (old,))
    with pytest.raises(ImmutableError):
        Issue.objects.filter(pk=old.pk).update(release_at=new)
    (moved,) = public.moves()
    assert (moved.old, moved.new, moved.reason_zh, moved.reason_en) == (old.release_at, new, *WHY)
    assert next(d for d in public.dates() if d.period == "2022-W05").moved


@pytest.mark.parametrize(
    ("cutoff", "release", "told"),
    [
        (at(2022, 2, 4, 9), at(2022, 1, 4), "lies in the past"),
        (at(2022, 2, 8), at(2022, 2, 7, 4), "not lie before"),
        (at(2022, 1, 4), at(2022, 2, 8), "cut-off .* lies in the past"),
        (at(2022, 2, 4, 9), at(2022, 2, 7, 4), "as they were"),
    ],
)
def test_dates_that_can_not_be(
    sqlite_office: Any, stopped: Any, cutoff: datetime, release: datetime, told: str
) -> None:
    from ellwand.office.registry import calendar

    calendar.ahead(sqlite_office.user("cai"))
    with pytest.raises(DataError, match=told):
        calendar.change("2022-W05", sqlite_office.user("cai"), cutoff, release, *WHY)
    assert not calendar.log()


def test_a_scheduled_round_is_postponed_and_not_moved(week: Any) -> None:
    from ellwand.office.approvals import postponing
    from ellwand.office.registry import calendar, public

    office = week.office
    cai = office.user("cai")
    found = week.scheduled()
    old = found.issue
    later = old.release_at + timedelta(hours=4)
    for act in (
        lambda: calendar.change(found.period, cai, old.cutoff_at, later, *WHY),
        lambda: calendar.skip(found.period, cai, *WHY),
    ):
        with pytest.raises(DataError, match="only postponing"):
            act()
    assert found.issue == old and found.state == "scheduled"
    # Nor does a sheet of dates or of weeks move it.
    from ellwand.office.registry import calendar_sheets

    done = calendar_sheets.check_holidays(sheet("period,reason_zh,reason_en", f"{found.period},休,Closed"))
    assert [f.rule for f in done.faults] == ["past"]
    done = calendar_sheets.check_dates(
        sheet("period,release_at,reason_zh,reason_en", f"{found.period},2022-01-11 12:00,改,Moved")
    )
    assert [f.rule for f in done.faults] == ["past"] and not done.good
    # Postponing is the way; its notice is the public reason.
    ada = office.user("ada")
    postponing.postpone(found, ada, "a fault / in the archive", "推迟。", "Postponed.")
    with pytest.raises(DataError, match="only postponing"):
        calendar.change(found.period, cai, old.cutoff_at, later, *WHY)
    postponing.resume(found, ada, later, "a fault / in the archive", "改至下午。", "In the afternoon.")
    (moved,) = public.moves()
    assert (moved.old, moved.new, moved.reason_zh, moved.reason_en) == (
        old.release_at, later, "改至下午。", "In the afternoon.",
    )  # fmt: skip


def test_the_cut_off_of_a_round_that_is_closed_stays(sqlite_week: Any) -> None:
    from ellwand.office.registry import calendar

    office = sqlite_week.office
    found = office.collect("2022-W01")
    old, cai = found.issue, office.user("cai")
    with pytest.raises(DataError, match="cut-off has passed"):
        calendar.change(found.period, cai, old.cutoff_at + timedelta(hours=1), old.release_at, *WHY)
    with pytest.raises(DataError, match="under way"):
        calendar.skip(found.period, cai, *WHY)
    calendar.change(found.period, cai, old.cutoff_at, old.release_at + timedelta(hours=2), *WHY)
    assert found.issue.number == 2


def test_weeks_without_an_issue(office: Any, stopped: Any) -> None:
    from ellwand.office.record import reading
    from ellwand.office.registry import calendar, calendar_sheets
    from ellwand.office.rounds import work

    cai = office.user("cai")
    calendar_sheets.take_holidays(sheet("period,reason_zh,reason_en", "2022-W06,春节,Spring Festival"), cai, "council")
    calendar.ahead(cai)
    assert calendar.issues()["2022-W06"].issue.skipped
    rows = ("2022-W05,春节,Spring Festival", "2022-W40,,National Day", "2021-W40,国庆,National Day",
            "2022-W99,国庆,National Day", "2022-W06,春节,Spring Festival")  # fmt: skip
    done = calendar_sheets.take_holidays(sheet("period,reason_zh,reason_en", *rows), cai, "council")
    assert [(f.row, f.field, f.rule) for f in done.faults] == [
        (3, "reason_zh", "needed"), (4, "period", "past"), (5, "period", "period"),
    ]  # fmt: skip
    assert (len(done.new), done.unchanged) == (1, 1)
    assert set(calendar.holidays()) == {"2022-W05", "2022-W06"}
    assert calendar.issues()["2022-W05"].issue.reason == "春节 / Spring Festival"
    # Such a week is never the next issue, and no round begins in it.
    assert reading.next_issue().period == "2022-W01"
    with pytest.raises(DataError, match="is skipped: 春节 / Spring Festival"):
        work.open_round("2022-W05", cai)
    with pytest.raises(DataError, match="skipped already"):
        calendar.skip("2022-W05", cai, *WHY)
    calendar.call_off("2022-W05", cai, "照常开市", "The market opens after all")
    assert not calendar.issues()["2022-W05"].issue.skipped and set(calendar.holidays()) == {"2022-W06"}
    assert len(calendar.issues()["2022-W05"].before) == 2


def test_the_calendar_goes_out_and_comes_back(office: Any, stopped: Any) -> None:
    from ellwand.office.registry import calendar, calendar_sheets, sheets
    from ellwand.office.registry.columns import ISSUES

    cai = office.user("cai")
    calendar.ahead(cai)
    rows = calendar_sheets.date_rows()
    for form in ("csv", "xlsx"):
        done = calendar_sheets.take_dates(sheets.write(form, {"calendar": (ISSUES, list(rows.values()))}), cai)
        assert (done.unchanged, done.good, done.faults) == (53, [], [])
    rows["2022-W05"] |= {"release_at": "2022-02-08 09:30", "reason_zh": "春节后", "reason_en": "After the festival"}
    rows["2022-W06"] |= {"skipped": "yes", "reason_zh": "春节", "reason_en": "Spring Festival"}
    rows["2022-W07"] |= {"release_at": "2022-02-21 12:30"}
    rows["2022-W08"] |= {"cutoff_at": "2022-03-08 12:30", "reason_zh": "改", "reason_en": "Moved"}
    rows["2022-W09"] |= {"release_at": "soon", "reason_zh": "改", "reason_en": "Moved"}
    rows["x"] = {**rows["2022-W10"], "period": "2024-W10"}
    done = calendar_sheets.take_dates(sheets.write("csv", {"calendar": (ISSUES, list(rows.values()))}), cai)
    # A reason of an earlier change is none of this one.
    assert [(f.field, f.rule) for f in done.faults] == [
        ("reason_zh", "public"), ("cutoff_at", "before"), ("release_at", "instant"), ("period", "absent"),
    ]  # fmt: skip
    assert [row["period"] for row in done.good] == ["2022-W05", "2022-W06"]
    found = calendar.issues()
    assert found["2022-W05"].issue.release_at == at(2022, 2, 8, 1, 30) and found["2022-W06"].issue.skipped
    assert [p for p, planned in found.items() if planned.before] == ["2022-W05", "2022-W06"]
    rows = calendar_sheets.date_rows()
    rows["2022-W06"] |= {"skipped": "", "reason_zh": "照常", "reason_en": "As usual"}
    done = calendar_sheets.take_dates(sheets.write("csv", {"calendar": (ISSUES, list(rows.values()))}), cai)
    assert not done.faults and not calendar.issues()["2022-W06"].issue.skipped


def test_an_instant_as_a_spreadsheet_program_keeps_it(sqlite_office: Any, stopped: Any) -> None:
    from ellwand.office.registry import calendar, calendar_sheets

    cai = sqlite_office.user("cai")
    calendar.ahead(cai)
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for line in (
        ["期次", "发布时刻", "中文原因", "英文原因"],
        ["2022-W05", datetime(2022, 2, 8, 9, 30), "改", "Moved"],
    ):
        page.append(line)
    out = io.BytesIO()
    book.save(out)
    done = calendar_sheets.take_dates(out.getvalue(), cai)
    assert not done.faults
    assert calendar.issues()["2022-W05"].issue.release_at == at(2022, 2, 8, 1, 30)


def test_the_previous_issue_is_the_last_one_published(sqlite_week: Any) -> None:
    from ellwand.office.registry import calendar

    found = sqlite_week.public()
    calendar.ahead(sqlite_week.office.user("cai"))
    assert calendar.previous("2022-W02") == calendar.previous("2022-W30") == found.period
    assert calendar.previous(found.period) is None
