"""T x T parts, GEKS, WTPD, GK and the other systems against slow ones written from the definitions."""

import math

import numpy as np
import pytest

from ellwand.formulas import panel as panel_module
from ellwand.formulas.catalogue import TABLE, get
from ellwand.formulas.geary_khamis import geary_khamis
from ellwand.formulas.geks import geks, int_geks, transitive, transitive_available
from ellwand.formulas.hedonic import time_dummy_hedonic
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.parts import Parts, pairwise
from ellwand.formulas.systems import gerardi, ikle, rao_hajargasht
from ellwand.formulas.time_dummy import time_product_dummy

SEEDS = [11, 12, 13]


def churn(seed: int, n: int = 14, T: int = 6, missing: float = 0.35) -> Panel:
    """Products missing at random; the first three are always sold."""
    rng = np.random.default_rng(seed)
    sold = rng.random((n, T)) > missing
    sold[:3] = True
    P = np.exp(rng.normal(1, 1, (n, 1)) + rng.normal(0, 0.3, (n, T))) * sold
    Q = np.exp(rng.normal(2, 1, (n, T))) * sold
    return Panel(P, Q)


# -- bilateral indices, one product after another
def matched(p: Panel, k: int, t: int) -> list[tuple[float, float, float, float]]:
    rows = range(len(p.P))
    return [(p.P[i, k], p.Q[i, k], p.P[i, t], p.Q[i, t]) for i in rows if p.P[i, k] > 0 and p.P[i, t] > 0]


def slow_laspeyres(p: Panel, k: int, t: int) -> float:
    pairs = matched(p, k, t)
    return sum(pt * q0 for _, q0, pt, _ in pairs) / sum(p0 * q0 for p0, q0, _, _ in pairs)


def slow_paasche(p: Panel, k: int, t: int) -> float:
    pairs = matched(p, k, t)
    return sum(pt * qt for _, _, pt, qt in pairs) / sum(p0 * qt for p0, _, _, qt in pairs)


def slow_fisher(p: Panel, k: int, t: int) -> float:
    return math.sqrt(slow_laspeyres(p, k, t) * slow_paasche(p, k, t))


def slow_tornqvist(p: Panel, k: int, t: int) -> float:
    pairs = matched(p, k, t)
    v0, vt = sum(a * b for a, b, _, _ in pairs), sum(c * d for _, _, c, d in pairs)
    return math.exp(sum((a * b / v0 + c * d / vt) / 2 * math.log(c / a) for a, b, c, d in pairs))


def slow_walsh(p: Panel, k: int, t: int) -> float:
    pairs = matched(p, k, t)
    return sum(c * math.sqrt(b * d) for _, b, c, d in pairs) / sum(a * math.sqrt(b * d) for a, b, _, d in pairs)


def slow_jevons(p: Panel, k: int, t: int) -> float:
    logs = [math.log(c / a) for a, _, c, _ in matched(p, k, t)]
    return math.exp(sum(logs) / len(logs))


SLOW = {
    "laspeyres": slow_laspeyres,
    "fisher": slow_fisher,
    "tornqvist": slow_tornqvist,
    "walsh": slow_walsh,
    "jevons": slow_jevons,
}


def build(name: str):
    method = get(name)
    return method.build(**{k: v for k, v in method.parameters({}).items() if k not in ("chain_method", "links")})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SLOW)
def test_pairs_and_geks_against_a_double_loop(name: str, seed: int) -> None:
    p = churn(seed)
    T = p.periods
    X = np.array([[SLOW[name](p, k, t) for t in range(T)] for k in range(T)])
    np.testing.assert_allclose(np.exp(pairwise(p, build(name))), X, rtol=1e-11)
    level = [math.prod((X[k, t] / X[k, 0]) ** (1 / T) for k in range(T)) for t in range(T)]
    np.testing.assert_allclose(np.exp(geks(p, build(name))), level, rtol=1e-11)


def test_weighted_geks_against_a_double_loop() -> None:
    p = churn(3)
    T = p.periods
    values = [sum(p.P[i, t] * p.Q[i, t] for i in range(len(p.P))) for t in range(T)]
    X = np.array([[slow_fisher(p, k, t) for t in range(T)] for k in range(T)])
    level = [math.prod((X[k, t] / X[k, 0]) ** (values[k] / sum(values)) for k in range(T)) for t in range(T)]
    np.testing.assert_allclose(np.exp(geks(p, build("fisher"), weighted=True)), level, rtol=1e-11)


def test_intersection_geks_against_a_triple_loop() -> None:
    p = churn(4)
    T = p.periods
    levels = [1.0]
    for t in range(1, T):
        step = 1.0
        for k in range(T):
            rows = [i for i in range(len(p.P)) if p.P[i, t] > 0 and p.P[i, t - 1] > 0 and p.P[i, k] > 0]
            three = Panel(p.P[rows], p.Q[rows])
            step *= (slow_tornqvist(three, t - 1, k) * slow_tornqvist(three, k, t)) ** (1 / T)
        levels.append(levels[-1] * step)
    np.testing.assert_allclose(np.exp(int_geks(p)), levels, rtol=1e-11)


SEPARABLE = [m.name for m in TABLE.values() if m.kind == "formula" and "weight_base_period" not in m.params]


@pytest.mark.parametrize("name", [n for n in SEPARABLE if build(n).terms() is not None])
def test_parts_equal_pairs(name: str) -> None:
    """The value from T x T matrices is that of the pair itself, with products missing."""
    p = churn(5)
    f = build(name)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(f.matrix(Parts.of(p, f)), f.all_pairs(p), rtol=0, atol=1e-11)


def test_the_main_formulas_are_separable() -> None:
    for name in ("jevons", "carli", "dutot", "laspeyres", "paasche", "fisher", "tornqvist", "walsh", "lloyd_moulton"):
        assert build(name).terms() is not None, f"{name} is not computed from parts"
    assert build("sato_vartia").terms() is None


@pytest.mark.parametrize("name", ["fisher", "tornqvist", "jevons"])
def test_parts_add_over_products(name: str) -> None:
    p, f = churn(6), build(name)
    a, b = Panel(p.P[:5], p.Q[:5]), Panel(p.P[5:], p.Q[5:])
    # Log prices are centred by product, so that halves may be summed.
    whole, summed = Parts.of(p, f), Parts.of(a, f) + Parts.of(b, f)
    np.testing.assert_allclose(f.matrix(summed), f.matrix(whole), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["geks_fisher", "geks_tornqvist", "wtpd", "gk", "geksaqi"])
def test_blocks_of_products_change_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    p = churn(7, n=30)

    def levels() -> Array:
        fresh = Panel(p.P, p.Q)
        return geks(fresh, build(name)) if get(name).kind == "geks" else build(name)(fresh)

    whole = levels()
    monkeypatch.setattr(panel_module, "BLOCK", 4)
    np.testing.assert_allclose(levels(), whole, rtol=0, atol=1e-12)


def least_squares(p: Panel, weights: Array) -> Array:
    """Time product dummies by an explicit design matrix: product effects, then period effects but the first."""
    i, t = np.nonzero(p.P > 0)
    X = np.zeros((len(i), len(p.P) + p.periods - 1))
    X[np.arange(len(i)), i] = 1
    later = t > 0
    X[np.flatnonzero(later), len(p.P) + t[later] - 1] = 1
    root = np.sqrt(weights[i, t])
    solution = np.linalg.lstsq(X * root[:, None], np.log(p.P[i, t]) * root, rcond=None)[0]
    return np.r_[0, solution[len(p.P) :]]


@pytest.mark.parametrize("seed", SEEDS)
def test_time_product_dummy_against_least_squares(seed: int) -> None:
    p = churn(seed)
    shares = p.P * p.Q / (p.P * p.Q).sum(axis=0)
    np.testing.assert_allclose(time_product_dummy(p), least_squares(p, shares), rtol=0, atol=1e-10)
    equal = (p.P > 0).astype(float)
    np.testing.assert_allclose(time_product_dummy(p, weighted=False), least_squares(p, equal), rtol=0, atol=1e-10)


def iterate(p: Panel, reference, level) -> Array:
    """Reference prices and levels that define one another, in turn until they stand still; logs, the first 0."""
    V, Q, P = p.P * p.Q, p.Q, p.P
    S = V / V.sum(axis=0)
    index = np.ones(p.periods)
    for _ in range(5000):
        new = level(V, Q, P, S, reference(V, Q, P, S, index))
        new = new / new[0]
        if np.abs(new / index - 1).max() < 1e-14:
            return np.log(new)
        index = new
    raise AssertionError("no fixed point")


def price_ratio(P: Array, of: Array) -> Array:
    """`of` divided by prices, 0 where not sold."""
    return np.divide(of, P, out=np.zeros_like(P), where=P > 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_geary_khamis_against_iteration(seed: int) -> None:
    p = churn(seed)
    expected = iterate(
        p,
        lambda V, Q, P, S, x: (V / x).sum(axis=1) / Q.sum(axis=1),
        lambda V, Q, P, S, m: V.sum(axis=0) / (m[:, None] * Q).sum(axis=0),
    )
    np.testing.assert_allclose(geary_khamis(p), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_ikle_against_iteration(seed: int) -> None:
    p = churn(seed)
    expected = iterate(
        p,
        lambda V, Q, P, S, x: S.sum(axis=1) / (S * price_ratio(P, np.broadcast_to(x, P.shape))).sum(axis=1),
        lambda V, Q, P, S, m: 1 / (S * price_ratio(P, np.broadcast_to(m[:, None], P.shape))).sum(axis=0),
    )
    np.testing.assert_allclose(ikle(p), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_rao_hajargasht_against_iteration(seed: int) -> None:
    p = churn(seed)
    expected = iterate(
        p,
        lambda V, Q, P, S, x: (S * P / x).sum(axis=1) / S.sum(axis=1),
        lambda V, Q, P, S, m: (S * P / m[:, None]).sum(axis=0),
    )
    np.testing.assert_allclose(rao_hajargasht(p), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_gerardi_against_a_loop(seed: int) -> None:
    p = churn(seed)
    m = [math.exp(np.mean([math.log(x) for x in row if x > 0])) for row in p.P]
    totals = (p.P * p.Q).sum(axis=0)
    level = [
        1 / sum(p.P[i, t] * p.Q[i, t] / totals[t] * m[i] / p.P[i, t] for i in range(len(p.P)) if p.P[i, t] > 0)
        for t in range(p.periods)
    ]
    np.testing.assert_allclose(np.exp(gerardi(p)), np.array(level) / level[0], rtol=1e-11)


def test_available_links_equal_geks_where_none_is_missing() -> None:
    X = pairwise(churn(8), build("fisher"))
    np.testing.assert_allclose(transitive_available(X), transitive(X), rtol=0, atol=1e-12)


def test_available_links_find_the_levels_behind_consistent_links() -> None:
    d = np.array([0, 0.1, -0.2, 0.4, 0.3])
    X = d[None, :] - d[:, None]
    for a, b in ((0, 2), (0, 3), (1, 4), (0, 4)):
        X[a, b] = X[b, a] = np.nan
    assert np.isnan(transitive(X)).any()
    np.testing.assert_allclose(transitive_available(X), d, rtol=0, atol=1e-12)


def test_hedonic_finds_the_coefficients_it_was_made_with() -> None:
    rng = np.random.default_rng(9)
    period = np.repeat(np.arange(4), 30)
    Z = rng.normal(size=(120, 2))
    d = np.array([0, 0.05, -0.1, 0.2])
    logp = 1 + Z @ [0.5, -0.3] + d[period]
    np.testing.assert_allclose(time_dummy_hedonic(logp, period.astype(float), Z, 4), d, rtol=0, atol=1e-12)
    noisy = logp + rng.normal(0, 0.2, 120)
    plain = time_dummy_hedonic(noisy, period.astype(float), Z, 4)
    corrected = time_dummy_hedonic(noisy, period.astype(float), Z, 4, bias_correction=True)
    X = np.column_stack([(period[:, None] == np.arange(1, 4)), np.ones(120), Z]).astype(float)
    beta, rest, *_ = np.linalg.lstsq(X, noisy, rcond=None)
    variance = np.diag(np.linalg.inv(X.T @ X)) * rest[0] / (120 - 6)
    np.testing.assert_allclose(plain[1:], beta[:3], rtol=0, atol=1e-12)
    np.testing.assert_allclose(corrected[1:], beta[:3] - variance[:3] / 2, rtol=0, atol=1e-12)


def test_hedonic_drops_a_redundant_characteristic() -> None:
    rng = np.random.default_rng(10)
    period = np.repeat(np.arange(3.0), 8)
    z = rng.normal(size=24)
    logp = 0.4 * z + 0.1 * period + rng.normal(0, 0.1, 24)
    once = time_dummy_hedonic(logp, period, z[:, None], 3)
    twice = time_dummy_hedonic(logp, period, np.column_stack([z, 1 - 2 * z, np.ones(24)]), 3)
    np.testing.assert_allclose(twice, once, rtol=0, atol=1e-12)


def test_hedonic_is_no_number_where_periods_cannot_be_told_from_characteristics() -> None:
    period = np.repeat(np.arange(2.0), 5)
    assert np.isnan(time_dummy_hedonic(np.arange(10.0), period, period[:, None] * 2, 2)).all()
    assert np.isnan(time_dummy_hedonic(np.arange(5.0), np.zeros(5), np.ones((5, 1)), 2)).all(), "an empty period"
    two = np.repeat(np.arange(3.0), 4)
    dummies = (two[:, None] == np.arange(1, 3)).astype(float)
    assert np.isnan(time_dummy_hedonic(np.arange(12.0), two, dummies[:, :1], 3)).all()
