"""The book of a market: every price series (an item at a unit) through all periods, as matrices.

A row of the matrices is a series, a column a period. The book holds what was reported and what was due, and judges
nothing.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.classification import Classification
from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
Mask = NDArray[np.bool_]
NONE = -1


def starts(codes: Codes) -> Codes:
    """First position of each run of equal codes."""
    return np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]]) if len(codes) else np.zeros(0, dtype=np.intp)


@dataclass(frozen=True)
class Register:
    """Rows of a register (items, units or classes) in the order of their codes, and where each code stands."""

    table: pa.Table
    code: str
    at: dict[str, int] = field(repr=False, default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """The codes."""
        return list(self.table[self.code].to_pylist())

    def column(self, name: str, default: str = "") -> list[str]:
        """A column as texts, `default` where it is empty or not there."""
        if name not in self.table.column_names:
            return [default] * self.table.num_rows
        return [default if v is None else str(v) for v in self.table[name].to_pylist()]

    def numbers(self, name: str) -> Array:
        """A column as numbers, NaN where it is empty or not there."""
        if name not in self.table.column_names:
            return np.full(self.table.num_rows, np.nan)
        out = np.full(self.table.num_rows, np.nan)
        for row, value in enumerate(self.table[name].to_pylist()):
            if value in (None, ""):
                continue
            try:
                out[row] = float(value)
            except (TypeError, ValueError):
                raise DataError(
                    f"{self.code}s.csv row {row + 1}, field {name}: {value!r}: must be a number; leave it empty where "
                    "it is unknown"
                ) from None
        return out

    def ordered(self) -> "Register":
        """The register in the order of its codes."""
        codes = self.codes
        order = sorted(range(len(codes)), key=lambda row: (natural_key(codes[row]), codes[row]))
        table = self.table.take(pa.array(order, pa.int64()))
        return Register(table, self.code, {codes[row]: k for k, row in enumerate(order)})


@dataclass(frozen=True)
class Baskets:
    """Weights in force, in the order of time.

    first : period from which each basket is in force. reference : period at whose prices its weights stand.
    weights : baskets x elementary aggregates, each of sum 1. labels : valid_from of each.
    """

    first: tuple[int, ...]
    reference: tuple[int, ...]
    weights: Array
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Book:
    """Everything that was known about a market's prices, by series and period.

    periods : calendar without gaps. classes : register of all classes; classification : their tree.
    items, units : registers. quotes : the table of quotes as it was read, one row a quote.
    item, unit, aggregate : of each series, positions in the registers and among the leaves.
    before : series that this one follows (the replaced item at the same unit), NONE if none.
    row : row of the quote in `quotes`, NONE where there is none. price : reported price, NaN where there is none.
    due : whether a quote is expected. closed : whether the unit is closed.
    currency : the market's currency. simulated : whether the figures are invented.
    """

    name_zh: str
    name_en: str
    currency: str
    simulated: bool
    periods: tuple[str, ...]
    classification: Classification
    classes: Register
    items: Register
    units: Register
    sources: Register
    baskets: Baskets
    quotes: pa.Table
    item: Codes
    unit: Codes
    aggregate: Codes
    before: Codes
    row: NDArray[np.int64]
    price: Array
    due: Mask
    closed: Mask
    digests: tuple[tuple[str, str], ...] = ()

    def until(self, stop: int) -> "Book":
        """The book of its first `stop` periods: what came later is not known, though its items and units are named."""
        cut = {name: getattr(self, name)[:, :stop] for name in ("row", "price", "due", "closed")}
        return replace(self, periods=self.periods[:stop], **cut)

    @property
    def series(self) -> int:
        """Number of series."""
        return len(self.item)

    def parents(self) -> list[Codes]:
        """Ancestors of each elementary aggregate as positions in the classification, from its parent up to the top."""
        parent = np.asarray(self.classification.parents, dtype=np.intp)
        node = self.classification.tree.leaves.copy()
        out = []
        for _ in range(len(self.classification.tree.levels) - 1):
            node = np.where(parent[node] >= 0, parent[node], node)
            out.append(node.copy())
        return out
