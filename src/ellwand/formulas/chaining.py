"""From changes to levels and back: chains, links, reference periods, rates and means over periods.

Sources: CPI Manual 2020, chapter 9; Eurostat's HICP Manual (2024), chapter 8.
"""

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array

Links = NDArray[np.int64]


def chain(changes: Array) -> Array:
    """Levels from period-on-period changes, series x periods: the running product, from the first period on.

    Leading NaN stay NaN and the first change found starts the series (its own value counts); after a gap the rest of
    the series is NaN, because a chain cannot pass over it.
    """
    have = np.isfinite(changes)
    begun = np.maximum.accumulate(have, axis=1)
    broken = np.maximum.accumulate(begun & ~have, axis=1)
    levels = np.cumprod(np.where(have, changes, 1.0), axis=1)
    return np.where(begun & ~broken, levels, np.nan)


def changes(levels: Array) -> Array:
    """Period-on-period changes of levels; 1 in the first period with a level."""
    out = np.full_like(levels, np.nan)
    out[:, 1:] = levels[:, 1:] / levels[:, :-1]
    have = np.isfinite(levels)
    first = np.argmax(have, axis=1)
    rows = np.flatnonzero(have.any(axis=1))
    out[rows, first[rows]] = 1.0
    return out


def unchain(levels: Array, link: Links) -> Array:
    """Each level on its link period: `I_t / I_link(t)`; NaN where `link` is -1."""
    return np.where(link >= 0, levels / levels[:, np.maximum(link, 0)], np.nan)


def chain_links(unchained: Array, link: Links, first: float = 1.0) -> Array:
    """Levels from indices on their link periods: `I_t = I_link(t) u_t`; periods without a link stand at `first`."""
    out = np.full_like(unchained, np.nan)
    for t, d in enumerate(link.tolist()):
        out[:, t] = first if d < 0 else out[:, d] * unchained[:, t]
    return out


def rebase(levels: Array, at: NDArray[np.intp], value: float = 1.0) -> Array:
    """Levels whose arithmetic mean over the periods `at` is `value`; NaN for a series without all of them."""
    return np.asarray(value * levels / levels[:, at].mean(axis=1, keepdims=True))


def rates(levels: Array, lag: int) -> Array:
    """Change in per cent on the period `lag` earlier, `100 (I_t / I_(t-lag) - 1)`."""
    out = np.full_like(levels, np.nan)
    out[:, lag:] = 100 * (levels[:, lag:] / levels[:, :-lag] - 1)
    return out


def block_means(levels: Array, blocks: list[NDArray[np.intp]]) -> Array:
    """Arithmetic mean of each series over each block of periods; NaN if one of its levels is missing."""
    return np.stack([levels[:, at].mean(axis=1) for at in blocks], axis=1)


def superlative(x: Array, w0: Array, wt: Array, formula: str) -> float:
    """Two-basket index of a link: x relatives of the components, w0 and wt their value weights before and after.

    formula : "fisher" `sqrt(sum s0 x / sum st/x)`, "tornqvist" `exp(sum (s0+st)/2 ln x)`, "walsh" `sum sqrt(s0 st x) /
    sum sqrt(s0 st / x)`. ValueError for another. Source: CPI Manual 2020, chapter 8.
    """
    s0, st = w0 / np.sum(w0), wt / np.sum(wt)
    if formula == "fisher":
        return float(np.sqrt((s0 * x).sum() / (st / x).sum()))
    if formula in ("tornqvist", "toernqvist"):
        return float(np.exp(((s0 + st) / 2 * np.log(x)).sum()))
    if formula == "walsh":
        return float(np.sqrt(s0 * st * x).sum() / np.sqrt(s0 * st / x).sum())
    raise ValueError(f"unknown two-basket formula {formula!r}; allowed: fisher, tornqvist, walsh")
