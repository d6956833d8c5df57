"""Making a release: everything is written beside its place, checked, confirmed by the disk, and then moved there."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.releases.archive import Release, newest, order_fault, read_release
from ellwand.office.releases.build import (
    HISTORY,
    LIST,
    Progress,
    Seal,
    computed,
    heading_of,
    issued,
    kept,
    release_row,
    versions,
    write_outputs,
    write_reports,
    writers,
)
from ellwand.office.releases.canonical import write_instant
from ellwand.office.releases.compare import first_difference
from ellwand.office.releases.figures import Key, Row, joined, key, rows_of
from ellwand.office.releases.files import check_files, confirm, entries, keep
from ellwand.office.releases.keys import key_id, public_text, sign
from ellwand.office.releases.manifest import (
    METHOD,
    NAME,
    PUBLIC_KEY,
    Approval,
    FaultError,
    Manifest,
    parse_manifest,
    release_id,
    stat_hash,
    text_hash,
)
from ellwand.office.releases.snapshot import snapshot_digest, write_snapshot
from ellwand.office.releases.tables import RELEASES, read_csv, read_observations, sealed
from ellwand.production.method import MethodFile

TEXT = re.compile(r"[\w-]+\.(zh|en)\.[a-z0-9]+")
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Before:
    """What a release takes over from the one before it."""

    release: Release | None = None
    rows: tuple[Row, ...] = ()
    releases: tuple[Row, ...] = ()


def pack(
    directory: str | Path,
    archive: str | Path,
    method: MethodFile,
    *,
    period: str,
    at: datetime,
    number: int = 1,
    family: str = "price",
    previous: str | Path | None = None,
    key: Ed25519PrivateKey | None = None,
    texts: str | Path | None = None,
    revised_from: str | None = None,
    audit_head: str | None = None,
    approvals: Sequence[Approval] = (),
    version: str = "",
    progress: Progress | None = None,
) -> Path:
    """Make the release of one issue from a market's folder, and return its folder in the archive.

    at : the instant from which it is public. number : 1, or one more than the release that it corrects. previous : the
    folder of the release before it, None for the first of the family. key : signs the manifest. texts : folder of
    texts, each in both languages (price.zh.md, price.en.md). revised_from : first period whose published figures may
    change. audit_head : SHA-256 of the head of the audit chain. version : of the program, recorded.

    Equal arguments give equal bytes. DataError names what is wrong; the archive then is as it was before. A figure
    that was published and that today's inputs do not give is refused, unless `revised_from` covers it.
    """
    seal = Seal(
        release=release_id(family, period, number),
        family=family,
        period=period,
        number=number,
        at=write_instant(at),
        revised_from=revised_from,
        previous=None,
        version=version,
    )
    if revised_from is not None and natural_key(revised_from) > natural_key(period):
        raise DataError(f"revised from {revised_from}: lies after the period {period}")
    place = Path(archive)
    target = place / seal.release
    if target.exists() or target.is_symlink():
        raise DataError(f"{target}: is there already, and a release never changes; a correction has the next number")
    before = _before(place, seal, previous)
    if before.release is not None:
        seal = replace(seal, previous=before.release.manifest.release)
    place.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{seal.release}.", dir=place))
    try:
        _fill(work, directory, method, seal, before, key, texts, audit_head, tuple(approvals), progress)
        work.chmod(0o755)
        keep(work)
        work.rename(target)
        confirm(place)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return target


def _before(archive: Path, seal: Seal, previous: str | Path | None) -> Before:
    """The release before this one, checked. DataError if it is not the end of the chain, or not as it was sealed."""
    end = newest(archive, seal.family) if archive.is_dir() else None
    if previous is None:
        if end is not None:
            raise DataError(
                f"the archive has releases of {seal.family}, the last {end.manifest.release}; give it as the previous"
            )
        return Before()
    folder = Path(previous)
    try:
        found = read_release(folder)
        check_files(folder, found.manifest)
    except FaultError as fault:
        raise DataError(f"previous release {folder.name}: {fault}") from fault
    m = found.manifest
    if end is not None and end.digest != found.digest:
        raise DataError(f"previous {m.release}: the chain of {seal.family} ends with {end.manifest.release}")
    if m.family != seal.family:
        raise DataError(f"previous {m.release}: is of the family {m.family}, not {seal.family}")
    if natural_key(seal.period) < natural_key(m.period):
        raise DataError(
            f"period {seal.period}: lies before {m.release}; to correct an older issue, release {m.period} number "
            f"{m.number + 1} with --revised-from {seal.period}"
        )
    this = replace(m, release=seal.release, period=seal.period, number=seal.number, at=seal.at)
    if fault_ := order_fault(this, m):
        raise DataError(str(fault_))
    return Before(found, tuple(read_observations(folder / HISTORY)), tuple(read_csv(folder / LIST, RELEASES)))


def _fill(
    work: Path,
    directory: str | Path,
    method: MethodFile,
    seal: Seal,
    before: Before,
    private: Ed25519PrivateKey | None,
    texts: str | Path | None,
    audit_head: str | None,
    approvals: tuple[Approval, ...],
    progress: Progress | None,
) -> None:
    """Write all files of the release, and check them as a reader would."""
    inputs = work / "inputs"
    known = write_snapshot(directory, inputs, method, seal.period)
    (work / METHOD).write_text(method.text, encoding="utf-8")
    results = computed(known, method, progress)
    issued(results, seal.period)
    carried, fresh = kept(before.rows, seal), rows_of(results, seal.release)
    _refuse_silent_change(carried, fresh)
    rows = joined(carried, fresh)
    made_of, snapshot = versions(results, inputs, seal.version), snapshot_digest(inputs)
    stat = stat_hash(seal.family, seal.period, made_of, snapshot, sealed(rows))
    book = results.compiled.book
    market = {"name_zh": book.name_zh, "name_en": book.name_en, "currency": book.currency}
    heading = heading_of(seal, market, book.simulated, method, stat)
    write_outputs(work, rows, [*before.releases, release_row(seal, heading, method.digest)], heading)
    write_reports(work, rows, results, seal.version)
    _texts(work, texts)
    if private is not None:
        (work / PUBLIC_KEY).write_bytes(public_text(private.public_key()))
    files = entries(work)
    manifest = Manifest(
        release=seal.release,
        family=seal.family,
        period=seal.period,
        number=seal.number,
        at=seal.at,
        simulated=book.simulated,
        market=market,
        versions=made_of,
        writers=writers(),
        inputs=snapshot,
        stat_hash=stat,
        text_hash=text_hash(stat, files),
        approvals=approvals,
        files=files,
        revised_from=seal.revised_from,
        audit_head=audit_head,
        previous=seal.previous,
        previous_manifest=before.release.digest if before.release else None,
        key_id=key_id(private.public_key()) if private else None,
    )
    if private is not None:
        manifest = replace(manifest, signature=sign(private, manifest.signed_bytes()))
    (work / NAME).write_bytes(manifest.to_bytes())
    try:
        check_files(work, parse_manifest((work / NAME).read_bytes()))
    except FaultError as fault:
        raise DataError(f"release {seal.release} could not be sealed: {fault}") from fault


def _refuse_silent_change(carried: dict[Key, Row], fresh: list[Row]) -> None:
    """DataError for a published figure that today's inputs do not give."""
    if not carried:
        return
    found = {key(row): row for row in fresh}
    told = first_difference(carried.values(), found, "", fresh[0]["method"])
    if told:
        raise DataError(
            f"{told}: a quote, a register or the program has changed since; correct it, or say with --revised-from "
            "from which period on published figures are replaced"
        )


def _texts(work: Path, texts: str | Path | None) -> None:
    """The texts of a folder, each in both languages."""
    if texts is None:
        return
    folder = Path(texts)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of the texts")
    names = {p.name for p in folder.iterdir()}
    (work / "texts").mkdir()
    for name in sorted(names):
        match = TEXT.fullmatch(name)
        if match is None or not (folder / name).is_file():
            raise DataError(f"{folder / name}: write a text as NAME.zh.md and NAME.en.md")
        other = LANGUAGES[1 - LANGUAGES.index(match[1])]
        twin = name.replace(f".{match[1]}.", f".{other}.")
        if twin not in names:
            raise DataError(f"{folder / name}: {twin} is missing; a release has every text in both languages")
        shutil.copyfile(folder / name, work / "texts" / name)
