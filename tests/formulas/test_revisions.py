"""Revision statistics: the worked example and a plain reading of the robust standard error."""

import numpy as np
import pytest

from ellwand.formulas.revisions import revision_statistics, robust_se_of_mean

EARLIER = [0.5, -0.2, 0.3, 0.0, 0.8, -0.1]
LATER = [0.6, -0.1, 0.2, 0.1, 0.7, -0.3]


def test_worked() -> None:
    r = revision_statistics(EARLIER, LATER)
    assert r.n == 6
    assert r.mean == pytest.approx(-0.0167, abs=5e-5)
    assert r.mean_absolute == pytest.approx(0.1167, abs=5e-5)
    assert r.relative == pytest.approx(0.35, abs=1e-12)
    assert r.sd == pytest.approx(0.1329, abs=5e-5)
    assert r.sign_agreement == pytest.approx(0.833, abs=5e-4)
    assert r.t == pytest.approx(r.mean / r.se)


@pytest.mark.parametrize("lags", [0, 1, 4])
def test_robust_error(lags: int) -> None:
    x = np.cumsum(np.random.default_rng(1).normal(size=40))
    e = x - x.mean()
    total = 0.0
    for i in range(40):
        for j in range(40):
            if abs(i - j) <= lags:
                total += (1 - abs(i - j) / (lags + 1)) * e[i] * e[j]
    assert robust_se_of_mean(x, lags) == pytest.approx(np.sqrt(total / (40 * 39)), rel=1e-12)
    assert robust_se_of_mean(x, 0) == pytest.approx(x.std(ddof=1) / np.sqrt(40), rel=1e-12)


def test_autocorrelation_widens_the_error() -> None:
    rng = np.random.default_rng(2)
    e = rng.normal(size=400)
    x = e.copy()
    for t in range(1, 400):
        x[t] += 0.7 * x[t - 1]
    assert revision_statistics(np.zeros(400), x).se > 1.5 * robust_se_of_mean(x, 0)
    assert revision_statistics(np.zeros(400), x).lags == 5


def test_the_robust_test_keeps_its_level() -> None:
    """Revisions without a mean: t beyond 1.96 in about 5 % of cases."""
    rng = np.random.default_rng(3)
    t = [revision_statistics(np.zeros(120), rng.normal(size=120)).t for _ in range(600)]
    assert 0.03 < np.mean(np.abs(t) > 1.96) < 0.09


def test_missing_pairs_and_nothing() -> None:
    assert revision_statistics([*EARLIER, 1.0, np.nan], [*LATER, np.nan, 1.0]) == revision_statistics(EARLIER, LATER)
    empty = revision_statistics([np.nan], [1.0])
    assert empty.n == 0
    assert np.isnan([empty.mean, empty.relative, empty.t]).all()
    one = revision_statistics([1.0], [1.5])
    assert (one.mean, one.mean_absolute) == (0.5, 0.5)
    assert np.isnan([one.sd, one.se, one.t]).all()
    same = revision_statistics(EARLIER, EARLIER)
    assert (same.mean, same.relative, same.sign_agreement) == (0.0, 0.0, 1.0)
    assert np.isnan(same.t), "no revision at all has no t"


def test_wrong_input() -> None:
    with pytest.raises(ValueError, match="same periods"):
        revision_statistics([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="lags is -1"):
        revision_statistics(EARLIER, LATER, lags=-1)
