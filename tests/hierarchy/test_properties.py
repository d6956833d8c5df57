"""What must hold for every tree, every basket and every set of prices."""

import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ellwand as ew

SETTINGS = settings(max_examples=50, deadline=None, derandomize=True, database=None)
FEW = settings(SETTINGS, max_examples=20)
"""For those that look at every class and every pair of periods."""
ORDERS = st.sampled_from([1.0, 0.0, -1.0, 0.5, 2.0, -1.5])
WEIGHT = st.floats(0.1, 100)
RATIO = st.floats(-0.6, 0.6).map(math.exp)
FIRST = st.floats(-2, 4).map(math.exp)

# A class is the list of its classes; an elementary aggregate is None.
SHAPE = st.lists(
    st.recursive(st.none(), lambda below: st.lists(below, min_size=1, max_size=3), max_leaves=7),
    min_size=1,
    max_size=3,
)


def parents(shape: list, code: str = "T") -> dict[str, str]:
    """Code and parent code of every class of a shape under the class `code`."""
    out = {}
    for n, below in enumerate(shape, start=1):
        out[f"{code}.{n}"] = code
        if below is not None:
            out |= parents(below, f"{code}.{n}")
    return out


def classification(pairs: dict[str, str]) -> ew.Classification:
    rows = [{"code": "T", "parent": ""}, *({"code": c, "parent": p} for c, p in pairs.items())]
    return ew.Classification.from_parents(pa.Table.from_pylist(rows))


def changes(values: dict[str, list[float]], periods: list[str]) -> ew.Indices:
    rows = [
        {"code": c, "period": t, "index": x} for c, row in values.items() for t, x in zip(periods, row, strict=True)
    ]
    return ew.Indices.from_table(pa.Table.from_pylist(rows), kind="change", periods=periods)


def months(count: int, first: int = 0) -> list[str]:
    return [f"{2020 + (first + m) // 12}-{(first + m) % 12 + 1:02d}" for m in range(count)]


@st.composite
def complete(draw: st.DrawFn) -> tuple[ew.Classification, ew.Indices, Any]:
    """A tree under one top class, a change of every elementary aggregate in every period, one or two baskets."""
    classes = classification(parents(draw(SHAPE)))
    T = draw(st.integers(2, 5))
    periods = months(T)
    values = {c: [1.0, *(draw(RATIO) for _ in range(T - 1))] for c in classes.leaves}
    starts = [periods[0], *([periods[draw(st.integers(1, T - 1))]] if draw(st.booleans()) else [])]
    rows = [{"ea": c, "weight": draw(WEIGHT), "valid_from": s} for s in starts for c in classes.leaves]
    return classes, changes(values, periods), pa.Table.from_pylist(rows)


@st.composite
def quotes(draw: st.DrawFn) -> tuple[ew.Classification, list[dict], dict[str, float]]:
    """A tree, prices with gaps (a whole class may have none in a period) and a basket."""
    classes = classification(parents(draw(SHAPE)))
    T = draw(st.integers(2, 5))
    rows = []
    for leaf in classes.leaves:
        for i in range(draw(st.integers(1, 3))):
            price = draw(FIRST)
            for t in months(T):
                price *= draw(RATIO)
                missing = draw(st.sampled_from([False, False, False, True]))
                rows.append({"ea": leaf, "period": t, "product": f"{leaf}/{i}", "price": None if missing else price})
    if all(r["price"] is None for r in rows):
        rows[0]["price"] = 1.0
    return classes, rows, {c: draw(WEIGHT) for c in classes.leaves}


def table(rows: Iterable[dict]) -> pa.Table:
    schema = pa.schema(
        [("ea", pa.string()), ("period", pa.string()), ("product", pa.string()), ("price", pa.float64())]
    )
    return pa.Table.from_pylist(list(rows), schema=schema)


def same(got: Any, expected: Any, tolerance: float = 1e-12) -> None:
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


# -- aggregation
@SETTINGS
@given(complete(), ORDERS, st.booleans())
def test_any_intermediate_level_gives_the_same_total(drawn: tuple, order: float, update: bool) -> None:
    classes, x, weights = drawn
    whole = ew.aggregate(x, classes, weights, order=order, price_update=update)
    for depth in range(2, len(classes.tree.levels) + 1):
        # The classes of this level, and elementary aggregates above it, straight under the total.
        kept = [c for c in classes.codes if c in classes.level(depth) or (c in classes.leaves and c.count(".") < depth)]
        flat = classification(dict.fromkeys(kept, "T"))
        rows = defaultdict(float)
        for row in weights.to_pylist():
            (head,) = [c for c in kept if row["ea"] == c or row["ea"].startswith(c + ".")]
            rows[head, row["valid_from"]] += row["weight"]
        summed = pa.Table.from_pylist([{"ea": c, "valid_from": s, "weight": w} for (c, s), w in rows.items()])
        between = changes({c: whole.series(c).tolist() for c in kept}, list(x.periods))
        again = ew.aggregate(between, flat, summed, order=order, price_update=update)
        same(again.series("T"), whole.series("T"))
        same(ew.chain(again).series("T"), ew.chain(whole).series("T"))


@SETTINGS
@given(complete(), st.floats(0.001, 1000))
def test_the_scale_of_weights_has_no_meaning(drawn: tuple, factor: float) -> None:
    classes, x, weights = drawn
    scaled = weights.set_column(1, "weight", pa.array([w * factor for w in weights["weight"].to_pylist()]))
    same(ew.aggregate(x, classes, scaled).values, ew.aggregate(x, classes, weights).values)


@SETTINGS
@given(complete(), ORDERS)
def test_a_class_lies_between_its_classes(drawn: tuple, order: float) -> None:
    classes, x, weights = drawn
    whole = ew.aggregate(x, classes, weights, order=order)
    for i, code in enumerate(classes.codes):
        below = [n for n, p in enumerate(classes.parents) if p == i]
        if below:
            assert (whole.series(code) <= whole.values[below].max(axis=0) * (1 + 1e-12)).all()
            assert (whole.series(code) >= whole.values[below].min(axis=0) * (1 - 1e-12)).all()


@SETTINGS
@given(complete())
def test_a_higher_order_gives_a_higher_mean(drawn: tuple) -> None:
    classes, x, weights = drawn
    means = [
        ew.aggregate(x, classes, weights, order=r, price_update=False).series("T") for r in (-2.0, -1.0, 0.0, 1.0, 2.0)
    ]
    for low, high in pairwise(means):
        assert (low <= high * (1 + 1e-12)).all()


@SETTINGS
@given(complete())
def test_price_updated_weights_give_the_direct_index(drawn: tuple) -> None:
    """Chained Young with price-updated weights = weighted mean of the direct relatives, within the first basket."""
    classes, x, weights = drawn
    first = [r for r in weights.to_pylist() if r["valid_from"] == x.periods[0]]
    w = {r["ea"]: r["weight"] for r in first}
    levels = ew.chain(ew.aggregate(x, classes, w))
    direct = sum(w[c] * levels.series(c) for c in classes.leaves) / sum(w.values())
    same(levels.series("T"), direct)


@SETTINGS
@given(complete(), st.data())
def test_price_update_then_young_is_lowe(drawn: tuple, data: st.DataObject) -> None:
    classes, x, _ = drawn
    w = {c: data.draw(WEIGHT) for c in classes.leaves}
    levels = ew.chain(ew.aggregate(x, classes, w))
    since = data.draw(st.integers(0, len(x.periods) - 1))
    updated = ew.price_update(w, levels, x.periods[since])
    later = changes({c: [1.0, *x.series(c)[since + 1 :]] for c in classes.leaves}, list(x.periods[since:]))
    young = ew.chain(ew.aggregate(later, classes, updated)).series("T")
    # Lowe: fixed quantities q = w / p of the base of the weights, priced in both periods; the level is p.
    value = sum(w[c] * levels.series(c) for c in classes.leaves)
    same(young, value[since:] / value[since])
    shares = ew.price_update(w, levels, x.periods[since], shares=True)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-12)


@SETTINGS
@given(complete(), st.data())
def test_two_baskets_give_the_superlative_index(drawn: tuple, data: st.DataObject) -> None:
    """Fisher from orders 1 and -1, Törnqvist from 0 and 0, against the formulas for a link."""
    _, x, _ = drawn
    flat = classification(dict.fromkeys(x.codes, "T"))
    w0, wt = ({c: data.draw(WEIGHT) for c in x.codes} for _ in range(2))
    vectors = [np.asarray([w[c] for c in x.codes]) for w in (w0, wt)]
    for orders, formula in (((1.0, -1.0), "fisher"), ((0.0, 0.0), "tornqvist")):
        both = ew.aggregate(x, flat, w0, order=orders[0], second_weights=wt, second_order=orders[1], price_update=False)
        expected = [ew.superlative(x.values[:, t], *vectors, formula) for t in range(len(x.periods))]
        same(both.series("T"), expected)


# -- contributions
def sums(parts: pa.Table) -> dict[str, float]:
    out = defaultdict(list)
    for row in parts.to_pylist():
        out[row["period"]].append(row["contribution"])
    return {t: math.fsum(values) for t, values in out.items()}


def check_sums(x: ew.Indices, code: str, of: Any, form: str = "mean") -> None:
    """To the change, from each period on, and over each lag."""
    index = x.series(code)
    found = sums(ew.contributions(x, code, of=of, form=form))
    for t, value in zip(x.periods, index, strict=True):
        if np.isfinite(value):
            same(found.get(t, 0.0), value - 1)
        else:
            assert t not in found
    level = ew.chain(x).series(code)
    for a, since in enumerate(x.periods):
        found = sums(ew.contributions(x, code, of=of, since=since, form=form))
        for b in range(a, len(x.periods)):
            if np.isfinite(level[[a, b]]).all():
                same(found.get(x.periods[b], 0.0), level[b] / level[a] - 1, 2e-12)
    for lag in range(1, len(x.periods)):
        found = sums(ew.contributions(x, code, of=of, lag=lag, form=form))
        for b in range(lag, len(x.periods)):
            if np.isfinite(level[[b - lag, b]]).all():
                same(found.get(x.periods[b], 0.0), level[b] / level[b - lag] - 1, 2e-12)


@FEW
@given(complete(), ORDERS, st.data())
def test_contributions_of_classes_add_up(drawn: tuple, order: float, data: st.DataObject) -> None:
    """Inside a basket and across baskets, for every class and every level below it."""
    classes, x, weights = drawn
    second = {c: data.draw(WEIGHT) for c in classes.leaves} if data.draw(st.booleans()) else None
    whole = ew.aggregate(x, classes, weights, order=order, second_weights=second, second_order=data.draw(ORDERS))
    for code in classes.codes:
        own = code.count(".") + 1
        for of in range(own, len(classes.tree.levels) + 1):
            check_sums(whole, code, of)


@FEW
@given(quotes(), ORDERS, ORDERS)
def test_contributions_of_single_quotes_add_up(drawn: tuple, low: float, high: float) -> None:
    """Down to single price series, with missing prices and imputed classes, for every class."""
    classes, rows, weights = drawn
    x = ew.elementary(table(rows), order=low)
    for code in x.codes:
        found = sums(ew.contributions(x, code))
        for t, value in zip(x.periods, x.series(code), strict=True):
            if np.isfinite(value):
                same(found[t], value - 1)
    whole = ew.aggregate(x, classes, weights, order=high)
    for code in classes.codes:
        check_sums(whole, code, "product")


@FEW
@given(quotes())
def test_montgomery_contributions_add_up(drawn: tuple) -> None:
    classes, rows, weights = drawn
    whole = ew.aggregate(ew.elementary(table(rows)), classes, weights, order=0)
    for code in classes.codes:
        check_sums(whole, code, "product", "montgomery")


@FEW
@given(complete(), st.sampled_from(["last", 3, "year"]), st.data())
def test_contributions_on_links_add_up(drawn: tuple, link: Any, data: st.DataObject) -> None:
    """Indices linked once a year, each year with weights of its own: Ribe's contributions, and from any period."""
    classes, _, _ = drawn
    periods = [f"{year}-Q{q}" for year in (2020, 2021, 2022) for q in (1, 2, 3, 4)]
    flat = classification(dict.fromkeys(classes.leaves, "T"))
    rows = [{"code": c, "period": t, "index": data.draw(RATIO)} for c in flat.leaves for t in periods]
    levels = ew.Indices.from_table(pa.Table.from_pylist(rows))
    weights = pa.Table.from_pylist(
        [
            {"ea": c, "weight": data.draw(WEIGHT), "valid_from": f"{year}-Q1"}
            for year in (2020, 2021, 2022)
            for c in flat.leaves
        ]
    )
    total = ew.aggregate(ew.unchain(levels, link=link), flat, weights)
    published = ew.chain(total).series("T")
    # Where the weights change between link and year's end, no level of parts is left to add up from.
    check_sums(total, "T", 2)
    ribe = ew.ribe_contributions(levels, weights, published * 100, link=link, lag=4)
    expected = 100 * (published[4:] / published[:-4] - 1)
    have = np.isfinite(expected)
    if link != 3:
        same(np.sum(list(ribe.values()), axis=0)[4:][have], expected[have], 1e-10)


# -- elementary aggregates
@SETTINGS
@given(quotes(), ORDERS, st.randoms(use_true_random=False))
def test_the_order_of_rows_has_no_meaning(drawn: tuple, order: float, random: Any) -> None:
    classes, rows, weights = drawn
    shuffled = list(rows)
    random.shuffle(shuffled)
    a, b = (ew.elementary(table(r), order=order) for r in (rows, shuffled))
    np.testing.assert_array_equal(a.values, b.values)
    assert a.codes == b.codes
    assert a.periods == b.periods
    totals = [ew.aggregate(x, classes, weights) for x in (a, b)]
    np.testing.assert_array_equal(totals[0].values, totals[1].values)
    parts = [ew.contributions(x, "T").to_pylist() for x in totals]
    assert parts[0] == parts[1]


@SETTINGS
@given(quotes(), ORDERS, st.data())
def test_the_unit_of_a_product_has_no_meaning(drawn: tuple, order: float, data: st.DataObject) -> None:
    _, rows, _ = drawn
    factor = {r["product"]: 0.0 for r in rows}
    factor = {p: data.draw(FIRST) for p in factor}
    other = [r | {"price": None if r["price"] is None else r["price"] * factor[r["product"]]} for r in rows]
    same(ew.elementary(table(other), order=order).values, ew.elementary(table(rows), order=order).values)


@SETTINGS
@given(quotes(), st.sampled_from(["carry_forward", "carry_backward", "class_mean", "class_mean_hierarchical"]))
def test_imputing_first_is_the_same(drawn: tuple, method: str) -> None:
    """`elementary` with imputation = `elementary` of the table that `impute` gives; observed prices stay."""
    classes, rows, weights = drawn
    more = {"classification": classes, "weights": weights} if method == "class_mean_hierarchical" else {}
    filled = ew.impute(table(rows), method, **more)
    observed = {(r["period"], r["product"]): r["price"] for r in rows if r["price"] is not None}
    for row in filled.to_pylist():
        key = row["period"], row["product"]
        assert (row["status"] == "observed") == (key in observed)
        assert row["price"] == observed.get(key, row["price"])
        assert (row["status"] == "missing") == (row["price"] is None)
    a = ew.elementary(table(rows), imputation=method, **more)
    b = ew.elementary(filled)
    assert (a.codes, a.periods) == (b.codes, b.periods)
    np.testing.assert_array_equal(a.values, b.values)


# -- levels
@SETTINGS
@given(complete())
def test_chain_and_unchain_are_inverse(drawn: tuple) -> None:
    classes, x, weights = drawn
    whole = ew.aggregate(x, classes, weights)
    levels = ew.chain(whole)
    same(ew.unchain(levels).values, whole.values)
    same(ew.chain(ew.unchain(levels)).values, levels.values)


@SETTINGS
@given(st.integers(0, 11), st.integers(14, 40), st.sampled_from(["last", "year", 1, 6, 12]), st.data())
def test_chain_and_unchain_are_inverse_over_links(first: int, count: int, link: Any, data: st.DataObject) -> None:
    """From the first link on; what lies before it has no link and is null."""
    periods = months(count, first)
    values = [data.draw(RATIO) for _ in periods]
    rows = [{"code": "a", "period": t, "index": v} for t, v in zip(periods, values, strict=True)]
    levels = ew.Indices.from_table(pa.Table.from_pylist(rows))
    back = ew.chain(ew.unchain(levels, link=link)).series("a")
    have = np.isfinite(back)
    if not have.any():
        return
    ratio = levels.series("a")[have] / back[have]
    same(ratio, ratio[0])
    last_of = {"last": 12, "year": 1}.get(link, link)
    start = next((i for i, t in enumerate(periods) if int(t[5:]) == last_of), None)
    assert start is not None
    years = [int(t[:4]) for t in periods]
    expected = [i == start or (y > years[start]) or (link == "year" and i >= start) for i, y in enumerate(years)]
    assert have.tolist() == expected


@SETTINGS
@given(complete(), st.data())
def test_rebase_keeps_changes(drawn: tuple, data: st.DataObject) -> None:
    classes, x, weights = drawn
    levels = ew.chain(ew.aggregate(x, classes, weights))
    base = data.draw(st.sampled_from(x.periods))
    rebased = ew.rebase(levels, base, 100)
    same(rebased.values[:, rebased.period(base)], 100)
    same(ew.unchain(rebased).values, ew.unchain(levels).values)
    same(rebased.values, levels.values * rebased.factor[:, None])
    same(ew.rates(rebased, 1).values[:, 1:], 100 * (x_changes(levels) - 1), 1e-10)


def x_changes(levels: ew.Indices) -> np.ndarray:
    return levels.values[:, 1:] / levels.values[:, :-1]
