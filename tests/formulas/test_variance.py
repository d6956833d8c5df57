"""Variance: replicates against plain resampling, analytic errors and the tree; intervals against a known truth."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ellwand.formulas.panel import Array
from ellwand.formulas.tree import Tree
from ellwand.formulas.variance import (
    Draws,
    Pairs,
    bootstrap_draws,
    bootstrap_levels,
    carry,
    collapse,
    delete_group_draws,
    deviations,
    independent_variance,
    jackknife_draws,
    jackknife_jevons,
    jackknife_se,
    jevons_se,
    normal_interval,
    percentile_interval,
    standard_error,
    with_base,
)

NAN = np.nan
PAGE = Path(__file__).parents[2] / "docs" / "variance.md"


def market(seed: int, pairs: int = 120, units: int = 40, aggregates: int = 6, periods: int = 5, missing: float = 0.1):
    """Relatives, aggregate, unit, item and stratum of unit."""
    rng = np.random.default_rng(seed)
    item = np.sort(rng.integers(pairs // 3, size=pairs))
    ea = item * aggregates // (pairs // 3)
    R = rng.normal(0, 0.03, (pairs, periods))
    R[rng.random(R.shape) < missing] = NAN
    return R, ea, rng.integers(units, size=pairs), item, rng.integers(4, size=units)


def test_jevons_error() -> None:
    x = np.log([1.1, 1.0, 0.9, 1.2, 1.05])
    index, se, n = jevons_se(np.append(x, [NAN, 0.3]), np.array([0] * 6 + [1]), 3)
    assert n.tolist() == [5, 1, 0]
    assert index[0] == pytest.approx(np.exp(x.mean()))
    assert se[0] == pytest.approx(np.exp(x.mean()) * x.std(ddof=1) / np.sqrt(5), rel=1e-13)
    assert np.isnan(se[1:]).all(), "one quote has no error that could be had"
    assert np.isnan(index[2])


def test_jackknife() -> None:
    x = np.log([1.1, 1.0, 0.9, 1.2, 1.05])
    out = jackknife_jevons(x)
    np.testing.assert_allclose(out, [np.exp(np.delete(x, i).mean()) for i in range(5)], rtol=1e-14)
    # Of a mean, the jackknife is the textbook error itself; of the Jevons index nearly.
    assert jackknife_se(np.log(out)) == pytest.approx(x.std(ddof=1) / np.sqrt(5), rel=1e-12)
    assert jackknife_se(out) == pytest.approx(np.exp(x.mean()) * x.std(ddof=1) / np.sqrt(5), rel=0.02)
    assert np.isnan(jackknife_se(out[:1]))


def test_independent_variance() -> None:
    assert independent_variance(np.array([0.6, 0.4]), np.array([1.0, 2.0])) == pytest.approx(0.36 + 0.64)


def test_strata_of_one_unit_are_collapsed_and_reported() -> None:
    code, alone = collapse(np.array([7, 7, 3, 9, 7, 1]))
    assert alone.tolist() == [2, 3, 5]
    assert code[2] == code[3] == code[5] != code[0] == code[1] == code[4]
    code, alone = collapse(np.array([7, 7, 3, 9, 9]))
    assert alone.tolist() == [2]
    assert code[2] == code[0], "a lone one joins the next stratum"
    code, alone = collapse(np.array([7, 7, 8]))
    assert (code == 0).all()
    assert collapse(np.array([1, 1, 2, 2]))[1].size == 0
    assert bootstrap_draws(np.array([7, 7, 3, 9, 7, 1]), 10, 1).collapsed.tolist() == [2, 3, 5]


@pytest.mark.parametrize("rescaled", [True, False])
def test_draws(rescaled: bool) -> None:
    stratum = np.repeat([0, 1, 2], [2, 5, 30])
    d = bootstrap_draws(stratum, 4000, 11, rescaled=rescaled)
    assert d.weight.shape == (4000, 37)
    for h, n in enumerate((2, 5, 30)):
        w = d.weight[:, stratum == h]
        np.testing.assert_allclose(w.sum(axis=1), n, rtol=1e-12)
        # Covariance of the weights of simple random sampling with replacement.
        variance = 1.0 if rescaled else (n - 1) / n
        assert w.var(axis=0).mean() == pytest.approx(variance, rel=0.1)
        np.testing.assert_allclose(w.mean(axis=0), 1, atol=5 / np.sqrt(4000))
    assert (d.weight == bootstrap_draws(stratum, 4000, 11, rescaled=rescaled).weight).all()
    assert (d.weight != bootstrap_draws(stratum, 4000, 12, rescaled=rescaled).weight).any()


def test_replicates_are_those_of_plain_resampling() -> None:
    """Quotes repeated as often as their unit was drawn, averaged, and chained."""
    R, ea, unit, item, stratum = market(1)
    draws = bootstrap_draws(stratum, 7, 3, rescaled=False)
    got, report, _ = bootstrap_levels(R, ea, unit, stratum, item, 7, 3)
    plain = dict(deviations(Pairs(R, ea, unit), draws))
    for e in range(6):
        for b in range(7):
            level = 0.0
            for t in range(5):
                mine = [i for i in range(len(R)) if ea[i] == e and not np.isnan(R[i, t])]
                repeated = [R[i, t] for i in mine for _ in range(int(draws.weight[b, unit[i]]))]
                level += (np.mean(repeated) - np.mean([R[i, t] for i in mine])) if repeated else 0.0
                assert plain[e][t, b] == pytest.approx(level, abs=1e-13)
    assert got.shape == (7, 6, 5)
    assert report.own == np.isfinite(R).sum()


def test_conditional_replicates_as_they_are_told() -> None:
    R, ea, unit, item, stratum = market(2)
    draws = bootstrap_draws(stratum, 6, 3)
    pairs = Pairs(R, ea, unit, item)
    got = dict(deviations(pairs, draws, conditional_on_items=True))
    own = collapsed = 0
    for e in range(6):
        level = np.zeros(6)
        for t in range(5):
            mine = [i for i in range(len(R)) if ea[i] == e and not np.isnan(R[i, t])]
            move = np.zeros(6)
            for i in mine:
                near = [R[j, t] for j in mine if item[j] == item[i]]
                own, collapsed = own + (len(near) > 1), collapsed + (len(near) == 1)
                if len(near) == 1:
                    near = [R[j, t] for j in mine]
                residual = (R[i, t] - np.mean(near)) * np.sqrt(len(near) / (len(near) - 1))
                move += (draws.weight[:, unit[i]] - 1) * residual / len(mine)
            level = level + move
            np.testing.assert_allclose(got[e][t], level, atol=1e-13)
    assert (pairs.report.own, pairs.report.aggregate) == (own, collapsed)
    assert collapsed > 0


def test_short_run_chain_equals_long_run() -> None:
    """On a full panel the chained deviation of a replicate is that of the long-run relatives."""
    R, ea, unit, item, stratum = market(3, missing=0.0)
    for conditional in (False, True):
        chained = bootstrap_levels(R, ea, unit, stratum, item, 50, 5, conditional_on_items=conditional)[0]
        long = R.sum(axis=1, keepdims=True)
        direct = bootstrap_levels(long, ea, unit, stratum, item, 50, 5, conditional_on_items=conditional)[0]
        np.testing.assert_allclose(chained[:, :, -1], direct[:, :, 0], atol=1e-12)


def test_permutation_of_rows() -> None:
    R, ea, unit, item, stratum = market(4)
    order = np.random.default_rng(1).permutation(len(R))
    for conditional in (False, True):
        a = bootstrap_levels(R, ea, unit, stratum, item, 20, 5, conditional_on_items=conditional)[0]
        b = bootstrap_levels(
            R[order], ea[order], unit[order], stratum, item[order], 20, 5, conditional_on_items=conditional
        )[0]
        np.testing.assert_allclose(a, b, atol=1e-13)


def test_equal_weights_are_no_weights() -> None:
    R, ea, unit, item, stratum = market(5)
    draws = bootstrap_draws(stratum, 10, 1)
    for conditional in (False, True):
        a = dict(deviations(Pairs(R, ea, unit, item), draws, conditional_on_items=conditional))
        w = np.full(len(R), 2.5)
        b = dict(deviations(Pairs(R, ea, unit, item, weights=w), draws, conditional_on_items=conditional))
        for e, level in a.items():
            np.testing.assert_allclose(level, b[e], atol=1e-13)


def simple(n: int, seed: int) -> tuple[Array, Array]:
    x = np.random.default_rng(seed).normal(0, 0.05, n)
    return x, x.std(ddof=1) / np.sqrt(n)


def test_bootstrap_and_jackknives_agree_with_the_formula() -> None:
    """One quote a unit, one stratum: all estimate sd/sqrt(n) of the mean log relative."""
    x, truth = simple(30, 6)
    pairs = Pairs(x[:, None], np.zeros(30, int), np.arange(30))
    one = np.zeros(30, int)

    def error(draws: Draws) -> float:
        return float(standard_error(next(deviations(pairs, draws))[1], draws, np.zeros(1))[0])

    assert error(bootstrap_draws(one, 6000, 1)) == pytest.approx(truth, rel=0.04)
    assert error(jackknife_draws(one)) == pytest.approx(truth, rel=1e-10)
    assert error(delete_group_draws(one, 30, 1)) == pytest.approx(truth, rel=1e-10)
    some = [error(delete_group_draws(one, 10, seed)) ** 2 for seed in range(200)]
    assert np.mean(some) == pytest.approx(truth**2, rel=0.06)
    with pytest.raises(ValueError, match="give point"):
        standard_error(np.zeros((1, 30)), jackknife_draws(one))


def test_strata_take_their_differences_out() -> None:
    """A difference between strata is no sampling error: sum of (n_h/n)^2 s_h^2/n_h."""
    rng = np.random.default_rng(7)
    stratum = np.repeat([0, 1, 2], [10, 20, 30])
    x = rng.normal(0, 0.02, 60) + 0.2 * stratum
    truth = np.sqrt(sum((n / 60) ** 2 * x[stratum == h].var(ddof=1) / n for h, n in enumerate((10, 20, 30))))
    pairs = Pairs(x[:, None], np.zeros(60, int), np.arange(60))
    for draws, tolerance in ((bootstrap_draws(stratum, 6000, 1), 0.04), (jackknife_draws(stratum), 1e-10)):
        se = standard_error(next(deviations(pairs, draws))[1], draws, np.zeros(1))[0]
        assert se == pytest.approx(truth, rel=tolerance)


def test_units_are_drawn_whole() -> None:
    """Ten quotes of one unit that say the same are one piece of information."""
    x, truth = simple(20, 8)
    R = np.repeat(x, 10)[:, None]
    draws = bootstrap_draws(np.zeros(20, int), 4000, 1)
    change = next(deviations(Pairs(R, np.zeros(200, int), np.repeat(np.arange(20), 10)), draws))[1]
    assert standard_error(change, draws)[0] == pytest.approx(truth, rel=0.05)


def test_items_are_no_sample() -> None:
    """Items that move apart, their units alike: no error, but for the collapsed item whose units cannot tell."""
    item = np.repeat(np.arange(10), 4)
    R = np.linspace(-0.2, 0.2, 10)[item][:, None]
    unit, stratum = np.tile(np.arange(20), 2), np.zeros(20, int)
    one = np.zeros(40, int)
    conditional = bootstrap_levels(R, one, unit, stratum, item, 300, 1, conditional_on_items=True)[0]
    assert np.abs(conditional).max() < 1e-14
    assert bootstrap_levels(R, one, unit, stratum, item, 300, 1)[0].std() > 0.01


def test_where_there_is_too_little_to_compare() -> None:
    """An item of one unit, an aggregate of one pair, a period without any: borrowed from above, and counted."""
    #       item:  0     0     1     2     3
    R = np.array([[0.1, 0.2, 0.0, 0.3, 0.05], [0.1, 0.1, NAN, NAN, 0.1], [NAN, NAN, NAN, NAN, NAN]]).T
    ea, item = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 2, 3])
    unit, above = np.arange(5), np.zeros(5, int)
    draws = bootstrap_draws(np.zeros(5, int), 40, 2)

    pairs = Pairs(R, ea, unit, item, [above])
    got = dict(deviations(pairs, draws, conditional_on_items=True))
    r = pairs.report
    assert (r.own, r.aggregate, r.coarser, r.none) == (4, 3, 1, 0)
    assert (r.borrowed, r.still) == (0, 2), "the last period has nobody to borrow from"
    # The pair alone in aggregate 1 in period 1: its residual about the mean of all three pairs then.
    residual = (0.1 - (0.1 + 0.1 + 0.1) / 3) * np.sqrt(3 / 2)
    np.testing.assert_allclose(got[1][1] - got[1][0], (draws.weight[:, 4] - 1) * residual, atol=1e-15)
    np.testing.assert_array_equal(got[1][2], got[1][1])

    alone = Pairs(R, ea, unit, item)
    dict(deviations(alone, draws, conditional_on_items=True))
    assert alone.report.none == 1, "without a class above, the one pair is counted as without variance"

    # An aggregate without a pair takes the deviations of its class.
    gap = R.copy()
    gap[3:, 1] = NAN
    for conditional in (True, False):
        empty = Pairs(gap, ea, unit, item, [above])
        got = dict(deviations(empty, draws, conditional_on_items=conditional))
        near = Pairs(gap[:, 1:2], above, unit, item)
        if not conditional:
            expected = dict(deviations(near, draws))[0][0]
        else:
            expected = got[0][1] - got[0][0]
        np.testing.assert_allclose(got[1][1] - got[1][0], expected, atol=1e-15)
        assert empty.report.borrowed == 1


def test_nobody_drawn_is_counted() -> None:
    R = np.array([[0.1], [0.2], [0.3], [0.0]])
    pairs = Pairs(R, np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2]))
    draws = bootstrap_draws(np.zeros(3, int), 400, 1)
    got = dict(deviations(pairs, draws))
    none = draws.weight[:, 0] == 0
    assert pairs.report.undrawn == none.sum() + (draws.weight[:, 1:].sum(axis=1) == 0).sum() > 0
    assert (got[0][0, none] == 0).all()


def forest(seed: int, T: int = 9) -> tuple[Tree, Array, Array, Array, list[tuple[int, Array]]]:
    """Tree of 3 levels over 8 aggregates, members of its inner nodes, log levels, deviations, links."""
    rng = np.random.default_rng(seed)
    parent = np.array([-1, 0, 0, 1, 1, 2, *[3, 3, 4, 4, 4, 5, 5, 5]])
    tree = Tree(parent, np.arange(6, 14))
    members = np.array([[1] * 8, [1] * 5 + [0] * 3, [0] * 5 + [1] * 3, [1, 1] + [0] * 6, [0, 0, 1, 1, 1, 0, 0, 0]])
    levels = np.concatenate([np.zeros((8, 1)), np.cumsum(rng.normal(0, 0.05, (8, T - 1)), axis=1)], axis=1)
    deviation = np.cumsum(rng.normal(0, 0.02, (8, T, 4)), axis=1)
    deviation[:, 0] = 0.0
    links = [(0, rng.uniform(1, 9, 8)), (3, rng.uniform(1, 9, 8)), (7, rng.uniform(1, 9, 8))]
    return tree, members.astype(float), levels, deviation, links


def test_carried_through_the_tree() -> None:
    """Every replicate is the aggregation of its own elementary indices, with price-updated weights and links."""
    tree, members, levels, deviation, links = forest(1)
    got = carry(enumerate(deviation), levels, members, links)
    assert got.shape == (5, 9, 4)
    for b in range(4):
        x = np.exp(np.diff(levels + deviation[:, :, b], axis=1))
        # The change into position k + 1 is the first of the basket linked at k.
        change = tree.aggregate(x, [(k, w) for k, w in links]).values
        expected = np.concatenate([np.ones((14, 1)), np.cumprod(change, axis=1)], axis=1)
        np.testing.assert_allclose(got[:, :, b], expected[:5], rtol=1e-12)


def test_any_level_gives_the_same_top() -> None:
    """Aggregating the classes of a level with the sums of their weights gives the replicate of the total."""
    _, members, levels, deviation, links = forest(2)
    got = carry(enumerate(deviation), levels, members, links[:1])
    w = members[[1, 2]] @ links[0][1]
    np.testing.assert_allclose(np.tensordot(w / w.sum(), got[[1, 2]], 1), got[0], rtol=1e-12)


def test_carry_by_stream() -> None:
    _, members, levels, deviation, links = forest(3)
    whole = carry(enumerate(deviation), levels, members, links)
    turned = carry(((e, deviation[e]) for e in (7, 2, 0, 1, 3, 6, 5, 4)), levels, members, links)
    np.testing.assert_allclose(turned, whole, rtol=1e-13)
    based = carry(with_base((e, d[1:]) for e, d in enumerate(deviation)), levels, members, links)
    np.testing.assert_allclose(based, whole, rtol=1e-14)
    # Aggregates that do not come stand at their point estimate.
    still = deviation.copy()
    still[[1, 6]] = 0.0
    less = carry(((e, deviation[e]) for e in (0, 2, 3, 4, 5, 7)), levels, members, links)
    np.testing.assert_allclose(less, carry(enumerate(still), levels, members, links), rtol=1e-13)


def test_classes_that_come_and_go() -> None:
    _, members, levels, deviation, links = forest(4)
    first, last = links[0][1].copy(), links[2][1].copy()
    first[:2] = 0.0
    last[5:] = 0.0
    levels = levels.copy()
    levels[:2, :3] = NAN
    got = carry(enumerate(deviation), levels, members, [(0, first), links[1], (7, last)])
    assert np.isnan(got[3, :3]).all(), "no weight yet"
    assert (got[3, 3] == 1).all()
    assert np.isfinite(got[3, 3:]).all()
    assert np.isnan(got[2, 8:]).all(), "no weight any more"
    assert np.isfinite(got[[0, 1]]).all()


def test_wrong_input() -> None:
    _, members, levels, deviation, links = forest(5)
    stream = list(enumerate(deviation))
    hole = levels.copy()
    hole[2, 5] = NAN
    with pytest.raises(ValueError, match="link at 3: aggregate 2 has a weight and no level in periods 3 to 7"):
        carry(stream, hole, members, links)
    with pytest.raises(ValueError, match="0 or more"):
        carry(stream, levels, members, [(0, -links[0][1])])
    with pytest.raises(ValueError, match=r"links stand at \[3, 7\]"):
        carry(stream, levels, members, links[1:])
    with pytest.raises(ValueError, match="stream of deviations is empty"):
        carry([], levels, members, links)
    R, ea, unit, item, stratum = market(1)
    with pytest.raises(ValueError, match="give item"):
        bootstrap_levels(R, ea, unit, stratum, None, 10, 1, conditional_on_items=True)
    with pytest.raises(ValueError, match="unit has 3 elements"):
        Pairs(R, ea, unit[:3])
    with pytest.raises(ValueError, match="40 units were drawn"):
        bootstrap_levels(R, ea, unit + 5, stratum, item, 10, 1)
    with pytest.raises(ValueError, match="needs at least 2"):
        bootstrap_draws(np.zeros(1, int), 100, 1)
    with pytest.raises(ValueError, match="groups is 1"):
        delete_group_draws(np.zeros(5, int), 1, 1)
    with pytest.raises(ValueError, match="level is 95"):
        percentile_interval(np.zeros((2, 5)), 95)


def test_intervals() -> None:
    low, high = normal_interval(np.array([100.0]), np.array([0.5]))
    assert (low[0], high[0]) == pytest.approx((100 - 0.97998, 100 + 0.97998), abs=1e-5)
    low, high = percentile_interval(np.arange(101.0)[None, :], 0.9)
    assert (low[0], high[0]) == pytest.approx((5.0, 95.0))


@pytest.mark.parametrize(("shared", "cautious"), [(0.0, False), (0.01, True)])
def test_intervals_cover_the_truth(shared: float, cautious: bool) -> None:
    """A market in which the truth is known: items move on purpose, units add a walk to each of their quotes or to all.

    Level of the total after 8 weeks and change of the last week; the interval conditional on the items holds the truth
    about 95 times in 100. Where quotes of a unit move together, errors that take aggregates for independent do not.
    """
    runs, B, T, units = 240, 300, 8, 60
    item = np.repeat(np.arange(24), 5)
    ea = item // 6
    members = np.ones((1, 4))
    w = np.array([4.0, 3, 2, 1])
    hit = dict.fromkeys(("percentile", "normal", "change", "independent"), 0)
    for seed in range(runs):
        rng = np.random.default_rng([99, seed])
        stratum = rng.integers(3, size=units)
        unit = np.concatenate([rng.choice(units, 5, replace=False) for _ in range(24)])
        true = rng.normal(0.002, 0.02, (24, T))
        walk = rng.normal(0, 1, (units, T)) * shared
        R = true[item] + walk[unit] + rng.normal(0, 0.01, (120, T))
        truth = np.zeros((4, T + 1))
        point = np.zeros((4, T + 1))
        for e in range(4):
            truth[e, 1:] = np.cumsum(true[6 * e : 6 * e + 6].mean(axis=0))
            point[e, 1:] = np.cumsum(R[ea == e].mean(axis=0))
        total = (w @ np.exp(truth)) / w.sum()
        estimate = (w @ np.exp(point)) / w.sum()
        draws = bootstrap_draws(stratum, B, seed)
        pairs = Pairs(R, ea, unit, item)
        deviation = dict(deviations(pairs, draws, conditional_on_items=True, cautious=cautious))
        levels = carry(with_base(deviation.items()), point, members, [(0, w)])[0]
        low, high = percentile_interval(levels)
        hit["percentile"] += low[-1] <= total[-1] <= high[-1]
        low, high = normal_interval(estimate, standard_error(levels, draws))
        hit["normal"] += low[-1] <= total[-1] <= high[-1]
        change = levels[-1] / levels[-2]
        low, high = percentile_interval(change)
        hit["change"] += low <= total[-1] / total[-2] <= high
        single = np.array([standard_error(deviation[e], draws)[-1] for e in range(4)]) * np.exp(point[:, -1])
        low, high = normal_interval(estimate[-1], np.sqrt(independent_variance(w / w.sum(), single)))
        hit["independent"] += low <= total[-1] <= high
    for name in ("percentile", "normal", "change"):
        assert 0.92 <= hit[name] / runs <= 0.98, hit
    if shared:
        assert hit["independent"] / runs < hit["normal"] / runs - 0.02, hit


def test_caution_where_quotes_of_a_unit_move_together() -> None:
    """Few units an item, each with the same movement in all of its quotes: the plain error is too small by a sixth."""
    n, units = 250, 48
    item = np.repeat(np.arange(80), 2)
    one = np.zeros(160, int)
    square = {False: 0.0, True: 0.0}
    spread = []
    for seed in range(n):
        rng = np.random.default_rng([5, seed])
        unit = np.concatenate([rng.choice(units, 2, replace=False) for _ in range(80)])
        x = rng.normal(0, 0.01, units)[unit]
        spread.append(x.mean())
        draws = jackknife_draws(np.zeros(units, int))
        for cautious in square:
            d = next(
                deviations(Pairs(x[:, None], one, unit, item), draws, conditional_on_items=True, cautious=cautious)
            )
            square[cautious] += standard_error(d[1], draws, np.zeros(1))[0] ** 2 / n
    truth = np.std(spread)
    assert np.sqrt(square[False]) < 0.9 * truth
    assert 0.95 * truth < np.sqrt(square[True]) < 1.35 * truth


def test_the_page() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 3
    scope: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), scope)


@pytest.mark.parametrize("gap", [False, True])
def test_chosen_periods_are_those_of_all(gap: bool) -> None:
    rng = np.random.default_rng(4)
    item = np.repeat(np.arange(12), 3)
    x = rng.normal(0.0, 0.02, (36, 9))
    x[rng.random(x.shape) < 0.1] = np.nan
    ea = item // 4
    if gap:
        x[ea == 1, 5] = np.nan
    pairs = Pairs(x, ea, np.arange(36) % 10, item, [np.zeros(36, dtype=np.intp)])
    draws = bootstrap_draws(np.zeros(10, dtype=np.intp), 50, 1)
    for fixed in (True, False):
        whole = dict(deviations(pairs, draws, conditional_on_items=fixed))
        some = dict(deviations(pairs, draws, conditional_on_items=fixed, periods=np.array([2, 5, 8])))
        for code, level in whole.items():
            np.testing.assert_allclose(some[code], level[[2, 5, 8]], rtol=1e-10, atol=1e-14)
