"""Outlier rules by cells: worked by hand, against one cell at a time, pooling, sticky prices, bad input."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ellwand.formulas import editing
from ellwand.formulas import outliers as single
from ellwand.formulas.editing import OUTLIER_RULES, OutlierRule, add_outlier_rule, outlier_rule, outliers
from ellwand.formulas.pooling import Sample, pooled

RATIOS = np.array([0.98, 0.99, 1.0, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.4])
ONE = np.zeros(10, dtype=int)


def quartiles(x):
    return np.quantile(x, (0.25, 0.5, 0.75))


def by_hand(name: str, r: np.ndarray, previous: np.ndarray, p: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of one cell, by the words of the table; HB as flags only."""
    x = np.log(r) if OUTLIER_RULES[name].scale == "log" else r
    q1, q2, q3 = quartiles(x)
    if name == "quartile":
        low, high = q2 - p["C"] * max(q2 - q1, p["A"]), q2 + p["C"] * max(q3 - q2, p["A"])
    elif name.startswith("tukey") and name != "tukey_algorithm":
        iqr = max(q3 - q1, p["floor"])
        low, high = q1 - p["k"] * iqr, q3 + p["k"] * iqr
    elif name == "kimber":
        low, high = q1 - p["k"] * max(q2 - q1, p["floor"]), q3 + p["k"] * max(q3 - q2, p["floor"])
    elif name == "robust_z":
        reach = p["k"] * max(1.4826 * np.median(np.abs(x - q2)), p["floor"])
        low, high = q2 - reach, q2 + reach
    else:
        x = x[x != 1]
        a, b = np.quantile(x, (p["trim"], 1 - p["trim"]))
        x = x[(x >= a) & (x <= b)]
        am = x.mean()
        low = am - p["k"] * max(am - x[x <= am].mean(), p["floor"])
        high = am + p["k"] * max(x[x >= am].mean() - am, p["floor"])
    if OUTLIER_RULES[name].scale == "log":
        low, high = np.exp(low), np.exp(high)
    return np.full(r.size, low), np.full(r.size, high)


SIMPLE = ["quartile", "tukey", "tukey_soft", "kimber", "robust_z", "tukey_algorithm"]


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize("seed", range(5))
def test_every_cell_is_as_if_it_were_alone(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, 7, 400)
    r = np.exp(rng.normal(0.01, 0.05, 400))
    r[rng.random(400) < 0.05] *= 3
    r[rng.random(400) < 0.1] = 1.0
    got = outliers(name, r, cell, changed_only=False)
    for c in range(7):
        mine = cell == c
        low, high = by_hand(name, r[mine], r[mine], dict(OUTLIER_RULES[name].parameters))
        np.testing.assert_allclose(got.low[mine], low, rtol=1e-12)
        np.testing.assert_allclose(got.high[mine], high, rtol=1e-12)
        assert (got.n[mine] == (r[mine] != 1).sum() if name == "tukey_algorithm" else mine.sum()).all()
        assert (got.cell[mine] == c).all()
    assert (got.flag == ((r < got.low) | (r > got.high))).all()
    assert got.flag.any()


@pytest.mark.parametrize(
    ("name", "other", "given_", "parameters"),
    [
        ("quartile", "quartile_method", {"C": 2.5, "A": 0.0}, {}),
        ("tukey", "resistant_fences", {"k": 2.5, "floor": 0.0}, {}),
        ("kimber", "kimber_method", {"k": 2.5, "floor": 0.0}, {}),
    ],
)
def test_the_rules_on_one_sample_agree_with_those_on_cells(name, other, given_, parameters) -> None:
    r = np.exp(np.random.default_rng(1).standard_t(2, 200) * 0.1)
    got = outliers(name, r, np.zeros(200, dtype=int), changed_only=False, **given_)
    assert (got.flag == single.outliers(r, other, **parameters)).all()
    assert got.flag.any()


def effects(r: np.ndarray, previous: np.ndarray, U: float) -> np.ndarray:
    m = np.median(r)
    s = np.where(r < m, 1 - m / r, r / m - 1)
    return s * np.maximum(previous, previous * r) ** U


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("U", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("drift", [-0.2, 0.0, 0.2])
def test_hidiroglou_berthelot_flags_by_effects_and_bounds_by_ratios(seed: int, U: float, drift: float) -> None:
    rng = np.random.default_rng(seed)
    previous = np.exp(rng.normal(2, 1, 150))
    r = np.exp(rng.normal(drift, 0.05, 150))
    r[:6] *= [0.3, 0.5, 0.8, 1.3, 2, 5]
    E = effects(r, previous, U)
    low, mid, high = np.quantile(E, (0.1, 0.5, 0.9))
    C, A = 2.5, 0.05
    least = abs(A * mid)
    low, high = mid - C * max(mid - low, least), mid + C * max(high - mid, least)
    got = outliers(
        "hidiroglou_berthelot", r, np.zeros(150, dtype=int), previous=previous, changed_only=False, U=U, C=C, least=0.0
    )
    assert (got.flag == ((low > E) | (high < E))).all()
    assert got.flag.sum() > 3
    # The bounds on the ratio are where the effect reaches its bounds.
    m = np.median(r)
    for bound, effect in ((got.low, low), (got.high, high)):
        s = np.where(bound < m, 1 - m / bound, bound / m - 1)
        np.testing.assert_allclose(s * (previous * np.maximum(bound, 1)) ** U, effect, rtol=1e-9)


def test_a_dear_article_needs_less_of_a_change() -> None:
    r, previous = np.tile(RATIOS, 2), np.repeat([1.0, 400.0], 10)
    got = outliers("hidiroglou_berthelot", r, np.zeros(20, dtype=int), previous=previous, C=1.0, least=0.0)
    assert got.high[0] > got.high[10] > 1
    assert got.low[0] < got.low[10] < 1.05
    with pytest.raises(ValueError, match="previous period"):
        outliers("hidiroglou_berthelot", r, np.zeros(20, dtype=int))
    unknown = outliers("hidiroglou_berthelot", r, np.zeros(20, dtype=int), previous=np.r_[np.nan, previous[1:]])
    assert not unknown.tested[0]
    assert np.isfinite(unknown.low).all()


def test_quartile_method_by_hand() -> None:
    got = outliers("quartile", RATIOS, ONE, changed_only=False, C=3, A=0.0)
    # Q1 1.0025, median 1.025, Q3 1.0475.
    np.testing.assert_allclose([got.low[0], got.high[0]], [1.025 - 3 * 0.0225, 1.025 + 3 * 0.0225])
    assert got.flag.tolist() == [False] * 9 + [True]


def test_fixed_bounds_are_symmetric_in_logs_and_may_differ_by_cell() -> None:
    r = np.array([0.7, 0.66, 1.49, 1.51, np.nan, 1.15])
    cell = np.array([0, 0, 0, 0, 0, 1])
    got = outliers("fixed", r, cell, c=[0.5, 0.1])
    assert got.flag.tolist() == [False, True, False, True, False, True]
    np.testing.assert_allclose(got.low * got.high, 1)
    assert got.high.tolist() == [1.5] * 5 + [1.1]
    assert (got.n == 0).all()


# --- sticky prices ---


@pytest.mark.parametrize("name", ["quartile", "tukey", "kimber", "robust_z", "hidiroglou_berthelot"])
def test_sticky_prices_void_a_rule_that_has_no_floor(name: str) -> None:
    """Three quarters of the prices stand still: without floor every change is flagged, by changed quotes only none."""
    rng = np.random.default_rng(3)
    r = np.ones(100)
    changed = np.arange(100) < 20
    r[changed] = np.exp(rng.uniform(-0.03, 0.03, 20))
    bare = {"quartile": {"A": 0.0}, "hidiroglou_berthelot": {"q": 0.25, "least": 0.0}}.get(name, {"floor": 0.0})
    one = {"cell": np.zeros(100, dtype=int), "previous": np.full(100, 20.0)}
    void = outliers(name, r, changed_only=False, **one, **bare)
    assert void.flag[changed].all()
    assert not void.flag[~changed].any()
    sound = outliers(name, r, **one, **bare)
    assert not sound.flag.any()
    assert (sound.n == 20).all()
    assert (sound.tested == changed).all()
    assert not outliers(name, r, changed_only=False, **one).flag.any(), "a floor is enough as well"


def test_an_unchanged_price_is_never_flagged_when_only_changes_count() -> None:
    r = np.r_[np.ones(30), np.full(20, 1.3)]
    cell = np.zeros(50, dtype=int)
    assert not outliers("robust_z", r, cell).flag.any()
    assert outliers("robust_z", r, cell, changed_only=False).flag[30:].all()


# --- pooling ---


def tree_brute(cell, parent, use, pool_below=10, fixed_below=5):
    """For each element: the elements that it is judged by, or None."""

    def path(c):
        out = [c]
        while parent[out[-1]] >= 0:
            out.append(int(parent[out[-1]]))
        return out

    out = []
    for c in cell:
        for node in path(int(c)):
            below = [i for i in range(len(cell)) if use[i] and node in path(int(cell[i]))]
            if len(below) >= pool_below:
                break
        out.append((node, below) if len(below) >= max(fixed_below, 1) else None)
    return out


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 80))
def test_small_cells_take_the_sample_of_the_first_large_one_above(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    codes = int(rng.integers(1, 12))
    # Parents in any order of codes, several tops.
    order = rng.permutation(codes)
    parent = np.full(codes, -1)
    for k in range(1, codes):
        if rng.random() < 0.85:
            parent[order[k]] = order[rng.integers(0, k)]
    cell = rng.integers(0, codes, n)
    x, use = rng.normal(size=n), rng.random(n) < 0.8
    sample = pooled(x, cell, parent, use)
    want = tree_brute(cell, parent, use)
    for i in range(n):
        if want[i] is None:
            assert sample.node[i] == -1
            continue
        node, below = want[i]
        k = sample.node[i]
        assert sample.cell[k] == node
        assert sample.n[k] == len(below)
        got = sample.values[sample.start[k] : sample.start[k] + sample.n[k]]
        np.testing.assert_array_equal(got, np.sort(x[below]))
        assert sample.quantile(0.3)[k] == pytest.approx(np.quantile(x[below], 0.3))


def test_pooling_goes_up_and_ends_at_fixed_bounds() -> None:
    parent = np.array([2, 2, 3, -1, -1])
    cell = np.r_[np.zeros(4, int), np.ones(7, int), np.full(4, 4)]
    r = np.exp(np.linspace(-0.1, 0.1, 15))
    got = outliers("robust_z", r, cell, parent=parent, c=0.25, changed_only=False)
    assert got.cell.tolist() == [2] * 11 + [-1] * 4
    assert got.n.tolist() == [11] * 11 + [0] * 4
    assert got.high[-1] == 1.25
    # Without parents four values have fixed bounds and seven are enough for a rule of their own.
    alone = outliers("robust_z", r, cell, c=0.25, changed_only=False)
    assert alone.cell.tolist() == [-1] * 4 + [1] * 7 + [-1] * 4


def test_elements_without_a_ratio_get_bounds_and_no_flag() -> None:
    r = np.r_[RATIOS, np.nan]
    got = outliers("tukey", r, np.zeros(11, dtype=int), changed_only=False)
    assert not got.flag[-1]
    assert not got.tested[-1]
    assert got.low[-1] == got.low[0]
    assert got.n[-1] == 10


def test_the_order_of_elements_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    r, cell = np.exp(rng.normal(0, 0.1, 300)), rng.integers(0, 5, 300)
    turn = rng.permutation(300)
    for name in OUTLIER_RULES:
        a = outliers(name, r, cell, previous=r * 10)
        b = outliers(name, r[turn], cell[turn], previous=r[turn] * 10)
        np.testing.assert_array_equal(a.low[turn], b.low)
        np.testing.assert_array_equal(a.flag[turn], b.flag)


def test_nothing_in_nothing_out() -> None:
    for name in OUTLIER_RULES:
        got = outliers(name, [], np.zeros(0, dtype=int), previous=[])
        assert got.flag.size == 0
    none = outliers("tukey", [np.nan, np.nan], [0, 1])
    assert not none.flag.any()
    assert (none.cell == -1).all()


def test_all_prices_identical() -> None:
    for name in OUTLIER_RULES:
        got = outliers(name, np.full(20, 1.07), np.zeros(20, dtype=int), previous=np.full(20, 9.0))
        assert not got.flag.any(), name
        assert not outliers(name, np.ones(20), np.zeros(20, dtype=int), previous=np.full(20, 9.0)).flag.any()


def test_a_plug_in_adds_a_rule() -> None:
    def half_range(sample: Sample, k: float):
        low, high = sample.quantile(0.0), sample.quantile(1.0)
        middle = (low + high) / 2
        return sample.of(middle - k * (high - low) / 2), sample.of(middle + k * (high - low) / 2)

    row = OutlierRule("half_range", half_range, {"k": 0.9}, "outside 0.9 of the range")
    try:
        assert add_outlier_rule(row) is row
        got = outliers("half_range", RATIOS, ONE, changed_only=False)
        np.testing.assert_allclose(got.high, 1.19 + 0.189)
        assert got.flag.tolist() == [True] * 3 + [False] * 6 + [True]
        with pytest.raises(ValueError, match="there already"):
            add_outlier_rule(row)
    finally:
        del OUTLIER_RULES["half_range"]
    assert outliers(row, RATIOS, ONE, changed_only=False, k=2).flag.sum() == 0
    with pytest.raises(ValueError, match="scale"):
        add_outlier_rule(OutlierRule("x", half_range, {}, "", scale="log", scales=("ratio",)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "tuckey"}, "'tuckey' is not known; did you mean 'tukey'"),
        ({"kk": 1.0}, "no parameter 'kk'; did you mean 'k'"),
        ({"k": -1.0}, "parameter k: -1.0 must be a number >= 0"),
        ({"k": float("nan")}, "must be a number"),
        ({"ratio": [1.0, 0.0]}, "position 1 is 0.0"),
        ({"ratio": [np.inf, 1.0]}, "position 0 is inf"),
        ({"cell": [0.5, 1.0]}, "whole numbers"),
        ({"cell": [0, -1]}, "code -1"),
        ({"cell": [0, 5], "parent": [-1, 0]}, "code 5"),
        ({"cell": [0]}, "equal length"),
        ({"parent": [1, 0]}, "circle"),
        ({"parent": [-1, 7]}, "parent of cell 1 is 7"),
        ({"c": 0.0}, "reach of the fixed bounds"),
        ({"c": [0.1, 0.2, 0.3]}, "3 values for 2 cells"),
        ({"rule": "hidiroglou_berthelot", "U": 2.0, "previous": [1, 1]}, "at most 1"),
        ({"rule": "hidiroglou_berthelot", "scale": "log", "previous": [1, 1]}, "scale 'log' is not possible"),
        ({"rule": "hidiroglou_berthelot", "previous": [1, 0]}, "previous at position 1"),
        ({"rule": "hidiroglou_berthelot", "previous": [1]}, "length of ratio"),
    ],
)
def test_wrong_input_is_refused(change: dict, message: str) -> None:
    arguments = {"rule": "tukey", "ratio": [1.0, 1.1], "cell": [0, 1], **change}
    with pytest.raises(ValueError, match=message):
        outliers(**arguments)


def test_rules_have_their_defaults_and_scales() -> None:
    assert dict(outlier_rule("hidiroglou_berthelot").parameters) == {
        "U": 0.5, "A": 0.05, "C": 20.0, "q": 0.1, "least": 0.05,
    }  # fmt: skip
    assert dict(outlier_rule("robust_z").parameters) == {"k": 3.5, "floor": 0.02}
    assert outlier_rule("robust_z").scale == "log"
    assert [outlier_rule(n).parameters["k"] for n in ("tukey_soft", "tukey")] == [1.5, 3.0]
    told = outliers("tukey", RATIOS, ONE, k=2.0, scale="log").parameters
    assert dict(told) == {"k": 2.0, "floor": 0.02, "scale": "log", "changed_only": True, "c": editing.DEFAULT_C}


def test_three_years_of_a_market_take_well_below_a_second_each() -> None:
    rng = np.random.default_rng(0)
    groups, weeks, quotes = 130, 20, 4000
    parent = np.r_[np.full(groups, groups), -1]
    cell = rng.integers(0, groups, quotes)
    r = np.exp(rng.normal(0, 0.03, (weeks, quotes)) * (rng.random((weeks, quotes)) < 0.5))
    for name in OUTLIER_RULES:
        began = time.process_time()
        for week in r:
            outliers(name, week, cell, parent=parent, previous=week)
        # 156 weeks below 1.5 s, with room for a slow machine.
        assert (time.process_time() - began) / weeks * 156 < 3, name
