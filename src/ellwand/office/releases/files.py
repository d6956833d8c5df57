"""The files of a release folder: listing them, checking them against the manifest, and making them last."""

import os
import stat
from pathlib import Path

from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME, Entry, FaultError, Manifest


def entries(folder: Path) -> tuple[Entry, ...]:
    """All files below a folder with size and SHA-256, in the order of their paths; inputs are not public."""
    found = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return tuple(
        Entry(p, (folder / p).stat().st_size, digest_file(folder / p), not p.startswith("inputs/")) for p in found
    )


def check_files(folder: Path, manifest: Manifest) -> bool:
    """Check every file of the list: none missing, none added, size and SHA-256.

    Returns whether all files are there; False for a public copy, which has no inputs at all. FaultError names the first
    file that is wrong. Nothing is read through a link, and no file beyond its listed size.
    """
    listed = {f.path: f for f in manifest.files}
    folders = {p[:i] for p in listed for i, sign in enumerate(p) if sign == "/"}
    there: dict[str, os.stat_result] = {}
    _walk(folder, "", set(listed), folders, there)
    private = [f.path for f in manifest.files if not f.public]
    whole = any(p in there for p in private) or (folder / "inputs").exists() or not private
    for entry in manifest.files:
        if not whole and not entry.public:
            continue
        if entry.path not in there:
            raise FaultError(entry.path, "is missing")
        size = there[entry.path].st_size
        if size != entry.bytes:
            raise FaultError(entry.path, f"has {size:,} bytes; the manifest says {entry.bytes:,}")
        if (found := digest_file(folder / entry.path)) != entry.sha256:
            raise FaultError(entry.path, f"was altered: SHA-256 {found}; the manifest says {entry.sha256}")
    return whole


def _walk(folder: Path, below: str, files: set[str], folders: set[str], there: dict[str, os.stat_result]) -> None:
    """Collect the files; the first that is not listed, or is no plain file, is a FaultError, so the walk is bounded."""
    with os.scandir(folder / below if below else folder) as found:
        for item in sorted(found, key=lambda e: e.name):
            path = f"{below}/{item.name}" if below else item.name
            if path == NAME:
                continue
            state = item.stat(follow_symlinks=False)
            if stat.S_ISLNK(state.st_mode):
                raise FaultError(path, "is a link; a release holds plain files only")
            if stat.S_ISDIR(state.st_mode):
                if path not in folders:
                    raise FaultError(path, "is a folder that the manifest does not list")
                _walk(folder, path, files, folders, there)
            elif not stat.S_ISREG(state.st_mode):
                raise FaultError(path, "is no plain file")
            elif path not in files:
                raise FaultError(path, "is not in the manifest")
            else:
                there[path] = state


def keep(folder: Path) -> None:
    """Have the disk confirm every file and folder below, so that a rename afterwards reveals all or nothing."""
    for path in (folder, *folder.rglob("*")):
        confirm(path)


def confirm(path: Path) -> None:
    """Have the disk confirm one file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
