"""Contributions of products to an index: additive ones that sum to the change, multiplicative ones for GEKS.

Sources: Balk (2008) section 4.2; van IJzeren (1987); Reinsdorf, Diewert and Ehemann (2002); Webster and Tarnow-Mordi
(2019) for GEKS; Ribe (1999) and Eurostat's HICP Manual (2024) for annual rates of chained indices.
"""

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.composition import Pairs
from ellwand.formulas.means import generalized_mean, logmean, transmute_weights
from ellwand.formulas.panel import Array, Panel


def mean_contributions(x: Array, w: Array, r: float) -> Array:
    """Contributions to a mean of order r of relatives: `(x-1) v`, v the weights w carried to the arithmetic mean.

    x : relatives. w : weights. They sum to the mean minus 1.
    """
    return np.asarray((np.asarray(x) - 1) * transmute_weights(x, w, r, 1))


def fisher_contributions(x: Array, s0: Array, st: Array) -> Array:
    """Contributions to Fisher (van IJzeren): the geometric weights of Laspeyres and Paasche, averaged.

    x : relatives of the matched products. s0, st : their shares in the base and current value.
    """
    g = transmute_weights(x, s0, 1, 0) + transmute_weights(x, st, -1, 0)
    return np.asarray((np.asarray(x) - 1) * transmute_weights(x, g, 0, 1))


def fisher_contributions_additive(x: Array, s0: Array, st: Array) -> Array:
    """Contributions to Fisher (Reinsdorf, Diewert, Ehemann): Fisher as an arithmetic mean of Laspeyres and Paasche."""
    lp = np.asarray([generalized_mean(x, s0, 1), generalized_mean(x, st, -1)])
    c = transmute_weights(lp, np.ones(2), 0, 1)
    y = transmute_weights(x, st, -1, 1)
    return np.asarray((np.asarray(x) - 1) * (c[0] * s0 / np.sum(s0) + c[1] * y))


def geks_decomposition(panel: Panel, start: int, end: int, method: str = "ccdi") -> Array:
    """Multiplicative contributions m of the products to GEKS of period `end` on `start` in the panel's window.

    method : "ccdi" (Törnqvist) or "geks" (Fisher). The product of m is the index. Products in the panel's order.
    ValueError for another method.
    """
    if method not in ("ccdi", "geks"):
        raise ValueError(f"unknown decomposition {method!r}; allowed: ccdi, geks")
    with np.errstate(all="ignore"):
        return np.asarray(np.exp(_log_links(panel, end, method) - _log_links(panel, start, method)))


def _log_links(panel: Panel, t: int, method: str) -> Array:
    """Mean over k of each product's weighted log relative of t on k."""
    x = Pairs(panel.P, panel.Q, panel.P[:, [t]], panel.Q[:, [t]])
    r = np.exp(x.logr)
    if method == "ccdi":
        w = (x.s0 + x.st) / 2
    else:
        hybrid = panel.P * panel.Q[:, [t]] * x.m
        hybrid = hybrid / hybrid.sum(axis=0)
        laspeyres = (x.s0 * r).sum(axis=0)
        paasche = (hybrid * r).sum(axis=0)
        a, b = x.s0 * logmean(r, laspeyres), hybrid * logmean(r, paasche)
        w = (a / a.sum(axis=0) + b / b.sum(axis=0)) / 2
    return np.asarray((w * x.logr * x.m).mean(axis=1))


def ribe(x: Array, W: Array, total: Array, link: NDArray[np.int64], lag: int) -> Array:
    """Ribe's contributions to the change of a chained index over `lag` periods, in percentage points.

    x : component levels, components x periods. W : weights of the same shape, one set for each link.
    total : level of the aggregate. link : for each period the position of its link period (the December before;
    -1 where there is none). Returns components x periods, NaN where the periods compared do not reach back.
    The contributions sum to `100 (I_t / I_(t-lag) - 1)`.
    """
    n, T = x.shape
    s = W / W.sum(axis=0)
    out = np.full((n, T), np.nan)
    for t in range(lag, T):
        b, d0 = t - lag, int(link[t])
        if d0 < 0:
            continue
        new = s[:, t] * (x[:, t] / x[:, d0] - 1) * total[d0] / total[b]
        if d0 == b:
            out[:, t] = 100 * new
            continue
        d1 = int(link[b])
        if d1 < 0:
            continue
        out[:, t] = 100 * (new + s[:, b] * (x[:, d0] - x[:, b]) / x[:, d1] * total[d1] / total[b])
    return out
