"""Governance 31: what comes after the cut-off waits for a supervisor, who signs for it, carries it on, or leaves it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError

ROUND, NEXT = "price-2022-W02", "price-2022-W03"
ADDRESS = f"/office/rounds/{ROUND}/arrivals/"


def _take(office: Any, code: str, item: str, price: str, key: str) -> Any:
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take
    from ellwand.office.rounds import work

    line = Line(Said("U0001", item, price, type="deal"), key, datetime(2022, 1, 14, 8, tzinfo=UTC))
    return take(work.find(code), [line], Sender("collector", office.user("col")))[0]


@pytest.fixture
def late(collecting: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A line that a phone without a connection sent an hour after the cut-off."""
    from ellwand.office.collection.models import Delivery

    collecting.at(monkeypatch, 2022, 1, 14, 10)
    assert _take(collecting, ROUND, "I00005", "8.1", "a").outcome == "late"
    return Delivery.objects.select_related("receipt__round", "unit", "item").get()


def _quotes(code: str) -> list[Any]:
    from ellwand.office.quotes.models import Quote

    return list(Quote.objects.filter(round__code=code, unit__code="U0001", item__code="I00005"))


def test_governance_31_a_supervisor_admits_it_by_a_signed_exception(late: Any, collecting: Any) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import late as room
    from ellwand.office.rounds.models import SignedException

    with pytest.raises(RefusedError):
        room.admit(late, collecting.user("col"), "in time")
    with pytest.raises(DataError, match="reason: empty"):
        room.admit(late, collecting.user("sun"), " ")
    assert not _quotes(ROUND)
    made = room.admit(late, collecting.user("sun"), "the phone had no connection")
    (quote,) = _quotes(ROUND)
    assert (quote.price, quote.by.username, made.quote) == (Decimal("8.1"), "col", quote)
    signed = SignedException.objects.get(round__code=ROUND, guard="late")
    assert signed.reason == "the phone had no connection" and "I00005 at U0001" in signed.what
    acts = list(Entry.objects.order_by("-sequence").values_list("act", "actor")[:2])
    assert acts == [("quotes.late", collecting.user("sun").pk), ("quotes.report", collecting.user("sun").pk)]
    for again in (room.admit, room.leave_out, room.carry):
        with pytest.raises(DataError, match=r"decided of it already|does not collect"):
            again(late, collecting.user("sun"), "once more")


def test_it_goes_to_the_next_period(late: Any, collecting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.collection import late as room
    from ellwand.office.rounds.models import SignedException

    with pytest.raises(DataError, match="does not collect now"):
        room.carry(late, collecting.user("sun"), "for the next one")
    collecting.at(monkeypatch, 2022, 1, 18, 3)
    collecting.sign_open("2022-W03")
    made = room.carry(late, collecting.user("sun"), "for the next one")
    assert made.quote.round.code == NEXT and not _quotes(ROUND) and late.admission.admitted is False
    assert not SignedException.objects.filter(guard="late", round__code=ROUND).exists()


def test_a_report_of_the_next_period_is_not_overwritten(
    late: Any, collecting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ellwand.office.collection import late as room

    collecting.at(monkeypatch, 2022, 1, 18, 3)
    collecting.sign_open("2022-W03")
    _take(collecting, NEXT, "I00005", "8.2", "b")
    with pytest.raises(DataError, match="has reported I00005 in 2022-W03 already"):
        room.carry(late, collecting.user("sun"), "for the next one")
    room.leave_out(late, collecting.user("sun"), "reported anew")
    assert room.waiting(late.receipt.round) == [] and [q.price for q in _quotes(NEXT)] == [Decimal("8.2")]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_screen(late: Any, collecting: Any, language: str) -> None:
    client = collecting.client("sun", language=language)
    page = client.get(ADDRESS).content.decode()
    assert "8.1" in page and late.receipt.number in page and 'value="admit"' in page
    clerk = collecting.client("cai", language=language)
    assert 'value="admit"' not in clerk.get(ADDRESS).content.decode()
    given = {"act": "admit", "delivery": late.pk, "reason": "no connection"}
    assert clerk.post(ADDRESS, given).status_code == 403
    assert client.post(ADDRESS, {**given, "delivery": "999"}).status_code == 422
    assert client.post(ADDRESS, given).status_code == 302 and len(_quotes(ROUND)) == 1
    page = client.get(ADDRESS).content.decode()
    assert "no connection" in page and 'value="admit"' not in page


def test_conflicts_are_shown_with_every_version(collecting: Any) -> None:
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take
    from ellwand.office.rounds import work

    for k, (name, price) in enumerate((("col", "8.1"), ("sun", "8.3"))):
        line = Line(Said("U0001", "I00005", price, type="deal"), f"c{k}", None, 0)
        take(work.find(ROUND), [line], Sender("collector", collecting.user(name)))
    page = collecting.client("sun").get(ADDRESS).content.decode()
    assert "the later one counts" in page and "8.1" in page and "8.3" in page and "version 2" in page
