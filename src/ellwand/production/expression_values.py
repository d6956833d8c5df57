"""Conditions put to columns: where each is surely true, and where surely false."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ellwand.production.expressions import (
    Amount,
    And,
    Compare,
    Fields,
    Member,
    Missing,
    Node,
    Not,
    Number,
    NumberField,
    Or,
)

Bools = NDArray[np.bool_]
Column: TypeAlias = NDArray[Any]

NEAR = 1e-12
"""Numbers within this share of the larger one count as equal, so that 0.1 + 0.2 == 0.3."""


class Table:
    """Columns of equal length, with what is missing in each. Numbers: NaN; texts: None, NaN or empty."""

    def __init__(self, columns: Mapping[str, Column], fields: Fields, wanted: frozenset[str]) -> None:
        lacking = sorted(wanted - columns.keys())
        if lacking:
            raise ValueError(
                f"column {lacking[0]!r} is named by a rule and is not there; columns: {', '.join(columns)}"
            )
        self.values: dict[str, Column] = {}
        self.absent: dict[str, Bools] = {}
        lengths = {len(columns[name]) for name in columns}
        if len(lengths) > 1:
            raise ValueError(f"columns of unequal length: { {name: len(c) for name, c in columns.items()} }")
        self.rows = lengths.pop() if lengths else 0
        for name in sorted(wanted):
            column = np.asarray(columns[name])
            if fields[name] == "number":
                if column.dtype.kind not in "iufO":
                    raise ValueError(f"column {name!r} holds {column.dtype}; the rules compare it as a number")
                column = column.astype(np.float64)
                self.absent[name] = np.isnan(column)
            elif column.dtype.kind == "U":
                self.absent[name] = np.asarray(column == "")
            elif column.dtype.kind == "O":
                # A NaN is the only value that differs from itself.
                nothing = (column == np.array(None, dtype=object)) | (column == "") | (column != column)  # noqa: PLR0124
                self.absent[name] = np.asarray(nothing, dtype=bool)
            else:
                raise ValueError(f"column {name!r} holds {column.dtype}; the rules compare it as a text")
            self.values[name] = column

    def amount(self, node: Amount) -> NDArray[np.float64]:
        """Values of an amount; not finite where it is unknown."""
        if isinstance(node, Number):
            return np.full(self.rows, float(node.value))
        if isinstance(node, NumberField):
            return np.asarray(self.values[node.name], dtype=np.float64)
        a, b = self.amount(node.left), self.amount(node.right)
        with np.errstate(all="ignore"):
            return np.asarray(_FLOAT[node.op](a, b))

    def truth(self, node: Node) -> tuple[Bools, Bools]:
        """Where a condition is surely true, and where it is surely false."""
        if isinstance(node, And | Or):
            parts = [self.truth(p) for p in node.parts]
            yes, no = (np.logical_and, np.logical_or) if isinstance(node, And) else (np.logical_or, np.logical_and)
            return reduce(yes, [p[0] for p in parts]), reduce(no, [p[1] for p in parts])
        if isinstance(node, Not):
            yes_, no_ = self.truth(node.part)
            return no_, yes_
        if isinstance(node, Missing):
            absent = self.absent[node.field]
            return absent, ~absent
        if isinstance(node, Compare):
            return self.compare(node)
        if isinstance(node, Member):
            column, known = self.values[node.field], ~self.absent[node.field]
            hit = reduce(np.logical_or, [np.equal(column, code).astype(bool) for code in sorted(node.codes)])
        else:
            known = ~(self.absent[node.left] | self.absent[node.right])
            hit = np.equal(self.values[node.left], self.values[node.right]).astype(bool)
        return hit & known, ~hit & known

    def compare(self, node: Compare) -> tuple[Bools, Bools]:
        a, b = self.amount(node.left), self.amount(node.right)
        known = np.isfinite(a) & np.isfinite(b)
        a, b = np.where(known, a, 0.0), np.where(known, b, 0.0)
        near = np.abs(a - b) <= NEAR * np.maximum(np.abs(a), np.abs(b))
        hit = near if node.op == "==" else (a < b) | near if node.op == "<=" else (a < b) & ~near
        return hit & known, ~hit & known


_FLOAT: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
