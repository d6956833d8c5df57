"""A file that somebody sent, as sheets of cells with their places: CSV and Excel, within bounds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from ellwand.office.collection.columns import Column, column_of, header_score
from ellwand.office.collection.messages import Fault, SheetError, fault
from ellwand.office.collection.numbers import says_basis

HEADER_ROWS: Final = 10
"""The header stands in one of the first rows."""

Kind = Literal["empty", "text", "number", "date", "logical", "error", "other"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a file, so that none can exhaust the machine.

    size : bytes. unpacked : bytes of all parts of a workbook. ratio : most times that a part may unpack to (parts up
    to 1 MiB are free). sheets, rows, columns : counts, of used cells. cells : used cells of the whole file; as many
    again may be empty, with a format. cell : characters of a cell. texts : shared texts of a workbook.
    """

    size: int = 10 * 2**20
    unpacked: int = 100 * 2**20
    ratio: int = 200
    sheets: int = 20
    rows: int = 50_000
    columns: int = 100
    cells: int = 500_000
    cell: int = 2_000
    texts: int = 500_000


LIMITS: Final = Limits()


@dataclass(slots=True)
class Cell:
    """A cell. raw : as text. value : str, Decimal, date, datetime or bool; None if empty. formula : or "".

    unstored : the formula has no stored value. merged : the range of the merge that it lies in, or "". shows : words
    and signs that the number format puts beside a number, as 元/米, $ or %.
    """

    raw: str = ""
    value: str | Decimal | date | datetime | bool | None = None
    kind: Kind = "empty"
    formula: str = ""
    unstored: bool = False
    merged: str = ""
    shows: str = ""


EMPTY: Final = Cell()


@dataclass(slots=True)
class Row:
    """A row. number : as spreadsheet programs count, from 1. ragged : cells that it has, where that is not right."""

    number: int
    cells: Sequence[Cell]
    hidden: bool = False
    ragged: int = 0

    def at(self, index: int) -> Cell:
        """The cell of a column; an empty one beyond the end."""
        return self.cells[index] if index < len(self.cells) else EMPTY

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return all(c.kind == "empty" and not c.formula for c in self.cells)


@dataclass(slots=True)
class Merge:
    """Merged cells: first and last row from 1, first and last column from 0, and their name as A5:A9."""

    top: int
    left: int
    bottom: int
    right: int
    name: str


@dataclass(slots=True)
class Table:
    """A sheet with a header. above : rows before the header. rows : rows after it that are not blank."""

    name: str
    header: int
    columns: tuple[Column, ...]
    above: tuple[Row, ...]
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()


@dataclass(slots=True)
class Book:
    """A file that was read.

    digest : SHA-256 of its bytes. kind : "csv" or "xlsx". encoding, delimiter : of a CSV file. system : date system,
    "1900" or "1904". sheets : those with a header. notices : what the reader should know.
    """

    name: str
    digest: str
    kind: Literal["csv", "xlsx"]
    sheets: tuple[Table, ...]
    notices: tuple[Fault, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    system: str = "1900"


@dataclass(slots=True)
class Grid:
    """A sheet before its header is known. visible : its rows are shown to whoever opens it."""

    name: str
    rows: list[Row]
    merges: list[Merge] = field(default_factory=list)
    hidden_columns: frozenset[int] = frozenset()


def table_of(grid: Grid) -> Table | None:
    """The sheet below its header: the row with most known names among the first ten, or None if there is none."""
    first = [r for r in grid.rows if r.number <= HEADER_ROWS]
    scores = [header_score([c.raw for c in r.cells]) for r in first]
    best = max(scores, default=0)
    if best == 0:
        return None
    at = scores.index(best)
    header = first[at]
    columns = tuple(
        column_of(i, c.raw, i in grid.hidden_columns) for i, c in enumerate(header.cells) if c.kind != "empty"
    )
    rows = tuple(r for r in grid.rows if r.number > header.number and not r.blank)
    above = tuple(r for r in grid.rows if r.number < header.number)
    return Table(grid.name, header.number, columns, above, rows, tuple(grid.merges))


def notices_of(table: Table) -> list[Fault]:
    """What the reader of a sheet should know of its columns."""
    out = []
    for c in table.columns:
        if not c.fields:
            out.append(fault("unknown column", column=c.letter, value=c.name))
        elif c.remark and not says_basis(c.remark):
            out.append(fault("heading remark", column=c.letter, value=c.remark))
        if c.hidden and c.fields:
            out.append(fault("hidden column", column=c.letter, value=c.name))
    return out


_SIGNATURES: Final = (
    (b"%PDF", "a PDF file", "PDF文件"),
    (b"\x89PNG", "a picture", "图片"),
    (b"\xff\xd8\xff", "a picture", "图片"),
    (b"GIF8", "a picture", "图片"),
    (b"Rar!", "a packed archive", "压缩包"),
    (b"7z\xbc\xaf", "a packed archive", "压缩包"),
    (b"\x1f\x8b", "a packed archive", "压缩包"),
    (b"{\\rtf", "a text document", "文字文档"),
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")


def _kind(content: bytes, name: str) -> Literal["csv", "xlsx"]:
    """What a file is by its content; its name must agree."""
    if content.startswith(_OLE):
        # A workbook with a password is a container of the old kind around the encrypted package.
        hidden = "EncryptedPackage".encode("utf-16-le")
        raise SheetError("encrypted" if hidden in content else "old excel")
    for mark, en, _ in _SIGNATURES:
        if content.startswith(mark):
            raise SheetError("not a sheet", value=en)
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        # Some programs write a web page and call it .xls.
        raise SheetError("not a sheet", value="a web page or XML")
    kind: Literal["csv", "xlsx"] = "xlsx" if content.startswith(_ZIP) else "csv"
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    allowed = {"xlsx": ("xlsx", "xlsm", "xlsb", "ods", ""), "csv": ("csv", "tsv", "txt", "")}
    if ending not in allowed[kind]:
        raise SheetError("renamed", value=f".{ending}", kind="an Excel workbook" if kind == "xlsx" else "text")
    return kind


def read_book(content: bytes, name: str = "", limits: Limits = LIMITS) -> Book:
    """The sheets of a CSV, TSV or XLSX file.

    content : its bytes. name : its file name, which must agree with its content ("" if it has none). Sheets without a
    header and hidden sheets are left out with a notice. SheetError for a file that is not read, with what to do.
    """
    from ellwand.office.collection.csv_file import read_csv
    from ellwand.office.collection.xlsx_file import read_xlsx

    if not content:
        raise SheetError("empty file")
    if len(content) > limits.size:
        raise SheetError("file too large", value=len(content), limit=limits.size)
    digest = hashlib.sha256(content).hexdigest()
    if _kind(content, name) == "csv":
        grid, encoding, delimiter = read_csv(content, limits)
        table = table_of(grid)
        if table is None:
            raise SheetError("no header", limit=HEADER_ROWS)
        return Book(name, digest, "csv", (table,), tuple(notices_of(table)), encoding, delimiter)
    grids, notices, system = read_xlsx(content, limits)
    tables = []
    for grid in grids:
        table = table_of(grid)
        if table is None:
            if grid.rows:
                notices.append(fault("sheet without header", value=grid.name))
            continue
        tables.append(table)
        notices += notices_of(table)
    if not tables:
        raise SheetError("no header", limit=HEADER_ROWS)
    return Book(name, digest, "xlsx", tuple(tables), tuple(notices), system=system)


def counts(book: Book) -> Mapping[str, int]:
    """Rows below the header, by sheet."""
    return {t.name: len(t.rows) for t in book.sheets}
