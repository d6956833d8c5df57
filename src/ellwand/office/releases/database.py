"""The history of a release as an SQLite file that Datasette opens: releases, series, observations, and views."""

import contextlib
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ellwand.office.releases.figures import COLUMNS, FIGURES, NAMES, PUBLISHED, Key, Row, form
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.tables import RELEASES
from ellwand.production.observations import COUNTS

Cells = tuple[str | float | int | None, ...]
OBSERVED = tuple(c for c in COLUMNS if c not in NAMES)
SERIES = ("series", *NAMES)
PAGE = 4096


@lru_cache(maxsize=256)
def _kind(column: str) -> str:
    if column in FIGURES or column in PUBLISHED:
        return "REAL"
    return "INTEGER" if column in COUNTS or column in ("number", "simulated", "level") else "TEXT"


def schema() -> str:
    """The statements that make the tables and views."""
    releases = ",\n  ".join(f"{c} {_kind(c)}" for c in RELEASES if c != "release")
    observed = ",\n  ".join(f'"{c}" {_kind(c)}' for c in OBSERVED if c not in ("series", "period", "release"))
    return f"""
CREATE TABLE releases (
  release TEXT PRIMARY KEY,
  {releases}
);
CREATE TABLE series (
  series TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  parent TEXT,
  level INTEGER NOT NULL,
  name_zh TEXT,
  name_en TEXT
);
CREATE TABLE observations (
  series TEXT NOT NULL REFERENCES series (series),
  period TEXT NOT NULL,
  {observed},
  release TEXT NOT NULL REFERENCES releases (release),
  PRIMARY KEY (series, period)
);
CREATE INDEX observations_period ON observations (period);
CREATE INDEX observations_release ON observations (release);
CREATE TABLE notes (name TEXT PRIMARY KEY, note TEXT NOT NULL);
CREATE VIEW issue AS
  SELECT s.code, s.level, s.name_zh, s.name_en, o.*
  FROM observations o JOIN series s USING (series)
  WHERE o.period = (SELECT note FROM notes WHERE name = 'period of the issue')
  ORDER BY s.level, s.series;
CREATE VIEW total AS
  SELECT o.* FROM observations o JOIN series s USING (series) WHERE s.level = 0 ORDER BY o.period;
"""


def write_database(path: Path, rows: Sequence[Row], releases: Sequence[Row], heading: Heading) -> None:
    """Write the file. Equal arguments give equal bytes with one version of SQLite: fixed pages, one order, vacuumed.

    OSError where the disk takes no more, as of every other file of a release.
    """
    try:
        _write(path, rows, releases, heading)
    except sqlite3.OperationalError as error:
        raise OSError(f"{path.name}: {error}") from error


def _write(path: Path, rows: Sequence[Row], releases: Sequence[Row], heading: Heading) -> None:
    last = {row["series"]: row for row in rows}
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as con:
        for pragma in (f"page_size = {PAGE}", "encoding = 'UTF-8'", "journal_mode = OFF", "auto_vacuum = 0",
                       "foreign_keys = ON"):  # fmt: skip
            con.execute(f"PRAGMA {pragma}")
        con.executescript(schema())
        con.execute("BEGIN")
        _insert(con, "releases", RELEASES, [_cells(RELEASES, row) for row in releases])
        _insert(con, "series", SERIES, [_cells(SERIES, row) for row in last.values()])
        _insert(con, "observations", OBSERVED, [form(row, _observed) for row in rows])
        con.executemany("INSERT INTO notes VALUES (?, ?)", heading.notes)
        con.execute("COMMIT")
        con.execute("VACUUM")


def _insert(con: sqlite3.Connection, table: str, columns: Sequence[str], cells: Sequence[Cells]) -> None:
    names, marks = ", ".join(f'"{c}"' for c in columns), ", ".join("?" * len(columns))
    con.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", cells)


def _observed(row: Row) -> Cells:
    return _cells(OBSERVED, row)


def _cells(columns: Sequence[str], row: Row) -> Cells:
    return tuple(_value(_kind(c), row[c]) for c in columns)


def _value(kind: str, text: str) -> str | float | int | None:
    if text == "":
        return None
    if kind == "REAL":
        return float(text)
    if kind == "INTEGER":
        return {"true": 1, "false": 0}.get(text) if text in ("true", "false") else int(text)
    return text


def read_database(path: Path) -> dict[Key, float | None]:
    """The published level of every observation, for comparison."""
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as con:
        return {(s, p): v for s, p, v in con.execute("SELECT series, period, published FROM observations")}
