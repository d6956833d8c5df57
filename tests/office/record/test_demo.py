"""The demo: an office with released weeks that verify, and an open round; a small one here."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the office's packages are not installed")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        made = make(tmp_path_factory.mktemp("demo") / "office", count=3, items=80, units=40, version="test")
        yield made
        setup.disconnect("default")


def test_every_week_is_public_and_verifies(demo: Any) -> None:
    from ellwand.office import releases
    from ellwand.office.record import reading

    found = reading.public()
    assert [r.period for r in found] == list(demo.released)
    checked = list(releases.verify_archive(Path(demo.folder) / "archive", [], lambda done, total, what: None))
    assert [c.fault for c in checked] == [None] * 3


def test_who_approved_did_none_of_the_work(demo: Any) -> None:
    from ellwand.office.approvals.models import Approval
    from ellwand.office.rounds import providers

    rows = list(Approval.objects.select_related("round"))
    assert len(rows) == 6
    for row in rows:
        work = providers.work_of(row.round)
        assert row.by_id not in work.compiled | work.edited | work.reviewed | work.wrote


def test_the_trail_is_whole(demo: Any) -> None:
    from ellwand.office.audit import trail

    assert trail.verify()[2] is None


def test_the_open_round_waits(demo: Any) -> None:
    assert demo.open.state in ("collecting", "closed")
    assert demo.open.quotes.count() > 0
    assert demo.open.issue.number > 1


def test_accounts_are_for_their_owner_only(demo: Any) -> None:
    from ellwand.office.demo import people

    path = Path(demo.folder) / people.FILE
    assert path.stat().st_mode & 0o077 == 0
    text = path.read_text(encoding="utf-8")
    for account in demo.accounts.values():
        assert account.password in text
        assert account.user.check_password(account.password)
    assert all(demo.accounts[name].codes for name in (people.CLERK, people.STATISTICS, people.TEXTS))


def test_wrong_words(tmp_path: Path) -> None:
    from ellwand.engine.errors import DataError
    from ellwand.office.demo.make import make

    with pytest.raises(DataError, match="2 or more"):
        make(tmp_path / "x", count=1)


def test_its_weeks_leave_nothing_to_the_worker(demo: Any) -> None:
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.approvals.models import Lateness

    assert not DBTaskResult.objects.filter(status="READY").exists()
    assert list(Lateness.objects.values_list("seconds", flat=True)) == [0] * len(demo.released)
