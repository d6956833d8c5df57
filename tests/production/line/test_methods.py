"""The methods that ship on a small market, grades, and what is suppressed."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import ellwand as ew
from ellwand.formulas.tree import Aggregated
from ellwand.production.method import SHIPPED
from ellwand.production.suppression import secondary

UNITS = range(1, 6)


def market(bench: Any, **more: Any) -> Any:
    """Two classes of five units each, with quantities, over eight weeks."""
    rng = np.random.default_rng(7)
    prices = {}
    for ea in "ab":
        for u in UNITS:
            level = 10 * np.exp(np.cumsum(rng.normal(0, 0.004, 8)))
            quantity = rng.integers(50, 100, 8)
            prices[f"{ea}{u}/u{u}"] = [
                {"price": round(float(p), 4), "quantity": int(q)} for p, q in zip(level, quantity, strict=True)
            ]
    items = {pair.split("/")[0]: pair[0] for pair in prices}
    return bench.market(prices, items=items, basket={"a": 0.6, "b": 0.4}, **more)


@pytest.mark.parametrize("name", SHIPPED)
def test_each_method_that_ships_compiles_a_small_market(bench: Any, name: str) -> None:
    found = bench.shipped(market(bench), name)
    index = found.index("0")
    assert len(index) == 8 and index[0] == 100 and all(95 < v < 105 for v in index)
    assert set(found.column("0", "status")) == {"reference", "observed"}


def test_transactions_are_the_ccdi_index_of_each_class(bench: Any) -> None:
    given = market(bench)
    rows = [r | {"product": f"{r['item']}/{r['unit']}", "ea": r["item"][0]} for r in given.tables()["quotes.csv"]]
    ccdi = ew.index(pa.Table.from_pylist(rows), "ccdi", by="ea", window=53, splice="mean").to_pylist()
    found = bench.shipped(given, "transactions")
    for ea in "ab":
        wanted = [100 * row["index"] for row in ccdi if row["ea"] == ea]
        assert found.index(ea) == pytest.approx(wanted, rel=1e-10)


def test_transactions_without_quantities_are_refused(bench: Any) -> None:
    with pytest.raises(ValueError, match="quantity"):
        bench.shipped(bench.market({"i/u": [1, 2]}), "transactions")


def test_the_keqiao_method_skips_closed_weeks_and_compares_with_the_previous_issue(bench: Any) -> None:
    given = market(bench)
    closures = [(f"u{u}", week) for week in ("2024-W04", "2024-W05") for u in UNITS]
    for quotes in given.prices.values():
        quotes[3] = quotes[4] = None
    found = bench.shipped(bench.changed(given, closures=closures), "keqiao")
    assert found.column("0", "status")[3:5] == ["not_collected"] * 2
    index = found.index("0")
    assert index[3:5] == [None, None]
    assert found.column("0", "change_previous")[5] == pytest.approx(100 * (index[5] / index[2] - 1), abs=1e-12)
    parts = sum(found.column(ea, "contribution")[5] for ea in "ab")
    assert parts == pytest.approx(found.column("0", "change_previous")[5], abs=1e-12)


def test_the_careful_method_shows_closed_weeks_as_carried(bench: Any) -> None:
    given = market(bench)
    closures = [(f"u{u}", "2024-W04") for u in UNITS]
    for quotes in given.prices.values():
        quotes[3] = None
    found = bench.run(bench.changed(given, closures=closures, assignments={}), "[quality]\nminimum_units = 3")
    # Nothing was quoted: there is no issue; with one other class quoted there would be.
    assert found.column("0", "status")[3] == "not_collected"
    given.prices["c/u9"] = [10.0] * 8
    other = bench.changed(
        given, closures=closures, items=given.items | {"c": "c"}, basket={"a": 0.5, "b": 0.4, "c": 0.1}
    )
    found = bench.run(other)
    assert found.column("a", "status")[3] == "carried" and found.index("a")[3] == found.index("a")[2]
    assert found.column("a", "carried_share")[3] == 1


# Grades


@pytest.mark.parametrize(("missing", "grade"), [(0, "A"), (1, "A"), (2, "B"), (4, "B"), (5, "C")])
def test_grades_by_imputed_share(bench: Any, missing: int, grade: str) -> None:
    """Shares of 0, 10, 20, 40 and 50 per cent."""
    prices = {f"i{k}/u{k}": [10, None if k < missing else 10] for k in range(10)}
    found = bench.run(bench.market(prices))
    assert found.column("a", "imputed_share")[1] == pytest.approx(missing / 10)
    assert found.column("a", "grade") == ["A", grade]


# Suppression


SHOW = "[quality]\nminimum_units = 3\ndominance = 0.85"


def tree(bench: Any, units: dict[str, int], basket: dict[str, float], classes: Any = None) -> Any:
    """Classes with so many units each, all of whose prices move."""
    prices, items = {}, {}
    for ea, count in units.items():
        for k in range(count):
            prices[f"{ea}{k}/{ea}u{k}"] = [10, 10 + 0.1 * (k + 1), 11 + 0.1 * k, 11.5]
            items[f"{ea}{k}"] = ea
    return bench.market(prices, items=items, basket=basket, classes=classes)


def shown(found: Any, code: str) -> list[bool]:
    return [v is not None for v in found.index(code)]


def test_fewer_than_three_units_are_suppressed(bench: Any) -> None:
    found = bench.run(tree(bench, {"a": 2, "b": 3, "c": 4}, {"a": 0.3, "b": 0.3, "c": 0.4}), SHOW)
    assert found.column("a", "grade")[1:] == ["S"] * 3
    assert found.column("a", "status")[1:] == ["suppressed"] * 3
    row = found.observations("a")[2]
    for name in ("index", "change_previous", "contribution", "se", "low", "high", "weight"):
        assert row[name] is None
    assert row["units"] == 2


def test_a_second_class_is_hidden_so_that_no_difference_reveals_the_first(bench: Any) -> None:
    """The one of the smallest weight; the total is shown."""
    found = bench.run(tree(bench, {"a": 2, "b": 3, "c": 4}, {"a": 0.3, "b": 0.3, "c": 0.4}), SHOW)
    assert shown(found, "b") == [True, False, False, False]
    assert shown(found, "c") == shown(found, "0") == [True] * 4


def test_a_single_part_hides_its_class(bench: Any) -> None:
    """x holds a alone: what x shows, a is. Then a second class beside x is hidden as well."""
    classes = {"0": "", "x": "0", "a": "x", "b": "0", "c": "0"}
    found = bench.run(tree(bench, {"a": 2, "b": 3, "c": 4}, {"a": 0.3, "b": 0.3, "c": 0.4}, classes), SHOW)
    assert not any(shown(found, code)[1] for code in ("a", "x", "b"))
    assert shown(found, "c")[1] and shown(found, "0")[1]


def test_a_class_hidden_for_another_is_not_shown_by_its_parts(bench: Any) -> None:
    """y is hidden for x; were its parts shown, y could be computed from them."""
    classes = {"0": "", "x": "0", "a": "x", "y": "0", "b": "y", "c": "y"}
    found = bench.run(tree(bench, {"a": 2, "b": 3, "c": 4}, {"a": 0.3, "b": 0.3, "c": 0.4}, classes), SHOW)
    assert not shown(found, "y")[1] and not (shown(found, "b")[1] and shown(found, "c")[1])


def test_one_unit_above_85_per_cent_is_suppressed(bench: Any) -> None:
    """One unit quotes nine items of ten."""
    prices = {f"i{k}/u1": [10, 10.1] for k in range(18)} | {"j1/u2": [10, 10.2], "j2/u3": [10, 10.3]}
    found = bench.run(bench.market(prices), SHOW)
    assert found.column("a", "grade")[1] == "S"
    assert bench.run(bench.market(prices), "[quality]\nminimum_units = 3").column("a", "grade")[1] == "A"


def test_a_unit_may_dominate_a_class_above_though_no_part_of_it(bench: Any) -> None:
    """Four fifths of a, which has 95 per cent of the weight, and all but a fifth of b."""
    prices, items = {}, {}
    for ea in "ab":
        for k in range(9):
            prices[f"{ea}{k}/u{1 if k < 8 else 2}"] = [10, 10.1]
        prices[f"{ea}9/u3"] = [10, 10.2]
        items |= {f"{ea}{k}": ea for k in range(10)}
    for k in range(10):
        prices[f"c{k}/v{k}"] = [10, 10]
        items[f"c{k}"] = "c"
    basket = {"a": 0.97, "b": 0.02, "c": 0.01}
    found = bench.run(bench.market(prices, items=items, basket=basket), "[quality]\ndominance = 0.78")
    assert found.column("0", "grade")[1] == "S"


def test_a_closed_unit_does_not_lift_the_suppression(bench: Any) -> None:
    """Of three units one is closed: the figure tells of the two others."""
    prices = {"i1/u1": [10, 11], "i2/u2": [10, 12], "i3/u3": [10, None]}
    found = bench.run(bench.market(prices, closures=[("u3", "2024-W02")]), SHOW)
    assert found.column("a", "grade")[1] == "S"


def test_a_hidden_level_does_not_follow_from_weights_or_contributions_of_the_next_week(bench: Any) -> None:
    """Weights follow prices, and a contribution is measured from the level before."""
    found = tree(bench, {"a": 3, "b": 3, "c": 4}, {"a": 0.3, "b": 0.3, "c": 0.4})
    found.prices["a0/au0"][1] = None
    got = bench.run(found, SHOW)
    assert shown(got, "a") == [True, False, True, True]
    assert [v is not None for v in got.column("a", "weight")] == [True, True, False, True]
    assert [v is not None for v in got.column("a", "contribution")] == [False, False, False, True]
    assert [v is not None for v in got.column("a", "change_previous")] == [False, False, False, True]


def test_a_class_that_takes_the_change_of_a_hidden_one_is_hidden(bench: Any) -> None:
    classes = {"0": "", "x": "0", "a": "x", "n": "x", "b": "0", "c": "0"}
    basket = {"a": 0.2, "n": 0.1, "b": 0.3, "c": 0.4}
    found = bench.run(tree(bench, {"a": 2, "b": 3, "c": 4}, basket, classes), SHOW)
    assert not shown(found, "x")[1] and not shown(found, "n")[1]


def test_no_hidden_class_can_be_solved_for() -> None:
    """Random trees: the equations 'a class is the mean of its parts' leave every hidden class undetermined."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        n = int(rng.integers(3, 14))
        parent = np.array([-1, *(int(rng.integers(0, i)) for i in range(1, n))], dtype=np.intp)
        hidden = rng.random((n, 1)) < 0.2
        share = np.zeros((n, 1))
        for p in range(n):
            parts = np.flatnonzero(parent == p)
            if len(parts):
                w = rng.random(len(parts)) + 0.1
                share[parts, 0] = w / w.sum()
        share[0] = 1
        none = np.full((n, 1), -1, dtype=np.intp)
        out = secondary(parent, hidden, Aggregated(np.ones((n, 1)), share, none, share))[:, 0]
        assert out[hidden[:, 0]].all()
        unknown = np.flatnonzero(out)
        equations = []
        for p in np.unique(parent[parent >= 0]):
            row = np.where(parent == p, share[:, 0], 0.0)
            row[p] = -1.0
            equations.append(row[unknown])
        if not len(unknown) or not equations:
            continue
        matrix = np.array(equations)
        for k in range(len(unknown)):
            unit = np.eye(len(unknown))[k]
            # A class is determined if it is a combination of the equations.
            more = np.linalg.matrix_rank(np.vstack([matrix, unit]), tol=1e-9)
            assert more > np.linalg.matrix_rank(matrix, tol=1e-9)
