"""The quotes of a round as columns, straight from the database, with a SHA-256 of what they say.

A round's columns are kept in the office's cache, so that a history of years is not read again for every compilation.
"""

import json
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from numpy.typing import NDArray

from ellwand.office.quotes.models import Quote
from ellwand.office.releases.canonical import canonical, digest
from ellwand.office.rounds import kept
from ellwand.office.rounds.models import Round

PRICE = pa.decimal128(12, 4)
STATED = ("quote", "unit_of_measure", "currency", "collected_on", "collection_method")
COLUMNS = (
    "id", "unit_id", "item_id", "code", "unit_of_measure", "currency", "collected_on", "collection_method", "status",
)  # fmt: skip
SCALE = 10_000
"""Prices and quantities have 4 decimals, and are read as whole numbers of the last one: exact on either database."""

Keys = dict[int, str]


@dataclass(frozen=True)
class Columns:
    """The quotes in force of a round.

    table : those with a price, in the order of item and unit: id, unit, item, price and whatever else any of them says.
    closed : units that said they are closed, and gave no price. units, items : of the quotes without a price. digest :
    SHA-256 of the table without its ids.
    """

    table: pa.Table
    closed: tuple[str, ...]
    units: tuple[str, ...]
    items: tuple[str, ...]
    digest: str


def keys(rounds: Collection[int]) -> Keys:
    """What tells whether the quotes of rounds are those that were read before: their number and the last of them.

    Quotes are only ever added. The last one counts with what it says, so that the record of another office, or one that
    was restored from a backup and went another way since, is not taken for this one.
    """
    table = Quote._meta.db_table
    if not rounds:
        return {}
    marks = ", ".join(["%s"] * len(rounds))
    if connection.vendor == "sqlite":
        # It has one writer at a time, so that a later row has a higher id: the last one tells all, and is at hand.
        counted = (
            f"SELECT r.id, 0, (SELECT MAX(q.id) FROM {table} q WHERE q.round_id = r.id) "
            f"FROM {Round._meta.db_table} r WHERE r.id IN ({marks})"
        )
    else:
        counted = f"SELECT round_id, COUNT(*), MAX(id) FROM {table} WHERE round_id IN ({marks}) GROUP BY round_id"
    with connection.cursor() as cursor:
        cursor.execute(counted, list(rounds))
        found = {r: (n, last) for r, n, last in cursor.fetchall() if last is not None}
        if not found:
            return {}
        marks = ", ".join(["%s"] * len(found))
        cursor.execute(
            f"SELECT round_id, unit_id, item_id, version, price, at, reason FROM {table} WHERE id IN ({marks})",
            [last for _, last in found.values()],
        )
        said = {row[0]: "|".join(map(str, row[1:])) for row in cursor.fetchall()}
    return {r: digest(f"{n}|{last}|{said[r]}".encode()) for r, (n, last) in found.items()}


def of_rounds(keys: Keys, codes: Mapping[str, Mapping[int, str]], *, fresh: bool = False) -> dict[int, Columns]:
    """The columns of rounds. keys : see `keys`. codes : of units and items by their ids. fresh : from the database."""
    out: dict[int, Columns] = {}
    if not fresh:
        # Hashing leaves Python's lock to others; a connection to the database belongs to one thread and is not used.
        with ThreadPoolExecutor(2) as pool:
            known = pool.map(lambda pair: _read(_name(pair[0]), pair[1]), keys.items())
            out = {pk: found for pk, found in zip(keys, known, strict=True) if found is not None}
    for pk in keys.keys() - out.keys():
        out[pk] = _columns(_rows(pk), codes["unit"], codes["item"])
        _write(_name(pk), keys[pk], out[pk])
    return out


def _name(pk: int) -> str:
    return f"quotes-{pk}.arrow"


def _rows(pk: int) -> list[tuple[Any, ...]]:
    table = Quote._meta.db_table
    columns = ", ".join(f"q.{c}" for c in COLUMNS)
    figures = ", ".join(f"CAST(ROUND(q.{c} * {SCALE}) AS bigint)" for c in ("price", "quantity"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns}, {figures}, CAST(q.more AS text) FROM {table} q WHERE q.round_id = %s "
            f"AND NOT EXISTS (SELECT 1 FROM {table} s WHERE s.supersedes_id = q.id)",
            [pk],
        )
        return list(cursor.fetchall())


def _columns(rows: list[tuple[Any, ...]], units: Mapping[int, str], items: Mapping[int, str]) -> Columns:
    """Rows of the database as columns."""
    everything = list(zip(*rows, strict=True)) if rows else [()] * (len(COLUMNS) + 3)
    unit, item = [units[u] for u in everything[1]], [items[i] for i in everything[2]]
    prices, status = everything[-3], everything[8]
    priced_units = {u for u, p in zip(unit, prices, strict=True) if p is not None}
    closed = {u for u, p, s in zip(unit, prices, status, strict=True) if p is None and s == "closed"} - priced_units
    at = [k for k, p in enumerate(prices) if p is not None]
    without = [k for k, p in enumerate(prices) if p is None]
    if len(at) < len(rows):
        everything = [tuple(column[k] for k in at) for column in everything]
    columns: dict[str, Any] = {
        "id": pa.array(everything[0], pa.int64()),
        "unit": pa.array([units[u] for u in everything[1]], pa.string()),
        "item": pa.array([items[i] for i in everything[2]], pa.string()),
        "price": _decimals(np.array(everything[-3], dtype=np.int64)),
    }
    for name, values in zip(STATED, everything[3:8], strict=True):
        if any(values):
            columns[name] = _dates(values) if name == "collected_on" else pa.array([v or None for v in values])
    if any(q is not None for q in everything[-2]):
        columns["quantity"] = pa.array([None if q is None else q / SCALE for q in everything[-2]], pa.float64())
    columns |= _further(everything[-1], set(columns))
    table = pa.table(columns)
    order = pc.sort_indices(table, [("item", "ascending"), ("unit", "ascending")])
    table = table.take(order).combine_chunks()
    idle = [tuple(sorted({values[k] for k in without})) for values in (unit, item)]
    return Columns(table, tuple(sorted(closed)), idle[0], idle[1], digest_of(table))


def _decimals(values: NDArray[np.int64]) -> pa.Array:
    """Whole numbers of the last decimal as decimals: 128 bits, the sign in all of the upper half."""
    wide = np.stack([values, values >> 63], axis=1)
    return pa.Array.from_buffers(PRICE, len(values), [None, pa.py_buffer(np.ascontiguousarray(wide))])


def _dates(values: tuple[str, ...]) -> pa.Array:
    known: dict[str, date | None] = {"": None}
    try:
        known |= {v: date.fromisoformat(v) for v in set(values) if v}
    except ValueError:
        return pa.array([v or None for v in values], pa.string())
    return pa.array([known[v] for v in values], pa.date32())


def _further(texts: tuple[str, ...], taken: set[str]) -> dict[str, pa.Array]:
    """Further columns of the files, from the JSON of each quote. A decision of a reviewer never comes from a file."""
    if not any(t != "{}" for t in texts):
        return {}
    parsed: dict[str, dict[str, Any]] = {t: json.loads(t) for t in set(texts)}
    more = [parsed[t] for t in texts]
    out = {}
    for name in sorted({k for found in parsed.values() for k in found} - taken - {"review", "period", "id"}):
        values = [m.get(name) for m in more]
        kinds = {type(v) for v in values if v is not None}
        plain = kinds <= {bool} or kinds <= {int, float}
        out[name] = pa.array(values if plain else [None if v is None else str(v) for v in values])
    return out


def digest_of(table: pa.Table) -> str:
    """SHA-256 of a table without its column `id`, the same on every machine and whatever made the table.

    Of each column: its name and type; where some values are missing, which are there (a bit each); and the values,
    little-endian: whole numbers and dates, doubles, decimals in 16 bytes; texts as the lengths of their UTF-8, then all
    of it in a row. What is missing counts as 0 or as an empty text.
    """
    found = sha256()
    for name in table.column_names:
        if name == "id":
            continue
        array = table[name].combine_chunks()
        kind = array.type
        found.update(canonical([name, str(kind), len(array)]))
        if not len(array):
            continue
        if array.null_count:
            found.update(np.packbits(array.is_valid().to_numpy(zero_copy_only=False)).tobytes())
        if pa.types.is_string(kind):
            found.update(pc.fill_null(pc.binary_length(array), 0).to_numpy().astype("<i4").tobytes())
            start, stop = (int(np.frombuffer(array.buffers()[1], "<i4")[array.offset + k]) for k in (0, len(array)))
            found.update(memoryview(array.buffers()[2])[start:stop] if array.buffers()[2] else b"")
        elif pa.types.is_decimal(kind):
            found.update(memoryview(array.buffers()[1])[16 * array.offset : 16 * (array.offset + len(array))])
        elif pa.types.is_boolean(kind):
            found.update(array.fill_null(False).to_numpy(zero_copy_only=False).tobytes())
        else:
            whole = pc.fill_null(array.view(pa.int32()) if pa.types.is_date32(kind) else array, 0)
            found.update(whole.to_numpy().astype(whole.to_numpy().dtype.newbyteorder("<")).tobytes())
    return found.hexdigest()


def _write(name: str, key: str, made: Columns) -> None:
    said = {
        "key": key, "digest": made.digest, "closed": list(made.closed), "units": list(made.units),
        "items": list(made.items),
    }  # fmt: skip
    table = made.table.replace_schema_metadata({b"kept": json.dumps(said).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    kept.write(name, memoryview(sink.getvalue()))


def _read(name: str, key: str) -> Columns | None:
    """Columns that were kept under a key; None where there are none, or the file says something else than it did."""
    path = kept.folder() / name
    if not path.is_file():
        return None
    try:
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_file(source).read_all()
        said = json.loads(table.schema.metadata[b"kept"])
        if said["key"] != key:
            return None
        table = table.replace_schema_metadata(None)
        closed, units, items = (tuple(said[name]) for name in ("closed", "units", "items"))
        found = Columns(table, closed, units, items, digest_of(table))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid):
        return None
    return found if found.digest == said["digest"] else None
