"""Multilateral systems of reference prices and levels that have no linear form: solved by iteration.

Reference price m_i and level I_t define one another; s_it is the share of product i in everything sold in t.
"""

from collections.abc import Callable

import numpy as np

from ellwand.formulas.panel import Array, Panel

TOLERANCE = 1e-13
ITERATIONS = 2000


def _iterate(panel: Panel, step: Callable[[Array], Array]) -> Array:
    """Repeat a step on the log levels until the largest change is below the tolerance; NaN if it does not settle."""
    d = np.zeros(panel.periods)
    for _ in range(ITERATIONS):
        new = step(d)
        new = new - new[0]
        change = np.abs(new - d).max()
        d = new
        if change < TOLERANCE:
            return np.asarray(d)
    return np.full(panel.periods, np.nan)


def _parts(panel: Panel) -> tuple[Array, Array, Array]:
    """Shares, prices relative to each product's geometric mean (1 where not sold) and its weight over the window."""
    with np.errstate(all="ignore"):
        S = panel.V / panel.totals
        weight = S.sum(axis=1)
    keep = weight > 0
    return S[keep], np.exp(panel.L[keep]), weight[keep]


def ikle(panel: Panel) -> Array:
    """Iklé (1972): harmonic reference prices and levels, both weighted by shares."""
    S, p, weight = _parts(panel)
    SP = S / p

    def step(d: Array) -> Array:
        m = weight / (SP @ np.exp(d))
        return -np.log(m @ SP)

    return _iterate(panel, step)


def rao_hajargasht(panel: Panel) -> Array:
    """Rao and Hajargasht (2016): arithmetic reference prices and levels, both weighted by shares."""
    S, p, weight = _parts(panel)
    SP = S * p

    def step(d: Array) -> Array:
        m = (SP @ np.exp(-d)) / weight
        return np.log((1 / m) @ SP)

    return _iterate(panel, step)


def gerardi(panel: Panel) -> Array:
    """Gerardi (1982): reference price = unweighted geometric mean over the periods in which a product is sold."""
    S, p, _ = _parts(panel)
    level = -np.log((S / p).sum(axis=0))
    return np.asarray(level - level[0])
