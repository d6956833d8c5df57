"""What is wrong is refused, and the message says where, what, which rule and what to do."""

import math
from typing import Any

import pyarrow as pa
import pytest

import ellwand as ew

PERIODS = ["2024-01", "2024-02", "2024-03"]
TREE = ew.Classification.from_codes(["1.1", "1.2", "2.1"])
WEIGHTS = {"1.1": 2.0, "1.2": 1.0, "2.1": 1.0}


def rows(**prices: list[float | None]) -> pa.Table:
    """Prices of one product an elementary aggregate; `x1_1` is the aggregate 1.1."""
    out = []
    for name, row in prices.items():
        ea = name[1:].replace("_", ".")
        out += [{"ea": ea, "period": t, "product": "p", "price": p} for t, p in zip(PERIODS, row, strict=True)]
    return pa.Table.from_pylist(out)


GOOD = rows(x1_1=[1.0, 2.0, 2.0], x1_2=[1.0, 1.0, 3.0], x2_1=[5.0, 4.0, 4.0])
ELEMENTARY = ew.elementary(GOOD)
TOTAL = ew.aggregate(ELEMENTARY, TREE, WEIGHTS)
LEVELS = ew.chain(TOTAL)


def baskets(*entries: tuple[str, Any, Any]) -> pa.Table:
    return pa.table(
        {
            "ea": [e[0] for e in entries],
            "weight": [e[1] for e in entries],
            "valid_from": pa.array([e[2] for e in entries], pa.string()),
        }
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (WEIGHTS | {"1.2": -1.0}, r"weights row 2, field weight: -1.0: a weight must be a finite number, 0 or above"),
        (WEIGHTS | {"1.2": math.nan}, r"row 2, field weight: nan"),
        (WEIGHTS | {"1.2": math.inf}, r"row 2, field weight: inf"),
        (WEIGHTS | {"1.2": None}, r"row 2, field weight: None"),
        (WEIGHTS | {"1.2": "much"}, r"row 2, field weight: much"),
        (WEIGHTS | {"1.3": 1.0}, r"row 4, field ea: '1.3' is no class of the classification.*did you mean"),
        (WEIGHTS | {"1": 1.0}, r"row 4, field ea: '1' is a class above the elementary aggregates"),
        (dict.fromkeys(WEIGHTS, 0.0), r"the basket has no weight above 0; give the weight of at least one class"),
        ({}, r"no basket is in force in the first period 2024-01"),
        (baskets(("1.1", 1.0, "2024-01"), ("1.1", 2.0, "2024-01")), r"row 2, field ea: '1.1' stands twice"),
        (baskets(("1.1", 1.0, "2024-02")), r"no basket is in force in the first period 2024-01; the first is too late"),
        (baskets(("1.1", 1.0, "2024-01"), ("1.1", 0.0, "2024-02")), r"the basket of 2024-02 has no weight above 0"),
        # A class that was renamed between two baskets.
        (baskets(("1.1", 1.0, "2024-01"), ("1.1a", 1.0, "2024-03")), r"row 2.*'1.1a' is no class.*renamed.*'1.1'"),
        (pa.table({"ea": ["1.1"]}), r"no column 'weight' for the weight"),
        (pa.table({"code": ["1.1"], "weight": [1.0]}), r"no column 'ea' for the code"),
    ],
)
def test_weights(weights: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ew.aggregate(ELEMENTARY, TREE, weights)


def test_a_class_with_weight_and_no_index() -> None:
    two = ew.elementary(rows(x1_1=[1.0, 2.0, 2.0], x2_1=[5.0, 4.0, 4.0]))
    with pytest.raises(ew.DataError, match=r"field ea: 1.2 with weight and without any index.*without_index='parent'"):
        ew.aggregate(two, TREE, WEIGHTS)
    x = ew.aggregate(two, TREE, WEIGHTS, without_index="parent")
    assert x.series("1.2").tolist() == x.series("1").tolist() == [1.0, 2.0, 1.0]
    assert set(x.status[x.at("1.2")]) == {"imputed: the change of 1 (1 relatives)"}
    # Without weight it is no error, and it gives nothing.
    assert ew.aggregate(two, TREE, WEIGHTS | {"1.2": 0.0}).series("1").tolist() == [1.0, 2.0, 1.0]


def test_weights_that_must_sum_to_one() -> None:
    with pytest.raises(ew.DataError, match=r"the weights of the basket sum to 4.0 and must sum to 1"):
        ew.aggregate(ELEMENTARY, TREE, WEIGHTS, weights_total=1)
    with pytest.raises(ew.DataError, match=r"must sum to 1"):
        ew.aggregate(ELEMENTARY, TREE, {"1.1": 0.5, "1.2": 0.25, "2.1": 0.25 + 3e-9}, weights_total=1)
    ew.aggregate(ELEMENTARY, TREE, {"1.1": 0.5, "1.2": 0.25, "2.1": 0.25 + 3e-10}, weights_total=1)


def test_a_class_without_weight_is_null_and_not_imputed() -> None:
    x = ew.aggregate(ELEMENTARY, TREE, {"1.1": 1.0})
    assert all(math.isnan(v) for v in x.series("2"))
    assert set(x.status[x.at("2")]) == {"no weight in its basket"}
    assert x.series("2.1").tolist() == ELEMENTARY.series("2.1").tolist(), "its own prices are its own index"


def test_a_class_that_enters_with_the_second_basket() -> None:
    weights = baskets(("1.1", 1.0, "2024-01"), ("1.1", 1.0, "2024-03"), ("2.1", 1.0, "2024-03"))
    levels = ew.chain(ew.aggregate(ELEMENTARY, TREE, weights))
    assert [math.isnan(v) for v in levels.series("2")] == [True, True, False]
    assert levels.status[levels.at("2")].tolist() == ["no weight in its basket"] * 2 + ["ok"]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "b"), ("b", "a"), ("c", "")], r"'a' lies in a circle of parents; no top class is above it"),
        ([("a", "a"), ("c", "")], r"'a' lies in a circle of parents"),
        ([("a", "x"), ("c", "")], r"field parent: 'x', the parent of 'a', is no class"),
        ([("a", ""), ("a", "")], r"row 2, field code: a stands twice"),
        ([("", "a")], r"row 1, field code: empty"),
        ([], r"the classification holds no class"),
    ],
)
def test_classification(pairs: list[tuple[str, str]], message: str) -> None:
    table = pa.table({"code": pa.array([c for c, _ in pairs], pa.string()), "parent": pa.array([p for _, p in pairs])})
    with pytest.raises(ew.DataError, match=message):
        ew.Classification.from_parents(table)


def test_a_code_under_two_parents() -> None:
    table = pa.table({"group": ["1", "2"], "ea": ["x", "x"]})
    with pytest.raises(ew.DataError, match=r"row 2, field ea: x stands under '1' and under '2'"):
        ew.Classification.from_levels(table, ["group", "ea"])
    with pytest.raises(ew.DataError, match=r"row 1, field ea: empty"):
        ew.Classification.from_levels(pa.table({"group": ["1"], "ea": pa.array([None], pa.string())}), ["group", "ea"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": "0"}, "order is '0'; it must be a finite number"),
        ({"order": math.nan}, "order is nan"),
        ({"imputation": "guess"}, "imputation is 'guess'; allowed"),
        ({"imputation": "class_men"}, "did you mean 'class_mean'"),
        ({"imputation": "class_mean_hierarchical"}, "needs classification and weights"),
        ({"imputation": "class_mean", "weights": WEIGHTS}, "classification and weights belong to"),
        ({"weights": WEIGHTS}, "classification and weights belong to"),
        ({"ea": "e"}, "no column 'e' for the ea"),
        ({"product": ["product", "unit"]}, "no column 'unit' for the product"),
        ({"weight": "w"}, "no column 'w' for the weight"),
        ({"imputation": "class_mean", "weight": "price"}, "fills prices that have no row"),
    ],
)
def test_options_of_elementary(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ew.elementary(GOOD, **change)


@pytest.mark.parametrize(
    ("price", "message"),
    [(0.0, "row 2, field price: 0.0"), (-1.0, "row 2, field price: -1.0"), (math.nan, "row 2, field price: nan")],
)
def test_prices(price: float, message: str) -> None:
    with pytest.raises(ew.DataError, match=message):
        ew.elementary(rows(x1_1=[1.0, price, 2.0]))


def test_rows() -> None:
    twice = pa.concat_tables([GOOD, GOOD.slice(0, 1)])
    with pytest.raises(ew.DataError, match=r"rows 1, 10, field product: p stands twice in period 2024-01, ea 1.1"):
        ew.elementary(twice)
    empty = GOOD.set_column(0, "ea", pa.array([None, *["1.1"] * 8], pa.string()))
    with pytest.raises(ew.DataError, match=r"row 1, field ea: empty"):
        ew.elementary(empty)
    with pytest.raises(ew.DataError, match=r"no row with a price"):
        ew.elementary(rows(x1_1=[None, None, None]))
    weighted = GOOD.append_column("w", pa.array([1.0, -2.0, *[1.0] * 7]))
    with pytest.raises(ew.DataError, match=r"field w: a weight must be a finite number, 0 or above"):
        ew.elementary(weighted, weight="w")


def test_a_period_or_class_without_any_price_stays_in_the_result() -> None:
    x = ew.elementary(rows(x1_1=[1.0, None, 2.0], x1_2=[None, None, None], x2_1=[5.0, None, 4.0]))
    assert x.periods == tuple(PERIODS)
    assert x.codes == ("1.1", "1.2", "2.1")
    assert [math.isnan(v) for v in x.series("1.1")] == [False, True, True]
    assert all(math.isnan(v) for v in x.series("1.2"))
    total = ew.aggregate(x, TREE, WEIGHTS)
    assert [math.isnan(v) for v in ew.chain(total).series("1")] == [False, True, True]
    assert total.status[total.at("1"), 1] == "no price in any of its classes"


def test_a_class_that_is_no_leaf() -> None:
    with pytest.raises(
        ew.DataError, match=r"elementary aggregate '3.1' is no leaf of the classification; did you mean"
    ):
        ew.aggregate(ew.elementary(rows(x3_1=[1.0, 1.0, 1.0])), TREE, WEIGHTS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": math.inf}, "order is inf; it must be a finite number"),
        ({"order": "one"}, "order is 'one'"),
        ({"imputation": "class_mean"}, "imputation is 'class_mean'; allowed: 'parent' or None"),
        ({"without_index": "zero"}, "without_index is 'zero'; allowed: error, parent"),
        ({"min_donors": 0}, "min_donors is 0; it must be a whole number, 1 or more"),
        ({"min_donors": 2.5}, "min_donors is 2.5"),
        ({"min_donors": 3, "imputation": None}, "min_donors belongs to imputation='parent'"),
    ],
)
def test_options_of_aggregate(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ew.aggregate(ELEMENTARY, TREE, WEIGHTS, **change)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ew.aggregate(LEVELS, TREE, WEIGHTS), "aggregate needs changes and these are levels"),
        (lambda: ew.chain(LEVELS), "chain needs changes and these are levels; take them before they are chained"),
        (lambda: ew.unchain(TOTAL), "unchain needs levels and these are changes; chain them first"),
        (lambda: ew.rebase(TOTAL, "2024-01"), "rebase needs levels"),
        (lambda: ew.rates(TOTAL, 1), "rates needs levels"),
        (lambda: ew.average(TOTAL, window=2), "average needs levels"),
        (lambda: ew.contributions(LEVELS, "1"), "contributions needs changes"),
        (lambda: ew.price_update(WEIGHTS, TOTAL, "2024-02"), "price_update needs levels"),
        (lambda: ew.rebase(ew.rates(LEVELS, 1), "2024-01"), "these are rates; rates cannot be carried further"),
        (lambda: ew.rebase(LEVELS, "2025-01"), "period '2025-01' is not a period of the data; they run from 2024-01"),
        (lambda: ew.rebase(LEVELS, "2024-01", 0), "value is 0; it must be a finite number above 0"),
        (lambda: ew.rebase(LEVELS, "2024"), r"the year 2024 and the data holds 3 of its periods.*must be whole"),
        (lambda: ew.rates(LEVELS, 0), "lag is 0; it must be a whole number of periods, 1 or more"),
        (lambda: ew.rates(LEVELS), "rates needs either lag"),
        (lambda: ew.rates(LEVELS, 1, on="year"), "rates needs either lag"),
        (lambda: ew.rates(LEVELS, on="decade"), "on is 'decade'; allowed: previous, year, event"),
        (lambda: ew.rates(LEVELS, on="event"), "on='event' needs events"),
        (lambda: ew.rates(LEVELS, 1, events=[]), "events belong to on='event'"),
        (lambda: ew.average(LEVELS), "average needs either window"),
        (lambda: ew.average(LEVELS, window=0), "window is 0; it must be a whole number"),
        (lambda: ew.average(LEVELS, window=2, mean="median"), "mean is 'median'; allowed: arithmetic, geometric"),
        (lambda: ew.average(LEVELS, to="decade"), "to is 'decade'; allowed: month, quarter, year"),
        (lambda: ew.average(LEVELS, to="month"), "to is 'month' and the periods are months"),
        (lambda: ew.average(LEVELS, to="year"), "no block of periods is complete; give partial=True"),
        (lambda: ew.average(LEVELS, window=4), "no block of periods is complete"),
        (lambda: ew.unchain(LEVELS, link="first"), "link is 'first'; allowed: None"),
        (lambda: ew.unchain(LEVELS, link=True), "link is True; allowed: None"),
        (lambda: ew.chain(TOTAL, link=12), "link is 12 and these are changes on the period before; leave link out"),
        (
            lambda: ew.aggregate(ew.unchain(ew.chain(ELEMENTARY), link="last"), TREE, WEIGHTS, price_update=True),
            "price_update=True is for changes on the period before",
        ),
        (lambda: ew.contributions(TOTAL, "9"), "unknown class '9'"),
        (lambda: ew.contributions(TOTAL, "1", of=4), "there is no level 4; the classification has levels 1 to 2"),
        (lambda: ew.contributions(TOTAL, "1.1", of=1), "no class of level 1 lies in '1.1'"),
        (lambda: ew.contributions(TOTAL, "1", of="unit"), "of is 'unit'; allowed: 'product' or the number of a level"),
        (lambda: ew.contributions(TOTAL, "1", since="2024-01", lag=1), "either since, a period, or lag"),
        (lambda: ew.contributions(TOTAL, "1", lag=0), "lag is 0"),
        (lambda: ew.contributions(TOTAL, "1", form="shapley"), "form is 'shapley'; allowed: mean, montgomery"),
        (lambda: ew.contributions(TOTAL, "1", imputed="zero"), "imputed is 'zero'; allowed: donor, null"),
        (lambda: ew.contributions(ELEMENTARY, "1.1", of=1), "only products contribute to elementary indices"),
        (lambda: ew.contributions(ew.unchain(LEVELS), "1.1"), "only products contribute"),
        (lambda: ew.price_update(WEIGHTS, LEVELS, "2023-01"), "'2023-01' is not a period of the data"),
        (lambda: ew.ribe_contributions(LEVELS, WEIGHTS, [1.0]), r"total has the shape \(1,\) and there are 3 periods"),
        (lambda: ew.superlative([1.0, 1.0], [1.0, 1.0], [1.0, 1.0], "carli"), "unknown two-basket formula 'carli'"),
        (lambda: ew.superlative([1.0, math.nan], [1.0, 1.0], [1.0, 1.0], "fisher"), "a relative is missing"),
        (lambda: ew.superlative([1.0, 1.0], [0.0, 0.0], [1.0, 1.0], "fisher"), "w0: weights must be 0 or above"),
        (lambda: ew.superlative([1.0, 1.0], [1.0, 1.0], [1.0, -1.0], "walsh"), "wt: weights must be 0 or above"),
    ],
)
def test_verbs(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_weights_of_a_class_without_level_are_not_updated() -> None:
    gap = ew.chain(ew.elementary(rows(x1_1=[1.0, None, 2.0], x1_2=[1.0, 1.0, 1.0], x2_1=[1.0, 1.0, 1.0])))
    with pytest.raises(ValueError, match=r"1.1 has no level in 2024-03.*impute it first"):
        ew.price_update(WEIGHTS, gap, "2024-03")
    assert ew.price_update(WEIGHTS | {"1.1": 0.0}, gap, "2024-03") == {"1.1": 0.0, "1.2": 1.0, "2.1": 1.0}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"code": "a", "period": 1, "index": 0.0}, "row 2, field index: 0.0: an index must be a finite number above 0"),
        ({"code": "a", "period": 1, "index": math.nan}, "row 2, field index: nan"),
        ({"code": "a", "period": 0, "index": 1.0}, "rows 1, 2, field code: a stands twice in period 0"),
        ({"code": None, "period": 1, "index": 1.0}, "row 2, field code: empty"),
        ({"code": "a", "period": None, "index": 1.0}, "row 2, field period: empty"),
    ],
)
def test_indices_from_a_table(row: dict, message: str) -> None:
    table = pa.Table.from_pylist([{"code": "a", "period": 0, "index": 1.0}, row])
    with pytest.raises(ew.DataError, match=message):
        ew.Indices.from_table(table)


def test_indices_from_a_table_outside_the_calendar() -> None:
    table = pa.table({"code": ["a"], "period": [7], "index": [1.0]})
    with pytest.raises(ValueError, match=r"period 7 is not a period of the data; they run from 0 to 1"):
        ew.Indices.from_table(table, periods=[0, 1])
    with pytest.raises(ValueError, match=r"kind is 'levels'; did you mean 'level'"):
        ew.Indices.from_table(table, kind="levels")
