"""Worked numbers: weights, links, contributions and missing prices (CPI Manual 2020, chapters 6 and 9)."""

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import ellwand as ew

WEIGHTS = {"a": 0.5, "b": 0.3, "c": 0.2}


def flat(*codes: str) -> ew.Classification:
    rows = [{"code": "total", "parent": None}, *({"code": c, "parent": "total"} for c in codes)]
    return ew.Classification.from_parents(pa.Table.from_pylist(rows))


ABC = flat("a", "b", "c")


def indices(values: dict[str, list[float]], periods: list[Any], kind: str = "level") -> ew.Indices:
    rows = [
        {"code": c, "period": t, "index": x} for c, row in values.items() for t, x in zip(periods, row, strict=True)
    ]
    return ew.Indices.from_table(pa.Table.from_pylist(rows), kind=kind)


def parts(table: pa.Table, period: Any) -> dict[str, float]:
    return {r["code"]: 100 * r["contribution"] for r in table.to_pylist() if r["period"] == period}


def test_price_updated_weights() -> None:
    levels = indices({"a": [1.0, 1.10], "b": [1.0, 0.95], "c": [1.0, 1.30]}, ["b", "c0"])
    updated = ew.price_update(WEIGHTS, levels, "c0")
    assert sum(updated.values()) == pytest.approx(1.095, abs=1e-12)
    shares = ew.price_update(WEIGHTS, levels, "c0", shares=True)
    assert list(shares.values()) == pytest.approx([0.50228, 0.26027, 0.23744], abs=5e-6)


def test_geometric_weights_stay() -> None:
    levels = indices({"a": [1.0, 1.10], "b": [1.0, 0.95], "c": [1.0, 1.30]}, ["b", "c0"])
    assert ew.price_update(WEIGHTS, levels, "c0", order=0) == WEIGHTS


THREE = {"a": [100.0, 105.0, 107.1], "b": [100.0, 98.0, 97.02], "c": [100.0, 110.0, 112.2]}


def test_contributions_inside_a_link() -> None:
    """Weights .5 .3 .2 at the first period; levels 105 98 110 -> 107.1 97.02 112.2."""
    x = ew.aggregate(ew.unchain(indices(THREE, [0, 1, 2])), ABC, WEIGHTS)
    total = ew.rebase(ew.chain(x), 0, 100).series("total")
    assert total[1:] == pytest.approx([103.9, 105.096], abs=1e-10)
    assert 100 * (total[2] / total[1] - 1) == pytest.approx(1.15111, abs=5e-6)
    found = parts(ew.contributions(x, "total", of=2), 2)
    assert list(found.values()) == pytest.approx([1.0106, -0.2830, 0.4235], abs=5e-5)
    assert sum(found.values()) == pytest.approx(100 * (total[2] / total[1] - 1), abs=1e-11)
    by_hand = {c: 100 * WEIGHTS[c] * (THREE[c][2] - THREE[c][1]) / total[1] for c in WEIGHTS}
    assert found == pytest.approx(by_hand, abs=1e-11)


NEW = {"a": 0.2, "b": 0.2, "c": 0.6}
FOUR = {"a": [100.0, 105.0, 107.1, 110.0], "b": [100.0, 98.0, 97.02, 99.0], "c": [100.0, 110.0, 112.2, 109.0]}


def two_baskets() -> pa.Table:
    rows = [{"ea": c, "weight": w, "valid_from": f} for f, ws in ((0, WEIGHTS), (3, NEW)) for c, w in ws.items()]
    return pa.Table.from_pylist(rows)


def test_a_chain_link() -> None:
    """`I(0:t) = I(0:k) sum w_new I(k:t)`, the new weights at the prices of the overlap period k = 2."""
    x = ew.aggregate(ew.unchain(indices(FOUR, [0, 1, 2, 3])), ABC, two_baskets())
    total = ew.chain(x).series("total")
    at_k = sum(w * FOUR[c][2] / 100 for c, w in WEIGHTS.items())
    assert total[2] == pytest.approx(at_k, abs=1e-13)
    assert total[3] == pytest.approx(at_k * sum(w * FOUR[c][3] / FOUR[c][2] for c, w in NEW.items()), abs=1e-13)


def test_contributions_across_a_link() -> None:
    """`C(t0..k) + C(k..t) I^k / I^t0`, each part with its own weights."""
    x = ew.aggregate(ew.unchain(indices(FOUR, [0, 1, 2, 3])), ABC, two_baskets())
    total = ew.chain(x).series("total")
    for t0 in (0, 1):
        found = parts(ew.contributions(x, "total", of=2, since=t0), 3)
        for c, w in WEIGHTS.items():
            first = 100 * w * (FOUR[c][2] - FOUR[c][t0]) / 100 / total[t0]
            second = 100 * NEW[c] * (FOUR[c][3] / FOUR[c][2] - 1) * total[2] / total[t0]
            assert found[c] == pytest.approx(first + second, abs=1e-11)
        assert sum(found.values()) == pytest.approx(100 * (total[3] / total[t0] - 1), abs=1e-11)


def test_ribe_by_hand() -> None:
    """A year's change over a December link: the rest of the old year and the new year, each with its own weights."""
    periods = [f"{y}-{m:02d}" for y in (2020, 2021, 2022) for m in range(1, 13)][11:]
    rng = np.random.default_rng(3)
    values = {c: np.exp(np.cumsum(rng.normal(0, 0.02, len(periods)))).tolist() for c in WEIGHTS}
    levels = indices(values, periods)
    years = {"2020-12": WEIGHTS, "2021-01": NEW, "2022-01": {"a": 1.0, "b": 3.0, "c": 6.0}}
    rows = [{"ea": c, "weight": w, "valid_from": f} for f, ws in years.items() for c, w in ws.items()]
    x = ew.aggregate(ew.unchain(levels, link=12), ABC, pa.Table.from_pylist(rows))
    level = dict(zip(periods, ew.chain(x).series("total"), strict=True))
    at = {t: i for i, t in enumerate(periods)}
    t, b, d0, d1 = "2022-05", "2021-05", "2021-12", "2020-12"
    found = parts(ew.contributions(x, "total", of=2, lag=12), t)
    for c, row in values.items():
        new = years["2022-01"][c] / 10 * (row[at[t]] / row[at[d0]] - 1) * level[d0] / level[b]
        old = NEW[c] * (row[at[d0]] - row[at[b]]) / row[at[d1]] * level[d1] / level[b]
        assert found[c] == pytest.approx(100 * (new + old), abs=1e-11)
    assert sum(found.values()) == pytest.approx(100 * (level[t] / level[b] - 1), abs=1e-11)
    ribe = ew.ribe_contributions(levels, pa.Table.from_pylist(rows), [100 * level[p] for p in periods])
    assert {c: row[at[t]] for c, row in ribe.items()} == pytest.approx(found, abs=1e-11)


def test_rebase_divides_by_the_mean_of_the_year() -> None:
    periods = [f"2021-{m:02d}" for m in range(1, 13)] + ["2022-01"]
    levels = indices({"a": [float(100 + m) for m in range(13)]}, periods)
    rebased = ew.rebase(levels, "2021", 100)
    assert rebased.series("a")[:12].mean() == pytest.approx(100, abs=1e-12)
    assert rebased.factor == pytest.approx([100 / 105.5], abs=1e-14)
    assert levels.series("a")[0] == 100, "the old series stays as it was"


def test_one_price_missing() -> None:
    """Prices 10 20 8 12; 10.5 20 8.4 12.6; 11 19 8.8 missing; 11 19.5 8.8 13.2: imputed by its class, then back."""
    prices = [[10, 20, 8, 12], [10.5, 20, 8.4, 12.6], [11, 19, 8.8, None], [11, 19.5, 8.8, 13.2]]
    rows = [
        {"ea": "x", "period": t, "product": i, "price": None if p is None else float(p)}
        for t, row in enumerate(prices)
        for i, p in enumerate(row)
    ]
    table = pa.Table.from_pylist(rows)
    (filled,) = [r for r in ew.impute(table, "class_mean").to_pylist() if r["status"] == "imputed"]
    assert filled["price"] == pytest.approx(12.776562, abs=5e-7)
    assert filled["price"] / 12.6 == pytest.approx(1.0140129, abs=5e-8)
    level = ew.chain(ew.elementary(table, imputation="class_mean")).series("x")
    assert 100 * level[2] == pytest.approx(105.18055, abs=5e-6)
    assert 100 * level[3] == pytest.approx(106.73225, abs=5e-6)
    carried = ew.chain(ew.elementary(table, imputation="carry_forward")).series("x")
    assert 100 * carried[2] == pytest.approx(104.81527, abs=5e-6)
    assert carried[3] == pytest.approx(level[3], abs=1e-13), "on return the index corrects itself"
    # Left out, the class moves as its other prices do: the same as its mean, in this one period.
    assert ew.elementary(table).series("x")[2] == pytest.approx(1.0140129, abs=5e-8)


TREE = ew.Classification.from_codes(["1.1.1", "1.1.2", "1.2.1"])


def test_the_ladder_of_donors() -> None:
    """A class without prices takes the change of the nearest class above it that has enough relatives."""
    nan = float("nan")
    x = indices({"1.1.1": [1.0, 1.2], "1.1.2": [1.0, 1.0], "1.2.1": [1.0, 1.5]}, [0, 1], "change")
    gap = x.values.copy()
    gap[x.at("1.1.2"), 1] = nan
    x = dataclasses.replace(x, values=gap, matched=np.asarray([[2, 2], [2, 0], [5, 5]]))
    weights = dict.fromkeys(TREE.leaves, 1.0)
    near = ew.aggregate(x, TREE, weights)
    assert near.series("1.1.2")[1] == 1.2
    assert near.status[near.at("1.1.2"), 1] == "imputed: the change of 1.1 (2 relatives)"
    far = ew.aggregate(x, TREE, weights, min_donors=3)
    assert far.series("1.1.2")[1] == far.series("1")[1] == near.series("1")[1]
    assert far.status[far.at("1.1.2"), 1] == "imputed: the change of 1 (7 relatives)"
    none = ew.aggregate(x, TREE, weights, min_donors=8)
    assert np.isnan(none.series("1.1.2")[1])
    assert none.status[none.at("1.1.2"), 1] == "no class above it has 8 relatives"
    # Its weight rests with the classes present, level by level.
    assert none.series("1")[1] == pytest.approx((2 * 1.2 + 1.5) / 3, abs=1e-15)
    # What it gives to its own change is what its donor's classes give.
    found = {r["code"]: r["contribution"] for r in ew.contributions(near, "1.1.2", of=3).to_pylist() if r["period"]}
    assert found == {"1.1.1": pytest.approx(0.2, abs=1e-15)}
    assert 1 not in ew.contributions(near, "1.1.2", of=3, imputed="null")["period"].to_pylist()


def test_walsh_in_two_halves() -> None:
    """Walsh = geometric mean of the means of order 1/2 and -1/2 with the weights sqrt(w0 wt)."""
    relatives = {"a": [1.0, 1.10], "b": [1.0, 0.95], "c": [1.0, 1.30]}
    x = indices(relatives, [0, 1], "change")
    both = {c: (WEIGHTS[c] * NEW[c]) ** 0.5 for c in WEIGHTS}
    index = ew.aggregate(x, ABC, both, order=0.5, second_weights=both, second_order=-0.5).series("total")[1]
    vectors = [[w[c] for c in relatives] for w in (WEIGHTS, NEW)]
    assert index == pytest.approx(ew.superlative([1.10, 0.95, 1.30], *vectors, "walsh"), abs=1e-14)


def test_montgomery_weights_of_a_geometric_index() -> None:
    """`w ln x Lm(I,1)`: straight from the classes or through a level between, the same."""
    x = indices({"1.1": [1.0, 1.2], "1.2": [1.0, 0.9], "2.1": [1.0, 1.1]}, [0, 1], "change")
    pairs = {"T": "", "1": "T", "2": "T", "1.1": "1", "1.2": "1", "2.1": "2"}
    tree = ew.Classification.from_parents(pa.table({"code": list(pairs), "parent": list(pairs.values())}))
    weights = {"1.1": 0.5, "1.2": 0.3, "2.1": 0.2}
    index = np.exp(0.5 * np.log(1.2) + 0.3 * np.log(0.9) + 0.2 * np.log(1.1))
    expected = {c: 100 * w * np.log(x.series(c)[1]) * (index - 1) / np.log(index) for c, w in weights.items()}
    nested = ew.aggregate(x, tree, weights, order=0)
    assert parts(ew.contributions(nested, "T", of=3, form="montgomery"), 1) == pytest.approx(expected, abs=1e-12)
    straight = dict.fromkeys(weights, "T")
    rows = {"code": ["T", *straight], "parent": ["", *straight.values()]}
    whole = ew.aggregate(x, ew.Classification.from_parents(pa.table(rows)), weights, order=0)
    assert parts(ew.contributions(whole, "T", of=2, form="montgomery"), 1) == pytest.approx(expected, abs=1e-12)
    assert sum(expected.values()) == pytest.approx(100 * (whole.series("T")[1] - 1), abs=1e-12)
    with pytest.raises(ValueError, match="for geometric means"):
        ew.contributions(ew.aggregate(x, tree, weights), "T", of=3, form="montgomery")
