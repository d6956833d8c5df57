"""The figures of a release from its inputs anew, and every file from the figures anew."""

import contextlib
import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office.releases.build import (
    DATABASE,
    HISTORY,
    JSONSTAT,
    LIST,
    MADE,
    WORKBOOK,
    Progress,
    Seal,
    heading_of,
    issued,
    quality_bytes,
    release_row,
    series_of,
    write_outputs,
    write_report_page,
)
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.compare import close_json, first_difference, first_silent_change
from ellwand.office.releases.database import read_database
from ellwand.office.releases.figures import Key, Row, key, keyed, moment, rows_of
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.jsonstat import read_jsonstat
from ellwand.office.releases.manifest import LICENCE, METHOD, NAME, QUALITY, FaultError, Manifest
from ellwand.office.releases.market import DATED
from ellwand.office.releases.snapshot import snapshot_digest
from ellwand.office.releases.tables import RELEASES, read_csv
from ellwand.office.releases.workbook import read_workbook
from ellwand.production.compile import Compiled, compile_line
from ellwand.production.folder import read_folder
from ellwand.production.line import Line, continue_line, run_line
from ellwand.production.method import MethodFile, parse_method
from ellwand.production.observations import Results
from ellwand.production.variance import intervals

READERS: Mapping[str, Callable[[Path], dict[Key, float | None]]] = {
    DATABASE: read_database,
    JSONSTAT: read_jsonstat,
    WORKBOOK: read_workbook,
}


@dataclass
class Lines:
    """The line of quotes of the release that was recomputed last, with which the next one may go on.

    It may where the next release has the same method, the same registers and, in the periods of the line, the same
    files of quotes, all by their SHA-256; assignments and closures are compared by what they say of these periods. The
    line that goes on is equal in every bit to one that is run anew (`continue_line`).
    """

    line: Line | None = None
    fixed: dict[str, str] = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)

    def of(self, folder: Path, m: Manifest, method: MethodFile, progress: Progress | None) -> Line:
        """The line over the inputs of a release, whose files were checked."""
        book = read_folder(folder / "inputs")
        inputs = {f.path.removeprefix("inputs/"): f.sha256 for f in m.files if not f.public}
        quotes = {p: sha256 for p, sha256 in inputs.items() if p.startswith("quotes")}
        fixed = {p: sha256 for p, sha256 in inputs.items() if p not in quotes and p not in DATED}
        fixed["method"] = method.digest
        # All that the inputs hold beyond the earlier quotes must be of later periods.
        earlier = self.line.book.periods if self.line is not None else ()
        known = {p: sha256 for p, sha256 in quotes.items() if Path(p).stem in earlier}
        line = None
        if self.line is not None and (fixed, known) == (self.fixed, self.quotes):
            with contextlib.suppress(ValueError):
                line = continue_line(self.line, book, progress)
        self.line = line or run_line(book, method.method, progress)
        self.fixed, self.quotes = fixed, quotes
        return self.line


def recompute(
    folder: Path,
    m: Manifest,
    rows: list[Row],
    whole: bool,
    work: Path,
    progress: Progress | None,
    lines: Lines,
) -> tuple[int | None, tuple[str, ...]]:
    """Compare every observation with what the inputs give, and every file with what the observations give.

    rows : the history of the release. whole : whether the inputs are there; a public copy has its files compared only.
    work : an empty folder for the files that are made anew. lines : of the release recomputed before. Returns the
    number of observations that were recomputed, None for a public copy, and the files of equal figures and other bytes.
    FaultError names the first figure or file.
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
        compiled = _compiled(folder, m, method, progress, lines)
        results = _own(compiled, rows, m)
        exact = _compare_observations(rows, compiled, results, m)
        count = len(series_of(compiled)) * len(compiled.book.periods)
        (work / QUALITY).parent.mkdir()
        (work / QUALITY).write_bytes(quality_bytes(results))
        write_report_page(work, rows, results, seal_of(m).version)
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


def _compiled(folder: Path, m: Manifest, method: MethodFile, progress: Progress | None, lines: Lines) -> Compiled:
    """The compilation of the inputs, which must be those of the manifest."""
    inputs = folder / "inputs"
    if (found := snapshot_digest(inputs)) != m.inputs:
        raise FaultError(NAME, f"field inputs is {m.inputs}; the files of inputs/ make {found}")
    for part, path in (("classification", "classification.csv"), ("basket", "basket.csv")):
        stated = m.versions.get(part)
        stated = stated.get("sha256") if isinstance(stated, dict) else stated
        if stated != digest_file(inputs / path):
            raise FaultError(f"inputs/{path}", f"is not the {part} of the manifest")
    try:
        compiled = compile_line(lines.of(folder, m, method, progress), method)
        issued(compiled, m.period)
    except ValueError as error:
        raise FaultError("inputs", f"cannot be compiled: {error}") from error
    book = compiled.book
    market = {"name_zh": book.name_zh, "name_en": book.name_en, "currency": book.currency}
    if ({k: v for k, v in m.market.items() if k not in LICENCE}, m.simulated) != (market, book.simulated):
        raise FaultError(NAME, f"fields market and simulated, {m.market} and {m.simulated}, are not the inputs'")
    return compiled


def _own(compiled: Compiled, rows: list[Row], m: Manifest) -> Results:
    """The results of the periods of which the release publishes observations."""
    periods = {row["period"] for row in rows if row["release"] == m.release}
    own = tuple(t for t, p in enumerate(compiled.book.periods) if p in periods)
    return Results(compiled, intervals(compiled, own), own)


def _compare_observations(rows: list[Row], compiled: Compiled, results: Results, m: Manifest) -> bool:
    """FaultError for the first observation that the inputs do not give; whether the others are equal in all digits."""
    own = [row for row in rows if row["release"] == m.release]
    fresh = {(row["series"], row["period"]): row for row in rows_of(results, m.release)}
    method = compiled.method.method
    if told := first_difference(own, fresh, m.release, f"{method.name} {method.version}"):
        raise FaultError(HISTORY, told)
    if told := first_silent_change([row for row in rows if row["release"] != m.release], compiled):
        raise FaultError(HISTORY, told)
    stated = keyed(rows, HISTORY)
    bound = seal_of(m).bound
    for series in series_of(compiled):
        for period in compiled.book.periods:
            if (series, period) not in stated:
                raise FaultError(HISTORY, f"{series} {period}: is missing; the inputs give it")
    for k, row in stated.items():
        if row["release"] != m.release and moment(k[1]) >= bound:
            raise FaultError(HISTORY, f"{k[0]} {k[1]}: is of {row['release']}, which this release replaces")
    return all(fresh[key(row)] == row for row in own)


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
