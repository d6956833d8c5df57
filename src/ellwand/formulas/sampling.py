"""Samples of units: cut-off, probability proportional to size, and rotation.

Sources: CPI Manual 2020, chapter 4; Särndal, Swensson and Wretman (1992), section 3.6.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array, Mask

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    """chosen : positions of the units, ascending. probability : inclusion probability of every unit of the frame.

    certainty : the units of the frame that are in with probability 1.
    """

    chosen: Positions
    probability: Array
    certainty: Mask


@dataclass(frozen=True)
class Round:
    """A rotating sample in one round. in_force : units that count from this round on.

    overlap : units that left and are priced once more in this round, so that old and new are both seen.
    entered : units that are new in this round. Positions in the frame, ascending.
    """

    in_force: Positions
    overlap: Positions
    entered: Positions


def cut_off(size: Array, share: float) -> tuple[Mask, float]:
    """The fewest largest units that hold at least `share` of the total size, and the share that they hold.

    Units of equal size are taken in their order. The rest of the frame has probability 0, so no variance of the
    sampling can be had. ValueError for a share outside (0, 1] or a size that is negative or not finite.
    """
    size = _sizes(size)
    if not 0 < share <= 1:
        raise ValueError(f"share is {share}; give a share of the total above 0 and at most 1")
    order = np.argsort(-size, kind="stable")
    held = np.cumsum(size[order])
    # The last sum is the total itself, so that share 1 is reached whatever the rounding.
    number = int(np.searchsorted(held, share * held[-1] * (1 - 1e-12), side="left")) + 1
    taken = np.zeros(len(size), dtype=bool)
    taken[order[:number]] = True
    return taken, float(held[number - 1] / held[-1])


def inclusion_probabilities(size: Array, n: int) -> tuple[Array, Mask]:
    """`pi_i = n x_i / X`, and which units are certain.

    A unit with pi >= 1 is certain; the rest of the sample is spread over the others anew until no pi reaches 1.
    ValueError if n is below 1 or more than the units of size above 0.
    """
    size = _sizes(size)
    able = int((size > 0).sum())
    if not 1 <= n <= able:
        raise ValueError(f"n is {n}; give 1 to {able}, the number of units with a size above 0")
    certain = np.zeros(len(size), dtype=bool)
    while True:
        left = n - int(certain.sum())
        rest = np.where(certain, 0.0, size)
        pi = np.where(certain, 1.0, left * rest / max(rest.sum(), np.finfo(float).tiny))
        new = ~certain & (pi >= 1 - 1e-12)
        if not new.any():
            return pi, certain
        certain |= new


def systematic_pps(size: Array, n: int, seed: int, *, in_order: bool = False) -> Sample:
    """Systematic sample with probability proportional to size, of exactly n units.

    size : of each unit of the frame, >= 0. seed : of the random start and, unless `in_order`, of the order in which the
    frame is gone through; a frame sorted by region or kind and taken in order is thereby stratified.
    """
    rng = np.random.default_rng(seed)
    pi, certain = inclusion_probabilities(size, n)
    rest = np.flatnonzero(~certain & (pi > 0))
    if not in_order:
        rest = rng.permutation(rest)
    number = n - int(certain.sum())
    chosen = np.flatnonzero(certain)
    if number:
        reach = np.cumsum(pi[rest])
        reach *= number / reach[-1]
        ticks = rng.random() + np.arange(number)
        hit = np.minimum(np.searchsorted(reach, ticks, side="right"), len(rest) - 1)
        chosen = np.concatenate([chosen, rest[hit]])
    return Sample(np.sort(chosen), pi, certain)


def rotate(size: Array, n: int, share: float, rounds: int, seed: int) -> Iterator[Round]:
    """A sample of n units of which a stated share is exchanged every round, with an overlap of one period.

    The first round is `systematic_pps`. In each later one the units longest in force leave, `round(share * those that
    are not certain)` of them and at least one where share is above 0; as many enter, drawn in proportion to size from
    those that were out in the round before. Certain units stay. Who leaves is priced once more in the round in which
    the successors enter. Inclusion stays near proportional to size, exactly only in the first round.
    ValueError if share is outside 0 to 1, or too few units wait outside.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share}; give the share of the sample that is exchanged each round, 0 to 1")
    first = systematic_pps(size, n, seed)
    return _rounds(_sizes(size), first, share, rounds, np.random.default_rng([seed, 1]))


def _rounds(size: Array, first: Sample, share: float, rounds: int, rng: np.random.Generator) -> Iterator[Round]:
    none = np.zeros(0, dtype=np.intp)
    now = first.chosen
    since = np.zeros(len(size))
    # Units that came in together leave in random order, so that the first exchange is no judgement.
    tie = rng.random(len(size))
    yield Round(now, none, now)
    for k in range(1, rounds):
        moving = now[~first.certainty[now]]
        number = min(max(int(np.floor(share * len(moving) + 0.5)), 1 if share > 0 else 0), len(moving))
        waiting = np.ones(len(size), dtype=bool)
        waiting[now] = False
        waiting &= size > 0
        if number > int(waiting.sum()):
            raise ValueError(
                f"round {k}: {number} units leave and {int(waiting.sum())} wait outside the sample; "
                "lower share or n, or enlarge the frame"
            )
        if number == 0:
            yield Round(now, none, none)
            continue
        leave = moving[np.lexsort((tie[moving], since[moving]))[:number]]
        enter = systematic_pps(np.where(waiting, size, 0.0), number, int(rng.integers(2**63))).chosen
        since[enter] = k
        now = np.sort(np.concatenate([np.setdiff1d(now, leave), enter]))
        yield Round(now, np.sort(leave), enter)


def _sizes(size: Array) -> Array:
    size = np.asarray(size, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(size) | (size < 0))
    if bad.size:
        raise ValueError(f"size[{bad[0]}] is {size[bad[0]]}; give a finite number, 0 or more, for every unit")
    if not size.sum() > 0:
        raise ValueError("the sizes sum to 0; give at least one unit a size above 0")
    return size
