"""The sample book: what needs the clerk, replacements with their link, and what they mean for the index."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError


def take(office: Any, name: str, *lines: str, reason: str = "visit") -> Any:
    from ellwand.office.registry import taking

    done = taking.take_sheet(taking.book_of(name), "\n".join(lines).encode(), office.user("cai"), reason)
    assert not done.faults, done.faults
    return done


def due(period: str = "2022-W02") -> tuple[str, str, str]:
    """A unit, an item that is due there in a period, and its elementary aggregate."""
    from ellwand.office.registry.models import Assignment
    from ellwand.office.rounds import work

    found = next(
        a
        for a in Assignment.objects.select_related("unit", "item").order_by("pk")
        if work.in_force(period, a.valid_from, a.valid_to) and not a.valid_to
    )
    return found.unit.code, found.item.code, found.item.ea


def wish(office: Any, **other: str) -> Any:
    """A replacement that is good, by an item that is entered for it."""
    from ellwand.office.registry import taking
    from ellwand.office.registry.sample_book import Replacement

    unit, old, ea = due()
    if "N1" not in taking.rows_of(taking.book_of("items")):
        take(office, "items", "item,ea,unit_of_measure,name_en", f"N1,{ea},kg,Successor")
    whole = Replacement(unit, old, "N1", "2022-W02", "method", "", "no longer made")
    return replace(whole, **other)


def test_what_needs_the_clerk(office: Any) -> None:
    from ellwand.office.registry import sample_book

    unit, item, _ = due()
    take(office, "units", "unit,conduct_signed", *(f"U{k:04d},2021-12-01" for k in range(1, 21) if f"U{k:04d}" != unit))
    take(office, "items", "item,valid_to", f"{item},2022-W04")
    found = sample_book.needs("2022-W02")
    assert [u["unit"] for u in found.unsigned] == [unit]
    assert [i["item"] for i in found.ending] == [item] and not found.silent
    assert found.cells and all(c.units < c.needed == 3 for c in found.cells) and not found.empty
    # Its end lies more than four weeks ahead.
    take(office, "items", "item,valid_to", f"{item},2022-W09")
    assert not sample_book.needs("2022-W02").ending


def test_a_unit_that_is_silent_for_two_weeks(sqlite_office: Any, tmp_path: Path) -> None:
    from ellwand.office.quotes.intake import import_quotes
    from ellwand.office.registry import sample_book
    from ellwand.office.registry.models import Closure, Unit

    office = sqlite_office
    unit, _, _ = due()
    table = pq.read_table(office.quotes)
    table = table.filter(pc.not_equal(table["unit"].cast(pa.string()), unit))
    pq.write_table(table, tmp_path / "others.parquet")
    for period in ("2022-W01", "2022-W02"):
        assert not sample_book.needs("2022-W03").silent
        found = office.sign_open(period)
        import_quotes(tmp_path / "others.parquet", found.code, office.user("sun"), sign="late", only_period=True)
    assert [u["unit"] for u in sample_book.needs("2022-W03").silent] == [unit]
    # A closed one is not silent.
    Closure.objects.create(unit=Unit.objects.get(code=unit), period="2022-W02")
    assert not sample_book.needs("2022-W03").silent


def test_a_replacement_with_an_overlap(office: Any) -> None:
    from ellwand.office.audit import trail
    from ellwand.office.registry import rotation, sample_book
    from ellwand.office.registry.models import Assignment, Change, Item

    asked = wish(office, link="overlap", overlap_price="12.50")
    made = sample_book.replace(asked, office.user("cai"))
    assert (made.kind, made.item, made.replaced, made.period, made.link, made.overlap_price) == (
        "replacement", "N1", asked.old, "2022-W02", "overlap", "12.50",
    )  # fmt: skip
    rows = dict(Assignment.objects.filter(unit__code=asked.unit).values_list("item__code", "valid_to"))
    assert (rows[asked.old], rows["N1"]) == ("2022-W02", "")
    assert Assignment.objects.get(item__code="N1").valid_from == "2022-W02"
    assert Item.objects.get(code="N1").replaces == asked.old
    assert Change.objects.filter(register="assignments", code=f"{asked.unit}/N1/2022-W02", reason="no longer made")
    assert rotation.silent() == [] and trail.verify()[2] is None


def test_a_replacement_by_the_rule_of_the_method(sqlite_office: Any) -> None:
    """Both series are due one after the other, and the method finds the link."""
    from ellwand.office.registry import sample_book
    from ellwand.office.registry.models import Assignment

    asked = wish(sqlite_office)
    made = sample_book.replace(asked, sqlite_office.user("cai"))
    assert (made.period, made.link, made.overlap_price) == ("2022-W03", "method", "")
    assert Assignment.objects.get(item__code="N1").valid_from == "2022-W03"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"reason": " "}, "reason: empty"),
        ({"link": "hope"}, "choose overlap or method"),
        ({"link": "new"}, "choose overlap or method"),
        ({"link": "overlap"}, "must be a number above 0"),
        ({"link": "overlap", "overlap_price": "-1"}, "must be a number above 0"),
        ({"link": "overlap", "overlap_price": "NaN"}, "must be a number above 0"),
        ({"overlap_price": "12"}, "the link is none by overlap"),
        ({"unit": "U9999"}, "is not assigned there"),
        ({"old": "I99999"}, "is not assigned there"),
        ({"new": "I99999"}, "is in no register"),
        ({"new": "I00040"}, "belongs to"),
        ({"period": "2022-02"}, "a week is wanted"),
        ({"period": "soon"}, "period"),
    ],
)
def test_what_can_not_be_replaced(sqlite_office: Any, other: dict[str, str], told: str) -> None:
    from ellwand.office.registry import sample_book
    from ellwand.office.registry.models import Change, Rotation

    asked = wish(sqlite_office, **other)
    changes = Change.objects.count()
    with pytest.raises(DataError, match=told):
        sample_book.replace(asked, sqlite_office.user("cai"))
    assert Change.objects.count() == changes and not Rotation.objects.exists()


def test_who_may_replace_and_once(sqlite_office: Any) -> None:
    from ellwand.office.registry import sample_book

    asked = wish(sqlite_office)
    with pytest.raises(RefusedError):
        sample_book.replace(asked, sqlite_office.user("aud"))
    with pytest.raises(DataError, match="replaces itself"):
        sample_book.replace(replace(asked, new=asked.old), sqlite_office.user("cai"))
    sample_book.replace(asked, sqlite_office.user("cai"))
    with pytest.raises(DataError, match="is assigned there already"):
        sample_book.replace(asked, sqlite_office.user("cai"))


def test_nothing_is_replaced_in_a_period_that_is_closed(sqlite_office: Any) -> None:
    from ellwand.office.registry import sample_book

    sqlite_office.collect("2022-W01")
    sqlite_office.collect("2022-W02")
    with pytest.raises(DataError, match="2022-W02: is closed"):
        sample_book.replace(wish(sqlite_office, link="overlap", overlap_price="3"), sqlite_office.user("cai"))
    sample_book.replace(wish(sqlite_office), sqlite_office.user("cai"))


def test_the_end_of_a_unit_ends_its_assignments(office: Any) -> None:
    from ellwand.office.registry import rotation
    from ellwand.office.registry.models import Assignment, Rotation

    unit, _, _ = due()
    open_ = Assignment.objects.filter(unit__code=unit, valid_to="").count()
    take(office, "units", "unit,valid_to", f"{unit},2022-W06", reason="it has closed its shop")
    assert not Assignment.objects.filter(unit__code=unit, valid_to="").exists()
    log = Rotation.objects.filter(unit__code=unit)
    assert log.count() == open_ and set(log.values_list("kind", "period", "reason")) == {
        ("exit", "2022-W06", "it has closed its shop")
    }
    assert rotation.silent() == []
