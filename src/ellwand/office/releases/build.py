"""From inputs to the files of a release: the pure function that packing and verifying share."""

import json
import platform
import sqlite3
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.office.releases.canonical import digest_file, read_instant
from ellwand.office.releases.database import write_database
from ellwand.office.releases.figures import Key, Row, as_table, key, moment
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.jsonstat import write_jsonstat
from ellwand.office.releases.manifest import QUALITY
from ellwand.office.releases.tables import RELEASES, write_csv, write_observations
from ellwand.office.releases.workbook import write_workbook
from ellwand.production.compile import Compiled
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results
from ellwand.production.publish import background
from ellwand.production.report import write_report
from ellwand.production.variance import intervals

Progress = Callable[[int, int, str], None]

ISSUE = "outputs/observations.csv"
HISTORY = "outputs/history.csv"
LIST = "outputs/releases.csv"
WORKBOOK = "outputs/history.xlsx"
JSONSTAT = "outputs/history.json"
DATABASE = "outputs/history.sqlite"
REPORT = "report/report.html"
MADE = (ISSUE, HISTORY, LIST, WORKBOOK, JSONSTAT, DATABASE, QUALITY, REPORT)
"""Files that are made from the inputs."""
SHOWN = 27
"""Periods that the report shows: the issue and, of weeks, half a year before it. The tables hold all of them."""


@dataclass(frozen=True)
class Seal:
    """What is given to a release beside its inputs: its name, its instant, and what it replaces."""

    release: str
    family: str
    period: str
    number: int
    at: str
    revised_from: str | None
    previous: str | None
    version: str

    @property
    def bound(self) -> tuple[Any, ...]:
        """Observations before this period stay as they were published."""
        return min(moment(p) for p in (self.period, self.revised_from) if p is not None)


def series_of(compiled: Compiled) -> list[str]:
    """The series of a compilation, in the order of the classification."""
    return list(dict.fromkeys(Results(compiled, None, (0,)).observations()["series"].to_pylist()))


def own_results(compiled: Compiled, carried: Collection[Key], series: Sequence[str]) -> Results:
    """The results of the periods of which a release publishes observations: all that no earlier release has.

    Intervals are computed for these periods only: those of other periods stay as they were published.
    """
    labels = compiled.book.periods
    own = tuple(t for t, p in enumerate(labels) if any((name, p) not in carried for name in series))
    return Results(compiled, intervals(compiled, own), own)


def kept(rows: Sequence[Row], seal: Seal) -> dict[Key, Row]:
    """The observations of earlier releases that this one does not replace."""
    return {key(row): row for row in rows if moment(row["period"]) < seal.bound}


def versions(results: Results, inputs: Path, version: str) -> dict[str, Any]:
    """Versions of everything that the figures depend on."""
    compiled, book = results.compiled, results.compiled.book
    return {
        "classification": digest_file(inputs / "classification.csv"),
        "basket": {"valid_from": book.baskets.labels[-1], "sha256": digest_file(inputs / "basket.csv")},
        "method": {
            "name": compiled.method.method.name,
            "version": compiled.method.method.version,
            "sha256": compiled.method.digest,
        },
        "ellwand": version,
        "numpy": np.__version__,
        "pyarrow": pa.__version__,
        "duckdb": duckdb.__version__,
        "python": platform.python_version(),
    }


def writers() -> dict[str, str]:
    """Versions of what writes the files: with the same ones, equal figures give equal bytes."""
    return {"sqlite": sqlite3.sqlite_version, "zlib": zlib.ZLIB_RUNTIME_VERSION}


def heading_of(seal: Seal, market: Mapping[str, str], simulated: bool, method: MethodFile, stat_hash: str) -> Heading:
    """What the files of a release say about themselves."""
    rules = method.method.release
    return Heading(
        market_zh=market["name_zh"],
        market_en=market["name_en"],
        currency=market["currency"],
        release=seal.release,
        family=seal.family,
        period=seal.period,
        at=seal.at,
        method=f"{method.method.name} {method.method.version}",
        stat_hash=stat_hash,
        decimals=rules.decimals,
        change_decimals=rules.change_decimals,
        simulated=simulated,
        licence_zh=market.get("licence_zh", ""),
        licence_en=market.get("licence_en", ""),
    )


def write_outputs(folder: Path, rows: Sequence[Row], releases: Sequence[Row], heading: Heading) -> None:
    """Write outputs/: all formats of one history. releases : the list of releases, this one last."""
    (folder / "outputs").mkdir(parents=True)
    write_observations(folder / ISSUE, [row for row in rows if row["period"] == heading.period])
    write_observations(folder / HISTORY, rows)
    write_csv(folder / LIST, RELEASES, releases)
    write_workbook(folder / WORKBOOK, rows, heading, read_instant(heading.at))
    write_jsonstat(folder / JSONSTAT, rows, heading)
    write_database(folder / DATABASE, rows, releases, heading)


def quality_bytes(results: Results) -> bytes:
    """The quality sheet: of the periods of which the release publishes observations."""
    return (json.dumps(results.quality(), ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def write_report_page(folder: Path, rows: Sequence[Row], results: Results, version: str) -> None:
    """The public report: the last periods, down to the elementary aggregates, and no single quote: it names a unit."""
    table = Results(results.compiled, None, (0,)).observations()
    series = set(table["series"].to_pylist())
    periods = set(results.compiled.book.periods[-SHOWN:])
    observations = as_table([r for r in rows if r["period"] in periods and r["series"] in series], table.schema)
    digests = tuple((name, digest_file(folder / name)) for name in MADE if name != REPORT)
    away = "../" * REPORT.count("/")
    write_report(observations, background(results, digests, version, away), folder / REPORT, drill=None)


def release_row(seal: Seal, heading: Heading, method_sha256: str) -> Row:
    """A release as a row of the list of releases."""
    return {
        "release": seal.release,
        "family": seal.family,
        "period": seal.period,
        "number": str(seal.number),
        "at": seal.at,
        "stat_hash": heading.stat_hash,
        "method": heading.method,
        "method_sha256": method_sha256,
        "revised_from": seal.revised_from or "",
        "previous": seal.previous or "",
        "simulated": "true" if heading.simulated else "false",
    }


def issued(compiled: Compiled, period: str) -> None:
    """DataError where the method gives the last period no issue, or it is not the one that was asked for."""
    book = compiled.book
    if book.periods[-1] != period:
        raise DataError(f"period {period}: the inputs end with {book.periods[-1]}")
    if not compiled.issued[-1]:
        raise DataError(
            f"period {period}: has no issue: fewer units were open than the method asks (release.minimum_open)"
        )
