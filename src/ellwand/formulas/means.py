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
