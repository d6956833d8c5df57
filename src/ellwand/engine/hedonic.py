"""Observations with characteristics for the time dummy hedonic method."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ellwand.engine.errors import DataError
from ellwand.formulas.hedonic import time_dummy_hedonic
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.splice import Estimate, Levels


class Observations:
    """Log prices, periods, values and a design matrix of characteristics, in canonical order."""

    def __init__(self, logp: Array, period: NDArray[np.int64], value: Array | None, Z: Array) -> None:
        self.logp, self.period, self.value, self.Z = logp, period, value, Z

    def estimator(self, params: dict[str, Any], panel: Panel) -> Estimate:
        """Estimates of windows by weighted or equal least squares."""

        def estimate(first: int, last: int) -> Levels:
            out = np.full(last - first + 1, np.nan)
            use = (self.period >= first) & (self.period <= last)
            at = np.unique(self.period[use])
            if len(at) < 2:
                return Levels(out, "empty window" if not len(at) else "only one period with data")
            period = np.searchsorted(at, self.period[use])
            weights = None
            if params["weights"] == "shares":
                if self.value is None:
                    raise ValueError("tdh: weights='shares' needs quantities and there is no quantity column")
                value = self.value[use]
                weights = value / np.bincount(period, value)[period]
            levels = time_dummy_hedonic(
                self.logp[use], period.astype(np.float64), self.Z[use], len(at), weights, params["bias_correction"]
            )
            if not np.isfinite(levels).all():
                return Levels(out, "the period effects cannot be told from the characteristics (collinear)")
            out[at - first] = levels
            return Levels(out)

        return estimate


def design(columns: dict[str, pa.Array]) -> Array:
    """Design matrix: a numeric column as it is (centred), a text column as dummies of all but its first category.

    DataError for an empty value.
    """
    parts: list[Array] = []
    for name, column in columns.items():
        if column.null_count:
            row = int(np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))[0]) + 1
            raise DataError(f"row {row}, field {name}: empty; a hedonic method needs every characteristic")
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
            values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            if not np.isfinite(values).all():
                row = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
                raise DataError(f"row {row}, field {name}: {values[row - 1]}; a characteristic must be a finite number")
            parts.append((values - values.mean())[:, None])
        else:
            texts = np.asarray(column.to_pylist(), dtype=object).astype(str)
            categories, code = np.unique(texts, return_inverse=True)
            parts.append(np.eye(len(categories))[code][:, 1:])
    return np.concatenate(parts, axis=1)
