"""Sealed folders and their rows: breaking a seal before its instant, and putting the archive in order after a fall.

A release is public by its row and its instant. So a folder without a row is of no effect; it is set aside by name. The
folder of a broken seal is set aside too, and never deleted.
"""

import shutil
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office import clock, setup
from ellwand.office.accounts.models import User
from ellwand.office.approvals.archive_lock import locked
from ellwand.office.audit import trail
from ellwand.office.record.models import Broken, Release
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME
from ellwand.office.rounds.models import Round

ASIDE = ".aside"
"""Folder of the archive that holds what was set aside; readers of the archive pass hidden folders over."""


def last_release(found: Round) -> Release | None:
    """The last release of a round whose seal stands, public or not."""
    return Release.objects.all().standing().filter(compilation__round=found).order_by("-number", "-seal").first()


def break_seal(found: Round, by: User | None, reason: str) -> Release | None:
    """Break the seal of a round's release before its instant, inside a transaction; the release, None without one.

    DataError for one that is public already, or that a later release follows in the chain.
    """
    last = last_release(found)
    if last is None:
        return None
    if last.release_at <= clock.now() and last.sealed_at <= clock.now():
        raise DataError(f"release {last.code}: is public since {last.release_at.isoformat()}; withdraw or correct it")
    later = Release.objects.all().standing().filter(family=last.family, pk__gt=last.pk).order_by("pk").first()
    if later is not None:
        raise DataError(f"release {last.code}: {later.code} is sealed after it; take that one back first")
    Broken(release=last, reason=reason, by=by, at=clock.now()).save()
    trail.append(by, "release.break", f"release/{last.code}", before={"manifest": last.manifest}, reason=reason)
    return last


def tidy() -> list[str]:
    """Put the archive in order: what has no standing row is set aside. The names of what was moved.

    Call it while the archive is held. Work folders of preparations that died are taken away: they were never sealed.
    """
    archive = setup.current().archive
    if not archive.is_dir():
        return []
    standing = dict(Release.objects.all().standing().values_list("folder", "manifest"))
    moved = []
    for folder in sorted(archive.iterdir()):
        if folder.name == ASIDE or folder.is_symlink() or not folder.is_dir():
            continue
        if folder.name.startswith("."):
            shutil.rmtree(folder, ignore_errors=True)
        elif standing.get(folder.name) != _digest(folder):
            if folder.name in standing:
                # A release whose manifest was altered is for `ellwand verify` to name, not to be put out of sight.
                continue
            moved.append(_set_aside(archive, folder))
    return moved


def tidy_quietly() -> None:
    """The same where somebody else may hold the archive: who holds it puts it in order himself."""
    try:
        with locked(patience=0):
            tidy()
    except DataError:
        return


def _digest(folder: Path) -> str:
    manifest = folder / NAME
    return digest_file(manifest) if manifest.is_file() else ""


def _set_aside(archive: Path, folder: Path) -> str:
    aside = archive / ASIDE
    aside.mkdir(exist_ok=True)
    name = f"{folder.name}.{(_digest(folder) or 'nothing')[:16]}"
    target, n = aside / name, 1
    while target.exists():
        n += 1
        target = aside / f"{name}.{n}"
    folder.rename(target)
    return target.name
