"""Indicators: the change of a value split into a price and a quantity part, in money.

Sources: Bennet (1920), Montgomery (1929), Diewert (2005).
"""

from collections.abc import Callable

import numpy as np

from ellwand.formulas.means import logmean
from ellwand.formulas.panel import Array, Panel

_PARTS: dict[str, Callable[[Array, Array, Array, Array], Array]] = {
    "laspeyres": lambda p0, q0, pt, qt: q0 * (pt - p0),
    "paasche": lambda p0, q0, pt, qt: qt * (pt - p0),
    "bennet": lambda p0, q0, pt, qt: (q0 + qt) / 2 * (pt - p0),
    "montgomery": lambda p0, q0, pt, qt: logmean(p0 * q0, pt * qt) * np.log(pt / p0),
}
INDICATORS = tuple(_PARTS)


def indicator(p0: Array, q0: Array, pt: Array, qt: Array, method: str = "bennet", of: str = "price") -> float:
    """Part of the value change that comes from prices (or quantities), on the products present in both periods.

    p0, q0, pt, qt : prices and quantities, 0 where not sold. method : one of INDICATORS. of : "price" or "quantity".
    In money. ValueError for another method.
    """
    if method not in _PARTS:
        raise ValueError(f"unknown indicator {method!r}; allowed: {', '.join(INDICATORS)}")
    if of not in ("price", "quantity"):
        raise ValueError(f"of is {of!r}; allowed: price, quantity")
    m = (p0 > 0) & (pt > 0) & (q0 > 0) & (qt > 0)
    a = (p0[m], q0[m], pt[m], qt[m])
    if of == "quantity":
        a = (a[1], a[0], a[3], a[2])
    return float(_PARTS[method](*a).sum())


def indicators(panel: Panel, method: str = "bennet", of: str = "price") -> Array:
    """`indicator` of every period on the one before; NaN in the first and where no product is in both."""
    out = np.full(panel.periods, np.nan)
    for t in range(1, panel.periods):
        if (panel.sold[:, t] & panel.sold[:, t - 1]).any():
            P, Q = panel.P, panel.Q
            out[t] = indicator(P[:, t - 1], Q[:, t - 1], P[:, t], Q[:, t], method, of)
    return out
