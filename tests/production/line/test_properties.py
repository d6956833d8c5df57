"""What holds for every market: order of rows, units, levels in between, sums of contributions, nothing lost."""

import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ellwand.production.compile import quote_contributions
from ellwand.production.method import read_method
from ellwand.production.publish import compile_folder

NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A market is compiled for every example: a smaller counterexample is not worth the wait."""
SMALL = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
CLASSES = {"0": "", "x": "0", "y": "0", "a": "x", "b": "x", "c": "y"}
LEAVES = ("a", "b", "c")
T = 6

price = st.floats(min_value=5, max_value=50).map(lambda v: round(v, 2))


@st.composite
def full(draw: Any) -> dict[str, Any]:
    """A market without a gap: every pair is quoted in every week."""
    prices, items = {}, {}
    for leaf in LEAVES:
        for k in range(draw(st.integers(1, 3))):
            items[f"{leaf}{k}"] = leaf
            for u in draw(st.sets(st.integers(1, 4), min_size=1, max_size=3)):
                prices[f"{leaf}{k}/u{u}"] = draw(st.lists(price, min_size=T, max_size=T))
    return {"prices": prices, "items": items, "classes": CLASSES, "basket": draw(baskets())}


@st.composite
def baskets(draw: Any) -> list[dict[str, Any]]:
    """One basket or two, the second from some later week on at the prices of the week before."""
    rows = []
    link = draw(st.sampled_from([None, 3, 4]))
    for start in (1, link):
        if start is None:
            continue
        w = np.array(draw(st.lists(st.integers(1, 9), min_size=3, max_size=3)), dtype=float)
        w /= w.sum()
        reference = f"2024-W{max(start - 1, 1):02d}"
        rows += [
            {"valid_from": f"2024-W{start:02d}", "ea": ea, "weight": repr(float(v)), "price_reference": reference}
            for ea, v in zip(LEAVES, w, strict=True)
        ]
    return rows


@st.composite
def gappy(draw: Any) -> dict[str, Any]:
    """The same with gaps, closed units, wrong prices and late entries."""
    market = draw(full())
    for pair, quotes in market["prices"].items():
        for t in range(T):
            what = draw(st.integers(0, 9))
            if what == 0:
                quotes[t] = None
            elif what == 1:
                quotes[t] = quotes[t] * draw(st.sampled_from([10, 0.1, 0, -1]))
        if all(q is None for q in quotes):
            market["prices"][pair][0] = 10.0
    units = sorted({pair.split("/")[1] for pair in market["prices"]})
    weeks = [f"2024-W{t + 1:02d}" for t in range(1, T)]
    market["closures"] = draw(
        st.lists(st.tuples(st.sampled_from(units), st.sampled_from(weeks)), max_size=3, unique=True)
    )
    return market


def held(market: dict[str, Any]) -> bool:
    """Whether the first and the last week have a quote, so that the calendar is as long as the market."""
    quotes = list(market["prices"].values())
    return all(any(q[t] is not None for q in quotes) for t in (0, T - 1))


@SMALL
@given(full())
def test_a_market_without_gaps_gives_the_plain_jevons_chain(bench: Any, market: dict[str, Any]) -> None:
    found = bench.run(bench.market(**market), '[compile]\nweights = "series"')
    for leaf in LEAVES:
        own = [q for pair, q in market["prices"].items() if market["items"][pair.split("/")[0]] == leaf]
        direct = [100 * math.exp(np.mean([math.log(q[t] / q[0]) for q in own])) for t in range(T)]
        assert found.index(leaf) == pytest.approx(direct, rel=1e-12)


@SMALL
@given(full())
def test_units_of_an_item_share_its_weight(bench: Any, market: dict[str, Any]) -> None:
    found = bench.run(bench.market(**market))
    for leaf in LEAVES:
        items = [i for i, ea in market["items"].items() if ea == leaf]
        logs = []
        for item in items:
            own = [q for pair, q in market["prices"].items() if pair.split("/")[0] == item]
            logs.append(np.mean([np.log(np.array(q) / q[0]) for q in own], axis=0))
        assert found.index(leaf) == pytest.approx((100 * np.exp(np.mean(logs, axis=0))).tolist(), rel=1e-12)


@SMALL
@given(gappy(), st.integers(0, 1000))
def test_the_order_of_rows_changes_no_byte(bench: Any, market: dict[str, Any], seed: int) -> None:
    if not held(market):
        return
    shuffle = random.Random(seed)

    def mixed(rows: list[Any]) -> list[Any]:
        return shuffle.sample(rows, len(rows))

    one, other = bench.write(bench.market(**market)), bench.write(bench.market(**market), mixed)
    for folder in (one, other):
        compile_folder(folder, bench.method("[variance]\nreplicates = 20"), folder / "out")
    for name in ("observations.csv", "observations.parquet", "quotes.parquet", "prices.parquet", "excluded.csv",
                 "quality.json"):  # fmt: skip
        assert (one / "out" / name).read_bytes() == (other / "out" / name).read_bytes(), name


@SMALL
@given(full(), st.sampled_from([0.001, 0.9144, 7.0, 1000.0]))
def test_another_unit_of_measure_changes_no_index(bench: Any, market: dict[str, Any], factor: float) -> None:
    item = next(iter(market["prices"])).split("/")[0]
    moved = {
        pair: [q * factor for q in quotes] if pair.startswith(f"{item}/") else quotes
        for pair, quotes in market["prices"].items()
    }
    one, other = bench.run(bench.market(**market)), bench.run(bench.market(**(market | {"prices": moved})))
    for code in CLASSES:
        assert other.index(code) == pytest.approx(one.index(code), rel=1e-12)


@SMALL
@given(gappy())
def test_aggregation_through_any_level_gives_the_same_total(bench: Any, market: dict[str, Any]) -> None:
    """With the levels x and y, and without them. Every class keeps a price, so that nothing is imputed from a level."""
    if not held(market):
        return
    for leaf in LEAVES:
        market["prices"][f"{leaf}0/u9"] = [10.0, 11.0, 11.0, 12.0, 12.0, 12.5]
    change = '[impute]\nladder = ["ea"]\nminimum_donors = 1'
    flat = {c: "0" if p else "" for c, p in CLASSES.items() if c not in ("x", "y")}
    one = bench.run(bench.market(**market), change)
    other = bench.run(bench.market(**(market | {"classes": flat})), change)
    assert one.index("0") == pytest.approx(other.index("0"), rel=1e-12)
    assert [sum(filter(None, v)) for v in zip(*(one.column(c, "contribution") for c in "ab"), strict=True)] == (
        pytest.approx([v or 0 for v in one.column("x", "contribution")], abs=1e-12)
    )


@SMALL
@given(gappy())
def test_contributions_of_classes_and_quotes_sum_to_the_change(bench: Any, market: dict[str, Any]) -> None:
    """Also across a link. Classes that are imputed as a whole take no part, and have none."""
    if not held(market):
        return
    found = bench.run(bench.market(**market))
    change, compiled = found.column("0", "change_previous"), found.compiled
    for level in (("x", "y"), LEAVES):
        parts = [found.column(code, "contribution") for code in level]
        for t in range(1, T):
            if change[t] is not None:
                assert sum(p[t] or 0 for p in parts) == pytest.approx(change[t], abs=1e-11)
    for t in range(1, T):
        # The quotes too, also over periods without an issue; of classes without a relative none has a part.
        start = int(compiled.previous[t])
        if start >= 0 and np.isfinite(compiled.level[0, t]):
            total = 100 * (compiled.level[0, t] / compiled.level[0, start] - 1)
            assert np.nansum(quote_contributions(compiled, t)) == pytest.approx(total, abs=1e-11)


@pytest.mark.parametrize("order", [0.0, 0.5, 1.0, 2.0])
def test_contributions_sum_for_any_order_of_the_mean(bench: Any, order: float) -> None:
    prices = {"a/u1": [10, 12, 13], "b/u1": [10, 9, 11], "c/u2": [10, 10, 14]}
    items = {"a": "a", "b": "b", "c": "c"}
    basket = {"a": 0.5, "b": 0.3, "c": 0.2}
    found = bench.run(bench.market(prices, items=items, classes=CLASSES, basket=basket), f"[compile]\norder = {order}")
    for t in (1, 2):
        change = found.column("0", "change_previous")[t]
        assert sum(found.column(c, "contribution")[t] for c in LEAVES) == pytest.approx(change, abs=1e-12)
        assert np.nansum(quote_contributions(found.compiled, t)) == pytest.approx(change, abs=1e-12)


def test_contributions_over_weeks_without_issue_are_on_the_previous_issue(bench: Any) -> None:
    """Two weeks of change, and a link between them."""
    prices = {"a/u1": [10, 12, None, 15], "b/u1": [10, 9, None, 11]}
    basket = [
        {"valid_from": w, "ea": ea, "weight": v, "price_reference": ""}
        for w, v in (("2024-W01", 0.5), ("2024-W03", 0.5))
        for ea in "ab"
    ]
    found = bench.run(bench.market(prices, items={"b": "b"}, basket=basket))
    change = found.column("0", "change_previous")[3]
    assert found.column("0", "status")[2] == "not_collected"
    assert change == pytest.approx(100 * (found.index("0")[3] / found.index("0")[1] - 1))
    assert sum(found.column(c, "contribution")[3] for c in "ab") == pytest.approx(change, abs=1e-12)


@SMALL
@given(full(), st.data())
def test_short_run_equals_long_run_jevons(bench: Any, market: dict[str, Any], data: Any) -> None:
    """A price missing for two weeks in a row, imputed week on week, stands where the donors' whole movement puts it."""
    prices = {pair: list(q) for pair, q in market["prices"].items()}
    prices |= {f"a9/u{k}": data.draw(st.lists(price, min_size=T, max_size=T)) for k in (7, 8)}
    items = market["items"] | {"a9": "a"}
    prices["a8/u9"] = [20.0, None, None, None, None, 21.0]
    items["a8"] = "a"
    found = bench.run(bench.market(**(market | {"prices": prices, "items": items})), "[impute]\nminimum_donors = 1\n"
                      'ladder = ["ea"]')  # fmt: skip
    donors = [q for pair, q in prices.items() if items[pair.split("/")[0]] == "a" and pair != "a8/u9"]
    for t in range(1, 5):
        long = 20.0 * math.exp(np.mean([math.log(q[t] / q[0]) for q in donors]))
        assert found.used("a8/u9")[t] == pytest.approx(long, rel=1e-12)


@SMALL
@given(gappy(), st.sampled_from(["careful", "minimal", "keqiao"]))
def test_no_quote_is_lost(bench: Any, market: dict[str, Any], method: str) -> None:
    """Every quote stands in the table once, with its price as given and a verdict; an excluded one names its rule."""
    if not held(market):
        return
    found = bench.shipped(bench.market(**market), method)
    given_ = bench.market(**market).tables()["quotes.csv"]
    rows = {row["quote"]: row for row in found.quotes()}
    assert len(found.quotes()) == len(given_) == len(rows)
    for quote in given_:
        row = rows[quote["quote"]]
        assert (row["price"], row["unit"], row["item"]) == (quote["price"], quote["unit"], quote["item"])
        assert row["verdict"] in ("accepted", "edited", "queried", "excluded")
        assert (row["rule"] is not None) or row["verdict"] == "accepted"
        assert (row["used"] is None) == (row["verdict"] == "excluded")
    for row in found.results.prices().to_pylist():
        assert (row["price"] is None) == (row["status"] in ("N", "X"))


def test_equal_inputs_give_equal_bytes(bench: Any) -> None:
    prices = {f"i{k}/u{j}": [10 + k, 11 + j, 12, 13 + k] for k in range(4) for j in range(5)}
    folder = bench.write(bench.market(prices))
    for name in ("one", "two"):
        compile_folder(folder, read_method("careful"), folder / name)
    names = sorted(p.name for p in (folder / "one").iterdir())
    assert names == sorted(p.name for p in (folder / "two").iterdir())
    for name in names:
        assert (folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes(), name
