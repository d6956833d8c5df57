"""The interface with tokens: who gets in, what a batch does, that it happens once, and errors that name the row."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office.accounts.people import RefusedError
from ellwand.office.audit.models import Entry
from ellwand.office.collection import api, due, tokens
from ellwand.office.collection.models import Answer, ApiToken, Delivery, Receipt, Stop
from ellwand.office.quotes.models import Quote
from ellwand.office.rounds.models import Round

QUOTES, LIST = "/office/api/v1/quotes", "/office/api/v1/assignments"
KEY = "11111111-2222-3333-4444-555555555555"


class Program:
    """A program with a token."""

    def __init__(self, office: Any, secret: str) -> None:
        from django.core.cache import cache

        cache.clear()
        self.client, self.secret = office.client(), secret

    def get(self, address: str = LIST) -> Any:
        return self.client.get(address, headers={"Authorization": f"Bearer {self.secret}"})

    def post(self, body: Any, key: str | None = KEY, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.secret}", **({"Idempotency-Key": key} if key else {}), **headers}
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(QUOTES, text, content_type="application/json", headers=given)


@pytest.fixture
def opened(office: Any, stopped: Any) -> Any:
    """An office with an open round, before its cut-off, and a route for col."""
    office.sign_open("2022-W01")
    rows = due.of_units(Round.objects.get(), [u.pk for u in _units()])
    for k, unit in enumerate(u for u in _units() if rows[u.pk]):
        Stop(unit=unit, collector=office.user("col"), position=k + 1, by=office.user("cai"), at=stopped.now()).save()
    return office


def _units() -> Any:
    from ellwand.office.registry.models import Unit

    return Unit.objects.order_by("code")[:3]


@pytest.fixture
def program(opened: Any) -> Program:
    _, secret = tokens.make(opened.user("col"), "test", tokens.SCOPES, 30, opened.user("ada"))
    return Program(opened, secret)


def rows(program: Program, n: int = 3) -> list[dict[str, Any]]:
    """Quotes for the first rows of the list."""
    found = program.get().json()
    return [
        {"unit": stop["unit"], "item": row["item"], "price": "12.5", "type": "deal"}
        for stop in found["stops"] for row in stop["rows"]
    ][:n]  # fmt: skip


def batch(quotes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"round": "price-2022-W01", "quotes": quotes}


def test_the_list_is_ones_own_in_walking_order(opened: Any, program: Program) -> None:
    units = list(_units())
    now, cai = opened.user("cai"), opened.user("cai")
    # One goes to somebody else, and the way is turned round.
    for unit, collector, position in ((units[0], "sun", 1), (units[1], "col", 9), (units[2], "col", 4)):
        Stop(unit=unit, collector=opened.user(collector), position=position, by=now, at=cai.date_joined).save()
    answer = program.get()
    assert answer.status_code == 200 and answer["RateLimit"].startswith("limit=600, remaining=599")
    found = answer.json()
    assert (found["round"], found["state"], found["user"]["name"]) == ("price-2022-W01", "collecting", "col")
    assert [s["unit"] for s in found["stops"]] == [units[2].code, units[1].code]
    for stop in found["stops"]:
        assert stop["rows"] and all(r["measure"] and r["now"] is None for r in stop["rows"])


def test_a_batch_is_taken_in_once(program: Program) -> None:
    given = batch(rows(program))
    first = program.post(given)
    assert first.status_code == 200 and first["Idempotency-Replayed"] == "false"
    said = first.json()
    assert (said["taken"], said["refused"], {q["outcome"] for q in said["quotes"]}) == (3, 0, {"added"})
    counts = Quote.objects.count(), Delivery.objects.count(), Receipt.objects.count(), Entry.objects.count()
    again = program.post(given)
    assert again.json() == said and again["Idempotency-Replayed"] == "true"
    assert counts == (
        Quote.objects.count(), Delivery.objects.count(), Receipt.objects.count(), Entry.objects.count(),
    )  # fmt: skip
    q = Quote.objects.order_by("pk")[0]
    assert (q.price, q.by.username, q.collection_method, q.kind) == (Decimal("12.5"), "col", "api", "deal")
    receipt = Receipt.objects.get()
    assert (receipt.number, receipt.way, receipt.by) == (said["receipt"], "api", q.by)
    # The same key with something else.
    other = program.post(batch([given["quotes"][0] | {"price": "13"}]))
    assert other.status_code == 409 and other["Content-Type"] == "application/problem+json"
    assert "came with other quotes before" in other.json()["detail"]
    assert Quote.objects.count() == counts[0]
    # The same quotes with another key: known, and nothing new is written.
    third = program.post(given, key=KEY[::-1]).json()
    assert {q["outcome"] for q in third["quotes"]} == {"unchanged"} and Quote.objects.count() == counts[0]


def test_wrong_rows_are_named_and_the_others_taken(program: Program) -> None:
    good = rows(program, 4)
    given = [
        good[0],
        good[1] | {"price": "zehn"},
        good[2] | {"item": "I77777"},
        good[3] | {"price": "-3"},
        good[2] | {"unit": "X1"},
        good[3] | {"type": ""},
        good[3] | {"status": "substituted"},
    ]
    answer = program.post(batch(given))
    assert answer.status_code == 200
    said = answer.json()
    assert (said["taken"], said["refused"]) == (1, 6) and Quote.objects.count() == 1
    told = {q["row"]: [(p["field"], p["value"], p["rule"]) for p in q["problems"]] for q in said["quotes"]}
    assert told[2] == [("price", "zehn", "no number")]
    assert told[3] == [("item", "I77777", "item unknown")]
    assert ("price", "-3", "price not above 0") in told[4]
    assert told[5] == [("unit", "X1", "unit unknown")]
    assert told[6] == [("type", "", "class missing")]
    for q in said["quotes"]:
        assert all(p["message_zh"] and p["message_en"] and p["remedy_zh"] and p["remedy_en"] for p in q["problems"])


def test_a_soft_rule_asks_for_a_reason(program: Program, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at entry: the second week is far from the first."""
    row = rows(program, 1)[0]
    program.post(batch([row]))
    opened.at(monkeypatch, 2022, 1, 12, 3)
    opened.sign_open("2022-W02")
    far = {"round": "price-2022-W02", "quotes": [row | {"price": 125}]}
    asked = program.post(far, key="second-week")
    assert asked.status_code == 422
    found = next(p for p in asked.json()["problems"] if p["rule"] == "change")
    assert (found["row"], found["field"], found["hard"], found["rule"]) == (1, "price", False, "change")
    assert "+900 %" in found["message_en"] and Quote.objects.count() == 1
    # Corrected under the same key, because nothing was kept.
    far["quotes"][0]["reason"] = "new quality"
    confirmed = program.post(far, key="second-week")
    assert confirmed.json()["quotes"][0]["outcome"] == "added"
    assert Quote.objects.get(round__code="price-2022-W02").reason == "new quality"


@pytest.mark.parametrize(
    ("body", "row", "field", "rule"),
    [
        (b"{", 0, "body", "json_invalid"),
        (b"[]", 0, "body", "model_attributes_type"),
        ({"round": "price-2022-W01"}, 0, "quotes", "missing"),
        ({"round": "price-2022-W01", "quotes": []}, 0, "quotes", "too_short"),
        ({"round": "price-2022-W01", "quotes": [{"unit": "U1"}]}, 1, "item", "missing"),
        ({"round": "r", "quotes": [{"unit": "U1", "item": "I1"}, {"unit": "U1", "item": "I1", "prize": 3}]}, 2, "prize",
         "extra_forbidden"),
        ({"round": "r", "quotes": [{"unit": "U1", "item": "I1", "price": []}]}, 1, "price", "string_type"),
        ({"round": "r", "quotes": [{"unit": "U1", "item": "I1", "made_at": "2022-01-05T10:00:00"}]}, 1, "made_at",
         "timezone_aware"),
        ({"round": "r", "quotes": [{"unit": "U1", "item": "I1", "remark": "x" * 501}]}, 1, "remark", "string_too_long"),
        ({"round": "r", "quotes": [{"unit": "U1", "item": "I1"}] * 501}, 0, "quotes", "too_long"),
        ({"round": "r", "quotes": [{"unit": "U1", "item": "I1", "seen": -1}]}, 1, "seen", "greater_than_equal"),
    ],
)  # fmt: skip
def test_bodies_that_are_none(program: Program, body: Any, row: int, field: str, rule: str) -> None:
    answer = program.post(body)
    assert answer.status_code == 422 and answer["Content-Type"] == "application/problem+json"
    found = answer.json()["problems"][0]
    assert (found["row"], found["field"], found["rule"]) == (row, field, rule)
    assert found["message_zh"] and found["remedy_en"]
    assert Receipt.objects.count() == 0


def test_requests_that_are_none(program: Program) -> None:
    given = batch(rows(program))
    for key in (None, "short", "x" * 101, "with space in it"):
        answer = program.post(given, key=key)
        assert answer.status_code == 422 and answer.json()["problems"][0]["field"] == "Idempotency-Key"
    assert program.post(b"x" * (api.LARGEST + 1)).status_code == 413
    unknown = program.post({**given, "round": "price-2030-W01"})
    assert unknown.status_code == 422 and "is not there" in unknown.json()["detail"]
    assert Quote.objects.count() == 0


def test_who_gets_in(opened: Any, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = program.secret
    for wrong in ("", "ellwand_x", "x", secret[:-1], secret + "x"):
        program.secret = wrong
        answer = program.get()
        assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Content-Type"] == "application/problem+json"
        assert program.post({}).status_code == 401
    program.secret = secret

    def basic(name: str) -> Any:
        given = base64.b64encode(f"{name}:{secret}".encode()).decode()
        return program.client.get(LIST, headers={"Authorization": f"Basic {given}"}).status_code

    assert (basic("col"), basic("sun")) == (200, 401)
    assert program.client.get(LIST).status_code == 401
    # Who is signed in in a browser needs a token all the same.
    assert opened.client("col").get(LIST).status_code == 401
    # Good for less.
    _, less = tokens.make(opened.user("col"), "less", ["assignments"], 30, opened.user("ada"))
    program.secret = less
    assert program.get().status_code == 200
    assert program.post({}).status_code == 403
    # The role is gone, then the person, then the token.
    from ellwand.office.accounts import people

    program.secret = secret
    people.change_roles("col", [], ["collector"], opened.user("ada"), "other work")
    assert program.get().status_code == 403
    people.change_roles("col", ["collector"], [], opened.user("ada"), "back")
    assert program.get().status_code == 200
    tokens.revoke(ApiToken.objects.get(label="test"), opened.user("ada"))
    assert program.get().status_code == 401
    program.secret = less
    opened.at(monkeypatch, 2022, 3, 1, 3)
    assert program.get().status_code == 401


def test_a_token_is_not_in_the_record(program: Program, opened: Any) -> None:
    row = ApiToken.objects.get()
    assert row.digest == tokens.digest(program.secret) and program.secret not in str(vars(row))
    assert program.secret not in json.dumps([e.after for e in Entry.objects.filter(act="token.make")])
    with pytest.raises(DataError, match="enters no quotes"):
        tokens.make(opened.user("rui"), "x", ["quotes"], 1, opened.user("ada"))
    with pytest.raises(RefusedError):
        tokens.make(opened.user("col"), "x", ["quotes"], 1, opened.user("cai"))
    for label, scopes, days, said in (
        ("", ["quotes"], 1, "label"), ("x", [], 1, "scopes: none"), ("x", ["qotes"], 1, "did you mean"),
        ("x", ["quotes"], 0, "days: 0"), ("x", ["quotes"], 367, "days: 367"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=said):
            tokens.make(opened.user("col"), label, scopes, days, opened.user("ada"))


def test_a_limit_for_each_token(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "RATE", 3)
    monkeypatch.setattr(api.time, "time", lambda: 1_000_000_000.0)
    assert [program.get().status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    answer = program.get()
    assert 1 <= int(answer["Retry-After"]) <= 60 and answer["Content-Type"] == "application/problem+json"
    monkeypatch.setattr(api, "FAILED", 2)
    program.secret = "wrong"
    assert [program.get().status_code for _ in range(4)] == [401, 401, 429, 429]


def test_who_sent_quotes_does_not_approve_them(program: Program, opened: Any) -> None:
    from ellwand.office.approvals.guards import hands

    program.post(batch(rows(program)))
    assert opened.user("col").pk in hands(Round.objects.get())["edited"]


def test_answers_stay_as_they_were(program: Program) -> None:
    from django.db import DatabaseError, connection, transaction

    program.post(batch(rows(program)))
    for statement in ("UPDATE collection_answer SET body = 'x'", "DELETE FROM collection_answer"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Answer.objects.count() == 1


def test_the_description(program: Program) -> None:
    said = program.client.get("/office/api/v1/openapi.json").json()
    assert said["paths"].keys() == {QUOTES, LIST}
    post = said["paths"][QUOTES]["post"]
    assert post["parameters"][0]["name"] == "Idempotency-Key" and post["security"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert {"unit", "item", "price", "reason", "seen"} <= schema["properties"]["quotes"]["items"]["properties"].keys()
    assert "http" not in json.dumps(said).replace('"type": "http"', "")
