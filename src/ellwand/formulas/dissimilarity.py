"""How unlike the price (and quantity) structures of two periods are, and the index linked along the least unlike.

Sources: Hill (1999), Diewert (2002), Fox, Hill and Diewert (2004), Diewert (2021, predicted share).
"""

from collections.abc import Callable

import numpy as np

from ellwand.formulas.bilateral import FISHER, LASPEYRES, PAASCHE
from ellwand.formulas.composition import Formula, Pairs
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.parts import pairwise as log_pairs


def _share(v: Array) -> Array:
    return np.asarray(v / v.sum(axis=0))


def _spread(x: Pairs) -> Array:
    return np.abs(LASPEYRES.log(x) - PAASCHE.log(x))


def _log_quadratic(x: Pairs) -> Array:
    return np.asarray(((x.s0 + x.st) / 2 * (x.logr - FISHER.log(x)) ** 2).sum(axis=0))


def _asymptotic_linear(x: Pairs) -> Array:
    ratio = np.exp(x.logr - FISHER.log(x))
    return np.asarray(((x.s0 + x.st) / 2 * (ratio + 1 / ratio - 2)).sum(axis=0))


def _mix_scale(x: Pairs, of: str) -> tuple[Array, Array]:
    y = x.logr * x.m if of == "p" else x.swapped().logr * x.m
    mean = y.sum(axis=0) / x.n
    return ((y - mean) ** 2 * x.m).sum(axis=0) / x.n, mean**2


def _mix(x: Pairs) -> Array:
    return np.sqrt(_mix_scale(x, "p")[0] * _mix_scale(x, "q")[0])


def _scale(x: Pairs) -> Array:
    return np.sqrt(_mix_scale(x, "p")[1] * _mix_scale(x, "q")[1])


def _absolute(x: Pairs) -> Array:
    return np.asarray(np.sqrt(np.asarray(sum(_mix_scale(x, "p"))) * np.asarray(sum(_mix_scale(x, "q")))))


def _spq(x: Pairs) -> Array:
    """The smaller of price and quantity dissimilarity from predicted shares (Diewert 2020)."""
    h = (x.s0 + x.st) / 2
    a, b = _share(x.p0 * x.qt * x.m), _share(x.pt * x.q0 * x.m)
    prices = (h * ((x.st - a) ** 2 + (x.s0 - b) ** 2)).sum(axis=0)
    quantities = (h * ((x.st - b) ** 2 + (x.s0 - a) ** 2)).sum(axis=0)
    return np.asarray(np.minimum(prices, quantities))


MATCHED: dict[str, Callable[[Pairs], Array]] = {
    "plspread": _spread,
    "logquadratic": _log_quadratic,
    "asymplinear": _asymptotic_linear,
    "mixscale": _absolute,
    "absolute": _absolute,
    "mix": _mix,
    "scale": _scale,
    "spq": _spq,
}
MEASURES = (*MATCHED, "predictedshare")


def _predicted_share(p0: Array, q0: Array, P: Array, Q: Array) -> Array:
    """Over all products, price and quantity 0 where not sold."""
    base, current = _share(p0 * q0), _share(P * Q)
    return np.asarray(((base - _share(P * q0)) ** 2).sum(axis=0) + ((current - _share(p0 * Q)) ** 2).sum(axis=0))


def dissimilarity(panel: Panel, measure: str) -> Array:
    """Dissimilarity of every pair, [k, t], periods x periods; NaN without matched products. 0 = proportional prices.

    measure: one of MEASURES, upper or lower case. Raises ValueError for another.
    """
    name = measure.lower()
    if name not in MEASURES:
        raise ValueError(f"unknown dissimilarity measure {measure!r}; allowed: {', '.join(sorted(MEASURES))}")
    out = np.full((panel.periods, panel.periods), np.nan)
    with np.errstate(all="ignore"):
        for k in range(panel.periods):
            p0, q0 = panel.P[:, [k]], panel.Q[:, [k]]
            if name == "predictedshare":
                out[k] = _predicted_share(p0, q0, panel.P, panel.Q)
            else:
                out[k] = MATCHED[name](Pairs(p0, q0, panel.P, panel.Q))
    return out


def pairwise(P: Array, Q: Array, measure: str) -> Array:
    """`dissimilarity` of price and quantity matrices, products x periods, NaN or 0 where not sold."""
    return dissimilarity(Panel(np.nan_to_num(P), np.nan_to_num(Q)), measure)


def similarity_linked(panel: Panel, formula: Formula, measure: str) -> Array:
    """Log levels linked, period by period, to the earlier period with the smallest dissimilarity; the first is 0.

    Ties go to the earliest period (`spq`: to the latest). NaN where no earlier period shares products.
    """
    D = dissimilarity(panel, measure)
    X = log_pairs(panel, formula)
    out = np.full(panel.periods, np.nan)
    out[0] = 0.0
    for t in range(1, panel.periods):
        usable = np.isfinite(out[:t]) & np.isfinite(X[:t, t]) & np.isfinite(D[:t, t])
        if not usable.any():
            continue
        d = np.where(usable, D[:t, t], np.inf)
        j = t - 1 - int(np.argmin(d[::-1])) if measure.lower() == "spq" else int(np.argmin(d))
        out[t] = out[j] + X[j, t]
    return out
