"""Standard errors of period-on-period changes without replicates: what the bootstrap of units tends to.

The deviation of a log change is linear in the weights of the units, so the variance over all draws is a sum of squares:
with n-1 of n units drawn and rescaled, `sum over strata of n/(n-1) sum (z_u - mean z)^2`, z_u being what unit u adds.
Sources: CPI Manual 2020, chapter 4; Rao and Wu (1988); Wolter (2007), chapter 6.
"""

from collections.abc import Iterable

import numpy as np

from ellwand.formulas.panel import Array
from ellwand.formulas.variance import Codes, Pairs, collapse, residuals


def change_se(
    sample: Pairs,
    unit_stratum: Codes,
    shares: Iterable[tuple[int, Array]],
    classes: int,
    previous: Codes,
    *,
    conditional_on_items: bool = False,
) -> Array:
    """Standard error of the log change of every class on an earlier period, classes x periods.

    sample : pairs, see `Pairs`. unit_stratum : stratum of each unit; strata of one unit are collapsed (`collapse`).
    shares : for each class its number and the share of every aggregate in its change, aggregates x periods; classes
    that do not come are NaN. previous : for each period the earlier one, such as that of the previous issue; -1 for
    none, and NaN there. conditional_on_items : residuals about the mean of the item, see `variance.deviations`.
    NaN where no pair of the class has a relative in between.
    """
    R = sample.relatives
    have = np.isfinite(R)
    T, units = R.shape[1], len(unit_stratum)
    weight = have.astype(np.float64) if sample.weights is None else have * sample.weights[:, None]
    out = np.full((classes, T), np.nan)
    at = np.flatnonzero(previous >= 0)
    if not len(R):
        return out
    # Pairs in the order of their aggregate and unit: each cell, and each aggregate, is a run of rows.
    by_cell = np.lexsort((np.arange(len(R)), sample.unit, sample.ea))
    ea, unit = sample.ea[by_cell], sample.unit[by_cell]
    begins_ea = np.flatnonzero(np.r_[True, np.diff(ea) != 0])
    begins = np.flatnonzero(np.r_[True, (np.diff(ea) != 0) | (np.diff(unit) != 0)])
    by_ea = np.argsort(sample.ea, kind="stable")
    aggregate = ea[begins_ea]
    n = np.add.reduceat(weight[by_ea], begins_ea, axis=0)
    of_pair = np.searchsorted(aggregate, sample.ea)
    if conditional_on_items:
        x = np.where(have, residuals(sample, False), 0.0)
    else:
        total = np.add.reduceat((weight * np.where(have, R, 0.0))[by_ea], begins_ea, axis=0)
        mean = np.divide(total, n, out=np.zeros_like(n), where=n > 0)
        x = np.where(have, R - mean[of_pair], 0.0)
    cell_unit, cell_ea = unit[begins], np.searchsorted(aggregate, ea[begins])
    cells = np.add.reduceat((weight * x)[by_cell], begins, axis=0) / np.where(n > 0, n, 1.0)[cell_ea]
    # What each unit adds is summed over its aggregates, in their order.
    by_unit = np.lexsort((cell_ea, cell_unit))
    cells, cell_unit, cell_ea = cells[by_unit], cell_unit[by_unit], cell_ea[by_unit]
    seen = np.logical_or.reduceat(have[by_ea], begins_ea, axis=0)
    code, _ = collapse(unit_stratum)
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(code[order]) > 0])
    size = np.diff(np.r_[starts, units]).astype(np.float64)
    factor = np.divide(size, size - 1, out=np.zeros_like(size), where=size > 1)[:, None]
    for g, share in shares:
        own = share[aggregate]
        live = np.logical_or.reduce(own != 0, axis=1)
        mine = np.flatnonzero(live[cell_ea])
        Z = np.zeros((units, T))
        if mine.size:
            first = np.flatnonzero(np.r_[True, np.diff(cell_unit[mine]) != 0])
            Z[cell_unit[mine[first]]] = np.add.reduceat(own[cell_ea[mine]] * cells[mine], first, axis=0)
        some = (seen[live] & (own[live] > 0)).any(axis=0)
        Z = np.cumsum(Z[order], axis=1)
        Z = Z[:, at] - Z[:, previous[at]]
        number = np.cumsum(some)
        some = number[at] > number[previous[at]]
        total = np.add.reduceat(Z, starts, axis=0)
        square = np.add.reduceat(Z * Z, starts, axis=0) - total * total / size[:, None]
        out[g, at] = np.where(some, np.sqrt(np.maximum(factor * square, 0.0).sum(axis=0)), np.nan)
    return out
