"""Imputation by movement: the worked example, the ladder against a plain reading of it, and its properties."""

import numpy as np
import pytest

from ellwand.formulas.donors import dutot_ladder, dutot_movements, jevons_movements, ladder, shares
from ellwand.formulas.means import generalized_mean
from ellwand.formulas.panel import Array

NAN = np.nan
PRICES = np.array([[10, 20, 8, 12], [10.5, 20, 8.4, 12.6], [11, 19, 8.8, NAN], [11, 19.5, 8.8, 13.2]])
"""Periods x quotes of the worked example; the last quote is missing in period 2."""


def test_worked_jevons() -> None:
    move = ladder([np.zeros(4, int)], np.log(PRICES[2] / PRICES[1]))
    assert move.value[3] == pytest.approx(1.0140129, abs=5e-8)
    assert (move.level[3], move.donors[3]) == (0, 3)
    imputed = PRICES[1, 3] * move.value[3]
    assert imputed == pytest.approx(12.776562, abs=5e-7)
    whole = np.append(PRICES[2, :3], imputed)
    assert 100 * np.exp(np.log(whole / PRICES[0]).mean()) == pytest.approx(105.18055, abs=5e-6)
    carried = np.append(PRICES[2, :3], PRICES[1, 3])
    assert 100 * np.exp(np.log(carried / PRICES[0]).mean()) == pytest.approx(104.81527, abs=5e-6)


def test_worked_dutot() -> None:
    move = dutot_ladder([np.zeros(4, int)], PRICES[1], PRICES[2])
    assert move.value[3] == pytest.approx(0.9974293, abs=5e-8)
    assert PRICES[1, 3] * move.value[3] == pytest.approx(12.567609, abs=5e-7)


def test_worked_return_corrects_itself() -> None:
    """The returned price is compared with the last imputed one: chained equals direct."""
    move = ladder([np.zeros(4, int)], np.log(PRICES[2] / PRICES[1])).value[3]
    filled = PRICES.copy()
    filled[2, 3] = PRICES[1, 3] * move
    chained = 100 * np.prod([np.exp(np.log(filled[t] / filled[t - 1]).mean()) for t in (1, 2, 3)])
    assert chained == pytest.approx(106.73225, abs=5e-6)
    assert chained == pytest.approx(100 * np.exp(np.log(filled[3] / filled[0]).mean()), rel=1e-14)


def test_short_run_equals_long_run_jevons() -> None:
    """On the same donors, whose prices are there in every period."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        p = np.exp(rng.normal(2, 0.5, 12) + np.cumsum(rng.normal(0, 0.05, (9, 12)), axis=0))
        p[3:, 8:] = NAN
        everyone = np.zeros(12, int)
        short = p[2].copy()
        for t in range(3, 9):
            short = short * jevons_movements(everyone, np.log(p[t] / p[t - 1])).value[0]
        long = p[0] * jevons_movements(everyone, np.log(p[8] / p[0])).value[0]
        # Long-run from the last price seen, because the quotes had movements of their own until then.
        since = p[2] * jevons_movements(everyone, np.log(p[8] / p[2])).value[0]
        np.testing.assert_allclose(short[8:], since[8:], rtol=1e-12)
        donors = p[:, :8]
        start = np.exp(np.log(donors[2] / donors[0]).mean())
        np.testing.assert_allclose(p[0, 8:] * start * (short[8:] / p[2, 8:]), long[8:], rtol=1e-12)


def plain(levels: list[np.ndarray], x: Array, minimum: int) -> list[tuple[float, int, int]]:
    out = []
    for i in range(len(x)):
        found = (NAN, -1, 0)
        for k, g in enumerate(levels):
            donors = [x[j] for j in range(len(x)) if g[j] == g[i] >= 0 and not np.isnan(x[j])]
            if len(donors) >= minimum:
                found = (float(np.exp(np.mean(donors))), k, len(donors))
                break
        out.append(found)
    return out


@pytest.mark.parametrize("minimum", [1, 3, 6])
@pytest.mark.parametrize("seed", range(5))
def test_ladder_as_it_is_told(seed: int, minimum: int) -> None:
    rng = np.random.default_rng(seed)
    n = 120
    ea = rng.integers(12, size=n)
    fine = np.where(rng.random(n) < 0.1, -1, ea * 3 + rng.integers(3, size=n))
    levels = [fine, ea, ea // 4, np.zeros(n, int)]
    x = np.where(rng.random(n) < 0.4, NAN, rng.normal(0, 0.05, n))
    got = ladder(levels, x, minimum=minimum)
    expected = plain(levels, x, minimum)
    np.testing.assert_allclose(got.value, [e[0] for e in expected], rtol=1e-13)
    assert got.level.tolist() == [e[1] for e in expected]
    assert got.donors.tolist() == [e[2] for e in expected]
    order = rng.permutation(n)
    turned = ladder([g[order] for g in levels], x[order], minimum=minimum)
    np.testing.assert_allclose(turned.value, got.value[order], rtol=1e-13)
    assert (turned.level == got.level[order]).all()
    assert shares(got, np.isnan(x)).sum() == pytest.approx(1.0)


def test_change_of_units() -> None:
    """The Jevons movement does not know the units of the prices; the Dutot movement does."""
    rng = np.random.default_rng(3)
    before, now = rng.uniform(1, 100, (2, 40))
    factor = rng.choice([1, 0.9144, 1000], 40)
    group = rng.integers(4, size=40)
    a = jevons_movements(group, np.log(now / before)).value
    np.testing.assert_allclose(jevons_movements(group, np.log((now * factor) / (before * factor))).value, a, rtol=1e-12)
    d, e = dutot_movements(group, before, now).value, dutot_movements(group, before * factor, now * factor).value
    assert np.abs(d / e - 1).max() > 0.01
    np.testing.assert_allclose(dutot_movements(group, before * 7, now * 7).value, d, rtol=1e-13)


def test_order_of_elementary_means() -> None:
    """Harmonic <= Jevons <= Carli, equal only if all relatives are; the movement is the Jevons mean among them."""
    rng = np.random.default_rng(5)
    for n in (2, 3, 10, 60):
        for spread in (1e-3, 0.1, 1.0):
            r = np.exp(rng.normal(0, spread, n))
            jevons = jevons_movements(np.zeros(n, int), np.log(r)).value[0]
            assert generalized_mean(r, None, -1) < jevons < generalized_mean(r, None, 1)
            before = rng.uniform(1, 9, n)
            dutot = dutot_movements(np.zeros(n, int), before, before * r).value[0]
            assert r.min() < dutot < r.max()
    same = np.full(7, 1.03)
    for r in (-1, 0, 1):
        assert generalized_mean(same, None, r) == pytest.approx(1.03, rel=1e-14)
    assert jevons_movements(np.zeros(7, int), np.log(same)).value[0] == pytest.approx(1.03, rel=1e-14)


def test_weights_and_empty_groups() -> None:
    x = np.log([1.1, 1.2, 1.0, NAN])
    got = jevons_movements(np.array([0, 0, 2, 1]), x, 4, np.array([3.0, 1.0, 0.0, 1.0]))
    assert got.value[0] == pytest.approx(1.1**0.75 * 1.2**0.25, rel=1e-14)
    assert np.isnan(got.value[1:]).all(), "a group without a donor has no movement"
    assert got.donors.tolist() == [2, 0, 0, 0], "one of weight 0 is no donor"


def test_none_is_said_not_guessed() -> None:
    got = ladder([np.array([0, 0, 1]), np.array([-1, -1, -1])], np.array([0.1, NAN, NAN]), minimum=[2, 1])
    assert got.level.tolist() == [-1, -1, -1]
    assert np.isnan(got.value).all()
    assert shares(got).tolist() == [1.0]


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match="minimum is 0"):
        ladder([np.zeros(2, int)], np.zeros(2), minimum=0)
    with pytest.raises(ValueError, match="one for each of 1 levels"):
        ladder([np.zeros(2, int)], np.zeros(2), minimum=[1, 2])
    with pytest.raises(ValueError, match=r"levels\[0\] has 3 elements and there are 2 ratios"):
        ladder([np.zeros(3, int)], np.zeros(2))
    with pytest.raises(ValueError, match="levels is empty"):
        ladder([], np.zeros(2))
