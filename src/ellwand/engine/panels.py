"""The strata of a table as panels with their labels: what the verbs on prices and quantities share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.cells import Columns, read_cells
from ellwand.engine.periods import find
from ellwand.engine.source import Source, need, open_source
from ellwand.formulas.panel import Panel


@dataclass(frozen=True)
class Stratum:
    """by : labels of the stratum. periods, products : labels of the panel's columns and rows."""

    by: tuple[Any, ...]
    panel: Panel
    periods: list[Any]
    products: list[Any]


@dataclass(frozen=True)
class Strata:
    """A table read into strata, and how a result takes the caller's kind."""

    source: Source
    by: tuple[str, ...]
    cells: Any

    @property
    def periods(self) -> list[Any]:
        """The calendar of the table."""
        return list(self.cells.periods.to_pylist())

    def __iter__(self) -> Iterator[Stratum]:
        """Every stratum over its own periods, from its first to its last with data."""
        labels = [self.cells.strata[name].to_pylist() for name in self.by]
        periods, products = self.periods, self.cells.products.to_pylist()
        for s, rows in self.cells.by_stratum():
            panel, first = self.cells.panel(rows)
            codes = np.unique(self.cells.product[rows])
            yield Stratum(
                tuple(column[s] for column in labels),
                panel,
                periods[first : first + panel.periods],
                [products[int(c)] for c in codes],
            )

    def position(self, stratum: Stratum, label: Any, what: str) -> int | None:
        """Column of a period in a stratum, None where it lies outside. ValueError if it is not in the table at all."""
        label = self.periods[find(self.periods, label, what)]
        return stratum.periods.index(label) if label in stratum.periods else None

    def back(self, columns: dict[str, list[Any]], types: dict[str, pa.DataType] | None = None) -> Any:
        """A result table of the caller's kind; `by` columns and period labels keep their types."""
        known = {name: self.cells.strata[name].type for name in self.by} | (types or {})
        arrays = [pa.array(values, known.get(name)) for name, values in columns.items()]
        return self.source.back(pa.table(arrays, names=list(columns)))


def read_strata(
    data: Any,
    *,
    period: str,
    product: str,
    price: str,
    quantity: str | None,
    by: str | Sequence[str] | None,
    result: Sequence[str],
) -> Strata:
    """The strata of a table (as for `index`).

    quantity : None where none is needed. result : columns of the answer, which no `by` column may be named like.
    ValueError for an unknown column, DataError for bad rows.
    """
    names = (by,) if isinstance(by, str) else tuple(by or ())
    source = open_source(data, text_columns=(product, *names))
    wanted = [(period, "period"), (product, "product"), (price, "price"), *((n, "by") for n in names)]
    if quantity is not None:
        wanted.append((quantity, "quantity"))
    for name, role in wanted:
        need(source.columns, name, role)
    for name in names:
        if name in result:
            raise ValueError(f"the column {name!r} would stand twice in the result; rename it")
    columns = Columns(period, product, price, quantity, names)
    cells = read_cells(source.arrow(columns.used), columns, needs_quantity=quantity is not None)
    return Strata(source, names, cells)
