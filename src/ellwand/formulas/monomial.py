"""Monomials of prices and quantities, and the T x T matrix products that sum them over every pair of periods."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ellwand.formulas.panel import Array, Panel

if TYPE_CHECKING:
    from ellwand.formulas.composition import Pairs


def power(x: Array, exponent: float) -> Array:
    """X to a power, without the cost of a general power where the exponent is plain."""
    if exponent == 0:
        return np.ones_like(x)
    if exponent == 1:
        return x
    if exponent == 2:
        return x * x
    if exponent == 0.5:
        return np.sqrt(x)
    if exponent == -1:
        return 1.0 / x
    if exponent == -0.5:
        return 1.0 / np.sqrt(x)
    return np.asarray(x**exponent)


@dataclass(frozen=True)
class Monomial:
    """`p0^a q0^b pt^c qt^d pb^e qb^f m^u`, m the product's unit value over the window.

    `per` divides by a period's value over everything sold: "0" the base period, "t" the current one.
    """

    p0: float = 0
    q0: float = 0
    pt: float = 0
    qt: float = 0
    pb: float = 0
    qb: float = 0
    m: float = 0
    per: Literal["", "0", "t"] = ""

    def shift(self, of: str, order: float) -> "Monomial":
        """Times the relative of prices or quantities to a power."""
        if of == "p":
            return replace(self, p0=self.p0 - order, pt=self.pt + order)
        return replace(self, q0=self.q0 - order, qt=self.qt + order)

    def swapped(self) -> "Monomial":
        return replace(self, p0=self.q0, q0=self.p0, pt=self.qt, qt=self.pt, pb=self.qb, qb=self.pb)

    def of_pairs(self, pairs: "Pairs") -> Array:
        out = pairs.m
        for name in ("p0", "q0", "pt", "qt", "pb", "qb"):
            exponent = getattr(self, name)
            if exponent:
                values = getattr(pairs, name)
                if exponent < 0 and name[0] == "q":
                    values = np.where(pairs.m > 0, values, 1.0)
                out = out * power(values, exponent)
        if self.m:
            if pairs.unit_values is None:
                raise ValueError("this formula needs the unit values of a window; it is a multilateral one")
            out = out * power(pairs.unit_values, self.m)
        if self.per:
            total = pairs.all0 if self.per == "0" else pairs.allt
            if total is None:
                raise ValueError("this formula needs quantities and none were given; name the quantity column")
            out = out / total
        return out


@dataclass(frozen=True, order=True)
class Factor:
    """One side of a part: `p^p q^q`, times the (centred) log price if `log`."""

    p: float = 0
    q: float = 0
    log: bool = False

    def of(self, panel: Panel) -> Array:
        """Products x periods, 0 where not sold."""
        if not (self.p or self.q):
            return panel.L if self.log else panel.M
        if self.p == 1 and self.q == 1:
            out = panel.V
        else:
            out = panel.P if self.p == 1 else panel.M
            if self.p not in (0, 1):
                out = power(panel.P, self.p) if self.p > 0 else np.where(panel.sold, power(panel.P, self.p), 0.0)
            if self.q == 1 and out is panel.M:
                out = panel.Q
            elif self.q:
                factor = power(panel.Q, self.q) if self.q > 0 else np.where(panel.sold, power(panel.Q, self.q), 0.0)
                out = out * factor
        return out * panel.L if self.log else out


@dataclass(frozen=True, order=True)
class Term:
    """A part `left' right`, weighted by the power `m` of the products' unit values over the window."""

    left: Factor
    right: Factor
    m: float = 0

    def canonical(self) -> tuple["Term", bool]:
        """The term or its transpose, whichever is the smaller, and whether it was transposed."""
        other = Term(self.right, self.left, self.m)
        return (other, True) if other < self else (self, False)


Log = Literal["", "left", "right"]


def term_of(monomial: Monomial, log: Log) -> Term:
    return Term(
        Factor(monomial.p0, monomial.q0, log == "left"), Factor(monomial.pt, monomial.qt, log == "right"), monomial.m
    )


def terms_of(weight: tuple[Monomial, ...], log: Log = "") -> frozenset[Term]:
    """The canonical terms that a sum of monomials needs."""
    return frozenset(term_of(w, log).canonical()[0] for w in weight)
