"""Replacement and quality change: worked numbers, regressions against other ways to the same figures, and the page."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ellwand.formulas.panel import Array
from ellwand.formulas.quality import (
    Fit,
    class_mean,
    coding,
    double_imputation,
    hedonic_fit,
    hedonic_fits,
    option_cost,
    overlap,
    pure_change,
    quality_ratio,
    reprice,
    size_change,
)

NAN = np.nan
PAGE = Path(__file__).parents[2] / "docs" / "quality-change.md"


def test_worked_width() -> None:
    """150 cm at 15.0 per metre becomes 160 cm at 15.6 per metre: 0.975."""
    change = size_change(15.6, "m", 15.0, "m", "m2", new_width_cm=160, old_width_cm=150)
    assert change == pytest.approx(0.975, abs=1e-12)
    # The same by the quality ratio of the widths.
    assert pure_change(15.6, 15.0, 160 / 150) == pytest.approx(0.975, abs=1e-12)


def test_sizes() -> None:
    assert size_change(22.0, "pack 12", 20.0, "pack", "piece", old_pack=10) == pytest.approx(22 / 12 / 2)
    assert size_change(31.0, "kg", 7.2, "m", "kg", old_gsm=160, old_width_cm=150) == pytest.approx(31 / 30)
    with pytest.raises(ValueError, match="needs width_cm"):
        size_change(15.6, "m", 15.0, "m", "m2", old_width_cm=150)


def test_overlap_carries_the_index_on() -> None:
    assert quality_ratio(12.0, 10.0) == 1.2
    assert overlap(104.0, 12.6, 12.0) == pytest.approx(104 * 1.05)
    # The same as the pure change of the new price over the old one of the overlap period, by the quality ratio.
    assert 104 * pure_change(12.6, 10.0, quality_ratio(12.0, 10.0)) == pytest.approx(overlap(104.0, 12.6, 12.0))
    assert pure_change(11.0, 10.0) == pytest.approx(1.1), "equal quality: direct comparison"


def test_change_of_units_changes_nothing() -> None:
    for f in (0.9144, 1000.0):
        assert overlap(104.0, 12.6 * f, 12.0 * f) == pytest.approx(overlap(104.0, 12.6, 12.0), rel=1e-14)
        assert pure_change(12.6 * f, 11.0 * f, 1.1) == pytest.approx(pure_change(12.6, 11.0, 1.1), rel=1e-14)


def test_class_mean_takes_comparable_replacements_only() -> None:
    log = np.log([1.10, 1.20, 1.50, 1.01, 0.9])
    comparable = np.array([True, True, False, False, True])
    got = class_mean(log, comparable, np.array([0, 0, 0, 1, 2]))
    np.testing.assert_allclose(got.value, [np.sqrt(1.1 * 1.2), NAN, 0.9], rtol=1e-14)
    assert got.donors.tolist() == [2, 0, 1]


def test_option_cost() -> None:
    assert option_cost(20.0, 2.0) == 22.0
    np.testing.assert_allclose(option_cost([20.0, 30.0], [2.0, -3.0], [0.5, 1.0]), [21.0, 27.0])
    assert pure_change(23.1, option_cost(20.0, 2.0)) == pytest.approx(1.05)
    with pytest.raises(ValueError, match="share is 2"):
        option_cost(20.0, 2.0, 2)
    with pytest.raises(ValueError, match="old price"):
        option_cost(20.0, -25.0)


@pytest.mark.parametrize("bad", [0.0, -1.0, NAN, np.inf])
def test_prices_must_be_above_zero(bad: float) -> None:
    with pytest.raises(ValueError, match=r"new has .* at 1; give numbers above 0"):
        pure_change([10.0, bad], [10.0, 10.0])


def fabrics(seed: int, n: int = 400, noise: float = 0.05) -> tuple[dict[str, Any], Array, np.ndarray, np.ndarray]:
    """Characteristics, log prices, aggregate and unit of quotes with known coefficients."""
    rng = np.random.default_rng(seed)
    ea, unit = rng.integers(10, size=n), rng.integers(40, size=n)
    gsm, width = rng.uniform(80, 300, n), rng.choice([140.0, 150, 160, 180], n)
    finish = rng.choice(["plain", "soft", "repellent"], n, p=[0.6, 0.25, 0.15]).astype(object)
    effect = {"plain": 0.0, "soft": 0.04, "repellent": 0.10}
    y = 0.6 * np.log(gsm) + 0.5 * np.log(width) + np.array([effect[f] for f in finish])
    y += rng.normal(0, 0.5, 10)[ea] + rng.normal(0, 0.1, 40)[unit] + rng.normal(0, noise, n)
    return {"log gsm": np.log(gsm), "log width": np.log(width), "finish": finish}, y, ea, unit


def dummies(code: np.ndarray) -> Array:
    return (code[:, None] == np.unique(code)[None, 1:]).astype(float)


def by_hand(y: Array, X: Array, extra: list[Array]) -> tuple[Array, Array, float]:
    """Coefficients of X, their covariance, and adjusted R2, by the normal equations with every dummy written out."""
    D = np.column_stack([np.ones(len(y)), *extra])
    A = np.column_stack([X, D])
    keep = np.linalg.pinv(A.T @ A)
    b = keep @ A.T @ y
    e = y - A @ b
    rank = np.linalg.matrix_rank(A)
    s2 = e @ e / (len(y) - rank)
    base = y - D @ np.linalg.pinv(D) @ y
    k = X.shape[1]
    return b[:k], s2 * keep[:k, :k], 1 - s2 / (base @ base / (len(y) - np.linalg.matrix_rank(D)))


@pytest.mark.parametrize("grouping", [(), ("ea",), ("ea", "unit"), ("ea", "unit", "kind")])
def test_effects_are_those_of_written_out_dummies(grouping: tuple[str, ...]) -> None:
    z, y, ea, unit = fabrics(1)
    groups = {"ea": ea, "unit": unit, "kind": np.random.default_rng(9).integers(3, size=len(y))}
    c = coding(z)
    fit = hedonic_fit(y, c.matrix(z), c.names, [groups[g] for g in grouping])
    b, V, r2 = by_hand(y, c.matrix(z), [dummies(groups[g]) for g in grouping])
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, V, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(fit.se, np.sqrt(np.diag(V)), rtol=1e-7)
    assert fit.adjusted_r2 == pytest.approx(r2, rel=1e-8)
    assert fit.names == ("log gsm", "log width", "finish=repellent", "finish=soft")


def test_two_groupings_in_separate_parts() -> None:
    """Units that meet no other aggregate: the parameters are counted by connected part."""
    z, y, ea, _ = fabrics(2)
    unit = ea // 5 * 20 + np.random.default_rng(1).integers(20, size=len(y))
    c = coding(z)
    fit = hedonic_fit(y, c.matrix(z), c.names, [ea, unit])
    assert fit.absorbed == 10 + 40 - 2
    b, V, _ = by_hand(y, c.matrix(z), [dummies(ea), dummies(unit)])
    np.testing.assert_allclose(fit.coefficient, b, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, V, rtol=1e-7, atol=1e-12)


def test_permutation_of_rows() -> None:
    z, y, ea, unit = fabrics(3)
    order = np.random.default_rng(4).permutation(len(y))
    c = coding(z)
    X = c.matrix(z)
    a = hedonic_fit(y, X, c.names, [ea, unit], cluster=unit)
    b = hedonic_fit(y[order], X[order], c.names, [ea[order], unit[order]], cluster=unit[order])
    np.testing.assert_allclose(a.coefficient, b.coefficient, rtol=1e-10)
    np.testing.assert_allclose(a.se, b.se, rtol=1e-10)
    assert coding({k: np.asarray(v)[order] for k, v in z.items()}) == c


def test_change_of_units_leaves_coefficients() -> None:
    """Metres or yards, grams or ounces: with logs only the intercept moves."""
    z, y, ea, _ = fabrics(5)
    c = coding(z)
    fit = hedonic_fit(y, c.matrix(z), c.names, [ea])
    other = {**z, "log gsm": z["log gsm"] - np.log(33.906), "log width": z["log width"] - np.log(2.54)}
    changed = hedonic_fit(y + np.log(0.9144), c.matrix(other), c.names, [ea])
    np.testing.assert_allclose(changed.coefficient, fit.coefficient, rtol=1e-9)
    one, two = c.matrix({k: np.asarray(v)[:1] for k, v in z.items()}), c.matrix({k: v[1:2] for k, v in z.items()})
    other_one = c.matrix({k: np.asarray(v)[:1] for k, v in other.items()})
    other_two = c.matrix({k: np.asarray(v)[1:2] for k, v in other.items()})
    np.testing.assert_allclose(reprice(changed, other_one, other_two).value, reprice(fit, one, two).value, rtol=1e-9)


def test_the_truth_is_recovered_and_errors_are_honest() -> None:
    """Over many samples the 95 % interval of a quality ratio holds the true one about 95 times in 100."""
    hit, n = 0, 300
    old, new = {"log gsm": [np.log(150)], "log width": [np.log(150)]}, {"log gsm": [np.log(180)], "log width": [5.0]}
    for seed in range(n):
        z, y, ea, unit = fabrics(seed, 200)
        c = coding(z)
        fit = hedonic_fit(y, c.matrix(z), c.names, [ea, unit])
        assert fit.ok, fit.verdict
        r = reprice(fit, c.matrix({**old, "finish": ["plain"]}), c.matrix({**new, "finish": ["soft"]}))
        truth = 0.6 * np.log(180 / 150) + 0.5 * (5.0 - np.log(150)) + 0.04
        hit += abs(np.log(r.value[0]) - truth) <= 1.97 * r.log_se[0]
    assert 0.92 <= hit / n <= 0.98


def test_clusters_allow_for_what_quotes_of_an_item_share() -> None:
    hit = {True: 0, False: 0}
    n = 150
    for seed in range(n):
        rng = np.random.default_rng(seed)
        item = np.repeat(np.arange(80), 3)
        x = rng.normal(size=80)[item]
        y = 0.5 * x + rng.normal(0, 0.3, 80)[item] + rng.normal(0, 0.1, 240)
        for clustered in hit:
            fit = hedonic_fit(y, x[:, None], ["x"], cluster=item if clustered else None)
            hit[clustered] += abs(fit.coefficient[0] - 0.5) <= 1.97 * fit.se[0]
    assert 0.89 <= hit[True] / n <= 0.99
    assert hit[False] / n < 0.85


def test_repricing_by_prediction() -> None:
    z, y, _, _ = fabrics(6)
    c = coding(z)
    X = c.matrix(z)
    fit = hedonic_fit(y, X, c.names)
    predicted = np.exp(fit.intercept + X @ fit.coefficient)
    r = reprice(fit, X[:-1], X[1:])
    np.testing.assert_allclose(r.value, predicted[1:] / predicted[:-1], rtol=1e-10)
    np.testing.assert_allclose(r.se, r.value * r.log_se, rtol=1e-14)
    same = reprice(fit, X, X)
    assert (same.value == 1).all()
    assert (same.se == 0).all()
    less = reprice(fit, X[:-1], X[1:], bias_correction=True)
    np.testing.assert_allclose(less.value, r.value * np.exp(-(r.log_se**2) / 2), rtol=1e-14)
    back = reprice(fit, X[1:], X[:-1])
    np.testing.assert_allclose(back.value * r.value, 1.0, rtol=1e-12)


def test_double_imputation() -> None:
    z, y, _, _ = fabrics(7)
    c = coding(z)
    X = c.matrix(z)
    later = y + 0.07 + 0.05 * X[:, 0]
    before, now = hedonic_fit(y, X, c.names), hedonic_fit(later, X, c.names)
    r = double_imputation(before, now, X[:20])
    np.testing.assert_allclose(r.value, np.exp(0.07 + 0.05 * X[:20, 0]), rtol=1e-9)
    # The error of a predicted log price, from the normal equations; twice, as the two periods are independent.
    A = np.column_stack([np.ones(len(y)), X])
    V = before.sigma**2 * np.linalg.inv(A.T @ A)
    np.testing.assert_allclose(r.log_se, np.sqrt(2 * np.einsum("ij,jk,ik->i", A[:20], V, A[:20])), rtol=1e-6)
    with pytest.raises(ValueError, match="fit both periods with one coding"):
        double_imputation(before, hedonic_fit(y, X[:, :2], c.names[:2]), X)


def test_what_cannot_be_valued_is_missing() -> None:
    z, y, ea, _ = fabrics(8)
    c = coding(z)
    fit = hedonic_fit(y, c.matrix(z), c.names, [ea])

    def row(gsm: float, width: float, finish: str | None) -> Array:
        return c.matrix({"log gsm": [gsm], "log width": [width], "finish": [finish]})

    assert np.isnan(reprice(fit, row(5.0, 5.0, "plain"), row(5.0, 5.0, "singed")).value), "a finish never seen"
    assert np.isnan(reprice(fit, row(5.0, NAN, "plain"), row(5.0, 5.0, "plain")).value), "a width not known"
    assert np.isnan(reprice(fit, row(5.0, 5.0, ""), row(5.0, 5.0, "plain")).value), "a finish not known"
    same = reprice(fit, row(5.0, NAN, None), row(5.1, NAN, None))
    assert same.value == pytest.approx(np.exp(0.1 * fit.coefficient[0])), "unknown in both is unchanged"
    # A column that never varied has no coefficient.
    constant = {**z, "log width": np.full(len(y), 5.0)}
    fit = hedonic_fit(y, c.matrix(constant), c.names, [ea])
    assert np.isnan(fit.coefficient[1])
    assert np.isnan(fit.vif[1])
    assert np.isnan(reprice(fit, row(5.0, 5.0, "plain"), row(5.0, 5.1, "plain")).value)
    assert reprice(fit, row(5.0, 5.1, "plain"), row(5.0, 5.1, "soft")).value > 1


def test_categories_that_one_class_alone_has() -> None:
    """Finishes nested in classes whose effects are taken out: valued within a class, not across."""
    rng = np.random.default_rng(10)
    n = 600
    kind = rng.integers(2, size=n)
    finish = np.array([["a1", "a2", "a3"], ["b1", "b2", "b3"]])[kind, rng.integers(3, size=n)].astype(object)
    effect = {"a1": 0.0, "a2": 0.1, "a3": 0.3, "b1": 0.0, "b2": -0.2, "b3": 0.05}
    y = np.array([effect[f] for f in finish]) + kind + rng.normal(0, 0.01, n)
    c = coding({"finish": finish})
    fit = hedonic_fit(y, c.matrix({"finish": finish}), c.names, [kind])
    assert fit.ok
    assert fit.k == 4

    def ratio(old: str, new: str) -> float:
        return float(reprice(fit, c.matrix({"finish": [old]}), c.matrix({"finish": [new]})).value[0])

    for a, b in (("a1", "a3"), ("a2", "a3"), ("b1", "b2"), ("b3", "b2")):
        assert np.log(ratio(a, b)) == pytest.approx(effect[b] - effect[a], abs=0.01)
    assert np.isnan(ratio("a1", "b1"))


def test_variance_inflation() -> None:
    rng = np.random.default_rng(11)
    n = 500
    X = rng.normal(size=(n, 3))
    X[:, 2] = X[:, 0] + 0.5 * rng.normal(size=n)
    fit = hedonic_fit(rng.normal(size=n), X, ["a", "b", "c"])
    for j in range(3):
        other = np.column_stack([np.ones(n), np.delete(X, j, axis=1)])
        rest = X[:, j] - other @ np.linalg.lstsq(other, X[:, j], rcond=None)[0]
        assert fit.vif[j] == pytest.approx(((X[:, j] - X[:, j].mean()) ** 2).sum() / (rest @ rest), rel=1e-10)
    # Dummies of one characteristic are not collinear with one another, whatever the base is.
    z = {"grade": np.where(np.arange(n) % 50 == 0, "b", np.where(np.arange(n) % 2 == 0, "a", "c")).astype(object)}
    c = coding({**z, "x": X[:, 0]})
    both = hedonic_fit(rng.normal(size=n), c.matrix({**z, "x": X[:, 0]}), c.names)
    assert (both.vif < 1.05).all()


def strong(n: int, k: int, seed: int = 0) -> tuple[Array, Array, list[str]]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, k))
    return X.sum(axis=1) + 0.1 * rng.normal(size=n), X, [f"z{j}" for j in range(k)]


def test_verdicts() -> None:
    y, X, names = strong(60, 3)
    assert hedonic_fit(y, X, names).verdict == "ok"
    assert hedonic_fit(y[:16], X[:16], names).verdict == "ok", "n > 5 k"
    assert hedonic_fit(y[:15], X[:15], names).verdict.startswith("too few observations: 15 for 3 coefficients, more th")
    assert hedonic_fit(y, X, names, [np.arange(60) % 50]).verdict.startswith("too few observations: 11 for 3")
    assert hedonic_fit(y[:3], X[:3], names).verdict.startswith("too few observations")
    near = X.copy()
    near[:, 2] = near[:, 0] + 0.05 * near[:, 1] + 0.1 * np.random.default_rng(1).normal(size=60)
    assert hedonic_fit(y, near, names).verdict.startswith("collinear: z")
    exact = X.copy()
    exact[:, 2] = exact[:, 0] - exact[:, 1]
    assert hedonic_fit(y, exact, names).verdict.startswith("singular")
    noise = np.random.default_rng(2).normal(size=60)
    assert hedonic_fit(noise, X, names).verdict.startswith("weak: adjusted R2")
    assert hedonic_fit(y, X, names, signs={"z1": -1}).verdict == "sign: z1 against expectation"
    assert hedonic_fit(y, X, names, signs={"z1": 1}).ok
    assert hedonic_fit(y, np.ones((60, 1)), ["z"]).verdict == "no characteristic varies"
    assert hedonic_fit(y[:0], X[:0], names).verdict == "no characteristic varies"
    assert hedonic_fit(np.full(60, 2.0), X, names).verdict.startswith("weak")
    bad = hedonic_fit(y, exact, names)
    assert np.isnan(reprice(bad, X[:1], X[1:2]).value), "a singular fit values nothing"


def test_missing_rows_are_left_out_and_counted() -> None:
    y, X, names = strong(60, 3)
    holes = X.copy()
    holes[:10, 1] = NAN
    a, b = hedonic_fit(y, holes, names), hedonic_fit(y[10:], X[10:], names)
    assert a.n == 50
    np.testing.assert_allclose(a.coefficient, b.coefficient, rtol=1e-13)
    with pytest.raises(ValueError, match="one name a column"):
        hedonic_fit(y, X, names[:2])
    with pytest.raises(ValueError, match="one row each"):
        hedonic_fit(y, X, names, [np.zeros(3, int)])


def test_every_stratum_by_itself() -> None:
    z, y, ea, _ = fabrics(12)
    c = coding(z)
    X = c.matrix(z)
    fits = hedonic_fits(y, X, c.names, ea, least_r2=0.1)
    assert sorted(fits) == list(range(10))
    for e, fit in fits.items():
        alone: Fit = hedonic_fit(y[ea == e], X[ea == e], c.names, least_r2=0.1)
        np.testing.assert_array_equal(fit.coefficient, alone.coefficient)
        assert fit.verdict == alone.verdict


def test_the_page() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    scope: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), scope)
