"""A stratum as matrices: products in rows, periods in columns."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

BLOCK = 4096
"""Products a block: its matrices stay in cache, and blocks are summed in this fixed order on every driver."""


class Panel:
    """Prices and quantities of one stratum.

    P : prices, products x periods, > 0 where sold, 0 where not sold.
    Q : quantities of the same shape, >= 0, 0 where not sold; None where a method needs none.

    A product is sold in a period if it has a price there. Nothing here checks the data: the engine has done so.
    """

    def __init__(self, P: Array, Q: Array | None = None) -> None:
        self.P = P
        self._Q = Q

    @property
    def Q(self) -> Array:
        if self._Q is None:
            raise ValueError("this formula needs quantities and none were given; name the quantity column")
        return self._Q

    @property
    def periods(self) -> int:
        return int(self.P.shape[1])

    @cached_property
    def sold(self) -> Mask:
        return self.P > 0

    @cached_property
    def M(self) -> Array:
        """The mask as numbers: 1 where sold, 0 where not."""
        return self.sold.astype(np.float64)

    @cached_property
    def L(self) -> Array:
        """Logarithms of prices less each product's mean logarithm (relatives are unchanged, cancellation is small)."""
        logs = np.log(self.P, out=np.zeros_like(self.P), where=self.sold)
        mean = logs.sum(axis=1) / np.maximum(self.sold.sum(axis=1), 1)
        logs -= mean[:, None]
        logs *= self.M
        return logs

    @cached_property
    def V(self) -> Array:
        """Values, price times quantity."""
        return self.P * self.Q

    @cached_property
    def totals(self) -> Array:
        """Value of each period over everything sold in it."""
        return self.total(self.V)

    def total(self, X: Array) -> Array:
        """Column sums, block by block in fixed order."""
        out = np.zeros(X.shape[1])
        for a in range(0, len(X), BLOCK):
            out += X[a : a + BLOCK].sum(axis=0)
        return out

    @cached_property
    def unit_values(self) -> Array:
        """Unit value of each product over all periods: sum of values / sum of quantities (0 if nothing was bought)."""
        quantity = self.Q.sum(axis=1)
        return np.asarray(np.divide(self.V.sum(axis=1), quantity, out=np.zeros(len(quantity)), where=quantity > 0))

    def columns(self, columns: slice | NDArray[np.intp]) -> "Panel":
        """The same products over some of the periods; products sold in none of them are left out."""
        P = self.P[:, columns]
        keep = (P > 0).any(axis=1)
        return Panel(P[keep], None if self._Q is None else self._Q[:, columns][keep])

    def blocks(self) -> Iterator["Panel"]:
        """Consecutive panels of at most BLOCK products."""
        if len(self.P) <= BLOCK:
            yield self
            return
        for a in range(0, len(self.P), BLOCK):
            yield Panel(self.P[a : a + BLOCK], None if self._Q is None else self._Q[a : a + BLOCK])
