"""The arithmetic of scores, on plain arrays: what was found, how far indices and imputed prices lie from the truth."""

from dataclasses import dataclass

import numpy as np

from ellwand.production.book import Array, Codes, Mask


@dataclass(frozen=True)
class Found:
    """Counts of a test that flags: flagged, those of them that are errors, and errors in all."""

    flagged: int
    right: int
    errors: int

    @classmethod
    def of(cls, flagged: Mask, wrong: Mask) -> "Found":
        """Counts of flags against the truth, one element a quote."""
        return cls(int(flagged.sum()), int((flagged & wrong).sum()), int(wrong.sum()))

    @property
    def precision(self) -> float | None:
        """Share of the flagged that are errors; None where nothing is flagged."""
        return self.right / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """Share of the errors that are flagged; None where there is no error."""
        return self.right / self.errors if self.errors else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where either has no value."""
        return harmonic(self.precision, self.recall)


def harmonic(precision: float | None, recall: float | None) -> float | None:
    """F1 of a precision and a recall: 0 where both are 0, None where one is missing."""
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def mean_square_root(values: Array) -> float | None:
    """Root of the mean square of the finite values; None where there is none."""
    x = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(x**2))) if len(x) else None


def mean(values: Array) -> float | None:
    """Mean of the finite values; None where there is none."""
    x = values[np.isfinite(values)]
    return float(x.mean()) if len(x) else None


def log_error(index: Array, truth: Array) -> Array:
    """Log of an index over the truth, both set to 1 in their first common period; NaN where either is missing.

    index, truth : classes x periods, above 0.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.log(index) - np.log(truth)
    have = np.isfinite(error)
    first = np.where(have.any(axis=1), have.argmax(axis=1), 0)
    return np.asarray(error - error[np.arange(len(error)), first][:, None])


def holds(low: Array, high: Array, value: Array) -> float | None:
    """Share of intervals that hold their value, where all three are finite; None where none is."""
    have = np.isfinite(low) & np.isfinite(high) & np.isfinite(value)
    inside = (low <= value) & (value <= high)
    return float(inside[have].mean()) if have.any() else None


def last_seen(seen: Mask) -> Codes:
    """Of every series and period, the last period before it in which the series was seen; -1 for none."""
    at = np.where(seen, np.arange(seen.shape[1]), -1)
    latest = np.maximum.accumulate(at, axis=1)
    return np.concatenate([np.full((len(seen), 1), -1), latest[:, :-1]], axis=1)


def group_movement(step: Array, donor: Mask, group: Codes, groups: int) -> Array:
    """Cumulated mean log change of the donors of each group, groups x periods.

    step : log change on the period before, series x periods. donor : where it is used. A group without a donor moves
    as all donors together; where there is none at all, nothing moves.
    """
    step = np.where(donor, step, 0.0)
    count = np.zeros((groups, step.shape[1]))
    total = np.zeros_like(count)
    np.add.at(count, group, donor.astype(np.float64))
    np.add.at(total, group, step)
    everything = np.divide(
        total.sum(axis=0), count.sum(axis=0), out=np.zeros(count.shape[1]), where=count.sum(axis=0) > 0
    )
    return np.asarray(np.cumsum(np.where(count > 0, total / np.maximum(count, 1), everything), axis=1))
