"""A quote that the review sends back is answered after the cut-off, by whoever reported it and by nobody else."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from ellwand.office.review import acts

ROUND = "price-2022-W02"
ADDRESS = f"/office/rounds/{ROUND}/arrivals/"


def _round() -> Any:
    from ellwand.office.rounds import work

    return work.find(ROUND)


def _quote(item: str = "I00005", unit: str = "U0001") -> Any:
    from ellwand.office.quotes.models import Quote

    return Quote.objects.current().get(round__code=ROUND, unit__code=unit, item__code=item)


@pytest.fixture
def reviewing(collecting: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """In review: U0001 reported I00005 by its link and the collector I00006; both were sent back."""
    from dataclasses import replace

    from django.core.cache import cache

    from ellwand.office import setup
    from ellwand.office.collection import links
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take
    from ellwand.office.registry.models import Unit
    from ellwand.office.review import decisions
    from ellwand.office.rounds import work

    cache.clear()
    monkeypatch.setattr(setup, "_used", [replace(collecting.home, senders=("file",))])
    unit = Unit.objects.get(code="U0001")
    link = links.issue(_round(), [unit], collecting.user("cai"))[0]
    opening = links.open_on(link, "")
    lines = [
        Line(Said("U0001", "I00005", "8.4", type="deal"), "1"),
        Line(Said("U0001", "I00008", "37", type="deal"), "3"),
    ]
    take(_round(), lines, Sender("link", link=link, opening=opening))
    take(
        _round(), [Line(Said("U0001", "I00006", "7.7", type="deal"), "2")], Sender("collector", collecting.user("col"))
    )
    collecting.at(monkeypatch, 2022, 1, 14, 10)
    work.settle(_round())
    work.move(_round(), "reviewing", collecting.user("sun"), sign="small market")
    for item in ("I00005", "I00006"):
        ruling = decisions.Ruling(acts.SEND_BACK, "check_measure", reason="per kilogram?")
        decisions.decide(_round(), _quote(item).pk, ruling, collecting.user("rui"))
    return collecting


def test_who_is_asked(reviewing: Any) -> None:
    from ellwand.office.collection import due
    from ellwand.office.screens.arrivals import returned_of

    rows = returned_of(_round())
    assert [(r["decision"].item.code, r["collector"] and r["collector"].username) for r in rows] == [
        ("I00005", None), ("I00006", "col"),
    ]  # fmt: skip
    asked = [d.item.code for d in due.of_unit(_round(), rows[0]["decision"].unit) if d.asked]
    assert asked == ["I00005", "I00006"]
    page = reviewing.client("cai", language="zh-hans").get(ADDRESS).content.decode()
    assert "请核对计量单位" in page and "样本单位，用链接" in page and "col" in page


def test_the_unit_answers_by_a_link_of_its_own_and_the_quote_is_judged_anew(reviewing: Any) -> None:
    from ellwand.office.collection import links, reminders
    from ellwand.office.collection.models import Delivery, Link, Message
    from ellwand.office.review import standing
    from ellwand.office.review.models import Decision

    old = Link.objects.get()
    assert Client(SERVER_NAME="localhost").get(links.address_of(old)).status_code == 410
    assert reviewing.client("cai").post(ADDRESS, {"act": "ask"}).status_code == 302
    link = Link.objects.order_by("-pk")[0]
    assert (link.purpose, link.expires_at) == ("answer", _round().issue.release_at)
    reminders.deliver.func([Message.objects.get().pk])
    (file,) = reviewing.home.messages.iterdir()
    assert links.token_of(link) in file.read_text() and "有2项价格请核实" in file.read_text()
    client = Client(SERVER_NAME="localhost")
    client.post(links.address_of(link), {})
    page = client.get(links.address_of(link)).content.decode()
    # Only what was asked about, with the question.
    assert page.count('<article class="item') == 2 and "per kilogram?" in page and "I00008" not in page
    first = _quote()
    pk = first.item_id
    given = {f"price-{pk}": "8.4", f"type-{pk}": "deal", f"seen-{pk}": first.pk, f"more-{pk}": "按公斤，无误"}
    assert client.post(links.address_of(link), given).status_code == 302
    # The same price said again is an answer, and a version of its own.
    quote = _quote()
    assert (quote.version, quote.price, quote.reason) == (2, Decimal("8.4"), "按公斤，无误")
    assert Delivery.objects.order_by("-pk")[0].outcome == "answered"
    last = Decision.objects.filter(item=pk).order_by("-number")[0]
    assert standing.state_of(last, quote.pk) == standing.OPEN
    assert client.get(links.address_of(link)).content.decode().count('<article class="item') == 1
    # What was not asked about stays closed.
    other = _quote("I00008").item_id
    client.post(links.address_of(link), {f"price-{other}": "38", f"type-{other}": "deal"})
    assert _quote("I00008").version == 1


def test_only_the_collector_who_reported_answers(reviewing: Any) -> None:
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take

    def send(name: str, item: str, key: str) -> str:
        line = Line(Said("U0001", item, "7.75", type="deal", reason="asked again"), key)
        return str(take(_round(), [line], Sender("collector", reviewing.user(name)))[0].outcome)

    # Another collector, or the collector for the unit's own quote: it is late, and a supervisor's.
    assert send("sun", "I00006", "a") == "late" and _quote("I00006").version == 1
    assert send("col", "I00005", "b") == "late"
    assert send("col", "I00006", "c") == "answered" and _quote("I00006").price == Decimal("7.75")
    # Once answered, it is no longer asked.
    assert send("col", "I00006", "d") == "late"


def test_an_answer_starts_a_new_check_of_the_round(reviewing: Any) -> None:
    from django_tasks_db.models import DBTaskResult

    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take

    def checks() -> int:
        return int(DBTaskResult.objects.filter(task_path__endswith="check_round").count())

    before = checks()
    line = Line(Said("U0001", "I00006", "7.75", type="deal", reason="asked again"), "x")
    for _ in range(2):
        take(_round(), [line], Sender("collector", reviewing.user("col")))
    assert checks() == before + 1
