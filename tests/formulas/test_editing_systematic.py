"""Errors by a known factor, slips of digits, and the order of review."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ellwand.formulas.selective import review
from ellwand.formulas.systematic import FACTORS, SLIPS, digit_slips, systematic_errors


def test_every_factor_is_found_and_undone() -> None:
    names = list(FACTORS)
    factor = np.array(list(FACTORS.values()))
    got = systematic_errors(factor * 1.003, 20.0 * factor)
    assert [got.names[c] for c in got.code] == names
    np.testing.assert_allclose(got.proposed, 20.0)
    np.testing.assert_allclose(got.factor, factor)
    np.testing.assert_allclose(got.distance, np.log(1.003), rtol=1e-9)
    assert (got.hits == 1).all()


def test_the_tolerance_is_in_logs() -> None:
    r = 10 * np.exp([0.0039, 0.0041, -0.0039, -0.0041])
    assert (systematic_errors(r, r).code >= 0).tolist() == [True, False, True, False]
    assert (systematic_errors([1.0, 1.004, np.nan, 1.05], [1.0, 1.0, 1.0, 1.0]).code == -1).all()


def test_factors_of_the_specification() -> None:
    kg_per_m = 180 / 1000 * 1.5
    own = {"kg per metre": [kg_per_m, kg_per_m, np.nan, 1.005], "tax": 1.13, "exchange rate": 7.1}
    got = systematic_errors([kg_per_m, 1 / kg_per_m, kg_per_m, 1.005], [8.1, 111.1, 8.1, 10.0], own=own)
    assert [got.names[c] if c >= 0 else "" for c in got.code] == ["kg per metre", "1 / kg per metre", "", ""]
    np.testing.assert_allclose(got.proposed[:2], [30, 30], rtol=1e-3)
    assert np.isnan(got.proposed[2:]).all()
    tax = systematic_errors([1.13, 1 / 1.13, 7.1, 1 / 7.1], [1.0] * 4, own=own)
    assert [tax.names[c] for c in tax.code] == ["tax", "1 / tax", "exchange rate", "1 / exchange rate"]


def test_two_factors_at_one_place_are_told() -> None:
    got = systematic_errors([0.1, 0.1012], [3.0, 3.0], own={"kg per metre": [0.1004, 0.1012]})
    assert got.hits.tolist() == [2, 1]
    assert got.names[got.code[0]] == "a tenth"
    assert got.names[got.code[1]] == "kg per metre"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ratio": [0.0], "price": [1.0]}, "ratio at position 0"),
        ({"ratio": [1.0], "price": [1.0, 2.0]}, "equal length"),
        ({"ratio": [1.0], "price": [1.0], "tolerance": 0}, "tolerance"),
        ({"ratio": [1.0, 1.0], "price": [1.0, 1.0], "own": {"kg": [1.0]}}, "factor 'kg' has the shape"),
        ({"ratio": [1.0], "price": [1.0], "own": {"kg": [-1.0]}}, "factor 'kg' at position 0"),
    ],
)
def test_wrong_factors_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        systematic_errors(**arguments)


@pytest.mark.parametrize(
    ("price", "reference", "kind", "proposed"),
    [
        (51.2, 15.2, "swapped digits", 15.2),
        (12.8, 18.2, "swapped digits", 18.2),
        (12.05, 12.5, "", None),
        (0.35, 0.53, "swapped digits", 0.53),
        (72.0, 12.0, "wrong digit", 12.0),
        (16.4, 18.4, "wrong digit", 18.4),
        (18.4, 18.41, "", None),
        (40.0, 17.3, "", None),
        (1234.5, 1324.5, "swapped digits", 1324.5),
        (20.0, 2.0, "", None),
        (np.nan, 5.0, "", None),
        (5.0, np.nan, "", None),
    ],
)
def test_slips(price: float, reference: float, kind: str, proposed: float | None) -> None:
    got = digit_slips([price], [reference], apart=0.05)
    assert (SLIPS[got.code[0]] if got.code[0] >= 0 else "") == kind
    if proposed is not None:
        assert got.proposed[0] == pytest.approx(proposed)
    else:
        assert np.isnan(got.proposed[0])


def brute(price: int, reference: float) -> tuple[float, float]:
    """Least log distance by swaps and by replaced digits of the decimal text."""
    text = str(price)
    swaps = {text[:k] + text[k + 1] + text[k] + text[k + 2 :] for k in range(len(text) - 1)}
    typos = {text[:k] + d + text[k + 1 :] for k in range(len(text)) for d in "0123456789"}
    best = []
    for texts in (swaps, typos):
        good = [int(t) for t in texts if t != text and not t.startswith("0")]
        best.append(min((abs(np.log(v / reference)) for v in good), default=np.inf))
    return best[0], best[1]


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 9_999_999), st.floats(1.0, 1e7))
def test_slips_against_every_slip_of_the_text(price: int, reference: float) -> None:
    got = digit_slips([price / 100], [reference / 100], tolerance=0.05, apart=0.05, decimals=2)
    swap, typo = brute(price, reference)
    if abs(np.log(price / reference)) <= 0.05:
        assert got.code[0] == -1
    elif swap <= 0.05:
        assert got.code[0] == 0
        assert got.distance[0] == pytest.approx(swap, abs=1e-9)
    elif typo <= 0.05:
        assert got.code[0] == 1
        assert got.distance[0] == pytest.approx(typo, abs=1e-9)
    else:
        assert got.code[0] == -1


def test_too_many_places_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 2 places"):
        digit_slips([1.234], [9.0], decimals=2)
    with pytest.raises(ValueError, match="price at position 0"):
        digit_slips([0.0], [9.0])
    with pytest.raises(ValueError, match="equal length"):
        digit_slips([1.0], [9.0, 1.0])


# --- selective editing ---


def test_the_example_of_the_handbook() -> None:
    got = review((100, 52, 990, 31), (98, 50, 99, 30), (1, 2, 1, 4))
    assert got.total.tolist() == [417]
    assert np.round(got.score, 4).tolist() == [0.0048, 0.0096, 2.1367, 0.0096]
    assert got.order.tolist() == [2, 1, 3, 0]
    assert np.round(got.remaining, 4).tolist() == [2.1607, 0.0240, 0.0144, 0.0048, 0.0]
    assert got.number == 3


def test_the_worst_variable_decides() -> None:
    x, expected = [[100, 52, 99], [1, 1, 9]], [[98, 50, 99], [1, 1, 1]]
    got = review(x, expected, (1, 1, 1))
    np.testing.assert_allclose(got.score, [2 / 247, 2 / 247, 8 / 3])
    assert got.order.tolist() == [2, 0, 1]
    np.testing.assert_allclose(got.remaining, [8 / 3, 4 / 247, 2 / 247, 0])
    assert got.number == 2
    assert review(x, expected, (1, 1, 1), share=0.02).number == 1


def test_a_total_of_ones_own_and_nothing_to_review() -> None:
    got = review([10.0, 20.0], [10.0, 20.0], [1, 1], total=[1000.0])
    assert got.number == 0
    assert (got.remaining == 0).all()
    assert review([11.0, 20.0], [10.0, 20.0], [1, 1], total=100.0).number == 0, "exactly the share may remain"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1], [1, 1]), "same units"),
        (([1, np.nan], [1, 2], [1, 1]), "x: the value of unit 1"),
        (([1, 2], [1, np.nan], [1, 1]), "predicted: the value of unit 1"),
        (([1, 2], [1, 2], [1, -1]), "weights"),
        (([1, 2], [0, 0], [1, 1]), "total"),
    ],
)
def test_scores_of_wrong_input_are_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        review(*arguments)


def test_a_share_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        review([1], [1], [1], share=-0.1)
