"""Excel workbooks as cells, by openpyxl, after every part was unpacked within bounds and looked at.

The archive is not handed to the library as it came. Its parts are unpacked piece by piece, so that a part that lies
about its size is stopped, XML is read once by a parser that refuses document types (and with them entities), and the
verified parts alone are put together again. That first reading also finds what the library's fast mode does not show:
formulas beside their stored values, merged cells, hidden rows and columns.
Sources: ECMA-376 part 1 (SpreadsheetML), part 2 (packages).
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from xml.etree import ElementTree
from xml.parsers import expat

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS

from ellwand.office.collection.messages import Fault, SheetError, fault
from ellwand.office.collection.numbers import number_of
from ellwand.office.collection.sheets import EMPTY, Cell, Grid, Kind, Limits, Merge, Row

_PIECE: Final = 1 << 16
_FREE: Final = 1 << 20
"""Parts up to this size may be packed as tightly as they like."""

_PARTS: Final = 2_000
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_RANGE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?")
_FULL_ROW, _FULL_COLUMN = 1_048_576, 16_384


def _index(letters: str) -> int:
    out = 0
    for c in letters:
        out = out * 26 + ord(c) - 64
    return out - 1


@dataclass(slots=True)
class _Sheet:
    """What the first reading finds in a part. root : its outermost element. last_row, last_column : of used cells.

    cells, used : cells of this part and those before it, and how many of them hold something.
    """

    root: str = ""
    formulas: dict[tuple[int, int], tuple[str, bool]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    last_row: int = 0
    last_column: int = -1
    texts: int = 0
    cells: int = 0
    used: int = 0


class _Reader:
    """The first reading of an XML part: counts, places and lengths, no values."""

    def __init__(self, limits: Limits, cells: int, used: int) -> None:
        self.found = _Sheet(cells=cells, used=used)
        self.limits = limits
        self.row = self.column = 0
        self.length = 0
        self.inside = False
        self.formula: list[str] | None = None
        self.value = False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._root
        self.parser.buffer_text = True

    def feed(self, piece: bytes, last: bool = False) -> None:
        try:
            self.parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise SheetError("damaged", value=error) from None

    def _doctype(self, *_: object) -> None:
        raise SheetError("damaged", value="a part declares a document type")

    def _root(self, name: str, _: dict[str, str]) -> None:
        self.found.root = name.rpartition(":")[2]
        self.parser.StartElementHandler = None
        if self.found.root == "worksheet":
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end
            self.parser.CharacterDataHandler = self._text
        elif self.found.root == "sst":
            self.parser.StartElementHandler = self._start_text
            self.parser.CharacterDataHandler = self._text

    def _start_text(self, name: str, _: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            self.inside, self.length = True, 0
            self.found.texts += 1
            if self.found.texts > self.limits.texts:
                raise SheetError("too many texts", limit=self.limits.texts)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes.get("r"))
        elif name in ("v", "is"):
            self.value = True
            self.found.used += 1
            self.found.last_row = max(self.found.last_row, self.row)
            self.found.last_column = max(self.found.last_column, self.column)
            if self.found.last_row > self.limits.rows:
                raise SheetError("too many rows", limit=self.limits.rows)
            if self.found.last_column >= self.limits.columns:
                raise SheetError("too many columns", limit=self.limits.columns)
        elif name == "row":
            number = self._number(attributes["r"], _FULL_ROW) if "r" in attributes else self.row + 1
            if number <= self.row:
                raise SheetError("damaged", value=f"row {number} stands after row {self.row}")
            self.row, self.column = number, -1
            if attributes.get("hidden") in ("1", "true"):
                self.found.hidden_rows.add(number)
        elif name == "f":
            self.formula = []
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = (self._number(attributes.get(k, ""), _FULL_COLUMN) for k in ("min", "max"))
            self.found.hidden_columns.update(range(first - 1, min(last, self.limits.columns)))

    def _number(self, text: str, most: int) -> int:
        if not re.fullmatch(r"[0-9]{1,7}", text) or not 1 <= int(text) <= most:
            raise SheetError("damaged", value=f"{text!r} is no row or column")
        return int(text)

    def _cell(self, name: str | None) -> None:
        self.inside, self.length, self.value, self.formula = True, 0, False, None
        self.found.cells += 1
        if self.found.used > self.limits.cells or self.found.cells > 2 * self.limits.cells:
            raise SheetError("too many cells", limit=self.limits.cells)
        column = self.column + 1
        if name is not None:
            place = _CELL.fullmatch(name)
            if place is None or int(place[2]) != self.row:
                raise SheetError("damaged", value=f"cell {name!r} stands in row {self.row}")
            column = _index(place[1])
        if not self.column < column < _FULL_COLUMN:
            raise SheetError("damaged", value=f"cell {name!r} stands after another of its row")
        self.column = column

    def _merge(self, name: str) -> None:
        place = _RANGE.fullmatch(name)
        if place is None:
            raise SheetError("damaged", value=f"merged cells {name!r}")
        left, top = _index(place[1]), int(place[2])
        right, bottom = (_index(place[3]), int(place[4])) if place[3] else (left, top)
        if len(self.found.merges) >= self.limits.rows:
            raise SheetError("too many rows", limit=self.limits.rows)
        self.found.merges.append(Merge(top, left, bottom, right, name))

    def _text(self, text: str) -> None:
        if not self.inside:
            return
        self.length += len(text)
        if self.length > self.limits.cell and not text.isspace():
            raise SheetError("cell too long", limit=self.limits.cell)
        if self.formula is not None:
            self.formula.append(text)

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "f" and self.formula is not None:
            self.found.formulas[self.row, self.column] = ("=" + "".join(self.formula), False)
            self.formula, self.length = None, 0
        elif name == "c":
            self.inside = False
            place = (self.row, self.column)
            if place in self.found.formulas:
                text, _ = self.found.formulas[place]
                self.found.formulas[place] = (text, self.value)
                if not self.value:
                    # It still counts as used, so that it is reported.
                    self.found.last_row = max(self.found.last_row, self.row)
                    self.found.last_column = max(self.found.last_column, self.column)
        elif name in ("v", "is"):
            self.length = 0


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int, limits: Limits) -> bytes:
    """A part, never more of it than there is room for."""
    out = bytearray()
    with archive.open(info) as part:
        while piece := part.read(_PIECE):
            out += piece
            if len(out) > room:
                raise SheetError("unpacked too large", value=f"more than {limits.unpacked}", limit=limits.unpacked)
    if len(out) > _FREE and len(out) > limits.ratio * max(info.compress_size, 1):
        times = len(out) // max(info.compress_size, 1)
        raise SheetError("packed too tightly", value=times, limit=limits.ratio)
    return bytes(out)


def _check_names(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse what is no plain workbook, by the names and declared sizes of its parts."""
    names = [i.filename for i in infos]
    low = {n.lower().lstrip("/") for n in names}
    if len(names) > _PARTS or len(low) != len(names):
        raise SheetError("damaged", value="it has too many parts, or two of one name")
    if any(i.flag_bits & 1 for i in infos):
        raise SheetError("encrypted")
    if "mimetype" in low or "content.xml" in low:
        raise SheetError("other spreadsheet", value="OpenDocument")
    if any(n.endswith("vbaproject.bin") for n in low):
        raise SheetError("macros")
    if "xl/workbook.bin" in low:
        raise SheetError("binary workbook")
    if any(n.startswith("word/") for n in low):
        raise SheetError("not a sheet", value="a text document")
    if "[content_types].xml" not in low:
        raise SheetError("not a sheet", value="a packed archive")
    if any(n.startswith("xl/externallinks/") for n in low):
        raise SheetError("external links")
    declared = sum(i.file_size for i in infos)
    if declared > limits.unpacked:
        raise SheetError("unpacked too large", value=declared, limit=limits.unpacked)
    for i in infos:
        if i.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetError("damaged", value="a part is packed in a way that workbooks do not use")
        if i.file_size > _FREE and i.file_size > limits.ratio * max(i.compress_size, 1):
            raise SheetError("packed too tightly", value=i.file_size // max(i.compress_size, 1), limit=limits.ratio)


def _verified(content: bytes, limits: Limits) -> tuple[io.BytesIO, dict[str, _Sheet], dict[str, bytes]]:
    """The XML parts of a workbook in an archive of their own, what was found in each, and the small ones as bytes."""
    out, found, small = io.BytesIO(), {}, {}
    room, cells, used = limits.unpacked, 0, 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        infos = [i for i in archive.infolist() if not i.is_dir()]
        _check_names(infos, limits)
        for info in infos:
            name = info.filename.lstrip("/")
            # Pictures, fonts and printer settings are of no use here, and never unpacked.
            if not name.lower().endswith((".xml", ".rels")) or name.lower().startswith(("xl/drawings/", "xl/charts/")):
                continue
            data = _unpack(archive, info, room, limits)
            room -= len(data)
            reader = _Reader(limits, cells, used)
            for start in range(0, len(data), _PIECE):
                reader.feed(data[start : start + _PIECE])
            reader.feed(b"", True)
            found[name] = reader.found
            cells, used = reader.found.cells, reader.found.used
            if len(data) <= _FREE:
                small[name] = data
            if b"macroEnabled" in data and name == "[Content_Types].xml":
                raise SheetError("macros")
            copy.writestr(zipfile.ZipInfo(name), data)
    out.seek(0)
    return out, found, small


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _sheet_parts(small: dict[str, bytes]) -> dict[str, str]:
    """The part of each sheet, by the name of the sheet."""
    book = next((n for n in ("xl/workbook.xml",) if n in small), None)
    rels = next((n for n in ("xl/_rels/workbook.xml.rels",) if n in small), None)
    if book is None or rels is None:
        raise SheetError("damaged", value="it has no list of sheets")
    # Both were read before by a parser that refuses document types.
    targets = {
        e.get("Id", ""): e.get("Target", "")
        for e in ElementTree.fromstring(small[rels])  # noqa: S314
        if _local(e.tag) == "Relationship"
    }
    out: dict[str, str] = {}
    for e in ElementTree.fromstring(small[book]).iter():  # noqa: S314
        if _local(e.tag) == "sheet":
            name = e.get("name", "")
            target = targets.get(next((v for k, v in e.attrib.items() if _local(k) == "id"), ""), "")
            if name in out:
                raise SheetError("damaged", value=f"two sheets are called {name!r}")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            out[name] = path
    return out


_MARKS = re.compile(r"_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|\"([^\"]*)\"|\\(.)|([¥￥$€£%])|.", re.DOTALL)
"""Parts of a number format: room, filling, a currency, colours and conditions, words, a sign, other signs, digits."""

_LOCAL = frozenset(f for f in BUILTIN_FORMATS.values() if "$" in f)
"""Formats whose sign of money is that of the reader's machine, not the sender's."""


@lru_cache(maxsize=1000)
def _shown_beside(form: str) -> str:
    """The words and signs that a number format puts beside a number."""
    if form == "General" or form in _LOCAL:
        return ""
    parts = _MARKS.finditer(form.partition(";")[0])
    return "".join(next((g for g in p.groups() if g), "") for p in parts).strip()


def _cell_of(cell: Any, formula: tuple[str, bool] | None) -> Cell:
    value, kind = cell.value, "empty"
    raw = shows = ""
    if value is None:
        if formula is None:
            return EMPTY
        return Cell("", None, "empty", formula[0], not formula[1])
    out: Any = value
    if cell.data_type == "e":
        raw, kind = str(value), "error"
    elif isinstance(value, bool):
        raw, kind = str(value).upper(), "logical"
    elif isinstance(value, int | float):
        out = number_of(value).value
        raw, kind, shows = str(out), "number", _shown_beside(cell.number_format)
    elif isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == 0
        raw, kind = value.date().isoformat() if midnight else value.isoformat(" "), "date"
    elif isinstance(value, date):
        raw, kind = value.isoformat(), "date"
    elif isinstance(value, str):
        if not value or value.isspace():
            return EMPTY if formula is None else Cell("", None, "empty", formula[0], False)
        raw, kind = value, "text"
    else:
        # A time of day or a duration, which no field of a price sheet holds.
        raw, kind, out = str(value), "other", str(value)
    known: Kind = kind  # type: ignore[assignment]
    if formula is None:
        return Cell(raw, out, known, shows=shows)
    return Cell(raw, out, known, formula[0], not formula[1], shows=shows)


def _grid(sheet: Any, name: str, found: _Sheet) -> Grid:
    """The used cells of a sheet."""
    if not found.last_row:
        return Grid(name, [])
    sheet.reset_dimensions()
    rows: list[Row] = []
    formulas = found.formulas
    cells: Iterable[Any]
    for number, cells in enumerate(sheet.iter_rows(max_row=found.last_row, max_col=found.last_column + 1), start=1):
        out = [_cell_of(c, formulas.get((number, i)) if formulas else None) for i, c in enumerate(cells)]
        rows.append(Row(number, out, number in found.hidden_rows))
    width = found.last_column + 1
    area = sum(
        max(0, min(m.bottom, len(rows)) - m.top + 1) * max(0, min(m.right + 1, width) - m.left) for m in found.merges
    )
    if area > width * len(rows):
        raise SheetError("damaged", value="merged cells lie on one another")
    for merge in found.merges:
        for row in rows[merge.top - 1 : merge.bottom]:
            for i in range(merge.left, min(merge.right + 1, len(row.cells))):
                c = row.cells[i]
                merged = replace(c, merged=merge.name)
                row.cells = [*row.cells[:i], merged, *row.cells[i + 1 :]]
    return Grid(name, rows, found.merges, frozenset(found.hidden_columns))


def read_xlsx(content: bytes, limits: Limits) -> tuple[list[Grid], list[Fault], str]:
    """The visible sheets of a workbook, notices, and its date system. SheetError as of `read_book`."""
    grids: list[Grid] = []
    notices: list[Fault] = []
    try:
        package, found, small = _verified(content, limits)
        parts = _sheet_parts(small)
        if len(parts) > limits.sheets:
            raise SheetError("too many sheets", value=len(parts), limit=limits.sheets)
        book = openpyxl.load_workbook(package, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                notices.append(fault("hidden sheet", value=sheet.title))
                continue
            grids.append(_grid(sheet, sheet.title, found.get(parts.get(sheet.title, ""), _Sheet())))
        system = "1904" if book.epoch.year == 1904 else "1900"
    except SheetError:
        raise
    except Exception as error:
        # Whatever a damaged or hostile archive makes the libraries stumble over, it is the file's fault, not ours.
        raise SheetError("damaged", value=f"{type(error).__name__}: {error}") from error
    return grids, notices, system
