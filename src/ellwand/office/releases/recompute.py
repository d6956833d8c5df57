"""The figures of a release from its inputs anew, and every file from the figures anew."""

import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.releases.build import (
    DATABASE,
    HISTORY,
    JSONSTAT,
    LIST,
    MADE,
    QUALITY,
    WORKBOOK,
    Progress,
    Seal,
    computed,
    heading_of,
    issued,
    release_row,
    write_outputs,
    write_reports,
)
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.compare import close_json, first_difference
from ellwand.office.releases.database import read_database
from ellwand.office.releases.figures import Key, Row, keyed, rows_of
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.jsonstat import read_jsonstat
from ellwand.office.releases.manifest import METHOD, NAME, FaultError, Manifest
from ellwand.office.releases.snapshot import snapshot_digest
from ellwand.office.releases.tables import RELEASES, read_csv
from ellwand.office.releases.workbook import read_workbook
from ellwand.production.folder import read_folder
from ellwand.production.method import MethodFile, parse_method
from ellwand.production.observations import Results

READERS: Mapping[str, Callable[[Path], dict[Key, float | None]]] = {
    DATABASE: read_database,
    JSONSTAT: read_jsonstat,
    WORKBOOK: read_workbook,
}


def recompute(
    folder: Path, m: Manifest, rows: list[Row], whole: bool, work: Path, progress: Progress | None
) -> tuple[int | None, tuple[str, ...]]:
    """Compare every observation with what the inputs give, and every file with what the observations give.

    rows : the history of the release. whole : whether the inputs are there; a public copy has its files compared only.
    work : an empty folder for the files that are made anew. Returns the number of observations that were recomputed,
    None for a public copy, and the files of equal figures and other bytes. FaultError names the first figure or file.
    """
    method = _method(folder, m)
    heading = _heading(m, method)
    listed = read_rows(folder, LIST, lambda p: read_csv(p, RELEASES))
    own = release_row(seal_of(m), heading, method.digest)
    if listed[-1:] != [own]:
        raise FaultError(LIST, f"its last line must be {','.join(own.values())}")
    count, exact = None, True
    write_outputs(work, rows, listed, heading)
    if whole:
        results = _results(folder, m, method, progress)
        fresh = rows_of(results, m.release)
        exact = _compare_observations(rows, fresh, m)
        count = len(fresh)
        write_reports(work, rows, results, seal_of(m).version)
    made = [p for p in MADE if (work / p).is_file()]
    other = [p for p in made if digest_file(work / p) != digest_file(folder / p)]
    for path in other:
        if path in READERS:
            _compare_published(folder, path, rows, heading)
    if QUALITY in other and not _same_json(work / QUALITY, folder / QUALITY):
        raise FaultError(QUALITY, "is not what the inputs give")
    return count, tuple(p for p in MADE if p in other or (p == HISTORY and not exact))


def read_rows(folder: Path, path: str, reader: Callable[[Path], list[Row]]) -> list[Row]:
    """The rows of a file of a release. FaultError names the file if it cannot be read."""
    try:
        return reader(folder / path)
    except DataError as error:
        raise FaultError(path, str(error)) from error


def seal_of(m: Manifest) -> Seal:
    """What was given to a release beside its inputs."""
    version = str(m.versions.get("ellwand", ""))
    return Seal(m.release, m.family, m.period, m.number, m.at, m.revised_from, m.previous, version)


def _heading(m: Manifest, method: MethodFile) -> Heading:
    for name in ("name_zh", "name_en", "currency"):
        if name not in m.market:
            raise FaultError(NAME, f"field market: has no {name}")
    return heading_of(seal_of(m), m.market, m.simulated, method, m.stat_hash)


def _method(folder: Path, m: Manifest) -> MethodFile:
    try:
        method = parse_method((folder / METHOD).read_text(encoding="utf-8"), METHOD)
    except ValueError as error:
        raise FaultError(METHOD, str(error)) from error
    stated = m.versions.get("method")
    made = {"name": method.method.name, "version": method.method.version, "sha256": method.digest}
    if stated != made:
        raise FaultError(METHOD, f"is {made}; the manifest says {stated}")
    return method


def _results(folder: Path, m: Manifest, method: MethodFile, progress: Progress | None) -> Results:
    """The production over the inputs, which must be those of the manifest."""
    inputs = folder / "inputs"
    if (found := snapshot_digest(inputs)) != m.inputs:
        raise FaultError(NAME, f"field inputs is {m.inputs}; the files of inputs/ make {found}")
    for part, path in (("classification", "classification.csv"), ("basket", "basket.csv")):
        stated = m.versions.get(part)
        stated = stated.get("sha256") if isinstance(stated, dict) else stated
        if stated != digest_file(inputs / path):
            raise FaultError(f"inputs/{path}", f"is not the {part} of the manifest")
    try:
        results = computed(read_folder(inputs), method, progress)
        issued(results, m.period)
    except ValueError as error:
        raise FaultError("inputs", f"cannot be compiled: {error}") from error
    book = results.compiled.book
    market = {"name_zh": book.name_zh, "name_en": book.name_en, "currency": book.currency}
    if (m.market, m.simulated) != (market, book.simulated):
        raise FaultError(NAME, f"fields market and simulated, {m.market} and {m.simulated}, are not the inputs'")
    return results


def _compare_observations(rows: list[Row], fresh: list[Row], m: Manifest) -> bool:
    """FaultError for the first observation that the inputs do not give; whether the others are equal in all digits."""
    given = {(row["series"], row["period"]): row for row in fresh}
    if told := first_difference(rows, given, m.release, fresh[0]["method"]):
        raise FaultError(HISTORY, told)
    stated = keyed(rows, HISTORY)
    bound = seal_of(m).bound
    for k in given:
        if k not in stated:
            raise FaultError(HISTORY, f"{k[0]} {k[1]}: is missing; the inputs give it")
    for k, row in stated.items():
        if row["release"] != m.release and natural_key(k[1]) >= bound:
            raise FaultError(HISTORY, f"{k[0]} {k[1]}: is of {row['release']}, which this release replaces")
    return all(given[k] == row for k, row in stated.items() if row["release"] == m.release)


def _same_json(one: Path, other: Path) -> bool:
    try:
        return close_json(*(json.loads(p.read_text(encoding="utf-8")) for p in (one, other)))
    except ValueError:
        return False


def _compare_published(folder: Path, path: str, rows: list[Row], heading: Heading) -> None:
    """A file of other bytes must hold the same published levels."""
    try:
        found = READERS[path](folder / path)
    except (ValueError, KeyError, OSError, sqlite3.Error, zipfile.BadZipFile) as error:
        raise FaultError(path, f"cannot be read: {error}") from error
    for row in rows:
        value = found.get((row["series"], row["period"]))
        shown = "" if value is None else f"{value:.{heading.decimals}f}"
        if shown != row["published"]:
            told = f"published {row['published'] or 'none'}, the file has {shown or 'none'}"
            raise FaultError(path, f"{row['series']} {row['period']}: {told}")
