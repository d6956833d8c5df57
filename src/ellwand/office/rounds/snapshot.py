"""The record as a market's folder: what was known for a round, in the layout that the production reads.

Equal records give equal tables and one hash, whatever database holds them.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Max, Model, TextField
from django.db.models.functions import Cast

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
)
from ellwand.office.releases.canonical import canonical, canonical_table, digest
from ellwand.office.rounds import columns
from ellwand.office.rounds.models import Round
from ellwand.production.validate import REVIEW, RIGHT, WRONG

Row = dict[str, str]
Stamp = tuple[tuple[str, int], ...]
Reviews = Callable[[Sequence[int]], Mapping[int, str]]
"""Of rounds (their ids): what reviewers decided of quotes, `accepted` or `excluded` by the id of the quote. A decision
holds for the version of the quote that it was made of; those of superseded versions may be given, and count for
nothing. Only the decision that stands is given."""

REVIEWS: list[Reviews] = []
"""Who knows of decisions; the room of the review registers here when the office starts."""

STAMPED: list[type[Model]] = []
"""Tables of decisions that `REVIEWS` tells of; whoever registers there registers its table here."""


@dataclass(frozen=True)
class Snapshot:
    """Inputs of a round. files : columns and rows of texts by file name. quotes : the quotes up to its period.

    periods : SHA-256 of the quotes and decisions of each period with quotes, in the order of time.
    """

    market: dict[str, Any]
    files: dict[str, tuple[list[str], list[list[str]]]]
    quotes: pa.Table
    periods: tuple[tuple[str, str], ...]

    @property
    def hash(self) -> str:
        """SHA-256 of everything."""
        parts = {name: digest(canonical_table(heads, rows)) for name, (heads, rows) in self.files.items()}
        return digest(canonical({"market": self.market, "files": parts, "quotes": [list(p) for p in self.periods]}))

    def write(self, folder: Path, *, quotes: bool = True) -> None:
        """Write the folder. quotes : whether with the quotes."""
        described = json.dumps(self.market, ensure_ascii=False, indent=2) + "\n"
        (folder / "market.json").write_text(described, encoding="utf-8")
        for name, (heads, rows) in self.files.items():
            with (folder / name).open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(heads)
                writer.writerows(rows)
        if quotes:
            pq.write_table(self.quotes, folder / "quotes.parquet", compression="zstd")


def take(found: Round, *, fresh: bool = False) -> Snapshot:
    """The inputs of a round as the record holds them now. DataError for an office without registers.

    fresh : read every quote from the database, and nothing that was kept beside it.
    """
    market, version = Market.objects.first(), Classification.objects.order_by("-number").first()
    if market is None or version is None:
        raise DataError("the registers are empty; `ellwand import market FOLDER` fills them")
    key_of = lru_cache(maxsize=None)(natural_key)
    limit = key_of(found.period)

    @cache
    def begun(start: str) -> bool:
        return not start or key_of(start) <= limit

    rounds = {
        pk: period
        for pk, period in Round.objects.filter(family=found.family).values_list("pk", "period")
        if key_of(period) <= limit
    }
    quoted = _quoted(rounds, key_of, fresh)
    quotes, periods = _joined(quoted, decisions(list(rounds)))
    # Sorted here and not by the database: each of them orders texts in its own way.
    assignments = [a for a in _rows(Assignment, Assignment.COLUMNS) if begun(a["valid_from"])]
    assignments.sort(key=lambda a: (a["unit"], a["item"], a["valid_from"]))
    used = {
        name: {a[name] for a in assignments}.union(
            quotes[name].unique().to_pylist() if quotes.num_rows else (), *(getattr(c, f"{name}s") for _, c in quoted)
        )
        for name in ("unit", "item")
    }
    items = [i for i in _by_code(Item, "item") if begun(i["valid_from"]) or i["item"] in used["item"]]
    units = [u for u in _by_code(Unit, "unit") if begun(u["valid_from"]) or u["unit"] in used["unit"]]
    baskets: dict[str, Basket] = {}
    for basket in Basket.objects.order_by("number"):
        if begun(basket.valid_from):
            baskets[basket.valid_from] = basket
    weights = [
        {"valid_from": start, **row}
        for start, basket in sorted(baskets.items(), key=lambda pair: key_of(pair[0]))
        for row in _rows(Weight, Weight.COLUMNS, basket=basket)
    ]
    closures = [c for c in _rows(Closure, Closure.COLUMNS) if begun(c["period"])]
    closures.sort(key=lambda c: (c["unit"], c["period"]))
    known = {(c["unit"], c["period"]) for c in closures}
    said = sorted((unit, period) for period, c in quoted for unit in c.closed)
    closures += [{"unit": u, "period": p, "reason": "reported"} for u, p in said if (u, p) not in known]
    files = {
        "classification.csv": _rows(Class, Class.COLUMNS, order="position", classification=version),
        # Splits and mergers are of the past: items and baskets were taken over when the version came into force.
        "correspondence.csv": _rows(Correspondence, Correspondence.COLUMNS, classification=version, kind="rename"),
        "sources.csv": _by_code(Source, "source"),
        "units.csv": units,
        "items.csv": items,
        "assignments.csv": assignments,
        "closures.csv": closures,
        "basket.csv": weights,
    }
    described = {
        "name_zh": market.name_zh, "name_en": market.name_en, "currency": market.currency,
        "simulated": market.simulated, **market.more,
    }  # fmt: skip
    return Snapshot(described, {n: _table(rows) for n, rows in files.items() if rows}, quotes, periods)


def decisions(rounds: Sequence[int]) -> dict[int, str]:
    """What reviewers decided of the quotes of rounds. ValueError for a word that is no decision."""
    out: dict[int, str] = {}
    for known in REVIEWS:
        out |= known(rounds)
    for pk, word in out.items():
        if word not in (RIGHT, WRONG):
            raise ValueError(f"quote {pk}: the decision is {word!r}; it is {RIGHT} or {WRONG}")
    return out


def stamp() -> Stamp:
    """What tells that nothing was written: of each table that inputs come from, its name and its last row.

    All of them are only ever added to, and every change of a register is a row of `Change`. The quotes stand first.
    """
    models: tuple[type[Model], ...] = (Quote, Change, Classification, Basket, MethodVersion, *STAMPED)
    return tuple((m._meta.label, m._base_manager.aggregate(last=Max("pk"))["last"] or 0) for m in models)


def _rows(model: type[Model], names: Sequence[str], key: str = "", *, order: str = "pk", **where: Any) -> list[Row]:
    """Rows of a register as texts. key : the column that holds the row's own code."""
    paths = ["code" if n == key else f"{n}__code" if model._meta.get_field(n).is_relation else n for n in names]
    # As text, since most rows have nothing further, and to parse each of them takes longer than to read it.
    more = Cast("more", TextField())
    found = model._base_manager.filter(**where).order_by(order).values_list(*paths, more)
    return [
        # Further columns are sorted, because a database keeps the names of a JSON object in an order of its own.
        {
            **{n: "" if v is None else str(v) for n, v in zip(names, row, strict=False)},
            **(dict(sorted(json.loads(row[-1]).items())) if row[-1] != "{}" else {}),
        }
        for row in found
    ]


def _by_code(model: Any, key: str) -> list[Row]:
    return sorted(_rows(model, model.COLUMNS, key), key=lambda row: row[key])


def _quoted(rounds: Mapping[int, str], order: Callable[[str], Any], fresh: bool) -> list[tuple[str, columns.Columns]]:
    """Periods with the columns of their rounds, in the order of time."""
    keys = columns.keys(list(rounds))
    codes = {
        name: dict(model._base_manager.values_list("pk", "code")) for name, model in (("unit", Unit), ("item", Item))
    }
    found = [(rounds[pk], c) for pk, c in columns.of_rounds(keys, codes, fresh=fresh).items()]
    return sorted(found, key=lambda pair: order(pair[0]))


def _joined(
    quoted: Iterable[tuple[str, columns.Columns]], decided: Mapping[int, str]
) -> tuple[pa.Table, tuple[tuple[str, str], ...]]:
    """The quotes of all periods as one table, and the digest of each period.

    Columns that no quote fills are left out; those that are of two kinds in two periods are texts.
    """
    quoted = [(period, c) for period, c in quoted if c.table.num_rows]
    tables, periods = [], []
    marked = np.array(sorted(decided), dtype=np.int64)
    for period, c in quoted:
        # A constant column of a period is made at once, not value by value.
        table = c.table.add_column(0, "period", pa.repeat(pa.scalar(period), c.table.num_rows))
        rows: list[list[str]] = []
        if len(marked):
            ids = table["id"].to_numpy()
            at = np.flatnonzero(np.isin(ids, marked))
            if len(at):
                said: list[str | None] = [None] * len(ids)
                for k in at.tolist():
                    said[k] = decided[int(ids[k])]
                table = table.append_column(REVIEW, pa.array(said, pa.string()))
                named = zip(*(table[n].take(pa.array(at)).to_pylist() for n in ("item", "unit", REVIEW)), strict=True)
                rows = [list(row) for row in named]
        periods.append((period, digest(canonical([c.digest, rows]))))
        tables.append(table.drop_columns(["id"]))
    if not tables:
        return pa.table({"period": pa.array([], pa.string())}), ()
    first = ("period", "unit", "item", "price", *columns.STATED, "quantity")
    names = {n for table in tables for n in table.column_names}
    ordered = [n for n in first if n in names] + sorted(names - set(first))
    for name in ordered:
        kinds = {table.schema.field(name).type for table in tables if name in table.column_names}
        if len(kinds) > 1:
            numbers = all(pa.types.is_integer(k) or pa.types.is_floating(k) for k in kinds)
            tables = [_as(table, name, pa.float64() if numbers else pa.string()) for table in tables]
    whole = pa.concat_tables(tables, promote_options="default")
    return whole.select(ordered).combine_chunks(), tuple(periods)


def _as(table: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    """A table with a column of another type."""
    if name not in table.column_names or table.schema.field(name).type == kind:
        return table
    values = table[name].to_pylist()
    texts = [None if v is None else str(v) for v in values] if pa.types.is_string(kind) else values
    return table.set_column(table.column_names.index(name), name, pa.array(texts, kind))


def _table(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    heads = list(dict.fromkeys(name for row in rows for name in row))
    named = [c for c in heads if c in rows[0]]
    heads = [*named, *sorted(c for c in heads if c not in rows[0])]
    if len(heads) > 1 and all(len(row) == len(heads) for row in rows):
        return heads, [list(values) for values in map(itemgetter(*heads), rows)]
    return heads, [[row.get(c, "") for c in heads] for row in rows]
