"""The closed form of the variance of a change: equal to the delete-one jackknife, and what the bootstrap tends to."""

import numpy as np
import pytest

from ellwand.formulas.linear_variance import change_se
from ellwand.formulas.variance import Pairs, bootstrap_draws, deviations, jackknife_draws, standard_error


def market(seed: int, singles: bool = False) -> tuple[Pairs, np.ndarray]:
    """Three aggregates, items of one to three units, gaps; units in three strata."""
    rng = np.random.default_rng(seed)
    units, T = 24, 6
    item = np.repeat(np.arange(20), rng.integers(1, 4, 20))
    ea = np.sort(rng.integers(0, 3, 20))[item]
    unit = np.array([rng.choice(units) for _ in item])
    x = rng.normal(0.0, 0.02, (len(item), T))
    x[rng.random(x.shape) < 0.15] = np.nan
    stratum = np.arange(units) % 3
    if singles:
        stratum[-1] = 9
    return Pairs(x, ea, unit, item), stratum


def shares(T: int, weights: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Each aggregate by itself, then all with fixed shares."""
    out = [(e, np.repeat(np.eye(3)[e][:, None], T, axis=1)) for e in range(3)]
    return [*out, (3, np.repeat((weights / weights.sum())[:, None], T, axis=1))]


@pytest.mark.parametrize("singles", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equal_to_the_jackknife(seed: int, singles: bool) -> None:
    pairs, stratum = market(seed, singles)
    T = pairs.relatives.shape[1]
    weights = np.array([2.0, 1.0, 3.0])
    previous = np.array([-1, 0, 1, 1, 3, 4])
    found = change_se(pairs, stratum, shares(T, weights), 4, previous, conditional_on_items=True)
    draws = jackknife_draws(stratum)
    level = dict(deviations(pairs, draws, conditional_on_items=True))
    at = np.flatnonzero(previous >= 0)
    steps = {e: d[at] - d[previous[at]] for e, d in level.items()}
    steps[3] = sum(w * steps[e] for e, w in enumerate(weights / weights.sum()))
    for g, step in steps.items():
        # The point estimate deviates from itself by nothing.
        np.testing.assert_allclose(found[g, at], standard_error(step, draws, np.zeros(len(at))), rtol=1e-12)
    assert np.isnan(found[:, 0]).all()


def test_what_the_bootstrap_tends_to() -> None:
    pairs, stratum = market(7)
    T = pairs.relatives.shape[1]
    previous = np.arange(-1, T - 1)
    found = change_se(pairs, stratum, shares(T, np.ones(3)), 4, previous, conditional_on_items=True)
    draws = bootstrap_draws(stratum, 20_000, 5)
    for e, level in deviations(pairs, draws, conditional_on_items=True):
        np.testing.assert_allclose(found[e, 1:], standard_error(np.diff(level, axis=0), draws), rtol=0.03)


def test_items_that_vary_add_to_the_error() -> None:
    pairs, stratum = market(11)
    T = pairs.relatives.shape[1]
    rng = np.random.default_rng(3)
    pairs.relatives += rng.normal(0.0, 0.2, (20, T))[pairs.item]
    previous = np.arange(-1, T - 1)
    fixed = change_se(pairs, stratum, shares(T, np.ones(3)), 4, previous, conditional_on_items=True)
    sampled = change_se(pairs, stratum, shares(T, np.ones(3)), 4, previous)
    assert (sampled[3, 1:] > 1.2 * fixed[3, 1:]).all()


def test_a_class_without_pairs_has_no_error() -> None:
    pairs, stratum = market(13)
    T = pairs.relatives.shape[1]
    pairs.relatives[:, 2] = np.nan
    found = change_se(pairs, stratum, shares(T, np.ones(3)), 5, np.arange(-1, T - 1), conditional_on_items=True)
    assert np.isnan(found[:, 2]).all()
    assert np.isnan(found[4]).all()
    assert np.isfinite(found[:4, 3]).all()
