"""Contributions of products to an index: additive ones that sum to the change, multiplicative ones for GEKS.

Sources: Balk (2008) section 4.2; van IJzeren (1987); Reinsdorf, Diewert and Ehemann (2002); Webster and Tarnow-Mordi
(2019) for GEKS; Ribe (1999) and Eurostat's HICP Manual (2024) for annual rates of chained indices.
"""

import numpy as np

from ellwand.formulas.chaining import Links, start, unchain
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


def cumulated(steps: Array, level: Array, links: Links) -> Array:
    """Contributions carried across links: G with `(G_t - G_a) / I_a` the parts of `I_t / I_a - 1`.

    steps : contributions of the parts to each period's change on its reference, parts x periods, NaN where none.
    level : levels of the aggregate chained over the same links. links : reference of each period.
    """
    steps = np.where(np.isfinite(steps), steps, 0.0)
    out = np.zeros_like(steps)
    for t, at in enumerate(links):
        if not len(at) or t in at:
            # The chain begins here: its reference is 1.
            out[:, t] = steps[:, t]
        elif np.isfinite(level[at]).all():
            before = out[:, at[0]] if len(at) == 1 else out[:, at].mean(axis=1)
            out[:, t] = before + level[at].mean() * steps[:, t]
        else:
            out[:, t] = steps[:, t]
    return out


def ribe(x: Array, W: Array, total: Array, links: Links, lag: int) -> Array:
    """Ribe's contributions to the change of a chained index over `lag` periods, in percentage points.

    x : component levels, components x periods. W : weights of the same shape, one set for each link.
    total : level of the aggregate. links : for each period the positions of its reference (the December before).
    Returns components x periods, NaN where the periods compared do not reach back. ValueError for a lag below 1.

    With `d` the reference of t and `b = t - lag`: `100 [ s_t (x_t/x_d - 1) I_d/I_b + ... ]`, the parts of every link
    between b and t taken at the level of their own reference. They sum to `100 (I_t / I_b - 1)` where the aggregate is
    the weighted mean of its components in each link. Source: Ribe (1999).
    """
    if lag < 1:
        raise ValueError(f"lag is {lag}; it must be 1 or more periods")
    n, T = x.shape
    steps = W / W.sum(axis=0) * (unchain(x, links) - 1)
    first = start(links)
    if first is not None:
        total = total / total[links[first] if len(links[first]) else first].mean()
    G = cumulated(steps, total, links)
    known = np.asarray([t == first or len(at) > 0 for t, at in enumerate(links)])
    out = np.full((n, T), np.nan)
    at = np.arange(lag, T)
    out[:, at] = 100 * (G[:, at] - G[:, at - lag]) / total[at - lag]
    out[:, ~known] = np.nan
    out[:, at[~known[at - lag]]] = np.nan
    return out
