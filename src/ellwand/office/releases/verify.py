"""Checking releases: the files, the hashes, the signature, the chain, and the figures from the inputs anew."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ellwand.engine.errors import DataError
from ellwand.office.releases.archive import Release, link_fault, read_release, release_folders
from ellwand.office.releases.build import HISTORY, ISSUE, LIST, MADE, Progress, kept
from ellwand.office.releases.canonical import digest, digest_file
from ellwand.office.releases.figures import COLUMNS, Row, keyed
from ellwand.office.releases.files import check_files
from ellwand.office.releases.keys import LARGEST, is_signed, key_id, parse_public
from ellwand.office.releases.manifest import (
    METHOD,
    NAME,
    PUBLIC_KEY,
    FaultError,
    Known,
    Manifest,
    NoReleaseError,
    read_manifest,
    stat_hash,
    text_hash,
)
from ellwand.office.releases.recompute import Lines, read_rows, recompute, seal_of
from ellwand.office.releases.tables import RELEASES, read_csv, read_observations, sealed
from ellwand.office.releases.texts import bound_faults

NEEDED = (*MADE, METHOD)


@dataclass(frozen=True)
class Checked:
    """What was found of one release.

    fault : the first file or value at fault, None if all is well. files : files that were checked. key_id : of the key
    that signed, None for none; trusted : whether it was given by the reader. linked : the release before it, None for
    the first; found : whether that one was at hand. recomputed : observations that were recomputed, None for a public
    copy. other_bytes : files whose bytes came out otherwise though their figures are equal; history.csv where the
    figures themselves are equal to nine digits only.
    """

    name: str
    fault: FaultError | None = None
    files: int = 0
    key_id: str | None = None
    trusted: bool = False
    linked: str | None = None
    found: bool = False
    recomputed: int | None = None
    other_bytes: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """One line for the reader."""
        if self.fault is not None:
            return f"{self.name}: FAILED: {self.fault}"
        signed = "not signed"
        if self.key_id is not None:
            signed = f"signed by {self.key_id[:16]}" + (
                "" if self.trusted else " (a key that nobody vouched for: --key)"
            )
        link = "first of its chain"
        if self.linked is not None:
            link = f"follows {self.linked}" + ("" if self.found else " (not at hand)")
        told = "public copy, nothing to recompute"
        if self.recomputed is not None:
            told = f"{self.recomputed:,} observations recomputed"
            other = f"equal figures in other bytes: {', '.join(self.other_bytes)}"
            told += f", {other if self.other_bytes else 'equal bytes'}"
        return f"{self.name}: {self.files} files, {signed}, {link}, {told}"


@dataclass
class Seen:
    """What was read and computed of the releases before: manifests, observations by line, the line of quotes."""

    manifests: Known = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    lines: Lines = field(default_factory=Lines)

    def history(self, folder: Path, path: str = HISTORY) -> list[Row]:
        """The observations of a file of a release."""
        return read_rows(folder, path, lambda p: read_observations(p, self.rows))


def verify_release(
    folder: str | Path,
    keys: Sequence[Ed25519PublicKey] = (),
    others: Sequence[Release] | None = None,
    progress: Progress | None = None,
) -> Checked:
    """Check one release; the first fault is in the result.

    keys : public keys that the reader trusts; a release that none of them signed is at fault. others : releases that
    may be the one before it; None: those beside the folder, where the one before it may be absent.
    NoReleaseError for a folder that is no release.
    """
    place = Path(folder)
    try:
        release = Release(place, *read_manifest(place))
    except FaultError as fault:
        return Checked(place.name, fault)
    name = release.manifest.release
    try:
        return _checked(release, keys, others, progress, Seen())
    except FaultError as fault:
        return Checked(name, fault)


def verify_archive(
    parent: str | Path, keys: Sequence[Ed25519PublicKey] = (), progress: Progress | None = None
) -> Iterator[Checked]:
    """Check every release of an archive and the chain of each family, one after the other.

    Each is recomputed from its own inputs. Where they go on from those of the release checked before (see `Lines`),
    so does the line of quotes; indices, weights and intervals are computed anew for each.
    progress : is told how many releases are checked. NoReleaseError for a folder without releases.
    """
    readable: list[Release] = []
    seen = Seen()
    for folder in release_folders(parent):
        try:
            readable.append(read_release(folder, seen.manifests))
        except FaultError as fault:
            yield Checked(folder.name, fault)
    order = sorted(readable, key=lambda r: (r.manifest.family, r.manifest.at, r.manifest.release))
    for done, release in enumerate(order, start=1):
        try:
            checked = _checked(release, keys, readable, None, seen)
        except FaultError as fault:
            checked = Checked(release.manifest.release, fault)
        if progress:
            progress(done, len(order), "releases")
        yield checked


def _checked(
    release: Release,
    keys: Sequence[Ed25519PublicKey],
    others: Sequence[Release] | None,
    progress: Progress | None,
    seen: Seen,
) -> Checked:
    folder, m = release.folder, release.manifest
    for path in NEEDED:
        if path not in {f.path for f in m.files}:
            raise FaultError(NAME, f"field files: lists no {path}")
    trusted = _check_signature(folder, m, keys)
    whole = check_files(folder, m)
    rows = _check_hashes(folder, m, seen)
    _check_texts(folder, m)
    before, found = _check_link(release, others)
    if before is not None:
        _check_carried(folder, before, m, rows, seen)
    out = Checked(
        name=m.release,
        files=sum(whole or f.public for f in m.files) + 1,
        key_id=m.key_id,
        trusted=trusted,
        linked=m.previous,
        found=found,
    )
    with tempfile.TemporaryDirectory(prefix="ellwand-verify-") as work:
        count, other = recompute(folder, m, rows, whole, Path(work), progress, seen.lines)
    return replace(out, recomputed=count, other_bytes=other)


def _check_signature(folder: Path, m: Manifest, keys: Sequence[Ed25519PublicKey]) -> bool:
    """Check the signature by a trusted key, else by the one in the folder; whether the key was a trusted one."""
    if m.key_id is None or m.signature is None:
        if keys:
            raise FaultError(NAME, "is not signed, and a key was given")
        return False
    trusted = {key_id(k): k for k in keys}
    if keys and m.key_id not in trusted:
        raise FaultError(NAME, f"is signed by the key {m.key_id}, not by {' or '.join(trusted)}")
    key = trusted.get(m.key_id) or _key_of(folder, m)
    if not is_signed(key, m.signature, m.signed_bytes()):
        raise FaultError(NAME, "was altered: the signature is not of this content")
    return m.key_id in trusted


def _key_of(folder: Path, m: Manifest) -> Ed25519PublicKey:
    path = folder / PUBLIC_KEY
    if path.is_symlink() or not path.is_file():
        raise FaultError(PUBLIC_KEY, "is missing, or no plain file")
    data = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    listed = next(f for f in m.files if f.path == PUBLIC_KEY)
    if digest(data) != listed.sha256:
        raise FaultError(PUBLIC_KEY, f"was altered: SHA-256 {digest(data)}; the manifest says {listed.sha256}")
    try:
        key = parse_public(data, PUBLIC_KEY)
    except DataError as error:
        raise FaultError(PUBLIC_KEY, str(error)) from error
    if key_id(key) != m.key_id:
        raise FaultError(NAME, f"field key_id is {m.key_id}; the key in the folder is {key_id(key)}")
    return key


def _check_hashes(folder: Path, m: Manifest, seen: Seen) -> list[Row]:
    """Compute both hashes from the files; the observations."""
    rows = seen.history(folder)
    try:
        keyed(rows, HISTORY)
    except DataError as error:
        raise FaultError(HISTORY, str(error)) from error
    if (stat := stat_hash(m.family, m.period, m.versions, m.inputs, sealed(rows))) != m.stat_hash:
        raise FaultError(
            HISTORY, f"its observations, with the versions, make stat_hash {stat}; the manifest says {m.stat_hash}"
        )
    if (text := text_hash(m.stat_hash, m.files)) != m.text_hash:
        raise FaultError(NAME, f"field text_hash is {m.text_hash}; texts, quality and list of files make {text}")
    issue = [row for row in rows if row["period"] == m.period]
    shown = seen.history(folder, ISSUE)
    for one, other in zip(shown, issue, strict=False):
        if one != other:
            raise FaultError(ISSUE, f"{one['series']} {one['period']}: is not the observation of {HISTORY}")
    if len(shown) != len(issue) or not issue:
        raise FaultError(ISSUE, f"does not hold the {len(issue)} observations of {m.period}")
    for row in issue:
        if row["release"] != m.release:
            raise FaultError(ISSUE, f"{row['series']} {row['period']}: is of {row['release']}, not of {m.release}")
    return rows


def _check_texts(folder: Path, m: Manifest) -> None:
    """Bound texts must be of their language and period, and of the Markdown beside them."""
    paths = [f.path for f in m.files if f.path.startswith("texts/")]
    texts = {p.removeprefix("texts/"): (folder / p).read_bytes() for p in paths}
    for name, why in bound_faults(texts, m.period).items():
        raise FaultError(f"texts/{name}", why)


def _check_link(release: Release, others: Sequence[Release] | None) -> tuple[Release | None, bool]:
    """The release before this one, and whether it is at hand. FaultError for a chain that does not hold."""
    m = release.manifest
    if others is None:
        beside = [_beside(release, m.previous)] if m.previous is not None else []
        found = [r for r in beside if r is not None]
        if not found:
            return None, False
    else:
        found = list(others)
    if fault := link_fault(release, found):
        raise fault
    before = next((r for r in found if r.digest == m.previous_manifest), None)
    return before, before is not None


def _beside(release: Release, name: str | None) -> Release | None:
    folder = release.folder.resolve().parent / str(name)
    try:
        return Release(folder, *read_manifest(folder))
    except NoReleaseError:
        return None
    except FaultError as fault:
        raise FaultError(f"{name}/{fault.what}", fault.why) from fault


def _check_carried(folder: Path, before: Release, m: Manifest, rows: list[Row], seen: Seen) -> None:
    """Observations of earlier releases must be as those published them, and all of them."""
    path = f"{before.manifest.release}/{HISTORY}"
    for name in (HISTORY, LIST):
        stated = next((f.sha256 for f in before.manifest.files if f.path == name), None)
        there = before.folder / name
        if there.is_symlink() or not there.is_file() or digest_file(there) != stated:
            raise FaultError(f"{before.manifest.release}/{name}", f"is not as sealed, and {m.release} follows it")
    earlier = kept(seen.history(before.folder), seal_of(m))
    now = keyed(rows, HISTORY)
    for k, row in earlier.items():
        if k not in now:
            raise FaultError(HISTORY, f"{k[0]} {k[1]}: is missing; it was published by {row['release']}")
        if now[k] is not row and now[k] != row:
            name = next(c for c in COLUMNS if now[k][c] != row[c])
            raise FaultError(HISTORY, f"{k[0]} {k[1]}, {name}: {now[k][name]}; {path} has {row[name]}")
    for k, row in now.items():
        if row["release"] != m.release and k not in earlier:
            raise FaultError(
                HISTORY, f"{k[0]} {k[1]}: is said to be of {row['release']}, but {path} has no such observation"
            )
    listed = read_rows(folder, LIST, lambda p: read_csv(p, RELEASES))
    if listed[:-1] != read_rows(before.folder, LIST, lambda p: read_csv(p, RELEASES)):
        raise FaultError(LIST, f"is not the list of {before.manifest.release} with one release more")
