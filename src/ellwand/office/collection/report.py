"""What is wrong with a price sheet, for the one who sent it: a table, a CSV file, or the sheet itself with remarks.

Texts of a sender are written as texts only. No cell that begins with = + - @ becomes a formula on the reader's screen.
"""

import csv
import io
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal

import xlsxwriter

from ellwand.office.collection.problems import Problem
from ellwand.office.collection.quotes import Result
from ellwand.office.collection.sheets import EMPTY, Book, Row

Language = Literal["zh", "en", "both"]
LANGUAGES: Final = ("zh", "en", "both")

COLUMNS: Final = {
    "sheet": ("工作表", "sheet"),
    "row": ("行", "row"),
    "column": ("列", "column"),
    "field": ("字段", "field"),
    "value": ("原值", "value"),
    "rule": ("规则", "rule"),
    "message": ("问题", "problem"),
    "remedy": ("处理办法", "remedy"),
}
"""Columns of the table of problems, and their names in Chinese and English."""

_HEADINGS: Final = {"zh": "问题", "en": "problems"}
_MADE: Final = datetime(2000, 1, 1)
_NUMBER = re.compile(r"[+-]?[0-9][0-9,.]*%?")
_EXACT: Final = 15
"""Digits that a spreadsheet's number holds."""


def safe(text: str) -> str:
    """A text for a CSV cell: one that a spreadsheet program would take for a formula gets an apostrophe before it.

    `csv_file` takes the apostrophe off again. Plain numbers with a sign stay as they are.
    """
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(text) else text


def _languages(language: Language) -> tuple[Literal["zh", "en"], ...]:
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}; allowed: {', '.join(LANGUAGES)}")
    return ("zh", "en") if language == "both" else (language,)


def problem_rows(result: Result, language: Literal["zh", "en"] = "zh") -> list[dict[str, str]]:
    """The problems as rows of a table, in one language."""
    _languages(language)
    return [
        {
            "sheet": p.sheet,
            "row": str(p.row),
            "column": p.column,
            "field": p.field,
            "value": p.value,
            "rule": p.rule,
            "message": p.message_zh if language == "zh" else p.message_en,
            "remedy": p.remedy_zh if language == "zh" else p.remedy_en,
        }
        for p in result.problems
    ]


def problems_csv(result: Result, language: Literal["zh", "en"] = "zh") -> bytes:
    """The problems as a CSV file in UTF-8, with the mark that spreadsheet programs need."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([names[0 if language == "zh" else 1] for names in COLUMNS.values()])
    for row in problem_rows(result, language):
        writer.writerow([safe(row[c]) for c in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _said(problem: Problem, language: str) -> str:
    message, remedy = (
        (problem.message_zh, problem.remedy_zh) if language == "zh" else (problem.message_en, problem.remedy_en)
    )
    return message + ("；" if language == "zh" else "; ") + remedy if remedy else message


def new_workbook(out: io.BytesIO) -> Any:
    """A workbook that makes no formula and no link of any text, and has equal bytes for equal contents."""
    book = xlsxwriter.Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"created": _MADE})
    return book


def _write_row(sheet: Any, row: Row, formats: dict[str, Any], wrong: set[int]) -> None:
    for i, cell in enumerate(row.cells):
        style = formats["wrong"] if i in wrong else None
        value = cell.value
        if cell.kind == "number" and isinstance(value, Decimal) and len(value.as_tuple().digits) <= _EXACT:
            sheet.write_number(row.number - 1, i, float(value), style)
        elif cell.kind == "date" and isinstance(value, date):
            # What a date stands for is not ours to change: as text it is read back as the same day.
            sheet.write_string(row.number - 1, i, cell.raw, style)
        elif cell.raw or cell.formula:
            sheet.write_string(row.number - 1, i, cell.raw or cell.formula, style)
        elif style is not None:
            sheet.write_blank(row.number - 1, i, None, style)


def _sheet_name(name: str, number: int, taken: set[str]) -> str:
    """The name of a sheet, or a plain one where spreadsheet programs would refuse it."""
    refused = not 0 < len(name) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", name) or not name.isprintable()
    if not refused and name.lower() != "history":
        return name
    plain = f"Sheet{number}"
    return plain if plain.lower() not in taken else f"Sheet {number} of the report"


def report_xlsx(book: Book, result: Result, language: Language = "both") -> bytes:
    """The sheets as they were sent, with a column of problems for each language, for the sender to correct and return.

    Rows keep their numbers. Cells with a problem are marked. A sheet that is sent back is read without these columns.
    """
    languages = _languages(language)
    by_row: dict[tuple[str, int], list[Problem]] = defaultdict(list)
    for p in result.problems:
        by_row[p.sheet, p.row].append(p)
    out = io.BytesIO()
    workbook = new_workbook(out)
    formats = {
        "head": workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
        "wrong": workbook.add_format({"bg_color": "#FFE9A8"}),
        "text": workbook.add_format({"text_wrap": True, "valign": "top"}),
    }
    for number, table in enumerate(book.sheets, start=1):
        sheet = workbook.add_worksheet(_sheet_name(table.name, number, {t.name.lower() for t in book.sheets}))
        last = max(c.index for c in table.columns) + 1
        old = {c.index for c in table.columns if c.fields == ("problems",)}
        doubted = {p.column for p in by_row.get((table.name, table.header), [])}
        for c in table.columns:
            if c.index not in old:
                look = formats["wrong" if c.letter in doubted else "head"]
                sheet.write_string(table.header - 1, c.index, c.name, look)
        for row in (*table.above, *table.rows):
            found = by_row.get((table.name, row.number), [])
            letters = {p.column for p in found}
            wrong = {c.index for c in table.columns if c.letter in letters}
            # Remarks of an earlier report are left out.
            plain = Row(row.number, [EMPTY if i in old else c for i, c in enumerate(row.cells)])
            _write_row(sheet, plain, formats, wrong)
        for k, code in enumerate(languages):
            sheet.write_string(table.header - 1, last + k, _HEADINGS[code], formats["head"])
            for (name, line), found in by_row.items():
                if name == table.name and line != table.header:
                    text = "\n".join(_said(p, code) for p in found)
                    sheet.write_string(line - 1, last + k, text[:2000], formats["text"])
            sheet.set_column(last + k, last + k, 60)
            heading = by_row.get((table.name, table.header), [])
            if heading:
                # Problems of the header itself stand beside its name.
                text = _HEADINGS[code] + "\n" + "\n".join(_said(p, code) for p in heading)
                sheet.write_comment(table.header - 1, last + k, text[:2000])
        sheet.freeze_panes(table.header, 0)
    workbook.close()
    return out.getvalue()
