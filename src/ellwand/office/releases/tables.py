"""The observations and the list of releases as CSV: UTF-8, comma, newline, an empty field where there is no figure."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office.releases.canonical import canonical_table
from ellwand.office.releases.figures import COLUMNS, SEALED, Row

RELEASES = (
    "release", "family", "period", "number", "at", "stat_hash", "method", "method_sha256", "revised_from", "previous",
    "simulated",
)  # fmt: skip
"""Columns of the list of releases."""


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows as text."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row[c] for c in columns] for row in rows)


def read_csv(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of such a file. DataError for other columns, or a row of another length."""
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            if tuple(header) != tuple(columns):
                raise DataError(f"{path.name}: its columns are not {', '.join(columns)}")
            out = []
            for values in reader:
                if len(values) != len(columns):
                    raise DataError(f"{path.name} line {reader.line_num}: {len(values)} fields, not {len(columns)}")
                out.append(dict(zip(columns, values, strict=True)))
            return out
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: cannot be read: {error}") from error


def read_observations(path: Path) -> list[Row]:
    """The observations of a release file."""
    return read_csv(path, COLUMNS)


def sealed(rows: Sequence[Row]) -> bytes:
    """Canonical JSON of all observations, for `stat_hash`; null where there is no figure."""
    return canonical_table(SEALED, [[row[c] or None for c in SEALED] for row in rows])
