"""An archive: a folder of release folders, each chained to the one before it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office.releases.manifest import NAME, FaultError, Known, Manifest, NoReleaseError, read_manifest


@dataclass(frozen=True)
class Release:
    """A release in an archive: its folder, its manifest, and the SHA-256 of the manifest file."""

    folder: Path
    manifest: Manifest
    digest: str


def release_folders(parent: str | Path) -> list[Path]:
    """The folders of an archive by name; hidden ones are releases that were never finished. DataError if none."""
    place = Path(parent)
    if not place.is_dir():
        raise NoReleaseError(f"{parent}: no such folder; give the folder that holds the releases")
    found = sorted(p for p in place.iterdir() if not p.name.startswith(".") and (p.is_dir() or p.is_symlink()))
    if not any((p / NAME).exists() for p in found):
        raise NoReleaseError(f"{parent}: holds no release; give the folder that holds the releases")
    return found


def read_release(folder: Path, known: Known | None = None) -> Release:
    """A release of an archive. FaultError also for a folder that has lost its manifest.

    known : manifests that were read before; this one is added.
    """
    if folder.is_symlink():
        raise FaultError(folder.name, "is a link; an archive holds folders only")
    try:
        return Release(folder, *read_manifest(folder, known))
    except NoReleaseError as error:
        raise FaultError(NAME, "is missing") from error


def read_archive(parent: str | Path, known: Known | None = None) -> list[Release]:
    """All releases of an archive in the order of their instants. DataError for one that cannot be read."""
    out = []
    for folder in release_folders(parent):
        try:
            out.append(read_release(folder, known))
        except FaultError as fault:
            raise DataError(f"{folder.name}: {fault}; `ellwand verify --all` says more") from fault
    return sorted(out, key=lambda r: (r.manifest.family, r.manifest.at, r.manifest.release))


def newest(parent: str | Path, family: str, known: Known | None = None) -> Release | None:
    """The last release of a family's chain, None if the archive has none. DataError where the chain has two ends."""
    try:
        found = [r for r in read_archive(parent, known) if r.manifest.family == family]
    except NoReleaseError:
        return None
    followed = {r.manifest.previous_manifest for r in found}
    ends = [r for r in found if r.digest not in followed]
    if len(ends) > 1:
        names = ", ".join(r.manifest.release for r in ends)
        raise DataError(f"the chain of {family} has {len(ends)} ends: {names}; a release is missing or was replaced")
    return ends[0] if ends else None


def link_fault(release: Release, others: Sequence[Release]) -> FaultError | None:
    """What is wrong with the link of a release to the one before it, given the others at hand; None if nothing."""
    m = release.manifest
    family = [r for r in others if r.manifest.family == m.family and r.folder != release.folder]
    if twin := next((r for r in family if r.manifest.release == m.release), None):
        return FaultError(m.release, f"stands twice, in {release.folder.name} and {twin.folder.name}")
    if m.previous_manifest is None:
        if rival := next((r for r in family if r.manifest.previous is None), None):
            return FaultError(
                m.release, f"begins a chain, and so does {rival.manifest.release}; a family has one chain"
            )
        return None
    if rival := next((r for r in family if r.manifest.previous_manifest == m.previous_manifest), None):
        return FaultError(m.release, f"follows {m.previous}, and so does {rival.manifest.release}")
    before = next((r for r in family if r.manifest.release == m.previous), None)
    if before is None:
        return FaultError(str(m.previous), f"is missing: {m.release} follows it")
    if before.digest != m.previous_manifest:
        return FaultError(
            f"{m.previous}/{NAME}",
            f"is not the one that {m.release} follows: SHA-256 {before.digest}, not {m.previous_manifest}",
        )
    return order_fault(m, before.manifest)


def order_fault(m: Manifest, before: Manifest) -> FaultError | None:
    """What is wrong with the order of two releases of a family; None if nothing."""
    # ISO texts of one form sort as instants do.
    if m.at < before.at:
        return FaultError(m.release, f"is of {m.at}, before {before.release} of {before.at}, which it follows")
    if m.period == before.period and m.number != before.number + 1:
        return FaultError(m.release, f"has number {m.number}; after {before.release} comes number {before.number + 1}")
    if m.period != before.period and m.number != 1:
        return FaultError(m.release, f"has number {m.number}; the first release of a period has number 1")
    return None


def listed_text(releases: Sequence[Release]) -> str:
    """A line for each release: name, instant, files, who signed, what it follows."""
    lines = []
    for r in releases:
        m = r.manifest
        signed = f"signed {m.key_id[:16]}" if m.key_id else "not signed"
        lines.append(f"{m.release}  {m.at}  {len(m.files) + 1} files  {signed}  {m.previous or '-'}")
    return "\n".join(lines)


def listed_json(releases: Sequence[Release]) -> str:
    """The same as a JSON list, with all hashes."""
    content = [
        {
            "release": r.manifest.release,
            "folder": r.folder.name,
            "family": r.manifest.family,
            "period": r.manifest.period,
            "number": r.manifest.number,
            "at": r.manifest.at,
            "simulated": r.manifest.simulated,
            "manifest_sha256": r.digest,
            "stat_hash": r.manifest.stat_hash,
            "text_hash": r.manifest.text_hash,
            "key_id": r.manifest.key_id,
            "previous": r.manifest.previous,
            "revised_from": r.manifest.revised_from,
            "files": len(r.manifest.files) + 1,
            "bytes": sum(f.bytes for f in r.manifest.files),
        }
        for r in releases
    ]
    return json.dumps(content, ensure_ascii=False, indent=2)
