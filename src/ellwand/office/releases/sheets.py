"""A workbook of sheets as an XLSX file: ECMA-376, SpreadsheetML, in the parts that tables of figures need.

A general writer takes twenty microseconds for a cell; a release has tens of thousands, and 104 releases are made in
turn. Equal sheets give equal bytes with one version of zlib.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from ellwand.engine.errors import DataError

PLAIN, BOLD, TWO, FOUR = range(4)
"""Styles of cells: as it is, bold, two decimals, four decimals."""
MOST_ROWS, MOST_COLUMNS, MOST_SIGNS = 1_048_576, 16_384, 32_767
"""What a sheet holds, and a cell."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""Signs that XML has no place for, and texts that look like the way in which they are written."""
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0000"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


@dataclass(frozen=True)
class Sheet:
    """A sheet: rows of cells as `number` and `string` write them, and how many rows and columns stay in view."""

    title: str
    rows: Sequence[str]
    frozen: tuple[int, int] = (0, 0)

    @property
    def xml(self) -> str:
        """The part of the package."""
        down, across = self.frozen
        view = ""
        if down or across:
            splits = (f' xSplit="{across}"' if across else "") + (f' ySplit="{down}"' if down else "")
            pane = "bottomRight" if down and across else "bottomLeft" if down else "topRight"
            corner = f"{letters(across)}{down + 1}"
            view = f'<pane{splits} topLeftCell="{corner}" activePane="{pane}" state="frozen"/>'
        rows = "".join(f'<row r="{number}">{cells}</row>' for number, cells in enumerate(self.rows, start=1) if cells)
        return (
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{view}</sheetView></sheetViews>'
            f"<sheetData>{rows}</sheetData></worksheet>"
        )


def letters(column: int) -> str:
    """The name of a column, counted from 0: A, B, ..., Z, AA."""
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def number(place: str, figure: str, style: int = PLAIN) -> str:
    """A cell with a number, given as text. place : as B7."""
    return f'<c r="{place}" s="{style}"><v>{figure}</v></c>'


def string(place: str, text: str, style: int = PLAIN) -> str:
    """A cell with a text; nothing for an empty one. DataError for one that is too long for a cell."""
    if not text:
        return ""
    if len(text) > MOST_SIGNS:
        raise DataError(f"cell {place}: a text of {len(text):,} signs; a cell holds {MOST_SIGNS:,}: {text[:40]!r}...")
    written = escape(UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


def write_sheets(path: Path, sheets: Sequence[Sheet], title: str, at: datetime) -> None:
    """Write the workbook. title, at : of its properties; the instant stands for the clock, in UTC."""
    listed = "".join(
        f'<sheet name={quoteattr(s.title)} sheetId="{n}" r:id="rId{n}"/>' for n, s in enumerate(sheets, start=1)
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_TYPE}.worksheet+xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_TYPE}.styles+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        f'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{kinds}</Types>',
        "_rels/.rels": _relations(
            [
                (f"{OFFICE}/relationships/officeDocument", "xl/workbook.xml"),
                (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ]
        ),
        "docProps/core.xml": f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{escape(title)}</dc:title>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created></cp:coreProperties>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships"><sheets>{listed}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *((f"{OFFICE}/relationships/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)),
                (f"{OFFICE}/relationships/styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": STYLES,
        **{f"xl/worksheets/sheet{n}.xml": s.xml for n, s in enumerate(sheets, start=1)},
    }
    with zipfile.ZipFile(path, "w") as out:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            # The system that wrote it is no matter of the content.
            entry.create_system = 0
            out.writestr(entry, text.encode("utf-8"))


def _relations(given: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(given, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'
