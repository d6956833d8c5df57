"""The bilateral price index formulas, each a row of composition.

Symbols: r price relatives, v values, s shares within the matched pairs; 0 base period, t current one. Every function
returns the formula for its parameters. Sources: CPI Manual (2020) chapters 8 and 9, Balk (2008), and as named.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ellwand.formulas.composition import (
    BASE,
    CURRENT,
    EQUAL,
    VALUE,
    Combined,
    Formula,
    GeometricSum,
    Implicit,
    Mean,
    Pairs,
    Ratio,
    nested,
)
from ellwand.formulas.means import logmean
from ellwand.formulas.monomial import Monomial
from ellwand.formulas.panel import Array


def basket(quantities: Callable[[Pairs], Array]) -> Formula:
    """Ratio of the cost of the same quantities at current and at base prices."""
    return Ratio(lambda x: x.pt * quantities(x), lambda x: x.p0 * quantities(x))


def _divide(a: Array, b: Array) -> Array:
    """A / b, 0 where b is 0 (the limit of the weights that use it)."""
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b > 0)


# -- without weights -------------------------------------------------------------------------------------------------
CARLI = Mean(1, EQUAL)
JEVONS = Mean(0, EQUAL)
HARMONIC = Mean(-1, EQUAL)
DUTOT = Mean(1, (Monomial(p0=1),))
CSWD = nested(0, CARLI, HARMONIC)
BMW = Mean(1, (Monomial(p0=0.5, pt=-0.5),))
CSWDB = Combined(
    (CARLI, Mean(1, EQUAL, of="q"), Ratio((Monomial(p0=-1, q0=-1, pt=1, qt=1),), EQUAL)),
    lambda p, q, v: (p - q + v) / 2,
)

# -- one basket ------------------------------------------------------------------------------------------------------
LASPEYRES = Mean(1, BASE)
PAASCHE = Mean(-1, CURRENT)
PALGRAVE = Mean(1, CURRENT)
HARMONIC_LASPEYRES = Mean(-1, BASE)
GEOLASPEYRES = Mean(0, BASE)
GEOPAASCHE = Mean(0, CURRENT)
MARSHALL_EDGEWORTH = Mean(1, (Monomial(p0=1, q0=1), Monomial(p0=1, qt=1)))
WALSH = Mean(1, (Monomial(p0=1, q0=0.5, qt=0.5),))
GEARY_KHAMIS = basket(lambda x: _divide(x.q0 * x.qt, x.q0 + x.qt))
BIALEK = nested(
    0,
    basket(lambda x: np.minimum(x.q0, x.qt)),
    basket(lambda x: np.maximum(x.q0, x.qt)),
)

# -- symmetric in both periods ---------------------------------------------------------------------------------------
FISHER = nested(0, LASPEYRES, PAASCHE)
DROBISCH = nested(1, LASPEYRES, PAASCHE)
HLP = nested(-1, LASPEYRES, PAASCHE)
TORNQVIST = nested(0, GEOLASPEYRES, GEOPAASCHE)
TORNQVIST_ALL_SHARES = Mean(0, (Monomial(p0=1, q0=1, per="0"), Monomial(pt=1, qt=1, per="t")))
GEOWALSH = Mean(0, lambda x: np.sqrt(x.s0 * x.st))
WALSH_VARTIA = GeometricSum(lambda x: np.sqrt(x.s0 * x.st))
THEIL1 = Mean(0, lambda x: np.cbrt(x.s0 * x.st * (x.s0 + x.st) / 2))
THEIL2 = Mean(0, lambda x: np.cbrt(x.v0 * x.vt * (x.v0 + x.vt) / 2))
RAO = Mean(0, lambda x: _divide(x.s0 * x.st, x.s0 + x.st))
HLC = GeometricSum(lambda x: 2 * _divide(x.s0 * x.st, x.s0 + x.st))
VARTIA = GeometricSum(lambda x: logmean(x.v0, x.vt) / logmean(x.v0.sum(axis=0), x.vt.sum(axis=0)))
SATO_VARTIA = Mean(0, lambda x: logmean(x.s0, x.st))

# -- through the quantity index --------------------------------------------------------------------------------------
BANERJEE = Implicit(MARSHALL_EDGEWORTH)
DAVIES = Implicit(WALSH)
LEHR = Implicit(basket(lambda x: _divide(x.v0 + x.vt, x.p0 + x.pt)))
_QUANTITY_LASPEYRES = Ratio((Monomial(p0=1, qt=1),), BASE)


def _stuvel(laspeyres: Array, quantity: Array, value: Array) -> Array:
    a = (np.exp(laspeyres) - np.exp(quantity)) / 2
    return np.asarray(np.log(a + np.sqrt(a * a + np.exp(value))))


STUVEL = Combined((LASPEYRES, _QUANTITY_LASPEYRES, VALUE), _stuvel)
VALUE_INDEX = VALUE
UNIT_VALUE = Combined((VALUE, Ratio((Monomial(qt=1),), (Monomial(q0=1),))), lambda v, q: v - q)

# -- with a weight base period: matched in all three -----------------------------------------------------------------
LOWE = Mean(1, (Monomial(p0=1, qb=1),))
YOUNG = Mean(1, (Monomial(pb=1, qb=1),))
GEOLOWE = Mean(0, (Monomial(p0=1, qb=1),))
GEOYOUNG = Mean(0, (Monomial(pb=1, qb=1),))


def _hybrid_weight(x: Pairs) -> Array:
    """Białek (2020): shares of three periods' values at base quantities, weighted by |cor(price, base quantity)|."""
    assert x.pb is not None
    n = x.m.sum(axis=0)

    def correlation(p: Array) -> Array:
        dp = (p - (p * x.m).sum(axis=0) / n) * x.m
        dq = (x.qb - (x.qb * x.m).sum(axis=0) / n) * x.m
        scale = np.sqrt((dp * dp).sum(axis=0) * (dq * dq).sum(axis=0))
        return np.abs(_divide((dp * dq).sum(axis=0), scale))

    prices = (x.pb, x.p0, x.pt)
    c = np.stack([correlation(p) for p in prices])
    total = c.sum(axis=0)
    c = np.where(total > 0, _divide(c, np.broadcast_to(total, c.shape)), 1 / 3)
    return np.asarray(sum(ck * p * x.qb * x.m / (p * x.qb * x.m).sum(axis=0) for ck, p in zip(c, prices, strict=True)))


HYBRID = Mean(1, _hybrid_weight)
GEOHYBRID = Mean(0, _hybrid_weight)


# -- with parameters -------------------------------------------------------------------------------------------------
def lloyd_moulton(sigma: float) -> Formula:
    """Mean of order 1 - sigma with base shares (Lloyd 1975, Moulton 1996); sigma = 1 is geometric Laspeyres."""
    return Mean(1 - sigma, BASE)


def agmean(sigma: float) -> Formula:
    """`sigma * geometric Laspeyres + (1 - sigma) * Laspeyres` (Lent and Dorfman 2009)."""
    return nested(1, GEOLASPEYRES, LASPEYRES, weights=(sigma, 1 - sigma))


def quadratic_mean(r: float) -> Formula:
    """Quadratic mean of order r (Diewert 1976): r = 2 is Fisher, r = 1 the implicit Walsh, r = 0 Tornqvist."""
    return nested(0, Mean(r / 2, BASE), Mean(-r / 2, CURRENT))


def implicit_quadratic_mean(r: float) -> Formula:
    """Value ratio over the quantity index that is a quadratic mean of order r."""
    quantity = nested(0, Mean(r / 2, BASE, of="q"), Mean(-r / 2, CURRENT, of="q"))
    return Combined((VALUE, quantity), lambda v, q: v - q)


def tornqvist(shares: str) -> Formula:
    """Shares of the matched pairs, or of everything sold in each period and rescaled on the matched pairs."""
    return TORNQVIST if shares == "matched" else TORNQVIST_ALL_SHARES


@dataclass(frozen=True)
class TimeDummy(Formula):
    """Two-period weighted time product dummy (Summers 1973), less half the variance of its estimate (Kennedy 1981).

    weights: "average" (s0+st)/4, "shares" s0 st/(s0+st), "unweighted" 1/2.
    """

    weights: str
    kennedy_bias_adjust: bool

    def log(self, pairs: Pairs) -> Array:
        x = pairs.logr
        if self.weights == "unweighted":
            h = pairs.m / 2
        elif self.weights == "average":
            h = (pairs.s0 + pairs.st) / 4
        else:
            h = _divide(pairs.s0 * pairs.st, pairs.s0 + pairs.st)
        total = h.sum(axis=0)
        d = (h * x).sum(axis=0) / total
        if not self.kennedy_bias_adjust:
            return np.asarray(d)
        residual = (h * (x - d) ** 2).sum(axis=0)
        variance = np.where(pairs.n > 1, residual / (np.maximum(pairs.n - 1, 1) * total), 0.0)
        return np.asarray(d - variance / 2)


# -- for the GEKS of a window: weights with the unit value of each product over the window ----------------------------
ASYMMETRIC_QUANTITY_UNIT_VALUE = Ratio((Monomial(pt=1, q0=1),), (Monomial(q0=1, m=1),))
ASYMMETRIC_QUANTITY_INDEX = Mean(1, (Monomial(q0=1, m=1),))
ASYMMETRIC_QUANTITY_GEOMETRIC = Mean(0, (Monomial(q0=1, m=1),))
