"""The seal: an unsynchronised clock, a full disk, a fall at any step, two at once, another instant."""

import sys
from pathlib import Path
from typing import Any

import pytest

from ellwand.engine.errors import DataError


def names(archive: Path) -> list[str]:
    return sorted(p.name for p in archive.iterdir() if p.name not in (".lock", ".aside"))


def test_a_clock_that_nobody_steers(sqlite_week: Any, use: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.approvals import ntp, scheduling

    week = sqlite_week
    found = week.approved()
    for state in ((5, 0x40), (0, 0x40), None):
        monkeypatch.setattr(ntp, "kernel", lambda state=state: state)
        with pytest.raises(DataError, match="clock"):
            scheduling.schedule(found, week.office.user("cai"))
    assert found.state == "text_approved" and names(week.office.home.archive) == []
    settings = week.office.home.path / "settings.toml"
    settings.write_text(settings.read_text().replace('clock = "checked"', 'clock = "trusted"'))
    use(week.office.home.path, "")
    assert ntp.fault() is None
    assert scheduling.schedule(found, week.office.user("cai")).code == "price-2022-W01-1"


@pytest.mark.parametrize("step", ["write_outputs", "keep", "check_files"])
def test_a_full_disk_leaves_record_and_archive(sqlite_week: Any, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    from ellwand.office.approvals import scheduling
    from ellwand.office.record.models import Release

    week = sqlite_week
    found = week.approved()
    with monkeypatch.context() as patch:

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        patch.setattr(sys.modules["ellwand.office.releases.pack"], step, full)
        with pytest.raises(DataError, match="No space left on device"):
            scheduling.schedule(found, week.office.user("cai"))
    assert names(week.office.home.archive) == [] and not Release.objects.exists() and found.state == "text_approved"
    assert scheduling.schedule(found, week.office.user("cai")).code == "price-2022-W01-1"


def test_a_fall_between_folder_and_row(sqlite_week: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.approvals import recover, scheduling, sealing
    from ellwand.office.record.models import Release

    week = sqlite_week
    found, archive = week.approved(), week.office.home.archive

    class Killed(BaseException):
        pass

    def killed(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "store", killed)
        # A process that is killed puts nothing in order.
        patch.setattr(sealing.seals, "tidy", list)
        with pytest.raises(Killed):
            scheduling.schedule(found, week.office.user("cai"))
    assert names(archive) == ["price-2022-W01-1"] and not Release.objects.exists()
    moved = recover.recover()
    assert names(archive) == [] and [m.startswith("price-2022-W01-1.") for m in moved] == [True]
    assert recover.recover() == []
    release = scheduling.schedule(found, week.office.user("cai"))
    assert names(archive) == [release.folder] and recover.recover() == []


def test_two_at_once(sqlite_week: Any) -> None:
    from ellwand.office.approvals.archive_lock import locked

    with locked(), pytest.raises(DataError, match="another release is being prepared"), locked(patience=0):
        pass


def test_the_run_of_the_worker(sqlite_week: Any) -> None:
    from ellwand.office.approvals import recover, tasks
    from ellwand.office.approvals.models import SealingRun

    week = sqlite_week
    found, cai = week.approved(), week.office.user("cai")
    run = tasks.begin(found, cai)
    assert tasks.begin(found, cai).pk == run.pk
    assert tasks.carry_out(run) == "price-2022-W01-1"
    run = SealingRun.objects.get(pk=run.pk)
    assert run.step == "done" and run.ended_at and not run.error
    assert tasks.carry_out(run) == "price-2022-W01-1"
    assert found.state == "scheduled"
    fallen = SealingRun.objects.create(round=found, step="preparing", by=cai, at=found.at)
    recover.recover()
    assert "begin again" in SealingRun.objects.get(pk=fallen.pk).error


def test_another_instant_needs_a_new_seal_and_no_new_approval(week: Any) -> None:
    from datetime import UTC, datetime

    from ellwand.office.approvals import postponing, scheduling, standing
    from ellwand.office.approvals.models import Notice
    from ellwand.office.record import reading
    from ellwand.office.record.models import Release
    from ellwand.office.releases import read_manifest
    from ellwand.office.rounds import work

    office = week.office
    found = week.scheduled()
    with pytest.raises(DataError, match="notice in English: empty"):
        postponing.postpone(found, office.user("sta"), "a fault", "推迟", "")
    postponing.drill(found, office.user("ada"), "演练", "A drill")
    assert found.state == "scheduled" and Release.objects.all().standing().count() == 1
    postponing.postpone(found, office.user("ada"), "a fault", "推迟发布", "Postponed")
    assert found.state == "postponed"
    week.at(2022, 1, 10, 4, 30)
    work.settle(found)
    assert found.state == "postponed" and reading.latest() is None
    assert names(office.home.archive) == []
    with pytest.raises(DataError, match="returns there"):
        work.move(found, "scheduled", office.user("sta"), reason="x", known={"notice": None})
    with pytest.raises(DataError, match="lies in the past"):
        postponing.resume(found, office.user("sta"), datetime(2022, 1, 10, 4, tzinfo=UTC), "mended", "恢复", "Resumed")
    later = datetime(2022, 1, 10, 8, tzinfo=UTC)
    with pytest.raises(DataError, match="notice: "):
        # Sending it back is no way around the notice and the new instant.
        work.move(found, "text_approved", office.user("sta"), reason="go on")
    postponing.resume(found, office.user("sta"), later, "mended", "恢复发布", "Resumed")
    assert found.state == "text_approved" and set(standing.approvals(found)) == {"statistics", "text"}
    release = scheduling.schedule(found, office.user("cai"))
    assert (release.seal, release.release_at) == (2, later)
    assert read_manifest(office.home.archive / release.folder)[0].at == "2022-01-10T08:00:00Z"
    week.at(2022, 1, 10, 8)
    assert reading.latest() == release
    assert [n.kind for n in Notice.objects.order_by("pk")] == ["drill", "postponed", "resumed"]


def test_withdrawn_by_both(week: Any) -> None:
    from ellwand.office.approvals import postponing
    from ellwand.office.record import reading

    found = week.public()
    words = ("a grave error", "撤回", "Withdrawn")
    assert postponing.withdraw(found, "statistics", week.person("sta"), *words) is None
    assert found.state == "public"
    with pytest.raises(DataError, match="already"):
        postponing.withdraw(found, "statistics", week.person("sta"), *words)
    with pytest.raises(DataError, match="second factor"):
        postponing.withdraw(found, "text", week.person("tex", second_factor=False), *words)
    made = postponing.withdraw(found, "text", week.person("tex"), *words)
    assert found.state == "withdrawn" and made is not None
    assert reading.latest() is None and reading.figures() == []
    assert reading.release("price-2022-W01-1").withdrawal.en == "Withdrawn"


def test_the_licence_is_sealed_and_verifies(sqlite_week: Any) -> None:
    """Manifest and files name the licence as it was stated when the release was sealed; another one is found out."""
    import json

    import openpyxl

    from ellwand.office.editorial import metadata
    from ellwand.office.releases import verify_release
    from ellwand.office.releases.canonical import canonical

    week = sqlite_week
    metadata.state("licence", "署名许可", "Attribution licence", week.office.user("wen"))
    week.scheduled()
    folder = week.office.home.path / "archive" / "price-2022-W01-1"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["market"]["licence_zh"], manifest["market"]["licence_en"]) == ("署名许可", "Attribution licence")
    notes = {a.value: b.value for a, b in openpyxl.load_workbook(folder / "outputs" / "history.xlsx")["Notes"].rows}
    assert notes["licence"] == "署名许可 / Attribution licence"
    checked = verify_release(folder)
    assert checked.fault is None and checked.recomputed and checked.other_bytes == ()
    manifest["market"]["licence_en"] = "none"
    (folder / "manifest.json").chmod(0o644)
    (folder / "manifest.json").write_bytes(canonical(manifest))
    assert "signature" in str(verify_release(folder).fault)
