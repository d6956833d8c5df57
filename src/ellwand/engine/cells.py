"""Rows checked and turned into cells: integers for stratum, product and period, one price and quantity each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ellwand.engine.errors import DataError
from ellwand.engine.periods import calendar, text_of
from ellwand.formulas.panel import Array, Panel

Codes = NDArray[np.int64]
SHOWN = 5


@dataclass(frozen=True)
class Columns:
    """The names of the columns."""

    period: str = "period"
    product: str = "product"
    price: str = "price"
    quantity: str | None = "quantity"
    by: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def used(self) -> list[str]:
        names = [*self.by, self.period, self.product, self.price, *self.extra]
        return list(dict.fromkeys(names + ([self.quantity] if self.quantity else [])))


@dataclass
class Cells:
    """Cells of all strata, in any order; codes follow the sorted labels, so that rows may come shuffled.

    strata : Arrow table of the `by` columns, one row a stratum (one row without columns if there are none).
    periods : Arrow array, the calendar.
    """

    strata: pa.Table
    periods: pa.Array
    stratum: Codes
    product: Codes
    period: Codes
    price: Array
    quantity: Array | None
    extra: dict[str, pa.Array] = field(default_factory=dict)
    products: pa.Array | None = None

    def by_stratum(self) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Row positions of each stratum, in the order of the strata."""
        if self.strata.num_rows == 1:
            yield 0, np.arange(len(self.price))
            return
        order = np.argsort(self.stratum, kind="stable")
        bounds = np.searchsorted(self.stratum[order], np.arange(self.strata.num_rows + 1))
        for s in range(self.strata.num_rows):
            yield s, order[bounds[s] : bounds[s + 1]]

    def panel(self, rows: NDArray[np.intp]) -> tuple[Panel, int]:
        """The stratum of these rows (each once) as matrices, and the calendar position of their first column."""
        # All rows need no copies: each cell has its own place, whatever the order.
        of: Any = slice(None) if len(rows) == len(self.price) else rows
        period = self.period[of]
        first, last = int(period.min()), int(period.max())
        product = local_codes(self.product[of])
        T = last - first + 1
        shape = (int(product.max()) + 1, T)
        at = product * T
        at += period
        at -= first
        P = np.zeros(shape)
        P.ravel()[at] = self.price[of]
        Q = None
        if self.quantity is not None:
            Q = np.zeros(shape)
            Q.ravel()[at] = self.quantity[of]
        return Panel(P, Q), first


def local_codes(codes: Codes) -> Codes:
    """Codes 0..n-1 in the order of the given ones."""
    top = int(codes.max()) + 1
    if top <= 16 * len(codes) + 1024:
        seen = np.zeros(top, dtype=bool)
        seen[codes] = True
        if seen.all():
            return codes
        rank = np.cumsum(seen) - 1
        return np.asarray(rank[codes], dtype=np.int64)
    return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)


def _chunked(column: Any) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def encode(column: Any, *, is_period: bool = False) -> tuple[Codes, pa.Array]:
    """Integer codes of a column and its distinct values, sorted (a period column by time)."""
    array = _chunked(column)
    if not pa.types.is_dictionary(array.type):
        array = _chunked(pc.dictionary_encode(array))
    labels = array.dictionary
    if is_period:
        order = calendar(labels)
    else:
        order = np.asarray(pc.sort_indices(labels).to_numpy(zero_copy_only=False), dtype=np.intp)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    codes = array.indices.to_numpy(zero_copy_only=False)
    return rank[codes], labels.take(pa.array(order))


def _rows(positions: NDArray[np.intp]) -> str:
    shown = ", ".join(str(int(p) + 1) for p in positions[:SHOWN])
    more = f" and {len(positions) - SHOWN} more" if len(positions) > SHOWN else ""
    return ("row " if len(positions) == 1 else "rows ") + shown + more


def _values(array: Any, positions: NDArray[np.intp]) -> str:
    return ", ".join(str(array[int(p)]) for p in positions[:SHOWN])


def _no_nulls(table: pa.Table, name: str, role: str) -> None:
    column = table[name]
    if column.null_count:
        at = np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))
        raise DataError(f"{_rows(at)}, field {name}: empty; every row needs a {role}: fill it in or leave the row out")


def _no_nan(table: pa.Table, name: str, keep: NDArray[np.intp] | None) -> None:
    """A label may be a number, but NaN is none: it would make a period or product of its own."""
    column = table[name]
    if pa.types.is_floating(column.type):
        at = np.flatnonzero(pc.is_nan(column).to_numpy(zero_copy_only=False))
        if len(at):
            shown = at if keep is None else keep[at]
            raise DataError(f"{_rows(shown)}, field {name}: nan; a {name} must be a label: fill it in or leave it out")


def numbers(table: pa.Table, name: str, role: str) -> Array:
    """A numeric column as doubles, null as NaN-free 0 (the caller has looked at nulls). DataError for text."""
    column = _chunked(table[name])
    kind = column.type
    if pa.types.is_null(kind):
        return np.zeros(len(column))
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        at = _not_numbers(column)
        raise DataError(
            f"{_rows(at)}, field {name}: {_values(column, at)}: a {role} must be a number, and the column holds "
            f"{kind}; correct the text or convert the column"
        )
    if pa.types.is_decimal128(kind) and kind.precision <= 15 and kind.scale >= 0:
        return _exact(column)
    if not pa.types.is_float64(kind):
        column = pc.cast(column, pa.float64(), safe=False)
    if column.null_count:
        column = pc.fill_null(column, 0.0)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _exact(column: Any) -> Array:
    """Decimals of up to 15 digits as the nearest doubles (a cast may be one bit off), null as 0.

    So that a price is the same number whether it stood as decimal in Parquet or as text in CSV.
    """
    words = np.frombuffer(column.buffers()[1], dtype="<i8")[2 * column.offset : 2 * (column.offset + len(column)) : 2]
    values = words / 10.0**column.type.scale
    if column.null_count:
        values[pc.is_null(column).to_numpy(zero_copy_only=False)] = 0.0
    return np.asarray(values)


def _not_numbers(column: Any) -> NDArray[np.intp]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        good = pc.match_substring_regex(column, r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$")
        bad = np.flatnonzero(~pc.fill_null(good, True).to_numpy(zero_copy_only=False))
        if len(bad):
            return bad
    return np.arange(min(len(column), 1))


def _check(values: Array, name: str, bad: NDArray[np.bool_], rule: str, given: Any, keep: Any) -> None:
    if bad.any():
        at = np.flatnonzero(bad)
        shown = at if keep is None else keep[at]
        raise DataError(
            f"{_rows(shown)}, field {name}: {_values(given, shown)}: {rule}; correct the rows or leave them out"
        )


def read_cells(table: pa.Table, columns: Columns, *, needs_quantity: bool, on_duplicate: str = "error") -> Cells:
    """Checked cells of a table.

    Rows with a null price are not sold and left out. DataError names the rows (counted from 1, without the header),
    the values and the rule for: prices that are zero, negative, NaN or infinite; quantities that are negative, NaN,
    infinite or, where needed, empty; empty labels; a product twice in a period (unless `on_duplicate` is
    "unit_value", which merges them: price = value / quantity, quantities summed).
    """
    keep: NDArray[np.intp] | None = None
    whole = table
    if table[columns.price].null_count:
        keep = np.flatnonzero(pc.is_valid(table[columns.price]).to_numpy(zero_copy_only=False))
        table = table.take(pa.array(keep))
    if not table.num_rows:
        raise DataError("the data holds no row with a price; nothing can be computed")
    for name in (columns.period, columns.product, *columns.by):
        _no_nulls(table, name, name)
        _no_nan(table, name, keep)
    price = numbers(table, columns.price, "price")
    given = whole[columns.price]
    with np.errstate(invalid="ignore"):
        bad = ~((price > 0) & (price < np.inf))
    _check(price, columns.price, bad, "a price must be a finite number above 0", given, keep)
    quantity = _quantity(table, whole, columns, needs_quantity, keep)

    product, products = encode(table[columns.product])
    period, periods = encode(table[columns.period], is_period=True)
    stratum, strata = _strata(table, columns.by)
    key = stratum * len(products)
    key += product
    key *= len(periods)
    key += period
    cells = Cells(strata, periods, stratum, product, period, price, quantity, products=products)
    if _count_distinct(key, strata.num_rows * len(products) * len(periods)) < len(key):
        if on_duplicate == "error":
            _refuse_duplicates(cells, key, columns, keep)
        cells = merge(cells, key, columns)
    elif columns.extra:
        cells.extra = {name: _chunked(table[name]) for name in columns.extra}
    return cells


def _quantity(
    table: pa.Table, whole: pa.Table, columns: Columns, needed: bool, keep: NDArray[np.intp] | None
) -> Array | None:
    name = columns.quantity
    if name is None:
        return None
    if needed:
        _no_nulls(table, name, "quantity")
    quantity = numbers(table, name, "quantity")
    with np.errstate(invalid="ignore"):
        bad = ~((quantity >= 0) & (quantity < np.inf))
    _check(quantity, name, bad, "a quantity must be a finite number, 0 or above", whole[name], keep)
    return quantity


def _strata(table: pa.Table, by: Sequence[str]) -> tuple[Codes, pa.Table]:
    if not by:
        return np.zeros(table.num_rows, dtype=np.int64), pa.table({"": pa.nulls(1)}).select([])
    code = np.zeros(table.num_rows, dtype=np.int64)
    labels: list[pa.Array] = []
    for name in by:
        codes, values = encode(table[name])
        code = code * len(values) + codes
        labels.append(values)
    distinct, inverse = _compressed(code, math.prod(len(values) for values in labels))
    columns, rest = [], distinct
    for values in reversed(labels):
        columns.append(values.take(pa.array(rest % len(values))))
        rest = rest // len(values)
    return inverse, pa.table(columns[::-1], names=list(by))


def _compressed(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """The distinct codes (all below `size`), sorted, and the position of each code among them."""
    if _table_pays(size, len(codes)):
        seen = np.zeros(size, dtype=bool)
        seen[codes] = True
        return np.flatnonzero(seen), (np.cumsum(seen) - 1)[codes]
    distinct, inverse = np.unique(codes, return_inverse=True)
    return distinct, np.asarray(inverse, dtype=np.int64)


def _count_distinct(codes: Codes, size: int) -> int:
    """Number of distinct codes, all below `size`."""
    if _table_pays(size, len(codes)):
        seen = np.zeros(size, dtype=bool)
        seen[codes] = True
        return int(np.count_nonzero(seen))
    # Sorting is several times faster than the hash table of numpy.unique.
    ordered = np.sort(codes)
    return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))


def _table_pays(size: int, count: int) -> bool:
    """Whether a table with a place for every possible code costs less than a sort of the codes."""
    return size <= max(4 * count, 1 << 20)


def _refuse_duplicates(cells: Cells, key: Codes, columns: Columns, keep: NDArray[np.intp] | None) -> None:
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(key[order][1:] == key[order][:-1])
    a, b = order[again[0]], order[again[0] + 1]
    assert cells.products is not None
    product = cells.products[int(cells.product[a])]
    period = text_of(cells.periods[int(cells.period[a])].as_py())
    prices = f"{cells.price[a]:g} and {cells.price[b]:g}"
    rows = np.asarray([a, b]) if keep is None else keep[[a, b]]
    where = "".join(f", {n} {cells.strata[n][int(cells.stratum[a])]}" for n in columns.by)
    count = f"; {len(again)} such rows in all" if len(again) > 1 else ""
    remedy = "" if columns.by else ", or name the strata in by"
    raise DataError(
        f"{_rows(rows)}, field {columns.product}: {product} stands twice in period {period}{where} (prices {prices})"
        f"{count}; a product has one price in a period: merge them with on_duplicate='unit_value'{remedy}"
    )


def merge(cells: Cells, key: Codes, columns: Columns) -> Cells:
    """One cell for each stratum, product and period: values and quantities summed in a fixed order of the rows."""
    if cells.quantity is None:
        raise ValueError(
            "on_duplicate='unit_value' needs quantities to weight the prices, and there is no quantity column"
        )
    if columns.extra:
        raise ValueError("on_duplicate='unit_value' cannot merge rows with characteristics; merge them beforehand")
    order = np.lexsort((cells.quantity, cells.price, key))
    sorted_key = key[order]
    starts = np.flatnonzero(np.r_[True, sorted_key[1:] != sorted_key[:-1]])
    quantity = np.add.reduceat(cells.quantity[order], starts)
    value = np.add.reduceat((cells.price * cells.quantity)[order], starts)
    counts = np.diff(np.r_[starts, len(order)])
    first = order[starts]
    price = unit_values(value, quantity, cells.price[first], counts)
    return Cells(
        cells.strata,
        cells.periods,
        cells.stratum[first],
        cells.product[first],
        cells.period[first],
        price,
        quantity,
        products=cells.products,
    )


def unit_values(value: Array, quantity: Array, single: Array, counts: Any) -> Array:
    """Value over quantity; a single row of quantity 0 keeps its price, several raise DataError."""
    nothing = (quantity == 0) & (counts > 1)
    if nothing.any():
        raise DataError(
            f"{int(nothing.sum())} product-periods have several prices and no quantity at all, so they have no unit "
            "value; leave the rows with quantity 0 out"
        )
    return np.where(counts > 1, np.divide(value, quantity, out=single.copy(), where=quantity > 0), single)
