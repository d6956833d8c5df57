"""Not computable is an answer: null with a reason, never 0, 1, infinity or the last level."""

import numpy as np
import pyarrow as pa
import pytest

import ellwand as ew
from ellwand.formulas.catalogue import TABLE
from ellwand.formulas.panel import Panel
from ellwand.formulas.time_dummy import time_product_dummy
from ellwand.formulas.window import WindowEstimator

MULTILATERAL = ["geks_fisher", "geks_tornqvist", "geks_jevons", "wtpd", "tpd_unweighted", "gk", "ikle", "gerardi"]


def rows(*cells: tuple) -> pa.Table:
    """Period, product, price and, if it is not 1, quantity."""
    names = ("period", "product", "price", "quantity")
    return pa.Table.from_pylist([dict(zip(names, (*c, 1.0)[:4], strict=True)) for c in cells])


def levels(result: pa.Table) -> list:
    return result["index"].to_pylist()


def status(result: pa.Table) -> list[str]:
    return result["status"].to_pylist()


@pytest.mark.parametrize("method", ["jevons", "fisher", "tornqvist", "sato_vartia", "stuvel", "vartia", "hlc", "cswdb"])
def test_no_overlap(method: str) -> None:
    data = rows((1, "a", 1.0), (2, "b", 2.0), (3, "b", 3.0), (4, "a", 2.0))
    result = ew.index(data, method)
    assert levels(result) == [1.0, None, None, None]
    assert status(result) == [
        "ok",
        "no overlap with the previous period",
        "the chain is broken at an earlier period",
        "the chain is broken at an earlier period",
    ]
    assert result["matched"].to_pylist() == [1, 0, 1, 0]
    direct = ew.index(data, method, output="fixedbase")
    assert levels(direct)[1:3] == [None, None]
    assert levels(direct)[3] == pytest.approx(2)
    assert status(direct) == ["ok", "no overlap with the base period", "no overlap with the base period", "ok"]


def test_a_chain_that_is_broken_before_the_base() -> None:
    data = rows((1, "a", 1.0), (2, "b", 2.0), (3, "b", 3.0))
    result = ew.index(data, "jevons", base=3)
    assert levels(result) == [None] * 3
    assert set(status(result)) == {"the chain is broken between the first and the base period"}


@pytest.mark.parametrize("method", MULTILATERAL)
def test_a_disconnected_window(method: str) -> None:
    data = rows((1, "a", 1.0), (2, "a", 2.0), (3, "b", 3.0), (4, "b", 2.0), (4, "c", 2.0))
    result = ew.index(data, method)
    assert levels(result) == [None] * 4
    assert set(status(result)) == {"disconnected: no product joins the periods 1-2 and 3-4 of the window"}


def test_a_product_of_no_quantity_joins_nothing() -> None:
    """Product b links periods 1 and 2 only on paper: nothing of it was sold in period 2."""
    data = rows((1, "a", 1.0), (1, "b", 1.0), (2, "b", 2.0, 0.0), (2, "c", 2.0))
    for method in ("wtpd", "gk", "geks_fisher"):
        assert levels(ew.index(data, method)) == [None, None]
        assert "disconnected" in status(ew.index(data, method))[0]
    assert levels(ew.index(data, "tpd_unweighted"))[1] == pytest.approx(2)


@pytest.mark.parametrize("method", MULTILATERAL)
def test_a_window_that_falls_apart_and_the_series_that_goes_on(method: str) -> None:
    """Window 3: no product of period 5 was sold in 3 or 4; the window 4-6 holds together by product d."""
    data = rows(
        *[(t, "a", 1.0 + t / 10) for t in (1, 2, 3, 4)],
        *[(t, "b", 2.0 + t / 10) for t in (5, 6, 7)],
        *[(t, "a", 1.0 + t / 10) for t in (6, 7)],
    )
    links = {"links": "available"} if method.startswith("geks") else {}
    result = ew.index(data, method, window=3, splice="mean", **links)
    assert levels(result)[4] is None
    assert status(result)[4] == "disconnected: no product joins the periods 1-2 and 3 of the window"
    assert [x is None for x in levels(result)] == [False, False, False, False, True, False, False]
    assert levels(result)[3] == pytest.approx(1.4 / 1.1)


@pytest.mark.parametrize("method", ["geks_fisher", "geks_jevons"])
def test_a_missing_link_in_a_connected_window(method: str) -> None:
    data = rows((1, "a", 1.0), (2, "a", 2.0), (2, "b", 1.0), (3, "b", 3.0))
    result = ew.index(data, method)
    assert levels(result) == [None] * 3
    assert "no link between periods 1 and 3 of the window (1 such pairs); links='available'" in status(result)[0]
    other = ew.index(data, method, links="available")
    assert levels(other) == pytest.approx([1, 2, 6])


def test_an_empty_window() -> None:
    P = np.zeros((2, 6))
    P[0, [0, 1]] = P[1, [0, 5]] = 1.0
    estimator = WindowEstimator(Panel(P, P), time_product_dummy)
    assert estimator(2, 4).reason == "empty window"
    assert np.isnan(estimator(2, 4).log).all()
    assert estimator(3, 5).reason == "only one period with data"
    assert estimator(0, 1).reason == ""


@pytest.mark.parametrize("method", MULTILATERAL)
def test_a_window_with_one_period(method: str) -> None:
    data = pa.concat_tables(
        [
            rows(*[(t, "a", 1.0 + t) for t in range(1, 8)]).append_column("s", pa.array(["whole"] * 7)),
            rows((1, "a", 1.0), (2, "a", 2.0), (7, "a", 3.0)).append_column("s", pa.array(["gap"] * 3)),
        ]
    )
    result = ew.index(data, method, window=3, splice="movement", by="s")
    gap = [r for r in result.to_pylist() if r["s"] == "gap"]
    assert [r["index"] is None for r in gap] == [False, False, True, True, True, True, True]
    assert [r["status"] for r in gap[2:6]] == ["no data in this period"] * 4
    assert gap[6]["status"] == "only one period with data"


@pytest.mark.parametrize("method", [m.name for m in TABLE.values() if not any(p.required for p in m.params.values())])
def test_one_period(method: str) -> None:
    result = ew.index(rows((5, "a", 1.0), (5, "b", 2.0)), method)
    assert levels(result) == [None]
    assert status(result) == ["only one period with data: nothing to compare it with"]


def test_a_stratum_without_data_in_a_period() -> None:
    data = rows((1, "a", 1.0), (2, "a", 2.0), (3, "a", 3.0), (2, "b", 4.0), (3, "b", 2.0))
    data = data.append_column("s", pa.array(["x", "x", "x", "y", "y"]))
    result = ew.index(data, "jevons", by="s").to_pylist()
    assert [r["index"] for r in result] == [1, pytest.approx(2), pytest.approx(3), None, 1, pytest.approx(0.5)]
    assert result[3]["status"] == "no data in this period"
    based = ew.index(data, "jevons", by="s", base=1).to_pylist()
    assert [r["index"] for r in based[3:]] == [None] * 3
    assert [r["status"] for r in based[3:]] == ["no data in this period", *["the base period has no data"] * 2]


def test_a_weight_base_period_without_data() -> None:
    data = rows((1, "a", 1.0), (2, "a", 2.0), (2, "b", 4.0), (3, "b", 2.0)).append_column("s", pa.array(list("xxyy")))
    result = ew.index(data, "lowe", weight_base_period=1, by="s").to_pylist()
    assert [r["status"] for r in result[3:]] == ["no data in this period", *["the weight base period has no data"] * 2]


def test_nothing_was_bought() -> None:
    data = rows((1, "a", 1.0, 0.0), (2, "a", 2.0, 0.0))
    for method in ("laspeyres", "fisher", "tornqvist", "walsh"):
        result = ew.index(data, method)
        assert levels(result) == [1.0, None]
        assert status(result)[1].startswith("the formula has no value on the matched products")
    for method in ("geks_fisher", "wtpd", "gk"):
        result = ew.index(data, method)
        assert levels(result) == [None, None]
        assert status(result)[0] == "nothing was sold in a period of the window (all quantities are 0)"


def test_a_value_of_nothing_is_no_level() -> None:
    data = rows((1, "a", 1.0, 1.0), (2, "a", 2.0, 0.0), (3, "a", 2.0, 1.0))
    result = ew.index(data, "value_index")
    assert levels(result) == [1.0, None, None]
    assert status(result)[1].startswith("the formula has no value on the matched products")
    assert levels(ew.index(data, "value_index", output="fixedbase")) == [1.0, None, pytest.approx(2)]


def test_a_formula_out_of_its_range() -> None:
    """sigma = 3: 3 times the geometric index less 2 times Laspeyres is below 0."""
    data = rows((1, "a", 1.0, 1.0), (1, "b", 1.0, 1.0), (2, "a", 100.0, 1.0), (2, "b", 0.01, 1.0))
    result = ew.index(data, "agmean", sigma=3)
    assert levels(result) == [1.0, None]
    assert "out of its range" in status(result)[1]


def test_similarity_linking_without_a_common_product() -> None:
    data = rows((1, "a", 1.0), (2, "a", 2.0), (3, "b", 1.0))
    for arguments in ({"method": "spq"}, {"method": "fisher", "chain_method": "plspread"}):
        result = ew.index(data, **arguments)
        assert levels(result) == [1.0, pytest.approx(2), None]
        assert status(result)[2] == "no overlap with an earlier period"


def test_periods_that_characteristics_explain() -> None:
    """Every product of period 2 is wide and every one of period 1 narrow: price change and width are one."""
    data = rows((1, "a", 1.0), (1, "b", 2.0), (2, "c", 3.0), (2, "d", 4.0)).append_column("w", pa.array([1, 1, 2, 2]))
    result = ew.index(data, "tdh", characteristics="w")
    assert levels(result) == [None, None]
    assert "cannot be told from the characteristics" in status(result)[0]


# -- every method, on data with many holes
def holes(seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    cells = [
        (t, f"{i}", float(np.exp(rng.normal())), float(rng.choice([0.0, 1.0, 5.0])))
        for i in range(5)
        for t in range(1, 8)
        if rng.random() < 0.35
    ]
    return rows(*cells).append_column("z", pa.array(rng.normal(size=len(cells))))


ARGUMENTS = {
    "weight_base_period": 3,
    "formula": "walsh",
    "characteristics": "z",
}


@pytest.mark.parametrize("method", TABLE)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_level_or_a_reason(method: str, seed: int) -> None:
    needed = {name: ARGUMENTS[name] for name, p in TABLE[method].params.items() if p.required}
    ways = [{}]
    if TABLE[method].family == "bilateral":
        ways.append({"output": "fixedbase"})
    elif TABLE[method].kind != "linked":
        ways.append({"window": 3, "splice": "mean"})
    for way in ways:
        for row in ew.index(holes(seed), method, **needed, **way).to_pylist():
            if row["index"] is None:
                assert row["status"] not in ("ok", "")
            else:
                assert row["status"] == "ok"
                assert 0 < row["index"] < float("inf")


def test_the_data_with_holes_has_both() -> None:
    found = {row["index"] is None for seed in (1, 2, 3, 4) for row in ew.index(holes(seed), "jevons").to_pylist()}
    assert found == {True, False}
