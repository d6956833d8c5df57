"""Indices of many classes over one calendar, and what they were made of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.cells import encode, numbers
from ellwand.engine.classification import Classification
from ellwand.engine.errors import DataError
from ellwand.engine.periods import find, text_of
from ellwand.engine.source import need, open_source
from ellwand.formulas.catalogue import suggest
from ellwand.formulas.panel import Array
from ellwand.formulas.tree import Aggregated

CHANGE, LEVEL, RATE = "change", "level", "rate"
KINDS = (CHANGE, LEVEL)


@dataclass(frozen=True)
class Quotes:
    """Products behind elementary indices, sorted by class. Matrices are products x periods.

    codes : of the classes. labels : Arrow table of the product columns. stratum : position of each product's class.
    relatives : price on the price before, NaN where there is none. weights : weight of each relative, None if equal.
    order : of the mean.
    """

    codes: tuple[str, ...]
    labels: pa.Table
    stratum: NDArray[np.int64]
    relatives: Array
    weights: Array | None
    order: float


@dataclass(frozen=True)
class Indices:
    """Indices of classes: changes ("change"), levels ("level") or changes in per cent ("rate").

    values, matched, status : classes x periods; value NaN where not computable, and status says why; matched counts
    the price relatives behind the value.
    link : what changes are on: None the period before, else as in `unchain`. factor : what `rebase` multiplied each
    class by. compared : the period that each rate is on, None where there is none.
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
    link: int | str | None = None
    factor: Array | None = field(default=None, repr=False)
    compared: tuple[Any, ...] | None = field(default=None, repr=False)

    @classmethod
    def from_table(
        cls,
        data: Any,
        *,
        code: str = "code",
        period: str = "period",
        index: str = "index",
        kind: str = LEVEL,
        periods: Iterable[Any] | None = None,
    ) -> "Indices":
        """Indices that were computed elsewhere: a table (as for `index`) with a row for each class and period.

        code, period, index : names of the columns; a row that is not there or has an empty index is null. kind :
        "level", or "change" on the period before. periods : the calendar, in order (None: the periods of the data).
        ValueError for an unknown kind or column, or a period outside the calendar; DataError for a class twice in a
        period, an empty code or an index that is not a finite number above 0.
        """
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; " + suggest(str(kind), KINDS))
        source = open_source(data, text_columns=(code,))
        for name, role in ((code, "code"), (period, "period"), (index, "index")):
            need(source.columns, name, role)
        table = source.arrow([code, period, index])
        for name in (code, period):
            if table[name].null_count:
                row = table[name].to_pylist().index(None) + 1
                raise DataError(f"row {row}, field {name}: empty; every row needs a {name}")
        given = table[index].is_valid().to_numpy()
        value = numbers(table, index, "index")
        bad = given & ~((value > 0) & (value < np.inf))
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"row {row + 1}, field {index}: {value[row]}: an index must be a finite number above 0; leave it empty"
                " where it is not computable"
            )
        codes, names = encode(table[code].cast("string"))
        at, labels = encode(table[period], is_period=True)
        found = labels.to_pylist()
        if periods is not None:
            whole = list(periods)
            at = np.asarray([find(whole, label, "period") for label in found], dtype=np.int64)[at]
            found = whole
        cell = codes * len(found) + at
        order = np.argsort(cell, kind="stable")
        again = np.flatnonzero(np.diff(cell[order]) == 0)
        if len(again):
            a, b = sorted((int(order[again[0]]), int(order[again[0] + 1])))
            raise DataError(
                f"rows {a + 1}, {b + 1}, field {code}: {names[int(codes[a])]} stands twice in period "
                f"{text_of(found[int(at[a])])}; a class has one index in a period"
            )
        values = np.full((len(names), len(found)), np.nan)
        values[codes, at] = np.where(given, value, np.nan)
        status = np.where(np.isfinite(values), "ok", "no index in the data").astype(object)
        matched = np.zeros(values.shape, dtype=np.int64)
        return cls(tuple(names.to_pylist()), tuple(found), values, matched, status, kind)

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
            other = "chain them first" if self.kind == CHANGE else "take them before they are chained, or unchain them"
            if self.kind == RATE:
                other = "rates cannot be carried further; start from what they were made of"
            raise ValueError(f"{verb} needs {kind}s and these are {self.kind}s; {other}")

    def table(self, code: str = "code") -> pa.Table:
        """Columns code, period, index (null where not computable), matched, status; a row for each class and period.

        Rates have the column compared_with too.
        """
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
        if self.compared is not None:
            on = pa.array([None if p is None else text_of(p) for p in self.compared], pa.string())
            columns["compared_with"] = on.take(pa.array(np.tile(np.arange(T), n)))
        return pa.table(columns)
