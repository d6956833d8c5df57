"""What goes wrong in a market, and what the stages make of it: a class without a price, gaps, wrong units, weeks."""

import re
from pathlib import Path
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.production.folder import read_folder
from ellwand.production.rules import RuleConflictError
from ellwand.production.schema import SchemaError

THREE = {"i1/u1": [10, 11, 12.1], "i2/u2": [20, 22, 24.2], "i3/u3": [30, 33, 36.3]}
"""Three units of one class whose prices rise by a tenth each week."""


def flat(price: float, count: int) -> list[Any]:
    return [price] * count


def refused(bench: Any, market: Any, *words: str, change: str = "") -> None:
    with pytest.raises((DataError, ValueError)) as error:
        bench.run(market, change)
    assert all(word in str(error.value) for word in words), str(error.value)


# Prices that are missing


def test_an_elementary_aggregate_without_any_price_moves_with_its_parent(bench: Any) -> None:
    market = bench.market(THREE, items={"never": "b"}, basket={"a": 0.6, "b": 0.4})
    found = bench.run(market)
    assert found.index("b") == pytest.approx([100, 110, 121])
    assert found.column("b", "status")[1:] == ["imputed", "imputed"]
    assert found.column("b", "weight") == pytest.approx([0.4, 0.4, 0.4])
    assert found.column("b", "imputed_share")[1:] == [1, 1]
    assert found.column("b", "grade")[1:] == ["C", "C"]
    assert found.index("0") == pytest.approx([100, 110, 121])
    assert found.column("0", "imputed_share")[1] == pytest.approx(0.4)


def test_the_weight_of_an_aggregate_without_price_stays_when_it_returns(bench: Any) -> None:
    prices = {**THREE, "b/u1": [None, 50, 100]}
    found = bench.run(bench.market(prices, items={"b": "b"}, basket={"a": 0.5, "b": 0.5}))
    assert found.column("b", "weight") == pytest.approx([0.5, 0.5, 0.5])
    assert found.index("b") == pytest.approx([100, 110, 220])
    assert found.index("0")[2] == pytest.approx(110 * (0.5 * 1.1 + 0.5 * 2))


def test_two_top_classes_are_refused(bench: Any) -> None:
    classes = {"0": "", "a": "0", "x": "", "y": "x"}
    refused(
        bench, bench.market(THREE, classes=classes, basket={"a": 1.0}), "classification.csv", "0 and x", "one total"
    )


def test_a_base_price_that_is_missing_enters_without_a_change(bench: Any) -> None:
    found = bench.run(bench.market({**THREE, "i4/u4": [None, 100, 100]}))
    assert found.statuses("i4/u4") == ["N", "O", "O"]
    assert found.series("i4/u4")[1]["relative"] is None
    assert found.index("a")[1] == pytest.approx(110)
    assert found.index("a")[2] == pytest.approx(110 * 1.1**0.75)


def test_a_unit_back_after_30_weeks_begins_anew(bench: Any) -> None:
    there = [10.0, *[None] * 30, 50.0, 55.0]
    found = bench.run(
        bench.market({"i1/u1": there, "i2/u2": flat(20, 33), "i3/u3": flat(30, 33), "i4/u4": flat(9, 33)})
    )
    statuses = found.statuses("i1/u1")
    assert statuses == ["O", *["I-t"] * 8, *["N"] * 22, "O", "O"]
    assert found.series("i1/u1")[31]["relative"] is None
    assert found.index("a")[31] == pytest.approx(100)
    assert found.index("a")[32] == pytest.approx(100 * 1.1**0.25)


def test_seasonal_goods_are_imputed_while_they_are_absent_20_weeks(bench: Any) -> None:
    there = [10.0, *[None] * 20, 12.0]
    prices = {"i1/u1": there, "i2/u2": flat(20, 22), "i3/u3": flat(30, 22), "i4/u4": flat(9, 22)}
    seasonal = bench.run(bench.market(prices, items={"i1": {"seasonal": "true"}}))
    assert seasonal.statuses("i1/u1") == ["O", *["I-t"] * 20, "O"]
    assert [row["run"] for row in seasonal.series("i1/u1")][20] == 20
    assert seasonal.index("a")[21] == pytest.approx(100 * 1.2**0.25)
    other = bench.run(bench.market(prices))
    assert other.index("a")[21] == pytest.approx(100)


# Donors


def test_a_donor_set_of_one_climbs_the_ladder(bench: Any) -> None:
    prices = {
        "i1/u1": [10, None],
        "i2/u2": [20, 40],
        "b1/u3": [10, 11],
        "b2/u4": [10, 11],
        "b3/u5": [10, 11],
    }
    found = bench.run(bench.market(prices, items={"b1": "b", "b2": "b", "b3": "b"}))
    row = found.series("i1/u1")[1]
    assert (row["status"], row["donors"]) == ("I-p", 4)
    assert row["relative"] == pytest.approx((2 * 1.1**3) ** 0.25)


def test_the_targeted_donors_are_the_units_of_one_source(bench: Any) -> None:
    units = {"u1": {"source": "S1"}, "u2": {"source": "S1"}, "u3": {"source": "S2"}}
    prices = {"i1/u1": [10, None], "i2/u2": [20, 22], "i3/u3": [30, 60]}
    found = bench.run(bench.market(prices, units=units), "[impute]\nminimum_donors = 1")
    assert found.statuses("i1/u1")[1] == "I-t"
    assert found.used("i1/u1")[1] == pytest.approx(11)


def test_no_donor_at_all_leaves_the_series_waiting(bench: Any) -> None:
    found = bench.run(bench.market({"i1/u1": [10, None, 12], "i2/u2": [20, 22, None]}))
    assert found.statuses("i1/u1") == ["O", "N", "O"]
    assert found.series("i1/u1")[2]["relative"] is None


def test_imputed_prices_are_no_donors_so_that_none_run_in_a_circle(bench: Any) -> None:
    """Two gaps in one class: each would lend the other its own movement."""
    prices = {"i1/u1": [10, None, None], "i2/u2": [20, None, None], "b/u3": [10, 11, 12.1]}
    found = bench.run(bench.market(prices, items={"b": "b"}), "[impute]\nminimum_donors = 1")
    for pair in ("i1/u1", "i2/u2"):
        assert found.statuses(pair) == ["O", "I-p", "I-p"]
        assert [row["donors"] for row in found.series(pair)] == [None, 1, 1]
    assert found.used("i1/u1") == pytest.approx([10, 11, 12.1])


def test_a_returned_price_lends_no_movement_in_the_week_of_its_return(bench: Any) -> None:
    """Its change corrects the weeks before."""
    prices = {"i1/u1": [10, None, 20], "i2/u2": [10, 10, None], "i3/u3": [10, 10, 10]}
    found = bench.run(bench.market(prices), "[impute]\nminimum_donors = 1")
    assert found.used("i2/u2")[2] == pytest.approx(10)


def test_an_imputed_price_outside_the_edit_bounds_is_not_used(bench: Any) -> None:
    rule = '[[validate.rule]]\nname = "at most a hundred"\nmust = "price <= 100"'
    prices = {"i1/u1": [95, None, 96], "i2/u2": [20, 22, 22], "i3/u3": [30, 33, 33], "i4/u4": [40, 44, 44]}
    found = bench.run(bench.market(prices), rule)
    row = found.series("i1/u1")[1]
    assert (row["status"], row["price"], row["rule"], row["donors"]) == ("N", None, "at most a hundred", None)
    assert found.series("i1/u1")[2]["relative"] is None
    assert found.index("a") == pytest.approx([100, 110, 110])


# Replacements


def test_a_replacement_with_the_same_id_is_refused(bench: Any) -> None:
    items = {"i1": {"replaces": "i1"}}
    refused(bench, bench.market(THREE, items=items), "items.csv row 1", "replaces itself", "needs a new code")


def test_replacements_in_a_circle_are_refused(bench: Any) -> None:
    items = {"i1": {"replaces": "i2"}, "i2": {"replaces": "i1"}}
    refused(bench, bench.market(THREE, items=items), "items.csv row 1", "circle of replacements")


def test_a_replacement_of_no_item_is_refused(bench: Any) -> None:
    refused(bench, bench.market(THREE, items={"i1": {"replaces": "i9"}}), "items.csv row 1", "'i9' is no item")


def test_an_item_that_stands_twice_is_refused(bench: Any) -> None:
    market = bench.write(bench.market(THREE))
    path = market / "items.csv"
    path.write_text(path.read_text(encoding="utf-8") + "i1,a,m\n", encoding="utf-8")
    refused(bench, market, "items.csv rows 1 and 4", "i1 stands twice")


# Weights and classes


@pytest.mark.parametrize(
    ("basket", "words"),
    [
        ({"a": -0.5, "b": 1.5}, ("basket.csv row 1", "weight", "-0.5", "0 or above")),
        ({"a": 0.5, "b": 0.4}, ("sum to 0.9", "must sum to 1")),
        ({"a": 0.5, "nobody": 0.5}, ("basket.csv row 2", "'nobody' is no elementary aggregate")),
        ({"a": 0.5, "0": 0.5}, ("basket.csv row 2", "'0' is no elementary aggregate")),
        ({"b": 1.0}, ("aggregate a has quotes and no weight",)),
        ({"a": "", "b": 1.0}, ("basket.csv row 1", "weight")),
        ({"a": "half", "b": 0.5}, ("weight", "half", "must be a number")),
        ({"a": "inf", "b": 0.5}, ("row 1", "weight", "inf", "must be a number")),
    ],
)
def test_wrong_weights_are_refused(bench: Any, basket: dict[str, Any], words: tuple[str, ...]) -> None:
    classes = {"0": "", "a": "0", "b": "0"}
    rows = [{"valid_from": "2024-W01", "ea": ea, "weight": w} for ea, w in basket.items()]
    refused(bench, bench.market(THREE, classes=classes, basket=rows), *words)


def test_a_basket_that_begins_too_late_is_refused(bench: Any) -> None:
    basket = [{"valid_from": "2024-W02", "ea": "a", "weight": 1}]
    refused(bench, bench.market(THREE, basket=basket), "no basket is in force in the first period 2024-W01")


def test_weights_at_the_prices_of_a_later_week_are_refused(bench: Any) -> None:
    basket = [{"valid_from": "2024-W01", "ea": "a", "weight": 1, "price_reference": "2024-W03"}]
    refused(bench, bench.market(THREE, basket=basket), "price_reference 2024-W03 does not lie before it")


def renamed(bench: Any, correspondence: Any) -> Any:
    """The class a of the first basket is called c in the second one and in the registers."""
    basket = [
        {"valid_from": "2024-W01", "ea": "a", "weight": 0.4},
        {"valid_from": "2024-W01", "ea": "b", "weight": 0.6},
        {"valid_from": "2024-W03", "ea": "c", "weight": 0.5},
        {"valid_from": "2024-W03", "ea": "b", "weight": 0.5},
    ]
    prices = {"i1/u1": [10, 11, 12], "b/u2": [10, 10, 10]}
    classes = {"0": "", "b": "0", "c": "0"}
    return bench.market(
        prices, items={"i1": "c", "b": "b"}, classes=classes, basket=basket, correspondence=correspondence
    )


def test_a_class_renamed_between_baskets_is_one_class(bench: Any) -> None:
    found = bench.run(renamed(bench, [{"old": "a", "new": "c"}]))
    assert found.column("c", "weight") == pytest.approx([0.4, 0.4, 0.5])
    assert found.index("c") == pytest.approx([100, 110, 120])
    assert found.index("0")[1] == pytest.approx(104)


def test_a_class_renamed_without_correspondence_is_refused(bench: Any) -> None:
    refused(bench, renamed(bench, None), "basket.csv row 1", "'a' is no elementary aggregate", "correspondence.csv")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"old": "a", "new": "d"}], ("row 1", "'d' is no class")),
        ([{"old": "b", "new": "c"}], ("row 1", "b is still a class")),
        ([{"old": "a", "new": "c"}, {"old": "x", "new": "c"}], ("row 2", "a split or a merger")),
        ([{"old": "a", "new": "c"}, {"old": "a", "new": "b"}], ("row 2", "a split or a merger")),
        ([{"old": "", "new": "c"}], ("row 1", "old", "empty")),
    ],
)
def test_a_wrong_correspondence_is_refused(bench: Any, rows: Any, words: tuple[str, ...]) -> None:
    refused(bench, renamed(bench, rows), "correspondence.csv", *words)


# Rules and method files


CONTRADICTION = """
[[validate.rule]]
name = "cheap"
must = "price < 10"
[[validate.rule]]
name = "dear"
must = "price > 20"
[[validate.rule]]
name = "positive"
must = "price > 0"
"""


def test_rules_that_contradict_themselves_are_refused_with_a_minimal_conflict(bench: Any) -> None:
    with pytest.raises(RuleConflictError) as error:
        bench.run(bench.market(THREE), CONTRADICTION)
    assert set(error.value.rules) == {"cheap", "dear"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("[impute]\nmaximum_runs = 3", ("LINE", "maximum_runs", "maximum_run")),
        ('[impute]\nmaximum_run = "eight"', ("LINE", "maximum_run", "eight")),
        ('[impute]\nladder = ["nearest"]', ("LINE", "nearest")),
        ('[compile]\nelementary = "carli"', ("LINE", "carli", "drift")),
        ('[compile]\nweights = "quantity"', ("LINE", "quantity", "multilateral")),
        ('[[validate.outlier]]\nrule = "tucky"', ("LINE", "tucky")),
    ],
)
def test_a_wrong_key_or_type_of_a_method_file_is_refused_with_its_place(
    bench: Any, change: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(SchemaError) as error:
        bench.method(change)
    text = re.sub(r"^method file:\d+:\d+: ", "LINE: ", str(error.value))
    assert all(word in text for word in words), text


def test_a_rule_on_an_unknown_field_is_refused(bench: Any) -> None:
    rule = '[[validate.rule]]\nname = "stock"\nmust = "stock > 0"'
    refused(bench, bench.market(THREE), "stock", "Fields", change=rule)


# Quotes


def test_another_unit_of_measure_that_cannot_be_converted_is_set_aside(bench: Any) -> None:
    """Without weight and width a kilogram says nothing of a metre."""
    prices = {**THREE, "i4/u4": [10, {"price": 50, "unit_of_measure": "kg"}, 12.1]}
    found = bench.run(bench.market(prices))
    row = found.quotes("i4/u4")[1]
    assert (row["verdict"], row["rule"], row["used"]) == ("excluded", "unit_of_measure", None)
    assert found.statuses("i4/u4")[1] == "I-t"


def test_an_unknown_unit_of_measure_is_set_aside(bench: Any) -> None:
    prices = {**THREE, "i4/u4": [10, {"price": 50, "unit_of_measure": "cubit"}, 12.1]}
    assert bench.run(bench.market(prices)).quotes("i4/u4")[1]["rule"] == "unit_of_measure"


def test_a_series_always_quoted_in_another_unit_is_confirmed_like_any_other(bench: Any) -> None:
    """Its change of price is real when it comes again, although every quote is converted."""
    yards = [{"price": p * 0.9144, "unit_of_measure": "yd"} for p in (10, 10, 10, 13, 13, 13)]
    prices = {"i1/u1": yards, "i2/u2": flat(20, 6), "i3/u3": flat(30, 6), "i4/u4": flat(9, 6)}
    rule = '[[validate.outlier]]\nrule = "fixed"\nfallback = 0.1'
    found = bench.run(bench.market(prices), rule)
    assert [q["verdict"] for q in found.quotes("i1/u1")[3:]] == ["excluded", "accepted", "edited"]
    assert found.index("a")[5] == pytest.approx(100 * 1.3**0.25)


def test_a_quote_in_another_currency_is_set_aside(bench: Any) -> None:
    prices = {
        "i1/u1": [{"price": 10, "currency": "CNY"}, {"price": 1.4, "currency": "USD"}, {"price": 12.1, "currency": ""}],
        "i2/u2": [{"price": p, "currency": "CNY"} for p in (20, 22, 24.2)],
        "i3/u3": [30, 33, 36.3],
        "i4/u4": [30, 33, 36.3],
    }
    found = bench.run(bench.market(prices))
    row = found.quotes("i1/u1")[1]
    assert (row["verdict"], row["rule"], row["price"]) == ("excluded", "currency", 1.4)
    assert found.statuses("i1/u1") == ["O", "I-t", "O"]
    assert found.index("a") == pytest.approx([100, 110, 121])


@pytest.mark.parametrize("price", [0, -3, "", "nan", "inf"])
def test_a_price_that_is_none_is_set_aside_with_the_rule(bench: Any, price: Any) -> None:
    found = bench.run(bench.market({**THREE, "i4/u4": [10, price, 12.1]}))
    row = found.quotes("i4/u4")[1]
    assert (row["verdict"], row["rule"], row["used"]) == ("excluded", "price", None)
    assert found.index("a") == pytest.approx([100, 110, 121])


@pytest.mark.parametrize("method", ["careful", "minimal", "keqiao"])
def test_all_quotes_identical_give_a_level_index(bench: Any, method: str) -> None:
    prices = {f"i{k}/u{k}": flat(10, 6) for k in range(12)}
    found = bench.shipped(bench.market(prices), method)
    assert found.index("0") == [100] * 6
    assert {q["verdict"] for q in found.quotes()} == {"accepted"}


def test_one_change_among_identical_quotes_is_judged_by_a_floor(bench: Any) -> None:
    """Half of the ratios are 1: without a floor every change would be an outlier."""
    prices = {f"i{k}/u{k}": flat(10, 2) for k in range(12)} | {"i99/u99": [10, 10.3], "i98/u98": [10, 17]}
    rule = '[[validate.outlier]]\nrule = "robust_z"\nparams = { k = 3.5, floor = 0.02 }'
    verdicts = {q["item"]: q["verdict"] for q in bench.run(bench.market(prices), rule).quotes() if q["reference"]}
    assert verdicts["i99"] == "accepted" and verdicts["i98"] == "excluded"


# Periods


def test_week_53_stands_in_the_calendar(bench: Any, week: Any) -> None:
    periods = ["2020-W52", "2020-W53", "2021-W01"]
    found = bench.run(bench.market({"i/u": [10, 11, 12]}, periods=periods))
    assert found.column("0", "period") == periods
    assert found.index("0") == pytest.approx([100, 110, 120])
    assert found.column("0", "change_year_start")[2] == pytest.approx(100 * (120 / 110 - 1))


def test_the_week_a_year_before_is_52_weeks_back_across_week_53(bench: Any, week: Any) -> None:
    periods = [*week(53, 2020), *week(3, 2021)]
    found = bench.run(bench.market({"i/u": [float(100 + t) for t in range(56)]}, periods=periods))
    assert found.column("0", "change_last_year")[52] == pytest.approx(100 * (152 / 100 - 1))
    assert found.column("0", "change_last_year")[51] is None


def test_week_53_of_a_year_of_52_weeks_is_refused(bench: Any) -> None:
    refused(bench, bench.market({"i/u": [10, 11]}, periods=["2021-W52", "2021-W53"]), "period", "53")


def test_weeks_without_any_quote_have_no_issue(bench: Any) -> None:
    """The calendar has no gaps, though the quotes have; the next price is compared with the last one."""
    market = bench.market({"i/u": [10, 11]}, periods=["2024-W01", "2024-W04"], assignments=None)
    found = bench.run(market)
    assert found.column("0", "period") == ["2024-W01", "2024-W02", "2024-W03", "2024-W04"]
    assert found.index("0") == [pytest.approx(100), None, None, pytest.approx(110)]
    assert found.column("0", "change_previous")[3] == pytest.approx(10)
    assert found.column("0", "status")[1:3] == ["not_collected"] * 2


@pytest.mark.parametrize(
    ("periods", "words"),
    [
        (["2024-01", "2024-13"], ("'2024-13'", "1 to 12")),
        (["2024-Q1", "2024-Q5"], ("'2024-Q5'", "1 to 4")),
        (["2024-W01", "2024-02"], ("two kinds",)),
    ],
)
def test_periods_of_no_calendar_are_refused(bench: Any, periods: list[str], words: tuple[str, ...]) -> None:
    refused(bench, bench.market({"i/u": [10, 11]}, periods=periods), *words)


def test_a_period_may_be_written_short(bench: Any) -> None:
    found = bench.run(bench.market({"i/u": [10, 11]}, periods=["2024-W5", "2024-W6"]))
    assert found.column("0", "period") == ["2024-W05", "2024-W06"]
    assert found.index("0") == pytest.approx([100, 110])


@pytest.mark.parametrize(
    ("periods", "lag"), [(["2023-%02d", 12], 12), (["2023-Q%d", 4], 4), (["20%02d", 3], 1), (["t%d", 3], None)]
)
def test_a_year_back_goes_by_the_kind_of_period(bench: Any, periods: list[Any], lag: int | None) -> None:
    form, count = periods
    labels = [form % (k + 1) for k in range(count)]
    if lag in (4, 12):
        labels += [form.replace("2023", "2024") % 1]
    found = bench.run(bench.market({"i/u": [float(100 + t) for t in range(len(labels))]}, periods=labels))
    last = len(labels) - 1
    wanted = None if lag is None else pytest.approx(100 * ((100 + last) / (100 + last - lag) - 1))
    assert found.column("0", "change_last_year")[last] == wanted


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("closures.csv", "unit,period\nu1,2024-01-05\n", ("closures.csv row 1", "period", "2024-W01")),
        ("closures.csv", "unit,period\nu9,2024-W01\n", ("closures.csv row 1", "unit", "'u9'")),
        ("closures.csv", "unit,period\nu1,\n", ("closures.csv row 1", "period", "empty")),
        (
            "assignments.csv",
            "unit,item,valid_from,valid_to\nu1,i1,2024-01,\n",
            ("assignments.csv row 1", "valid_from", "2024-W01"),
        ),
        (
            "assignments.csv",
            "unit,item,valid_from,valid_to\nu1,i1,2024-W03,2024-W01\n",
            ("assignments.csv row 1", "valid_to", "before"),
        ),
        ("basket.csv", "valid_from,ea,weight\n2024,a,1\n", ("basket.csv row 1", "valid_from", "2024-W01")),
        ("items.csv", "item,ea,unit_of_measure,gsm\ni1,a,m,heavy\n", ("items.csv row 1", "gsm", "heavy")),
        ("items.csv", "item,ea,unit_of_measure,gsm\ni1,a,m,0\n", ("items.csv row 1", "gsm", "above 0")),
        ("items.csv", "item,ea,unit_of_measure\ni1,0,m\n", ("items.csv row 1", "ea", "above the elementary")),
        ("units.csv", "unit,source\nu1,S9\n", ("units.csv row 1", "source", "'S9'")),
    ],
)
def test_a_wrong_row_is_named(bench: Any, name: str, row: str, words: tuple[str, ...]) -> None:
    folder = bench.write(bench.market(THREE, sources=[{"source": "S1"}]))
    (folder / name).write_text(row, encoding="utf-8")
    refused(bench, folder, *words)


def test_two_tables_of_quotes_are_refused(bench: Any) -> None:
    folder = bench.write(bench.market(THREE))
    (folder / "quotes").mkdir()
    refused(bench, folder, "both quotes and quotes.csv")


def test_every_input_file_has_a_digest(bench: Any) -> None:
    folder: Path = bench.write(bench.market(THREE, closures=[("u1", "2024-W02")]))
    names = {p.name for p in folder.iterdir()}
    assert {name for name, _ in read_folder(folder).digests} == names
