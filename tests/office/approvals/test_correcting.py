"""Corrections: the value, its cause, what depends on it, two approvals, a further release; the alarm."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.releases import read_public, verify_archive

CAUSE = {
    "cause_zh": "一个样本单位的报价录入有误。", "cause_en": "The quote of one unit was typed wrongly.",
    "found_by": "the unit itself", "found_how": "it read its own price in the return",
}  # fmt: skip
SEEN = datetime(2022, 1, 10, 6, tzinfo=UTC)


def opened(week: Any, period: str = "2022-W01", **more: Any) -> Any:
    from ellwand.office.approvals import corrections

    given = {**CAUSE, "first_seen": SEEN, **more}
    return corrections.open_(f"price-{period}-1", "price/total", period, "data", week.office.user("cai"), **given)


def test_a_correction_from_the_value_to_the_log(week: Any) -> None:
    from ellwand.office.approvals import corrections, sealing, standing
    from ellwand.office.record import reading
    from ellwand.office.record.models import Release

    office = week.office
    week.public()
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    week.at(2022, 1, 23, 3)
    last = week.public("2022-W03")
    week.at(2022, 1, 24, 6)
    first_value = reading.figures(["price/total"], ["2022-W02"])[0].observation.published
    row = opened(week, "2022-W02")
    assert row.first_value == first_value and corrections.lacks(row) == ["it is not computed yet"]
    week.change_quote("2022-W02")
    assert last.state == "public"
    done = corrections.recompute(row, office.user("max"))
    assert done.revised_from == "2022-W02" and done.size == "serious" and done.new_value != first_value
    assert {"price-2022-W02-1", "price-2022-W03-1"} >= set(done.touched) and done.files
    assert any(c["series"] == "price/total" and c["figure"] == "published" for c in done.changes)
    assert corrections.log() == []
    with pytest.raises(DataError, match="earlier compilation"):
        week.approve(last, "statistics", correction=row)
    corrections.write_texts(row, office.user("wen"))
    assert corrections.lacks(row) == []
    for kind in ("statistics", "text"):
        week.approve(last, kind, correction=row)
    assert set(standing.approvals(last, row)) == {"statistics", "text"} and last.state == "public"
    old = reading.latest()
    later = datetime(2022, 1, 24, 7, tzinfo=UTC)
    release = sealing.seal(last, office.user("cai"), correction=row, at=later)
    assert (release.code, release.number, release.revised_from) == ("price-2022-W03-2", 2, "2022-W02")
    assert release.supersedes == old and reading.latest() == old
    assert reading.figures(["price/total"], ["2022-W02"])[0].observation.published == first_value
    week.at(2022, 1, 24, 7)
    assert reading.latest() == release
    figure = reading.figures(["price/total"], ["2022-W02"])[0]
    assert figure.observation.published == done.new_value and figure.revised and figure.release == release
    # As of the day before, and all vintages.
    before = reading.figures(["price/total"], ["2022-W02"], at=datetime(2022, 1, 24, 5, tzinfo=UTC))[0]
    assert before.observation.published == first_value and not before.revised
    values = [f.observation.published for f in reading.history(["price/total"], ["2022-W02"])]
    assert values == [first_value, done.new_value]
    with pytest.raises(DataError, match="future"):
        reading.figures(at=datetime(2022, 1, 28, tzinfo=UTC))
    (entry,) = corrections.log()
    assert entry["first_value"] == first_value and entry["new_value"] == done.new_value
    assert entry["class"] == "data" and entry["found_by"] == "the unit itself" and entry["release"] == release.code
    assert [c.fault for c in verify_archive(office.home.archive, [read_public(office.home.keys)])] == [None] * 4
    assert Release.objects.count() == 4


def test_who_found_or_mended_an_old_error_does_not_approve_it(sqlite_week: Any) -> None:
    """Four eyes bind a correction of an older issue too, whose work lies in another round than the last one."""
    from ellwand.office import clock
    from ellwand.office.approvals import corrections, signing
    from ellwand.office.quotes.models import Quote

    week, office = sqlite_week, sqlite_week.office
    week.public()
    week.at(2022, 1, 16, 3)
    found = week.public("2022-W02")
    week.at(2022, 1, 17, 6)
    row = corrections.open_(
        "price-2022-W01-1", "price/total", "2022-W01", "data", office.user("sta"), first_seen=SEEN, **CAUSE
    )
    week.change_quote("2022-W01")
    old = Quote.objects.current().filter(round__period="2022-W01", price__isnull=False).order_by("pk").last()
    fields = {f.attname: getattr(old, f.attname) for f in Quote._meta.concrete_fields if f.attname != "id"}
    fields |= {"version": old.version + 1, "supersedes_id": old.pk, "by_id": office.user("tex").pk, "at": clock.now()}
    Quote(**fields).save()
    corrections.recompute(row, office.user("max"))
    corrections.write_texts(row, office.user("wen"))
    for name, kind in (("sta", "statistics"), ("tex", "text")):
        told = signing.why_not(found, kind, week.person(name), row)
        assert any("did part of the work (edited)" in why for why in told), (name, told)
        # What was never touched by them, they may approve.
        assert not any("did part of the work" in why for why in signing.why_not(found, kind, week.person(name)))


@pytest.mark.parametrize("name", sorted(CAUSE))
def test_nothing_is_left_out(sqlite_week: Any, name: str) -> None:
    sqlite_week.public()
    sqlite_week.at(2022, 1, 10, 7)
    with pytest.raises(DataError, match=f"{name}: empty"):
        opened(sqlite_week, **{name: " "})


def test_wrong_corrections(sqlite_week: Any) -> None:
    from ellwand.office.accounts.people import RefusedError
    from ellwand.office.approvals import corrections
    from ellwand.office.approvals.models import Correction

    sqlite_week.public()
    sqlite_week.at(2022, 1, 10, 7)
    cai = sqlite_week.office.user("cai")
    with pytest.raises(DataError, match="lies in the future"):
        opened(sqlite_week, first_seen=datetime(2022, 2, 1, tzinfo=UTC))
    with pytest.raises(DataError, match="is not there"):
        opened(sqlite_week, period="2022-W02")
    with pytest.raises(DataError, match="class 'x'"):
        corrections.open_("price-2022-W01-1", "price/total", "2022-W01", "x", cai, first_seen=SEEN, **CAUSE)
    with pytest.raises(RefusedError):
        corrections.open_(
            "price-2022-W01-1", "price/total", "2022-W01", "data", sqlite_week.office.user("aud"), first_seen=SEEN,
            **CAUSE,
        )  # fmt: skip
    assert not Correction.objects.exists()


def test_sizes() -> None:
    from ellwand.office.approvals.corrections import size_of

    change = {"series": "price/1", "figure": "published"}
    assert size_of([], {"price/total"}) == "minor"
    assert size_of([change], {"price/total"}) == "significant"
    assert size_of([change, {**change, "series": "price/total"}], {"price/total"}) == "serious"


def test_a_revision_that_nothing_foresees(sqlite_week: Any) -> None:
    """A published figure that changes is sent to the route of corrections."""
    from ellwand.office.accounts import people
    from ellwand.office.editorial import drafts, rationale
    from ellwand.office.rounds import compiling, work
    from ellwand.office.rounds.models import SignedException

    week, office = sqlite_week, sqlite_week.office
    week.public()
    week.at(2022, 1, 16, 3)
    week.public("2022-W02")
    week.at(2022, 1, 23, 3)
    found = office.collect("2022-W03")
    week.change_quote("2022-W02")
    office.review(found)
    people.add("com", ["compiler"], office.user("ada"))
    with pytest.raises(DataError, match="recompute: "):
        compiling.compile_round(found.code, office.user("com"))
    SignedException(round=found, guard="recompute", what="x", by=office.user("sun"), at=found.at, reason="known").save()
    compiling.compile_round(found.code, office.user("max"), sign="small market")
    writer = office.user("wen")
    drafts.generate(found, writer)
    rationale.save(
        found, {"zh": "样本稳定，推算主要来自未报价的单位。", "en": "The sample was stable in this week."}, writer
    )
    work.move(found, "drafted", writer)
    with pytest.raises(DataError, match="the method foresees no revision of what is published; open a correction"):
        week.approve(found, "statistics")


def test_the_alarm(sqlite_week: Any) -> None:
    from ellwand.office.approvals import alarm

    week = sqlite_week
    week.public()
    (row,) = alarm.sound()
    assert row.fault == "" and row.observations > 0
    folder = week.office.home.archive / "price-2022-W01-1"
    path = folder / "outputs" / "history.csv"
    path.write_bytes(path.read_bytes().replace(b"100.00", b"100.01", 1))
    (row,) = alarm.sound()
    assert "outputs/history.csv" in row.fault and alarm.last_of(row.release) == row


def test_after_the_instant(sqlite_week: Any) -> None:
    from ellwand.office.approvals import aftermath, seals
    from ellwand.office.approvals.models import Lateness, Told

    week = sqlite_week
    found = week.public()
    release = seals.last_release(found)
    aftermath.CHANNELS["trial"] = lambda one: [("a@b", one.code), ("c@d", one.code)]
    aftermath.CHANNELS["broken"] = lambda one: 1 / 0  # type: ignore[assignment,return-value]
    try:
        faults = aftermath.follow(release)
        assert len(faults) == 1 and faults[0].startswith("broken")
        aftermath.follow(release)
    finally:
        del aftermath.CHANNELS["trial"], aftermath.CHANNELS["broken"]
    assert Told.objects.count() == 2 and Lateness.objects.get().seconds == 0


def test_what_is_sealed_late_is_logged(sqlite_week: Any) -> None:
    from ellwand.office.approvals import aftermath, scheduling
    from ellwand.office.approvals.models import Lateness
    from ellwand.office.record import reading

    week = sqlite_week
    found = week.approved()
    week.at(2022, 1, 10, 4, 10)
    release = scheduling.schedule(found, week.office.user("cai"))
    aftermath.follow(release)
    assert Lateness.objects.get().seconds == 600
    with pytest.raises(DataError, match="is not there"):
        reading.release(release.code, at=datetime(2022, 1, 10, 4, 5, tzinfo=UTC))
