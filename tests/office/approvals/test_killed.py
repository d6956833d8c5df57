"""A process that is killed while it seals: the record and the archive agree afterwards, and sealing goes on."""

import subprocess
import sys
import time
from typing import Any

import pytest

from ellwand.office.releases import read_public, verify_archive

CODE = """
import sys
from ellwand.office import setup, clock
from datetime import datetime, UTC
setup.office()
from ellwand.office.accounts import people
from ellwand.office.approvals import ntp, scheduling
from ellwand.office.rounds import work
ntp.kernel = lambda: (0, 0)
print("begun", flush=True)
with clock.at(datetime(2022, 1, 9, 4, tzinfo=UTC)):
    scheduling.schedule(work.find(sys.argv[1]), people.find("cai"))
"""


@pytest.mark.parametrize("delay", [0.05, 0.4, 0.8, 1.2])
def test_killed_at_any_instant(week: Any, delay: float) -> None:
    from django.db import connections

    from ellwand.office.approvals import recover, scheduling
    from ellwand.office.record.models import Release

    found, office = week.approved(), week.office
    connections.close_all()
    with subprocess.Popen(
        [sys.executable, "-c", CODE, found.code], env=office.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as work:
        assert work.stdout is not None and work.stdout.readline().strip() == b"begun"
        time.sleep(delay)
        work.kill()
    recover.recover()
    rows = list(Release.objects.all())
    assert len(rows) == (1 if found.state == "scheduled" else 0)
    there = [p.name for p in office.home.archive.iterdir() if not p.name.startswith(".")]
    assert there == [r.folder for r in rows]
    assert not [p.name for p in office.home.archive.iterdir() if p.name.startswith(".price")]
    release = scheduling.schedule(found, office.user("cai"))
    assert found.state == "scheduled" and Release.objects.get() == release
    assert [c.fault for c in verify_archive(office.home.archive, [read_public(office.home.keys)])] == [None]
