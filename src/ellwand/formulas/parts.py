"""T x T parts: matrix products that hold a sum over the matched pairs of every pair of periods at once.

A part is `A' B` with A and B products x periods, each a power of prices times a power of quantities (times the log
price). Parts add over products, so they are computed in blocks, in threads or in Spark partitions, and summed.
"""

import numpy as np

from ellwand.formulas.composition import Formula
from ellwand.formulas.monomial import Factor, Log, Monomial, Term, power, term_of
from ellwand.formulas.panel import Array, Panel


class Parts:
    """Summed parts of one window: `matrices` by term, and the value of each period over everything sold."""

    def __init__(self, matrices: dict[Term, Array], totals: Array | None) -> None:
        self.matrices = matrices
        self.totals = totals

    @classmethod
    def of(cls, panel: Panel, formula: Formula) -> "Parts":
        """Parts of all products of a panel, block by block in fixed order."""
        terms = formula.terms()
        if terms is None:
            raise TypeError("the formula is not separable; use Formula.all_pairs")
        T = panel.periods
        matrices = {term: np.zeros((T, T)) for term in sorted(terms)}
        needs_value = any(term.left.q or term.right.q for term in terms)
        totals = np.zeros(T) if needs_value else None
        for block in panel.blocks():
            cache: dict[Factor, Array] = {}
            for term, matrix in matrices.items():
                for factor in (term.left, term.right):
                    if factor not in cache:
                        cache[factor] = factor.of(block)
                left = cache[term.left]
                if term.m:
                    left = left * power(block.unit_values, term.m)[:, None]
                np.add(matrix, left.T @ cache[term.right], out=matrix)
            if totals is not None:
                totals += block.V.sum(axis=0)
        return cls(matrices, totals)

    def __add__(self, other: "Parts") -> "Parts":
        totals = None if self.totals is None or other.totals is None else self.totals + other.totals
        return Parts({k: v + other.matrices[k] for k, v in self.matrices.items()}, totals)

    def sum(self, weight: tuple[Monomial, ...], log: Log = "") -> Array:
        """Sum over matched pairs of a sum of monomials, [k, t]: period k is the base, t the current one."""
        out: Array | None = None
        for monomial in weight:
            term, transposed = term_of(monomial, log).canonical()
            matrix = self.matrices[term].T if transposed else self.matrices[term]
            if monomial.per:
                assert self.totals is not None
                matrix = matrix / (self.totals[:, None] if monomial.per == "0" else self.totals[None, :])
            out = matrix if out is None else out + matrix
        assert out is not None
        return out


def pairwise(panel: Panel, formula: Formula) -> Array:
    """Log index of every pair of periods, [k, t] = t on k; NaN or infinite where not computable."""
    with np.errstate(all="ignore"):
        if formula.terms() is None:
            return formula.all_pairs(panel)
        return formula.matrix(Parts.of(panel, formula))
