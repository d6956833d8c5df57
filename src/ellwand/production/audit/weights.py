"""Constant weights behind rounded levels: whether they exist, as the value of a matrix game."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ellwand.production.audit.figures import Figure

Matrix = NDArray[np.float64]

TOLERANCE = 1e-9
"""Relative to the level: what binary arithmetic may lose."""

HIDDEN = 0.02
"""Weight of the unpublished part that must be impossible before parts count as complete."""

MOVED = 40
"""Half units of the last digit by which parent and parts must have moved before they can prove anything."""

_PIVOTS = 10_000


PLAIN: tuple[float, ...] = (1.0,)
LINKED: tuple[float, ...] = (0.5, 2.0)
"""Sums that the weights of levels can have: 1 on one base; after a link anything between these."""


def rows_of(parent: Figure, parts: Sequence[Figure], sums: tuple[float, ...] = PLAIN) -> Matrix:
    """The two conditions of one issue on the weights w (>= 0, sum 1): every entry row m asks m @ w <= 0.

    The weighted mean of the parts' intervals meets the parent's: sum w (I - d) <= P + D and sum w (I + d) >= P - D.
    Because the weights sum to 1 the constants go into the matrix. Scaled by the parent's level. With the sums of
    `LINKED` each part has two columns, at half and at twice its level; their mixtures are all weights with a sum
    between, as a chained index has: after a link at k a part counts with w P_k / I_k.
    """
    p, scale = parent.interval, parent.value
    above = [(factor * part.interval.lo - p.hi) / scale for factor in sums for part in parts]
    below = [(p.lo - factor * part.interval.hi) / scale for factor in sums for part in parts]
    return np.array([above, below])


def solve(conditions: Matrix) -> tuple[float, Matrix]:
    """The smallest worst violation, min over w of max (conditions @ w), and its weights.

    At most 0: constant weights exist. It is the value of the zero-sum game with this matrix; after a shift that makes
    all entries positive it is 1 / max sum u subject to M u <= 1, u >= 0, solved by the simplex method on a condensed
    tableau, with Bland's rule against cycles.
    """
    m, k = conditions.shape
    shift = 1.0 - float(conditions.min())
    tableau = np.zeros((m + 1, k + 1))
    tableau[:m, :k] = conditions + shift
    tableau[:m, k] = 1.0
    tableau[m, :k] = -1.0
    columns, basis = list(range(k)), list(range(k, k + m))
    for _ in range(_PIVOTS):
        entering = [j for j in range(k) if tableau[m, j] < -1e-12]
        if not entering:
            break
        c = min(entering, key=columns.__getitem__)
        column = tableau[:m, c]
        usable = np.flatnonzero(column > 1e-12)
        ratios = tableau[usable, k] / column[usable]
        least = usable[ratios <= ratios.min() + 1e-15]
        r = int(min(least, key=lambda i: basis[i]))
        pivot = tableau[r, c]
        row, col = tableau[r] / pivot, tableau[:, c].copy()
        tableau -= np.outer(col, row)
        tableau[r] = row
        tableau[:, c] = -col / pivot
        tableau[r, c] = 1.0 / pivot
        columns[c], basis[r] = basis[r], columns[c]
    else:
        raise ArithmeticError(f"the weights of {k} parts over {m // 2} issues were not found in {_PIVOTS} steps")
    u = np.zeros(k)
    for i, label in enumerate(basis):
        if label < k:
            u[label] = tableau[i, k]
    total = float(u.sum())
    return 1.0 / total - shift, u / total


def exist(conditions: Matrix) -> bool:
    """Whether constant weights meet all conditions."""
    return solve(conditions)[0] <= TOLERANCE


def leave_no_room(issues: Sequence[tuple[Figure, Sequence[Figure]]]) -> bool:
    """Whether these issues rule out an unpublished part with 2 % of the weight and a constant level.

    The unpublished level may lie anywhere from half the lowest to twice the highest published one: two fixed columns,
    mixed with every part in the proportion 2 : 98. If such weights exist for a larger share they exist for this one,
    because the conditions are convex. Parent and parts must all have moved by many times their rounding.
    """
    for column in zip(*((parent, *parts) for parent, parts in issues), strict=True):
        values = [figure.value for figure in column]
        if max(values) - min(values) < MOVED * max(figure.half for figure in column):
            return False
    levels = [figure.value for parent, parts in issues for figure in (parent, *parts)]
    blocks = []
    for parent, parts in issues:
        known = rows_of(parent, parts)
        p, scale = parent.interval, parent.value
        mixed = []
        for unknown in (min(levels) / 2, max(levels) * 2):
            extra = np.array([[(unknown - p.hi) / scale], [(p.lo - unknown) / scale]])
            mixed.append((1 - HIDDEN) * known + HIDDEN * extra)
        blocks.append(np.hstack(mixed))
    return not exist(np.vstack(blocks))


def share(parent: Figure, first: Figure, second: Figure) -> tuple[float, float] | None:
    """The weights that the first of two parts can have in one issue; None if the parts' intervals overlap."""
    a, b, p = first.interval, second.interval, parent.interval
    if a.meets(b):
        return None
    ends = [(t - y) / (x - y) for t in (p.lo, p.hi) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    return min(ends), max(ends)
