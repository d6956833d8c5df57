"""Elementary indices: the mean of the price relatives of each elementary aggregate, period on period."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.cells import Columns, numbers, read_cells
from ellwand.engine.classification import Classification
from ellwand.engine.errors import DataError
from ellwand.engine.imputation import METHODS, impute
from ellwand.engine.indices import Indices, Quotes
from ellwand.engine.source import need, open_source
from ellwand.engine.weights import read_baskets
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.panel import Array

JOIN = "\x1f"


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

    data : as for `index`. ea : column with the code of the elementary aggregate. product : the column, or columns,
    that name a price series (an item at a unit). weight : column with the weight of a relative, taken from the row of
    its later period; None: equal. order : 0 Jevons, 1 Carli, -1 harmonic, any other.
    imputation : how missing prices are filled before: None (relatives without a pair are left out), "carry_forward",
    "carry_backward", "class_mean" or "class_mean_hierarchical" (which needs classification and weights).
    A relative is price / price of the period before; in the first period 1 where there is a price.
    DataError for bad rows. Source: CPI Manual 2020, chapter 8.
    """
    if imputation is not None and imputation not in METHODS:
        raise ValueError(f"imputation is {imputation!r}; " + suggest(str(imputation), METHODS))
    names = (product,) if isinstance(product, str) else tuple(product)
    source = open_source(data, text_columns=(*names, ea))
    for name, role in ((ea, "ea"), (period, "period"), (price, "price"), *((n, "product") for n in names)):
        need(source.columns, name, role)
    if weight is not None:
        need(source.columns, weight, "weight")
    table = source.arrow(list(dict.fromkeys([ea, period, *names, price, *([weight] if weight else [])])))
    joined = names[0] if len(names) == 1 else JOIN.join(names)
    if len(names) > 1:
        import pyarrow.compute as pc

        table = table.append_column(
            joined, pc.binary_join_element_wise(*(table[n].cast("string") for n in names), JOIN)
        )
    cells = read_cells(
        table, Columns(period, joined, price, None, (ea,), (weight,) if weight else ()), needs_quantity=False
    )
    T = len(cells.periods)
    assert cells.products is not None
    key = cells.stratum * len(cells.products) + cells.product
    found, row = np.unique(key, return_inverse=True)
    stratum, code = found // len(cells.products), found % len(cells.products)
    P = np.full((len(found), T), np.nan)
    P[row, cells.period] = cells.price
    W = None
    if weight:
        W = np.zeros_like(P)
        given = numbers(pa.table({weight: cells.extra[weight]}), weight, "weight")
        if not ((given >= 0) & (given < np.inf)).all():
            raise DataError(
                f"field {weight}: a weight must be a finite number, 0 or above; correct or leave out the rows"
            )
        W[row, cells.period] = given
    codes = tuple(str(c) for c in cells.strata[ea].to_pylist())
    if imputation:
        tree = None
        if imputation == "class_mean_hierarchical":
            if classification is None or weights is None:
                raise ValueError("imputation='class_mean_hierarchical' needs classification and weights")
            tree = (
                leaves_of(classification, codes),
                classification.tree,
                read_baskets(weights, classification, cells.periods.to_pylist(), ea),
            )
        P = impute(P, stratum, imputation, tree)
    X = relatives(P)
    labels = cells.products.take(pa.array(code))
    if len(names) == 1:
        product_table = pa.table({names[0]: labels})
    else:
        parts = [str(v).split(JOIN) for v in labels.to_pylist()]
        product_table = pa.table({n: [p[i] for p in parts] for i, n in enumerate(names)})
    values, matched = means(X, stratum, len(codes), W, order)
    status = np.where(np.isfinite(values), "ok", "no product with a price in this period and the one before")
    return Indices(
        codes,
        tuple(cells.periods.to_pylist()),
        values,
        matched,
        status.astype(object),
        quotes=Quotes(codes, product_table, stratum, X, W, order),
        order=order,
    )


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
    starts = np.searchsorted(stratum, np.arange(n))
    have = np.isfinite(X)
    w = have.astype(np.float64) if W is None else np.where(have, W, 0.0)
    filled = np.where(have, X, 1.0)
    if order == 0:
        y = np.log(filled)
    elif order == 1:
        y = filled
    else:
        y = filled**order
    total = np.add.reduceat(w, starts, axis=0)
    with np.errstate(all="ignore"):
        mean = np.add.reduceat(w * y, starts, axis=0) / total
        mean = np.exp(mean) if order == 0 else mean if order == 1 else mean ** (1 / order)
    count = np.add.reduceat(have.astype(np.int64), starts, axis=0)
    return np.where(total > 0, mean, np.nan), count
