"""What goes back to the sender: problems as a table, and the sheet itself with remarks, without any formula."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from ellwand.office.collection.quotes import read_quotes
from ellwand.office.collection.report import problem_rows, problems_csv, report_xlsx, safe
from ellwand.office.collection.sheets import read_book

Make = Callable[..., bytes]
ROWS = [
    ["价格表"],
    ["样本单位", "品名", "单价", "备注"],
    ["U1", "I1", 12.5, "好"],
    ["U9", "涤纶", "1,5", "=1+1"],
    [None, None, None, None],
    ["U2", "I4", "９．５", "@x"],
]
EVIL = ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(1)"]


def made(rows: list[list[Any]], workbook: Make, units: Any, items: Any) -> tuple[Any, Any]:
    def plain(book: Any) -> None:
        # As texts: the workbook of the tests would make formulas of them.
        for row in book.active.iter_rows():
            for c in row:
                if isinstance(c.value, str):
                    c.data_type = "s"

    book = read_book(workbook(rows, plain), "a.xlsx")
    return book, read_quotes(book, units, items, "2024-W11")


def test_problems_as_a_table(workbook: Make, units: Any, items: Any) -> None:
    _, result = made(ROWS, workbook, units, items)
    zh, en = problem_rows(result, "zh"), problem_rows(result, "en")
    assert [(r["row"], r["column"], r["field"], r["value"], r["rule"]) for r in en] == [
        ("4", "A", "unit", "U9", "unit unknown"),
        ("4", "B", "item_name", "涤纶", "item unknown"),
        ("4", "C", "price", "1,5", "decimal comma"),
    ]
    assert "涤纶春亚纺" in zh[1]["remedy"]
    assert zh[2]["message"].startswith("第4行C列（价格）")
    with pytest.raises(ValueError, match="language"):
        problem_rows(result, "fr")  # type: ignore[arg-type]


@pytest.mark.parametrize("evil", EVIL)
def test_a_malicious_text_is_harmless_in_the_csv_of_problems(evil: str, workbook: Make, units: Any, items: Any) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["unit code", "item", "price"], ["U1", evil, evil]])
    result = read_quotes(read_book(text.getvalue().encode()), units, items, "2024-W11")
    for language in ("zh", "en"):
        content = problems_csv(result, language)  # type: ignore[arg-type]
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert len(rows) > 1
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for row in rows for cell in row)


def test_the_apostrophe_is_taken_off_again() -> None:
    for text in EVIL[:4]:
        book = read_book(f"item,price,remark\nI1,2,{safe(text)}\n".encode())
        assert book.sheets[0].rows[0].cells[2].raw == text
    assert safe("-12.5") == "-12.5"
    assert safe("+1,234.50") == "+1,234.50"
    assert safe("plain") == "plain"


def test_the_sheet_goes_back_with_remarks_and_comes_again(workbook: Make, units: Any, items: Any) -> None:
    book, result = made(ROWS, workbook, units, items)
    report = report_xlsx(book, result)
    sheet = openpyxl.load_workbook(io.BytesIO(report)).active
    assert [[c.value for c in r[:4]] for r in sheet.iter_rows()] == [[*r, *[None] * (4 - len(r))] for r in ROWS]
    assert [sheet.cell(2, c).value for c in (5, 6)] == ["问题", "problems"]
    assert [sheet.cell(r, 5).value is None for r in (3, 4, 6)] == [True, False, True]
    assert "没有名为“U9”的样本单位" in sheet.cell(4, 5).value
    assert "no unit is called U9" in sheet.cell(4, 6).value
    assert sheet.cell(4, 5).value.count("\n") == 2
    assert [sheet.cell(4, c).fill.fgColor.rgb for c in (1, 3, 4)] == ["FFFFE9A8", "FFFFE9A8", "00000000"]
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    # Corrected by the sender and read again.
    again = openpyxl.load_workbook(io.BytesIO(report))
    for column, value in enumerate(("U1", "棉布", 1.5), start=1):
        again.active.cell(4, column).value = value
    out = io.BytesIO()
    again.save(out)
    back = read_quotes(read_book(out.getvalue(), "a.xlsx"), units, items, "2024-W11")
    assert back.problems == ()
    assert back.notices == ()
    assert [q.row for q in back.accepted] == [3, 4, 6]
    assert {q.key for q in result.accepted} < {q.key for q in back.accepted}


def test_a_report_of_a_report_keeps_no_old_remarks(workbook: Make, units: Any, items: Any) -> None:
    book, result = made(ROWS, workbook, units, items)
    once = read_book(report_xlsx(book, result), "a.xlsx")
    twice = report_xlsx(once, read_quotes(once, units, items, "2024-W11"))
    sheet = openpyxl.load_workbook(io.BytesIO(twice)).active
    texts = [c.value for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert sum("U9的" in t or "“U9”" in t for t in texts) == 1
    assert texts.count("问题") == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_one_language(language: str, workbook: Make, units: Any, items: Any) -> None:
    book, result = made(ROWS, workbook, units, items)
    report = report_xlsx(book, result, language)  # type: ignore[arg-type]
    assert report == report_xlsx(book, result, language)  # type: ignore[arg-type]
    sheet = openpyxl.load_workbook(io.BytesIO(report)).active
    assert sheet.max_column == 5
    assert ("没有" in sheet.cell(4, 5).value) == (language == "zh")


def test_problems_of_the_heading_are_shown(workbook: Make, units: Any, items: Any) -> None:
    book, result = made([["样本单位", "品名", "价格", "单价"], ["U1", "I1", 1, 2]], workbook, units, items)
    sheet = openpyxl.load_workbook(io.BytesIO(report_xlsx(book, result))).active
    assert sheet["D1"].fill.fgColor.rgb == "FFFFE9A8"
    assert "均表示" in sheet["E1"].comment.text


def test_a_sheet_name_that_programs_refuse(workbook: Make, units: Any, items: Any) -> None:
    book, result = made(ROWS, workbook, units, items)
    for name in ("a/b", "x" * 40, "History", "", "'x"):
        book.sheets[0].name = name
        assert openpyxl.load_workbook(io.BytesIO(report_xlsx(book, result))).sheetnames == ["Sheet1"]
