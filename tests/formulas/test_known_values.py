"""Numbers of the manuals, and examples small enough to be worked by hand."""

import math

import numpy as np
import pytest

from ellwand.formulas.catalogue import TABLE, get
from ellwand.formulas.composition import Formula, Pairs
from ellwand.formulas.geary_khamis import geary_khamis
from ellwand.formulas.geks import geks
from ellwand.formulas.graph import components
from ellwand.formulas.means import logmean
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.time_dummy import time_product_dummy

# Three quotes, seven periods (CPI Manual 2020, chapter 8).
QUOTES = np.array([[6, 6, 7, 6, 6, 6, 6.6], [7, 7, 6, 7, 7, 7.2, 7.7], [2, 3, 4, 5, 2, 3, 2.2]])

# Six products, five periods (PPI Manual, tables 19.1 and 19.2).
PRICES = np.array(
    [
        [1, 1.2, 1, 0.8, 1],
        [1, 3, 1, 0.5, 1],
        [1, 1.3, 1.5, 1.6, 1.6],
        [1, 0.7, 0.5, 0.3, 0.1],
        [1, 1.4, 1.7, 1.9, 2],
        [1, 0.8, 0.6, 0.4, 0.2],
    ]
)
QUANTITIES = np.array(
    [
        [1, 0.8, 1, 1.2, 0.9],
        [1, 0.9, 1.1, 1.2, 1.2],
        [2, 1.9, 1.8, 1.9, 2],
        [1, 1.3, 3, 6, 12],
        [4.5, 4.7, 5, 5.6, 6.5],
        [0.5, 0.6, 0.8, 1.3, 2.5],
    ]
)
SIX = Panel(PRICES, QUANTITIES)


def formula(name: str, **params: object) -> Formula:
    return get(name).build(**params)


def tornqvist(name: str) -> dict[str, str]:
    return {"shares": "matched"} if "tornqvist" in name else {}


def fixed_base(f: Formula, P: Array, Q: Array | None = None) -> Array:
    return np.exp(f.log(Pairs(P[:, [0]], None if Q is None else Q[:, [0]], P, Q)))


def chained(f: Formula, P: Array, Q: Array | None = None) -> Array:
    q0, qt = (None, None) if Q is None else (Q[:, :-1], Q[:, 1:])
    return np.exp(np.r_[0, np.cumsum(f.log(Pairs(P[:, :-1], q0, P[:, 1:], qt)))])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("carli", [100, 116.67, 134.13, 150.00, 100, 117.62, 110]),
        ("dutot", [100, 106.67, 113.33, 120, 100, 108, 110]),
        ("jevons", [100, 114.47, 125.99, 135.72, 100, 115.55, 110]),
        ("harmonic", [100, 112.50, 118.87, 125, 100, 113.68, 110]),
        ("cswd", [100, 114.56, 126.27, 136.93, 100, 115.63, 110]),
    ],
)
def test_elementary_direct(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(100 * fixed_base(formula(name), QUOTES), expected, rtol=0, atol=0.0051)


def test_chained_carli_drifts_and_chained_jevons_does_not() -> None:
    carli = 100 * chained(formula("carli"), QUOTES)
    np.testing.assert_allclose(carli, [100, 116.67, 130.56, 142.47, 113.98, 134.06, 129.71], rtol=0, atol=0.0051)
    jevons = formula("jevons")
    np.testing.assert_allclose(chained(jevons, QUOTES), fixed_base(jevons, QUOTES), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "direct", "chain"),
    [
        ("laspeyres", [1, 1.4200, 1.3450, 1.3550, 1.4400], [1, 1.4200, 1.3646, 1.3351, 1.3306]),
        ("paasche", [1, 1.3824, 1.2031, 1.0209, 0.7968], [1, 1.3824, 1.2740, 1.2060, 1.1234]),
        ("fisher", [1, 1.4011, 1.2721, 1.1762, 1.0712], [1, 1.4011, 1.3185, 1.2689, 1.2226]),
        ("tornqvist", [1, 1.4052, 1.2890, 1.2268, 1.2477], [1, 1.4052, 1.3112, 1.2624, 1.2224]),
        ("walsh", [1, 1.4017, 1.2850, 1.2193, 1.1850], [1, 1.4017, 1.3207, 1.2731, 1.2304]),
    ],
)
def test_six_products(name: str, direct: list[float], chain: list[float]) -> None:
    f = formula(name, **tornqvist(name))
    np.testing.assert_allclose(fixed_base(f, PRICES, QUANTITIES), direct, rtol=0, atol=5.1e-5)
    np.testing.assert_allclose(chained(f, PRICES, QUANTITIES), chain, rtol=0, atol=5.1e-5)


@pytest.mark.parametrize(
    ("name", "fifth"),
    [
        ("harmonic_laspeyres", 0.5556),
        ("geolaspeyres", 1.0999),
        ("geopaasche", 1.4153),
        ("palgrave", 1.6720),
        ("marshall_edgeworth", 0.9801),
        ("sato_vartia", 1.2540),
        ("vartia", 1.2678),
    ],
)
def test_six_products_fifth_period(name: str, fifth: float) -> None:
    assert fixed_base(formula(name), PRICES, QUANTITIES)[4] == pytest.approx(fifth, abs=5.1e-5)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (geks(SIX, formula("fisher")), [1, 1.3329, 1.2475, 1.1914, 1.1334]),
        (geks(SIX, formula("tornqvist", shares="matched")), [1, 1.3842, 1.2948, 1.2457, 1.2418]),
        (geks(SIX, formula("walsh")), [1, 1.3553, 1.2824, 1.2384, 1.2091]),
        (geary_khamis(SIX), [1, 1.4109, 1.3836, 1.3528, 1.2739]),
        (time_product_dummy(SIX), [1, 1.3810, 1.2729, 1.2688, 1.2688]),
        (time_product_dummy(SIX, weighted=False), [1, 1.2419, 0.9563, 0.7256, 0.6325]),
    ],
    ids=["geks_fisher", "geks_tornqvist", "geks_walsh", "gk", "wtpd", "tpd"],
)
def test_six_products_multilateral(got: Array, expected: list[float]) -> None:
    np.testing.assert_allclose(np.exp(got), expected, rtol=0, atol=5.1e-5)


# -- two products worked by hand: prices (1, 4) -> (2, 2), quantities (8, 1) -> (2, 5)
P0, Q0, PT, QT = (np.array(x, dtype=float)[:, None] for x in ([1, 4], [8, 1], [2, 2], [2, 5]))
BY_HAND = {
    "carli": (2 + 0.5) / 2,
    "jevons": 1.0,
    "dutot": 4 / 5,
    "harmonic": 2 / (0.5 + 2),
    "cswd": math.sqrt(1.25 * 0.8),
    "bmw": 1.0,
    "cswdb": math.sqrt(1.25 / ((0.25 + 5) / 2) * ((0.5 + 2.5) / 2)),
    "laspeyres": 18 / 12,
    "paasche": 14 / 22,
    "fisher": math.sqrt(18 / 12 * 14 / 22),
    "drobisch": (18 / 12 + 14 / 22) / 2,
    "hlp": 2 / (12 / 18 + 22 / 14),
    "geolaspeyres": 2 ** (8 / 12 - 4 / 12),
    "geopaasche": 2 ** (4 / 14 - 10 / 14),
    "tornqvist": 2 ** ((8 / 12 - 4 / 12 + 4 / 14 - 10 / 14) / 2),
    "harmonic_laspeyres": 1 / (8 / 12 / 2 + 4 / 12 * 2),
    "palgrave": 4 / 14 * 2 + 10 / 14 / 2,
    "marshall_edgeworth": (2 * 10 + 2 * 6) / (1 * 10 + 4 * 6),
    "walsh": (2 * 4 + 2 * math.sqrt(5)) / (4 + 4 * math.sqrt(5)),
    "geary_khamis": (2 * 1.6 + 2 * 5 / 6) / (1.6 + 4 * 5 / 6),
    "bialek": math.sqrt((2 * 2 + 2 * 1) / (2 + 4) * (2 * 8 + 2 * 5) / (8 + 20)),
    "walsh_vartia": 2 ** (math.sqrt(8 / 12 * 4 / 14) - math.sqrt(4 / 12 * 10 / 14)),
    "value_index": 14 / 12,
    "unit_value_index": (14 / 7) / (12 / 9),
    "stuvel": (18 / 12 - 22 / 12) / 2 + math.sqrt(((18 / 12 - 22 / 12) / 2) ** 2 + 14 / 12),
    "lehr": 14 / 12 * (12 / 10 * 8 + 14 / 6 * 1) / (12 / 10 * 2 + 14 / 6 * 5),
    "banerjee": 14 / 12 * (3 * 8 + 6 * 1) / (3 * 2 + 6 * 5),
    "davies": 14 / 12 * (math.sqrt(2) * 8 + math.sqrt(8)) / (math.sqrt(2) * 2 + math.sqrt(8) * 5),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name: str) -> None:
    got = float(np.exp(formula(name, **tornqvist(name)).log(Pairs(P0, Q0, PT, QT)))[0])
    assert got == pytest.approx(BY_HAND[name], rel=1e-12)


def test_lloyd_moulton_by_hand() -> None:
    got = np.exp(formula("lloyd_moulton", sigma=0.5).log(Pairs(P0, Q0, PT, QT)))[0]
    assert got == pytest.approx((8 / 12 * math.sqrt(2) + 4 / 12 * math.sqrt(0.5)) ** 2, rel=1e-12)


def test_kennedy_correction_by_hand() -> None:
    """Unweighted, two products: d = mean of ln r, V = sum (x - d)^2 / ((n - 1) n)."""
    x = np.log([2.0, 8.0])
    pairs = Pairs(np.ones((2, 1)), np.ones((2, 1)), np.exp(x)[:, None], np.ones((2, 1)))
    d = x.mean()
    variance = ((x - d) ** 2).sum() / 2
    assert formula("tpd_bilateral", weights="unweighted", kennedy_bias_adjust=False).log(pairs)[0] == pytest.approx(d)
    corrected = formula("tpd_bilateral", weights="unweighted", kennedy_bias_adjust=True).log(pairs)[0]
    assert corrected == pytest.approx(d - variance / 2)


@pytest.mark.parametrize("method", [m for m in TABLE.values() if m.family == "bilateral"], ids=lambda m: m.name)
def test_one_product_gives_its_relative(method) -> None:
    """With n = 1 every price index is the price relative; the few that are no means of relatives are told apart."""
    given = {"weight_base_period": 0} if "weight_base_period" in method.params else {}
    params = {k: v for k, v in method.parameters(given).items() if k != "chain_method"}
    one = np.array([[2.0]])
    pairs = Pairs(one, one * 3, one * 1.5, one * 4, one, one * 2)
    index = float(np.exp(method.build(**params).log(pairs))[0])
    expected = 2.0 if method.name == "value_index" else 1.5
    assert index == pytest.approx(expected, rel=1e-12)


def test_logarithmic_mean() -> None:
    np.testing.assert_allclose(logmean(np.array([2.0]), np.array([1.0])), 1 / math.log(2), rtol=1e-15)
    assert logmean(np.array([3.0]), np.array([3.0]))[0] == 3.0
    assert logmean(np.array([0.0, 5.0]), np.array([5.0, 0.0])).tolist() == [0.0, 0.0]
    # Near a = b the quotient loses all digits; the arithmetic and geometric means bound it.
    a, b = 1.0, 1 + 1e-9
    near = float(logmean(np.array([a]), np.array([b]))[0])
    assert math.sqrt(a * b) - 1e-15 <= near <= (a + b) / 2 + 1e-15


def test_log_mean_is_symmetric_and_between_the_two_other_means() -> None:
    rng = np.random.default_rng(1)
    a, b = np.exp(rng.normal(size=(2, 200)))
    np.testing.assert_allclose(logmean(a, b), logmean(b, a), rtol=1e-12)
    assert (logmean(a, b) >= np.sqrt(a * b) * (1 - 1e-12)).all()
    assert (logmean(a, b) <= (a + b) / 2 * (1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], [0, 0, 1, 1]),
        ([[1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]], [0, 1, 1, 0]),
        ([[1, 1, 0], [1, 1, 1], [0, 1, 1]], [0, 0, 0]),
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 1, 2]),
    ],
)
def test_components(links: list[list[int]], expected: list[int]) -> None:
    assert components(np.array(links)).tolist() == expected


def test_a_long_chain_is_one_component() -> None:
    n = 200
    order = np.random.default_rng(2).permutation(n)
    links = np.eye(n)
    links[order[:-1], order[1:]] = links[order[1:], order[:-1]] = 1
    assert components(links).max() == 0
