"""CSV and TSV files as cells. The delimiter is the one that makes a header out of the first rows."""

import csv
import io
import re
from typing import Final

from ellwand.office.collection.columns import header_score
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.sheets import EMPTY, HEADER_ROWS, Cell, Grid, Limits, Row
from ellwand.office.collection.text import decode

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
_SEP = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)
_GUARD = re.compile(r"'[=+\-@\t\r]")


def _records(text: str, delimiter: str, most: int) -> list[list[str]]:
    """The first records of a text. SheetError for quotation marks that are not closed, and more records than `most`."""
    out: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            out.append(record)
            if len(out) >= most:
                break
    except csv.Error as error:
        raise SheetError("quoting", row=len(out) + 1, value=error) from None
    return out


def _delimiter(text: str) -> str:
    """The delimiter under which most known names stand in one of the first rows."""
    scores: dict[str, int] = {}
    failed: SheetError | None = None
    for delimiter in DELIMITERS:
        try:
            first = _records(text, delimiter, HEADER_ROWS)
        except SheetError as error:
            failed = error
            continue
        scores[delimiter] = max((header_score(r) for r in first), default=0)
    best = max(scores.values(), default=0)
    if best == 0:
        raise failed or SheetError("no header", limit=HEADER_ROWS)
    found = [d for d, score in scores.items() if score == best]
    if len(found) > 1:
        raise SheetError("delimiter in doubt", value=" / ".join(DELIMITERS[d] for d in found))
    return found[0]


def _cell(text: str) -> Cell:
    if not text or text.isspace():
        return EMPTY
    if _GUARD.match(text):
        # The apostrophe that keeps spreadsheet programs from taking a text for a formula; our own reports write it.
        text = text[1:]
    return Cell(text, text, "text")


def read_csv(content: bytes, limits: Limits) -> tuple[Grid, str, str]:
    """Cells, encoding and delimiter of a CSV file. SheetError as of `read_book`."""
    text, encoding = decode(content)
    said = _SEP.match(text)
    delimiter = said[1] if said else _delimiter(text)
    records = _records(text, delimiter, limits.rows + HEADER_ROWS + 1)
    if len(records) > limits.rows + HEADER_ROWS:
        raise SheetError("too many rows", limit=limits.rows)
    rows, width, cells = [], 0, 0
    scores = [header_score(r) for r in records[:HEADER_ROWS]]
    header = scores.index(max(scores)) if any(scores) else -1
    for number, record in enumerate(records, start=1):
        used = len(record)
        while used and not record[used - 1].strip():
            used -= 1
        cells += used
        if cells > limits.cells:
            raise SheetError("too many cells", limit=limits.cells)
        if used > limits.columns:
            raise SheetError("too many columns", limit=limits.columns)
        if any(len(x) > limits.cell for x in record):
            raise SheetError("cell too long", limit=limits.cell)
        if number - 1 == header:
            width = used
        # Cells beyond the header, or fewer than it has: a mark that divides where it should not, or one left out.
        wrong = used > width or len(record) < width
        ragged = len(record) if number - 1 > header >= 0 and used and wrong else 0
        rows.append(Row(number, [_cell(x) for x in record[:used]], ragged=ragged))
    return Grid("", rows), encoding, delimiter
