"""Every kind of table and file gives the same index, and the result is of the kind of the data."""

import gzip
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

import ellwand as ew

PARAMS = {"window": 4, "splice": "mean", "by": "region"}


def made() -> pa.Table:
    rng = np.random.default_rng(1)
    rows = [
        {"region": region, "period": t, "product": f"{i:03}", "price": float(p), "quantity": float(q)}
        for region in ("north", "south")
        for i in range(6)
        for t in range(1, 8)
        for p, q in [np.exp(rng.normal(1, 0.3, 2))]
        if rng.random() > 0.2
    ]
    return pa.Table.from_pylist(rows)


DATA = made()


class Capsule:
    """Anything with the Arrow PyCapsule interface."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def expected(method: str = "geks_fisher") -> pa.Table:
    return ew.index(DATA, method, **PARAMS)


def as_arrow(result: object) -> pa.Table:
    if isinstance(result, pa.Table):
        return result
    if isinstance(result, duckdb.DuckDBPyRelation):
        return result.to_arrow_table()
    if isinstance(result, pd.DataFrame):
        return pa.Table.from_pandas(result, preserve_index=False)
    return result.to_arrow()  # type: ignore[attr-defined]


def same(result: object, other: pa.Table) -> None:
    """Equal rows and, to the last bit, equal levels."""
    table = as_arrow(result)
    assert table.column_names == other.column_names
    for name in other.column_names:
        if name == "index":
            a, b = (t[name].to_numpy().tobytes() for t in (table, other))
            assert a == b
        else:
            assert table[name].to_pylist() == other[name].to_pylist()


IN_MEMORY = {
    "arrow": (lambda t: t, pa.Table),
    "batch": (lambda t: t.combine_chunks().to_batches()[0], pa.Table),
    "reader": (lambda t: t.to_reader(), pa.Table),
    "capsule": (Capsule, pa.Table),
    "pandas": (lambda t: t.to_pandas(), pd.DataFrame),
    "pandas categories": (lambda t: t.to_pandas().astype({"product": "category"}), pd.DataFrame),
    "polars": (pl.from_arrow, pl.DataFrame),
    "duckdb": (duckdb.from_arrow, duckdb.DuckDBPyRelation),
    "dictionary": (lambda t: t.set_column(2, "product", t["product"].dictionary_encode()), pa.Table),
    "chunks": (lambda t: pa.concat_tables([t.slice(0, 10), t.slice(10)]), pa.Table),
}


@pytest.mark.parametrize("kind", IN_MEMORY)
def test_tables(kind: str) -> None:
    convert, returned = IN_MEMORY[kind]
    result = ew.index(convert(DATA), "geks_fisher", **PARAMS)
    assert isinstance(result, returned)
    same(result, expected())


@pytest.mark.parametrize("kind", ["pandas", "polars", "duckdb"])
def test_null_levels_stay_null(kind: str) -> None:
    rows = pa.table({"period": [1, 2], "product": ["a", "b"], "price": [1.0, 2.0]})
    result = as_arrow(ew.index(IN_MEMORY[kind][0](rows), "jevons"))
    levels = result["index"].to_pylist()
    assert levels[0] == 1
    assert levels[1] is None or np.isnan(levels[1])
    assert result["status"].to_pylist()[1] == "no overlap with the previous period"


def write_csv(table: pa.Table, path: Path) -> None:
    pcsv.write_csv(table, path)


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    write_csv(DATA, path)
    result = ew.index(str(path), "geks_fisher", **PARAMS)
    assert isinstance(result, pa.Table)
    same(result, expected())
    same(ew.index(path, "geks_fisher", **PARAMS), expected())


def test_compressed_csv(tmp_path: Path) -> None:
    write_csv(DATA, tmp_path / "prices.csv")
    with gzip.open(tmp_path / "prices.csv.gz", "wb") as out:
        out.write((tmp_path / "prices.csv").read_bytes())
    same(ew.index(str(tmp_path / "prices.csv.gz"), "geks_fisher", **PARAMS), expected())


def test_parquet(tmp_path: Path) -> None:
    pq.write_table(DATA, tmp_path / "prices.parquet")
    same(ew.index(str(tmp_path / "prices.parquet"), "geks_fisher", **PARAMS), expected())


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_folder_and_glob(tmp_path: Path, ending: str) -> None:
    write = write_csv if ending == "csv" else pq.write_table
    (tmp_path / "more").mkdir()
    write(DATA.slice(0, 20), tmp_path / f"1.{ending}")
    write(DATA.slice(20, 20), tmp_path / f"2.{ending}")
    write(DATA.slice(40), tmp_path / "more" / f"3.{ending}")
    (tmp_path / "notes.txt").write_text("not data")
    same(ew.index(str(tmp_path), "geks_fisher", **PARAMS), expected())
    same(ew.index(str(tmp_path / "**" / f"*.{ending}"), "geks_fisher", **PARAMS), expected())
    first_two = ew.index(str(tmp_path / f"?.{ending}"), "jevons", by="region")
    same(first_two, ew.index(DATA.slice(0, 40), "jevons", by="region"))


def test_a_partitioned_folder(tmp_path: Path) -> None:
    for region in ("north", "south"):
        part = DATA.filter(pc.equal(DATA["region"], region)).drop_columns("region")
        (tmp_path / f"region={region}").mkdir()
        pq.write_table(part, tmp_path / f"region={region}" / "part-0.parquet")
    same(ew.index(str(tmp_path), "geks_fisher", **PARAMS), expected())


def test_a_path_with_a_quote(tmp_path: Path) -> None:
    folder = tmp_path / "o'clock"
    folder.mkdir()
    write_csv(DATA, folder / "x.csv")
    same(ew.index(str(folder), "geks_fisher", **PARAMS), expected())


def test_product_codes_of_a_csv_are_text(tmp_path: Path) -> None:
    """01 and 1 are two products, and both stay as they are written."""
    (tmp_path / "x.csv").write_text("period,product,price\n1,01,1\n1,1,5\n2,01,2\n2,1,5\n")
    result = ew.index(str(tmp_path / "x.csv"), "jevons")
    assert result["matched"].to_pylist() == [2, 2]
    assert result["index"].to_pylist()[1] == pytest.approx(2**0.5)


@pytest.mark.parametrize("kind", ["int64", "float32", "decimal"])
def test_types_of_numbers(kind: str) -> None:
    target = {"int64": pa.int64(), "float32": pa.float32(), "decimal": pa.decimal128(21, 2)}[kind]
    whole = pa.table({"period": [1, 1, 2, 2], "product": ["a", "b", "a", "b"], "price": [1, 2, 4, 3]})
    result = ew.index(whole.set_column(2, "price", whole["price"].cast(target)), "dutot")
    assert result["index"].to_pylist() == pytest.approx([1, 7 / 3])


def test_other_names_of_columns() -> None:
    names = {"period": "week", "product": "cloth", "price": "yuan", "quantity": "metres"}
    other = DATA.rename_columns([names.get(n, n) for n in DATA.column_names])
    result = ew.index(other, "geks_fisher", **names, **PARAMS)
    assert result.column_names == ["region", "week", "index", "matched", "status"]
    assert result["index"].to_numpy().tobytes() == expected()["index"].to_numpy().tobytes()


def test_columns_that_are_not_used_may_hold_anything() -> None:
    more = DATA.append_column("note", pa.nulls(DATA.num_rows))
    same(ew.index(more, "geks_fisher", **PARAMS), expected())


def test_the_data_of_the_caller_is_not_changed() -> None:
    frame = DATA.to_pandas()
    before = frame.copy(deep=True)
    ew.index(frame, "geks_fisher", **PARAMS)
    pd.testing.assert_frame_equal(frame, before)


def test_two_columns_make_strata() -> None:
    two = DATA.append_column("grade", pa.array(["x", "y"] * (DATA.num_rows // 2) + ["x"] * (DATA.num_rows % 2)))
    result = ew.index(two, "jevons", by=["region", "grade"])
    assert result.column_names[:2] == ["region", "grade"]
    strata = {(r["region"], r["grade"]) for r in result.to_pylist()}
    for region, grade in sorted(strata):
        part = two.filter((pc.field("region") == region) & (pc.field("grade") == grade))
        alone = ew.index(part, "jevons")
        rows = [r for r in result.to_pylist() if (r["region"], r["grade"]) == (region, grade)]
        levels = {r["period"]: r["index"] for r in rows}
        assert levels == {r["period"]: r["index"] for r in alone.to_pylist()} | {
            t: None for t in levels if t not in alone["period"].to_pylist()
        }


def test_progress_tells_every_stratum() -> None:
    told = []
    ew.index(DATA, "jevons", by="region", progress=lambda *what: told.append(what))
    assert told == [(1, 2, "strata"), (2, 2, "strata")]


def test_a_file_of_another_encoding_says_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "gbk.csv"
    path.write_bytes("period,product,price\n1,坯布,10\n2,坯布,11\n".encode("gb18030"))
    with pytest.raises(ew.DataError, match=r"gbk\.csv: is not UTF-8 text \(byte 24\); save it as CSV UTF-8"):
        ew.index(path, "jevons")


@pytest.mark.parametrize("nulls", [False, True])
def test_a_decimal_is_the_number_that_its_text_says(nulls: bool) -> None:
    """Parquet holds prices as decimals and CSV as texts; both are one number, to the last bit."""
    from decimal import Decimal

    from ellwand.engine.cells import numbers

    rng = np.random.default_rng(1)
    values = [Decimal(int(n)).scaleb(-4) for n in rng.integers(-(10**12), 10**12, 5000)]
    given = [None if nulls and k % 7 == 0 else v for k, v in enumerate(values)]
    for part in (slice(0, None), slice(3, 4000)):
        table = pa.table({"price": pa.array(given, pa.decimal128(15, 4))}).slice(part.start, len(given[part]))
        expected = [0.0 if v is None else float(v) for v in given[part]]
        assert numbers(table, "price", "price").tolist() == expected
