"""The signed link: no account, a digest only in the record, the unit's own items, receipts, two phones, no script."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError

ROUND = "price-2022-W02"


def _round() -> Any:
    from ellwand.office.rounds import work

    return work.find(ROUND)


def _unit(code: str = "U0001") -> Any:
    from ellwand.office.registry.models import Unit

    return Unit.objects.get(code=code)


def _item(code: str = "I00005") -> int:
    from ellwand.office.registry.models import Item

    return int(Item.objects.get(code=code).pk)


@pytest.fixture
def link(collecting: Any) -> Any:
    """A link of U0001, whose telephone ends in 5678."""
    from django.core.cache import cache

    from ellwand.office.collection import links

    cache.clear()
    unit = _unit()
    unit.more = {**unit.more, "phone": "0575-8412 5678"}
    unit.save()
    return links.issue(_round(), [unit], collecting.user("cai"))[0]


def phone(link: Any, language: str = "zh-hans", digits: str = "5678") -> Client:
    """A phone on which the link was opened."""
    from django.conf import settings

    from ellwand.office.collection import links

    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    if digits:
        assert client.post(links.address_of(link), {"digits": digits}).status_code == 302
    return client


def _say(**fields: Any) -> dict[str, Any]:
    """What the form sends of I00005; files by the name photo."""
    pk = _item(fields.pop("item", "I00005"))
    return {f"{k}-{pk}": v for k, v in {"type": "deal", **fields}.items()}


def _versions() -> list[Any]:
    from ellwand.office.quotes.models import Quote

    return list(Quote.objects.filter(round__code=ROUND, unit__code="U0001", item__code="I00005").order_by("version"))


def test_the_record_holds_a_digest_and_the_office_can_print_the_link_again(link: Any, collecting: Any) -> None:
    from django.db import connection

    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import links

    token = links.token_of(link)
    assert len(token) == 32 and link.digest == links.digest_of(token) and link.digest != token
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM collection_link")
        assert token not in str(cursor.fetchall())
    assert token not in str(list(Entry.objects.values_list("after", flat=True)))
    assert link.expires_at == _round().issue.cutoff_at == datetime(2022, 1, 14, 9, tzinfo=UTC)
    # Asked for again it is the same one, and no second row.
    assert links.issue(_round(), [link.unit], collecting.user("cai"))[0].pk == link.pk
    with pytest.raises(RefusedError):
        links.issue(_round(), [link.unit], collecting.user("wen"))


def test_an_altered_link_gets_a_page_that_says_so(link: Any) -> None:
    from ellwand.office.collection import links

    token = links.token_of(link)
    client = Client(SERVER_NAME="localhost")
    for altered in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), token.swapcase(), "x", token + "0"):
        answer = client.get(f"/r/{altered}/")
        assert answer.status_code == 404 and "此链接无法打开" in answer.content.decode()
        assert link.unit.name_zh not in answer.content.decode()
    assert client.post(f"/r/{token[:-1]}/", {"digits": "5678"}).status_code == 404


def test_a_row_of_the_record_that_was_not_made_by_this_office_opens_nothing(link: Any, collecting: Any) -> None:
    """Who can write a digest of his own into the table still has no link."""
    from ellwand.office.collection import links
    from ellwand.office.collection.models import Link

    token = "A" * 32
    Link(
        round=_round(), unit=link.unit, number=99, digest=links.digest_of(token), expires_at=link.expires_at,
        by=collecting.user("cai"), at=link.at,
    ).save()  # fmt: skip
    assert links.find(token) is None


def test_an_expired_link_and_one_that_was_taken_back(
    link: Any, collecting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ellwand.office.collection import links

    address = links.address_of(link)
    opened = phone(link, "en")
    with pytest.raises(DataError, match="reason"):
        links.revoke(link, collecting.user("cai"), " ")
    collecting.at(monkeypatch, 2022, 1, 14, 9, 0)
    for client in (opened, Client(SERVER_NAME="localhost")):
        answer = client.get(address)
        assert answer.status_code == 410 and "17:00" in answer.content.decode()
        assert client.post(address, _say(price="8.1")).status_code == 410
    assert not _versions()
    collecting.at(monkeypatch, 2022, 1, 13, 9, 0)
    links.revoke(link, collecting.user("cai"), "sent to the wrong shop")
    answer = opened.get(address)
    assert answer.status_code == 410 and "was taken back" in answer.content.decode()
    # The next one has another token.
    again = links.issue(_round(), [link.unit], collecting.user("cai"))[0]
    assert again.number == 2 and links.token_of(again) != links.token_of(link)


def test_a_phone_is_confirmed_by_the_last_digits_and_few_guesses(link: Any) -> None:
    from ellwand.office.collection import links
    from ellwand.office.collection.models import Opening

    address = links.address_of(link)
    client = phone(link, digits="")
    page = client.get(address).content.decode()
    assert "后四位" in page and "涤纶" not in page and Opening.objects.count() == 0
    for guess in ("", "0000", "1111", "2222", "3333"):
        answer = client.post(address, {"digits": guess})
        assert answer.status_code == 422 and "不符" in answer.content.decode()
    assert phone(link, digits="５６７８").get(address).status_code == 200
    # Wrong or right: an hour has so many tries.
    assert client.post(address, {"digits": "4444"}).status_code == 429
    assert Opening.objects.get().confirmed == "digits"
    # What a phone keeps is signed: another one's can't be made up.
    other = Client(SERVER_NAME="localhost")
    other.cookies[f"r{link.pk}"] = links.sign(Opening.objects.get())[:-2] + "xx"
    assert "后四位" in other.get(address).content.decode()


def test_a_number_may_stand_in_the_register_in_full_width(link: Any) -> None:
    unit = _unit()
    unit.more = {**unit.more, "phone": "０５７５－８４１２５６７８"}
    unit.save()
    assert phone(link, digits="5678").get(f"{_address(link)}?page={'9' * 5000}").status_code == 200


def _address(link: Any) -> str:
    from ellwand.office.collection import links

    return links.address_of(link)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_unit_reports_and_gets_a_receipt(link: Any, language: str) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import links
    from ellwand.office.collection.models import Delivery

    address, client = links.address_of(link), phone(link, language)
    page = client.get(address).content.decode()
    # Specification, last price, no script needed, nothing of other units.
    assert "150D" in page and "8.06" in page and "I00001" not in page and page.count('<article class="item') == 3
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    answer = client.post(
        address, {**_say(price="8.10", quantity="30"), **_say(item="I00006", same="yes"),
                  **_say(item="I00008", status="out_of_stock"), "key": "form"},
    )  # fmt: skip
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    receipt = Delivery.objects.order_by("pk")[0].receipt
    assert receipt.number in page and receipt.by is None and receipt.opening.link == link
    assert ("缺货" if language == "zh-hans" else "out of stock") in page
    (quote,) = _versions()
    assert (quote.price, quote.kind, quote.by, quote.collection_method) == (Decimal("8.1"), "deal", None, "link")
    last = Entry.objects.order_by("-sequence")[0]
    assert (last.act, last.actor, last.role, last.after["added"]) == ("quotes.report", 0, "unit", 3)
    # The same form once more: the finger was heavy.
    answer = client.post(address, {**_say(price="8.10", quantity="30"), "key": "form"})
    assert answer["Location"].endswith(receipt.number) and len(_versions()) == 1


def test_soft_rules_are_confirmed_with_a_reason_and_hard_ones_refused(link: Any) -> None:
    from ellwand.office.collection import links

    address, client = links.address_of(link), phone(link)
    answer = client.post(address, {**_say(price="80.6"), **_say(item="I00006", price="7.7")})
    page = answer.content.decode()
    # The good line is in, the other one is shown again with what was written.
    assert answer.status_code == 422 and "+900 %" in page and 'value="80.6"' in page and "回执" in page
    assert page.count('<article class="item') == 1 and not _versions()
    answer = client.post(address, _say(price="80.6", reason="terms", more="整车"))
    assert (
        answer.status_code == 302
        and _versions()[0].reason == "数量或付款条件不同 · another quantity or other terms: 整车"
    )
    for wrong, told in (
        ({"price": "八块"}, "不是数字"),
        ({"price": "9", "status": "closed"}, "停业"),
        ({"price": "-1"}, "0"),
    ):
        answer = client.post(address, _say(**wrong, reason="terms"))
        assert answer.status_code == 422 and told in answer.content.decode()
    assert len(_versions()) == 1


def test_governance_25_a_price_must_say_its_class(link: Any) -> None:
    from ellwand.office.collection import links

    address, client = links.address_of(link), phone(link, "en")
    answer = client.post(address, _say(price="8.1", type=""))
    assert answer.status_code == 422 and "choose deal, firm offer or asking" in answer.content.decode()
    for k, kind in enumerate(("deal", "firm_offer", "asking")):
        assert client.post(address, _say(price=f"8.1{k}", type=kind)).status_code == 302
    assert [q.kind for q in _versions()] == ["deal", "firm_offer", "asking"]


def test_governance_37_quotes_of_a_unit_without_a_signed_code_of_conduct_are_counted(link: Any) -> None:
    from ellwand.office.collection import links
    from ellwand.office.editorial import sheets

    client = phone(link)
    assert client.post(links.address_of(link), _say(price="8.1")).status_code == 302
    unit = _unit()
    assert sheets.counts(_round())["unsigned"] == 1
    unit.conduct_signed = "2021-12-01"
    unit.save()
    assert sheets.counts(_round())["unsigned"] == 0


def test_two_phones_see_each_other_and_both_are_kept(link: Any) -> None:
    from ellwand.office.collection import links

    address = links.address_of(link)
    one, two = phone(link), phone(link)
    assert one.post(address, _say(price="8.10", seen="0")).status_code == 302
    answer = two.post(address, _say(price="8.20", seen="0"))
    page = two.get(answer["Location"]).content.decode()
    assert "另一部手机已报 8.1" in page and "2部手机" in page
    assert [(q.version, q.price) for q in _versions()] == [(1, Decimal("8.1")), (2, Decimal("8.2"))]
    page = one.get(address).content.decode()
    assert "8.2" in page and "已被取代" in page


def test_the_last_price_is_hidden_by_the_policy_of_an_item(link: Any) -> None:
    from ellwand.office.collection import due, links
    from ellwand.office.registry.models import Item

    item = Item.objects.get(code="I00005")
    item.more = {**item.more, due.POLICY: "no"}
    item.save()
    address, client = links.address_of(link), phone(link)
    page = client.get(address).content.decode()
    assert "8.06" not in page and f"same-{item.pk}" not in page and "7.6" in page
    # Who sends the field all the same learns nothing by it.
    assert client.post(address, _say(same="yes")).status_code == 302 and not _versions()


def test_a_closed_shop_says_so_once(link: Any) -> None:
    from ellwand.office.collection import links
    from ellwand.office.quotes.models import Quote

    client = phone(link)
    client.post(links.address_of(link), {**_say(price="8.1"), "shut": "yes"})
    rows = Quote.objects.filter(round__code=ROUND, unit__code="U0001").order_by("item__code")
    assert [(q.price, q.status) for q in rows] == [(Decimal("8.1"), ""), (None, "closed"), (None, "closed")]


def test_photographs_come_along_and_others_files_do_not(link: Any) -> None:
    from ellwand.office.collection import links
    from ellwand.office.collection.models import Picture

    from .test_pictures import jpeg  # type: ignore[import-not-found]

    address, client = links.address_of(link), phone(link)
    good = SimpleUploadedFile("swatch.jpg", jpeg(), content_type="image/jpeg")
    bad = SimpleUploadedFile("invoice.jpg", b"<svg onload='x'>", content_type="image/jpeg")
    answer = client.post(address, {**_say(price="8.1", photo=good), **_say(item="I00006", photo=bad)})
    assert answer.status_code == 422 and "不是JPEG" in answer.content.decode()
    assert Picture.objects.get().item.code == "I00005" and len(_versions()) == 1


def test_a_link_has_so_many_forms_in_an_hour(link: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.collection import links
    from ellwand.office.screens import link as page

    monkeypatch.setattr(page, "SENDINGS", 2)
    address, client = links.address_of(link), phone(link)
    statuses = [client.post(address, _say(price=p)).status_code for p in ("8.1", "8.2", "8.3")]
    assert statuses == [302, 302, 429] and len(_versions()) == 2


def test_links_are_guessed_slowly(link: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.collection import links
    from ellwand.office.screens import link as page

    monkeypatch.setattr(page, "GUESSES", 2)
    client = Client(SERVER_NAME="localhost")
    assert [client.get(f"/r/{'a' * 32}/").status_code for _ in range(3)] == [404, 404, 429]
    # A whole market stands behind one address: who holds a link is let in all the same.
    assert client.get(links.address_of(link)).status_code == 200
