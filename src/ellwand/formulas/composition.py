"""Bilateral index formulas by composition: (order of the mean, weights), combined where a formula has two parts.

A weight is a sum of monomials `p0^a q0^b pt^c qt^d` (0 = base period, t = current one). From the exponents alone
follow the value on one pair of periods, the T x T matrices that hold every pair at once (`parts.py`), and the parts
that may be summed over products on several machines. A weight that is no monomial is a function of the pair.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from ellwand.formulas.monomial import Monomial, Term, power, terms_of
from ellwand.formulas.panel import Array, Panel

if TYPE_CHECKING:
    from ellwand.formulas.parts import Parts


class Pairs:
    """Comparisons of base prices and quantities with current ones, on the products sold in both.

    p0, q0, pt, qt : products x comparisons. Where a product is not matched, prices are set to 1 and quantities to 0.
    pb, qb : the weight base period's (for Lowe, Young and their kin), matching then takes all three periods.
    all0, allt : value of base and current period over everything sold (for shares that are not of matched pairs).
    """

    def __init__(
        self,
        p0: Array,
        q0: Array | None,
        pt: Array,
        qt: Array | None,
        pb: Array | None = None,
        qb: Array | None = None,
        unit_values: Array | None = None,
    ) -> None:
        matched = (p0 > 0) & (pt > 0)
        if pb is not None:
            matched &= pb > 0
        self.m = matched.astype(np.float64)
        self.n = matched.sum(axis=0)

        def prices(p: Array) -> Array:
            return np.where(matched, p, 1.0)

        def quantities(q: Array | None) -> Array | None:
            return None if q is None else np.where(matched, q, 0.0)

        self.p0, self.pt = prices(p0), prices(pt)
        self.pb = None if pb is None else prices(pb)
        self._q: dict[str, Array | None] = {"q0": quantities(q0), "qt": quantities(qt), "qb": quantities(qb)}
        self.all0 = None if q0 is None else (p0 * q0).sum(axis=0)
        self.allt = None if qt is None else (pt * qt).sum(axis=0)
        self.unit_values = None if unit_values is None else unit_values[:, None]

    def _quantity(self, name: str) -> Array:
        q = self._q[name]
        if q is None:
            raise ValueError("this formula needs quantities and none were given; name the quantity column")
        return q

    @property
    def q0(self) -> Array:
        return self._quantity("q0")

    @property
    def qt(self) -> Array:
        return self._quantity("qt")

    @property
    def qb(self) -> Array:
        return self._quantity("qb")

    @cached_property
    def v0(self) -> Array:
        return self.p0 * self.q0

    @cached_property
    def vt(self) -> Array:
        return self.pt * self.qt

    @cached_property
    def s0(self) -> Array:
        """Base shares within the matched pairs."""
        return np.asarray(self.v0 / self.v0.sum(axis=0))

    @cached_property
    def st(self) -> Array:
        """Current shares within the matched pairs."""
        return np.asarray(self.vt / self.vt.sum(axis=0))

    @cached_property
    def logr(self) -> Array:
        """Logarithms of the price relatives (0 where not matched)."""
        return np.log(self.pt / self.p0)

    def swapped(self) -> "Pairs":
        """Prices and quantities exchanged: a price formula then gives the quantity index."""
        other = object.__new__(Pairs)
        other.__dict__.update({k: self.__dict__[k] for k in ("m", "n", "all0", "allt", "unit_values")})
        other.p0, other.pt = (np.where(self.m > 0, q, 1.0) for q in (self.q0, self.qt))
        other.pb = None
        other._q = {"q0": self.p0 * self.m, "qt": self.pt * self.m, "qb": None}
        return other


Weight = tuple[Monomial, ...] | Callable[[Pairs], Array]

EQUAL: Weight = (Monomial(),)
BASE: Weight = (Monomial(p0=1, q0=1),)
CURRENT: Weight = (Monomial(pt=1, qt=1),)


class Formula:
    """A bilateral index formula. Values are natural logarithms of the index, NaN where not computable."""

    def log(self, pairs: Pairs) -> Array:
        """Log index of each comparison."""
        raise TypeError(f"{type(self).__name__} has no value on pairs")

    def terms(self) -> frozenset[Term] | None:
        """The T x T matrices from which every pair of periods follows; None if the formula is not separable."""
        return None

    def matrix(self, parts: "Parts") -> Array:
        """Log index of every pair, [k, t] = period t on period k, from summed parts."""
        raise TypeError(f"{type(self).__name__} is not separable")

    def all_pairs(self, panel: Panel) -> Array:
        """Log index of every pair for a formula that is not separable: one base period against all at once."""
        out = np.full((panel.periods, panel.periods), np.nan)
        q = panel._Q
        for k in range(panel.periods):
            rows = panel.sold[:, k]
            P = panel.P[rows]
            Q = None if q is None else q[rows]
            pairs = Pairs(P[:, [k]], None if Q is None else Q[:, [k]], P, Q)
            out[k] = self.log(pairs)
        return out


def _sum(weight: Weight, pairs: Pairs) -> Array:
    if callable(weight):
        return weight(pairs) * pairs.m
    total = weight[0].of_pairs(pairs)
    for monomial in weight[1:]:
        total = total + monomial.of_pairs(pairs)
    return total


@dataclass(frozen=True)
class Mean(Formula):
    """Mean of order `order` of the relatives of prices (`of="p"`) or quantities, with a weight.

    `(sum w r^order / sum w)^(1/order)`, and `exp(sum w ln r / sum w)` for order 0.
    """

    order: float
    weight: Weight
    of: Literal["p", "q"] = "p"

    def log(self, pairs: Pairs) -> Array:
        if self.of == "q" and (callable(self.weight) or self.order == 0):
            return replace(self, of="p").log(pairs.swapped())
        weight = _sum(self.weight, pairs)
        total = weight.sum(axis=0)
        if self.order == 0:
            return np.asarray((weight * pairs.logr).sum(axis=0) / total)
        if callable(self.weight):
            shifted = weight * power(pairs.pt / pairs.p0, self.order)
        else:
            shifted = _sum(tuple(w.shift(self.of, self.order) for w in self.weight), pairs)
        return np.asarray(np.log(shifted.sum(axis=0) / total) / self.order)

    def terms(self) -> frozenset[Term] | None:
        if callable(self.weight) or any(w.pb or w.qb for w in self.weight):
            return None
        out = terms_of(self.weight)
        if self.order == 0:
            return out | terms_of(self.weight, log="right") | terms_of(self.weight, log="left")
        return out | terms_of(tuple(w.shift(self.of, self.order) for w in self.weight))

    def matrix(self, parts: "Parts") -> Array:
        assert not callable(self.weight)
        total = parts.sum(self.weight)
        if self.order == 0:
            return (parts.sum(self.weight, log="right") - parts.sum(self.weight, log="left")) / total
        shifted = parts.sum(tuple(w.shift(self.of, self.order) for w in self.weight))
        return np.asarray(np.log(shifted / total) / self.order)


@dataclass(frozen=True)
class Ratio(Formula):
    """Ratio of two sums over the matched pairs."""

    numerator: Weight
    denominator: Weight

    def log(self, pairs: Pairs) -> Array:
        return np.asarray(np.log(_sum(self.numerator, pairs).sum(axis=0) / _sum(self.denominator, pairs).sum(axis=0)))

    def terms(self) -> frozenset[Term] | None:
        if callable(self.numerator) or callable(self.denominator):
            return None
        return terms_of(self.numerator + self.denominator)

    def matrix(self, parts: "Parts") -> Array:
        assert not callable(self.numerator) and not callable(self.denominator)
        return np.asarray(np.log(parts.sum(self.numerator) / parts.sum(self.denominator)))


@dataclass(frozen=True)
class GeometricSum(Formula):
    """`exp(sum w ln r)` with weights that need not sum to one."""

    weight: Callable[[Pairs], Array]

    def log(self, pairs: Pairs) -> Array:
        value = (self.weight(pairs) * pairs.m * pairs.logr).sum(axis=0)
        return np.where(pairs.n > 0, value, np.nan)


@dataclass(frozen=True)
class Combined(Formula):
    """A function of the logs of several formulas, element by element."""

    children: Sequence[Formula]
    combine: Callable[..., Array] = field(compare=False)

    def log(self, pairs: Pairs) -> Array:
        return self.combine(*(c.log(pairs) for c in self.children))

    def terms(self) -> frozenset[Term] | None:
        out: frozenset[Term] = frozenset()
        for child in self.children:
            terms = child.terms()
            if terms is None:
                return None
            out |= terms
        return out

    def matrix(self, parts: "Parts") -> Array:
        return self.combine(*(c.matrix(parts) for c in self.children))


@dataclass(frozen=True)
class Implicit(Formula):
    """Value ratio divided by the quantity index of the same formula with prices and quantities exchanged."""

    quantity: Formula

    def log(self, pairs: Pairs) -> Array:
        return VALUE.log(pairs) - self.quantity.log(pairs.swapped())


VALUE = Ratio(CURRENT, BASE)


def nested(order: float, *children: Formula, weights: tuple[float, ...] | None = None) -> Combined:
    """Mean of order `order` of several indices, e.g. Fisher = order 0 of Laspeyres and Paasche."""
    share = weights or (1 / len(children),) * len(children)

    def combine(*logs: Array) -> Array:
        if order == 0:
            return np.asarray(sum(w * x for w, x in zip(share, logs, strict=True)))
        mean = sum(w * np.exp(order * x) for w, x in zip(share, logs, strict=True))
        return np.asarray(np.log(mean) / order)

    return Combined(children, combine)
