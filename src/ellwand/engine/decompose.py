"""`decompose`: what each product gives to a bilateral index, or to GEKS in a window."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.panels import Stratum, read_strata
from ellwand.formulas import decomposition as d
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.panel import Array, Panel

# Bilateral indices that are means of the relatives: order, and weight of the base and of the current share.
MEANS = {
    "laspeyres": (1.0, 1.0, 0.0),
    "geolaspeyres": (0.0, 1.0, 0.0),
    "harmonic_laspeyres": (-1.0, 1.0, 0.0),
    "palgrave": (1.0, 0.0, 1.0),
    "geopaasche": (0.0, 0.0, 1.0),
    "paasche": (-1.0, 0.0, 1.0),
    "tornqvist": (0.0, 0.5, 0.5),
}
FISHER = {"fisher": d.fisher_contributions, "fisher_additive": d.fisher_contributions_additive}
GEKS = {"geks_tornqvist": "ccdi", "geks_fisher": "geks"}
METHODS = (*MEANS, *FISHER, *GEKS)
ADDITIVE = ("product", "relative", "contribution")
MULTIPLICATIVE = ("product", "factor", "normalised", "impact")


def decompose(
    data: Any,
    method: str,
    *,
    base: Any,
    to: Any,
    window: int | None = None,
    period: str = "period",
    product: str = "product",
    price: str = "price",
    quantity: str = "quantity",
    by: str | Sequence[str] | None = None,
) -> Any:
    """Contributions of the products to the index of period `to` on period `base`.

    data and the names of its columns : as for `index`. method :
    - "laspeyres", "paasche", "palgrave", "geolaspeyres", "geopaasche", "harmonic_laspeyres", "tornqvist", "fisher" (van
      IJzeren) and "fisher_additive" (Fisher by Reinsdorf, Diewert and Ehemann): contributions that sum to the index
      minus 1, columns [by..., product, relative, contribution], products sold in both periods;
    - "geks_tornqvist", "geks_fisher": factors whose product is the index, columns [by..., product, factor, normalised,
      impact], every product of the window. normalised: factor / index^(1/n); impact: 100 (normalised - 1).
    window : of GEKS: the first so many periods of the table; None: all.

    The result is of the kind of `data`; a stratum where nothing is matched, or without one of the periods, has no
    row. ValueError for an unknown method, column or period, or a window where there is none; DataError for bad rows.
    Source: Balk 2008, section 4.2; Webster and Tarnow-Mordi 2019.
    """
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; " + suggest(str(method), METHODS))
    if window is not None and method not in GEKS:
        raise ValueError(f"{method} compares two periods and takes no window; it belongs to {', '.join(GEKS)}")
    result = MULTIPLICATIVE if method in GEKS else ADDITIVE
    strata = read_strata(data, period=period, product=product, price=price, quantity=quantity, by=by, result=result)
    if window is not None and (isinstance(window, bool) or int(window) != window or window < 2):
        raise ValueError(f"window is {window!r}; it must be a whole number of periods, 2 or more")
    calendar = strata.periods
    inside = calendar if window is None else calendar[: int(window)]
    rows: list[tuple[Any, ...]] = []
    for s in strata:
        a, b = strata.position(s, base, "base"), strata.position(s, to, "to")
        if a is None or b is None:
            continue
        if method in GEKS:
            for label in (s.periods[a], s.periods[b]):
                if label not in inside:
                    raise ValueError(f"period {label} lies outside the window of the first {window} periods")
            rows += _factors(s, a, b, [t for t, label in enumerate(s.periods) if label in inside], method)
        else:
            rows += _parts(s, a, b, method)
    columns = {name: [row[i] for row in rows] for i, name in enumerate([*strata.by, *result])}
    types = {"product": strata.cells.products.type} | dict.fromkeys(result[1:], pa.float64())
    return strata.back(columns, types)


def _parts(s: Stratum, a: int, b: int, method: str) -> list[tuple[Any, ...]]:
    P, V = s.panel.P, s.panel.V
    both = np.flatnonzero((P[:, a] > 0) & (P[:, b] > 0))
    v0, vt = V[both, a], V[both, b]
    if not (v0.sum() > 0 and vt.sum() > 0):
        return []
    x, s0, st = P[both, b] / P[both, a], v0 / v0.sum(), vt / vt.sum()
    C: Array
    if method in FISHER:
        C = FISHER[method](x, s0, st)
    else:
        order, first, last = MEANS[method]
        C = d.mean_contributions(x, first * s0 + last * st, order)
    return [
        (*s.by, s.products[int(i)], float(r), float(c)) for i, r, c in zip(both, x.tolist(), C.tolist(), strict=True)
    ]


def _factors(s: Stratum, a: int, b: int, inside: list[int], method: str) -> list[tuple[Any, ...]]:
    P, Q = s.panel.P[:, inside], s.panel.Q[:, inside]
    rows = np.flatnonzero((P > 0).any(axis=1))
    m = d.geks_decomposition(Panel(P[rows], Q[rows]), inside.index(a), inside.index(b), GEKS[method])
    if not np.isfinite(m).all():
        return []
    index = float(np.exp(np.log(m).sum()))
    normalised = m / index ** (1 / len(m))
    return [
        (*s.by, s.products[int(i)], float(f), float(n), 100 * (float(n) - 1))
        for i, f, n in zip(rows, m.tolist(), normalised.tolist(), strict=True)
    ]
