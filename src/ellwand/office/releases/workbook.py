"""The history of a release as an Excel workbook: a sheet for each level, and notes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import openpyxl
import xlsxwriter

from ellwand.engine.errors import DataError
from ellwand.office.releases.figures import Key, Row
from ellwand.office.releases.heading import Heading

TEXTS = ("series", "code", "name_zh", "name_en", "period")
FIGURES = (
    "published", "published_change_previous", "published_change_year_start", "published_change_last_year",
    "low", "high", "contribution", "imputed_share",
)  # fmt: skip
COUNTS = ("units", "quotes", "observed", "imputed", "excluded")
COLUMNS = (*TEXTS, *FIGURES, "grade", "status", *COUNTS, "release")
HEADER = 2
"""Row of the column names, after the line that says what the sheet holds (rows count from 1)."""
MOST_ROWS = 1_048_576 - HEADER
NOTES = "Notes"


def write_workbook(path: Path, rows: Sequence[Row], heading: Heading, at: datetime) -> None:
    """Write the workbook. Equal arguments give equal bytes: the instant stands for the clock.

    Levels and changes are the published figures; the others are unrounded, shown with fewer digits. A program for
    sheets keeps 16 digits; all of them are in the CSV file. DataError for more rows than a sheet has.
    """
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"title": heading.title, "created": at.replace(tzinfo=None)})
        bold = book.add_format({"bold": True})
        two, four = book.add_format({"num_format": "0.00"}), book.add_format({"num_format": "0.0000"})
        formats = dict.fromkeys(FIGURES, two) | {"contribution": four, "imputed_share": four}
        places = [(name, formats.get(name)) for name in COLUMNS]
        for level in sorted({row["level"] for row in rows}, key=int):
            part = [row for row in rows if row["level"] == level]
            if len(part) > MOST_ROWS:
                raise DataError(f"level {level}: {len(part):,} observations; a sheet holds {MOST_ROWS:,}")
            sheet = book.add_worksheet(f"Level {level}")
            sheet.write_string(0, 0, heading.line, bold)
            sheet.freeze_panes(HEADER, len(TEXTS))
            for column, name in enumerate(COLUMNS):
                sheet.write_string(HEADER - 1, column, name, bold)
            for number, row in enumerate(part, start=HEADER):
                for column, (name, form) in enumerate(places):
                    value = row[name]
                    if value == "":
                        continue
                    if form is not None:
                        sheet.write_number(number, column, float(value), form)
                    elif name in COUNTS:
                        sheet.write_number(number, column, int(value))
                    else:
                        sheet.write_string(number, column, value)
        notes = book.add_worksheet(NOTES)
        notes.set_column(0, 0, 24)
        for number, (name, value) in enumerate(heading.notes):
            notes.write_string(number, 0, name, bold)
            notes.write_string(number, 1, value)


def read_workbook(path: Path) -> dict[Key, float | None]:
    """The published level of every observation, for comparison."""
    out: dict[Key, float | None] = {}
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    at = [COLUMNS.index(c) for c in ("series", "period", "published")]
    for sheet in book.worksheets:
        if sheet.title != NOTES:
            for values in sheet.iter_rows(min_row=HEADER + 1, max_col=len(COLUMNS), values_only=True):
                series, period, value = (values[i] for i in at)
                out[str(series), str(period)] = None if value is None else float(value)
    book.close()
    return out
