"""Samples: inclusion probabilities are kept, certainty units are in, rotation exchanges what it states."""

import numpy as np
import pytest

from ellwand.formulas.sampling import cut_off, inclusion_probabilities, rotate, systematic_pps


def test_cut_off() -> None:
    taken, held = cut_off(np.array([5.0, 50, 20, 20, 5]), 0.7)
    assert taken.tolist() == [False, True, True, False, False]
    assert held == pytest.approx(0.7)
    taken, held = cut_off(np.array([5.0, 50, 20, 20, 5]), 0.71)
    assert taken.tolist() == [False, True, True, True, False]
    assert held == pytest.approx(0.9)
    assert cut_off(np.array([0.1, 0.2, 0.3]), 1.0)[0].all()
    with pytest.raises(ValueError, match="share is 0"):
        cut_off(np.array([1.0]), 0.0)


def test_probabilities_are_proportional_and_certainty_repeats() -> None:
    size = np.array([100.0, 30, 10, 10, 10, 10, 10, 10, 10])
    pi, certain = inclusion_probabilities(size, 4)
    # n x / X = 2 for the first; then 3 * 30 / 100 = 0.9 for the second.
    np.testing.assert_allclose(pi, [1, 0.9, *[0.3] * 7], rtol=1e-14)
    assert certain.tolist() == [True] + [False] * 8
    pi, certain = inclusion_probabilities(np.array([100.0, 40, 10, 10, 10, 10, 10, 10]), 4)
    # 3 * 40 / 100 = 1.2: certain in the second turn; then 2 / 6.
    np.testing.assert_allclose(pi, [1, 1, *[1 / 3] * 6], rtol=1e-14)
    assert certain.sum() == 2
    assert inclusion_probabilities(np.array([3.0, 2, 1]), 3)[1].all()


@pytest.mark.parametrize("in_order", [False, True])
def test_systematic_pps_keeps_its_probabilities(in_order: bool) -> None:
    size = np.array([60.0, 18, 9, 7, 5, 4, 3, 2, 1, 0])
    runs = 2000
    hits = np.zeros(10)
    for seed in range(runs):
        s = systematic_pps(size, 4, seed, in_order=in_order)
        assert len(s.chosen) == 4 == len(set(s.chosen.tolist()))
        hits[s.chosen] += 1
    error = np.sqrt(s.probability * (1 - s.probability) / runs)
    assert (np.abs(hits / runs - s.probability) <= 4.5 * error).all()
    assert s.probability.sum() == pytest.approx(4)
    assert hits[0] == runs
    assert hits[9] == 0


def test_equal_seeds_give_equal_samples() -> None:
    size = np.random.default_rng(1).lognormal(size=500)
    assert (systematic_pps(size, 60, 5).chosen == systematic_pps(size, 60, 5).chosen).all()
    assert (systematic_pps(size, 60, 5).chosen != systematic_pps(size, 60, 6).chosen).any()


def test_rotation() -> None:
    size = np.random.default_rng(2).lognormal(size=400)
    rounds = list(rotate(size, 80, 0.25, 8, seed=3))
    certain = systematic_pps(size, 80, 3).certainty
    moving = 80 - int(certain.sum())
    for k, r in enumerate(rounds):
        assert len(r.in_force) == 80
        assert np.isin(np.flatnonzero(certain), r.in_force).all()
        if k:
            assert len(r.overlap) == len(r.entered) == int(np.floor(0.25 * moving + 0.5))
            before = rounds[k - 1].in_force
            assert np.isin(r.overlap, before).all(), "who is priced once more was in force"
            assert not np.isin(r.overlap, r.in_force).any()
            assert not np.isin(r.entered, before).any()
            assert set(before) - set(r.overlap) | set(r.entered) == set(r.in_force)
    # First in, first out: who came in after the first round stays for 1 / 0.25 rounds, give or take one.
    in_force = np.zeros((8, 400), dtype=bool)
    for k, r in enumerate(rounds):
        in_force[k, r.in_force] = True
    for k in (1, 2):
        for u in rounds[k].entered.tolist():
            assert int(np.argmin(in_force[k:, u])) in (3, 4, 5)


def test_rotation_without_share_and_with_too_few() -> None:
    size = np.ones(10)
    still = list(rotate(size, 6, 0.0, 4, seed=1))
    assert all((r.in_force == still[0].in_force).all() and not r.entered.size for r in still[1:])
    with pytest.raises(ValueError, match="round 1: 5 units leave and 4 wait"):
        list(rotate(size, 6, 0.8, 3, seed=1))


@pytest.mark.parametrize(
    ("size", "n", "found"),
    [
        ([1.0, -1.0], 1, r"size\[1\] is -1.0"),
        ([1.0, np.nan], 1, r"size\[1\] is nan"),
        ([0.0, 0.0], 1, "sum to 0"),
        ([1.0, 0.0, 2.0], 3, "n is 3; give 1 to 2"),
        ([1.0, 2.0], 0, "n is 0"),
    ],
)
def test_wrong_input(size: list[float], n: int, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        systematic_pps(np.array(size), n, 1)


def test_wrong_share() -> None:
    with pytest.raises(ValueError, match=r"share is 1.5"):
        rotate(np.ones(5), 2, 1.5, 3, seed=1)
