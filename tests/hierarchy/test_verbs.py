"""The verbs on prices and quantities: indicators, dissimilarity, coverage, outliers, contributions of products."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ellwand as ew

SETTINGS = settings(max_examples=40, deadline=None, derandomize=True, database=None)

# Two shops; the second sells nothing in period 2, and no product of its period 3 in period 1.
NORTH = [
    (1, "a", 10, 2),
    (1, "b", 5, 4),
    (2, "a", 12, 3),
    (2, "c", 7, 1),
    (3, "a", 9, 3),
    (3, "c", 8, 2),
    (3, "b", 6, 1),
]
SOUTH = [(1, "a", 2, 1), (3, "b", 4, 1)]
ROWS = [(shop, t, i, float(p), float(q)) for shop, rows in (("north", NORTH), ("south", SOUTH)) for t, i, p, q in rows]
SHOPS = pa.table(
    {name: [row[i] for row in ROWS] for i, name in enumerate(("shop", "period", "product", "price", "quantity"))}
)
MARKET = st.lists(st.tuples(*[st.floats(0.2, 20)] * 4), min_size=1, max_size=6)


def two_periods(market: list[tuple[float, float, float, float]]) -> pa.Table:
    """(p0, q0, pt, qt) of each product."""
    rows = [
        {"period": t, "product": i, "price": row[2 * t], "quantity": row[2 * t + 1]}
        for t in (0, 1)
        for i, row in enumerate(market)
    ]
    return pa.Table.from_pylist(rows)


def records(table: pa.Table, **where: Any) -> list[dict]:
    return [r for r in table.to_pylist() if all(r[k] == v for k, v in where.items())]


# -- indicators
@SETTINGS
@given(MARKET, st.sampled_from(["bennet", "montgomery"]))
def test_price_and_quantity_part_make_the_value_change(market: list, method: str) -> None:
    row = ew.indicators(two_periods(market), method).to_pylist()[1]
    change = math.fsum(pt * qt - p0 * q0 for p0, q0, pt, qt in market)
    assert row["value_change"] == pytest.approx(change, abs=1e-10)
    assert row["price_part"] + row["quantity_part"] == pytest.approx(change, abs=1e-10)


@SETTINGS
@given(MARKET)
def test_bennet_is_the_mean_of_laspeyres_and_paasche(market: list) -> None:
    part = {m: ew.indicators(two_periods(market), m).to_pylist()[1] for m in ("laspeyres", "paasche", "bennet")}
    for name in ("price_part", "quantity_part"):
        mean = (part["laspeyres"][name] + part["paasche"][name]) / 2
        assert part["bennet"][name] == pytest.approx(mean, abs=1e-10)
    by_hand = math.fsum(q0 * (pt - p0) for p0, q0, pt, _ in market)
    assert part["laspeyres"]["price_part"] == pytest.approx(by_hand, abs=1e-10)


def test_indicators_of_every_shop() -> None:
    table = ew.indicators(SHOPS, "laspeyres", by="shop")
    assert table.column_names == [
        "shop",
        *("period", "price_part", "quantity_part", "value_change", "matched", "status"),
    ]
    (second,) = records(table, shop="north", period=2)
    assert second == {
        "shop": "north",
        "period": 2,
        "price_part": 2 * (12 - 10),
        "quantity_part": 10 * (3 - 2),
        "value_change": 36 - 20,
        "matched": 1,
        "status": "ok",
    }
    (first,) = records(table, shop="north", period=1)
    assert (first["price_part"], first["status"]) == (None, "the first period of its stratum")
    south = records(table, shop="south")
    assert [r["status"] for r in south[1:]] == ["no overlap with the period before"] * 2
    direct = ew.indicators(SHOPS, "laspeyres", by="shop", base=1)
    (third,) = records(direct, shop="north", period=3)
    assert third["price_part"] == 2 * (9 - 10) + 4 * (6 - 5)
    assert [r["price_part"] for r in records(direct, shop="north", period=1)] == [0.0]
    assert records(direct, shop="south", period=3)[0]["status"] == "no overlap with the base period"


# -- dissimilarity
@SETTINGS
@given(
    MARKET, st.floats(0.1, 10), st.sampled_from(["plspread", "logquadratic", "asymplinear", "predictedshare", "spq"])
)
def test_proportional_prices_are_not_dissimilar(market: list, factor: float, measure: str) -> None:
    same = [(p0, q0, p0 * factor, qt) for p0, q0, _, qt in market]
    (row,) = ew.dissimilarity(two_periods(same), measure).to_pylist()
    assert row["dissimilarity"] == pytest.approx(0, abs=1e-12)
    (other,) = ew.dissimilarity(two_periods(market), measure).to_pylist()
    assert other["dissimilarity"] >= -1e-15


def test_dissimilarity_of_every_shop() -> None:
    table = ew.dissimilarity(SHOPS, "LogQuadratic", by="shop")
    pairs = [(r["shop"], r["period"], r["other"]) for r in table.to_pylist()]
    assert pairs == [("north", 1, 2), ("north", 1, 3), ("north", 2, 3), ("south", 1, 3)]
    (south,) = records(table, shop="south")
    assert (south["dissimilarity"], south["status"]) == (None, "no product is sold in both periods")
    assert records(table, shop="north", period=1, other=2)[0]["dissimilarity"] == pytest.approx(0, abs=1e-15)


# -- coverage
def test_coverage_of_every_shop() -> None:
    table = ew.coverage(SHOPS, by="shop")
    (row,) = records(table, shop="north", period=2)
    assert row == {
        "shop": "north",
        "period": 2,
        "base_value": 40.0,
        "base_value_matched": 20.0,
        "base_value_share": 0.5,
        "value": 43.0,
        "value_matched": 36.0,
        "value_share": 36 / 43,
        "base_count": 2,
        "base_count_share": 0.5,
        "count": 2,
        "count_share": 0.5,
        "matched": 1,
        "new": 1,
        "leaving": 1,
    }
    (south,) = records(table, shop="south", period=2)
    assert (south["value"], south["value_share"], south["count_share"]) == (0.0, None, None)
    assert (south["base_count"], south["count"], south["leaving"]) == (1, 0, 1)


# -- outliers
def test_outliers_are_judged_inside_their_cell() -> None:
    """A change of 30 % is nothing in a cell where all prices move so, and stands out where they rest."""
    rows = []
    for cell, changes in (("calm", [1.0, 1.01, 0.99, 1.02, 1.3]), ("wild", [0.6, 1.4, 0.8, 1.6, 1.3])):
        for i, change in enumerate(changes):
            rows += [{"ea": cell, "period": t, "product": i, "price": 10 * change**t} for t in (0, 1)]
    table = ew.outliers(pa.Table.from_pylist(rows), "robust_z", by="ea", cu=3.5)
    flagged = [(r["ea"], r["product"]) for r in table.to_pylist() if r["outlier"]]
    assert flagged == [("calm", 4)]
    assert table.num_rows == 10
    wide = ew.outliers(pa.Table.from_pylist(rows), "fixed_cutoff", by="ea", cu=1.5)
    assert [(r["ea"], r["product"]) for r in wide.to_pylist() if r["outlier"]] == [("wild", 0), ("wild", 3)]


# -- contributions of products
ADDITIVE = (
    "laspeyres",
    "paasche",
    "palgrave",
    "geolaspeyres",
    "geopaasche",
    "harmonic_laspeyres",
    "tornqvist",
    "fisher",
)


@SETTINGS
@given(MARKET, st.sampled_from([*ADDITIVE, "fisher_additive"]))
def test_contributions_of_products_add_up(market: list, method: str) -> None:
    data = two_periods(market)
    parts = ew.decompose(data, method, base=0, to=1)
    index = ew.index(data, method.removesuffix("_additive"), output="fixedbase")["index"][1].as_py()
    assert math.fsum(parts["contribution"].to_pylist()) == pytest.approx(index - 1, abs=1e-12 * max(1, index))


@SETTINGS
@given(
    st.lists(st.lists(st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)), min_size=3, max_size=3), min_size=1, max_size=5)
)
def test_factors_of_products_multiply_to_geks(market: list) -> None:
    rows = [
        {"period": t, "product": i, "price": p, "quantity": q}
        for i, row in enumerate(market)
        for t, (p, q) in enumerate(row)
    ]
    data = pa.Table.from_pylist(rows)
    for method in ("geks_fisher", "geks_tornqvist"):
        index = ew.index(data, method)["index"].to_pylist()
        table = ew.decompose(data, method, base=1, to=2)
        assert math.prod(table["factor"].to_pylist()) == pytest.approx(index[2] / index[1], rel=1e-11)
        assert math.prod(table["normalised"].to_pylist()) == pytest.approx(1, rel=1e-11)
        impact = 100 * (np.asarray(table["normalised"]) - 1)
        np.testing.assert_allclose(table["impact"].to_numpy(), impact, rtol=0, atol=1e-12)


def test_decompose_of_every_shop() -> None:
    table = ew.decompose(SHOPS, "laspeyres", base=1, to=3, by="shop")
    assert [(r["shop"], r["product"]) for r in table.to_pylist()] == [("north", "a"), ("north", "b")]
    assert table["contribution"].to_pylist() == pytest.approx([0.5 * (0.9 - 1), 0.5 * (1.2 - 1)], abs=1e-15)


# -- what is wrong
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ew.indicators(SHOPS, "benet", by="shop"), "method is 'benet'; did you mean 'bennet'"),
        (lambda: ew.indicators(SHOPS, by="store"), "no column 'store' for the by; allowed: period"),
        (lambda: ew.indicators(SHOPS, by="shop", base=9), "base 9 is not a period of the data; they run from 1 to 3"),
        (lambda: ew.indicators(SHOPS), "stands twice in period"),
        (lambda: ew.dissimilarity(SHOPS, "logquad", by="shop"), "measure is 'logquad'; did you mean 'logquadratic'"),
        (lambda: ew.dissimilarity(SHOPS, "spq", by="shop", quantity="q"), "no column 'q' for the quantity"),
        (lambda: ew.coverage(SHOPS, by="shop", price="p"), "no column 'p' for the price"),
        (lambda: ew.coverage(SHOPS.rename_columns(["new", *SHOPS.column_names[1:]]), by="new"), "would stand twice"),
        (lambda: ew.outliers(SHOPS, "tukey", by="shop"), "unknown outlier test 'tukey'; allowed: quartile_method"),
        (lambda: ew.outliers(SHOPS, "robust_z", by="shop", a=1), "robust_z: unknown parameter 'a'; allowed: cu"),
        (
            lambda: ew.decompose(SHOPS, "walsh", base=1, to=2, by="shop"),
            "method is 'walsh'; did you mean 'paasche'. allowed: fisher",
        ),
        (lambda: ew.decompose(SHOPS, "fisher", base=1, to=2, window=3, by="shop"), "fisher compares two periods"),
        (lambda: ew.decompose(SHOPS, "geks_fisher", base=1, to=3, window=2, by="shop"), "period 3 lies outside the wi"),
        (lambda: ew.decompose(SHOPS, "geks_fisher", base=1, to=3, window=1, by="shop"), "window is 1; it must be"),
        (lambda: ew.decompose(SHOPS, "fisher", base=0, to=3, by="shop"), "base 0 is not a period of the data"),
        (lambda: ew.impute(SHOPS, "carry", ea=None), "imputation is 'carry'; did you mean 'carry_forward'"),
        (lambda: ew.impute(SHOPS, "carry_forward"), "no column 'ea' for the ea"),
        (
            lambda: ew.impute(
                SHOPS,
                "class_mean_hierarchical",
                ea=None,
                classification=ew.Classification.from_codes(["1"]),
                weights={},
            ),
            "classification needs ea",
        ),
    ],
)
def test_unknown_names_and_options(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# -- filling in
def test_carried_prices_have_no_quantity() -> None:
    filled = ew.impute(SHOPS, "carry_forward", ea="shop", quantity="quantity")
    (row,) = records(filled, shop="north", period=2, product="b")
    assert row == {"shop": "north", "product": "b", "period": 2, "price": 5.0, "quantity": 0.0, "status": "imputed"}
    assert not records(filled, shop="north", period=1, product="c"), "nothing before a product was first seen"
    back = ew.impute(SHOPS, "carry_backward", ea="shop")
    assert records(back, shop="north", period=1, product="c")[0]["price"] == 7.0


def test_a_result_is_of_the_kind_of_its_data() -> None:
    pandas = pytest.importorskip("pandas")
    frame = SHOPS.to_pandas()
    for result in (
        ew.indicators(frame, by="shop"),
        ew.coverage(frame, by="shop"),
        ew.dissimilarity(frame, "plspread", by="shop"),
        ew.outliers(frame, by="shop"),
        ew.decompose(frame, "fisher", base=1, to=3, by="shop"),
        ew.impute(frame, "carry_forward", ea="shop"),
    ):
        assert isinstance(result, pandas.DataFrame)


# -- elementary aggregates
def test_several_columns_name_a_price_series() -> None:
    """An item at a unit; weights of the quotes; a price in one period only is no relative."""
    quotes = [
        (1, "a", "u", 10.0, 9.0),
        (2, "a", "u", 11.0, 1.0),
        (1, "a", "v", 20.0, 9.0),
        (2, "a", "v", 18.0, 3.0),
        (2, "b", "u", 5.0, 50.0),
    ]
    names = ("period", "item", "unit", "price", "w")
    rows = [{"ea": "x"} | dict(zip(names, quote, strict=True)) for quote in quotes]
    x = ew.elementary(pa.Table.from_pylist(rows), product=["item", "unit"], weight="w", order=1)
    assert x.series("x").tolist() == [1.0, pytest.approx((1.1 + 3 * 0.9) / 4, abs=1e-15)]
    assert x.matched.tolist() == [[2, 2]]
    parts = ew.contributions(x, "x")
    assert parts.column_names == ["item", "unit", "period", "contribution"]
    found = {(r["item"], r["unit"]): r["contribution"] for r in parts.to_pylist() if r["period"] == 2}
    assert found == {("a", "u"): pytest.approx(0.025, abs=1e-15), ("a", "v"): pytest.approx(-0.075, abs=1e-15)}


def test_the_table_of_a_hierarchy() -> None:
    rows = [{"ea": e, "period": t, "product": "p", "price": 1.0 + t} for e in ("1.1", "1.2") for t in (0, 1)]
    tree = ew.Classification.from_codes(["1.1", "1.2"])
    x = ew.chain(ew.aggregate(ew.elementary(pa.Table.from_pylist(rows)), tree, {"1.1": 1.0, "1.2": 1.0}), base=1)
    assert x.table().to_pylist()[:2] == [
        {"code": "1", "period": 0, "index": 0.5, "matched": 2, "status": "ok"},
        {"code": "1", "period": 1, "index": 1.0, "matched": 2, "status": "ok"},
    ]
    again = ew.Indices.from_table(x.table())
    assert [again.series(c).tolist() for c in x.codes] == [x.series(c).tolist() for c in x.codes]
