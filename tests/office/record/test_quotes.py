"""Quotes come in whole or not at all, once, and every change is a new version."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError
from ellwand.office.audit.models import Entry
from ellwand.office.quotes.intake import import_quotes
from ellwand.office.quotes.models import Import, Quote
from ellwand.office.rounds import states, work

ROUND = "price-2022-W01"


@pytest.fixture
def opened(office: Any, stopped: Any) -> Any:
    """An office with an open round, before its cut-off."""
    office.sign_open("2022-W01")
    return office


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A CSV file of quotes."""
    columns = list(dict.fromkeys(k for r in rows for k in r))
    lines = [",".join(columns)] + [",".join(str(r.get(c, "")) for c in columns) for r in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def row(unit: str = "U0001", item: str = "I00005", price: Any = "10.5", period: str = "2022-W01") -> dict[str, Any]:
    return {"period": period, "unit": unit, "item": item, "price": price}


def test_the_quotes_of_a_market(opened: Any) -> None:
    taken = import_quotes(opened.quotes, ROUND, opened.user("col"), only_period=True)
    table = pq.read_table(opened.quotes).filter(pa.compute.field("period") == "2022-W01")
    assert (taken.added, taken.refused, taken.problems) == (table.num_rows, 0, [])
    kept = {q.code: q for q in Quote.objects.select_related("unit", "item")}
    for given in table.to_pylist():
        q = kept[given["quote"]]
        assert (q.unit.code, q.item.code, q.price, q.unit_of_measure) == (
            given["unit"], given["item"], given["price"], given["unit_of_measure"],
        )  # fmt: skip
        assert (q.collected_on, q.currency, q.version, q.by.username) == (
            given["collected_on"].isoformat(), "CNY", 1, "col",
        )  # fmt: skip


def test_the_same_file_twice(opened: Any, tmp_path: Path) -> None:
    import_quotes(opened.quotes, ROUND, opened.user("col"), only_period=True)
    counts = Quote.objects.count(), Import.objects.count(), Entry.objects.count()
    again = import_quotes(opened.quotes, ROUND, opened.user("sun"), only_period=True)
    assert again.again is not None
    # The same quotes in another file: known, and no new versions.
    other = tmp_path / "other.parquet"
    pq.write_table(pq.read_table(opened.quotes), other, compression="gzip")
    taken = import_quotes(other, ROUND, opened.user("col"), only_period=True)
    assert (taken.added, taken.changed, taken.unchanged) == (0, 0, counts[0])
    assert (Quote.objects.count(), Import.objects.count(), Entry.objects.count()) == (
        counts[0], counts[1] + 1, counts[2] + 1,
    )  # fmt: skip


def test_a_change_is_a_new_version(opened: Any, tmp_path: Path) -> None:
    col = opened.user("col")
    import_quotes(write(tmp_path / "a.csv", [row(), row(item="I00006")]), ROUND, col)
    second = [row(price="11"), row(item="I00006")]
    taken = import_quotes(write(tmp_path / "b.csv", second), ROUND, opened.user("sun"), reason="typing error")
    assert (taken.added, taken.changed, taken.unchanged) == (0, 1, 1)
    old, new = Quote.objects.filter(item__code="I00005").order_by("version")
    assert (old.price, new.price) == (Decimal("10.5"), Decimal(11))
    assert (new.supersedes_id, new.version, new.by.username, new.reason) == (old.pk, 2, "sun", "typing error")
    assert {q.pk for q in Quote.objects.current()} == {new.pk, Quote.objects.get(item__code="I00006").pk}
    assert Entry.objects.order_by("-sequence")[0].after["changed"] == 1


def test_wrong_rows_are_named_and_the_others_taken(opened: Any, tmp_path: Path) -> None:
    rows = [
        row(),
        row(item="I77777"),
        row(unit="X1"),
        row(item="I00006", price=""),
        row(item="I00006", price="-3"),
        row(item="I00006", price="1.23456"),
        row(item="I00006", price="zehn"),
        row(item="I00006", price="1e9"),
        row(price="12"),
        row(item="I00006", period="2022-W02"),
        row(item="I00006", period=""),
    ]
    taken = import_quotes(write(tmp_path / "a.csv", rows), ROUND, opened.user("col"))
    assert (taken.added, taken.refused) == (1, 10)
    said = [str(p) for p in taken.problems]
    for k, told in enumerate(
        [
            "row 2, field item: 'I77777' is in no register",
            "row 3, field unit: 'X1' is in no register",
            "row 4, field price: empty",
            "row 5, field price: -3: must be a finite number above 0",
            "row 6, field price: 1.23456: has more than 4 decimals",
            "row 7, field price: 'zehn' is no number",
            "row 8, field price: 1e9: must be below 100000000",
            "row 9, field item: I00005 at U0001 stands in row 1 already",
            "row 10, field period: 2022-W02 is not the round's 2022-W01",
            "row 11, field period: empty",
        ]
    ):
        assert told in said[k]
    assert Quote.objects.count() == 1


def test_a_price_sheet_of_a_unit(opened: Any, tmp_path: Path) -> None:
    sheet = tmp_path / "报价.csv"
    sheet.write_text(
        "单位编号,商品编号,价格\nU0001,I00005,12.50\nU0001,I00006,缺货\nU0001,I99999,3\n", encoding="gb18030"
    )
    taken = import_quotes(sheet, ROUND, opened.user("col"))
    assert (taken.added, taken.refused) == (2, 1)
    assert "I99999" in str(taken.problems[0])
    found = {q.item.code: q for q in Quote.objects.select_related("item")}
    assert (found["I00005"].price, found["I00005"].reported) == (Decimal("12.5"), "12.50")
    assert (found["I00006"].price, found["I00006"].status) == (None, "out_of_stock")


def test_an_excel_sheet_of_a_unit(opened: Any, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    assert book.active is not None
    for line in (["unit", "item", "price"], ["U0001", "I00005", 12.5], ["U0001", "I00006", "9.80"]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    taken = import_quotes(tmp_path / "a.xlsx", ROUND, opened.user("col"))
    assert (taken.added, taken.problems) == (2, [])
    assert {q.price for q in Quote.objects.all()} == {Decimal("12.5"), Decimal("9.8")}


def test_files_that_are_none(opened: Any, tmp_path: Path) -> None:
    col = opened.user("col")
    with pytest.raises(DataError, match="no such file"):
        import_quotes(tmp_path / "none.csv", ROUND, col)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(DataError, match="cannot be read"):
        import_quotes(tmp_path / "a.parquet", ROUND, col)
    (tmp_path / "a.xlsx").write_bytes(b"nonsense \x00")
    with pytest.raises(DataError, match=r"a\.xlsx"):
        import_quotes(tmp_path / "a.xlsx", ROUND, col)
    with pytest.raises(DataError, match="round 'price-2022-W02' is not there"):
        import_quotes(write(tmp_path / "a.csv", [row()]), "price-2022-W02", col)
    assert Import.objects.count() == 0


@pytest.mark.parametrize("name", ["ada", "cai", "rui", "max", "aud"])
def test_only_collectors_enter_quotes(opened: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(RefusedError, match=r"quotes\.enter: it needs the role collector"):
        import_quotes(write(tmp_path / "a.csv", [row()]), ROUND, opened.user(name))


def test_late_quotes(opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.at(monkeypatch, 2022, 1, 7, 9, 0, 0)
    path = write(tmp_path / "a.csv", [row()])
    with pytest.raises(DataError, match="the cut-off has passed"):
        import_quotes(path, ROUND, opened.user("col"))
    with pytest.raises(RefusedError, match=r"exceptions\.sign"):
        import_quotes(path, ROUND, opened.user("col"), sign="please")
    assert Quote.objects.count() == 0
    import_quotes(path, ROUND, opened.user("sun"), sign="the road was closed")
    found = work.find(ROUND)
    signed = found.exceptions.get(guard="late")
    assert (signed.by.username, signed.reason) == ("sun", "the road was closed")
    assert found.state == states.CLOSED


def test_columns_that_the_record_does_not_know(opened: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = {
        "period": ["2022-W01"], "unit": ["U0001"], "item": ["I00005"], "price": [10.25], "minimum_order": [300],
        "colour": ["白"],
    }  # fmt: skip
    pq.write_table(pa.table(table), path)
    import_quotes(path, ROUND, opened.user("col"))
    assert Quote.objects.get().more == {"minimum_order": 300, "colour": "白"}


def test_a_file_brings_no_decisions_of_reviewers(opened: Any, tmp_path: Path) -> None:
    """They are made in the office, by somebody on record."""
    file = write(tmp_path / "a.csv", [row() | {"review": "accepted"}])
    with pytest.raises(DataError, match=r"a\.csv: has a column review; what is decided .* leave the column out"):
        import_quotes(file, ROUND, opened.user("col"))
    assert Quote.objects.count() == 0
