"""The registers: taken in row by row, once, with the history of every row."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError
from ellwand.office.audit.models import Entry
from ellwand.office.registry.folder import read_registers
from ellwand.office.registry.market import import_market
from ellwand.office.registry.models import Assignment, Basket, Change, Classification, Item, MethodVersion, Unit

Row = dict[str, str]


@pytest.fixture
def copy(market: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(market, folder, ignore=shutil.ignore_patterns("truth", "quotes"))
    return folder


def edit(folder: Path, name: str, change: Callable[[list[Row]], Any]) -> None:
    path = folder / name
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_twice_is_once(office: Any, market: Path) -> None:
    entries, changes = Entry.objects.count(), Change.objects.count()
    taken = import_market(market, office.user("cai"))
    assert not taken.changed
    assert taken.problems == []
    assert taken.counts["items"] == {"added": 0, "changed": 0, "unchanged": 40, "refused": 0}
    assert (Entry.objects.count(), Change.objects.count()) == (entries, changes)


def test_a_changed_row_keeps_what_it_was(office: Any, copy: Path) -> None:
    edit(copy, "items.csv", lambda rows: rows[0].update(finish="mercerised", name_en="Other"))
    edit(copy, "units.csv", lambda rows: rows[1].update(valid_to="2022-W07"))
    taken = import_market(copy, office.user("cai"), reason="visit of 5 January")
    assert (taken.counts["items"]["changed"], taken.counts["units"]["changed"]) == (1, 1)
    assert Item.objects.get(code="I00001").more["finish"] == "mercerised"
    change = Change.objects.get(register="items", code="I00001", before__isnull=False)
    assert (change.before["finish"], change.after["finish"]) == ("low-shrink", "mercerised")
    assert (change.by.username, change.reason) == ("cai", "visit of 5 January")
    assert Unit.objects.get(code="U0002").valid_to == "2022-W07"


def test_versions(office: Any, copy: Path) -> None:
    edit(copy, "classification.csv", lambda rows: rows[1].update(name_en="Raw"))
    edit(copy, "basket.csv", lambda rows: (rows[0].update(weight="0.0584"), rows[1].update(weight="0.0376")))
    import_market(copy, office.user("cai"))
    assert list(Classification.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert list(Basket.objects.order_by("number").values_list("valid_from", "number")) == [
        ("2022-W01", 1),
        ("2022-W01", 2),
    ]
    old, new = Basket.objects.order_by("number")
    assert old.weights.get(ea="1.1.01").weight == "0.057600"
    assert new.weights.get(ea="1.1.01").weight == "0.0584"


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("items.csv", lambda r: r[2].update(ea="9.9"), "items.csv row 3, field ea: '9.9' is in no register"),
        ("items.csv", lambda r: r[2].update(item=""), "items.csv row 3, field item: empty"),
        ("items.csv", lambda r: r[2].update(item="I00001"), "items.csv row 3, field item: I00001 stands in row 1"),
        ("items.csv", lambda r: r[2].update(item="I" * 70), "more than 60 characters"),
        ("items.csv", lambda r: r[2].update(valid_to="2021-W01"), "2021-W01 lies before valid_from 2022-W01"),
        ("items.csv", lambda r: r[2].update(replaces="I77777"), "field replaces: 'I77777' is in no register"),
        ("units.csv", lambda r: r[0].update(source="S99"), "units.csv row 1, field source: 'S99' is in no register"),
        ("classification.csv", lambda r: r[1].update(parent="x"), "row 2, field parent: 'x' is no class"),
        ("classification.csv", lambda r: r[1].update(parent="1"), "row 2, field parent: '1' is refused or in a circle"),
        ("basket.csv", lambda r: r[0].update(weight="-1"), "basket.csv row 1, field weight: '-1'"),
        ("basket.csv", lambda r: r[0].update(weight="nan"), "basket.csv row 1, field weight: 'nan'"),
        ("basket.csv", lambda r: r[0].update(weight="0.5"), "sum to"),
        ("basket.csv", lambda r: r[0].update(ea="1.1"), "'1.1' is no elementary aggregate"),
        ("closures.csv", lambda r: r[0].update(unit="U9999"), "closures.csv row 1, field unit: 'U9999'"),
    ],
)
def test_a_wrong_row_is_named(copy: Path, name: str, change: Any, told: str) -> None:
    edit(copy, name, change)
    found = read_registers(copy)
    assert [p for p in map(str, found.problems) if told in p], [str(p) for p in found.problems]
    assert found.refused[name] >= 1


def test_what_leans_on_a_wrong_row_is_refused_with_it(office: Any, copy: Path) -> None:
    edit(copy, "units.csv", lambda rows: rows.append(rows[0] | {"unit": "U9001", "source": "S99"}))
    edit(copy, "assignments.csv", lambda rows: rows.append(rows[0] | {"unit": "U9001"}))
    edit(copy, "items.csv", lambda rows: rows.append(rows[0] | {"item": "I90001"}))
    edit(copy, "basket.csv", lambda rows: rows.append(rows[0] | {"valid_from": "2023-W01", "weight": "much"}))
    taken = import_market(copy, office.user("cai"))
    # The wrong rows stop nothing, and nothing of them is there.
    assert Item.objects.filter(code="I90001").exists()
    assert not Unit.objects.filter(code="U9001").exists()
    assert not Assignment.objects.filter(unit__code="U9001").exists()
    assert not Basket.objects.filter(valid_from="2023-W01").exists()
    assert [(p.file, p.field) for p in taken.problems] == [
        ("units.csv", "source"),
        ("assignments.csv", "unit"),
        ("basket.csv", "weight"),
    ]
    assert taken.counts["units"]["refused"] == taken.counts["assignments"]["refused"] == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("items.csv", None, "items.csv: not there"),
        ("items.csv", "item,ea\n", "no column 'unit_of_measure'"),
        ("items.csv", "item,ea,unit_of_measure,ea\n", "'ea' stands twice"),
        ("units.csv", b"unit\n\xff\xfe\n", "not UTF-8"),
        ("market.json", "{", "no JSON"),
        ("market.json", '{"name_zh": "a", "name_en": "b", "currency": "yuan", "simulated": true}', "three letters"),
        ("method.toml", "nonsense", "method.toml"),
    ],
)
def test_a_file_that_is_no_use_changes_nothing(
    sqlite_office: Any, copy: Path, name: str, content: Any, told: str
) -> None:
    edit(copy, "sources.csv", lambda rows: rows[0].update(name_en="Changed"))
    if content is None:
        (copy / name).unlink()
    else:
        (copy / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = Entry.objects.count()
    with pytest.raises(ValueError) as caught:
        import_market(copy, sqlite_office.user("cai"))
    assert told in str(caught.value)
    assert Entry.objects.count() == before
    assert not Change.objects.filter(register="sources", before__isnull=False).exists()


def test_a_method_changes_with_its_version(office: Any, copy: Path) -> None:
    text = MethodVersion.objects.get().text
    (copy / "method.toml").write_text(text.replace("minimum_units = 3", "minimum_units = 2"), encoding="utf-8")
    assert (copy / "method.toml").read_text(encoding="utf-8") != text
    edit(copy, "sources.csv", lambda rows: rows[0].update(name_en="Changed"))
    with pytest.raises(DataError, match="give the changed method a new version"):
        import_market(copy, office.user("cai"))
    assert not Change.objects.filter(register="sources", before__isnull=False).exists()
    changed = (copy / "method.toml").read_text(encoding="utf-8").replace('version = "1"', 'version = "2"')
    (copy / "method.toml").write_text(changed, encoding="utf-8")
    import_market(copy, office.user("cai"))
    assert list(MethodVersion.objects.order_by("pk").values_list("version", flat=True)) == ["1", "2"]


def test_another_market_is_refused(office: Any, copy: Path) -> None:
    path = copy / "market.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"CNY"', '"EUR"'), encoding="utf-8")
    with pytest.raises(DataError, match="another market needs an office of its own"):
        import_market(copy, office.user("cai"))


@pytest.mark.parametrize("name", ["ada", "col", "sun", "rui", "max", "aud"])
def test_only_a_clerk_changes_registers(office: Any, market: Path, name: str) -> None:
    with pytest.raises(RefusedError, match=r"registers\.change: it needs the role clerk"):
        import_market(market, office.user(name))
