"""Outlier tests on price relatives; each gives True where a value is to be looked at.

Quartiles are by linear interpolation (type 7), fences strict. Sources: Hutton (2018), Hidiroglou and Berthelot (1986),
Tukey (1977), Kimber (1990); CPI Manual 2020, chapter 5.
"""

from collections.abc import Callable, Iterable
from inspect import signature

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array, Mask


def _outside(x: Array, low: float, high: float) -> Mask:
    return np.asarray((x < low) | (x > high))


def _quartiles(x: Array) -> tuple[float, float, float]:
    q = np.quantile(x, (0.25, 0.5, 0.75))
    return float(q[0]), float(q[1]), float(q[2])


def quartile_method(x: Array, cu: float = 2.5, cl: float | None = None, a: float = 0.0) -> Mask:
    """Outside `Q2 - cl max(Q2-Q1, a|Q2|) .. Q2 + cu max(Q3-Q2, a|Q2|)`."""
    q1, q2, q3 = _quartiles(x)
    least = a * abs(q2)
    return _outside(x, q2 - (cu if cl is None else cl) * max(q2 - q1, least), q2 + cu * max(q3 - q2, least))


def resistant_fences(x: Array, cu: float = 2.5, cl: float | None = None) -> Mask:
    """Outside `Q1 - cl (Q3-Q1) .. Q3 + cu (Q3-Q1)`."""
    q1, _, q3 = _quartiles(x)
    return _outside(x, q1 - (cu if cl is None else cl) * (q3 - q1), q3 + cu * (q3 - q1))


def kimber_method(x: Array, cu: float = 2.5, cl: float | None = None) -> Mask:
    """Outside `Q1 - cl (Q2-Q1) .. Q3 + cu (Q3-Q2)`."""
    q1, q2, q3 = _quartiles(x)
    return _outside(x, q1 - (cu if cl is None else cl) * (q2 - q1), q3 + cu * (q3 - q2))


def robust_z(x: Array, cu: float = 2.5) -> Mask:
    """Distance from the median above `cu` scaled median absolute deviations."""
    q2 = np.median(x)
    return np.asarray(np.abs(x - q2) > cu * 1.4826 * np.median(np.abs(x - q2)))


def fixed_cutoff(x: Array, cu: float = 2.5, cl: float | None = None) -> Mask:
    """Outside `cl .. cu` (`cl` is 1/cu unless given)."""
    return _outside(x, 1 / cu if cl is None else cl, cu)


def tukey_algorithm(x: Array, cu: float = 2.5, cl: float | None = None) -> Mask:
    """Tails below the 5 % and above the 95 % quantile, then fences from the upper and lower means of the rest.

    Unchanged prices (x = 1) do not enter the means.
    """
    low, high = np.quantile(x, (0.05, 0.95))
    tails = _outside(x, float(low), float(high))
    rest = x[~tails & (x != 1)]
    if not len(rest):
        return tails
    m = rest.mean()
    upper, lower = rest[rest >= m].mean() - m, m - rest[rest <= m].mean()
    return np.asarray(tails | _outside(x, float(m - (cu if cl is None else cl) * lower), float(m + cu * upper)))


def hidiroglou_berthelot(x: Array) -> Array:
    """Relatives made symmetric about their median: `x/med - 1` at or above it, `1 - med/x` below."""
    med = np.median(x)
    return np.asarray(np.where(x >= med, x / med - 1, 1 - med / x))


def hb_quartile(x: Array, cu: float = 2.5, a: float = 0.05) -> Mask:
    """Hidiroglou and Berthelot: the quartile method on the transformed relatives."""
    return quartile_method(hidiroglou_berthelot(x), cu, a=a)


TESTS: dict[str, Callable[..., Mask]] = {
    "quartile_method": quartile_method,
    "resistant_fences": resistant_fences,
    "kimber_method": kimber_method,
    "robust_z": robust_z,
    "fixed_cutoff": fixed_cutoff,
    "tukey_algorithm": tukey_algorithm,
    "hb_quartile": hb_quartile,
}


def check(method: str, params: Iterable[str]) -> None:
    """ValueError for an unknown test, or for a parameter that it does not have."""
    if method not in TESTS:
        raise ValueError(f"unknown outlier test {method!r}; allowed: {', '.join(TESTS)}")
    known = list(signature(TESTS[method]).parameters)[1:]
    for name in params:
        if name not in known:
            raise ValueError(f"{method}: unknown parameter {name!r}; allowed: {', '.join(known)}")


def outliers(x: Array, method: str = "quartile_method", **params: float) -> NDArray[np.bool_]:
    """Flags of a named test. x : relatives, > 0; without any there is no flag.

    ValueError for an unknown test or parameter, or a relative that is missing, 0 or below.
    """
    check(method, params)
    x = np.asarray(x, dtype=np.float64)
    if not (np.isfinite(x) & (x > 0)).all():
        raise ValueError("a relative is missing, 0 or below; leave it out before the test")
    if not len(x):
        return np.zeros(0, dtype=bool)
    return TESTS[method](x, **params)
