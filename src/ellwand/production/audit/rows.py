"""The table to be audited: rows as they are printed, read from a file or from an Arrow table."""

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import text_of
from ellwand.production.audit.figures import Figure
from ellwand.production.audit.labels import Basis, Period

COLUMNS = ("series", "period", "frequency", "value", "change_pct", "change_basis")
DIRECTION = "direction"
"""Optional column: the word that the text uses for the change."""


class Finding(NamedTuple):
    """One fault: where it stands, which rule it breaks, and the figures that show it."""

    series: str
    period: str
    rule: str
    message: str


class Printed(NamedTuple):
    """One row as texts; empty text where nothing is printed. line: its number, counted from 1 without the heading."""

    line: int
    series: str
    period: str
    frequency: str
    value: str
    change_pct: str
    change_basis: str
    direction: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read. Whatever could not be read is None and already a finding."""

    line: int
    series: str
    label: str
    frequency: str | None
    period: Period | None
    level: Figure | None
    change: Figure | None
    basis: Basis | None
    basis_text: str


def _printed(line: int, cells: dict[str, str]) -> Printed:
    row = Printed(line, **{name: cells.get(name, "").strip() for name in (*COLUMNS, DIRECTION)})
    if not row.series:
        raise DataError(f"row {line}, field series: empty; every row names its series; fill it in")
    return row


def _check_columns(names: list[str], where: str) -> None:
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise DataError(
            f"{where}: no column {', '.join(missing)} among {', '.join(names) or 'none'}; "
            f"an audit reads {', '.join(COLUMNS)}; add or rename it"
        )
    twice = sorted({name for name in (*COLUMNS, DIRECTION) if names.count(name) > 1})
    if twice:
        raise DataError(f"{where}: the column {', '.join(twice)} stands twice; keep one")


def read_file(source: str | Path) -> list[Printed]:
    """The rows of a CSV file with a header; `-` is standard input.

    DataError for text that is no UTF-8, a missing column, a row with too few or too many fields, or no rows at all.
    OSError if the file cannot be opened.
    """
    name = "standard input" if str(source) == "-" else str(source)
    data = sys.stdin.buffer.read() if str(source) == "-" else Path(source).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name}: line {line} holds the byte 0x{data[error.start]:02x}, which is no UTF-8; save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise DataError(f"{name}: holds a zero byte, so it is no CSV file; give the table as CSV")
    return list(_rows_of(csv.reader(io.StringIO(text, newline=""), strict=True), name))


def _rows_of(reader: Any, name: str) -> Iterator[Printed]:
    header: list[str] = []
    rows = 0
    try:
        for cells in reader:
            if not header:
                header = [cell.strip() for cell in cells]
                _check_columns(header, name)
                continue
            if not cells:
                continue
            rows += 1
            if len(cells) != len(header):
                raise DataError(
                    f"{name}: row {rows} has {len(cells)} fields, the header has {len(header)}; "
                    "put fields with a comma in quotation marks"
                )
            yield _printed(rows, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise DataError(f"{name}: line {reader.line_num} is no CSV: {error}; correct the quotation marks") from error
    if not rows:
        raise DataError(f"{name}: holds no rows, so nothing can be audited; give at least one published figure")


def read_table(table: pa.Table) -> list[Printed]:
    """The rows of an Arrow table; numbers count with the digits that they show (decimals keep their zeros)."""
    _check_columns(table.column_names, "the table")
    if not table.num_rows:
        raise DataError("the table: holds no rows, so nothing can be audited; give at least one published figure")
    columns = {
        name: ["" if v is None else text_of(v) if name == "period" else str(v) for v in table.column(name).to_pylist()]
        for name in (*COLUMNS, DIRECTION)
        if name in table.column_names
    }
    return [_printed(i + 1, {name: texts[i] for name, texts in columns.items()}) for i in range(table.num_rows)]
