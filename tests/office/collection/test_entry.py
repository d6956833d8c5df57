"""What comes in by link, phone or interface: checked at entry, taken in once, every version kept, late quotes held."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError

ROUND = "price-2022-W02"
LAST = Decimal("8.06")
"""Of I00005 at U0001 in the first week."""


@pytest.fixture
def send(collecting: Any) -> Callable[..., Any]:
    """Send one line as the collector, and what became of it."""
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take
    from ellwand.office.rounds import work

    count = iter(range(1000))

    def one(
        price: str = "", *, unit: str = "U0001", item: str = "I00005", key: str = "", seen: int | None = None,
        made: datetime | None = None, by: str = "col", **more: Any,
    ) -> Any:  # fmt: skip
        said = Said(unit, item, price, **{"type": "deal", **more})
        line = Line(said, key or f"k{next(count)}", made, seen)
        return take(work.find(ROUND), [line], Sender("collector", collecting.user(by)))[0]

    return one


def _versions(unit: str = "U0001", item: str = "I00005") -> list[Any]:
    from ellwand.office.quotes.models import Quote

    return list(Quote.objects.filter(round__code=ROUND, unit__code=unit, item__code=item).order_by("version"))


def test_a_line_becomes_a_quote_with_receipt_and_entry_in_the_trail(send: Any) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection.models import Delivery

    done = send("8.10", quantity="120", remark="现货")
    assert (done.outcome, done.findings, done.conflict) == ("added", [], False)
    (quote,) = _versions()
    assert (quote.price, quote.kind, quote.quantity, quote.remark) == (Decimal("8.1"), "deal", 120, "现货")
    assert (quote.collection_method, quote.collected_on, quote.by.username) == ("collector", "2022-01-12", "col")
    delivery = Delivery.objects.get()
    assert delivery.receipt.number == done.receipt and delivery.quote == quote and len(done.receipt) == 11
    last = Entry.objects.order_by("-sequence")[0]
    assert last.act == "quotes.report" and last.after["receipt"] == done.receipt and last.after["added"] == 1


def test_the_same_key_counts_once_and_gives_the_same_receipt(send: Any) -> None:
    from ellwand.office.collection.models import Delivery, Receipt

    first = send("8.10", key="a")
    again = send("8.10", key="a")
    assert again.again and (again.outcome, again.receipt) == ("added", first.receipt)
    # A key is the sender's own: another one's is another line.
    other = send("8.10", key="a", by="sun")
    assert other.outcome == "unchanged" and other.receipt != first.receipt
    assert len(_versions()) == 1 and Delivery.objects.count() == 2 and Receipt.objects.count() == 2


def test_hard_rules_refuse_and_name_value_and_remedy(send: Any) -> None:
    wanted = {
        ("abc", "deal"): "no number", ("-3", "deal"): "price not above 0", ("0", "deal"): "price not above 0",
        ("$8.10", "deal"): "other currency", ("8.10元/码", "deal"): "other measure", ("8,10", "deal"): "decimal comma",
        ("8.10", ""): "class missing", ("8.10", "gift"): "type unknown", ("", "deal"): "price missing",
    }  # fmt: skip
    for (price, kind), rule in wanted.items():
        done = send(price, type=kind)
        assert done.outcome == "refused" and rule in [f.rule for f in done.findings], (price, kind, done.findings)
        found = next(f for f in done.findings if f.rule == rule)
        assert found.hard and found.message_zh and found.message_en and found.remedy_zh and found.remedy_en
    # A reason confirms nothing that is impossible.
    assert send("-3", reason="really").outcome == "refused"
    assert send("8.10", item="I00001").findings[0].rule == "not assigned"
    assert send("8.10", unit="U9999").findings[0].rule == "unit unknown"
    assert not _versions()


def test_full_width_digits_thousands_and_another_measure_are_read(send: Any) -> None:
    assert send("８．１０").outcome == "added"
    done = send("8,100元/吨", seen=_versions()[0].pk, reason="per tonne")
    assert done.outcome == "changed"
    first, second = _versions()
    assert first.price == second.price == Decimal("8.1") and second.unit_of_measure == "kg"
    assert (second.reported, second.reported_measure) == ("8100", "t")


def test_a_price_far_from_the_last_one_asks_for_a_reason(send: Any) -> None:
    done = send("80.6")
    assert done.outcome == "asked" and [f.rule for f in done.findings] == ["twice or half", "change"]
    assert "+900 %" in done.findings[1].message_zh and "小数点" in done.findings[1].message_zh
    assert not _versions()
    done = send("80.6", reason="sold by the box")
    assert done.outcome == "added" and _versions()[0].reason == "sold by the box"


def test_the_size_of_a_change_is_not_given_away_where_the_last_price_is_hidden(send: Any) -> None:
    from ellwand.office.collection import due
    from ellwand.office.registry.models import Item

    item = Item.objects.get(code="I00005")
    item.more = {**item.more, due.POLICY: "no"}
    item.save()
    done = send("80.6")
    assert done.outcome == "asked"
    told = [t for f in done.findings for t in (f.message_zh, f.message_en)]
    assert len(told) == 4 and not any("900" in t or "10" in t or "8.06" in t for t in told)


def test_same_as_last_time(send: Any) -> None:
    assert send("", same=True).outcome == "added" and _versions()[0].price == LAST
    assert [f.rule for f in send("9", same=True).findings] == ["same and other"]
    # I00008 had no price in the first week.
    assert "nothing before" in {f.rule for f in send("", same=True, item="I00008").findings}


def test_codes_in_place_of_a_price(send: Any) -> None:
    assert send("", status="out_of_stock").outcome == "added"
    (quote,) = _versions()
    assert (quote.price, quote.status) == (None, "out_of_stock")
    assert [f.rule for f in send("8", status="closed").findings] == ["price and code"]
    assert [f.rule for f in send("8.4", status="substituted", item="I00006").findings] == ["substitute unnamed"]
    done = send("8.4", status="substituted", item="I00006", remark="POY 150D/96F")
    assert done.outcome == "added"
    # The price of the other product is kept as reported, and is no price of the item.
    (quote,) = _versions(item="I00006")
    assert (quote.price, quote.reported, quote.status) == (None, "8.4", "substituted")


def test_a_change_is_a_version_with_who_when_why_and_two_senders_see_each_other(send: Any) -> None:
    first = send("8.10").quote
    mine = send("8.20", seen=first.pk, reason="they corrected it")
    assert mine.outcome == "changed" and not mine.conflict
    # A second phone that saw the first version.
    other = send("8.30", seen=first.pk, by="sun")
    assert other.outcome == "changed" and other.conflict and other.other == mine.quote
    versions = _versions()
    assert [(q.version, q.price, q.by.username) for q in versions] == [
        (1, Decimal("8.1"), "col"), (2, Decimal("8.2"), "col"), (3, Decimal("8.3"), "sun"),
    ]  # fmt: skip
    assert versions[1].reason == "they corrected it" and versions[2].supersedes == versions[1]


def test_an_old_entry_that_comes_late_does_not_take_the_place_of_a_newer_one(send: Any) -> None:
    first = send("8.10", made=datetime(2022, 1, 12, 1, tzinfo=UTC)).quote
    newer = send("8.30", seen=first.pk, made=datetime(2022, 1, 12, 2, 30, tzinfo=UTC), by="sun")
    old = send("8.20", seen=first.pk, made=datetime(2022, 1, 12, 2, tzinfo=UTC))
    assert newer.outcome == "changed"
    assert old.outcome == "older" and old.conflict and old.quote == newer.quote and old.receipt
    assert _versions()[-1].price == Decimal("8.3")


def test_lines_of_one_submission_stand_for_themselves(collecting: Any) -> None:
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take
    from ellwand.office.collection.models import Receipt
    from ellwand.office.rounds import work

    lines = [
        Line(Said("U0001", "I00005", "8.1", type="deal"), "1"), Line(Said("U0001", "I00006", "x", type="deal"), "2"),
        Line(Said("U0002", "I00001", "15.5", type="asking"), "3"),
        Line(Said("U0001", "I00005", "8.1", type="deal"), "1"),
        Line(Said("U0001", "I00005", "8.2", type="deal"), "4"),
    ]  # fmt: skip
    done = take(work.find(ROUND), lines, Sender("collector", collecting.user("col")), key="whole")
    assert [r.outcome for r in done] == ["added", "refused", "added", "added", "changed"]
    assert done[3].again and [q.price for q in _versions()] == [Decimal("8.1"), Decimal("8.2")]
    assert _versions()[1].supersedes == _versions()[0] and Receipt.objects.count() == 1


def test_governance_31_after_the_cutoff_a_quote_waits_for_a_supervisor(
    send: Any, collecting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ellwand.office.collection.models import Delivery

    collecting.at(monkeypatch, 2022, 1, 14, 9, 0)
    done = send("8.10", made=datetime(2022, 1, 13, tzinfo=UTC))
    assert done.outcome == "late" and done.receipt
    assert not _versions() and Delivery.objects.get().said["price"] == "8.10"


def test_who_may_send(send: Any, collecting: Any) -> None:
    from ellwand.office.collection.models import Stop
    from ellwand.office.registry.models import Unit
    from ellwand.office.rounds import work

    with pytest.raises(RefusedError):
        send("8.10", by="cai")
    Stop(
        unit=Unit.objects.get(code="U0001"), collector=collecting.user("sun"), position=1, by=collecting.user("cai"),
        at=datetime.now(UTC),
    ).save()  # fmt: skip
    assert [f.rule for f in send("8.10").findings] == ["another route"]
    assert send("8.10", by="sun").outcome == "added"
    work.plan("2022-W05", collecting.user("cai"))
    from ellwand.office.collection.entry import Sender, take

    with pytest.raises(DataError, match="planned"):
        take(work.find("price-2022-W05"), [], Sender("collector", collecting.user("col")))
