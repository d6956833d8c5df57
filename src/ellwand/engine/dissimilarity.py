"""`dissimilarity`: how unlike the prices and quantities of every two periods are."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.panels import read_strata
from ellwand.formulas import dissimilarity as measures
from ellwand.formulas.catalogue import suggest

RESULT = ("period", "other", "dissimilarity", "status")


def dissimilarity(
    data: Any,
    measure: str,
    *,
    period: str = "period",
    product: str = "product",
    price: str = "price",
    quantity: str = "quantity",
    by: str | Sequence[str] | None = None,
) -> Any:
    """Dissimilarity of every pair of periods; 0 where prices (and, for some measures, quantities) are proportional.

    data and the names of its columns : as for `index`. measure : upper or lower case: "plspread", "logquadratic",
    "asymplinear", "predictedshare", "spq"; "mix", "scale" and "absolute" (also called "mixscale") of log prices and
    quantities.

    Returns [by..., period, other, dissimilarity, status], a row for each stratum and pair, `period` the earlier, of
    the kind of `data`; null, with the reason, where the two share no product.

    ValueError for an unknown measure or column, DataError for bad rows. Source: Hill 1999; Diewert 2002, 2021; Fox,
    Hill and Diewert 2004.
    """
    if str(measure).lower() not in measures.MEASURES:
        raise ValueError(f"measure is {measure!r}; " + suggest(str(measure), measures.MEASURES))
    strata = read_strata(data, period=period, product=product, price=price, quantity=quantity, by=by, result=RESULT)
    names = [*strata.by, *RESULT]
    rows: list[tuple[Any, ...]] = []
    for s in strata:
        D = measures.dissimilarity(s.panel, measure)
        sold = np.asarray(s.panel.sold.any(axis=0))
        for i, j in zip(*(a.tolist() for a in np.triu_indices(len(s.periods), 1)), strict=True):
            if not (sold[i] and sold[j]):
                continue
            value = float(D[i, j])
            known = isfinite(value)
            status = "ok" if known else "no product is sold in both periods"
            rows.append((*s.by, s.periods[i], s.periods[j], value if known else None, status))
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    calendar = strata.cells.periods.type
    return strata.back(columns, {"period": calendar, "other": calendar, "dissimilarity": pa.float64()})
