"""Selective editing: review first what moves the total most, and stop when the rest hardly matters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ellwand.formulas.panel import Array


@dataclass(frozen=True)
class Review:
    """The order in which units are reviewed.

    local : scores, variables x units. score : global score of each unit, its largest local one. order : positions in
    order of review, largest score first, equal scores as they came. remaining : expected error left in the total after
    0, 1, 2, ... reviews, as a share of it (the worst variable). number : reviews until it is at most `share`.
    total : total of predictions of each variable.
    """

    local: Array
    score: Array
    order: NDArray[np.intp]
    remaining: Array
    number: int
    share: float
    total: Array


def review(
    x: ArrayLike, predicted: ArrayLike, weights: ArrayLike, *, share: float = 0.01, total: ArrayLike | None = None
) -> Review:
    """Scores `w |x - xhat| / T`, and how many units are to be reviewed.

    x, predicted : reported and predicted values, units or variables x units, finite. weights : of the units, >= 0.
    share : error that may remain, as a share of T. total : T of each variable, in place of `sum w xhat`.
    ValueError where shapes differ, a value is missing, or a total is not > 0.
    Source: selective editing with a score function, Latouche and Berthelot (1992); CPI Manual 2020, chapter 5.
    """
    reported, expected = np.atleast_2d(np.asarray(x, float)), np.atleast_2d(np.asarray(predicted, float))
    w = np.asarray(weights, dtype=np.float64)
    if reported.ndim != 2 or reported.shape != expected.shape or w.shape != reported.shape[1:]:
        raise ValueError(
            f"x {reported.shape}, predicted {expected.shape} and weights {w.shape} must be of the same units"
        )
    for name, values in (("x", reported), ("predicted", expected)):
        bad = np.argwhere(~np.isfinite(values))
        if len(bad):
            raise ValueError(f"{name}: the value of unit {bad[0][1]} is missing; score only units with both values")
    if not (np.isfinite(w) & (w >= 0)).all():
        raise ValueError("weights must be finite and >= 0")
    if not share >= 0:
        raise ValueError(f"share is {share!r}: it must be >= 0 (0.01 is 1 % of the total)")
    T = (expected * w).sum(axis=1) if total is None else np.atleast_1d(np.asarray(total, dtype=np.float64))
    if T.shape != (len(reported),) or not (np.isfinite(T) & (T > 0)).all():
        raise ValueError("total: every variable needs one total > 0, or scores mean nothing")
    local = w * np.abs(reported - expected) / T[:, None]
    score = local.max(axis=0)
    order = np.argsort(-score, kind="stable")
    # Summed from the smallest, so that what remains after the last review is 0 and nothing is lost to cancellation.
    left = np.cumsum(local[:, order[::-1]], axis=1)[:, ::-1]
    remaining = np.append(left.max(axis=0), 0.0) if score.size else np.zeros(1)
    # A remainder of exactly the share is enough, whatever the last bit of the sum says.
    number = int(np.argmax(remaining <= share * (1 + 1e-12)))
    return Review(local, score, order, remaining, number, share, T)
