"""From changes to levels and back: chains, links, reference periods, rates and means over periods.

Sources: CPI Manual 2020, chapter 9; Eurostat's HICP Manual (2024), chapter 8.
"""

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array

Links = list[NDArray[np.intp]]
"""For each period the positions of its reference (several: their mean), empty where there is none."""

_NONE = np.zeros(0, dtype=np.intp)


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


def previous(periods: int) -> Links:
    """Links of period-on-period changes: each period's reference is the one before; the first has none."""
    return [np.arange(t - 1, t) if t else _NONE for t in range(periods)]


def unchain(levels: Array, links: Links) -> Array:
    """Each level on its reference, `I_t / mean of I over links[t]`; NaN where there is none."""
    out = np.full_like(levels, np.nan)
    for t, at in enumerate(links):
        if len(at):
            out[:, t] = levels[:, t] / levels[:, at].mean(axis=1)
    return out


def start(links: Links) -> int | None:
    """Where a chain over these links begins: the earliest reference that has none of its own; None if there is none.

    A year that is its own reference begins at its first period.
    """
    roots = [int(d) for at in links for d in at if not len(links[d]) or d in links[d]]
    return min(roots) if roots else None


def chain_links(unchained: Array, links: Links) -> Array:
    """Levels from indices on their references: `I_t = u_t mean of I over links[t]`.

    The first reference stands at 1; NaN where a period has no reference, or one without a level.
    """
    out = np.full_like(unchained, np.nan)
    first = start(links)
    for t, at in enumerate(links):
        if t == first and not len(at):
            out[:, t] = 1.0
        elif len(at) and t in at:
            out[:, t] = unchained[:, t] if int(at[0]) == first else np.nan
        elif len(at):
            out[:, t] = out[:, at].mean(axis=1) * unchained[:, t]
    return out


def rebase(levels: Array, at: NDArray[np.intp], value: float = 1.0) -> Array:
    """Levels whose arithmetic mean over the periods `at` is `value`; NaN for a series without all of them."""
    return np.asarray(value * levels / levels[:, at].mean(axis=1, keepdims=True))


def rates(levels: Array, lag: int) -> Array:
    """Change in per cent on the period `lag` earlier, `100 (I_t / I_(t-lag) - 1)`. ValueError for a lag below 1."""
    if lag < 1:
        raise ValueError(f"lag is {lag}; it must be 1 or more periods")
    earlier = np.arange(levels.shape[1]) - lag
    return rates_on(levels, np.where(earlier >= 0, earlier, -1))


def rates_on(levels: Array, earlier: NDArray[np.intp]) -> Array:
    """Change in per cent on the period at `earlier`, position by position; NaN where it is -1."""
    out = np.full_like(levels, np.nan)
    at = np.flatnonzero(earlier >= 0)
    out[:, at] = 100 * (levels[:, at] / levels[:, earlier[at]] - 1)
    return out


MEANS = ("arithmetic", "geometric")


def block_means(levels: Array, blocks: list[NDArray[np.intp]], mean: str = "arithmetic") -> Array:
    """Mean of each series over each block of periods; NaN if one of its levels is missing.

    mean : "arithmetic" or "geometric". ValueError for another.
    """
    if mean not in MEANS:
        raise ValueError(f"unknown mean {mean!r}; allowed: {', '.join(MEANS)}")
    if mean == "geometric":
        return np.stack([np.exp(np.log(levels[:, at]).mean(axis=1)) for at in blocks], axis=1)
    return np.stack([levels[:, at].mean(axis=1) for at in blocks], axis=1)


TWO_BASKETS = ("fisher", "tornqvist", "walsh")


def superlative(x: Array, w0: Array, wt: Array, formula: str) -> float:
    """Two-basket index of a link.

    x : relatives of the components. w0, wt : their value weights before and after, of any scale.
    formula : "fisher" `sqrt(sum s0 x / sum st/x)`, "tornqvist" (also spelt toernqvist) `exp(sum (s0+st)/2 ln x)`,
    "walsh" `sum sqrt(s0 st x) / sum sqrt(s0 st / x)`.

    ValueError for another formula, a missing or non-positive relative, a negative weight, or weights that sum to 0.
    Source: CPI Manual 2020, chapter 8.
    """
    x, w0, wt = (np.asarray(a, dtype=np.float64) for a in (x, w0, wt))
    name = "tornqvist" if formula == "toernqvist" else formula
    if name not in TWO_BASKETS:
        raise ValueError(f"unknown two-basket formula {formula!r}; allowed: {', '.join(TWO_BASKETS)}")
    if not (np.isfinite(x) & (x > 0)).all():
        raise ValueError("a relative is missing, 0 or below; every component needs one: impute it or leave it out")
    for side, w in (("w0", w0), ("wt", wt)):
        if not ((w >= 0).all() and w.sum() > 0):
            raise ValueError(f"{side}: weights must be 0 or above and sum to more than 0")
    s0, st = w0 / w0.sum(), wt / wt.sum()
    if name == "fisher":
        return float(np.sqrt((s0 * x).sum() / (st / x).sum()))
    if name == "tornqvist":
        return float(np.exp(((s0 + st) / 2 * np.log(x)).sum()))
    return float(np.sqrt(s0 * st * x).sum() / np.sqrt(s0 * st / x).sum())
