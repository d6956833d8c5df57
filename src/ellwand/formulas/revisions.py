"""Revision statistics: how a later vintage of the same figures differs from an earlier one.

Sources: OECD and Eurostat, guidelines on revisions analysis (McKenzie and Gamba 2008); Newey and West (1987).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ellwand.formulas.panel import Array


@dataclass(frozen=True)
class Revisions:
    """Statistics of `R = later - earlier`, in the unit of the figures.

    n : pairs with both figures. mean : MR. mean_absolute : MAR. relative : RMAR, `sum |R| / sum |later|`. sd : standard
    deviation of R (n - 1). sign_agreement : share of pairs with the same sign; 0 beside another sign disagrees.
    se : standard error of the mean, robust to autocorrelation. t : mean / se. lags : lags used for it.
    A statistic that cannot be had is NaN.
    """

    n: int
    mean: float
    mean_absolute: float
    relative: float
    sd: float
    sign_agreement: float
    se: float
    t: float
    lags: int


def revision_statistics(earlier: ArrayLike, later: ArrayLike, lags: int | None = None) -> Revisions:
    """Statistics of the revisions between two vintages, in the order of the periods.

    earlier, later : the figures of the same periods; a pair with a NaN is left out. lags : of the Bartlett kernel
    (None: `floor(4 (n/100)^(2/9))`). A correction of an error is no revision: leave it out.
    ValueError if the lengths differ or lags is negative.
    """
    a, b = np.asarray(earlier, dtype=np.float64), np.asarray(later, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"earlier has shape {a.shape} and later {b.shape}; give two series of the same periods")
    if lags is not None and lags < 0:
        raise ValueError(f"lags is {lags}; give 0 or more, or None")
    have = np.isfinite(a) & np.isfinite(b)
    a, b = a[have], b[have]
    n = len(a)
    nan = float("nan")
    if n == 0:
        return Revisions(0, nan, nan, nan, nan, nan, nan, nan, 0)
    revision = b - a
    used = int(4 * (n / 100) ** (2 / 9)) if lags is None else lags
    used = min(used, n - 1)
    total = float(np.abs(b).sum())
    mean = float(revision.mean())
    se = robust_se_of_mean(revision, used)
    return Revisions(
        n=n,
        mean=mean,
        mean_absolute=float(np.abs(revision).mean()),
        relative=float(np.abs(revision).sum()) / total if total > 0 else nan,
        sd=float(revision.std(ddof=1)) if n > 1 else nan,
        sign_agreement=float((np.sign(a) == np.sign(b)).mean()),
        se=se,
        t=mean / se if se > 0 else nan,
        lags=used,
    )


def robust_se_of_mean(x: Array, lags: int) -> float:
    """Newey-West standard error of the mean of a series, with the factor n/(n-1); `sd/sqrt(n)` for no lags.

    NaN for fewer than two values.
    """
    n = len(x)
    if n < 2:
        return float("nan")
    e = x - x.mean()
    variance = float(e @ e)
    for j in range(1, lags + 1):
        variance += 2 * (1 - j / (lags + 1)) * float(e[j:] @ e[:-j])
    return float(np.sqrt(max(variance, 0.0) / (n * (n - 1))))
