"""A file of quotes in the layout of a market's folder, as rows and problems. Pure: no database.

Columns period, unit, item and price; quote, unit_of_measure, currency, quantity, collected_on, collection_method where
they are known; further ones are kept as they are.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key, text_of
from ellwand.engine.source import need, open_source
from ellwand.formulas.catalogue import suggest
from ellwand.office.registry.problems import Problem
from ellwand.production.folder import TEXT

NEEDED = ("period", "unit", "item", "price")
TEXTS = {"quote": 60, "unit_of_measure": 30, "currency": 3, "collected_on": 20, "collection_method": 60}
"""Columns of texts that the record has a place for, and the characters that each may have."""

DECIMALS = 4
LARGEST = {"price": Decimal(10) ** 8, "quantity": Decimal(10) ** 10}
"""What the record holds exactly: a price below 100 million and a quantity below ten thousand million, to 4 decimals."""


@dataclass(frozen=True)
class Given:
    """A quote as a file has it, ready for the record. texts : by the names of `TEXTS`. more : further columns."""

    row: int
    unit: str
    item: str
    price: Decimal | None
    quantity: Decimal | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    kind: str = ""
    remark: str = ""
    reported: str = ""
    reported_measure: str = ""

    @property
    def says(self) -> tuple[Any, ...]:
        """What the quote says; another version of a quote says something else."""
        texts = {k: v for k, v in self.texts.items() if v}
        return (
            None if self.price is None else self.price.normalize(),
            None if self.quantity is None else self.quantity.normalize(),
            tuple(sorted(texts.items())),
            tuple(sorted((k, v) for k, v in self.more.items())),
            self.status, self.kind, self.remark, self.reported, self.reported_measure,
        )  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """What a file gives: good quotes and problems. elsewhere : rows of other periods that were left out."""

    quotes: list[Given]
    problems: list[Problem]
    refused: int
    elsewhere: int = 0


def has_layout(path: Path) -> bool:
    """Whether a file is in this layout: Parquet, or CSV whose header has the four columns."""
    if path.suffix.lower() in (".parquet", ".pq"):
        return True
    if path.suffix.lower() not in (".csv", ".tsv"):
        return False
    with path.open("rb") as stream:
        header = stream.readline(10_000).decode("utf-8-sig", "replace")
    names = {n.strip().strip('"') for n in header.replace("\t", ",").split(",")}
    return set(NEEDED) <= names


def read_sheet(
    path: Path, period: str, units: Collection[str], items: Collection[str], *, only_period: bool = False
) -> Sheet:
    """The quotes of a file for one period.

    units, items : codes of the registers. only_period : rows of other periods are left out; else they are problems.
    DataError where the file as a whole can't be read.
    """
    source = open_source(path, text_columns=(*TEXT, *TEXTS, "price", "quantity"))
    for column in NEEDED:
        need(source.columns, column, column)
    if "review" in source.columns:
        raise DataError(
            f"{path.name}: has a column review; what is decided of a quote is decided in the office, by a person who "
            "is on record; leave the column out"
        )
    table = source.arrow(source.columns)
    name = path.name
    wanted = natural_key(period)
    quotes: list[Given] = []
    problems: list[Problem] = []
    bad: set[int] = set()
    seen: dict[tuple[str, str], int] = {}
    elsewhere = 0
    numbers = range(1, table.num_rows + 1)
    if only_period:
        # Years of quotes may stand in one file: those of other periods are not looked at one by one.
        labels = table["period"].combine_chunks().dictionary_encode()
        here = [v in (None, "") or natural_key(text_of(v)) == wanted for v in labels.dictionary.to_pylist()]
        kept = pa.array(here, pa.bool_()).take(labels.indices).fill_null(True)
        elsewhere = table.num_rows - pc.sum(kept).as_py() if table.num_rows else 0
        numbers = pc.add(pc.indices_nonzero(kept), 1).to_pylist()
        table = table.filter(kept)
    further = [c for c in source.columns if c not in NEEDED and c not in TEXTS and c not in ("quantity", "simulated")]
    at = iter(numbers)
    for batch in table.to_batches():
        columns = {c: batch.column(c).to_pylist() for c in source.columns}
        for k in range(batch.num_rows):
            number = next(at)

            def wrong(column: str, said: str, row: int = number) -> None:
                problems.append(Problem(name, row, column, said))
                bad.add(row)

            when = columns["period"][k]
            if when in (None, ""):
                wrong("period", f"empty; write the period of the round, {period}")
                continue
            if natural_key(text_of(when)) != wanted:
                wrong("period", f"{text_of(when)} is not the round's {period}; give --only-period to leave it out")
                continue
            unit, item = (_text(columns[c][k]) for c in ("unit", "item"))
            for column, code, known in (("unit", unit, units), ("item", item, items)):
                if code not in known:
                    wrong(column, f"{code!r} is in no register; {suggest(code, list(known)[:2000])}")
            price = _number(columns["price"][k], "price", wrong)
            quantity = _number(columns["quantity"][k], "quantity", wrong) if "quantity" in columns else None
            if price is None and number not in bad:
                wrong("price", "empty; leave the row out, or give the reason on a price sheet with a status")
            texts = {c: _text(columns[c][k]) for c in TEXTS if c in columns}
            for column, value in texts.items():
                if len(value) > TEXTS[column] or "\x00" in value:
                    wrong(column, f"{value[:20]!r}...: has {len(value)} characters; at most {TEXTS[column]}")
            if number in bad:
                continue
            if (unit, item) in seen:
                wrong("item", f"{item} at {unit} stands in row {seen[unit, item]} already; keep the valid one")
                continue
            seen[unit, item] = number
            more = {c: _plain(columns[c][k]) for c in further if columns[c][k] not in (None, "")}
            quotes.append(Given(number, unit, item, price, quantity, texts, more))
    return Sheet(quotes, problems, len(bad), elsewhere)


def _text(value: Any) -> str:
    return "" if value is None else text_of(value).strip()


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return text_of(value) if isinstance(value, date | datetime) else str(value)


def _number(value: Any, column: str, wrong: Any) -> Decimal | None:
    """A price or quantity as the record holds it; None where there is none or it is wrong."""
    if value is None or value == "":
        return None
    try:
        found = (
            value
            if isinstance(value, Decimal)
            else Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        )
    except InvalidOperation:
        wrong(column, f"{value!r} is no number")
        return None
    if not found.is_finite() or found <= 0:
        wrong(column, f"{value}: must be a finite number above 0")
        return None
    if found >= LARGEST[column]:
        wrong(column, f"{value}: must be below {LARGEST[column]}")
        return None
    exact = found.quantize(Decimal(1).scaleb(-DECIMALS))
    if exact != found:
        wrong(column, f"{value}: has more than {DECIMALS} decimals, which the record would lose; round it first")
        return None
    return exact


def check_file(path: Path) -> None:
    """DataError for a file that is not there."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; give a file of quotes: Parquet, CSV or XLSX")
