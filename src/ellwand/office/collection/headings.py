"""The heading of a sheet: the column of each field, and what stands above the header."""

from collections.abc import Iterable, Mapping
from typing import Final

from ellwand.office.collection.columns import FIELD_NAMES, NAMES, READ, Column
from ellwand.office.collection.measures import measure_of
from ellwand.office.collection.messages import SheetError, fault
from ellwand.office.collection.numbers import Basis, read_basis
from ellwand.office.collection.offices import Office
from ellwand.office.collection.problems import Problems, outside
from ellwand.office.collection.rows import STATUSES
from ellwand.office.collection.sheets import Row, Table
from ellwand.office.collection.text import key

_PERIOD_LABELS: Final = frozenset(("期", "报告期", "period"))


def _matches(field: str, text: str, office: Office) -> bool:
    """Whether a text is a value of the field."""
    if field == "unit":
        return text in office.units
    if field == "item":
        return text in office.items
    if field == "status":
        return key(text) in STATUSES
    try:
        measure_of(text, office.measures)
    except SheetError:
        return False
    return True


def heading_basis(table: Table, columns: Mapping[str, Column], office: Office, problems: Problems) -> Basis | None:
    """The basis that the heading of the prices says; an unknown unit of measure is a problem of the header."""
    price = columns.get("price")
    if price is None or not price.remark:
        return None
    try:
        return read_basis(price.remark, office.measures)
    except SheetError as error:
        problems.add(table.header, price, "price", price.name, error.fault)
        return None


def settle(table: Table, office: Office, problems: Problems) -> dict[str, Column]:
    """The column of each field. What cannot be settled is a problem of the header."""
    out: dict[str, Column] = {}
    several = []
    for column in table.columns:
        if len(column.fields) > 1:
            several.append(column)
        elif column.fields and column.fields[0] in READ:
            field = column.fields[0]
            if field in out:
                said = fault(
                    "column twice", value=f"{out[field].letter}, {column.letter}", field=" / ".join(FIELD_NAMES[field])
                )
                problems.add(table.header, column, field, column.name, said)
            else:
                out[field] = column
    for column in several:
        choices = [f for f in column.fields if f not in out]
        if len(choices) > 1:
            texts = {row.at(column.index).raw for row in table.rows} - {""}
            if not texts:
                continue
            choices = [f for f in choices if any(_matches(f, t, office) for t in texts)]
        if len(choices) != 1:
            names = " / ".join(f"{FIELD_NAMES[f][0]} {FIELD_NAMES[f][1]}" for f in column.fields)
            said = fault("column in doubt", value=column.name, choices=names)
            problems.add(table.header, column, "", column.name, said)
        else:
            out[choices[0]] = column
    return out


def _labelled(table: Table) -> Iterable[tuple[Row, int, str, str]]:
    """Labels above the header and what stands beside them: row, column, label, value."""
    for row in table.above:
        for i, cell in enumerate(row.cells):
            label, _, value = cell.raw.replace("：", ":").partition(":")
            if not value.strip():
                value = next((c.raw for c in row.cells[i + 1 :] if c.raw), "")
            if label.strip() and value.strip():
                yield row, i, key(label), value.strip()


def read_above(table: Table, unit: str | None, office: Office, problems: Problems) -> tuple[str | None, Basis | None]:
    """The unit and the basis of prices that stand above the header, checked against what is known."""
    basis = None
    for row, index, label, value in _labelled(table):
        at = Column(index, value, ())
        parts = label.split("/")
        if all(p in _PERIOD_LABELS for p in parts):
            try:
                span = office.day(value)
            except SheetError as error:
                problems.add(row.number, at, "date", value, error.fault)
                continue
            if not span.within(office.period):
                problems.add(row.number, at, "date", value, outside(value, office.period))
        elif all(NAMES.get(p) == ("unit",) for p in parts):
            try:
                found = office.units.find(value)
            except SheetError as error:
                problems.add(row.number, at, "unit", value, error.fault)
                continue
            if unit is not None and found != unit:
                problems.add(row.number, at, "unit", value, fault("another unit", value=found, limit=unit))
            unit = unit or found
        elif label == "单位" and basis is None:
            try:
                basis = read_basis(value, office.measures)
            except SheetError as error:
                problems.add(row.number, at, "unit_of_measure", value, error.fault)
    return unit, basis
