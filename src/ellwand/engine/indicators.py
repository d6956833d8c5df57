"""`indicators`: the change of a value split into a price and a quantity part, in money."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.panels import read_strata
from ellwand.engine.periods import find
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.indicators import INDICATORS, indicator

RESULT = ("period", "price_part", "quantity_part", "value_change", "matched", "status")


def indicators(
    data: Any,
    method: str = "bennet",
    *,
    period: str = "period",
    product: str = "product",
    price: str = "price",
    quantity: str = "quantity",
    by: str | Sequence[str] | None = None,
    base: Any = None,
) -> Any:
    """Price and quantity part of the value change of the products sold in both periods compared.

    data and the names of its columns : as for `index`. method : "bennet" and "montgomery", whose parts sum to the
    value change; "laspeyres" and "paasche", whose parts do not. base : the period compared with; None: the one before.

    Returns [by..., period, price_part, quantity_part, value_change, matched, status], a row for each stratum and
    period, in units of money, of the kind of `data`. matched counts the products; the parts are null, with the reason,
    where there is none, and in the period that has nothing before it.

    ValueError for an unknown method, column or base, DataError for bad rows.
    Source: Bennet 1920, Montgomery 1929, Diewert 2005.
    """
    if method not in INDICATORS:
        raise ValueError(f"method is {method!r}; " + suggest(str(method), INDICATORS))
    strata = read_strata(data, period=period, product=product, price=price, quantity=quantity, by=by, result=RESULT)
    if base is not None:
        base = strata.periods[find(strata.periods, base, "base")]
    names = [*strata.by, *RESULT]
    rows: list[tuple[Any, ...]] = []
    for s in strata:
        P, Q = s.panel.P, s.panel.Q
        for t, label in enumerate(s.periods):
            k = t - 1 if base is None else (s.periods.index(base) if base in s.periods else -1)
            if k < 0:
                why = "the first period of its stratum" if base is None else "the base period has no data"
                rows.append((*s.by, label, None, None, None, 0, why))
                continue
            both = (P[:, k] > 0) & (P[:, t] > 0) & (Q[:, k] > 0) & (Q[:, t] > 0)
            n = int(np.count_nonzero(both))
            if not n:
                other = "the period before" if base is None else "the base period"
                rows.append((*s.by, label, None, None, None, 0, f"no overlap with {other}"))
                continue
            pair = (P[:, k], Q[:, k], P[:, t], Q[:, t])
            change = float((P[both, t] * Q[both, t]).sum() - (P[both, k] * Q[both, k]).sum())
            parts = (indicator(*pair, method, "price"), indicator(*pair, method, "quantity"))
            rows.append((*s.by, label, *parts, change, n, "ok"))
    money = dict.fromkeys(("price_part", "quantity_part", "value_change"), pa.float64())
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return strata.back(columns, {"period": strata.cells.periods.type, "matched": pa.int64(), **money})
