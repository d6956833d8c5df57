"""The restore drill (rule 50): a backup restored into an empty folder gives equal manifests and the same chain."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import backup as backups
from ellwand.office import clock, setup
from ellwand.office import home as homes
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.cases.models import Drill
from ellwand.office.releases.canonical import digest_file

RESTORE = "restore"
LIMIT = 3600
"""Seconds that a restoration may take."""
DUE = timedelta(days=92)
"""Age of the last drill at which the next one is due."""


def restore_drill(by: User) -> Drill:
    """Make a backup, restore it into an empty folder by a process of its own, compare, and keep what was found.

    The restored record is an SQLite file, whatever database the office uses.
    """
    role = people.require(by, "users.change")
    home = setup.current()
    started = clock.now()
    with tempfile.TemporaryDirectory(prefix="ellwand-drill-") as name:
        folder = Path(name)
        kept = backups.backup(home, folder / "office.zip")
        before = manifests(home.archive)
        told = _restored(folder / "office.zip", folder / "restored")
        after = manifests(folder / "restored" / homes.ARCHIVE)
        head = _head(folder / "restored" / homes.RECORD) if not told else (0, "")
    faults = [told] if told else differences(before, after)
    if not told and head != (kept.entries, kept.head):
        faults.append(f"the chain ends with {head[0]}:{head[1][:16]}, not {kept.entries}:{kept.head[:16]}")
    found: dict[str, Any] = {
        "entries": kept.entries, "head": kept.head, "manifests": len(before), "parts": kept.parts, "faults": faults,
        "seconds": round((clock.now() - started).total_seconds()),
    }  # fmt: skip
    with transaction.atomic():
        made = Drill(kind=RESTORE, by=by, at=clock.now(), passed=not faults, found=found)
        made.save()
        trail.append(by, "drill.restore", f"drill/{made.pk}", role=role, after={"passed": not faults, **found})
    return made


def last(kind: str = RESTORE) -> Drill | None:
    """The last drill of a kind that passed."""
    return Drill.objects.filter(kind=kind, passed=True).order_by("-pk").first()


def age(kind: str = RESTORE) -> timedelta | None:
    """How long ago the last drill of a kind passed; None if none ever did. Public."""
    found = last(kind)
    return None if found is None else clock.now() - found.at


def manifests(archive: Path) -> dict[str, str]:
    """SHA-256 of the manifest of every release of an archive, by its folder."""
    return {p.parent.relative_to(archive).as_posix(): digest_file(p) for p in sorted(archive.rglob("manifest.json"))}


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What two archives do not share, in words."""
    out = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            how = "is missing" if name not in after else "is new" if name not in before else "differs"
            out.append(f"release {name}: its manifest {how}")
    return out


def _restored(file: Path, target: Path) -> str:
    """Restore a backup in a process of its own; what went wrong, empty if nothing did."""
    environment = {k: v for k, v in os.environ.items() if k not in (homes.DATABASE, homes.FOLDER)}
    command = [sys.executable, "-m", "ellwand.cli", "restore", str(file), "--dir", str(target)]
    try:
        done = subprocess.run(  # noqa: S603
            command, env=environment, capture_output=True, text=True, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return f"the restoration took more than {LIMIT} seconds"
    return "" if done.returncode == 0 else " ".join(done.stderr.split()) or f"ended with {done.returncode}"


def _head(record: Path) -> tuple[int, str]:
    """Number and hash of the last entry of a record's trail, read without the program that wrote it."""
    connection = sqlite3.connect(f"{record.as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT sequence, hash FROM audit_entry ORDER BY sequence DESC LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise DataError(f"the restored record can't be read: {error}") from error
    finally:
        connection.close()
    return (int(row[0]), str(row[1])) if row else (0, "")


def as_text(made: Drill) -> str:
    """A drill in words."""
    found = made.found
    lines = [
        f"restore drill: {'passed' if made.passed else 'FAILED'} in {found['seconds']} s",
        f"  {found['parts']} parts, {found['manifests']} manifests, {found['entries']} entries of the trail",
    ]
    return "\n".join([*lines, *(f"  {json.dumps(f, ensure_ascii=False)}" for f in found["faults"])])
