"""What may not be computed from is refused, with the row, the field, the value, the rule and the remedy."""

import math

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ellwand as ew

NAN, INF = math.nan, math.inf
GOOD = {
    "period": [1, 1, 2, 2],
    "product": ["a", "b", "a", "b"],
    "price": [1.0, 2.0, 3.0, 4.0],
    "quantity": [1.0, 2.0, 3.0, 4.0],
}


def table(**columns: object) -> pa.Table:
    return pa.table(GOOD | columns)


@pytest.mark.parametrize(
    ("price", "found"),
    [
        ([1.0, 0.0, 3.0, 4.0], "row 2, field price: 0.0: a price must be a finite number above 0"),
        ([1.0, 2.0, -3.0, 4.0], "row 3, field price: -3.0: a price must be a finite number above 0"),
        ([NAN, 2.0, 3.0, 4.0], "row 1, field price: nan: a price must be"),
        ([1.0, 2.0, 3.0, INF], "row 4, field price: inf: a price must be"),
        ([1.0, 2.0, 3.0, -INF], "row 4, field price: -inf: a price must be"),
        ([1, 0, 3, 4], "row 2, field price: 0: a price must be"),
        ([0.0, 0.0, 3.0, -4.0], "rows 1, 2, 4, field price: 0.0, 0.0, -4.0: a price must be"),
        ([None, 0.0, 3.0, 4.0], "row 2, field price: 0.0: a price must be"),
        (["1", "two", "3", "4"], "row 2, field price: two: a price must be a number, and the column holds string"),
        ([None] * 4, "no row with a price"),
    ],
)
@pytest.mark.parametrize("method", ["jevons", "fisher", "geks"])
def test_prices(method: str, price: list, found: str) -> None:
    with pytest.raises(ew.DataError, match=found):
        ew.index(table(price=price), method)


@pytest.mark.parametrize(
    ("quantity", "found"),
    [
        ([1.0, -2.0, 3.0, 4.0], "row 2, field quantity: -2.0: a quantity must be a finite number, 0 or above"),
        ([1.0, 2.0, NAN, 4.0], "row 3, field quantity: nan: a quantity must be"),
        ([1.0, 2.0, 3.0, INF], "row 4, field quantity: inf: a quantity must be"),
        ([1.0, None, 3.0, 4.0], "row 2, field quantity: empty; every row needs a quantity"),
        (["1", "2", "3", "many"], "row 4, field quantity: many: a quantity must be a number"),
    ],
)
def test_quantities(quantity: list, found: str) -> None:
    with pytest.raises(ew.DataError, match=found):
        ew.index(table(quantity=quantity), "fisher")


def test_every_refusal_says_what_to_do() -> None:
    for bad in ({"price": [1.0, 0.0, 3.0, 4.0]}, {"quantity": [1.0, -1.0, 3.0, 4.0]}):
        with pytest.raises(ew.DataError, match="correct the rows or leave them out"):
            ew.index(table(**bad), "fisher")
    with pytest.raises(ew.DataError, match="fill it in or leave the row out"):
        ew.index(table(product=["a", None, "a", "b"]), "fisher")


def test_many_bad_rows_are_counted_and_some_shown() -> None:
    rows = pa.table({"period": [1] * 9, "product": list("abcdefghi"), "price": [-1.0] * 9})
    with pytest.raises(ew.DataError, match="rows 1, 2, 3, 4, 5 and 4 more, field price"):
        ew.index(rows, "jevons")


def test_a_data_error_is_a_value_error() -> None:
    assert issubclass(ew.DataError, ValueError)


def test_rows_are_those_of_the_caller_where_empty_prices_stand_before() -> None:
    data = table(price=[None, 2.0, 3.0, -4.0])
    with pytest.raises(ew.DataError, match=r"row 4, field price: -4\.0"):
        ew.index(data, "jevons")


def test_an_empty_price_is_not_sold() -> None:
    result = ew.index(table(price=[1.0, None, 3.0, 4.0]), "jevons")
    assert result["matched"].to_pylist() == [1, 1]
    assert result["index"].to_pylist()[1] == pytest.approx(3)


def test_pandas_nan_is_a_wrong_price_and_not_an_empty_one() -> None:
    frame = pd.DataFrame(GOOD | {"price": [1.0, NAN, 3.0, 4.0]})
    with pytest.raises(ew.DataError, match="row 2, field price: nan"):
        ew.index(frame, "jevons")


def test_a_quantity_of_zero_is_allowed() -> None:
    result = ew.index(table(quantity=[1.0, 0.0, 3.0, 4.0]), "laspeyres")
    assert result["index"].to_pylist()[1] == pytest.approx(3.0)


@pytest.mark.parametrize("field", ["period", "product"])
def test_empty_labels(field: str) -> None:
    column = list(GOOD[field])
    column[2] = None
    with pytest.raises(ew.DataError, match=f"row 3, field {field}: empty"):
        ew.index(table(**{field: column}), "fisher")


def test_an_empty_stratum_label() -> None:
    with pytest.raises(ew.DataError, match="row 1, field region: empty"):
        ew.index(table(region=[None, "n", "n", "n"]), "fisher", by="region")


def test_one_period_written_in_two_ways() -> None:
    with pytest.raises(ew.DataError, match="'2024-1' and '2024-01' name the same period"):
        ew.index(table(period=["2024-1", "2024-01", "2024-02", "2024-02"]), "fisher")


def test_no_rows() -> None:
    with pytest.raises(ew.DataError, match="no row with a price"):
        ew.index(table().slice(0, 0), "fisher")


# -- duplicates
TWICE = {"product": ["a", "a", "a", "b"]}


def test_duplicates_name_rows_product_period_and_prices() -> None:
    with pytest.raises(ew.DataError, match=r"rows 1, 2, field product: a stands twice in period 1 \(prices 1 and 2\)"):
        ew.index(table(**TWICE), "fisher")
    with pytest.raises(ew.DataError, match="on_duplicate='unit_value'"):
        ew.index(table(**TWICE), "jevons")


def test_duplicates_name_the_stratum_and_count() -> None:
    data = table(product=["a", "a", "b", "b"], region=["n"] * 4)
    with pytest.raises(ew.DataError, match=r"a stands twice in period 1, region n .*; 2 such rows in all"):
        ew.index(data, "fisher", by="region")


def test_the_same_product_in_two_strata_is_no_duplicate() -> None:
    data = table(product=["a"] * 4, region=["n", "s", "n", "s"])
    result = ew.index(data, "fisher", by="region")
    assert result["index"].to_pylist() == pytest.approx([1, 3, 1, 2])
    with pytest.raises(ew.DataError, match="name the strata in by"):
        ew.index(data, "fisher")


def test_unit_value_merges() -> None:
    """(1 x 1 + 2 x 2) / 3 in period 1, 3 in period 2; quantities 3 and 3."""
    result = ew.index(table(**TWICE), "laspeyres", on_duplicate="unit_value")
    assert result["index"].to_pylist() == pytest.approx([1, 3 / (5 / 3)])
    assert result["matched"].to_pylist() == [1, 1]


def test_unit_value_without_quantities() -> None:
    with pytest.raises(ValueError, match="no column 'quantity'"):
        ew.index(table(**TWICE).drop_columns("quantity"), "jevons", on_duplicate="unit_value")
    with pytest.raises(ew.DataError, match="several prices and no quantity at all"):
        ew.index(table(quantity=[0.0, 0.0, 1.0, 1.0], **TWICE), "jevons", on_duplicate="unit_value")


def test_an_unknown_way_with_duplicates() -> None:
    with pytest.raises(ValueError, match="on_duplicate is 'merge'; allowed: error, unit_value"):
        ew.index(table(**TWICE), "fisher", on_duplicate="merge")


# -- the same rules where DuckDB sums
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"price": [1, 0, 3, 4]}, "1 rows, field price: a price must be a finite number above 0; the first: .*price 0"),
        ({"price": [1, -2, -3, 4]}, "2 rows, field price: a price must be"),
        ({"quantity": [1, -2, 3, 4]}, "1 rows, field quantity: a quantity must be .*quantity -2"),
        ({"quantity": [1, None, 3, 4]}, "1 rows, field quantity: every price needs a quantity"),
        ({"product": ["a", None, "a", "b"]}, "1 rows, field product: every row needs a label"),
        ({"price": [None] * 4}, "no row with a price"),
        ({"product": ["a", "a", "a", "b"], "quantity": [0, 0, 1, 1]}, "several prices and no quantity at all"),
    ],
)
def test_rules_hold_for_sums_in_files(tmp_path, change: dict, found: str) -> None:
    whole = GOOD | {"price": [1, 2, 3, 4], "quantity": [1, 2, 3, 4]} | change
    kinds = {"price": pa.int64(), "quantity": pa.int64()}
    data = pa.table({k: pa.array(v, kinds.get(k)) for k, v in whole.items()})
    pq.write_table(data, tmp_path / "x.parquet")
    with pytest.raises(ew.DataError, match=found):
        ew.index(str(tmp_path / "x.parquet"), "fisher", on_duplicate="unit_value")


# -- arguments
@pytest.mark.parametrize(
    ("method", "arguments", "found"),
    [
        ("fischer", {}, "unknown method 'fischer'; did you mean 'fisher'"),
        ("tornkvist", {}, "did you mean 'tornqvist'"),
        ("lloyd_moulton", {"sigm": 1}, "lloyd_moulton: unknown parameter 'sigm'; did you mean 'sigma'"),
        ("jevons", {"sigma": 1}, "jevons: unknown parameter 'sigma'; allowed: none"),
        ("lloyd_moulton", {"sigma": "high"}, "parameter sigma must be a finite number, given 'high'"),
        ("lloyd_moulton", {"sigma": NAN}, "parameter sigma must be a finite number"),
        ("lloyd_moulton", {"sigma": True}, "parameter sigma must be a finite number"),
        ("tpd_bilateral", {"weights": "averag"}, "parameter weights is 'averag'; did you mean 'average'"),
        ("tpd_bilateral", {"kennedy_bias_adjust": "yes"}, "must be true or false, given 'yes'"),
        ("fisher", {"chain_method": "plsprea"}, "did you mean 'plspread'"),
        ("geks_of", {"formula": "fishr"}, "did you mean 'fisher'"),
        ("lowe", {}, "parameter weight_base_period is needed"),
        ("lowe", {"weight_base_period": 9}, "weight_base_period 9 is not a period of the data; they run from 1 to 2"),
        ("fisher", {"base": 9}, "base 9 is not a period of the data; they run from 1 to 2"),
        ("fisher", {"output": "chaned"}, "output is 'chaned'; did you mean 'chained'"),
        ("geks", {"output": "fixedbase"}, "output='fixedbase' belongs to bilateral methods"),
        ("fisher", {"window": 2}, "takes no window or splice"),
        ("fisher", {"splice": "mean"}, "takes no window or splice"),
        ("geks", {"splice": "mean"}, "splice needs a window"),
        ("geks", {"window": 2, "splice": "meen"}, "splice is 'meen'; did you mean 'mean'"),
        ("geks", {"window": 1}, "window is 1; it must be a whole number of periods, 2 or more"),
        ("geks", {"window": 2.5}, "window is 2.5; it must be a whole number"),
        ("geks", {"window": True}, "window is True; it must be a whole number"),
        ("geks", {"window": "two"}, "window is 'two'; it must be a whole number"),
        ("fisher", {"period": "perod"}, "no column 'perod' for the period; did you mean 'period'"),
        ("fisher", {"product": "prodct"}, "no column 'prodct' for the product; did you mean 'product'"),
        ("fisher", {"price": "prize"}, "no column 'prize' for the price; did you mean 'price'"),
        ("fisher", {"quantity": "quantum"}, "no column 'quantum' for the quantity"),
        ("fisher", {"by": "region"}, "no column 'region' for the by"),
        ("fisher", {"price": "quantity"}, "one column is named for two roles"),
        ("tdh", {"characteristics": []}, "must name at least one column"),
        ("tdh", {"characteristics": "width"}, "no column 'width' for the characteristics"),
    ],
)
def test_arguments(method: str, arguments: dict, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        ew.index(table(), method, **arguments)


def test_a_window_shorter_than_the_data_needs_a_splice() -> None:
    data = pa.table({"period": [1, 2, 3], "product": ["a"] * 3, "price": [1.0, 2, 3], "quantity": [1.0] * 3})
    with pytest.raises(ValueError, match="3 periods and the window 2: say how later windows are linked"):
        ew.index(data, "geks", window=2)
    with pytest.raises(ValueError, match="spq links each period to an earlier one and needs no window"):
        ew.index(data, "spq", window=2)


@pytest.mark.parametrize("name", ["index", "matched", "status"])
def test_a_stratum_may_not_bear_a_name_of_the_result(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' would stand twice in the result; rename it"):
        ew.index(table(**{name: ["x"] * 4}), "fisher", by=name)


@pytest.mark.parametrize("data", [[1, 2], {"price": [1]}, 7, None])
def test_what_is_no_table(data: object) -> None:
    with pytest.raises(ValueError, match="give a pyarrow Table, a pandas or polars DataFrame"):
        ew.index(data, "fisher")


def test_hedonic_characteristics() -> None:
    with pytest.raises(ew.DataError, match="row 2, field z: empty"):
        ew.index(table(z=[1.0, None, 1.0, 2.0]), "tdh", characteristics="z")
    with pytest.raises(ew.DataError, match="row 3, field z: inf; a characteristic must be a finite number"):
        ew.index(table(z=[1.0, 2.0, INF, 2.0]), "tdh", characteristics="z")
    with pytest.raises(ValueError, match="cannot merge rows with characteristics"):
        ew.index(table(z=[1.0] * 4, **TWICE), "tdh", characteristics="z", on_duplicate="unit_value")


@pytest.mark.parametrize("field", ["period", "product"])
def test_a_label_that_is_no_number(field: str) -> None:
    column = [NAN, 1.0, 2.0, 2.0] if field == "period" else [NAN, 1.0, 3.0, 1.0]
    with pytest.raises(ew.DataError, match=f"row 1, field {field}"):
        ew.index(table(**{field: column}), "jevons")


# -- files
def test_files_that_are_not_there(tmp_path) -> None:
    with pytest.raises(ew.DataError, match="no such file or folder"):
        ew.index(str(tmp_path / "none.csv"), "fisher")
    with pytest.raises(ew.DataError, match="holds no CSV or Parquet file"):
        ew.index(str(tmp_path), "fisher")
    with pytest.raises(ew.DataError, match="no file matches"):
        ew.index(str(tmp_path / "*.csv"), "fisher")


def test_a_file_that_is_no_parquet(tmp_path) -> None:
    (tmp_path / "x.parquet").write_text("period,product\n")
    with pytest.raises(ew.DataError, match="cannot be read"):
        ew.index(str(tmp_path / "x.parquet"), "fisher")


def test_two_kinds_in_a_folder(tmp_path) -> None:
    (tmp_path / "x.csv").write_text("period,product,price,quantity\n1,a,1,1\n")
    pq.write_table(table(), tmp_path / "x.parquet")
    with pytest.raises(ew.DataError, match="CSV and Parquet files together"):
        ew.index(str(tmp_path), "fisher")


def test_text_among_the_prices_of_a_file(tmp_path) -> None:
    (tmp_path / "x.csv").write_text("period,product,price,quantity\n1,a,1,1\n2,a,n/a,1\n")
    with pytest.raises(ew.DataError, match="row 2, field price: n/a"):
        ew.index(str(tmp_path / "x.csv"), "fisher")


def test_bad_prices_in_a_relation() -> None:
    relation = duckdb.sql(
        "SELECT * FROM (VALUES (1, 'a', 1.5, 1), (2, 'a', 0.0, 1)) v(period, product, price, quantity)"
    )
    with pytest.raises(ew.DataError, match="row 2, field price"):
        ew.index(relation, "fisher")
