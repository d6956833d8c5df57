"""The Spark driver gives what the local driver gives, to 1e-10 in logs, status and matched included."""

import datetime
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

import ellwand as ew
from ellwand import cli

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")]
KEY = "ellwand.spark.cells"


def churn(seed: int = 7, products: int = 40, periods: int = 16, strata: tuple[str, ...] = ("S1", "S2", "S3")) -> Any:
    """Products that come and go, one stratum with a hole in its periods, one that starts late; rows shuffled."""
    rng = np.random.default_rng(seed)
    rows = []
    for k, stratum in enumerate(strata):
        for i in range(products):
            start = int(rng.integers(0, periods - 4))
            stop = start + int(rng.integers(3, periods))
            level = rng.lognormal(2, 1)
            for t in range(start, min(stop, periods)):
                level *= np.exp(rng.normal(0.002, 0.05))
                late, hole = k == 2 and t < 3, k == 1 and t == 8
                if late or hole or rng.random() < 0.2:
                    continue
                bought = 0.0 if rng.random() < 0.03 else float(np.round(rng.lognormal(3, 1), 3))
                # "t2" < "t10": the calendar is not that of plain text.
                rows.append((stratum, "n" if i % 2 else "s", f"t{t + 1}", f"p{i:03}", float(level), bought))
    order = rng.permutation(len(rows))
    columns = list(zip(*(rows[i] for i in order), strict=True))
    names = ["stratum", "region", "period", "product", "price", "quantity"]
    return pa.table([pa.array(list(c)) for c in columns], names=names)


@pytest.fixture(scope="module")
def table() -> Any:
    return churn()


@pytest.fixture(scope="module")
def frame(spark: Any, table: Any) -> Any:
    return spark.createDataFrame(table).cache()


@pytest.fixture
def pieces(spark: Any) -> Iterator[None]:
    spark.conf.set(KEY, "60")
    yield
    spark.conf.unset(KEY)


def same(got: Any, expected: pa.Table) -> None:
    same_table(got.toArrow(), expected)


def same_table(got: pa.Table, expected: pa.Table) -> None:
    assert got.column_names == expected.column_names
    for name in expected.column_names:
        if name != "index":
            assert got[name].to_pylist() == expected[name].to_pylist(), name
    a, b = (np.array(t["index"].to_pylist(), dtype=float) for t in (got, expected))
    assert (np.isnan(a) == np.isnan(b)).all()
    assert np.isfinite(b).sum() > 3
    np.testing.assert_allclose(np.log(a), np.log(b), rtol=0, atol=1e-10)


ROLLING = {"window": 6, "splice": "mean"}
STRATA: list[tuple[str, dict[str, Any]]] = [
    ("ccdi", {}),
    ("ccdi", ROLLING),
    ("wtpd", {"base": "t5"}),
    ("wtpd", {"window": 6, "splice": "fbew"}),
    ("gk", {"window": 6, "splice": "hasp"}),
    ("fisher", {}),
    ("jevons", {"output": "fixedbase", "base": "t4"}),
    ("lowe", {"weight_base_period": "t4"}),
    ("fisher", {"chain_method": "plspread"}),
]
IN_PIECES: list[tuple[str, dict[str, Any]]] = [
    ("ccdi", {}),
    ("ccdi", ROLLING),
    ("ccdi", {"shares": "all", "links": "available"}),
    ("geks_jevons", {"window": 6, "splice": "wisp", "base": "t6"}),
    ("wgeks", {"window": 6, "splice": "movement"}),
    ("geksaqu", {"window": 6, "splice": "window"}),
    ("wtpd", {}),
    ("wtpd", {**ROLLING, "base": "t2"}),
    ("tpd", {"window": 6, "splice": "fbew"}),
    ("gk", {"base": "t9"}),
    ("gk", ROLLING),
]


@pytest.mark.parametrize(("method", "keywords"), STRATA)
def test_strata_on_workers(frame: Any, table: Any, method: str, keywords: dict[str, Any]) -> None:
    same(ew.index(frame, method, by="stratum", **keywords), ew.index(table, method, by="stratum", **keywords))


@pytest.mark.parametrize(("method", "keywords"), IN_PIECES)
def test_strata_in_pieces(pieces: None, frame: Any, table: Any, method: str, keywords: dict[str, Any]) -> None:
    same(ew.index(frame, method, by="stratum", **keywords), ew.index(table, method, by="stratum", **keywords))


def test_some_strata_in_pieces_and_two_columns(spark: Any, frame: Any, table: Any) -> None:
    by = ["stratum", "region"]
    sizes = sorted(table.group_by(by).aggregate([("price", "count")])["price_count"].to_pylist())
    spark.conf.set(KEY, str(sizes[2]))
    try:
        same(ew.index(frame, "wtpd", by=by, **ROLLING), ew.index(table, "wtpd", by=by, **ROLLING))
    finally:
        spark.conf.unset(KEY)


def test_without_strata(spark: Any) -> None:
    table = churn(strata=("S1",)).drop_columns(["stratum"])
    frame = spark.createDataFrame(table)
    expected = ew.index(table, "gk")
    same(ew.index(frame, "gk"), expected)
    spark.conf.set(KEY, "50")
    try:
        same(ew.index(frame, "gk"), expected)
        with pytest.raises(ew.DataError, match=r"more than the 50 .*fisher is no sum over products.*raise the setting"):
            ew.index(frame, "fisher")
    finally:
        spark.conf.unset(KEY)


def test_disconnected_periods_have_the_same_reason(spark: Any) -> None:
    rows = [(t, f"p{i}", 10.0 + i + t, 2.0) for t in range(6) for i in ((0, 1) if t < 3 else (2, 3))]
    table = pa.table([list(c) for c in zip(*rows, strict=True)], names=["period", "product", "price", "quantity"])
    frame = spark.createDataFrame(table)
    for limit in ("100", "5"):
        spark.conf.set(KEY, limit)
        try:
            for method in ("ccdi", "wtpd", "gk"):
                got, expected = ew.index(frame, method).toArrow(), ew.index(table, method)
                assert got["status"].to_pylist() == expected["status"].to_pylist()
                assert "disconnected" in got["status"][0].as_py()
                assert got["index"].null_count == 6
        finally:
            spark.conf.unset(KEY)


def test_hedonic(spark: Any) -> None:
    table = churn()
    rng = np.random.default_rng(3)
    table = table.append_column("size", pa.array(rng.normal(size=table.num_rows)))
    keywords: dict[str, Any] = {"by": "stratum", "characteristics": ["size", "region"], "weights": "shares"}
    same(ew.index(spark.createDataFrame(table), "tdh", **keywords), ew.index(table, "tdh", **keywords))


def doubled(table: pa.Table, *, exact: bool) -> pa.Table:
    """Every row of every other product split in two, as decimals if exact."""
    twice = pa.concat_tables([table, table.filter(pa.array([p[-1] in "02468" for p in table["product"].to_pylist()]))])
    factor = np.where(np.arange(twice.num_rows) < table.num_rows, 1.0, 1.07)
    prices = np.round(twice["price"].to_numpy() * factor, 2) + 0.01
    quantities = np.round(twice["quantity"].to_numpy(), 3) + 0.001
    if not exact:
        columns = [pa.array(prices), pa.array(quantities)]
    else:
        columns = [
            pa.array([Decimal(f"{p:.2f}") for p in prices], pa.decimal128(12, 2)),
            pa.array([Decimal(f"{q:.3f}") for q in quantities], pa.decimal128(18, 3)),
        ]
    return twice.set_column(4, "price", columns[0]).set_column(5, "quantity", columns[1])


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("limit", ["5000000", "60"])
def test_unit_values(spark: Any, table: Any, exact: bool, limit: str) -> None:
    rows = doubled(table, exact=exact)
    spark.conf.set(KEY, limit)
    try:
        keywords: dict[str, Any] = {"by": "stratum", "on_duplicate": "unit_value", **ROLLING}
        same(ew.index(spark.createDataFrame(rows), "ccdi", **keywords), ew.index(rows, "ccdi", **keywords))
    finally:
        spark.conf.unset(KEY)


def test_large_integers_do_not_overflow(spark: Any) -> None:
    names = ["period", "product", "price", "quantity"]
    big = 4_000_000_000_000
    rows = [(t, p, big + 7 * t, big * (t + 1)) for t in range(3) for p in "ab" for _ in range(3)]
    table = pa.table([list(c) for c in zip(*rows, strict=True)], names=names)
    got = ew.index(spark.createDataFrame(table), "fisher", on_duplicate="unit_value").toArrow()
    np.testing.assert_allclose(got["index"].to_numpy(), 1 + 7 * np.arange(3) / big, rtol=1e-14)


def small(spark: Any, **columns: list[Any]) -> Any:
    rows: dict[str, list[Any]] = {
        "period": ["t1", "t1", "t2", "t2"],
        "product": ["A", "B", "A", "B"],
        "price": [1.0, 2.0, 1.5, 2.5],
        "quantity": [1.0, 1.0, 2.0, 2.0],
    }
    return spark.createDataFrame(pa.table({**rows, **columns}))


BAD: list[tuple[dict[str, list[Any]], str]] = [
    ({"price": [1.0, 0.0, -1.5, 2.5]}, r"2 rows, field price: -1.5, 0: a price must be .* product A, period t2; prod"),
    ({"price": [1.0, float("nan"), 1.5, 2.5]}, r"1 row, field price: nan: .* product B, period t1; correct"),
    ({"price": [1.0, 2.0, float("inf"), 2.5]}, r"field price: inf: "),
    ({"quantity": [1.0, 1.0, 2.0, -3.0]}, r"field quantity: -3: a quantity must .* product B, period t2"),
    ({"quantity": [1.0, 1.0, None, 3.0]}, r"field quantity: empty: every row needs a quantity.* product A, period t2"),
    ({"product": ["A", "B", None, "B"]}, r"field product: empty: every row needs a product"),
    ({"period": ["t1", None, "t2", "t2"]}, r"field period: empty: every row needs a period"),
    ({"period": ["t1", "t01", "t2", "t2"]}, r"'t1' and 't01'|'t01' and 't1'"),
    ({"price": ["1", "2", "free", "2.5"]}, r"field price: free: a price must be a number.*string.* product A, period"),
    ({"quantity": ["1", "1", "1", "1"]}, r"field quantity: 1, 1, 1, 1: a quantity must be a number"),
    ({"product": ["A", "A", "A", "B"]}, r"field product: A stands twice in period t1 \(prices 1 and 2\); a product"),
    ({"price": pa.nulls(4, pa.float64())}, r"no row with a price"),
]


@pytest.mark.parametrize(("columns", "message"), BAD)
def test_bad_rows_are_named(spark: Any, columns: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(ew.DataError, match=message):
        ew.index(small(spark, **columns), "ccdi")


def test_bad_rows_in_pieces_are_named(pieces: None, frame: Any) -> None:
    with pytest.raises(ew.DataError, match=r"p00\d stands twice in period t\d+, stratum S1"):
        ew.index(frame.union(frame.filter("stratum = 'S1'")), "ccdi", by="stratum")


def test_bad_arguments(spark: Any, frame: Any) -> None:
    nothing = small(spark, product=["A", "A", "A", "B"], quantity=[0.0, 0.0, 1.0, 1.0])
    with pytest.raises(ew.DataError, match=r"A in period t1 has 2 prices and no quantity"):
        ew.index(nothing, "ccdi", on_duplicate="unit_value")
    with pytest.raises(ValueError, match="no column 'cost' for the price"):
        ew.index(frame, "ccdi", price="cost", by="stratum")
    with pytest.raises(ValueError, match="base 't99' is not a period"):
        ew.index(frame, "ccdi", base="t99", by="stratum")
    with pytest.raises(ValueError, match="say how later windows are linked"):
        ew.index(frame, "ccdi", window=5, by="stratum")
    spark.conf.set(KEY, "many")
    try:
        with pytest.raises(ValueError, match="'many'; it must be a whole number"):
            ew.index(frame, "ccdi", by="stratum")
    finally:
        spark.conf.unset(KEY)


def test_a_null_price_is_not_sold(spark: Any) -> None:
    columns: dict[str, list[Any]] = {"price": [1.0, 2.0, 1.5, None], "quantity": [1.0, 1.0, 2.0, None]}
    got = ew.index(small(spark, **columns), "fisher").toArrow().to_pylist()
    assert got[1] == {"period": "t2", "index": pytest.approx(1.5), "matched": 1, "status": "ok"}


def test_dates_numbers_and_odd_names(spark: Any) -> None:
    table = churn(strata=("S1",)).drop_columns(["stratum", "region"])
    days = [datetime.date(2024, int(t[1:]) % 12 + 1, int(t[1:])) for t in table["period"].to_pylist()]
    months = [
        pa.array(days),
        pa.array([datetime.datetime(d.year, d.month, d.day) for d in days], pa.timestamp("us", "UTC")),
    ]
    months.append(pa.array([int(t[1:]) for t in table["period"].to_pylist()]))
    for period in months:
        own = table.set_column(0, "the `day`.x", period)
        keywords: dict[str, Any] = {"period": "the `day`.x"}
        same(ew.index(spark.createDataFrame(own), "gk", **keywords), ew.index(own, "gk", **keywords))


def coded(table: pa.Table) -> pa.Table:
    """Codes with leading zeros, which a reader of CSV takes for numbers, and months, which it takes for dates."""
    codes = pa.array([f"0{p[1:]}" for p in table["product"].to_pylist()])
    strata = pa.array([f"00{s[1:]}" for s in table["stratum"].to_pylist()])
    months = pa.array([f"{2023 + int(t[1:]) // 13}-{int(t[1:]) % 12 + 1:02}" for t in table["period"].to_pylist()])
    return table.set_column(0, "stratum", strata).set_column(2, "period", months).set_column(3, "product", codes)


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "hive"])
def test_files(spark: Any, tmp_path: Path, table: Any, kind: str) -> None:
    from ellwand.engine.spark import index_path

    rows = coded(table).drop_columns(["region"])
    rows = rows.group_by(["stratum", "period", "product"]).aggregate([("price", "min"), ("quantity", "min")])
    rows = rows.rename_columns(["stratum", "period", "product", "price", "quantity"])
    target = tmp_path / f"rows.{kind}"
    if kind == "parquet":
        pa.parquet.write_table(rows, target)
    elif kind == "hive":
        pa.parquet.write_to_dataset(rows, target, partition_cols=["stratum"])
    else:
        pa.csv.write_csv(rows, target, pa.csv.WriteOptions(delimiter="," if kind == "csv" else "\t"))
    got = index_path(str(target), "ccdi", by="stratum", **ROLLING)
    expected = ew.index(str(target), "ccdi", by="stratum", **ROLLING)
    assert got["stratum"][0].as_py() == "001"
    assert got.drop_columns(["index"]).to_pylist() == expected.drop_columns(["index"]).to_pylist()
    a, b = (np.array(t["index"].to_pylist(), dtype=float) for t in (got, expected))
    np.testing.assert_allclose(np.log(a), np.log(b), rtol=0, atol=1e-10)
    assert spark.sql("SELECT 1").collect()[0][0] == 1, "a session that was active is left running"


def test_files_that_cannot_be_read(spark: Any, tmp_path: Path) -> None:
    from ellwand.engine.spark import index_path

    with pytest.raises(ew.DataError, match="no such file"):
        index_path(str(tmp_path / "none.csv"), "ccdi")
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(ew.DataError, match=r"broken\.parquet: cannot be read"):
        index_path(str(tmp_path / "broken.parquet"), "ccdi")
    with pytest.raises(ValueError, match="a Spark session is active on"):
        index_path(str(tmp_path / "broken.parquet"), "ccdi", master="local[7]")


def test_a_session_of_its_own_is_stopped(spark: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("period,product,price,quantity\n2024-01,007,10,5\n2024-02,007,12,5\n", encoding="utf-8")
    code = (
        "from ellwand.engine.spark import index_path\n"
        "from pyspark.sql import SparkSession\n"
        f"table = index_path({str(path)!r}, 'fisher', master='local[1]')\n"
        "assert table['period'].to_pylist() == ['2024-01', '2024-02']\n"
        "assert table['index'].to_pylist() == [1.0, 1.2]\n"
        "assert SparkSession.getActiveSession() is None\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYSPARK", "SPARK"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


COMMAND: list[tuple[str, list[str]]] = [
    ("ccdi", ["--window", "6", "--splice", "mean"]),
    ("wtpd", ["--window", "6", "--splice", "fbew"]),
    ("gk", ["--base", "t4"]),
]


@pytest.mark.parametrize("limit", ["5000000", "60"])
@pytest.mark.parametrize(("method", "options"), COMMAND)
def test_the_command(spark: Any, table: Any, tmp_path: Path, method: str, options: list[str], limit: str) -> None:
    """`ellwand index --engine spark` equals the embedded engine, with whole strata and with strata in pieces."""
    rows = tmp_path / "rows.parquet"
    pa.parquet.write_table(table, rows)
    spark.conf.set(KEY, limit)
    try:
        for engine in ("spark", "local"):
            out = str(tmp_path / f"{engine}.parquet")
            command = ["index", str(rows), "--method", method, "--by", "stratum", *options]
            assert cli.main([*command, "--engine", engine, "-o", out]) == 0
    finally:
        spark.conf.unset(KEY)
    got, expected = (pa.parquet.read_table(tmp_path / f"{engine}.parquet") for engine in ("spark", "local"))
    same_table(got, expected)


def test_the_command_says_what_is_wrong(spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("period,product,price,quantity\nt1,A,1,1\nt2,A,-2,1\n", encoding="utf-8")
    assert cli.main(["index", str(rows), "--method", "gk", "--engine", "spark"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "field price: -2" in said.err and said.err.count("\n") == 1


def test_what_to_install_is_said(lacking: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "no java on the path): install Java 17" in lacking({"PATH": str(tmp_path)})
    assert f"JAVA_HOME is {tmp_path}" in lacking({"JAVA_HOME": str(tmp_path), "PATH": os.environ["PATH"]})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install 'ellwand[spark]'" in lacking(os.environ)
