"""Preparing a release: everything that is approved, before anybody approves it.

A release that is prepared has its inputs, its observations, its quality sheet, its texts, and so both hashes. What it
has not is an instant, approvals and a signature: `seal` adds them and writes the files that name the instant. Another
instant, another key and further approvals change neither hash.
"""

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.releases.archive import Release, newest, order_fault, read_release
from ellwand.office.releases.build import (
    HISTORY,
    LIST,
    MADE,
    Progress,
    Seal,
    issued,
    kept,
    own_results,
    quality_bytes,
    series_of,
    versions,
)
from ellwand.office.releases.canonical import digest
from ellwand.office.releases.compare import first_silent_change
from ellwand.office.releases.figures import Row, joined, key, moment, rows_of
from ellwand.office.releases.files import check_files
from ellwand.office.releases.manifest import (
    METHOD,
    QUALITY,
    FaultError,
    Known,
    hash_of_texts,
    release_id,
    stat_hash,
)
from ellwand.office.releases.market import Market
from ellwand.office.releases.snapshot import Snapshots
from ellwand.office.releases.tables import RELEASES, read_csv, read_observations, sealed
from ellwand.office.releases.texts import Texts, read_texts
from ellwand.production.compile import Compiled
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results


@dataclass(frozen=True)
class Before:
    """What a release takes over from the one before it."""

    release: Release | None = None
    rows: tuple[Row, ...] = ()
    releases: tuple[Row, ...] = ()


@dataclass
class Memory:
    """What was read before, so that one release after another is quick: manifests, and observations by line."""

    manifests: Known = field(default_factory=dict)
    lines: dict[str, Row] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A release before its approval; use it as a context, or call `discard`, if it may not be sealed.

    archive : folder of the releases. work : hidden folder in it that holds inputs, method, texts and quality sheet.
    terms : what it is; its instant is empty. stat_hash, text_hash : what is approved. results : of the periods of
    which it publishes observations, the issue last. rows : the history. market, versions : as in the manifest.
    inputs : SHA-256 of the input snapshot.
    """

    archive: Path
    work: Path
    terms: Seal
    before: Before
    stat_hash: str
    text_hash: str
    method: MethodFile
    results: Results
    rows: tuple[Row, ...]
    market: dict[str, str]
    versions: dict[str, Any]
    inputs: str
    memory: Memory

    @property
    def release(self) -> str:
        """Its name: family-period-number."""
        return self.terms.release

    def with_texts(self, texts: str | Path | Texts | None) -> "Prepared":
        """The same release with other texts: `stat_hash` stays, `text_hash` is new. DataError as for `prepare`."""
        given = read_texts(texts, self.terms.period)
        shutil.rmtree(self.work / "texts", ignore_errors=True)
        _write_texts(self.work, given)
        quality = (self.work / QUALITY).read_bytes()
        return replace(self, text_hash=text_hash_of(self.stat_hash, given, quality))

    def discard(self) -> None:
        """Take the work folder away. Harmless after sealing."""
        shutil.rmtree(self.work, ignore_errors=True)

    def __enter__(self) -> "Prepared":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.discard()


def text_hash_of(stat: str, texts: Texts, quality: bytes) -> str:
    """The `text_hash` of a release from the bytes of its texts, by name, and of its quality sheet.

    A pure function: an editor's screen can show the hash of the texts as they stand. stat : the release's stat_hash.
    """
    told = {f"texts/{name}": digest(data) for name, data in texts.items()}
    return hash_of_texts(stat, told, digest(quality), (*MADE, METHOD, *told))


class Preparer:
    """Prepares the issues of a market's folder, one after another, as fast as can be: the folder is read once.

    family : of the releases. version : of the program, recorded. results : a compilation of the folder for its last
    period, as a round has made it, which then need not be made again; it must be of these very files.
    """

    def __init__(
        self,
        directory: str | Path,
        archive: str | Path,
        method: MethodFile,
        *,
        family: str = "price",
        version: str = "",
        results: Results | None = None,
    ) -> None:
        self.archive, self.method = Path(archive), method
        self.family, self.version = family, version
        self.memory = Memory()
        self._market = Market(directory, method, results)
        self._snapshots = Snapshots(self._market)

    def prepare(
        self,
        period: str,
        *,
        number: int = 1,
        previous: str | Path | None = None,
        texts: str | Path | Texts | None = None,
        revised_from: str | None = None,
        progress: Progress | None = None,
    ) -> Prepared:
        """Prepare the release of a period; see the function `prepare`."""
        terms = terms_of(self.archive, self.family, period, number, revised_from, self.version)
        before = read_before(self.archive, terms, previous, self.memory)
        if before.release is not None:
            terms = replace(terms, previous=before.release.manifest.release)
        given = read_texts(texts, period)
        t = self._market.at(period)
        self.archive.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{terms.release}.", dir=self.archive))
        try:
            return self._fill(work, t, terms, before, given, progress)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise

    def _fill(
        self, work: Path, t: int, terms: Seal, before: Before, texts: Texts, progress: Progress | None
    ) -> Prepared:
        known: dict[str, str] = {}
        if before.release is not None:
            listed = before.release.manifest.files
            known = {f.path.removeprefix("inputs/"): f.sha256 for f in listed if not f.public}
        inputs = work / "inputs"
        folder = before.release.folder / "inputs" if before.release is not None else None
        snapshot = self._snapshots.write(inputs, t, folder, known)
        (work / METHOD).write_text(self.method.text, encoding="utf-8")
        compiled = self._market.compiled(t, progress)
        issued(compiled, terms.period)
        carried, series = kept(before.rows, terms), series_of(compiled)
        _refuse_silent_change(tuple(carried.values()), compiled)
        results = own_results(compiled, carried, series)
        fresh = [row for row in rows_of(results, terms.release) if key(row) not in carried]
        rows = joined(carried, fresh, series)
        made_of = versions(results, inputs, self.version)
        stat = stat_hash(terms.family, terms.period, made_of, snapshot, sealed(rows))
        quality = quality_bytes(results)
        (work / QUALITY).parent.mkdir()
        (work / QUALITY).write_bytes(quality)
        _write_texts(work, texts)
        book = compiled.book
        return Prepared(
            archive=self.archive,
            work=work,
            terms=terms,
            before=before,
            stat_hash=stat,
            text_hash=text_hash_of(stat, texts, quality),
            method=self.method,
            results=results,
            rows=tuple(rows),
            market={"name_zh": book.name_zh, "name_en": book.name_en, "currency": book.currency},
            versions=made_of,
            inputs=snapshot,
            memory=self.memory,
        )


def prepare(
    directory: str | Path,
    archive: str | Path,
    method: MethodFile,
    *,
    period: str,
    number: int = 1,
    family: str = "price",
    previous: str | Path | None = None,
    texts: str | Path | Texts | None = None,
    revised_from: str | None = None,
    version: str = "",
    results: Results | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Prepare the release of one issue from a market's folder: both hashes, before any approval.

    number : 1, or one more than the release that it corrects. previous : the folder of the release before it, None for
    the first of the family. texts : folder of texts, or their bytes by name (`bound_texts` makes them), each in both
    languages. revised_from : first period whose published figures may change. results : a compilation of this very
    folder (with the issue as its last period), where there is one already; its intervals are computed anew.

    Equal arguments give equal hashes. DataError names what is wrong; the archive then is as it was before. A figure
    that was published and that today's inputs do not give is refused, unless `revised_from` covers it.
    """
    maker = Preparer(directory, archive, method, family=family, version=version, results=results)
    return maker.prepare(
        period, number=number, previous=previous, texts=texts, revised_from=revised_from, progress=progress
    )


def terms_of(archive: Path, family: str, period: str, number: int, revised_from: str | None, version: str) -> Seal:
    """What a release is to be. DataError for a name that makes no release, or that is taken."""
    terms = Seal(
        release=release_id(family, period, number),
        family=family,
        period=period,
        number=number,
        at="",
        revised_from=revised_from,
        previous=None,
        version=version,
    )
    if revised_from is not None and moment(revised_from) > moment(period):
        raise DataError(f"revised from {revised_from}: lies after the period {period}")
    refuse_taken(archive / terms.release)
    return terms


def refuse_taken(target: Path) -> None:
    """DataError for the folder of a release that is there already."""
    if target.exists() or target.is_symlink():
        raise DataError(f"{target}: is there already, and a release never changes; a correction has the next number")


def read_before(archive: Path, terms: Seal, previous: str | Path | None, memory: Memory) -> Before:
    """The release before this one, checked. DataError if it is not the end of the chain, or not as it was sealed."""
    end = newest(archive, terms.family, memory.manifests) if archive.is_dir() else None
    if previous is None:
        if end is not None:
            raise DataError(
                f"the archive has releases of {terms.family}, the last {end.manifest.release}; give it as the previous"
            )
        return Before()
    folder = Path(previous)
    try:
        found = read_release(folder, memory.manifests)
        check_files(folder, found.manifest)
    except FaultError as fault:
        raise DataError(f"previous release {folder.name}: {fault}") from fault
    m = found.manifest
    if end is not None and end.digest != found.digest:
        raise DataError(f"previous {m.release}: the chain of {terms.family} ends with {end.manifest.release}")
    if m.family != terms.family:
        raise DataError(f"previous {m.release}: is of the family {m.family}, not {terms.family}")
    if moment(terms.period) < moment(m.period):
        raise DataError(
            f"period {terms.period}: lies before {m.release}; to correct an older issue, release {m.period} number "
            f"{m.number + 1} with --revised-from {terms.period}"
        )
    this = replace(m, release=terms.release, period=terms.period, number=terms.number)
    if fault_ := order_fault(this, m):
        raise DataError(str(fault_))
    rows = read_observations(folder / HISTORY, memory.lines)
    return Before(found, tuple(rows), tuple(read_csv(folder / LIST, RELEASES)))


def _refuse_silent_change(carried: tuple[Row, ...], compiled: Compiled) -> None:
    """DataError for a published figure that today's inputs do not give."""
    if told := first_silent_change(carried, compiled):
        raise DataError(
            f"{told}: a quote, a register or the program has changed since; correct it, or say with --revised-from "
            "from which period on published figures are replaced"
        )


def _write_texts(work: Path, texts: Texts) -> None:
    if texts:
        (work / "texts").mkdir()
    for name, data in texts.items():
        (work / "texts" / name).write_bytes(data)
