"""Versions of the classification: rename, split, merge and move as a diff; no code without a successor."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError

Row = dict[str, str]


def workbook(
    change: Callable[[list[Row]], None] = lambda tree: None,
    links: list[Row] | None = None,
    items: dict[str, str] | None = None,
) -> bytes:
    """The version in force with changes, as somebody sends it who has exported it."""
    from ellwand.office.registry import classes, sheets
    from ellwand.office.registry.columns import CLASSED, CLASSES, LINKS
    from ellwand.office.registry.models import Item

    tree = classes.rows_of(classes.last())
    change(tree)
    placed = [{"item": i.code, "ea": (items or {}).get(i.code, i.ea)} for i in Item.objects.order_by("code")]
    parts: Any = {"classes": (CLASSES, tree), "correspondence": (LINKS, links or []), "items": (CLASSED, placed)}
    return sheets.write("xlsx", parts)


def of(tree: list[Row], code: str) -> Row:
    return next(r for r in tree if r["code"] == code)


def large(tree: list[Row]) -> None:
    """A rename, a split, a merger, a move, a new name and a new class."""
    of(tree, "1.1.01")["code"] = "1.1.09"
    of(tree, "1.2.01")["code"] = "1.2.11"
    tree.append({**of(tree, "1.2.11"), "code": "1.2.12", "name_en": "The other part"})
    tree.remove(of(tree, "4.2.01"))
    tree.remove(of(tree, "4.2"))
    of(tree, "5.4")["parent"] = "4"
    of(tree, "3")["name_en"] = "Clothing"
    tree.append({**of(tree, "3.4"), "code": "3.5", "name_en": "Technical"})
    tree.append({**of(tree, "3.4.01"), "code": "3.5.01", "parent": "3.5", "name_en": "Technical"})


LARGE = [
    {"old": "1.1.01", "new": "1.1.09"},
    {"old": "1.2.01", "new": "1.2.11", "share": "0.6"},
    {"old": "1.2.01", "new": "1.2.12", "share": "0.4"},
    {"old": "4.2.01", "new": "4.1.01"},
    {"old": "4.2", "new": "4.1"},
]
PLACED = {"I00003": "1.2.11", "I00004": "1.2.12"}


def test_what_goes_out_comes_in_unchanged(sqlite_office: Any) -> None:
    from ellwand.office.registry import classes

    found = classes.look(workbook())
    assert found.good and not found.changed and not found.items
    with pytest.raises(DataError, match="is as it was"):
        classes.adopt(workbook(), sqlite_office.user("cai"), "why")


def test_a_diff_of_every_kind_and_its_adoption(office: Any) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.registry import classes
    from ellwand.office.registry.models import Basket, Class, Classification, Correspondence, Item

    office.collect("2022-W01")
    content = workbook(large, LARGE, PLACED)
    found = classes.look(content)
    assert not [f for part in found.faults.values() for f in part]
    marks = {line.code: (line.mark, line.other) for line in found.changed}
    assert marks == {
        "3": ("named", ()), "3.5": ("new", ()), "3.5.01": ("new", ()),
        "1.1.09": ("rename", ("1.1.01",)), "1.1.01": ("gone", ("1.1.09",)),
        "1.2.11": ("split", ("1.2.01",)), "1.2.12": ("split", ("1.2.01",)), "1.2.01": ("gone", ("1.2.11", "1.2.12")),
        "4.1": ("merge", ("4.2",)), "4.2": ("gone", ("4.1",)),
        "4.1.01": ("merge", ("4.2.01",)), "4.2.01": ("gone", ("4.1.01",)),
        "5.4": ("move", ("5",)),
    }  # fmt: skip
    # Items of a class with one successor go along.
    assert found.items == {
        **PLACED, "I00001": "1.1.09", "I00002": "1.1.09", "I00027": "4.1.01", "I00028": "4.1.01",
    }  # fmt: skip
    before = {w.ea: Decimal(w.weight) for w in Basket.objects.get().weights.all()}
    with pytest.raises(DataError, match="reason"):
        classes.adopt(content, office.user("cai"), " ")
    with pytest.raises(RefusedError):
        classes.adopt(content, office.user("sta"), "why")
    made = classes.adopt(content, office.user("cai"), "the market has changed")
    assert made.number == 2 and Classification.objects.count() == 2
    assert Class.objects.filter(classification__number=1, code="1.2.01").exists()
    assert set(Correspondence.objects.filter(classification=made).values_list("old", "new", "kind")) == {
        ("1.1.01", "1.1.09", "rename"), ("1.2.01", "1.2.11", "split"), ("1.2.01", "1.2.12", "split"),
        ("4.2.01", "4.1.01", "merge"), ("4.2", "4.1", "merge"), ("5.4", "5.4", "move"),
    }  # fmt: skip
    assert Item.objects.get(code="I00004").ea == "1.2.12"
    after = {w.ea: Decimal(w.weight) for w in Basket.objects.order_by("-number")[0].weights.all()}
    assert sum(after.values()) == sum(before.values())
    assert after["1.2.11"] == before["1.2.01"] * Decimal("0.6") and after["1.1.09"] == before["1.1.01"]
    assert after["4.1.01"] == before["4.1.01"] + before["4.2.01"]
    assert trail.verify()[2] is None
    # The public reads what became of every class.
    for address, words in (
        ("/en/index/", ("What classes became", "split", "version 2")),
        ("/index/", ("拆分", "第 2 版")),
    ):
        page = office.client().get(address).content.decode()
        assert all(w in page for w in (*words, "<code>1.2.01</code>", 'index/1.2.12/"', "the market has changed"))


@pytest.mark.parametrize(
    ("change", "links", "items", "told"),
    [
        (lambda t: t.remove(of(t, "5.4.01")), [], {},
         [("classes", "orphan"), ("items", "placed"), ("items", "placed")]),
        (lambda t: of(t, "1.1.01").update(parent="9"), [], {}, [("classes", "unknown"), ("classes", "orphan"),
                                                               ("items", "placed"), ("items", "placed")]),
        (lambda t: of(t, "1.1.01").update(code="1.1.09"), [{"old": "1.1.01", "new": "1.1.9"}], {},
         [("classes", "orphan"), ("correspondence", "unknown"), ("items", "placed"), ("items", "placed")]),
        (lambda t: of(t, "1.1.01").update(code="1.1.09"), [{"old": "1.1.01", "new": "1.1.09", "kind": "merge"}], {},
         [("correspondence", "kind")]),
        (lambda t: None, [{"old": "1.1.01", "new": "1.2.01"}], {}, [("correspondence", "kept")]),
        (lambda t: None, [{"old": "7", "new": "1"}], {}, [("correspondence", "old")]),
        (large, [*LARGE[:1], {**LARGE[1], "share": "0.7"}, *LARGE[2:]], PLACED, [("correspondence", "shares")]),
        (large, LARGE, {"I00003": "1.2.11"}, [("items", "placed")]),
        (large, LARGE, {**PLACED, "I00001": "1.1"}, [("items", "leaf")]),
    ],
)  # fmt: skip
def test_a_version_with_a_fault_is_refused_as_a_whole(
    sqlite_office: Any, change: Any, links: list[Row], items: dict[str, str], told: list[tuple[str, str]]
) -> None:
    from ellwand.office.registry import classes
    from ellwand.office.registry.models import Change, Classification

    content, changes = workbook(change, links, items), Change.objects.count()
    found = classes.look(content)
    assert [(name, f.rule) for name, rows in found.faults.items() for f in rows] == told and not found.good
    with pytest.raises(DataError, match="refused as a whole"):
        classes.adopt(content, sqlite_office.user("cai"), "why")
    assert Classification.objects.count() == 1 and Change.objects.count() == changes


def test_a_folder_leaves_no_code_behind(sqlite_office: Any, tmp_path: Any) -> None:
    import csv
    import shutil

    from ellwand.office.registry.market import import_market

    copy = tmp_path / "copy"
    shutil.copytree(sqlite_office.market, copy, ignore=shutil.ignore_patterns("truth", "quotes"))
    for name, column in (("classification.csv", "code"), ("items.csv", "ea"), ("basket.csv", "ea")):
        path = copy / name
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [{**r, column: "5.4.09" if r[column] == "5.4.01" else r[column]} for r in csv.DictReader(stream)]
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    with pytest.raises(DataError, match=r"class 5\.4\.01 of version 1 is in no row"):
        import_market(copy, sqlite_office.user("cai"))
    (copy / "correspondence.csv").write_text("old,new\n5.4.01,5.4.09\n", encoding="utf-8")
    assert import_market(copy, sqlite_office.user("cai")).changed
