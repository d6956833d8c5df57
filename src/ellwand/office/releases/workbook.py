"""A release as an Excel workbook: the issue in full, and the history of levels and changes, series by periods."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import openpyxl

from ellwand.engine.errors import DataError
from ellwand.office.releases.figures import Key, Row, moment
from ellwand.office.releases.heading import Heading
from ellwand.office.releases.sheets import (
    BOLD,
    FOUR,
    MOST_COLUMNS,
    MOST_ROWS,
    PLAIN,
    TWO,
    Sheet,
    letters,
    number,
    string,
    write_sheets,
)

NAMES = ("series", "code", "name_zh", "name_en")
FIGURES = {
    "published": TWO,
    "published_change_previous": TWO,
    "published_change_year_start": TWO,
    "published_change_last_year": TWO,
    "low": TWO,
    "high": TWO,
    "contribution": FOUR,
    "imputed_share": FOUR,
    **dict.fromkeys(("units", "quotes", "observed", "imputed", "excluded", "level"), PLAIN),
}
"""Columns of numbers, and how they are shown."""
COLUMNS = (
    "series", "code", "level", "name_zh", "name_en", "period",
    "published", "published_change_previous", "published_change_year_start", "published_change_last_year",
    "low", "high", "contribution", "imputed_share", "grade", "status",
    "units", "quotes", "observed", "imputed", "excluded", "release",
)  # fmt: skip
HEADER = 2
"""Row of the column names, after the line that says what the sheet holds (rows count from 1)."""
WIDE = {"Levels": "published", "Changes": "published_change_previous"}
"""Sheets of the history, series x periods, and what each holds."""


def write_workbook(path: Path, rows: Sequence[Row], heading: Heading, at: datetime) -> None:
    """Write the workbook. Equal arguments give equal bytes: the instant stands for the clock.

    Levels and changes are the published figures; the others are unrounded, shown with fewer digits. A program for
    sheets keeps 16 digits; all of them are in the CSV file. DataError for more series or periods than a sheet has
    places.
    """
    last = {row["series"]: row for row in rows}
    periods = sorted({row["period"] for row in rows}, key=moment)
    if len(periods) + len(NAMES) > MOST_COLUMNS or len(last) + HEADER > MOST_ROWS:
        raise DataError(
            f"{len(last):,} series and {len(periods):,} periods; a sheet holds {MOST_ROWS - HEADER:,} and "
            f"{MOST_COLUMNS - len(NAMES):,}"
        )
    issue = [_full(n, row) for n, row in enumerate((r for r in rows if r["period"] == heading.period), HEADER + 1)]
    sheets = [Sheet("Issue", [*_top(heading, COLUMNS), *issue], (HEADER, 5))]
    for title, name in WIDE.items():
        lines = _wide(rows, last, periods, name)
        sheets.append(Sheet(title, [*_top(heading, (*NAMES, *periods)), *lines], (HEADER, len(NAMES))))
    notes = [string(f"A{n}", a, BOLD) + string(f"B{n}", b) for n, (a, b) in enumerate(heading.notes, start=1)]
    write_sheets(path, [*sheets, Sheet("Notes", notes)], heading.title, at)


def _top(heading: Heading, columns: Sequence[str]) -> list[str]:
    """The line that says what a sheet holds, and the names of its columns."""
    names = "".join(string(f"{letters(k)}{HEADER}", name, BOLD) for k, name in enumerate(columns))
    return [string("A1", heading.line, BOLD), names]


def _full(at: int, row: Row) -> str:
    """An observation as a row."""
    cells = []
    for k, name in enumerate(COLUMNS):
        place = f"{letters(k)}{at}"
        if name not in FIGURES:
            cells.append(string(place, row[name]))
        elif row[name]:
            cells.append(number(place, row[name], FIGURES[name]))
    return "".join(cells)


def _wide(rows: Sequence[Row], last: dict[str, Row], periods: Sequence[str], name: str) -> list[str]:
    """Rows of series, columns of periods."""
    across = {period: letters(k) for k, period in enumerate(periods, start=len(NAMES))}
    down = {series: n for n, series in enumerate(last, start=HEADER + 1)}
    cells: dict[str, list[str]] = {
        series: [string(f"{letters(k)}{down[series]}", row[part]) for k, part in enumerate(NAMES)]
        for series, row in last.items()
    }
    for row in sorted(rows, key=lambda r: moment(r["period"])):
        if row[name]:
            series = row["series"]
            cells[series].append(number(f"{across[row['period']]}{down[series]}", row[name], TWO))
    return ["".join(cells[series]) for series in last]


def read_workbook(path: Path) -> dict[Key, float | None]:
    """The published level of every observation, for comparison. DataError for a sheet of another form."""
    out: dict[Key, float | None] = {}
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        rows = book["Levels"].iter_rows(min_row=HEADER, values_only=True)
        header = next(rows, ())
        if header[: len(NAMES)] != NAMES:
            raise DataError(f"{path.name}: sheet Levels: its columns do not begin with {', '.join(NAMES)}")
        for values in rows:
            for period, value in zip(header[len(NAMES) :], values[len(NAMES) :], strict=False):
                out[str(values[0]), str(period)] = None if value is None else float(value)
    finally:
        book.close()
    return out
