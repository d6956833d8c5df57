"""The worked numbers of the methods' notes, through the real line.

Where each number is tested, by section of the notes:

- 4 aggregation: price-updated weights .50228, .26027, .23744 and their sum 1.095, contributions 1.0106, -0.2830, 0.4235
  of +1.15111 %: tests/hierarchy/test_manual.py (functions), and here through a basket and its price reference.
- 5 periods: weeks 52 and 53, monthly means of weeks, Spring Festival: tests/hierarchy/test_periods.py; week 53 of a
  market's calendar: test_bad_input.py here.
- 6 missing prices: tests/formulas/test_donors.py (factors), and here from quotes to the index.
- 7 replacement: 0.975 and the yard: tests/formulas/test_textile_units.py, test_quality.py; here the conversion of a
  quote, and the class mean.
- 8 validation: tests/formulas/test_editing*.py (rules, localisation 6/4/5, deductive 5 and 945, selective editing 417,
  .0048 .0096 2.1367 .0096); here the score of a quote in a compilation.
- 9 variance: tests/formulas/test_variance.py, test_sampling.py.
"""

import math
from typing import Any

import pytest

SECTION_6 = {
    "i1/u1": [10, 10.5, 11, 11],
    "i2/u2": [20, 20, 19, 19.5],
    "i3/u3": [8, 8.4, 8.8, 8.8],
    "i4/u4": [12, 12.6, None, 13.2],
}


def test_imputation_by_jevons_donors(bench: Any) -> None:
    found = bench.run(bench.market(SECTION_6))
    row = found.series("i4/u4")[2]
    assert row["status"] == "I-t" and row["donors"] == 3
    assert row["relative"] == pytest.approx(1.0140129, abs=5e-8)
    assert row["price"] == pytest.approx(12.776562, abs=5e-7)
    assert found.index("a")[2] == pytest.approx(105.18055, abs=5e-6)


def test_imputation_corrects_itself_on_return(bench: Any) -> None:
    found = bench.run(bench.market(SECTION_6))
    row = found.series("i4/u4")[3]
    assert row["status"] == "O" and row["compared_with"] == pytest.approx(12.776562, abs=5e-7)
    direct = 100 * ((11 / 10) * (19.5 / 20) * (8.8 / 8) * (13.2 / 12)) ** 0.25
    assert found.index("a")[3] == pytest.approx(106.73225, abs=5e-6)
    assert found.index("a")[3] == pytest.approx(direct, rel=1e-12)


def test_carry_forward_would_give_another_index(bench: Any) -> None:
    """A closed unit's price stands, which is what carry-forward is."""
    found = bench.run(bench.market(SECTION_6, closures=[("u4", "2024-W03")]))
    assert found.statuses("i4/u4") == ["O", "O", "C", "O"]
    assert found.index("a")[2] == pytest.approx(104.81527, abs=5e-6)


def test_imputation_by_dutot_donors(bench: Any) -> None:
    found = bench.run(bench.market(SECTION_6), '[impute]\nmovement = "dutot"\n[compile]\nelementary = "dutot"')
    row = found.series("i4/u4")[2]
    assert row["relative"] == pytest.approx(0.9974293, abs=5e-8)
    assert row["price"] == pytest.approx(12.567609, abs=5e-7)


def test_price_updated_weights_and_contributions(bench: Any) -> None:
    """Weights .5 .3 .2 at the prices of the first week, relatives 1.10 .95 1.30 since."""
    prices = {"ia/u1": [100, 110, 121], "ib/u1": [100, 95, 95], "ic/u1": [100, 130, 130]}
    items = {"ia": "a", "ib": "b", "ic": "c"}
    found = bench.run(bench.market(prices, items=items, basket={"a": 0.5, "b": 0.3, "c": 0.2}))
    assert [found.column(c, "weight")[2] for c in "abc"] == pytest.approx([0.50228, 0.26027, 0.23744], abs=5e-6)
    assert found.index("0")[1] == pytest.approx(109.5)


def test_contributions_sum_to_the_change(bench: Any) -> None:
    """Levels (105, 98, 110) -> (107.1, 97.02, 112.2) with weights .5 .3 .2 at base 100."""
    prices = {"ia/u1": [100, 105, 107.1], "ib/u1": [100, 98, 97.02], "ic/u1": [100, 110, 112.2]}
    items = {"ia": "a", "ib": "b", "ic": "c"}
    found = bench.run(bench.market(prices, items=items, basket={"a": 0.5, "b": 0.3, "c": 0.2}))
    assert found.index("0") == pytest.approx([100, 103.9, 105.096])
    assert found.column("0", "change_previous")[2] == pytest.approx(1.15111, abs=5e-6)
    parts = [found.column(c, "contribution")[2] for c in "abc"]
    assert parts == pytest.approx([1.0106, -0.2830, 0.4235], abs=5e-5)
    assert sum(parts) == pytest.approx(found.column("0", "change_previous")[2], abs=1e-12)


def test_a_link_by_its_overlap_period(bench: Any) -> None:
    """I(0:t) = I(0:k) sum w_new I(k:t), the new weights at the prices of k."""
    prices = {"ia/u1": [100, 110, 121, 121], "ib/u1": [100, 100, 100, 150]}
    basket = [
        {"valid_from": "2024-W01", "ea": "a", "weight": 0.5, "price_reference": ""},
        {"valid_from": "2024-W01", "ea": "b", "weight": 0.5, "price_reference": ""},
        {"valid_from": "2024-W03", "ea": "a", "weight": 0.8, "price_reference": "2024-W02"},
        {"valid_from": "2024-W03", "ea": "b", "weight": 0.2, "price_reference": "2024-W02"},
    ]
    found = bench.run(bench.market(prices, items={"ia": "a", "ib": "b"}, basket=basket))
    at_link = 0.5 * 1.10 + 0.5
    assert found.index("0")[1] == pytest.approx(100 * at_link)
    assert found.index("0")[2] == pytest.approx(100 * at_link * (0.8 * 1.1 + 0.2))
    assert found.index("0")[3] == pytest.approx(100 * at_link * (0.8 * 1.1 + 0.2 * 1.5))


def test_weights_are_brought_from_their_price_reference_to_the_link(bench: Any) -> None:
    """Weights at the prices of week 1, in force from week 3: .5 * 1.1 * 1.1 against .5."""
    prices = {"ia/u1": [100, 110, 110, 121], "ib/u1": [100, 100, 100, 100]}
    basket = [
        {"valid_from": "2024-W01", "ea": "a", "weight": 0.9, "price_reference": ""},
        {"valid_from": "2024-W01", "ea": "b", "weight": 0.1, "price_reference": ""},
        {"valid_from": "2024-W03", "ea": "a", "weight": 0.5, "price_reference": "2024-W01"},
        {"valid_from": "2024-W03", "ea": "b", "weight": 0.5, "price_reference": "2024-W01"},
    ]
    found = bench.run(bench.market(prices, items={"ia": "a", "ib": "b"}, basket=basket))
    assert found.column("a", "weight")[2] == pytest.approx(0.55 / 1.05)
    assert found.column("0", "change_previous")[3] == pytest.approx(100 * 0.55 / 1.05 * 0.1)


def test_a_quote_per_yard_is_converted(bench: Any) -> None:
    """1 yd = 0.9144 m: 9.144 a yard is 10 a metre."""
    found = bench.run(bench.market({"i/u1": [10, {"price": 9.144, "unit_of_measure": "yd"}, 10], "i/u2": [10, 10, 10]}))
    assert found.used("i/u1") == pytest.approx([10, 10, 10])
    assert found.statuses("i/u1") == ["O", "E", "O"]
    row = found.quotes("i/u1")[1]
    assert (row["price"], row["verdict"], row["rule"]) == (9.144, "edited", "unit_of_measure")
    assert row["score"] == pytest.approx(0, abs=1e-9)


def test_a_quote_per_kilogram_is_converted_by_weight_and_width(bench: Any) -> None:
    """price/m = price/kg * gsm/1000 * width in m: 50 a kilogram at 200 g and 150 cm is 15 a metre."""
    items = {"i": {"gsm": 200, "width_cm": 150}}
    found = bench.run(bench.market({"i/u1": [15, {"price": 50, "unit_of_measure": "kg"}]}, items=items))
    assert found.used("i/u1") == pytest.approx([15, 15])


def test_a_replacement_by_class_mean(bench: Any) -> None:
    """150 cm at 15.0 a metre is followed by 160 cm: its change is that of the class, and its quality the rest."""
    prices = {
        "old/u1": [15.0, None, None],
        "new/u1": [None, 15.6, 16.38],
        "i2/u2": [10, 10.2, 10.2],
        "i3/u3": [20, 20.4, 20.4],
        "i4/u4": [30, 30.6, 30.6],
    }
    items = {"new": {"replaces": "old"}}
    spans = {"old/u1": ("2024-W01", "2024-W01"), "new/u1": ("2024-W02", "")}
    found = bench.run(bench.market(prices, items=items, assignments=spans))
    row = found.series("new/u1")[0]
    assert (row["status"], row["link"]) == ("R", "class_mean")
    assert row["relative"] == pytest.approx(1.02)
    assert found.index("a")[1] == pytest.approx(102)
    assert found.index("a")[2] == pytest.approx(102 * 1.05**0.25)


def test_a_replacement_by_overlap(bench: Any) -> None:
    """Old and new priced at k: I(0:t) = I(0:k) p_new(t) / p_new(k)."""
    prices = {"old/u1": [10, 11, None], "new/u1": [None, 22, 24.2]}
    items = {"new": {"replaces": "old"}}
    spans = {"old/u1": ("2024-W01", "2024-W02"), "new/u1": ("2024-W02", "")}
    found = bench.run(bench.market(prices, items=items, assignments=spans))
    assert found.series("new/u1")[0]["link"] == "overlap"
    assert found.index("a") == pytest.approx([100, 110, 121])


def test_a_direct_comparison(bench: Any) -> None:
    prices = {"old/u1": [10, None], "new/u1": [None, 11]}
    items = {"new": {"replaces": "old"}}
    spans = {"old/u1": ("2024-W01", "2024-W01"), "new/u1": ("2024-W02", "")}
    found = bench.run(bench.market(prices, items=items, assignments=spans), '[replace]\nladder = ["direct"]')
    assert found.series("new/u1")[0]["link"] == "direct"
    assert found.index("a") == pytest.approx([100, 110])


def test_the_score_of_a_quote_is_its_influence_on_the_total(bench: Any) -> None:
    """Weight in the total (1/2) times weight in the class (1/2) times the log change, in percentage points."""
    prices = {"i1/u1": [10, 12], "i2/u2": [10, 10], "i3/u3": [10, 10]}
    found = bench.run(bench.market(prices, items={"i3": "b"}))
    assert found.quotes("i1/u1")[1]["score"] == pytest.approx(100 * 0.25 * math.log(1.2), rel=1e-12)
    assert found.quotes("i2/u2")[1]["score"] == 0


WIDER = {"old": {"unit_of_measure": "m", "gsm": 120, "width_cm": 150, "finish": "dyed"}}
SPANS = {"old/u1": ("2024-W01", "2024-W01"), "new/u1": ("2024-W02", "")}


def test_a_replacement_of_another_width(bench: Any) -> None:
    """150 cm at 15.0 a metre, then 160 cm at 15.6: a pure change of 0.975."""
    prices = {"old/u1": [15.0, None], "new/u1": [None, 15.6]}
    items = {**WIDER, "new": {**WIDER["old"], "width_cm": 160, "replaces": "old"}}
    market = bench.market(prices, items=items, assignments=SPANS)
    found = bench.run(market, '[replace]\nladder = ["size"]')
    assert found.series("new/u1")[0]["link"] == "size"
    assert found.index("a")[1] == pytest.approx(97.5)


def test_a_replacement_sold_by_another_measure(bench: Any) -> None:
    """50 per kg at 120 gsm and 150 cm is 50 * 0.12 * 1.5 = 9 per metre; 9.9 is a tenth more."""
    prices = {"old/u1": [50.0, None], "new/u1": [None, 9.9]}
    items = {
        "old": {**WIDER["old"], "unit_of_measure": "kg"},
        "new": {**WIDER["old"], "replaces": "old"},
    }
    market = bench.market(prices, items=items, assignments=SPANS)
    found = bench.run(market, '[replace]\nladder = ["size"]')
    assert found.series("new/u1")[0]["link"] == "size"
    assert found.index("a")[1] == pytest.approx(110)


def test_size_is_no_way_where_the_quality_differs(bench: Any) -> None:
    prices = {"old/u1": [15.0, None, None], "new/u1": [None, 15.6, 16.38]}
    items = {**WIDER, "new": {**WIDER["old"], "width_cm": 160, "finish": "printed", "replaces": "old"}}
    market = bench.market(prices, items=items, assignments=SPANS)
    found = bench.run(market, '[replace]\nladder = ["size"]')
    assert found.series("new/u1")[0]["link"] is None
    assert found.series("new/u1")[0]["relative"] is None


@pytest.mark.parametrize(("share", "expected"), [(1.0, 100 * 12.6 / 12), (0.5, 100 * 12.6 / 11)])
def test_a_replacement_with_an_added_feature(bench: Any, share: float, expected: float) -> None:
    """The old price with the cost of the feature, or a stated share of it."""
    prices = {"old/u1": [10.0, None], "new/u1": [None, 12.6]}
    items = {"new": {"replaces": "old", "option_cost": 2}}
    market = bench.market(prices, items=items, assignments=SPANS)
    found = bench.run(market, f'[replace]\nladder = ["option_cost"]\noption_share = {share}')
    assert found.series("new/u1")[0]["link"] == "option_cost"
    assert found.index("a")[1] == pytest.approx(expected)
