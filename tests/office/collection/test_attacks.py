"""What a program, a phone or a stranger may send that nobody meant: it is refused by name; nothing of ours breaks."""

import json
from typing import Any

import pytest
from django.test import Client

from ellwand.office.audit import trail
from ellwand.office.collection import due, links, pictures, tokens
from ellwand.office.collection.models import Delivery, Stop
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Unit
from ellwand.office.rounds import work

QUOTES = "/office/api/v1/quotes"
ROUND = "price-2022-W02"


@pytest.fixture
def stalls(collecting: Any) -> list[Any]:
    """Two units with something due, on the route of col, who has a token."""
    from django.core.cache import cache

    cache.clear()
    rows = due.of_units(work.find(ROUND), list(Unit.objects.values_list("pk", flat=True)))
    out = [Unit.objects.get(pk=pk) for pk, one in rows.items() if len(one) > 1][:2]
    for k, unit in enumerate(out, 1):
        Stop(unit=unit, collector=collecting.user("col"), position=k, by=collecting.user("cai"), at=_now()).save()
    return out


def _now() -> Any:
    from ellwand.office import clock

    return clock.now()


@pytest.fixture
def post(collecting: Any, stalls: list[Any]) -> Any:
    """Send quotes as a program: status and answer."""
    _, secret = tokens.make(collecting.user("col"), "test", ["quotes"], 30, collecting.user("ada"))
    client = collecting.client()
    sent = 0

    def send(*quotes: Any, body: bytes | None = None) -> tuple[int, Any]:
        nonlocal sent
        sent += 1
        content = body or json.dumps({"round": ROUND, "quotes": list(quotes)}).encode()
        answer = client.post(
            QUOTES, content, content_type="application/json",
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": f"key-{sent:08d}"},
        )  # fmt: skip
        return answer.status_code, answer.json()

    return send


def said(unit: Any, k: int = 0, **more: Any) -> dict[str, Any]:
    """A quote of the k-th item that is due at a unit, at its last price."""
    one = due.of_unit(work.find(ROUND), unit)[k]
    price = str(one.last.price) if one.last else "12.5"
    return {"unit": unit.code, "item": one.item.code, "price": price, "type": "deal", "reason": "as seen", **more}


@pytest.mark.parametrize(
    ("more", "field", "rule"),
    [
        ({"quantity": "99999999999"}, "quantity", "number too long"),
        ({"quantity": "-1"}, "quantity", "quantity negative"),
        ({"price": "123456789012"}, "price", "price too large"),
        ({"price": 1e300}, "price", None),
        ({"price": "1e5"}, "price", "exponent"),
        ({"price": "9" * 60}, "price", None),
        ({"price": "0"}, "price", "price not above 0"),
        ({"price": "-12.5"}, "price", "price not above 0"),
        ({"price": "12.5 / 斤"}, "price", "measure unknown"),
        ({"price": "US$12.5"}, "price", "other currency"),
        ({"unit_of_measure": "套"}, "unit_of_measure", "measure unknown"),
        ({"status": "gone"}, "status", "status unknown"),
    ],
)  # fmt: skip
def test_values_that_cannot_be(
    post: Any, stalls: list[Any], more: dict[str, Any], field: str, rule: str | None
) -> None:
    status, answer = post(said(stalls[0], **more))
    assert status == 422, answer
    found = [p for p in answer["problems"] if p["field"] == field]
    assert found and all(p["message_zh"] and p["message_en"] and p["remedy_en"] for p in found), answer
    assert rule is None or rule in [p["rule"] for p in found]
    assert not Quote.objects.filter(round__code=ROUND).exists()


@pytest.mark.parametrize("field", ["remark", "unit", "item", "price", "status", "key"])
def test_a_sign_that_no_database_keeps(post: Any, stalls: list[Any], field: str) -> None:
    """U+0000 can't be stored on PostgreSQL: it is named on both, and nothing of ours breaks."""
    status, answer = post({**said(stalls[0]), field: "1\x002"})
    assert status == 422, answer
    assert [p["field"] for p in answer["problems"]] == [field]


def test_quantities_to_the_last_digit(post: Any, stalls: list[Any]) -> None:
    status, answer = post(said(stalls[0], quantity="9999999999.9999"))
    assert status == 200, answer
    assert str(Quote.objects.get(round__code=ROUND).quantity) == "9999999999.9999"


@pytest.mark.parametrize("made_at", ["0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_phone_whose_clock_is_wrong(post: Any, stalls: list[Any], made_at: str) -> None:
    """What it says of the time before the round was there, or of the future, is not believed; the price is taken."""
    status, answer = post(said(stalls[0], made_at=made_at))
    assert status == 200, answer
    assert Quote.objects.get(round__code=ROUND).collected_on == "2022-01-12"
    assert Delivery.objects.get().made_at == _now()


def test_a_unit_or_item_by_another_name_than_its_code_is_named(post: Any, stalls: list[Any]) -> None:
    """Beside a row with the code, a name or small letters would find it in the register; only the code counts."""
    good = said(stalls[0])
    for field, value in (
        ("unit", stalls[0].code.lower()), ("unit", stalls[0].name_zh), ("item", good["item"].lower()),
    ):  # fmt: skip
        status, answer = post(good, {**good, field: value})
        assert status == 200, answer
        assert answer["quotes"][1]["outcome"] == "refused"
        assert [p["rule"] for p in answer["quotes"][1]["problems"]] == [f"{field} unknown"], (field, value)


def test_anothers_stall_and_anothers_item(post: Any, stalls: list[Any], collecting: Any) -> None:
    first, second = (said(s) for s in stalls)
    status, answer = post({**first, "item": "I99999"})
    assert status == 422 and answer["problems"][0]["rule"] == "item unknown"
    own = {d.item.code for d in due.of_unit(work.find(ROUND), stalls[0])}
    foreign = next(d.item.code for d in due.of_unit(work.find(ROUND), stalls[1]) if d.item.code not in own)
    status, answer = post({**first, "item": foreign})
    assert status == 422 and answer["problems"][0]["rule"] == "not assigned"
    Stop(unit=stalls[1], collector=collecting.user("sun"), position=1, by=collecting.user("cai"), at=_now()).save()
    status, answer = post(second)
    assert status == 422 and answer["problems"][0]["rule"] == "another route"
    assert not Quote.objects.filter(round__code=ROUND).exists() and trail.verify()[2] is None


@pytest.mark.parametrize("size", [2 << 20, 6 << 20])
def test_a_body_that_is_too_large_is_told_so(post: Any, size: int) -> None:
    status, answer = post(body=b'{"round": "' + b"x" * size + b'"}')
    assert status == 413 and answer["type"].endswith("#body")


def test_bodies_that_are_deep_or_no_text(post: Any) -> None:
    for body in (b"[" * 100_000, b'{"round": "\xff"}', b'{"round": "\\ud800", "quotes": [{}]}', b"\x00" * 50):
        status, answer = post(body=body)
        assert status == 422 and answer["problems"], body[:20]


@pytest.fixture
def phone(collecting: Any, stalls: list[Any]) -> tuple[Client, str]:
    """A phone on which a link of the first stall was opened, and its address."""
    address = links.address_of(links.issue(work.find(ROUND), stalls[:1], collecting.user("cai"))[0])
    client = collecting.client()
    client.post(address, {})
    return client, address


def test_addresses_with_strange_parts(phone: tuple[Client, str]) -> None:
    client, address = phone
    for query in ("page=" + "9" * 5000, "page=²", "page=-1", "page=０", "receipt=" + "x" * 3000):
        assert client.get(f"{address}?{query}").status_code == 200, query[:20]
    assert client.get(f"{address}?receipt=%00").status_code == 400
    assert client.get(f"/r/{'%00' * 32}/").status_code == 400
    for token in ("x" * 5000, "é" * 32):
        assert client.get(f"/r/{token}/").status_code == 404, token[:10]


def test_a_form_with_strange_values(phone: tuple[Client, str], stalls: list[Any]) -> None:
    client, address = phone
    pk = due.of_unit(work.find(ROUND), stalls[0])[0].item.pk
    for fields in (
        {f"price-{pk}": "9" * 3000},
        {f"more-{pk}": "x" * 3000, f"price-{pk}": "12", f"type-{pk}": "deal"}, {f"status-{pk}": "nowhere"},
        {f"quantity-{pk}": "99999999999", f"price-{pk}": "12", f"type-{pk}": "deal"},
    ):  # fmt: skip
        answer = client.post(address, {"key": "k", f"seen-{pk}": "9" * 40, **fields})
        assert answer.status_code == 422, fields
    for fields in ({f"price-{pk}": "1\x002"}, {f"remark-{pk}": "\x00", f"price-{pk}": "12"}):
        assert client.post(address, {"key": "k", **fields}).status_code == 400, fields
    assert not Quote.objects.filter(round__code=ROUND).exists()
    # Two taps of one form are one quote.
    form = {"key": "once", f"price-{pk}": said(stalls[0])["price"], f"type-{pk}": "deal"}
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    assert Quote.objects.filter(round__code=ROUND).count() == Delivery.objects.count() == 1


def test_a_photograph_of_nothing_but_stuffed_bytes() -> None:
    """Each 0xFF in the scan is looked at once: eight megabytes of them are read as fast as any others."""
    frame = b"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    kind, made = pictures.clean(b"\xff\xd8" + frame + scan + b"\xff\x00" * (4 << 20) + b"\xff\xd9 and more")
    assert kind == "jpeg" and made.endswith(b"\xff\x00\xff\xd9")
