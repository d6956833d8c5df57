"""The order of the rows has no meaning; periods are ordered by time, whatever they are written as."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import ellwand as ew
from ellwand.engine.periods import calendar, find, natural_key, text_of
from ellwand.formulas.catalogue import TABLE

T = 9
ARGUMENTS = {"weight_base_period": 3, "formula": "walsh", "characteristics": "grade"}


def made(labels: list | None = None) -> pa.Table:
    """Two strata, eight products, nine periods, a fifth missing."""
    rng = np.random.default_rng(5)
    rows = [
        {
            "s": s,
            "period": t + 1 if labels is None else labels[t],
            "product": f"p{i}",
            "price": float(p),
            "quantity": float(q),
            "grade": "abc"[i % 3],
        }
        for s in ("x", "y")
        for i in range(8)
        for t in range(T)
        for p, q in [np.exp(rng.normal(1, 0.4, 2))]
        if i < 2 or rng.random() > 0.2
    ]
    return pa.Table.from_pylist(rows)


def arguments(method: str) -> dict:
    needed = {name: ARGUMENTS[name] for name, p in TABLE[method].params.items() if p.required}
    if TABLE[method].family == "multilateral" and TABLE[method].kind != "linked":
        needed |= {"window": 5, "splice": "mean"}
    return needed


def identical(a: pa.Table, b: pa.Table) -> None:
    assert a.select(["s", "period", "matched", "status"]).equals(b.select(["s", "period", "matched", "status"]))
    assert a["index"].to_numpy().tobytes() == b["index"].to_numpy().tobytes()


@pytest.mark.parametrize("method", TABLE)
def test_shuffled_rows_give_identical_bytes(method: str) -> None:
    data = made()
    want = ew.index(data, method, by="s", **arguments(method))
    assert want["index"].null_count == 0
    for seed in (1, 2):
        order = np.random.default_rng(seed).permutation(data.num_rows)
        identical(ew.index(data.take(order), method, by="s", **arguments(method)), want)


@pytest.mark.parametrize("method", ["fisher", "geks_tornqvist", "wtpd", "gk"])
def test_a_stratum_alone_is_as_among_others(method: str) -> None:
    data = made()
    among = ew.index(data, method, by="s", **arguments(method)).to_pylist()
    alone = ew.index(data.filter(pc.equal(data["s"], "y")), method, **arguments(method)).to_pylist()
    assert [r["index"] for r in among if r["s"] == "y"] == [r["index"] for r in alone]


def weeks() -> list[str]:
    first = date(2024, 12, 2)
    days = [first + timedelta(weeks=i) for i in range(T)]
    return [f"{d.isocalendar().year}-W{d.isocalendar().week:02}" for d in days]


def months() -> list[str]:
    return [f"{2023 + (9 + i) // 12}-{(9 + i) % 12 + 1:02}" for i in range(T)]


LABELS = {
    "weeks over a new year": weeks(),
    "weeks without zeros": [f"2024-W{i}" for i in range(4, 4 + T)],
    "months": months(),
    "quarters": [f"{2022 + i // 4}-Q{i % 4 + 1}" for i in range(T)],
    "dates": [date(2024, 1, 28) + timedelta(days=7 * i) for i in range(T)],
    "instants": [datetime(2024, 1, 28) + timedelta(days=31 * i) for i in range(T)],
    "integers": [202310 + i if i < 3 else 202401 + i - 3 for i in range(T)],
    "floats": [2020.0 + i / 4 for i in range(T)],
    "names with numbers": [f"t{i}" for i in range(3, 3 + T)],
}


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize(
    ("method", "way"),
    [
        ("geks_fisher", {"window": 5, "splice": "half"}),
        ("wtpd", {"window": 4, "splice": "fbew"}),
        ("gk", {"window": 6, "splice": "mean_pub"}),
        ("tornqvist", {}),
    ],
)
def test_periods_of_every_kind(kind: str, method: str, way: dict) -> None:
    labels = LABELS[kind]
    assert len(set(labels)) == T
    data = made(labels)
    data = data.take(np.random.default_rng(6).permutation(data.num_rows))
    got = ew.index(data, method, by="s", **way)
    want = ew.index(made(), method, by="s", **way)
    assert got["period"].to_pylist() == [*labels, *labels]
    assert got["index"].to_numpy().tobytes() == want["index"].to_numpy().tobytes()


@pytest.mark.parametrize("kind", LABELS)
def test_a_base_period_of_every_kind(kind: str) -> None:
    labels = LABELS[kind]
    for base in (labels[4], text_of(labels[4])):
        result = ew.index(made(labels), "geks_fisher", base=base, window=5, splice="mean", by="s")
        assert result["index"].to_pylist()[4] == 1.0
        assert result["index"].to_pylist()[T + 4] == 1.0
    lowe = ew.index(made(labels), "lowe", weight_base_period=text_of(labels[2]), output="fixedbase", by="s")
    want = ew.index(made(), "lowe", weight_base_period=3, output="fixedbase", by="s")
    assert lowe["index"].to_pylist() == want["index"].to_pylist()


def test_week_53_is_a_week() -> None:
    labels = ["2026-W51", "2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    rows = pa.table({"period": labels[::-1], "product": ["a"] * 5, "price": [5.0, 4, 3, 2, 1]})
    result = ew.index(rows, "jevons")
    assert result["period"].to_pylist() == labels
    assert result["index"].to_pylist() == pytest.approx([1, 2, 3, 4, 5])


def test_natural_order() -> None:
    texts = ["2024-W10", "2024-W9", "2023-W52", "t2", "t10"]
    assert sorted(texts, key=natural_key) == ["2023-W52", "2024-W9", "2024-W10", "t2", "t10"]
    assert calendar(pa.array(texts[:3])).tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("labels", "wanted", "position"),
    [
        ([1, 2, 3], "2", 1),
        (["2024-01", "2024-02"], "2024-2", 1),
        ([date(2024, 1, 1), date(2024, 2, 1)], "2024-02-01", 1),
        ([datetime(2024, 1, 1), datetime(2024, 2, 1)], date(2024, 2, 1), 1),
        ([1.0, 2.0], 2, 1),
    ],
)
def test_find_a_period(labels: list, wanted: object, position: int) -> None:
    assert find(labels, wanted, "base") == position


def test_find_says_what_there_is() -> None:
    with pytest.raises(
        ValueError, match="base '2025-01' is not a period of the data; they run from 2024-01 to 2024-02"
    ):
        find(["2024-01", "2024-02"], "2025-01", "base")


def test_base_rescales_and_no_more() -> None:
    data = made()
    for method, way in (("jevons", {}), ("geks_fisher", {"window": 5, "splice": "mean"}), ("spq", {})):
        plain = np.array(ew.index(data, method, by="s", **way)["index"].to_pylist()).reshape(2, T)
        based = np.array(ew.index(data, method, by="s", base=6, **way)["index"].to_pylist()).reshape(2, T)
        np.testing.assert_allclose(based, plain / plain[:, [5]], rtol=1e-12)


def test_matched_counts_products() -> None:
    rows = pa.table(
        {"period": [1, 1, 2, 2, 3, 3], "product": ["a", "b", "a", "c", "b", "c"], "price": [1.0, 1, 2, 1, 1, 2]}
    )
    assert ew.index(rows, "jevons")["matched"].to_pylist() == [2, 1, 1]
    assert ew.index(rows, "jevons", output="fixedbase")["matched"].to_pylist() == [2, 1, 1]
    assert ew.index(rows, "tpd")["matched"].to_pylist() == [2, 2, 2]


def test_more_periods_later_change_nothing_published() -> None:
    data = made()
    early = data.filter(pc.less_equal(data["period"], 7))
    for method in ("geks_tornqvist", "wtpd", "gk"):
        way = {"window": 5, "splice": "mean", "by": "s"}
        long = {(r["s"], r["period"]): r["index"] for r in ew.index(data, method, **way).to_pylist()}
        for row in ew.index(early, method, **way).to_pylist():
            assert long[row["s"], row["period"]] == pytest.approx(row["index"], rel=1e-12)
