"""Unit values from transactions in files: DuckDB sums integers and decimals, the kernel divides.

Sums of doubles would depend on the order of the threads; columns of doubles are merged by the kernel in a fixed order.
"""

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ellwand.engine import local
from ellwand.engine.cells import Cells, Columns, encode, local_codes, unit_values
from ellwand.engine.errors import DataError
from ellwand.engine.local import Progress
from ellwand.engine.plan import Plan
from ellwand.engine.source import Source, quoted

BATCH = 6_000_000
"""Rows summed at a time where there are strata to go by: bounds the memory whatever the size of the data."""


def can_aggregate(source: Source, columns: Columns, on_duplicate: str) -> bool:
    """Whether duplicates are to be merged and the columns are integers or decimals behind a relation."""
    if on_duplicate != "unit_value" or source.relation is None or columns.quantity is None:
        return False
    types = _types(source.relation)
    exact = ("DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
    return all(types[c].startswith(exact) for c in (columns.price, columns.quantity)) and not columns.extra


def _types(relation: Any) -> dict[str, str]:
    return dict(zip(relation.columns, (str(t) for t in relation.types), strict=True))


def aggregated(source: Source, plan: Plan, columns: Columns, progress: Progress | None) -> pa.Table:
    """As `local.run` on the merged cells, some strata at a time."""
    assert columns.quantity is not None
    relation = source.relation
    _check(relation, columns)
    calendar = relation.project(quoted(columns.period)).distinct().to_arrow_table()[columns.period]
    _, periods = encode(calendar, is_period=True)
    plan.check_periods(len(periods))
    if not columns.by:
        cells = _cells(_sum(relation, columns, ""), columns, periods)
        return local.run(plan, cells, (columns.period,), progress)
    key = quoted(columns.by[0])
    counts = relation.aggregate(f"{key} AS k, count(*) AS n", key).order("k").to_arrow_table()
    out: list[pa.Table] = []
    done, total = 0, counts.num_rows
    for batch in _batches(counts["n"].to_numpy()):
        values = counts["k"].slice(batch.start, len(batch))
        chosen = ", ".join(_literal(v) for v in values.to_pylist())
        where = "" if len(batch) == total else f"{key} IN ({chosen})"
        cells = _cells(_sum(relation, columns, where), columns, periods)
        out.append(local.run(plan, cells, (columns.period,), None))
        done += len(batch)
        if progress:
            progress(done, total, "strata")
    return pa.concat_tables(out).combine_chunks()


def _literal(value: Any) -> str:
    text = str(value).replace("'", "''")
    return f"'{text}'"


def _batches(counts: Any) -> list[range]:
    """Consecutive strata of about BATCH rows together."""
    out, start, rows = [], 0, 0
    for i, n in enumerate(counts.tolist()):
        if rows and rows + n > BATCH:
            out.append(range(start, i))
            start, rows = i, 0
        rows += n
    out.append(range(start, len(counts)))
    return out


def _check(relation: Any, columns: Columns) -> None:
    """DataError for rows that may not be summed; the rows are looked for only if there are any."""
    price, quantity = quoted(columns.price), quoted(columns.quantity or "")
    labels = [columns.period, columns.product, *columns.by]
    types = _types(relation)

    def nan(name: str) -> str:
        return f" OR isnan({quoted(name)})" if types[name] in ("FLOAT", "DOUBLE") else ""

    rules = [
        (columns.price, f"{price} <= 0", "a price must be a finite number above 0"),
        (columns.quantity or "", f"{quantity} < 0", "a quantity must be a finite number, 0 or above"),
        (columns.quantity or "", f"{quantity} IS NULL AND {price} IS NOT NULL", "every price needs a quantity"),
        *(
            (name, f"({quoted(name)} IS NULL{nan(name)}) AND {price} IS NOT NULL", "every row needs a label")
            for name in labels
        ),
    ]
    tests = ", ".join(f"count(*) FILTER (WHERE {rule}) AS c{i}" for i, (_, rule, _) in enumerate(rules))
    found = relation.aggregate(tests + f", count({price}) AS n").to_arrow_table().to_pylist()[0]
    if not found["n"]:
        raise DataError("the data holds no row with a price; nothing can be computed")
    for i, (name, rule, text) in enumerate(rules):
        if found[f"c{i}"]:
            names = list(dict.fromkeys([*columns.by, columns.period, columns.product, columns.price, name]))
            rows = relation.filter(rule).project(", ".join(quoted(n) for n in names)).limit(3).to_arrow_table()
            shown = "; ".join(", ".join(f"{k} {v}" for k, v in row.items()) for row in rows.to_pylist())
            raise DataError(
                f"{found[f'c{i}']} rows, field {name}: {text}; the first: {shown}; correct them or leave them out"
            )


def _sum(relation: Any, columns: Columns, where: str) -> pa.Table:
    """Exact sums for each stratum, product and period; in 38 digits if the columns' own type is too narrow."""
    price, quantity = quoted(columns.price), quoted(columns.quantity or "")
    keys = [quoted(n) for n in (*columns.by, columns.product, columns.period)]
    rows = relation.filter(f"{price} IS NOT NULL" + (f" AND {where}" if where else ""))
    types = _types(relation)
    wide = [f"{quoted(n)}::{_wide(types[n])}" for n in (columns.price, columns.quantity or "")]
    try:
        try:
            return _totals(rows, keys, price, quantity, f"{price} * {quantity}")
        except duckdb.OutOfRangeException:
            return _totals(rows, keys, price, quantity, " * ".join(wide))
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise DataError(
            f"fields {columns.price} and {columns.quantity}: price times quantity cannot be summed exactly in 38 "
            f"digits ({str(error).splitlines()[0]}); give them fewer decimals, or as doubles"
        ) from error


def _totals(rows: Any, keys: list[str], price: str, quantity: str, value: str) -> pa.Table:
    sums = f"sum({value})::DOUBLE AS v, sum({quantity})::DOUBLE AS q, min({price})::DOUBLE AS p, count(*)::INTEGER AS n"
    return rows.aggregate(", ".join(keys) + ", " + sums, ", ".join(keys)).to_arrow_table()


def _wide(kind: str) -> str:
    """The widest type with the decimals of this one."""
    return "DECIMAL(38," + kind.rstrip(")").split(",")[1] + ")" if kind.startswith("DECIMAL") else "HUGEINT"


def _cells(table: pa.Table, columns: Columns, periods: pa.Array) -> Cells:
    table = table.combine_chunks()
    value, quantity = table["v"].to_numpy(), table["q"].to_numpy()
    price = unit_values(value, quantity, table["p"].to_numpy(), table["n"].to_numpy())
    from ellwand.engine.cells import _strata

    stratum, strata = _strata(table, columns.by)
    product, products = encode(table[columns.product])
    period = pc.index_in(table[columns.period], value_set=periods).to_numpy().astype(np.int64)
    return Cells(strata, periods, stratum, local_codes(product), period, price, quantity, products=products)
