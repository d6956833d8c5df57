"""Messages to units: by e-mail, gateway or file; once a day; what a dead worker left is sent; no link on record."""

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ellwand.engine.errors import DataError
from ellwand.office import outgoing
from ellwand.office.accounts.people import RefusedError

ROUND = "price-2022-W02"


@pytest.fixture
def by(collecting: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set by what the office sends: a function of names and of what settings.toml says of them."""
    from ellwand.office import setup

    def use(*names: str, **said: Any) -> None:
        out = outgoing.read("settings.toml", said, ("office.example",))
        home = replace(collecting.home, senders=names, outgoing=out)
        monkeypatch.setattr(setup, "_used", [home])

    use("file")
    return use


def _round() -> Any:
    from ellwand.office.rounds import work

    return work.find(ROUND)


def _unit(code: str = "U0001", **more: Any) -> Any:
    from ellwand.office.registry.models import Unit

    unit = Unit.objects.get(code=code)
    unit.more = {**unit.more, **more}
    unit.save()
    return unit


def _work() -> None:
    """What the worker does."""
    from ellwand.office.collection import reminders
    from ellwand.office.collection.models import Message

    reminders.deliver.func(list(Message.objects.filter(dispatch=None).values_list("pk", flat=True)))


def test_a_reminder_is_a_file_with_the_link_and_the_record_has_no_link(by: Any, collecting: Any) -> None:
    from ellwand.office.audit.models import Entry
    from ellwand.office.collection import links, reminders
    from ellwand.office.collection.models import Link, Message

    one, two = _unit(), _unit("U0002", language="en")
    done = reminders.remind(_round(), [one.pk, two.pk], collecting.user("cai"))
    assert (done.going, done.today, done.unreached) == (2, 0, ())
    assert not collecting.home.messages.exists()
    _work()
    zh, en = (p.read_text() for p in sorted(collecting.home.messages.iterdir()))
    token = links.token_of(Link.objects.get(unit=one))
    assert f"https://office.example/r/{token}/" in zh and "还有3项价格没有报" in zh and "2022-01-14 17:00" in zh
    assert "模拟市场" in zh and "3 prices of 2022-W02" in en
    for message in Message.objects.select_related("dispatch"):
        assert message.dispatch.sent and token not in message.text and reminders.PLACE in message.text
    assert token not in str(list(Entry.objects.values_list("after", flat=True)))
    # Once a day, however often the button is pressed; the next day again.
    done = reminders.remind(_round(), [one.pk, two.pk], collecting.user("sun"))
    assert (done.going, done.today) == (0, 2)
    with pytest.raises(RefusedError):
        reminders.remind(_round(), [one.pk], collecting.user("wen"))


def test_the_next_day_and_who_owes_nothing(by: Any, collecting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ellwand.office.collection import reminders
    from ellwand.office.collection.checks import Said
    from ellwand.office.collection.entry import Line, Sender, take

    one, two = _unit(), _unit("U0002")
    reminders.remind(_round(), [one.pk], collecting.user("cai"))
    _work()
    lines = [Line(Said("U0002", i, status="closed"), i) for i in ("I00001", "I00002", "I00004")]
    take(_round(), lines, Sender("collector", collecting.user("col")))
    collecting.at(monkeypatch, 2022, 1, 13, 3)
    done = reminders.remind(_round(), [one.pk, two.pk], collecting.user("cai"))
    assert (done.going, done.today) == (1, 0)
    collecting.at(monkeypatch, 2022, 1, 14, 10)
    _work()
    from ellwand.office.collection.models import Dispatch

    # The cut-off came first: a link that opens nothing is not sent.
    assert "expired" in Dispatch.objects.order_by("-pk")[0].said
    from ellwand.office.rounds import work

    work.settle(_round())
    with pytest.raises(DataError, match="closed"):
        reminders.remind(_round(), [one.pk], collecting.user("cai"))


class _Gateway(BaseHTTPRequestHandler):
    got: "list[tuple[str, dict[str, Any]]]" = []  # noqa: RUF012
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(self.status)
        if self.status == 307:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


class _Smtp(socketserver.StreamRequestHandler):
    got: "list[str]" = []  # noqa: RUF012

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        data: list[str] | None = None
        while line := self.rfile.readline():
            said = line.decode().rstrip("\r\n")
            if data is not None:
                if said == ".":
                    self.got.append("\n".join(data))
                    data = None
                    self.wfile.write(b"250 taken\r\n")
                else:
                    data.append(said)
            elif said.upper() == "DATA":
                data = []
                self.wfile.write(b"354 go on\r\n")
            elif said.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif said.upper().startswith("RCPT") and "nobody" in said:
                self.wfile.write(b"550 no such address\r\n")
            else:
                self.wfile.write(b"250 ok\r\n")


def _served(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def gateway() -> Iterator[Any]:
    """A gateway for short messages on this machine."""
    handler = type("Handler", (_Gateway,), {"got": []})
    yield from _served(HTTPServer(("127.0.0.1", 0), handler))


@pytest.fixture
def mail() -> Iterator[Any]:
    """A mail server on this machine."""
    handler = type("Handler", (_Smtp,), {"got": []})
    yield from _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler))


def test_short_messages_by_a_gateway(by: Any, collecting: Any, gateway: Any) -> None:
    from ellwand.office.collection import reminders
    from ellwand.office.collection.models import Dispatch

    by("sms", "file", sms={"url": f"http://127.0.0.1:{gateway.server_port}/send", "token": "secret"})
    one, two = _unit(phone="0575-8412 5678"), _unit("U0002")
    reminders.remind(_round(), [one.pk, two.pk], collecting.user("cai"))
    _work()
    ((authorization, said),) = gateway.RequestHandlerClass.got
    assert authorization == "Bearer secret" and said["to"] == "057584125678" and "/r/" in said["text"]
    # The first sender that reaches a unit: the other one has no number.
    assert len(list(collecting.home.messages.iterdir())) == 1
    assert all(Dispatch.objects.values_list("sent", flat=True))


@pytest.mark.parametrize("status", [500, 307])
def test_a_gateway_that_fails_is_on_record_and_may_be_tried_again(
    by: Any, collecting: Any, gateway: Any, status: int
) -> None:
    from ellwand.office.collection import reminders
    from ellwand.office.collection.models import Dispatch, Message

    by("sms", sms={"url": f"http://127.0.0.1:{gateway.server_port}/send", "token": "secret"})
    one, two = _unit(phone="057584125678"), _unit("U0002")
    gateway.RequestHandlerClass.status = status
    done = reminders.remind(_round(), [one.pk, two.pk], collecting.user("cai"))
    assert (done.going, done.unreached) == (1, ("U0002",))
    _work()
    failed = Dispatch.objects.get()
    assert not failed.sent and str(status) in failed.said and "secret" not in failed.said
    gateway.RequestHandlerClass.status = 200
    assert reminders.remind(_round(), [one.pk], collecting.user("cai")).going == 1
    _work()
    assert [m.attempt for m in Message.objects.order_by("pk")] == [1, 2]
    assert Dispatch.objects.order_by("-pk")[0].sent and len(gateway.RequestHandlerClass.got) == 2


def test_e_mail(by: Any, collecting: Any, mail: Any) -> None:
    from email import message_from_string
    from email.header import decode_header, make_header

    from ellwand.office.collection import reminders
    from ellwand.office.collection.models import Dispatch

    port = mail.server_address[1]
    by("email", mail={"host": "127.0.0.1", "port": port, "sender": "index@office.example", "security": "none"})
    units = [_unit(email="shop@unit.example"), _unit("U0002", email="nobody@unit.example"), _unit("U0003", email="x")]
    done = reminders.send(_round(), [u.pk for u in units], collecting.user("cai"), reminders.LINK)
    assert done.going == 2 and done.unreached == ("U0003",)
    _work()
    (text,) = mail.RequestHandlerClass.got
    got = message_from_string(text)
    assert got["To"] == "shop@unit.example" and got["From"] == "index@office.example"
    assert "报价链接" in str(make_header(decode_header(got["Subject"])))
    assert "/r/" in got.get_payload(decode=True).decode()
    said = {d.message.unit.code: d for d in Dispatch.objects.select_related("message__unit")}
    assert said["U0001"].sent and not said["U0002"].sent and "no such address" in said["U0002"].said


def test_what_a_dead_worker_left_is_sent_once(by: Any, collecting: Any) -> None:
    from ellwand.office.collection import reminders
    from ellwand.office.collection.models import Message

    reminders.remind(_round(), [_unit().pk], collecting.user("cai"))
    ids = [Message.objects.get().pk]
    # Its task died with the worker; the next one takes the message up, and two tasks of it send it once.
    assert reminders.take_up() == 1
    assert [reminders.deliver.func(ids), reminders.deliver.func(ids)] == [1, 0]
    assert reminders.take_up() == 0 and len(list(collecting.home.messages.iterdir())) == 1


def test_a_sender_that_nothing_provides(by: Any, collecting: Any) -> None:
    from ellwand.office.collection import reminders

    by("chat")
    with pytest.raises(DataError, match=r"\[chat\] of settings.toml"):
        reminders.remind(_round(), [_unit().pk], collecting.user("cai"))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"site": "office.example"}, "site: 'office.example'"),
        ({"site": "http://office.example"}, "with https"),
        ({"site": "https://office.example/x"}, "write it as"),
        ({"mail": {"host": "h"}}, "mail.sender: missing"),
        ({"mail": {"host": "h", "sender": "a@b", "prot": 1}}, "mail.prot: no such setting"),
        ({"mail": {"host": "h", "sender": "a@b", "security": "ssl"}}, "starttls, tls, none"),
        ({"mail": {"host": "h", "sender": "a@b", "port": "25"}}, "it must be a int"),
        ({"mail": {"host": "h", "sender": "a@b", "port": 0}}, "1 to 65535"),
        ({"mail": {"host": "h", "sender": "nobody"}}, "is no address"),
        ({"mail": "h"}, "write a table"),
        ({"sms": {"url": "http://gateway.example"}}, "with https"),
        ({"chat": {"token": "x"}}, "chat.url: missing"),
    ],
)
def test_settings_that_are_wrong(said: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        outgoing.read("settings.toml", said, ("office.example",))


def test_secrets_are_not_shown() -> None:
    said = {
        "mail": {"host": "h", "sender": "a@b", "password": "pw1"}, "sms": {"url": "https://g.example", "token": "pw2"}
    }  # fmt: skip
    made = outgoing.read("settings.toml", said, ("localhost",))
    assert made.site == "http://localhost:8765" and "pw1" not in repr(made) and "pw2" not in repr(made)
    assert outgoing.read("settings.toml", {}, ("office.example",)).site == "https://office.example"
