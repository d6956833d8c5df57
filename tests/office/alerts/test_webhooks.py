"""Webhooks: only to public servers, signed, tried again, and never led elsewhere."""

import base64
import hashlib
import hmac
import json
import socket
from typing import Any

import pytest

from ellwand.engine.errors import DataError


@pytest.mark.parametrize(
    "address",
    [
        "http://hook.example.org/", "ftp://hook.example.org/", "hook.example.org", "https://", "https:///x",
        "https://127.0.0.1/", "https://10.0.0.8/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/",
        "https://localhost/", "https://intranet/", "https://hook.example.org:22/", "https://hook.example.org:99999/",
        "https://user:word@hook.example.org/", "https://hook.example.org/#x", "https://hook.example.org/ x",
        "https://hook.example.org\\@evil.example/", "https://hook.example.org/\r\nHost: x", "https://-a.example/",
        "https://hook.example.org/" + "x" * 600, "https://hook.example.org/路",
    ],
)  # fmt: skip
def test_addresses_that_are_no_targets(address: str) -> None:
    from ellwand.office.alerts import targets

    with pytest.raises(targets.TargetError, match="address"):
        targets.read(address)


def test_addresses_that_are() -> None:
    from ellwand.office.alerts import targets

    assert targets.read(" https://Hook.Example.org ").address == "https://hook.example.org/"
    assert targets.read("https://hook.example.org:8443/a?b=c").address == "https://hook.example.org:8443/a?b=c"
    assert targets.read("https://柯桥.example/x").host.startswith("xn--")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False), ("0.0.0.0", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("192.0.2.1", False), ("::1", False), ("::", False), ("fe80::1%eth0", False), ("fc00::1", False),
        ("ff02::1", False), ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False), ("64:ff9b::a00:1", False), ("fec0::1", False), ("not an address", False),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    from ellwand.office.alerts import targets

    assert targets.is_public(address) is public


def test_no_message_goes_to_a_name_that_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.alerts import targets

    tried: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: tried.append(a))
    for found in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:169.254.169.254"], []):
        monkeypatch.setattr(targets, "resolve", lambda host, port, found=found: found)
        with pytest.raises(targets.TargetError, match="public addresses only") as told:
            targets.post(targets.read("https://hook.example.org/"), b"{}", {})
        assert not any(a in str(told.value) for a in found)
    assert not tried


def test_a_message_is_signed_and_brought_to_the_address_that_was_looked_at(hook: Any) -> None:
    from ellwand.office.alerts import targets

    secret, body = targets.new_secret(), json.dumps({"a": "路"}).encode()
    said = targets.post(targets.read(hook.address), body, targets.headers(secret, "msg-1", 1700000000, body))
    assert said == body
    ((head, got),) = hook.got
    assert (
        got == body and head["host"] == f"hook.example.org:{hook.port}" and head["content-type"] == "application/json"
    )
    # As Standard Webhooks has it, written down anew.
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = hmac.new(key, b"msg-1.1700000000." + got, hashlib.sha256).digest()
    assert head["webhook-signature"] == "v1," + base64.b64encode(wanted).decode()
    assert (head["webhook-id"], head["webhook-timestamp"]) == ("msg-1", "1700000000")


def test_a_redirect_is_not_followed_and_a_fault_is_told(hook: Any) -> None:
    from ellwand.office.alerts import targets

    for status in (301, 307, 400, 404, 500):
        hook.answers.append((status, b""))
        with pytest.raises(targets.TargetError, match=f"answered {status}"):
            targets.post(targets.read(hook.address), b"{}", {})
    hook.answers.append((410, b""))
    with pytest.raises(targets.TargetError) as told:
        targets.post(targets.read(hook.address), b"{}", {})
    assert told.value.gone and len(hook.got) == 6


def test_another_name_in_the_certificate_is_refused(hook: Any) -> None:
    from ellwand.office.alerts import targets

    with pytest.raises(targets.TargetError, match="SSL"):
        targets.post(targets.Target("other.example.org", hook.port, "/"), b"{}", {})
    assert not hook.got


def test_who_answers_letter_by_letter_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    from ellwand.office.alerts import targets

    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        held, _ = server.accept()
        for _ in range(100):
            try:
                held.send(b"\x16")
            except OSError:
                return
            time.sleep(0.05)

    threading.Thread(target=drip, daemon=True).start()
    port = server.getsockname()[1]
    monkeypatch.setattr(targets, "DEADLINE", 0.5)
    monkeypatch.setattr(targets, "resolve", lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(targets, "is_public", lambda address: True)
    began = time.monotonic()
    with pytest.raises(targets.TargetError):
        targets.post(targets.Target("hook.example.org", port, "/"), b"{}", {})
    assert time.monotonic() - began < 4
    server.close()


def test_a_webhook_must_repeat_a_word_first(sqlite_week: Any, hook: Any) -> None:
    from ellwand.office.alerts import subscribing, tasks
    from ellwand.office.alerts.models import Subscriber

    sqlite_week.public()
    one = subscribing.ask("webhook", hook.address, "en", [subscribing.wish("release", "0")])
    assert one.secret.startswith("whsec_") and one.confirmed_at is None
    hook.answers.append((200, b"hello"))
    assert "did not repeat" in tasks.ask.call(one.pk)
    one.refresh_from_db()
    assert one.confirmed_at is None and "did not repeat" in one.why
    assert tasks.ask.call(one.pk) == ""
    assert Subscriber.objects.get(pk=one.pk).confirmed_at is not None
    assert json.loads(hook.got[-1][1])["event"] == "challenge"
    # Asked again, nothing is asked of it.
    assert tasks.ask.call(one.pk) == "" and len(hook.got) == 2


def test_the_same_wish_twice_is_one_and_too_many_are_refused(sqlite_week: Any) -> None:
    from ellwand.office.alerts import subscribing

    sqlite_week.public()
    wish = subscribing.wish("threshold", "0", "value", "above", "100.5")
    one = subscribing.ask("email", "a@example.org", "zh", [wish, wish])
    subscribing.add(one, subscribing.wish("threshold", "0", "value", "above", "101"))
    (kept,) = one.subscriptions.all()
    assert str(kept.level) in ("101", "101.0000")
    codes = sorted(subscribing.codes())
    with pytest.raises(DataError, match="topic: one address is told of 50"):
        for code in codes:
            for way in ("above", "below"):
                for measure in ("value", "change_previous"):
                    subscribing.add(one, subscribing.wish("threshold", code, measure, way, "1"))
    assert one.subscriptions.count() == 50
