"""The movement of a missing price: taken from donors, the most specific set first.

A donor is a quote with a price in both periods that is no imputation. Source: CPI Manual 2020, chapter 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array, Mask

Codes = NDArray[np.integer]
Counts = NDArray[np.intp]

MINIMUM = 3
"""Donors that a set must have, unless the method says otherwise."""


@dataclass(frozen=True)
class Movements:
    """value : movement of each group, NaN without a donor. donors : number of donors of each group."""

    value: Array
    donors: Counts


@dataclass(frozen=True)
class Ladder:
    """value : movement of each element. level : position of the donor set used, -1 where none was large enough.

    donors : how many donors it had, 0 where there is none. value is NaN where level is -1.
    """

    value: Array
    level: Counts
    donors: Counts


def jevons_movements(
    groups: Codes, log_ratio: Array, size: int | None = None, weights: Array | None = None
) -> Movements:
    """`exp(mean ln r)` of every group.

    groups : group of each element, -1 for none. log_ratio : ln of price on the price before, NaN where the element is
    no donor. size : number of groups (None: the largest code and one). weights : of each element, >= 0 (None: equal);
    one of weight 0 is no donor.
    """
    donor = np.isfinite(log_ratio) & (groups >= 0)
    w = np.ones(len(log_ratio)) if weights is None else np.asarray(weights, dtype=np.float64)
    donor &= w > 0
    at, n = groups[donor], _size(groups, size)
    total = np.bincount(at, w[donor], n)
    with np.errstate(all="ignore"):
        value = np.exp(np.bincount(at, w[donor] * log_ratio[donor], n) / total)
    return Movements(np.where(total > 0, value, np.nan), np.bincount(at, minlength=n))


def dutot_movements(
    groups: Codes, before: Array, now: Array, size: int | None = None, weights: Array | None = None
) -> Movements:
    """`sum p^t / sum p^(t-1)` of every group; only for quotes of one article in one unit of measure.

    before, now : the two prices of each element, NaN in either where it is no donor. Other arguments as in
    `jevons_movements`.
    """
    donor = np.isfinite(before) & np.isfinite(now) & (groups >= 0)
    w = np.ones(len(before)) if weights is None else np.asarray(weights, dtype=np.float64)
    donor &= w > 0
    at, n = groups[donor], _size(groups, size)
    below = np.bincount(at, w[donor] * before[donor], n)
    above = np.bincount(at, w[donor] * now[donor], n)
    value = np.divide(above, below, out=np.full(n, np.nan), where=below > 0)
    return Movements(value, np.bincount(at, minlength=n))


def ladder(
    levels: Sequence[Codes],
    log_ratio: Array,
    *,
    minimum: int | Sequence[int] = MINIMUM,
    weights: Array | None = None,
) -> Ladder:
    """The Jevons movement of every element from the first donor set that is large enough.

    levels : group of each element in each donor set, from the most specific to the overall one; -1 where it has none.
    log_ratio, weights : as in `jevons_movements`. minimum : donors that a set must have, one number or one a level.
    ValueError if the arrays differ in length or a minimum is below 1.
    """
    _check(levels, len(log_ratio))
    return _climb(levels, [jevons_movements(g, log_ratio, None, weights) for g in levels], minimum)


def dutot_ladder(
    levels: Sequence[Codes],
    before: Array,
    now: Array,
    *,
    minimum: int | Sequence[int] = MINIMUM,
    weights: Array | None = None,
) -> Ladder:
    """`ladder` with the Dutot movement; before, now : as in `dutot_movements`."""
    _check(levels, len(before))
    return _climb(levels, [dutot_movements(g, before, now, None, weights) for g in levels], minimum)


def shares(used: Ladder, chosen: Mask | None = None) -> Array:
    """Share of each level among the elements imputed, its last entry that of the elements without a donor set.

    chosen : the elements to count (None: all). NaN if there is none. The length is that of the highest level used + 2.
    """
    level = used.level if chosen is None else used.level[chosen]
    top = int(used.level.max(initial=-1)) + 1
    if not level.size:
        return np.full(top + 1, np.nan)
    return np.asarray(np.bincount(np.where(level < 0, top, level), minlength=top + 1) / level.size)


def _climb(levels: Sequence[Codes], found: Sequence[Movements], minimum: int | Sequence[int]) -> Ladder:
    least = [minimum] * len(levels) if isinstance(minimum, int) else list(minimum)
    if len(least) != len(levels) or min(least, default=1) < 1:
        raise ValueError(
            f"minimum is {minimum!r}; give a number of donors >= 1, or one for each of {len(levels)} levels"
        )
    n = len(levels[0])
    value, level, donors = np.full(n, np.nan), np.full(n, -1, dtype=np.intp), np.zeros(n, dtype=np.intp)
    for k, (groups, moved) in enumerate(zip(levels, found, strict=True)):
        open_ = np.flatnonzero((level < 0) & (groups >= 0))
        take = open_[moved.donors[groups[open_]] >= least[k]]
        value[take], donors[take], level[take] = moved.value[groups[take]], moved.donors[groups[take]], k
    return Ladder(value, level, donors)


def _size(groups: Codes, size: int | None) -> int:
    return int(groups.max(initial=-1)) + 1 if size is None else size


def _check(levels: Sequence[Codes], n: int) -> None:
    if not levels:
        raise ValueError("levels is empty; give at least one donor set")
    for k, groups in enumerate(levels):
        if len(groups) != n:
            raise ValueError(
                f"levels[{k}] has {len(groups)} elements and there are {n} ratios; give one group for each"
            )
