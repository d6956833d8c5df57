"""The record as a market's folder: what was known for a round, in the layout that the production reads.

Equal records give equal tables and one hash, whatever database holds them.
"""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Count, Max

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import (
    Assignment,
    Basket,
    Change,
    Class,
    Classification,
    Closure,
    Correspondence,
    Item,
    Market,
    MethodVersion,
    Source,
    Unit,
    Weight,
    texts,
)
from ellwand.office.releases.canonical import canonical, canonical_table, digest
from ellwand.office.rounds.models import Round

Row = dict[str, str]
Stamp = tuple[tuple[int, int], ...]
PRICE = pa.decimal128(12, 4)
STATED = ("quote", "unit_of_measure", "currency", "collected_on", "collection_method")


class Line(NamedTuple):
    """A quote in force; there are hundreds of thousands, so that no model stands for each."""

    period: str
    unit: str
    item: str
    price: Decimal | None
    quantity: Decimal | None
    quote: str
    unit_of_measure: str
    currency: str
    collected_on: str
    collection_method: str
    status: str
    more: dict[str, Any]


COLUMNS = (
    "round_id", "unit_id", "item_id", "price", "quantity", "code", "unit_of_measure", "currency", "collected_on",
    "collection_method", "status", "more",
)  # fmt: skip
"""Columns of the record in the order of `Line`."""


@dataclass(frozen=True)
class Snapshot:
    """Inputs of a round. files : columns and rows of texts by file name. quotes : the quotes up to its period."""

    market: dict[str, Any]
    files: dict[str, tuple[list[str], list[list[str]]]]
    quotes: pa.Table

    @property
    def hash(self) -> str:
        """SHA-256 of everything."""
        parts = {name: digest(canonical_table(columns, rows)) for name, (columns, rows) in self.files.items()}
        columns = self.quotes.column_names
        rows = zip(*(_said(self.quotes[c]) for c in columns), strict=True)
        parts["quotes"] = digest(canonical_table(columns, [list(r) for r in rows]))
        return digest(canonical({"market": self.market, "files": parts}))

    def write(self, folder: Path) -> None:
        """Write the folder."""
        described = json.dumps(self.market, ensure_ascii=False, indent=2) + "\n"
        (folder / "market.json").write_text(described, encoding="utf-8")
        for name, (columns, rows) in self.files.items():
            with (folder / name).open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(columns)
                writer.writerows(rows)
        pq.write_table(self.quotes, folder / "quotes.parquet", compression="zstd")


def take(found: Round) -> Snapshot:
    """The inputs of a round as the record holds them now. DataError for an office without registers."""
    market, version = Market.objects.first(), Classification.objects.order_by("-number").first()
    if market is None or version is None:
        raise DataError("the registers are empty; `ellwand import market FOLDER` fills them")
    limit = natural_key(found.period)

    def begun(start: str) -> bool:
        return not start or natural_key(start) <= limit

    rounds = {r.pk: r.period for r in Round.objects.filter(family=found.family) if natural_key(r.period) <= limit}
    codes = {model: dict(model.objects.values_list("pk", "code")) for model in (Unit, Item)}
    quotes = [
        Line(rounds[r], codes[Unit][u], codes[Item][i], *rest)
        for r, u, i, *rest in Quote.objects.current().filter(round__in=list(rounds)).values_list(*COLUMNS).iterator()
    ]
    order = {period: natural_key(period) for period in rounds.values()}
    quotes.sort(key=lambda q: (order[q.period], q.item, q.unit))
    # Sorted here and not by the database: each of them orders texts in its own way.
    assignments = [a for a in Assignment.objects.select_related("unit", "item") if begun(a.valid_from)]
    assignments.sort(key=lambda a: (a.unit.code, a.item.code, a.valid_from))
    used_items = {q.item for q in quotes} | {a.item.code for a in assignments}
    used_units = {q.unit for q in quotes} | {a.unit.code for a in assignments}
    items = [i for i in _by_code(Item.objects.all()) if begun(i.valid_from) or i.code in used_items]
    units = [u for u in _by_code(Unit.objects.select_related("source")) if begun(u.valid_from) or u.code in used_units]
    baskets: dict[str, Basket] = {}
    for basket in Basket.objects.order_by("number"):
        if begun(basket.valid_from):
            baskets[basket.valid_from] = basket
    weights = [
        {"valid_from": start, **texts(w, Weight.COLUMNS)}
        for start, basket in sorted(baskets.items(), key=lambda pair: natural_key(pair[0]))
        for w in basket.weights.order_by("pk")
    ]
    closures = [texts(c, Closure.COLUMNS) for c in Closure.objects.select_related("unit") if begun(c.period)]
    closures.sort(key=lambda c: (c["unit"], c["period"]))
    closures += _closed(quotes, {(c["unit"], c["period"]) for c in closures})
    files = {
        "classification.csv": [texts(c, Class.COLUMNS) for c in version.classes.order_by("position")],
        "correspondence.csv": [texts(c, Correspondence.COLUMNS) for c in version.correspondence.order_by("pk")],
        "sources.csv": [texts(s, Source.COLUMNS, "source") for s in _by_code(Source.objects.all())],
        "units.csv": [texts(u, Unit.COLUMNS, "unit") for u in units],
        "items.csv": [texts(i, Item.COLUMNS, "item") for i in items],
        "assignments.csv": [texts(a, Assignment.COLUMNS) for a in assignments],
        "closures.csv": closures,
        "basket.csv": weights,
    }
    described = {
        "name_zh": market.name_zh, "name_en": market.name_en, "currency": market.currency,
        "simulated": market.simulated, **market.more,
    }  # fmt: skip
    return Snapshot(described, {n: _table(rows) for n, rows in files.items() if rows}, _quotes(quotes))


def _by_code(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: str(row.code))


def _closed(quotes: list[Line], known: set[tuple[str, str]]) -> list[Row]:
    """A unit that said it is closed and gave no price in the period is closed."""
    said = {(q.unit, q.period) for q in quotes if q.status == "closed" and q.price is None}
    priced = {(q.unit, q.period) for q in quotes if q.price is not None} if said else set()
    return [{"unit": u, "period": p, "reason": "reported"} for u, p in sorted(said - priced - known)]


def _table(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    named = [c for c in columns if c in rows[0]]
    columns = [*named, *sorted(c for c in columns if c not in rows[0])]
    return columns, [[row.get(c, "") for c in columns] for row in rows]


def _quotes(quotes: list[Line]) -> pa.Table:
    """The quotes that have a price. Columns that no quote fills are left out."""
    priced = [q for q in quotes if q.price is not None]
    columns: dict[str, Any] = {
        "period": pa.array([q.period for q in priced], pa.string()),
        "unit": pa.array([q.unit for q in priced], pa.string()),
        "item": pa.array([q.item for q in priced], pa.string()),
        "price": pa.array([q.price for q in priced], PRICE),
    }
    for name in STATED:
        values = [getattr(q, name) for q in priced]
        if any(values):
            columns[name] = _dates(values) if name == "collected_on" else pa.array([v or None for v in values])
    if any(q.quantity is not None for q in priced):
        columns["quantity"] = pa.array([None if q.quantity is None else float(q.quantity) for q in priced])
    for name in sorted({k for q in priced if q.more for k in q.more} - set(columns)):
        values = [q.more.get(name) for q in priced]
        kinds = {type(v) for v in values if v is not None}
        plain = kinds <= {bool} or kinds <= {int, float}
        columns[name] = pa.array(values if plain else [None if v is None else str(v) for v in values])
    return pa.table(columns)


def _dates(values: list[str]) -> pa.Array:
    try:
        return pa.array([date.fromisoformat(v) if v else None for v in values], pa.date32())
    except ValueError:
        return pa.array([v or None for v in values], pa.string())


def _said(column: pa.ChunkedArray) -> list[str | None]:
    """A column as texts that say its values exactly."""
    if pa.types.is_floating(column.type):
        return [None if v is None else repr(v) for v in column.to_pylist()]
    return list(column.cast(pa.string()).to_pylist())


def stamp() -> Stamp:
    """What the record holds, as numbers of rows and last keys; rows are only added, so equal stamps say no change."""
    return tuple(
        (found["n"], found["last"] or 0)
        for model in (Quote, Change, Classification, Basket, MethodVersion)
        for found in (model._base_manager.aggregate(n=Count("pk"), last=Max("pk")),)
    )
