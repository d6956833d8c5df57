"""Registers as sheets: reading what somebody sent, and writing what a spreadsheet program opens without harm. Pure.

No formula is ever carried out: a cell that holds one is a fault of its row. No text that is written becomes a formula
on the reader's screen: in Excel cells are texts, in CSV what begins with = + - @ gets an apostrophe, which reading
takes off again.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from ellwand.engine.errors import DataError
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.report import new_workbook, safe
from ellwand.office.collection.sheets import LIMITS, Cell, Limits
from ellwand.office.collection.sheets import Row as Line
from ellwand.office.collection.text import decode
from ellwand.office.collection.xlsx_file import read_xlsx
from ellwand.office.registry.columns import Book
from ellwand.office.registry.faults import Fault, fault

Row = dict[str, str]
_GUARD = re.compile(r"'[=+\-@\t\r]")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
HEADING = 10
"""The heading stands in one of the first rows."""


@dataclass
class Read:
    """Rows of a sheet with their numbers, and what is wrong with cells. columns : names that the heading has."""

    rows: list[tuple[int, Row]]
    columns: list[str]
    faults: list[Fault] = field(default_factory=list)


def read(content: bytes, book: Book, sheet: str = "") -> Read:
    """The rows of a sheet of a register, as texts; empty lines are left out.

    sheet : its name in a workbook, "" for the first one. DataError where the file or its heading is no use.
    """
    try:
        lines = _xlsx(content, sheet) if content.startswith(_ZIP) else _csv(content)
    except SheetError as error:
        raise DataError(f"{book.name}: {error.fault.message_zh} / {error}") from error
    at, names = _heading(lines, book)
    line = lines[at]
    twice = {n for n in names if n and names.count(n) > 1}
    if twice:
        raise DataError(f"{book.name}: two columns are {min(twice)!r}; keep one of them")
    out = Read([], [n for n in names if n and n != "simulated"])
    for cell, name in zip(line.cells, names, strict=True):
        if cell.raw and not name:
            out.faults.append(fault(line.number, cell.raw, cell.raw, "column"))
    for one in lines[at + 1 :]:
        if not one.blank:
            out.rows.append((one.number, _row(one, names, out.faults)))
    return out


def _heading(lines: Sequence[Line], book: Book) -> tuple[int, list[str]]:
    """Where the heading stands, and the names of its columns, "" for one that is not known."""
    for at, line in enumerate(lines[:HEADING]):
        names = [book.column_of(c.raw) if c.raw else "" for c in line.cells]
        if all(k in names for k in book.keys):
            return at, names
    raise DataError(
        f"{book.name}: none of the first {HEADING} rows is a heading with {', '.join(book.keys)}; "
        "use an exported sheet as a template"
    )


def _row(line: Line, names: Sequence[str], faults: list[Fault]) -> Row:
    row: Row = {}
    for cell, name in zip(line.cells, names, strict=False):
        if not name or name == "simulated":
            continue
        if cell.formula:
            faults.append(fault(line.number, name, cell.formula, "formula"))
        elif cell.merged:
            faults.append(fault(line.number, name, cell.raw, "merged"))
        row[name] = _text(cell)
    if any(c.kind != "empty" for c in line.cells[len(names) :]):
        faults.append(fault(line.number, "", line.cells[-1].raw, "ragged"))
    for name in names:
        if name and name != "simulated":
            row.setdefault(name, "")
    return row


def _text(cell: Cell) -> str:
    """What a cell says; a whole number without a point, because programs make numbers of codes."""
    value = cell.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        # A day, or an instant without its seconds.
        return cell.raw[:16]
    return cell.raw.strip()


def _xlsx(content: bytes, sheet: str, limits: Limits = LIMITS) -> list[Line]:
    if len(content) > limits.size:
        raise SheetError("file too large", value=len(content), limit=limits.size)
    grids, _, _ = read_xlsx(content, limits)
    if sheet:
        return next((g.rows for g in grids if g.name == sheet), [])
    return grids[0].rows if grids else []


def has_sheet(content: bytes, sheet: str) -> bool:
    """Whether a workbook has a sheet of that name. DataError for a workbook that can't be read."""
    if not content.startswith(_ZIP):
        return False
    try:
        return any(g.name == sheet for g in read_xlsx(content, LIMITS)[0])
    except SheetError as error:
        raise DataError(f"{error.fault.message_zh} / {error}") from error


def _csv(content: bytes, limits: Limits = LIMITS) -> list[Line]:
    if len(content) > limits.size:
        raise SheetError("file too large", value=len(content), limit=limits.size)
    if content.startswith(_OLE):
        raise SheetError("old excel")
    text, _ = decode(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    out = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, record in enumerate(reader, start=1):
            if number > limits.rows:
                raise SheetError("too many rows", limit=limits.rows)
            if len(record) > limits.columns:
                raise SheetError("too many columns", limit=limits.columns)
            if any(len(x) > limits.cell for x in record):
                raise SheetError("cell too long", limit=limits.cell)
            out.append(Line(number, [_cell(x) for x in record]))
    except csv.Error as error:
        raise SheetError("quoting", row=len(out) + 1, value=error) from error
    return out


def _cell(text: str) -> Cell:
    if not text.strip():
        return Cell()
    plain = text[1:] if _GUARD.match(text) else text
    return Cell(plain, plain, "text")


def write(form: Literal["csv", "xlsx"], sheets: Mapping[str, tuple[Book, Sequence[Mapping[str, str]]]]) -> bytes:
    """Sheets of registers, by the name of the sheet. A CSV file holds the first one only."""
    if form == "csv":
        book, rows = next(iter(sheets.values()))
        heads = heading(book, rows)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(heads)
        writer.writerows([safe(row.get(h, "")) for h in heads] for row in rows)
        return b"\xef\xbb\xbf" + text.getvalue().encode()
    out = io.BytesIO()
    workbook = new_workbook(out)
    bold, quoted = workbook.add_format({"bold": True, "bottom": 1}), workbook.add_format({"quote_prefix": True})
    for name, (book, rows) in sheets.items():
        sheet = workbook.add_worksheet(name[:31])
        heads = heading(book, rows)
        for k, head in enumerate(heads):
            sheet.write_string(0, k, head, bold)
            sheet.set_column(k, k, 28 if head.startswith("name") else 14)
            if (column := book.by_name.get(head)) is not None:
                notes = "\n".join(t for t in (column.zh, column.en, column.help_zh, column.help_en) if t)
                sheet.write_comment(0, k, notes)
        for r, row in enumerate(rows, start=1):
            for k, head in enumerate(heads):
                if value := row.get(head, ""):
                    # A text for the program, whatever it begins with; codes keep their leading zeros.
                    sheet.write_string(r, k, value, quoted if value[0] in "=+-@" else None)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(rows), 1), len(heads) - 1)
    workbook.close()
    return out.getvalue()


def heading(book: Book, rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The columns of a register, and after them those that only rows have."""
    known = [c.name for c in book.columns]
    return known + sorted({name for row in rows for name in row} - set(known))
