"""Time dummy hedonic index: `ln p_it = a + sum_k b_k z_ik + d_t` (CPI Manual 2020, chapters 6 and 7)."""

import numpy as np

from ellwand.formulas.panel import Array


def time_dummy_hedonic(
    logp: Array, period: Array, Z: Array, periods: int, weights: Array | None = None, bias_correction: bool = False
) -> Array:
    """Log levels of a window, the first 0.

    logp, period : log price and period number (0..periods-1) of each observation.
    Z : observations x characteristics (numeric or dummies, without an intercept).
    weights : of each observation (None: equal).
    bias_correction : less half the variance of each period effect and plus none for the first (which is fixed).

    NaN where the period effects cannot be separated from the characteristics (collinear).
    """
    n = len(logp)
    D = np.zeros((n, periods - 1))
    later = period > 0
    D[np.flatnonzero(later), period[later].astype(np.intp) - 1] = 1.0
    # The period effects stand last: one that the characteristics already span is not identified.
    X = np.column_stack([np.ones(n), Z, D])
    scale = np.sqrt(weights) if weights is not None else np.ones(n)
    keep = _independent(X * scale[:, None], needed=periods - 1)
    if keep is None:
        return np.full(periods, np.nan)
    A = X[:, keep] * scale[:, None]
    coefficient, *_ = np.linalg.lstsq(A, logp * scale, rcond=None)
    out = np.zeros(periods)
    effects = slice(len(keep) - (periods - 1), None)
    out[1:] = coefficient[effects]
    if bias_correction:
        freedom = n - A.shape[1]
        if freedom <= 0:
            return np.full(periods, np.nan)
        residual = logp * scale - A @ coefficient
        variance = float(residual @ residual) / freedom * np.diag(np.linalg.inv(A.T @ A))
        out[1:] -= variance[effects] / 2
    return out


def _independent(A: Array, needed: int) -> list[int] | None:
    """Columns to keep: each that adds information to those before it.

    None if one of the last `needed` columns (the period effects) adds none: they are not identified.
    """
    Q = np.zeros((len(A), 0))
    keep: list[int] = []
    for j in range(A.shape[1]):
        column = A[:, j]
        size = float(np.linalg.norm(column))
        rest = column - Q @ (Q.T @ column)
        rest = rest - Q @ (Q.T @ rest)
        if size > 0 and float(np.linalg.norm(rest)) > 1e-9 * size:
            keep.append(j)
            Q = np.column_stack([Q, rest / np.linalg.norm(rest)])
        elif j >= A.shape[1] - needed:
            return None
    return keep
