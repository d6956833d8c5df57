"""Standard errors of period-on-period changes without replicates: what the bootstrap of units tends to.

The deviation of a log change is linear in the weights of the units, so the variance over all draws is a sum of squares:
with n-1 of n units drawn and rescaled, `sum over strata of n/(n-1) sum (z_u - mean z)^2`, z_u being what unit u adds.
Sources: CPI Manual 2020, chapter 4; Rao and Wu (1988); Wolter (2007), chapter 6.
"""

from collections.abc import Iterable

import numpy as np

from ellwand.formulas.panel import Array
from ellwand.formulas.variance import Codes, Pairs, by_code, collapse, group_sums, residuals


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
    members = by_code(sample.ea)
    residual = residuals(sample, False) if conditional_on_items else None
    parts: dict[int, tuple[Codes, Array]] = {}
    for ea, pairs in members.items():
        n = weight[pairs].sum(axis=0)
        if residual is None:
            filled = np.where(have[pairs], R[pairs], 0.0)
            mean = np.divide((weight[pairs] * filled).sum(axis=0), n, out=np.zeros(T), where=n > 0)
            x = np.where(have[pairs], R[pairs] - mean, 0.0)
        else:
            x = np.where(have[pairs], residual[pairs], 0.0)
        by_unit, _ = group_sums(weight[pairs] * x, pairs, sample.unit)
        parts[ea] = np.unique(sample.unit[pairs]), by_unit / np.where(n > 0, n, 1.0)
    code, _ = collapse(unit_stratum)
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(code[order]) > 0])
    size = np.diff(np.r_[starts, units]).astype(np.float64)
    factor = np.divide(size, size - 1, out=np.zeros_like(size), where=size > 1)[:, None]
    out = np.full((classes, T), np.nan)
    at = np.flatnonzero(previous >= 0)
    seen = {ea: have[pairs].any(axis=0) for ea, pairs in members.items()}
    for g, share in shares:
        Z = np.zeros((units, T))
        some = np.zeros(T, dtype=bool)
        for ea, (mine, by_unit) in parts.items():
            if share[ea].any():
                Z[mine] += share[ea] * by_unit
                some |= seen[ea] & (share[ea] > 0)
        Z = np.cumsum(Z[order], axis=1)
        Z = Z[:, at] - Z[:, previous[at]]
        number = np.cumsum(some)
        some = number[at] > number[previous[at]]
        total = np.add.reduceat(Z, starts, axis=0)
        square = np.add.reduceat(Z * Z, starts, axis=0) - total * total / size[:, None]
        out[g, at] = np.where(some, np.sqrt(np.maximum(factor * square, 0.0).sum(axis=0)), np.nan)
    return out
