"""Registers as sheets: in and out, row by row, and nothing in a cell is ever carried out."""

import io
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError


def sheet(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def take(office: Any, name: str, content: bytes, reason: str = "visit") -> Any:
    from ellwand.office.registry import taking

    return taking.take_sheet(taking.book_of(name), content, office.user("cai"), reason)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", ["sources", "units", "items", "assignments", "closures"])
def test_what_goes_out_comes_in_unchanged(sqlite_office: Any, name: str, form: str) -> None:
    from ellwand.office.registry import sheets, taking
    from ellwand.office.registry.models import Change

    book = taking.book_of(name)
    rows = list(taking.rows_of(book).values())
    before = Change.objects.count()
    done = take(sqlite_office, name, sheets.write(form, {name: (book, rows)}))
    assert (len(done.new), len(done.changed), done.unchanged) == (0, 0, len(rows))
    assert not done.faults
    assert Change.objects.count() == before


def test_good_rows_come_in_and_wrong_ones_are_told(office: Any) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.registry.models import Change, Item

    rows = (
        "item,ea,name_zh,name_en,composition,gsm,unit_of_measure,price_basis",
        'N1,1.1.01,新品,New,"cotton:65;polyester:35",120,kg,ex works',
        "N2,9.9.99,新品,New,,,kg,",
        "N3,1.1.01,新品,New,cotton:65,,kg,",
        "N4,1.1.01,新品,New,,-5,kg,",
        "N5,1.1.01,新品,New,,,ells,",
        "N6,1.1,新品,New,,,kg,",
        ",1.1.01,新品,New,,,kg,",
        "N1,1.1.01,新品,New,,,kg,",
        "I00001,1.1.01,改名,Renamed,cotton:100,,kg,",
    )
    done = take(office, "items", sheet(*rows), "visit of 5 January")
    assert [(f.row, f.field, f.rule) for f in done.faults] == [
        (3, "ea", "unknown"), (4, "composition", "composition"), (5, "gsm", "figure"),
        (6, "unit_of_measure", "measure"),
        (7, "ea", "leaf"), (8, "item", "needed"), (9, "item", "twice"),
    ]  # fmt: skip
    assert all(f.message_zh and f.message_en and f.remedy_zh and f.remedy_en for f in done.faults)
    assert (len(done.new), len(done.changed), done.refused) == (1, 1, 7)
    made = Item.objects.get(code="N1")
    assert (made.composition, made.more["price_basis"]) == ("cotton:65;polyester:35", "ex works")
    assert not Item.objects.filter(code__in=["N2", "N3", "N4", "N5", "N6"]).exists()
    renamed = Item.objects.get(code="I00001")
    # A column that the sheet has not stays as it is.
    assert (renamed.name_en, renamed.more["finish"]) == ("Renamed", "low-shrink")
    change = Change.objects.filter(register="items", code="I00001").order_by("-pk")[0]
    assert (change.by.username, change.reason, change.after["name_en"]) == ("cai", "visit of 5 January", "Renamed")
    assert trail.verify()[2] is None


def test_a_dry_run_changes_nothing(sqlite_office: Any) -> None:
    from ellwand.office.registry import taking
    from ellwand.office.registry.models import Change, Source

    before = Change.objects.count()
    done = taking.dry_run(taking.book_of("sources"), sheet("source,name_en", "S99,New market"))
    assert len(done.new) == 1
    assert not Source.objects.filter(code="S99").exists()
    assert Change.objects.count() == before


def test_rows_lean_on_good_rows_of_their_sheet_only(sqlite_office: Any) -> None:
    rows = ("item,ea,unit_of_measure,replaces", "N1,1.1.01,kg,N2", "N2,9.9,kg,", "N3,1.1.01,kg,N4", "N4,1.1.01,kg,",
            "N5,1.1.01,kg,N5", "N6,1.1.01,kg,N7", "N7,1.1.01,kg,N6")  # fmt: skip
    done = take(sqlite_office, "items", sheet(*rows))
    assert [(f.row, f.rule) for f in done.faults] == [
        (2, "unknown"), (3, "unknown"), (6, "itself"), (7, "circle"), (8, "circle")
    ]  # fmt: skip
    assert [row["item"] for row in done.good] == ["N3", "N4"]


def test_an_item_is_assigned_once_at_a_time(sqlite_office: Any) -> None:
    from ellwand.office.registry.models import Assignment

    there = Assignment.objects.select_related("unit", "item").order_by("pk")[0]
    unit, item = there.unit.code, there.item.code
    done = take(sqlite_office, "assignments", sheet("unit,item,valid_from,valid_to", f"{unit},{item},2022-W05,",
                                                    f"{unit},{item},2022-W01,2022-W04"))  # fmt: skip
    # The closed span and the new one do not meet.
    assert not done.faults and (len(done.new), len(done.changed)) == (1, 1)
    done = take(
        sqlite_office, "assignments", sheet("unit,item,valid_from,valid_to", f"{unit},{item},2022-W03,2022-W09")
    )
    assert [f.rule for f in done.faults] == ["overlap"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_formulas_are_texts(sqlite_office: Any, form: str) -> None:
    """What begins like a formula is escaped on its way out, and comes back as it was."""
    from ellwand.office.registry import sheets, taking

    evil = '=HYPERLINK("http://x","y")'
    book = taking.book_of("sources")
    content = sheets.write(
        form, {"sources": (book, [{"source": "S98", "name_en": evil, "name_zh": "@SUM(1)", "kind": "-1+1"}])}
    )
    if form == "csv":
        text = content.decode("utf-8-sig")
        assert "'=HYPERLINK" in text and "'@SUM(1)" in text and "'-1+1" in text
    else:
        cells = openpyxl.load_workbook(io.BytesIO(content))["sources"]
        found = {c.value: c for row in cells.iter_rows() for c in row if c.value}
        assert found[evil].data_type == "s" and found[evil].quotePrefix
    take(sqlite_office, "sources", content)
    assert taking.rows_of(book)["S98"] == {"source": "S98", "name_zh": "@SUM(1)", "name_en": evil, "kind": "-1+1"}


def test_a_formula_in_a_cell_is_a_fault(sqlite_office: Any) -> None:
    from ellwand.office.registry.models import Source

    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for line in (["source", "name_en"], ["S97", "=1+1"], ["S96", "Plain"]):
        page.append(line)
    out = io.BytesIO()
    book.save(out)
    done = take(sqlite_office, "sources", out.getvalue())
    assert [(f.row, f.field, f.value, f.rule) for f in done.faults] == [(2, "name_en", "=1+1", "formula")]
    assert set(Source.objects.filter(code__in=["S96", "S97"]).values_list("code", flat=True)) == {"S96"}


def test_headings_in_either_language_and_encodings(sqlite_office: Any) -> None:
    from ellwand.office.registry import taking

    take(sqlite_office, "sources", "采价点编号\t中文名称\tname in English\nS95\t东市场\tEast\n".encode("gb18030"))
    assert taking.rows_of(taking.book_of("sources"))["S95"]["name_zh"] == "东市场"


def test_an_unknown_column_is_told_and_plain_ones_are_kept(sqlite_office: Any) -> None:
    from ellwand.office.registry import taking

    done = take(sqlite_office, "sources", sheet("source,zone,备注", "S94,East,x"))
    assert [(f.row, f.rule) for f in done.faults] == [(1, "column")]
    assert taking.rows_of(taking.book_of("sources"))["S94"]["zone"] == "East"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"), (b"a,b\n1,2\n", "none of the first"), (b"source,source\nS1,S1\n", "two columns"),
        (b"PK\x03\x04 nonsense", "damaged"), (b"\xd0\xcf\x11\xe0 old", "xls"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_use(sqlite_office: Any, content: bytes, told: str) -> None:
    with pytest.raises(DataError, match=told):
        take(sqlite_office, "sources", content)


def test_who_may(sqlite_office: Any) -> None:
    from ellwand.office.registry import taking

    book = taking.book_of("sources")
    with pytest.raises(RefusedError):
        taking.take_sheet(book, sheet("source", "S1"), sqlite_office.user("aud"), "why")
    with pytest.raises(DataError, match="reason"):
        taking.take_sheet(book, sheet("source", "S1"), sqlite_office.user("cai"), " ")


def test_as_of(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office import clock
    from ellwand.office.registry import history, taking

    book = taking.book_of("units")
    before = clock.now()
    take(office, "units", sheet("unit,phone", "U0001,0575-1", "U9001,0575-2"), "calls")
    then, now = history.as_of(book, before), history.as_of(book, clock.now())
    assert "phone" not in then["U0001"] and "U9001" not in then
    assert now["U0001"]["phone"] == "0575-1" and now["U9001"]["phone"] == "0575-2"
    assert {k: {n: v for n, v in r.items() if v} for k, r in now.items()} == {
        k: {n: v for n, v in r.items() if v} for k, r in taking.rows_of(book).items()
    }
    assert history.as_of(book, datetime(2000, 1, 1, tzinfo=UTC)) == {}
    (first, *_) = history.of_row(book, "U0001")
    assert first.fields == [("phone", "", "0575-1")] and first.change.reason == "calls"


def test_opening_and_closing_assignments_is_logged(office: Any) -> None:
    """Every entry, exit and replacement has a reason and a link (rule 45)."""
    from ellwand.office.registry import rotation
    from ellwand.office.registry.models import Assignment, Rotation

    assert not Rotation.objects.exists()
    there = Assignment.objects.select_related("unit", "item").order_by("pk")[0]
    unit, item = there.unit.code, there.item.code
    take(office, "items", sheet("item,ea,unit_of_measure,replaces", f"N1,{there.item.ea},kg,{item}"), "end of life")
    take(office, "assignments", sheet("unit,item,valid_from,valid_to", f"{unit},{item},2022-W01,2022-W04",
                                      f"{unit},N1,2022-W05,", f"{unit},I00040,2022-W06,"), "visit")  # fmt: skip
    assert sorted(Rotation.objects.values_list("kind", "item", "replaced", "period", "link", "reason")) == [
        ("entry", "I00040", "", "2022-W06", "new", "visit"),
        ("exit", item, "", "2022-W04", "", "visit"),
        ("replacement", "N1", item, "2022-W05", "method", "visit"),
    ]
    assert rotation.silent() == []


def test_a_report_in_both_languages(sqlite_office: Any) -> None:
    from ellwand.office.registry import faults, taking

    done = taking.dry_run(taking.book_of("units"), sheet("unit,source,conduct_signed", "U1,S99,yesterday"))
    text = faults.report(done.faults, "csv").decode("utf-8-sig")
    assert "登记册“sources”中没有此编号" in text and "is in no row of the register sources" in text
    assert "is no date" in text and "请写成 2026-03-11" in text
    cells = openpyxl.load_workbook(io.BytesIO(faults.report(done.faults, "xlsx"))).active
    assert cells is not None and cells.max_row == 3
