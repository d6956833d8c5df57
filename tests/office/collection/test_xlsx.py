"""Excel workbooks: bombs, passwords, links, formulas, merged and hidden cells."""

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.quotes import Result
from ellwand.office.collection.sheets import Limits, read_book
from ellwand.office.collection.template import template_xlsx

Make = Callable[..., bytes]
Sheet = Callable[..., Result]
HEAD = ("样本单位", "品名", "价格")
SHEET1 = "xl/worksheets/sheet1.xml"


def rule_of(content: bytes, limits: Limits | None = None, name: str = "a.xlsx") -> str:
    with pytest.raises(SheetError) as caught:
        read_book(content, name, limits or Limits())
    assert caught.value.fault.message_zh
    assert caught.value.fault.remedy_en
    return caught.value.rule


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def test_values_keep_their_kinds(workbook: Make) -> None:
    rows = [HEAD, ["U1", "I1", 12.5], [7, True, 3], [date(2024, 3, 11), datetime(2024, 3, 11, 8), time(8)]]
    table = read_book(workbook(rows), "a.xlsx").sheets[0]
    kinds = [[(c.kind, c.raw) for c in r.cells] for r in table.rows]
    assert kinds == [
        [("text", "U1"), ("text", "I1"), ("number", "12.5")],
        [("number", "7"), ("logical", "TRUE"), ("number", "3")],
        [("date", "2024-03-11"), ("date", "2024-03-11 08:00:00"), ("other", "08:00:00")],
    ]
    assert table.rows[0].cells[2].value == Decimal("12.5")


# Bombs


def test_an_excel_bomb_is_refused_before_it_is_unpacked(workbook: Make, repacked: Make) -> None:
    # 120 MB of blanks in a part of 120 kB.
    bomb = repacked(workbook([HEAD]), {"xl/sharedStrings.xml": b"<sst>" + b" " * 120_000_000 + b"</sst>"})
    assert len(bomb) < 1_000_000
    assert rule_of(bomb) == "unpacked too large"


def test_a_bomb_below_the_bound_of_size_is_refused_by_its_ratio(workbook: Make, repacked: Make) -> None:
    bomb = repacked(workbook([HEAD]), {"xl/sharedStrings.xml": b"<sst>" + b" " * 20_000_000 + b"</sst>"})
    assert rule_of(bomb) == "packed too tightly"


def test_many_parts_that_are_small_each(workbook: Make, repacked: Make) -> None:
    parts = {f"xl/x{i}.xml": b"<a>" + b" " * 1_000_000 + b"</a>" for i in range(110)}
    assert rule_of(repacked(workbook([HEAD]), parts)) == "unpacked too large"
    assert rule_of(repacked(workbook([HEAD]), {f"xl/x{i}.xml": b"<a/>" for i in range(2001)})) == "damaged"


def test_a_part_that_lies_about_its_size_is_stopped(workbook: Make) -> None:
    """The directory says 100 bytes and their checksum; the packed data hold 60 MB. No more than said is unpacked."""
    said = b"<a>" + b" " * 93 + b"</a>"
    assert len(said) == 100
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([HEAD]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/theme/theme1.xml":
                new.writestr(name, old.read(name))
        new.writestr("xl/theme/theme1.xml", said + b" " * 60_000_000)
    content = bytearray(out.getvalue())
    first, last = content.index(b"xl/theme/theme1.xml"), content.rindex(b"xl/theme/theme1.xml")
    for start, at in ((content.rindex(b"PK\x03\x04", 0, first), 14), (content.rindex(b"PK\x01\x02", 0, last), 16)):
        struct.pack_into("<I", content, start + at, zlib.crc32(said))
        struct.pack_into("<I", content, start + at + 8, 100)
    tracemalloc.start()
    book = read_book(bytes(content), "a.xlsx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert book.sheets[0].rows == ()
    assert peak < 10_000_000


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "a">]><worksheet/>'.encode("utf-16"),
    ],
)
def test_entities_are_refused(xml: bytes, workbook: Make, repacked: Make) -> None:
    assert rule_of(repacked(workbook([HEAD]), {SHEET1: xml})) == "damaged"


def test_rows_and_cells_far_away(workbook: Make, repacked: Make) -> None:
    made = workbook([HEAD, ["U1", "I1", 2]])
    xml = part(made, SHEET1)
    far = xml.replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')
    assert rule_of(repacked(made, {SHEET1: far})) == "too many rows"
    wide = xml.replace(b"</sheetData>", b'<row r="3"><c r="XFD3"><v>1</v></c></row></sheetData>')
    assert rule_of(repacked(made, {SHEET1: wide})) == "too many columns"
    # Formatted but empty rows, as some programs leave them, do no harm; nor does a false size of the sheet.
    empty = xml.replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576" s="0"/></row></sheetData>')
    empty = empty.replace(b'<dimension ref="A1:C2"', b'<dimension ref="A1:XFD1048576"')
    assert empty.count(b"XFD1048576") == 1
    assert len(read_book(repacked(made, {SHEET1: empty}), "a.xlsx").sheets[0].rows) == 1


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="2"/><row r="2"/>',
        b'<row r="5"/><row r="4"/>',
        b'<row r="0"/>',
        b'<row r="x"/>',
        b'<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>',
        b'<row r="2"><c r="A3"><v>1</v></c></row>',
        b'<row r="2"><c r="ZZZ2"><v>1</v></c></row>',
        b'<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
        b'<row r="2"><c r="A2"><v>NaN</v></c></row>',
        b'<row r="2"><c r="A2"><v>1e999</v></c></row>',
        b'<row r="2"><c',
    ],
)
def test_cells_out_of_place_are_damage(rows: bytes, workbook: Make, repacked: Make) -> None:
    made = workbook([HEAD])
    xml = part(made, SHEET1).replace(b"</sheetData>", rows + b"</sheetData>")
    assert rule_of(repacked(made, {SHEET1: xml})) in ("damaged", "no number")


def test_bounds(workbook: Make) -> None:
    made = workbook([HEAD, *[["U1", f"x{i}", i] for i in range(30)]], lambda b: b.create_sheet("b"))
    assert rule_of(made, Limits(size=100)) == "file too large"
    assert rule_of(made, Limits(unpacked=1000)) == "unpacked too large"
    assert rule_of(made, Limits(sheets=1)) == "too many sheets"
    assert rule_of(made, Limits(rows=30)) == "too many rows"
    assert rule_of(made, Limits(columns=2)) == "too many columns"
    assert rule_of(made, Limits(cells=80)) == "too many cells"
    assert rule_of(made, Limits(cell=2)) == "cell too long"
    assert len(read_book(made, "a.xlsx", Limits(rows=31, columns=3, cell=4, sheets=2)).sheets[0].rows) == 30


def test_shared_texts_are_bounded(units: Any, items: Any) -> None:
    made = template_xlsx("U1", units["U1"], items, "2024-W11")
    assert rule_of(made, Limits(texts=20)) == "too many texts"
    assert rule_of(made, Limits(cell=20)) == "cell too long"


# Kinds of files


def test_other_workbooks_are_refused_with_what_to_do(workbook: Make, repacked: Make) -> None:
    made = workbook([HEAD])
    types = part(made, "[Content_Types].xml")
    macro = types.replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    )
    assert rule_of(repacked(made, {"xl/vbaProject.bin": b"x"}), name="a.xlsm") == "macros"
    assert macro != types
    assert rule_of(repacked(made, {"[Content_Types].xml": macro}), name="a.xlsm") == "macros"
    assert rule_of(repacked(made, {"xl/workbook.bin": b"x"}), name="a.xlsb") == "binary workbook"
    assert rule_of(repacked(made, {"mimetype": b"x"}), name="a.ods") == "other spreadsheet"
    assert rule_of(repacked(made, {"word/document.xml": b"<a/>"})) == "not a sheet"
    assert rule_of(repacked(made, {}, drop=["[Content_Types].xml"])) == "not a sheet"
    assert rule_of(repacked(made, {"xl/externalLinks/externalLink1.xml": b"<a/>"})) == "external links"
    assert rule_of(made, name="a.csv") == "renamed"
    assert rule_of(made, name="a.xls") == "renamed"
    assert rule_of(repacked(made, {}, drop=["xl/workbook.xml"])) == "damaged"
    assert rule_of(made[:-40]) == "damaged"


def test_encrypted_parts_are_refused(workbook: Make) -> None:
    content = bytearray(workbook([HEAD]))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert rule_of(bytes(content)) == "encrypted"


# Formulas, errors, merged and hidden cells


def _stored(made: bytes, repacked: Make, cell: str, formula: bytes, value: bytes) -> bytes:
    xml = part(made, SHEET1)
    old = f'<c r="{cell}"><f>{formula.decode()}</f><v /></c>'.encode()
    if old not in xml:
        old = old.replace(b"<v />", b"<v></v>")
    assert old in xml
    return repacked(
        made, {SHEET1: xml.replace(old, f'<c r="{cell}"><f>'.encode() + formula + b"</f>" + value + b"</c>")}
    )


def test_a_formula_with_a_stored_value_is_used_and_noted(workbook: Make, repacked: Make, read: Any) -> None:
    made = _stored(
        workbook([HEAD, ["U1", "I1", "=12/0.9144"]]), repacked, "C2", b"12/0.9144", b"<v>13.123359580052494</v>"
    )
    result = read(made, "a.xlsx")
    assert [q.price for q in result.accepted] == [Decimal("13.1234")]
    assert [n.rule for n in result.accepted[0].notes] == ["formula used", "rounded"]
    assert "=12/0.9144" in result.accepted[0].notes[0].message_en


def test_a_formula_without_a_stored_value_is_a_problem(workbook: Make, repacked: Make, read: Any) -> None:
    made = _stored(workbook([HEAD, ["U1", "I1", "=12*2"], ["U1", "I4", 3]]), repacked, "C2", b"12*2", b"")
    result = read(made, "a.xlsx")
    assert [(p.row, p.column, p.rule) for p in result.problems] == [(2, "C", "formula without value")]
    assert [q.item for q in result.accepted] == ["I4"]


def test_an_error_value_is_a_problem(sheet: Sheet) -> None:
    result = sheet(["U1", "I1", "#N/A"], ["U1", "#REF!", 3], header=HEAD)
    assert [(p.row, p.rule) for p in result.problems] == [(2, "error value"), (3, "error value")]


def test_merged_names_are_filled_down_and_noted(sheet: Sheet) -> None:
    result = sheet(
        ["U1", "I1", 12], [None, "I4", 13], [None, "I3", 2], header=HEAD, change=lambda b: b.active.merge_cells("A2:A4")
    )
    assert [(q.unit, q.item) for q in result.accepted] == [("U1", "I1"), ("U1", "I4"), ("U1", "I3")]
    assert [n.rule for q in result.accepted for n in q.notes] == ["merged value", "merged value"]


@pytest.mark.parametrize("cells", ["C2:C3", "A2:B2", "A1:A3"])
def test_other_merges_are_problems(cells: str, sheet: Sheet) -> None:
    result = sheet(["U1", "I1", 12], ["U2", "I4", 13], header=HEAD, change=lambda b: b.active.merge_cells(cells))
    assert "merged cells" in {p.rule for p in result.problems}
    assert all(cells in p.message_zh for p in result.problems if p.rule == "merged cells")


def test_merges_on_one_another_are_damage(workbook: Make, repacked: Make) -> None:
    made = workbook([HEAD, ["U1", "I1", 12]], lambda b: b.active.merge_cells("A2:B2"))
    xml = part(made, SHEET1)
    start, end = xml.index(b"<mergeCells"), xml.index(b"</mergeCells>")
    many = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 5000
    assert rule_of(repacked(made, {SHEET1: xml[:start] + many + xml[end:]})) == "damaged"


def test_a_hidden_row_is_a_problem_and_a_hidden_sheet_is_left_out(sheet: Sheet) -> None:
    def change(book: Any) -> None:
        book.active.row_dimensions[3].hidden = True
        other = book.create_sheet("old")
        other.append(HEAD)
        other.append(["U1", "I3", 1])
        other.sheet_state = "hidden"
        book.create_sheet("notes").append(["nothing here"])
        book.create_sheet("empty")

    result = sheet(["U1", "I1", 12], ["U2", "I4", 13], header=HEAD, change=change)
    assert [(p.row, p.rule) for p in result.problems] == [(3, "hidden row")]
    assert [q.item for q in result.accepted] == ["I1"]
    assert [n.rule for n in result.notices] == ["hidden sheet", "sheet without header"]


def test_a_hidden_column_is_read_with_a_notice(sheet: Sheet) -> None:
    def change(book: Any) -> None:
        book.active.column_dimensions["C"].hidden = True

    result = sheet(["U1", "I1", 12], header=HEAD, change=change)
    assert [n.rule for n in result.notices] == ["hidden column"]
    assert len(result.accepted) == 1


def test_two_sheets_with_headers_are_both_read(sheet: Sheet) -> None:
    def change(book: Any) -> None:
        other = book.create_sheet("二")
        other.append(HEAD)
        other.append(["U1", "I3", 1])
        other.append(["U1", "I1", 99])

    result = sheet(["U1", "I1", 12], ["U2", "I1", 13], header=HEAD, change=change)
    assert [(q.sheet, q.row, q.item) for q in result.accepted] == [("Sheet", 3, "I1"), ("二", 2, "I3")]
    assert {(p.sheet, p.row, p.rule) for p in result.problems} == {("Sheet", 2, "row twice"), ("二", 3, "row twice")}
    assert "二!3" in result.problems[0].message_en


def test_charts_pictures_and_comments_do_no_harm(workbook: Make, repacked: Make, read: Any) -> None:
    def change(book: Any) -> None:
        chart = BarChart()
        chart.add_data(Reference(book.active, min_col=3, min_row=1, max_row=2))
        book.active.add_chart(chart, "F2")
        book.active["C2"].comment = Comment("x" * 5000, "me")
        book.active.auto_filter.ref = "A1:C2"
        book.active.conditional_formatting.add("C2", CellIsRule("lessThan", ["1"]))

    made = repacked(workbook([HEAD, ["U1", "I1", 12]], change), {"xl/media/image1.png": bytes(range(256)) * 4000})
    assert [q.price for q in read(made, "a.xlsx").accepted] == [12]


# Dates


def test_serials_of_the_1904_system(sheet: Sheet) -> None:
    def change(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904

    header = ("样本单位", "品名", "价格", "日期")
    rows = [["U1", "I1", 12, 43900], ["U1", "I4", 12, date(2024, 3, 12)], ["U1", "I3", 12, 45362]]
    result = sheet(*rows, header=header, change=change)
    assert [q.date for q in result.accepted] == ["2024-03-11", "2024-03-12"]
    assert [(p.row, p.rule) for p in result.problems] == [(4, "outside the period")]
    assert "2028-03-12" in result.problems[0].message_en
