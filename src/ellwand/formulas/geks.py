"""GEKS: a bilateral formula made transitive over a window (Gini 1931, Eltetö and Köves 1964, Szulc 1964)."""

import numpy as np

from ellwand.formulas.bilateral import TORNQVIST
from ellwand.formulas.composition import Formula
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.parts import Parts, pairwise


def transitive(X: Array, weights: Array | None = None) -> Array:
    """Log levels of a window from the log bilateral indices X[k, t] of every pair; level of the first period is 0.

    `I^t = prod_k (X(k,t) / X(k,1))^(g_k)`, g_k equal or given (`weights`, sum 1). NaN wherever a link is missing.
    """
    g = np.full(len(X), 1 / len(X)) if weights is None else weights
    level = g @ X
    return np.asarray(level - level[0])


def transitive_available(X: Array) -> Array:
    """As `transitive` where some pairs have no link: least squares over those that have one.

    Minimises `sum (d_t - d_k - (X[k,t] - X[t,k]) / 2)^2` over the pairs with a link; equal to GEKS if none is missing
    and the formula passes time reversal. The pairs must form a connected graph.
    """
    Y = (X - X.T) / 2
    linked = np.isfinite(Y)
    np.fill_diagonal(linked, False)
    laplacian = np.diag(linked.sum(axis=0).astype(float)) - linked
    right = np.where(linked, Y, 0.0).sum(axis=0)
    d = np.zeros(len(X))
    d[1:] = np.linalg.solve(laplacian[1:, 1:], right[1:])
    return d


def geks(panel: Panel, formula: Formula, weighted: bool = False) -> Array:
    """GEKS of one window. `weighted`: each link period counts with its share in the value of the window."""
    X = pairwise(panel, formula)
    return transitive(X, panel.totals / panel.totals.sum() if weighted else None)


def int_geks(panel: Panel) -> Array:
    """Intersection GEKS-Törnqvist (Lamboray and Krsinich 2015): each link on the products sold in t-1, k and t.

    Chained: `I^t / I^(t-1) = prod_k (X(t-1,k) X(k,t))^(1/T)`.
    """
    out = np.zeros(panel.periods)
    for t in range(1, panel.periods):
        rows = panel.sold[:, t] & panel.sold[:, t - 1]
        part = Panel(panel.P[rows], panel.Q[rows])
        X = np.stack([_against(part, t - 1), _against(part, t)])
        out[t] = out[t - 1] + np.mean(X[1] - X[0])
    return out


def _against(panel: Panel, t: int) -> Array:
    """Log Törnqvist of period t on every period k."""
    from ellwand.formulas.composition import Pairs

    with np.errstate(all="ignore"):
        return TORNQVIST.log(Pairs(panel.P, panel.Q, panel.P[:, [t]], panel.Q[:, [t]]))


def rolling(X: Array, first: int, last: int) -> Array:
    """Levels of the window of periods first..last, cut from the pairs of a longer stretch of periods."""
    return transitive(X[first : last + 1, first : last + 1])


__all__ = ["Parts", "geks", "int_geks", "rolling", "transitive", "transitive_available"]
