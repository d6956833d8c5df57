"""The arithmetic of scores on tables made by hand."""

import numpy as np
import pytest

from ellwand.production.score.arithmetic import (
    Found,
    group_movement,
    harmonic,
    holds,
    last_seen,
    log_error,
    mean,
    mean_square_root,
)

NAN = float("nan")


def test_flags_are_counted_against_errors() -> None:
    flagged = np.array([True, True, True, False, False, False])
    wrong = np.array([True, True, False, True, True, False])
    found = Found.of(flagged, wrong)
    assert (found.flagged, found.right, found.errors) == (3, 2, 4)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(1 / 2)
    assert found.f1 == pytest.approx(4 / 7)


def test_no_flag_and_no_error_have_no_figure_and_a_failure_has_zero() -> None:
    nothing = np.zeros(3, dtype=bool)
    one = np.array([True, False, False])
    assert Found.of(nothing, one).precision is None
    assert Found.of(nothing, one).recall == 0.0
    assert Found.of(one, nothing).recall is None
    assert Found.of(one, one[::-1]).f1 == 0.0
    assert harmonic(None, 0.5) is None


def test_means_leave_out_what_is_missing() -> None:
    assert mean_square_root(np.array([3.0, NAN, -4.0])) == pytest.approx(np.sqrt(12.5))
    assert mean(np.array([3.0, NAN, -4.0])) == pytest.approx(-0.5)
    assert mean_square_root(np.array([NAN])) is None and mean(np.array([])) is None


def test_index_and_truth_meet_in_their_first_common_period() -> None:
    index = np.array([[NAN, 100.0, 110.0, NAN, 121.0]])
    truth = np.array([[0.9, 2.0, 2.2, 2.3, 2.2]])
    error = log_error(index, truth)
    assert np.isnan(error[0, [0, 3]]).all()
    assert error[0, [1, 2, 4]] == pytest.approx([0.0, 0.0, np.log(1.1)])


def test_an_interval_holds_its_ends() -> None:
    low, high = np.array([1.0, 1.0, 1.0, NAN]), np.array([2.0, 2.0, 2.0, 2.0])
    assert holds(low, high, np.array([1.0, 2.0, 2.1, 1.5])) == pytest.approx(2 / 3)
    assert holds(low, high, np.full(4, NAN)) is None


def test_last_seen_lies_before() -> None:
    seen = np.array([[True, False, False, True, False], [False, False, True, False, False]])
    assert last_seen(seen).tolist() == [[-1, 0, 0, 0, 3], [-1, -1, -1, 2, 2]]


def test_groups_move_with_the_mean_of_their_donors_or_of_all() -> None:
    step = np.array([[NAN, 0.1, 0.2], [NAN, 0.3, NAN], [NAN, 0.5, 0.6]])
    donor = np.array([[False, True, True], [False, True, False], [False, False, True]])
    moved = group_movement(step, donor, np.array([0, 0, 1]), 2)
    # The second group has no donor in the second period and moves as all: 0.2.
    assert moved == pytest.approx(np.array([[0.0, 0.2, 0.4], [0.0, 0.2, 0.8]]))
    assert group_movement(step, np.zeros_like(donor), np.array([0, 0, 1]), 2).tolist() == [[0.0] * 3] * 2
