"""Problems of a sheet: the rule that a row or its heading breaks, with its place."""

from dataclasses import dataclass

from ellwand.office.collection.columns import FIELD_NAMES, Column
from ellwand.office.collection.dates import Span
from ellwand.office.collection.messages import Fault, fault


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that a row breaks.

    sheet, row, column : where, the column by its letter ("" for the row as a whole). field : of `FIELD_NAMES`.
    value : as it stood. rule : a name in `messages.MESSAGES`. Messages say place and fault, remedies what to do.
    """

    sheet: str
    row: int
    column: str
    field: str
    value: str
    rule: str
    message_zh: str
    message_en: str
    remedy_zh: str
    remedy_en: str


class Problems:
    """The problems of one sheet, in the order in which they are found."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.found: list[Problem] = []

    def add(self, row: int, column: Column | None, field: str, value: str, said: Fault) -> None:
        """Note a problem. column : None for the row as a whole."""
        letter = column.letter if column else ""
        name_zh, name_en = FIELD_NAMES.get(field, ("", ""))
        zh = f"第{row}行" + (f"{letter}列（{name_zh}）" if letter else "") + f"：{said.message_zh}"
        en = f"row {row}" + (f", column {letter} ({name_en})" if letter else "") + f": {said.message_en}"
        self.found.append(
            Problem(self.sheet, row, letter, field, value, said.rule, zh, en, said.remedy_zh, said.remedy_en)
        )


def outside(value: str, period: Span) -> Fault:
    """The fault of a date that is not in the period."""
    return fault("outside the period", value=value, limit=period.label, start=period.start, end=period.end)
