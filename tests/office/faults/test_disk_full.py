"""A disk that is full while a release is sealed: nothing by halves, a plain word, and it goes on once there is room."""

import subprocess
import sys
from typing import Any

import pytest

CODE = """
import resource, signal, sys
from datetime import UTC, datetime
from ellwand.office import clock, setup
setup.office()
from ellwand.engine.errors import DataError
from ellwand.office.accounts import people
from ellwand.office.approvals import ntp, tasks
from ellwand.office.approvals.models import SealingRun
from ellwand.office.rounds import work
ntp.kernel = lambda: (0, 0)
with clock.at(datetime(2022, 1, 9, 4, tzinfo=UTC)):
    found, by = work.find(sys.argv[1]), people.find("cai")
    run = SealingRun(round=found, step="waiting", by=by, at=clock.now())
    run.save()
    # No file of this process may grow beyond this: the first larger one of the release meets a full disk.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    from ellwand.office import releases
    whole = releases.seal
    def full(*given, **more):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), limit[1]))
        try:
            return whole(*given, **more)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    releases.seal = full
    print(tasks.carry_out(run))
"""


@pytest.mark.parametrize("room", [0, 1_000, 20_000, 60_000])
def test_sealing_on_a_full_disk(week: Any, room: int) -> None:
    from django.db import connections

    from ellwand.office.approvals import scheduling
    from ellwand.office.approvals.models import SealingRun
    from ellwand.office.audit import trail
    from ellwand.office.record.models import Release
    from ellwand.office.releases import read_public, verify_archive

    found, office = week.approved(), week.office
    connections.close_all()
    done = subprocess.run(
        [sys.executable, "-c", CODE, found.code, str(room)], env=office.environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert "make room on the disk" in done.stdout, done.stdout + done.stderr
    assert found.state == "text_approved" and not Release.objects.exists()
    assert not [p.name for p in office.home.archive.iterdir() if p.name != ".lock"]
    run = SealingRun.objects.get()
    assert run.step == "failed" and run.ended_at is not None and "make room" in run.error
    assert trail.verify()[2] is None
    release = scheduling.schedule(found, office.user("cai"))
    assert found.state == "scheduled" and Release.objects.get() == release
    assert [c.fault for c in verify_archive(office.home.archive, [read_public(office.home.keys)])] == [None]
