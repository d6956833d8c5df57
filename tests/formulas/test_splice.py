"""Splices against the definitions, on windows that agree, and on the manual's example."""

import math

import numpy as np
import pytest

from ellwand.formulas.panel import Array
from ellwand.formulas.splice import SPLICES, Levels, extend, link, splice_windows

FINISHED = [s for s in SPLICES if s not in ("fbew", "fbmw")]


def levels(*movements: float) -> Array:
    return np.cumprod([1.0, *movements])


@pytest.mark.parametrize(
    ("splice", "expected"),
    [
        ("movement", [1, 1, 2, 6, 30, 210]),
        ("window", [1, 1, 2, 6, 60, 630]),
        ("wisp", [1, 1, 2, 6, 60, 420]),
    ],
)
def test_three_windows(splice: str, expected: list[float]) -> None:
    """Windows given as movements (1,2,3), (3,4,5), (5,6,7)."""
    windows = [levels(1, 2, 3), levels(3, 4, 5), levels(5, 6, 7)]
    np.testing.assert_allclose(splice_windows(windows, splice), expected, rtol=1e-12)


def test_mean_of_three_windows() -> None:
    windows = [levels(1, 2, 3), levels(3, 4, 5), levels(5, 6, 7)]
    assert splice_windows(windows, "mean")[4] == pytest.approx((60 * 40 * 30) ** (1 / 3), rel=1e-12)
    assert splice_windows(windows[:2])[-1] == splice_windows(windows[:2], "mean")[-1], "mean is what is not said"


def windows_of(seed: int, T: int, w: int):
    """A different random series for every window: its levels by first and last period."""
    rng = np.random.default_rng(seed)
    made: dict[tuple[int, int], Array] = {}
    for last in range(T):
        for first in range(last):
            log = np.r_[0, np.cumsum(rng.normal(0, 0.1, last - first))]
            made[first, last] = log
    return made


def by_definition(made: dict[tuple[int, int], Array], T: int, w: int, splice: str) -> list[float]:
    """Levels from `f_j = (N[w]/N[j]) / (O[w]/O[j+1])`, counted from 1 as they are defined."""
    Y = np.exp(made[0, w - 1]).tolist()
    for t in range(w, T):
        N = [math.nan, *np.exp(made[t - w + 1, t])]
        old = [math.nan, *np.exp(made[t - w, t - 1])]
        if splice in ("wisp", "hasp", "mean_pub"):
            old = [math.nan, *Y[t - w : t]]
        f = {j: (N[w] / N[j]) / (old[w] / old[j + 1]) for j in range(1, w)}
        if splice in ("fbew", "fbmw"):
            base = max(b for b in range(1, T + 1, w - 1) if b < t + 1)
            if splice == "fbew":
                Y.append(Y[base - 1] * math.exp(made[base - 1, t][-1]))
            else:
                position = base - (t + 1 - w)
                Y.append(Y[base - 1] * N[w] / N[position])
            continue
        factor = {
            "movement": lambda f: f[w - 1],
            "window": lambda f: f[1],
            "half": lambda f: f[(w + 1) // 2],
            "mean": lambda f: math.prod(f.values()) ** (1 / (w - 1)),
        }[{"wisp": "window", "hasp": "half", "mean_pub": "mean"}.get(splice, splice)](f)
        Y.append(Y[-1] * factor)
    return Y


@pytest.mark.parametrize("w", [2, 3, 4, 5, 7])
@pytest.mark.parametrize("splice", SPLICES)
def test_against_the_definition(splice: str, w: int) -> None:
    T = 14
    made = windows_of(20 + w, T, w)
    log, reasons = extend(lambda a, b: Levels(made[a, b]), [True] * T, w, splice)
    np.testing.assert_allclose(np.exp(log), by_definition(made, T, w, splice), rtol=1e-12)
    assert reasons == [""] * T


@pytest.mark.parametrize("w", [2, 3, 5, 8])
@pytest.mark.parametrize("splice", SPLICES)
def test_windows_that_agree_give_the_series_back(splice: str, w: int) -> None:
    """A transitive source: every window is a cut of one series, and every splice returns that series."""
    series = np.cumsum(np.random.default_rng(1).normal(0, 0.1, 17))
    series -= series[0]
    log, _ = extend(lambda a, b: Levels(series[a : b + 1] - series[a]), [True] * 17, w, splice)
    np.testing.assert_allclose(log, series, rtol=0, atol=1e-12)


@pytest.mark.parametrize("splice", SPLICES)
def test_what_is_published_stays(splice: str) -> None:
    """More periods later change no level that was there before."""
    made = windows_of(5, 12, 5)
    short, _ = extend(lambda a, b: Levels(made[a, b]), [True] * 9, 5, splice)
    long, _ = extend(lambda a, b: Levels(made[a, b]), [True] * 12, 5, splice)
    assert long[:9].tobytes() == short.tobytes()


def test_a_window_without_estimate_has_a_reason_and_the_series_goes_on() -> None:
    series = np.arange(8) / 10

    def estimate(a: int, b: int) -> Levels:
        if b == 5:
            return Levels(np.full(b - a + 1, np.nan), "disconnected")
        return Levels(series[a : b + 1] - series[a])

    log, reasons = extend(estimate, [True] * 8, 4, "mean")
    assert np.isnan(log[5])
    assert reasons == ["", "", "", "", "", "disconnected", "", ""]
    np.testing.assert_allclose(np.delete(log, 5), np.delete(series, 5), rtol=0, atol=1e-12)


def test_a_period_without_data_has_a_reason() -> None:
    series = np.arange(8) / 10

    def estimate(a: int, b: int) -> Levels:
        out = series[a : b + 1] - series[a]
        if a <= 5 <= b:
            out[5 - a] = np.nan
        return Levels(out)

    log, reasons = extend(estimate, [True] * 5 + [False] + [True] * 2, 3, "movement")
    assert np.isnan(log[5])
    assert reasons[5] == "no data in this period"
    np.testing.assert_allclose(np.delete(log, 5), np.delete(series, 5), rtol=0, atol=1e-12)


def test_a_link_period_without_level_gives_no_number() -> None:
    new = np.array([0.0, np.nan, 0.2])
    assert math.isnan(link(new, np.array([np.nan, 0.1, np.nan]), 3, "mean"))
    assert math.isnan(link(new, np.array([np.nan, 0.1, np.nan]), 3, "window"))


def test_the_first_window_without_estimate_stops_the_series() -> None:
    log, reasons = extend(lambda a, b: Levels(np.full(3, np.nan), "disconnected"), [True] * 5, 3, "mean")
    assert np.isnan(log).all()
    assert reasons == ["disconnected"] * 3 + ["the first window is not computable: disconnected"] * 2


@pytest.mark.parametrize(
    ("windows", "splice", "message"),
    [
        ([[1, 2, 3], [1, 2, 3]], "median", "unknown splice 'median'.*movement"),
        ([[1, 2, 3], [1, 2, 3]], "fbew", "fbew"),
        ([[1, 2, 3], [1, 2]], "mean", "one length"),
        ([[1], [1]], "mean", "at least 2"),
        ([], "mean", "one length"),
    ],
)
def test_wrong_windows(windows: list[list[float]], splice: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        splice_windows([np.array(w, dtype=float) for w in windows], splice)
