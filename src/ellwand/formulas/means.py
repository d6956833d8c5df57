"""Means: of order r, logarithmic, Lehmer; and weights that carry one mean into another (Balk 2008; Bullen 2003)."""

import numpy as np

from ellwand.formulas.panel import Array


def logmean(a: Array, b: Array) -> Array:
    """Logarithmic mean `(a-b)/(ln a - ln b)` of non-negative numbers, element by element; Lm(a,a)=a, Lm(0,b)=0."""
    a, b = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    positive = (a > 0) & (b > 0)
    x = np.log(np.where(positive, a, 1.0) / np.where(positive, b, 1.0))
    # b * (e^x - 1)/x, by its series where x is near 0.
    small = np.abs(x) < 1e-6
    ratio = np.where(small, 1 + x / 2 + x * x / 6, np.expm1(x) / np.where(small, 1.0, x))
    return np.where(positive, b * ratio, 0.0)


def generalized_mean(x: Array, w: Array | None = None, r: float = 1.0) -> float:
    """Mean of order r, `(sum w x^r / sum w)^(1/r)`, geometric for r = 0. NaN in x are missing and left out.

    x : positive numbers. w : weights >= 0 of the same shape, equal if None. NaN if nothing is left.
    Source: Hardy, Littlewood, Pólya (1934); CPI Manual 2020, chapter 8.
    """
    x = np.asarray(x, dtype=np.float64)
    weights = np.ones_like(x) if w is None else np.asarray(w, dtype=np.float64)
    have = np.isfinite(x) & np.isfinite(weights)
    x, weights = x[have], weights[have]
    total = weights.sum()
    if not total > 0:
        return float("nan")
    if r == 0:
        return float(np.exp((weights * np.log(x)).sum() / total))
    return float(((weights * x**r).sum() / total) ** (1 / r))


def lehmer_mean(x: Array, w: Array | None = None, r: float = 2.0) -> float:
    """Lehmer mean of order r, `sum w x^r / sum w x^(r-1)` (the contraharmonic mean for r = 2)."""
    x = np.asarray(x, dtype=np.float64)
    weights = np.ones_like(x) if w is None else np.asarray(w, dtype=np.float64)
    return float((weights * x**r).sum() / (weights * x ** (r - 1)).sum())


def factor_weights(x: Array, w: Array, r: float) -> Array:
    """Weights carried along by the relatives: `w x^r`, normalised; r = 1 price-updates value shares."""
    updated = np.asarray(w * np.asarray(x, dtype=np.float64) ** r, dtype=np.float64)
    return np.asarray(updated / updated.sum())


def mean_gap(x: Array, mean: Array, r: float) -> Array:
    """`(x^r - M^r)/r`, or `ln(x/M)` for r = 0: sums to 0 with the weights of a mean of order r.

    Computed from `expm1(r ln(x/M))`, so that it keeps its digits where x is near M.
    """
    y = np.log(x / mean)
    if r == 0:
        return np.asarray(y)
    return np.asarray(mean**r * np.expm1(r * y) / r)


def gap_ratio(x: Array, mean: Array, a: float, b: float) -> Array:
    """`e_a/e_b` of `mean_gap`, with its limit `M^(a-b)` where x equals the mean."""
    top, bottom = mean_gap(x, mean, a), mean_gap(x, mean, b)
    near = np.abs(np.log(x / mean)) < 1e-12
    return np.asarray(np.where(near, mean ** (a - b), top / np.where(near, 1.0, bottom)))


def transmute_weights(x: Array, w: Array, a: float, b: float) -> Array:
    """Weights v, sum 1, with which the mean of order b equals the mean of order a with weights w.

    `v ~ w e_a/e_b`, e of `mean_gap`. Source: Balk (2008), section 4.2; Martin (2021).
    """
    x = np.asarray(x, dtype=np.float64)
    w = np.asarray(w, dtype=np.float64)
    mean = np.asarray(generalized_mean(x, w, a))
    v = w * gap_ratio(x, mean, a, b)
    return np.asarray(v / v.sum())
