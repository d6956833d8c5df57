"""Unit values are exact where prices and quantities are integers or decimals, whatever the order of the rows."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ellwand as ew
from ellwand.engine import unit_values
from ellwand.engine.errors import DataError

TYPES = {
    "decimal": (pa.decimal128(18, 4), pa.decimal128(18, 4), 10_000),
    "decimal and integer": (pa.decimal128(12, 4), pa.int64(), 10_000),
    "narrow decimal": (pa.decimal128(9, 4), pa.decimal128(9, 4), 10_000),
    "int32": (pa.int32(), pa.int32(), 1),
    "int16": (pa.int16(), pa.int16(), 1),
    "int64": (pa.int64(), pa.int64(), 1),
}


def transactions(kind: str, rows: int = 4000) -> pa.Table:
    price_type, quantity_type, scale = TYPES[kind]
    rng = np.random.default_rng(3)
    price = rng.integers(1, 30_000, rows).tolist()
    quantity = rng.integers(1, 30_000, rows).tolist()

    def column(values: list[int], target: pa.DataType) -> pa.Array:
        return pa.array([Decimal(v) / scale for v in values] if pa.types.is_decimal(target) else values, target)

    return pa.table(
        {
            "region": pa.array(rng.integers(0, 3, rows).astype(str)),
            "period": rng.integers(1, 6, rows),
            "product": pa.array(rng.integers(0, 9, rows).astype(str)),
            "price": column(price, price_type),
            "quantity": column(quantity, quantity_type),
        }
    )


def exact(table: pa.Table) -> pa.Table:
    """Sums in whole numbers and decimals of any length, and one division of doubles a cell."""
    value: dict[tuple, Decimal] = defaultdict(Decimal)
    quantity: dict[tuple, Decimal] = defaultdict(Decimal)
    for r in table.to_pylist():
        key = r["region"], r["period"], r["product"]
        value[key] += Decimal(r["price"]) * Decimal(r["quantity"])
        quantity[key] += Decimal(r["quantity"])
    rows = [
        dict(zip(("region", "period", "product"), k, strict=True))
        | {"price": float(value[k]) / float(quantity[k]), "quantity": float(quantity[k])}
        for k in value
    ]
    return pa.Table.from_pylist(rows)


def levels(result: pa.Table) -> bytes:
    assert set(result["status"].to_pylist()) == {"ok"}
    return result["index"].to_numpy().tobytes()


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("by", [None, "region"])
def test_exact_to_the_last_bit(tmp_path: Path, kind: str, by: str | None) -> None:
    data = transactions(kind)
    pq.write_table(data, tmp_path / "x.parquet")
    if by is None:
        data = data.set_column(0, "region", pa.array(["all"] * data.num_rows))
    got = ew.index(str(tmp_path / "x.parquet"), "fisher", by=by, on_duplicate="unit_value")
    assert levels(got) == levels(ew.index(exact(data), "fisher", by=by))


@pytest.mark.parametrize("kind", ["decimal", "int64"])
def test_the_order_of_rows_and_files_has_no_meaning(tmp_path: Path, kind: str) -> None:
    data = transactions(kind)
    pq.write_table(data, tmp_path / "x.parquet")
    want = levels(ew.index(str(tmp_path / "x.parquet"), "geks_tornqvist", by="region", on_duplicate="unit_value"))
    shuffled = data.take(np.random.default_rng(4).permutation(data.num_rows))
    (tmp_path / "parts").mkdir()
    for i in range(4):
        pq.write_table(shuffled.slice(i * 1000, 1000), tmp_path / "parts" / f"{9 - i}.parquet")
    got = ew.index(str(tmp_path / "parts"), "geks_tornqvist", by="region", on_duplicate="unit_value")
    assert levels(got) == want


def test_strata_in_several_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = transactions("decimal")
    pq.write_table(data, tmp_path / "x.parquet")
    asked = {"by": "region", "on_duplicate": "unit_value"}
    want = levels(ew.index(str(tmp_path / "x.parquet"), "fisher", **asked))
    monkeypatch.setattr(unit_values, "BATCH", 1500)
    told = []
    got = ew.index(str(tmp_path / "x.parquet"), "fisher", progress=lambda *what: told.append(what), **asked)
    assert levels(got) == want
    assert told == [(1, 3, "strata"), (2, 3, "strata"), (3, 3, "strata")]


@pytest.mark.parametrize("rows", [[3, 2, 1, 4], [4, 3, 2, 1], [1, 2, 3, 4]])
def test_doubles_are_merged_in_a_fixed_order(rows: list[int]) -> None:
    price = {1: 0.1, 2: 0.2, 3: 0.3, 4: 1.7}
    period = {1: 1, 2: 1, 3: 1, 4: 2}
    data = pa.table({"period": [period[r] for r in rows], "product": ["a"] * 4, "price": [price[r] for r in rows]})
    data = data.append_column("quantity", pa.array([1.1 * r for r in rows]))
    got = ew.index(data, "fisher", on_duplicate="unit_value")["index"].to_pylist()
    assert got == [1.0, got[1]]
    assert got[1] == pytest.approx(1.7 / ((0.1 * 1.1 + 0.2 * 2.2 + 0.3 * 3.3) / 6.6), rel=1e-15)


@pytest.mark.parametrize(
    ("kind", "price", "quantity"),
    [
        (pa.int64(), 4_000_000_000, 4_000_000_000),
        (pa.int32(), 2_000_000_000, 2_000_000_000),
        (pa.int16(), 30_000, 30_000),
        (pa.decimal128(18, 4), Decimal(900_000_000), Decimal(900_000_000)),
        (pa.decimal128(10, 4), Decimal(900_000), Decimal(900_000)),
    ],
    ids=str,
)
def test_values_wider_than_the_columns(tmp_path: Path, kind: pa.DataType, price: object, quantity: object) -> None:
    """Price times quantity passes the type of the columns; the sums do not."""
    rows = {"period": [1, 1, 2], "product": ["a"] * 3}
    columns = {"price": pa.array([price] * 3, kind), "quantity": pa.array([quantity] * 3, kind)}
    pq.write_table(pa.table(rows | columns), tmp_path / "x.parquet")
    result = ew.index(str(tmp_path / "x.parquet"), "fisher", on_duplicate="unit_value")
    assert result["index"].to_pylist() == [1.0, 1.0]


def test_values_wider_than_any_decimal(tmp_path: Path) -> None:
    large = pa.array([Decimal(10) ** 17] * 3, pa.decimal128(38, 19))
    pq.write_table(
        pa.table({"period": [1, 1, 2], "product": ["a"] * 3, "price": large, "quantity": large}), tmp_path / "x.parquet"
    )
    with pytest.raises(DataError, match="price times quantity cannot be summed exactly in 38 digits"):
        ew.index(str(tmp_path / "x.parquet"), "fisher", on_duplicate="unit_value")


def test_a_single_row_of_quantity_0_keeps_its_price(tmp_path: Path) -> None:
    rows = {"period": [1, 2], "product": ["a", "a"], "price": [2, 3], "quantity": [0, 1]}
    pq.write_table(pa.table(rows), tmp_path / "x.parquet")
    result = ew.index(str(tmp_path / "x.parquet"), "jevons", on_duplicate="unit_value")
    assert result["index"].to_pylist() == pytest.approx([1, 1.5])


def test_no_label_is_nan(tmp_path: Path) -> None:
    rows = {"period": [1.0, float("nan")], "product": ["a", "a"], "price": [2, 3], "quantity": [1, 1]}
    pq.write_table(pa.table(rows), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="1 rows, field period: every row needs a label"):
        ew.index(str(tmp_path / "x.parquet"), "jevons", on_duplicate="unit_value")
