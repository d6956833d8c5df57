"""`outliers`: price relatives that are to be looked at."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.panels import read_strata
from ellwand.formulas import outliers as tests

RESULT = ("period", "product", "relative", "outlier")


def outliers(
    data: Any,
    method: str = "quartile_method",
    *,
    period: str = "period",
    product: str = "product",
    price: str = "price",
    by: str | Sequence[str] | None = None,
    **params: float,
) -> Any:
    """Flags on the price relatives of each period on the one before, judged together inside a stratum and period.

    data and the names of its columns : as for `index`. method : "quartile_method", "resistant_fences",
    "kimber_method", "robust_z", "fixed_cutoff", "tukey_algorithm" or "hb_quartile" (Hidiroglou-Berthelot). by : the
    cells inside which relatives are compared, such as the elementary aggregate. params : cu and cl, how many spreads
    above and below the middle, and a, the least spread as a share of the median, where the test has them.

    Returns [by..., period, product, relative, outlier], a row for each relative, of the kind of `data`. A flag is a
    question, never a deletion: nothing is changed. With sticky prices the quartiles may all be 1 and every change is
    flagged: set `a`, or test the relatives that differ from 1.

    ValueError for an unknown test, parameter or column, DataError for bad rows. Source: CPI Manual 2020, chapter 5.
    """
    tests.check(method, params)
    strata = read_strata(data, period=period, product=product, price=price, quantity=None, by=by, result=RESULT)
    names = [*strata.by, *RESULT]
    rows: list[tuple[Any, ...]] = []
    for s in strata:
        P = s.panel.P
        for t in range(1, len(s.periods)):
            both = np.flatnonzero((P[:, t] > 0) & (P[:, t - 1] > 0))
            if not len(both):
                continue
            x = P[both, t] / P[both, t - 1]
            for i, relative, flag in zip(both, x.tolist(), tests.outliers(x, method, **params).tolist(), strict=True):
                rows.append((*s.by, s.periods[t], s.products[int(i)], relative, flag))
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    types = {"period": strata.cells.periods.type, "product": strata.cells.products.type}
    return strata.back(columns, types | {"relative": pa.float64(), "outlier": pa.bool_()})
