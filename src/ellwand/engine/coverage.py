"""`coverage`: how much of each period is compared with the one before."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from ellwand.engine.panels import read_strata
from ellwand.formulas import coverage as formula

RESULT = (
    *("period", "base_value", "base_value_matched", "base_value_share", "value", "value_matched", "value_share"),
    *("base_count", "base_count_share", "count", "count_share", "matched", "new", "leaving"),
)


def coverage(
    data: Any,
    *,
    period: str = "period",
    product: str = "product",
    price: str = "price",
    quantity: str = "quantity",
    by: str | Sequence[str] | None = None,
) -> Any:
    """Value and number of products of each period and the one before it, and how much of both is matched.

    data and the names of its columns : as for `index`.

    Returns [by..., period, base_value, base_value_matched, base_value_share, value, value_matched, value_share,
    base_count, base_count_share, count, count_share, matched, new, leaving], a row for each stratum and period from
    its second on, of the kind of `data`. Values are in units of money; `base` is the period before; shares, from 0 to
    1, are those of the matched products, null where a period has no value; new and leaving count products.

    ValueError for an unknown column, DataError for bad rows. Source: CPI Manual 2020, chapter 10.
    """
    strata = read_strata(data, period=period, product=product, price=price, quantity=quantity, by=by, result=RESULT)
    names = [*strata.by, *RESULT]
    rows: list[tuple[Any, ...]] = []

    def share(part: float, whole: float) -> float | None:
        return part / whole if whole > 0 else None

    for s in strata:
        c = formula.coverage(s.panel)
        for t, label in enumerate(s.periods[1:]):
            v0, m0, v, m = (
                float(a[t]) for a in (c.base_value, c.base_value_matched, c.current_value, c.current_value_matched)
            )
            n0, n, both = int(c.base_count[t]), int(c.current_count[t]), int(c.matched[t])
            values = (v0, m0, share(m0, v0), v, m, share(m, v))
            counts = (n0, share(both, n0), n, share(both, n), both, int(c.new[t]), int(c.leaving[t]))
            rows.append((*s.by, label, *values, *counts))
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    whole = dict.fromkeys(("base_count", "count", "matched", "new", "leaving"), pa.int64())
    real = dict.fromkeys([n for n in RESULT[1:] if n not in whole], pa.float64())
    return strata.back(columns, {"period": strata.cells.periods.type, **whole, **real})
