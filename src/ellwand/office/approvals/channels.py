"""The test of the channels: whether everything is ready for the instant, and whether nothing shows before it."""

import os
import shutil
from dataclasses import dataclass

from ellwand.engine.errors import DataError
from ellwand.office import clock, releases, setup
from ellwand.office.approvals import aftermath, guards, ntp, seals
from ellwand.office.record import reading
from ellwand.office.releases.files import check_files
from ellwand.office.releases.manifest import FaultError
from ellwand.office.rounds.models import Round

ROOM = 200 << 20
"""Bytes that a release may need on the disk."""


@dataclass(frozen=True)
class Tested:
    """One thing that was tested. why : what is wrong, "" if it is well."""

    key: str
    why: str


def test(found: Round) -> list[Tested]:
    """All tests of a round's release, in the order in which they matter."""
    out = [
        Tested("calendar", _calendar(found)),
        Tested("clock", ntp.fault() or ""),
        Tested("key", _key()),
        Tested("disk", _disk()),
    ]
    last = seals.last_release(found)
    if last is not None:
        out += [
            Tested("sealed", guards.sealed(found, None, "") or ""),
            Tested("files", _files(found)),
            Tested("hashes", guards.hashes(found, None, "") or ""),
            Tested("gate", _gate(found)),
        ]
    return out


def told(found: Round) -> dict[str, int]:
    """How many were told of a round's release, by channel; every channel that there is."""
    out = dict.fromkeys(aftermath.CHANNELS, 0)
    last = seals.last_release(found)
    for channel in last.told.values_list("channel", flat=True) if last else []:
        out[channel] = out.get(channel, 0) + 1
    return out


def _calendar(found: Round) -> str:
    issue = found.issue
    if issue is None or issue.skipped:
        return f"{found.period} has no instant in the calendar"
    return ""


def _key() -> str:
    try:
        releases.read_private(setup.current().keys)
    except (DataError, OSError) as error:
        return str(error)
    return ""


def _disk() -> str:
    archive = setup.current().archive
    if not archive.is_dir() or not os.access(archive, os.W_OK):
        return "the archive can't be written to"
    free = shutil.disk_usage(archive).free
    return "" if free >= ROOM else f"{free >> 20} MiB are free on the disk of the archive; make room"


def _files(found: Round) -> str:
    last = seals.last_release(found)
    if last is None:
        return "the release is not sealed"
    try:
        folder = reading.folder(last)
        check_files(folder, reading.manifest(last))
    except (FaultError, DataError) as error:
        return str(error)
    return ""


def _gate(found: Round) -> str:
    """Before the instant no reader sees the release, and afterwards every one does."""
    last = seals.last_release(found)
    if last is None:
        return "the release is not sealed"
    due = last.release_at <= clock.now()
    try:
        seen = reading.release(last.code).pk == last.pk
    except DataError:
        seen = False
    if seen == due:
        return ""
    return "the release shows before its instant" if seen else "the release does not show although its instant has come"
