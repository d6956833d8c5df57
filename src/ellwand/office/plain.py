"""Plain statements for what every submission asks and adds: making a query set takes longer than answering it.

The rows go into the same tables as those of the models, with all constraints and triggers.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection, models

FEW = 3
"""Up to so many rows one INSERT is faster than asking for ids and copying."""
MARKS = 30_000
"""Most values of one statement on SQLite."""

Rows = list[tuple[Any, ...]]


def select(statement: str, *values: Any) -> Rows:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def among(statement: str, of: Sequence[Any], *before: Any) -> Rows:
    """The rows of a statement that ends in IN, for these values. before : those of the marks before it."""
    return select(f"{statement} ({_marks(of)})", *before, *of) if of else []


def some(statement: str, of: Sequence[Any], *before: Any) -> bool:
    """Whether a statement that ends in IN has any row for these values."""
    return bool(of) and bool(select(f"{statement} ({_marks(of)}) LIMIT 1", *before, *of))


def _marks(of: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(of))


def add(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Add rows to the table of a model, inside a transaction; their ids, in order. columns : by their names there.

    What has no column gets no value, whatever default the model has.
    """
    if not rows:
        return []
    table = model._meta.db_table
    ready = _ready(model, tuple(columns), connection.vendor)
    given = [[v if make is None or v is None else make(v) for make, v in zip(ready, row, strict=True)] for row in rows]
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(given) > FEW:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(given)]
            )
            ids = [row[0] for row in cursor.fetchall()]
            statement = f'COPY "{table}" ("id", {names}) FROM STDIN'
            with connection.wrap_database_errors, cursor.copy(statement) as copy:
                for pk, row in zip(ids, given, strict=True):
                    copy.write_row((pk, *row))
            return ids
        ids, together = [], max(1, MARKS // len(columns))
        for start in range(0, len(given), together):
            part = given[start : start + together]
            marks = f"({_marks(columns)})"
            cursor.execute(
                f'INSERT INTO "{table}" ({names}) VALUES {", ".join([marks] * len(part))} RETURNING "id"',
                [v for row in part for v in row],
            )
            ids += [row[0] for row in cursor.fetchall()]
        return ids


@lru_cache(maxsize=64)
def _ready(model: type[models.Model], columns: tuple[str, ...], vendor: str) -> list[Callable[[Any], Any] | None]:
    """What makes a value of each column ready for the database; None where it goes in as it is."""
    of = {f.column: f for f in model._meta.concrete_fields}
    return [_maker(of[c], vendor) for c in columns]


def _maker(field: Any, vendor: str) -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        return json.dumps
    if vendor == "postgresql":
        return None
    if isinstance(field, models.DecimalField):
        return lambda v: connection.ops.adapt_decimalfield_value(v, field.max_digits, field.decimal_places)
    return instant if isinstance(field, models.DateTimeField) else None


def instant(value: datetime) -> Any:
    """An instant as a value of a statement."""
    return connection.ops.adapt_datetimefield_value(value)


@lru_cache(maxsize=8)
def _place(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def decimal(value: Any, decimals: int) -> Decimal | None:
    """A decimal as a statement gives it; SQLite keeps numbers."""
    if value is None or isinstance(value, Decimal):
        return value
    return Decimal(repr(value)).quantize(_place(decimals))


def loaded(value: Any) -> Any:
    """A value of JSON as a statement gives it."""
    return json.loads(value) if isinstance(value, str) else value
