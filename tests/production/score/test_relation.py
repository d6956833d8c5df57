"""The usual place of a series: what is flagged, what is not, and first prices against other first prices."""

from pathlib import Path

import numpy as np
import pytest

from ellwand.production.folder import read_folder
from ellwand.production.method import Relation
from ellwand.production.relation import Usual
from ellwand.production.validate import _middles, _others_middle


@pytest.fixture
def usual(market: Path) -> Usual:
    return Usual(read_folder(market), Relation(k=3.0))


def settled(usual: Usual, rng: np.random.Generator) -> np.ndarray:
    """Ten periods of prices that scatter by 0.6 % about constant levels; the last log prices."""
    n = usual.book.series
    series, level = np.arange(n), rng.normal(2, 1, n)
    before = np.full(n, np.nan)
    for _ in range(10):
        price = level + rng.normal(0, 0.006, n)
        usual.judge(series, price, before, np.ones(n))
        usual.learn(series, price, before, np.isnan(before))
        before = price
    return before


def test_a_price_off_its_usual_place_is_found_and_one_that_comes_back_is_not(usual: Usual) -> None:
    before = settled(usual, np.random.default_rng(1))
    n = usual.book.series
    series, price = np.arange(n), before.copy()
    price[::40] += 0.08
    low, high, hit = usual.judge(series, price, before, np.ones(n))
    assert hit[::40].mean() > 0.95 and hit.sum() == hit[::40].sum()
    judged = np.abs(price - before) > 1e-9
    assert (low[judged] < 1).all() and (high[judged] > 1).all()
    outside = (np.exp(price - before) < low) | (np.exp(price - before) > high)
    assert (outside == hit).all()
    # A price that comes back from a small error is where the series usually stands.
    wrong = usual.normal + 0.03
    _, _, back = usual.judge(series[::40], usual.normal[::40].copy(), wrong[::40], np.ones(len(series[::40])))
    assert not back.any()


def test_a_movement_of_the_whole_market_is_no_error(usual: Usual) -> None:
    before = settled(usual, np.random.default_rng(2))
    n = usual.book.series
    rng = np.random.default_rng(3)
    price = before + 0.06 + rng.normal(0, 0.006, n)
    _, _, hit = usual.judge(np.arange(n), price, before, np.ones(n))
    assert hit.mean() < 0.02


def test_middles() -> None:
    codes = np.array([2, 0, 2, 0, 2])
    values = np.array([5.0, 1.0, 1.0, 4.0, 3.0])
    assert _middles(codes, values, 3)[[0, 2]] == pytest.approx([2.5, 3.0]) and np.isnan(_middles(codes, values, 3)[1])
    rng = np.random.default_rng(4)
    codes, values = rng.integers(0, 12, 60), rng.normal(size=60)
    want = [
        np.median(values[(codes == codes[i]) & (np.arange(60) != i)]) if (codes == codes[i]).sum() > 1 else np.nan
        for i in range(60)
    ]
    assert _others_middle(codes, values) == pytest.approx(np.array(want), nan_ok=True)
