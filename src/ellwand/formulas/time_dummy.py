"""Time product dummy: `ln p_it = a_i + d_t` by (weighted) least squares, solved on a T x T system.

Weights 1 (Summers 1973) or the expenditure share of the product in its period (Rao 1990). Eliminating the product
effects leaves `(diag(sum_i w_it) - W' diag(1/sum_t w_it) W) d = sum_i w_it (ln p_it - mean_i)`.
"""

import numpy as np

from ellwand.formulas.panel import Array, Panel


class DummyParts:
    """The T x T matrix `W' diag(1/w) W`, the diagonal and the right-hand side: sums over products."""

    def __init__(self, G: Array, diagonal: Array, right: Array) -> None:
        self.G, self.diagonal, self.right = G, diagonal, right

    @classmethod
    def of(cls, panel: Panel, totals: Array | None) -> "DummyParts":
        """Parts of a panel. totals: value of each period over everything sold, for share weights; None: weights 1."""
        T = panel.periods
        out = cls(np.zeros((T, T)), np.zeros(T), np.zeros(T))
        for block in panel.blocks():
            W = block.M if totals is None else block.V / totals
            w = W.sum(axis=1)
            inverse = np.divide(1.0, w, out=np.zeros_like(w), where=w > 0)[:, None]
            deviation = block.L - (W * block.L).sum(axis=1, keepdims=True) * inverse
            out += cls(W.T @ (W * inverse), W.sum(axis=0), (W * deviation).sum(axis=0))
        return out

    def __iadd__(self, other: "DummyParts") -> "DummyParts":
        self.G += other.G
        self.diagonal += other.diagonal
        self.right += other.right
        return self

    def solve(self) -> Array:
        """Log levels, the first 0. The graph of periods must be connected (`G > 0`)."""
        A = np.diag(self.diagonal) - self.G
        d = np.zeros(len(A))
        if len(A) > 1:
            d[1:] = np.linalg.solve(A[1:, 1:], self.right[1:])
        return d


def time_product_dummy(panel: Panel, weighted: bool = True) -> Array:
    """Log levels of a window, the first 0."""
    with np.errstate(all="ignore"):
        return DummyParts.of(panel, panel.totals if weighted else None).solve()
