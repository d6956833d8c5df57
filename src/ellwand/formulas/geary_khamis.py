"""Geary-Khamis (Geary 1958, Khamis 1972) as one linear system on T x T parts.

With `x_t = 1 / I_t` the two equations `m_i = sum_t q_it p_it x_t / sum_t q_it` and `x_t = sum_i m_i q_it / V_t` give
`(diag(V) - Q' diag(1/sum_t q_it) (PQ)) x = 0`, a singular M-matrix whose null vector is the index.
"""

import numpy as np

from ellwand.formulas.panel import Array, Panel


class KhamisParts:
    """`K = Q' diag(1/sum_t q_it) (PQ)` and the value of each period: sums over products."""

    def __init__(self, K: Array, values: Array) -> None:
        self.K, self.values = K, values

    @classmethod
    def of(cls, panel: Panel) -> "KhamisParts":
        T = panel.periods
        out = cls(np.zeros((T, T)), np.zeros(T))
        for block in panel.blocks():
            quantity = block.Q.sum(axis=1)
            inverse = np.divide(1.0, quantity, out=np.zeros_like(quantity), where=quantity > 0)[:, None]
            out += cls((block.Q * inverse).T @ block.V, block.V.sum(axis=0))
        return out

    def __iadd__(self, other: "KhamisParts") -> "KhamisParts":
        self.K += other.K
        self.values += other.values
        return self

    def solve(self) -> Array:
        """Log levels, the first 0. The graph of periods must be connected (`K + K' > 0`)."""
        A = np.diag(self.values) - self.K
        x = np.ones(len(A))
        if len(A) > 1:
            x[1:] = np.linalg.solve(A[1:, 1:], -A[1:, 0])
        return np.asarray(-np.log(x))


def geary_khamis(panel: Panel) -> Array:
    """Log levels of a window, the first 0."""
    with np.errstate(all="ignore"):
        return KhamisParts.of(panel).solve()
