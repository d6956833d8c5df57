"""Measures of dissimilarity against loops, their properties, and linking along the least unlike periods."""

import math

import numpy as np
import pytest

from ellwand.formulas.bilateral import FISHER
from ellwand.formulas.dissimilarity import MEASURES, dissimilarity, pairwise, similarity_linked
from ellwand.formulas.panel import Panel


def drawn(seed: int, missing: float = 0.3) -> Panel:
    rng = np.random.default_rng(seed)
    sold = rng.random((9, 5)) >= missing
    sold[:2] = True
    return Panel(np.exp(rng.normal(0, 0.5, (9, 5))) * sold, np.exp(rng.normal(1, 0.7, (9, 5))) * sold)


def slow(measure: str, p: Panel, a: int, b: int) -> float:
    """One pair, product after product."""
    rows = [(p.P[i, a], p.Q[i, a], p.P[i, b], p.Q[i, b]) for i in range(len(p.P))]
    both = [r for r in rows if r[0] > 0 and r[2] > 0]
    v0, vt = sum(x[0] * x[1] for x in both), sum(x[2] * x[3] for x in both)
    L = sum(x[2] * x[1] for x in both) / v0
    P = vt / sum(x[0] * x[3] for x in both)
    F = math.sqrt(L * P)
    shares = [(x[0] * x[1] / v0, x[2] * x[3] / vt) for x in both]
    if measure == "plspread":
        return abs(math.log(L / P))
    if measure == "logquadratic":
        return sum((s + u) / 2 * math.log(x[2] / x[0] / F) ** 2 for (s, u), x in zip(shares, both, strict=True))
    if measure == "asymplinear":
        r = [x[2] / x[0] / F for x in both]
        return sum((s + u) / 2 * (y + 1 / y - 2) for (s, u), y in zip(shares, r, strict=True))
    if measure == "predictedshare":
        total = [sum(x[i] * x[j] for x in rows) for i, j in ((0, 1), (2, 3), (2, 1), (0, 3))]
        base = sum((x[0] * x[1] / total[0] - x[2] * x[1] / total[2]) ** 2 for x in rows)
        return base + sum((x[2] * x[3] / total[1] - x[0] * x[3] / total[3]) ** 2 for x in rows)
    if measure == "spq":
        cross = [sum(x[0] * x[3] for x in both), sum(x[2] * x[1] for x in both)]
        dp = dq = 0.0
        for (s, u), x in zip(shares, both, strict=True):
            first, second = x[0] * x[3] / cross[0], x[2] * x[1] / cross[1]
            dp += (s + u) / 2 * ((u - first) ** 2 + (s - second) ** 2)
            dq += (s + u) / 2 * ((u - second) ** 2 + (s - first) ** 2)
        return min(dp, dq)
    parts = []
    for i, j in ((0, 2), (1, 3)):
        y = [math.log(x[j] / x[i]) for x in both]
        mean = sum(y) / len(y)
        parts.append((sum((z - mean) ** 2 for z in y) / len(y), mean**2))
    if measure == "mix":
        return math.sqrt(parts[0][0] * parts[1][0])
    if measure == "scale":
        return math.sqrt(parts[0][1] * parts[1][1])
    return math.sqrt(sum(parts[0]) * sum(parts[1]))


@pytest.mark.parametrize("measure", MEASURES)
def test_against_a_loop(measure: str) -> None:
    p = drawn(1)
    D = dissimilarity(p, measure)
    expected = [[slow(measure, p, a, b) for b in range(5)] for a in range(5)]
    np.testing.assert_allclose(D, expected, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("measure", MEASURES)
def test_symmetric_never_negative_and_zero_on_itself(measure: str) -> None:
    D = dissimilarity(drawn(2), measure)
    np.testing.assert_allclose(D, D.T, rtol=1e-10, atol=1e-13)
    assert (D >= 0).all()
    np.testing.assert_allclose(np.diag(D), 0, rtol=0, atol=1e-13)


@pytest.mark.parametrize("measure", ["plspread", "logquadratic", "asymplinear", "predictedshare", "spq", "mix"])
def test_proportional_prices_are_alike(measure: str) -> None:
    p = drawn(3, missing=0)
    P = p.P[:, :1] * np.array([[1, 2, 0.5, 7, 1.1]])
    np.testing.assert_allclose(dissimilarity(Panel(P, p.Q), measure), 0, rtol=0, atol=1e-12)


def test_no_matched_products_is_no_number() -> None:
    P = np.array([[1.0, 0.0], [0.0, 2.0]])
    assert np.isnan(dissimilarity(Panel(P, P), "logquadratic")[0, 1])


def test_unknown_measure() -> None:
    with pytest.raises(ValueError, match=r"unknown dissimilarity measure 'cosine'.*plspread"):
        dissimilarity(drawn(4), "cosine")


def test_missing_written_as_nan_or_zero_and_upper_case() -> None:
    p = drawn(5)
    P, Q = (np.where(p.sold, x, np.nan) for x in (p.P, p.Q))
    assert pairwise(P, Q, "PLSpread").tobytes() == dissimilarity(p, "plspread").tobytes()


def test_linked_along_the_most_similar_earlier_period() -> None:
    """Period 3 returns to the prices of period 1: it is linked to it and its level returns too."""
    P = np.array([[1, 3, 1], [1, 0.5, 1], [2, 2, 2.0]])
    Q = np.array([[1, 1, 4], [3, 5, 1], [2, 1, 2.0]])
    levels = similarity_linked(Panel(P, Q), FISHER, "logquadratic")
    assert levels[2] == pytest.approx(0, abs=1e-12)
    assert abs(levels[1]) > 0.001


@pytest.mark.parametrize(("measure", "through"), [("plspread", 0), ("spq", 1)])
def test_which_period_wins_a_tie(measure: str, through: int) -> None:
    """One product: every pair is equally alike. Fisher is replaced by links that tell the way taken."""

    class Told:
        def terms(self):
            return None

        def all_pairs(self, panel: Panel):
            return np.array([[0, 10, 1], [0, 0, 2], [0, 0, 0.0]])

    p = Panel(np.ones((1, 3)), np.ones((1, 3)))
    level = similarity_linked(p, Told(), measure)[2]  # type: ignore[arg-type]
    assert level == {0: 1.0, 1: 12.0}[through]


def test_no_earlier_period_with_common_products() -> None:
    P = np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 2.0]])
    levels = similarity_linked(Panel(P, P), FISHER, "plspread")
    assert np.isfinite(levels[:2]).all()
    assert np.isnan(levels[2])
