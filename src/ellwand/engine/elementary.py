"""Elementary indices: the mean of the price relatives of each elementary aggregate, period on period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ellwand.engine.cells import Columns, encode, numbers, read_cells
from ellwand.engine.classification import Classification
from ellwand.engine.errors import DataError
from ellwand.engine.imputation import METHODS, fill
from ellwand.engine.indices import Indices, Quotes
from ellwand.engine.source import need, open_source
from ellwand.engine.weights import read_baskets
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.panel import Array

JOIN = "\x1f"


@dataclass(frozen=True)
class Series:
    """Price series (a product in a class), sorted by class. P, W : price and weight, series x periods, NaN where none.

    codes : of the classes. stratum : position of each series' class. labels : Arrow table of the product columns.
    """

    codes: tuple[str, ...]
    periods: tuple[Any, ...]
    stratum: NDArray[np.int64]
    labels: pa.Table
    P: Array
    W: Array | None
    Q: Array | None


def elementary(
    data: Any,
    *,
    ea: str = "ea",
    period: str = "period",
    product: str | Sequence[str] = "product",
    price: str = "price",
    weight: str | None = None,
    order: float = 0.0,
    imputation: str | None = None,
    classification: Classification | None = None,
    weights: Any = None,
) -> Indices:
    """Period-on-period index of each elementary aggregate: the mean of order r of its products' price relatives.

    data : as for `index`; a row with an empty price says that the product was not priced, and keeps its period and
    class in the result. ea : column with the code of the elementary aggregate. product : the column, or columns, that
    name a price series (an item at a unit). weight : column with the weight of a relative, taken from the row of its
    later period; None: equal. order : 0 Jevons, 1 Carli, -1 harmonic, any other.
    imputation : how missing prices are filled before: None (relatives without a pair are left out), "carry_forward",
    "carry_backward", "class_mean" or "class_mean_hierarchical" (which needs classification and weights), see `impute`.
    It cannot go with a weight column, for a missing price has no row to take a weight from.

    A relative is price / price of the period before; in the first period 1 where there is a price. `matched` counts
    the relatives, imputed prices included. Null, with the reason, where there is none.

    ValueError for an unknown option or column, or one that belongs to another option; DataError for bad rows.
    Source: CPI Manual 2020, chapter 8.
    """
    if isinstance(order, bool | str) or not abs(order) < float("inf"):
        raise ValueError(f"order is {order!r}; it must be a finite number, such as 0 (Jevons) or 1 (Carli)")
    _check_imputation(imputation, classification, weights)
    if imputation is not None and weight is not None:
        raise ValueError(
            f"imputation={imputation!r} fills prices that have no row, and the weights are in the rows; fill them "
            "with impute(), add their weights, and give the table without imputation"
        )
    s = read_series(data, ea, period, product, price, weight)
    P = s.P if imputation is None else _filled(s, imputation, classification, weights, ea)
    X = relatives(P)
    values, matched = means(X, s.stratum, len(s.codes), s.W, order)
    none = "no product with a price in this period and the one before"
    status = np.where(np.isfinite(values), "ok", np.where(matched > 0, "no weight above 0 in this class", none))
    return Indices(
        s.codes,
        s.periods,
        values,
        matched,
        status.astype(object),
        quotes=Quotes(s.codes, s.labels, s.stratum, X, s.W, order),
        order=order,
    )


def impute(
    data: Any,
    method: str,
    *,
    ea: str | None = "ea",
    period: str = "period",
    product: str | Sequence[str] = "product",
    price: str = "price",
    quantity: str | None = None,
    classification: Classification | None = None,
    weights: Any = None,
) -> Any:
    """The prices of a table with the missing ones filled, as a table of the same kind.

    data, ea, period, product, price : as for `elementary`; ea None: all products are one class. method :
    "carry_forward" (the price before), "carry_backward" (the price after), "class_mean" (the price before, imputed or
    not, times the Jevons index of the class; none where the class has no relative), "class_mean_hierarchical" (a class
    without relatives takes the change of the class above it; needs classification and weights, which are price-updated
    from period to period). quantity : a column of quantities to carry along; a filled row has quantity 0.

    Columns: ea, the product columns, period, price, quantity if named, and status ("observed", "imputed" or
    "missing"); a row for each price, and for each row given without one. Where nothing can be said, such as before a
    product was first seen, the price stays empty. Carrying forward is for regulated or contract prices: it holds an
    index still. ValueError for an unknown method or column, or for options that belong to another method; DataError
    for bad rows. Source: CPI Manual 2020, chapter 6.
    """
    _check_imputation(method, classification, weights)
    if ea is None and classification is not None:
        raise ValueError("classification needs ea, the column with the code of the elementary aggregate")
    names = (product,) if isinstance(product, str) else tuple(product)
    s = read_series(data, ea, period, product, price, None, quantity)
    P = _filled(s, method, classification, weights, ea or "ea")
    row, t = np.nonzero(np.isfinite(P))
    columns: dict[str, list[Any]] = {} if ea is None else {ea: [s.codes[i] for i in s.stratum[row].tolist()]}
    for name in names:
        columns[name] = s.labels[name].take(pa.array(row)).to_pylist()
    columns[period] = [s.periods[i] for i in t.tolist()]
    columns[price] = P[row, t].tolist()
    seen = np.isfinite(s.P[row, t])
    if s.Q is not None and quantity is not None:
        columns[quantity] = np.where(seen, s.Q[row, t], 0.0).tolist()
    columns["status"] = np.where(seen, "observed", "imputed").tolist()
    source = open_source(data, text_columns=(*names, *((ea,) if ea else ())))
    keys = [*((ea,) if ea else ()), *names, period]
    _append_unfilled(columns, source.arrow([*keys, price]), keys, ea, price, quantity)
    types = {n: pa.string() for n in (ea, "status") if n} | dict.fromkeys((price, quantity), pa.float64())
    table = pa.table([pa.array(v, types.get(n)) for n, v in columns.items()], names=list(columns))
    return source.back(table)


def _append_unfilled(
    columns: dict[str, list[Any]], table: pa.Table, keys: list[str], ea: str | None, price: str, quantity: str | None
) -> None:
    """Rows that were given without a price and that nothing could be said about; they keep their period and class."""
    if not table[price].null_count:
        return
    empty = table.filter(pc.is_null(table[price]))
    filled = set(zip(*(map(str, columns[k]) for k in keys), strict=True))
    for values in zip(*(empty[k].to_pylist() for k in keys), strict=True):
        key = tuple(map(str, values))
        if key not in filled:
            filled.add(key)
            for name, value in zip(keys, values, strict=True):
                columns[name].append(str(value) if name == ea else value)
            columns[price].append(None)
            if quantity is not None:
                columns[quantity].append(0.0)
            columns["status"].append("missing")


def _check_imputation(method: str | None, classification: Any, weights: Any) -> None:
    if method is not None and method not in METHODS:
        raise ValueError(f"imputation is {method!r}; " + suggest(str(method), METHODS))
    if method == "class_mean_hierarchical":
        if classification is None or weights is None:
            raise ValueError("imputation='class_mean_hierarchical' needs classification and weights")
    elif classification is not None or weights is not None:
        raise ValueError("classification and weights belong to imputation='class_mean_hierarchical'")


def _filled(s: Series, method: str, classification: Classification | None, weights: Any, ea: str) -> Array:
    tree = None
    if classification is not None:
        at = leaves_of(classification, s.codes)
        tree = (at, classification.tree, read_baskets(weights, classification, list(s.periods), ea))
    return fill(s.P, s.stratum, method, tree)


def read_series(
    data: Any,
    ea: str | None,
    period: str,
    product: str | Sequence[str],
    price: str,
    weight: str | None,
    quantity: str | None = None,
) -> Series:
    """The price series of a table. ea None: one class. ValueError for an unknown column, DataError for bad rows."""
    names = (product,) if isinstance(product, str) else tuple(product)
    given = (ea,) if ea is not None else ()
    source = open_source(data, text_columns=(*names, *given))
    for name, role in (*((n, "ea") for n in given), (period, "period"), (price, "price")):
        need(source.columns, name, role)
    for name in names:
        need(source.columns, name, "product")
    numeric = [(n, role) for n, role in ((weight, "weight"), (quantity, "quantity")) if n]
    for name, role in numeric:
        need(source.columns, name, role)
    table = source.arrow(list(dict.fromkeys([*given, period, *names, price, *(n for n, _ in numeric)])))
    joined = names[0] if len(names) == 1 else JOIN.join(names)
    if len(names) > 1:
        table = table.append_column(
            joined, pc.binary_join_element_wise(*(table[n].cast("string") for n in names), JOIN)
        )
    for name in (*given, period):
        if table[name].null_count:
            row = table[name].to_pylist().index(None) + 1
            raise DataError(f"row {row}, field {name}: empty; every row needs it: fill it in or leave the row out")
    cells = read_cells(
        table,
        Columns(period, joined, price, None, given, tuple(n for n, _ in numeric)),
        needs_quantity=False,
    )
    periods = cells.periods.to_pylist()
    codes = tuple(str(c) for c in cells.strata[ea].to_pylist()) if ea is not None else ("",)
    at_period, at_class = np.arange(len(periods)), np.arange(len(codes))
    if table[price].null_count:
        # Rows without a price keep their period and their class in the result.
        periods, at_period = _among(table[period], periods, is_period=True)
        if ea is not None:
            every, at_class = _among(table[ea].cast("string"), list(codes), is_period=False)
            codes = tuple(every)
    assert cells.products is not None
    key = at_class[cells.stratum] * len(cells.products) + cells.product
    found, row_of = np.unique(key, return_inverse=True)
    shape = (len(found), len(periods))
    place = (row_of, at_period[cells.period])
    P = np.full(shape, np.nan)
    P[place] = cells.price
    matrices: dict[str, Array] = {}
    for name, role in numeric:
        values = numbers(pa.table({name: cells.extra[name]}), name, role)
        if cells.extra[name].null_count or not ((values >= 0) & (values < np.inf)).all():
            raise DataError(
                f"field {name}: a {role} must be a finite number, 0 or above, in every row with a price; correct or"
                " leave out the rows"
            )
        matrices[role] = np.zeros(shape)
        matrices[role][place] = values
    labels = cells.products.take(pa.array(found % len(cells.products)))
    if len(names) == 1:
        product_table = pa.table({names[0]: labels})
    else:
        parts = [str(v).split(JOIN) for v in labels.to_pylist()]
        product_table = pa.table({n: [p[i] for p in parts] for i, n in enumerate(names)})
    stratum = np.asarray(found // len(cells.products), dtype=np.int64)
    return Series(codes, tuple(periods), stratum, product_table, P, matrices.get("weight"), matrices.get("quantity"))


def _among(column: Any, known: list[Any], *, is_period: bool) -> tuple[list[Any], NDArray[np.intp]]:
    """The distinct values of a column, sorted, and the position of each known one among them."""
    every = encode(column, is_period=is_period)[1].to_pylist()
    position = {value: i for i, value in enumerate(every)}
    return every, np.asarray([position[value] for value in known], dtype=np.intp)


def leaves_of(classification: Classification, codes: Sequence[str]) -> Any:
    """Position among the leaves of each code. DataError for a code that is no leaf."""
    at = {c: i for i, c in enumerate(classification.leaves)}
    for code in codes:
        if code not in at:
            raise DataError(
                f"elementary aggregate {code!r} is no leaf of the classification; "
                + suggest(code, classification.leaves)
            )
    return np.asarray([at[c] for c in codes], dtype=np.intp)


def relatives(P: Array) -> Array:
    """Price relatives on the period before, products x periods; 1 in the first period where priced."""
    X = np.full_like(P, np.nan)
    X[:, 0] = np.where(np.isfinite(P[:, 0]), 1.0, np.nan)
    X[:, 1:] = P[:, 1:] / P[:, :-1]
    return X


def means(X: Array, stratum: Any, n: int, W: Array | None, order: float) -> tuple[Array, Any]:
    """Mean of order r of each stratum's relatives, and their number; rows sorted by stratum."""
    have = np.isfinite(X)
    w = have.astype(np.float64) if W is None else np.where(have, W, 0.0)
    filled = np.where(have, X, 1.0)
    if order == 0:
        y = np.log(filled)
    elif order == 1:
        y = filled
    else:
        y = filled**order
    total = _sums(w, stratum, n)
    with np.errstate(all="ignore"):
        mean = _sums(w * y, stratum, n) / total
        mean = np.exp(mean) if order == 0 else mean if order == 1 else mean ** (1 / order)
    return np.where(total > 0, mean, np.nan), _sums(have.astype(np.int64), stratum, n)


def _sums(X: Any, stratum: NDArray[np.int64], n: int) -> Any:
    """Sums of each class's rows; a class without a row has 0. `stratum` is sorted."""
    out = np.zeros((n, X.shape[1]), dtype=X.dtype)
    here, starts = np.unique(stratum, return_index=True)
    out[here] = np.add.reduceat(X, starts, axis=0)
    return out
