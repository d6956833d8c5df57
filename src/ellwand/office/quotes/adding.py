"""Adding quotes to the record by the thousand: one statement for many rows, with all constraints and triggers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from ellwand.office.quotes.layout import Given
from ellwand.office.quotes.models import Quote

OWN = (
    "unit_id", "item_id", "version", "supersedes_id", "code", "price", "unit_of_measure", "currency", "quantity",
    "collected_on", "collection_method", "status", "kind", "remark", "reported", "reported_measure", "more", "row",
)  # fmt: skip
SHARED = ("round_id", "source_id", "by_id", "at", "reason")
"""Columns in which the rows of one act agree."""


class Row(NamedTuple):
    """A new version of a quote, by the columns of the record. supersedes : id of the version before."""

    unit: int
    item: int
    version: int
    supersedes: int | None
    code: str
    price: Decimal | None
    unit_of_measure: str
    currency: str
    quantity: Decimal | None
    collected_on: str
    collection_method: str
    status: str
    kind: str
    remark: str
    reported: str
    reported_measure: str
    more: str
    row: int | None


@dataclass(frozen=True)
class Act:
    """What the rows of one act share. source : id of the import."""

    round: int
    source: int
    by: int
    at: datetime
    reason: str


@dataclass(frozen=True)
class There:
    """The quotes in force of a round, by unit and item: id and version, and what each says."""

    quotes: Mapping[tuple[int, int], tuple[int, int, Given]] = field(default_factory=dict)

    @classmethod
    def of(cls, round_pk: int) -> "There":
        """As the record holds them now."""
        names = (
            "pk", "version", "unit_id", "item_id", "code", "unit_of_measure", "currency", "collected_on",
            "collection_method", "price", "quantity", "more", "status", "kind", "remark", "reported",
            "reported_measure",
        )  # fmt: skip
        out = {}
        for pk, version, unit, item, *said in Quote.objects.current().filter(round=round_pk).values_list(*names):
            quote, measure, currency, collected, method, price, quantity, more, *rest = said
            texts = {
                "quote": quote, "unit_of_measure": measure, "currency": currency, "collected_on": collected,
                "collection_method": method,
            }  # fmt: skip
            out[unit, item] = pk, version, Given(0, "", "", price, quantity, texts, more, *rest)
        return cls(out)


def row_of(given: Given, unit: int, item: int, old: tuple[int, int, Given] | None) -> Row:
    """A quote as the next version of what is there."""
    texts = given.texts
    return Row(
        unit, item, old[1] + 1 if old else 1, old[0] if old else None, texts.get("quote", ""), given.price,
        texts.get("unit_of_measure", ""), texts.get("currency", ""), given.quantity, texts.get("collected_on", ""),
        texts.get("collection_method", ""), given.status, given.kind, given.remark, given.reported,
        given.reported_measure, json.dumps(dict(given.more)) if given.more else "{}", given.row,
    )  # fmt: skip


def add(rows: Iterable[Row], act: Act) -> None:
    """Add rows, inside the transaction of the act. IntegrityError where one breaks a constraint: then none is there."""
    table = Quote._meta.db_table
    columns = ", ".join(f'"{c}"' for c in (*OWN, *SHARED))
    if connection.vendor == "postgresql":
        shared: tuple[Any, ...] = (act.round, act.source, act.by, act.at, act.reason)
        statement = f"COPY {table} ({columns}) FROM STDIN"
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row((*row, *shared))
        return
    at = connection.ops.adapt_datetimefield_value(act.at)
    shared = (act.round, act.source, act.by, at, act.reason)
    marks = ", ".join(["%s"] * (len(OWN) + len(SHARED)))
    # The columns of figures are numeric: the text of a decimal becomes the number that Django would write.
    many = [
        (
            *row[:5], None if row.price is None else str(row.price), *row[6:8],
            None if row.quantity is None else str(row.quantity), *row[9:], *shared,
        )
        for row in rows
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", many)
