"""Indices of many classes over one calendar, and what they were made of."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.classification import Classification
from ellwand.engine.periods import find
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.panel import Array
from ellwand.formulas.tree import Aggregated

CHANGE, LEVEL = "change", "level"


@dataclass(frozen=True)
class Quotes:
    """Products behind elementary indices, sorted by class. Matrices are products x periods.

    codes : of the classes. labels : Arrow table of the product columns. stratum : position of each product's class. relatives : price on the
    price before, NaN where there is none. weights : weight of each relative, None if equal. order : of the mean.
    """

    codes: tuple[str, ...]
    labels: pa.Table
    stratum: NDArray[np.int64]
    relatives: Array
    weights: Array | None
    order: float


@dataclass(frozen=True)
class Indices:
    """Indices of classes: changes on the period before ("change") or levels ("level").

    values, matched, status : classes x periods; value NaN where not computable, and status says why; matched counts
    the price relatives behind the value.
    """

    codes: tuple[str, ...]
    periods: tuple[Any, ...]
    values: Array
    matched: NDArray[np.int64]
    status: NDArray[np.object_]
    kind: str = CHANGE
    quotes: Quotes | None = None
    classification: Classification | None = None
    made: tuple[Aggregated, ...] = field(default=(), repr=False)
    order: float = 1.0

    def at(self, code: str) -> int:
        """Row of a code. ValueError for an unknown one."""
        if code not in self.codes:
            raise ValueError(f"unknown class {code!r}; " + suggest(str(code), self.codes))
        return self.codes.index(code)

    def period(self, label: Any) -> int:
        """Column of a period. ValueError for one outside the calendar."""
        return find(list(self.periods), label, "period")

    def series(self, code: str) -> Array:
        """Values of one class."""
        return np.asarray(self.values[self.at(code)])

    def need(self, kind: str, verb: str) -> None:
        """ValueError if the indices are of the other kind."""
        if self.kind != kind:
            other = "chain them first" if kind == LEVEL else "take them before they are chained, or unchain them"
            raise ValueError(f"{verb} needs {kind}s and these are {self.kind}s; {other}")

    def table(self, code: str = "code") -> pa.Table:
        """Columns code, period, index (null where not computable), matched, status; a row for each class and period."""
        n, T = self.values.shape
        flat = self.values.ravel()
        at = pa.array(np.repeat(np.arange(n), T))
        columns = {
            code: pa.array(self.codes, pa.string()).take(at),
            "period": pa.array(list(self.periods)).take(pa.array(np.tile(np.arange(T), n))),
            "index": pa.array(flat, mask=~np.isfinite(flat)),
            "matched": pa.array(self.matched.ravel()),
            "status": pa.array(self.status.ravel().tolist(), pa.string()),
        }
        return pa.table(columns)
