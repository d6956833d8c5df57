"""Corrections, status and complaints on the site: what a reader is owed, and no value before its instant."""

from typing import Any

import pytest


@pytest.mark.parametrize(("root", "words"), [("/", "至今没有更正"), ("/en/", "Nothing has been corrected so far")])
def test_an_office_without_corrections_says_so(sqlite_office: Any, root: str, words: str) -> None:
    assert words in sqlite_office.client().get(f"{root}corrections/").content.decode()


def test_status_counts_the_round_and_shows_no_value(sqlite_office: Any, monkeypatch: Any) -> None:
    from ellwand.office.quotes.models import Quote

    sqlite_office.at(monkeypatch, 2022, 1, 7)
    found = sqlite_office.collect("2022-W01")
    text = sqlite_office.client().get("/en/status/").content.decode()
    due = Quote.objects.current().filter(round=found).count()
    assert "Week 1 2022" in text and f"{due} of " in text and "Prices are collected" in text
    prices = {f"{p:.4f}" for p in Quote.objects.filter(price__isnull=False).values_list("price", flat=True)[:50]}
    assert prices and not any(p in text for p in prices)
    rows = Quote.objects.current().filter(round=found)
    closed = set(rows.filter(status="closed").values_list("unit", flat=True))
    reported = len(set(rows.values_list("unit", flat=True)) - closed)
    assert 0 < reported <= 20 and f"<dd>{reported} of " in text


def test_a_complaint_gets_its_receipt_in_its_language(office: Any) -> None:
    from django.core.cache import cache

    from ellwand.office.cases.models import Complaint

    # The limit of forms an hour counts those of other tests too.
    cache.clear()
    visitor = office.client()
    wrong = visitor.post("/en/complaints/", {"subject": "", "text": "x"})
    assert wrong.status_code == 422 and "Write what it is about" in wrong.content.decode()
    for root, words in (("/", "您写的内容"), ("/en/", "What you wrote")):
        answer = visitor.post(f"{root}complaints/", {"subject": "a <wrong> price", "text": "of twill"}, follow=True)
        text = answer.content.decode()
        made = Complaint.objects.latest("pk")
        assert answer.redirect_chain[0][0].startswith(f"{root}complaints/{made.receipt}/")
        assert made.receipt in text and words in text and "a &lt;wrong&gt; price" in text
    unknown = visitor.get("/en/complaints/2022-AAAAA-AAAAA/")
    assert unknown.status_code == 404 and "receipt number" in unknown.content.decode()
    trap = {"subject": "x", "text": "y", "website": "http://x"}
    assert visitor.post("/complaints/", trap).status_code == 302
    assert Complaint.objects.count() == 2
    assert "2" in visitor.get("/en/complaints/").content.decode()
    from django.test import Client

    guarded = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    assert guarded.post("/en/complaints/", {"subject": "x", "text": "y"}).status_code == 403


def test_an_answered_complaint_can_be_appealed(sqlite_office: Any) -> None:
    from ellwand.office.cases import complaints

    found = complaints.receive("x", "y", language="en")
    clerk, address = sqlite_office.user("cai"), f"/en/complaints/{found.receipt}/"
    for kind, said in ((complaints.ACKNOWLEDGED, ""), (complaints.ANSWERED, "it is right")):
        complaints.step(found, kind, clerk, said)
    visitor = sqlite_office.client()
    assert "it is right" in visitor.get(address).content.decode()
    visitor.post(address, {"text": "it is not"})
    assert complaints.standing(found).state == complaints.APPEALED
    assert "it is not" in visitor.get(address.lower()).content.decode()


def test_the_comments_lead_to_those_on_prices(sqlite_office: Any) -> None:
    answer = sqlite_office.client().get("/en/comments/")
    assert answer.status_code == 302 and answer["Location"] == "/en/comments/price/"
