"""The observations and the list of releases as CSV: UTF-8, comma, newline, an empty field where there is no figure."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.office.releases.figures import COLUMNS, SEALED, Observation, Row, form

RELEASES = (
    "release", "family", "period", "number", "at", "stat_hash", "method", "method_sha256", "revised_from", "previous",
    "simulated",
)  # fmt: skip
"""Columns of the list of releases."""


def csv_line(values: Sequence[str]) -> str:
    """One line of CSV, its end included."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(values)
    return stream.getvalue()


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows as text."""
    lines = [csv_line(columns), *(csv_line([row[c] for c in columns]) for row in rows)]
    path.write_bytes("".join(lines).encode("utf-8"))


def write_observations(path: Path, rows: Sequence[Row]) -> None:
    """Observations as text."""
    path.write_bytes("".join([csv_line(COLUMNS), *(form(row, _line) for row in rows)]).encode("utf-8"))


def _line(row: Row) -> str:
    return csv_line([row[c] for c in COLUMNS])


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


def read_observations(path: Path, known: dict[str, Row] | None = None) -> list[Row]:
    """The observations of a release file.

    known : observations that were read before, by their line; those of this file are added. Most lines of a history
    are lines of the history before it.
    """
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: cannot be read: {error}") from error
    whole = lines[0] == ",".join(COLUMNS) and lines[-1] == "" and not any("\r" in line for line in lines)
    # A field with a line end in it has an odd number of quotes in its first line.
    if known is None or not whole or any(line.count('"') % 2 or not line for line in lines[:-1]):
        return [Observation(row) for row in read_csv(path, COLUMNS)]
    fresh = [line for line in lines[1:-1] if line not in known]
    try:
        for line, values in zip(fresh, csv.reader(fresh, strict=True), strict=True):
            if len(values) != len(COLUMNS):
                raise DataError(f"{path.name}: {len(values)} fields, not {len(COLUMNS)}, in the line {line[:60]}...")
            known[line] = Observation(zip(COLUMNS, values, strict=True))
    except csv.Error as error:
        raise DataError(f"{path.name}: cannot be read: {error}") from error
    return [known[line] for line in lines[1:-1]]


def remember(known: dict[str, Row], rows: Sequence[Row]) -> None:
    """Add observations that were written to those that were read, by their line."""
    for row in rows:
        known.setdefault(form(row, _line)[:-1], row)


def sealed(rows: Sequence[Row]) -> bytes:
    """Canonical JSON of all observations, for `stat_hash`; null where there is no figure.

    The bytes are those of `canonical_table`; each observation's part is made once.
    """
    columns = json.dumps(list(SEALED), separators=(",", ":"))
    return f'{{"columns":{columns},"rows":[{",".join(form(row, _sealed) for row in rows)}]}}'.encode()


def _sealed(row: Row) -> str:
    return json.dumps([row[c] or None for c in SEALED], ensure_ascii=False, separators=(",", ":"))
