"""By what messages reach units: e-mail, a gateway for short messages, and files for tests and demonstrations.

Another package adds a sender for sms or chat by an entry point of the group `ellwand.senders`: its name is sms or chat,
and it gives a function from the office's `Home` to a `Sender`.
"""

import json
import smtplib
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, Final, Protocol

from django.core.mail import EmailMessage, get_connection

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.collection.links import PHONES
from ellwand.office.home import Home
from ellwand.office.outgoing import Gateway
from ellwand.office.registry.models import Unit

GROUP: Final = "ellwand.senders"
TIMEOUT: Final = 15
"""Seconds that a mail server or a gateway may take."""
CHAT: Final = ("chat", "wechat", "qq")
"""Columns of the register of units in which an account of a chat application stands."""


class SendingError(DataError):
    """A message did not go out; the text says what the other side answered."""


class Sender(Protocol):
    """A way by which messages leave. name : as the settings call it."""

    name: str

    def reaches(self, unit: Unit) -> str:
        """The address of a unit, "" where it has none of this kind."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send a message. SendingError where it does not go out."""


class Email:
    """E-mail by the server of the settings."""

    name = "email"

    def __init__(self, home: Home) -> None:
        self.mail = home.outgoing.mail

    def reaches(self, unit: Unit) -> str:
        """The unit's e-mail address."""
        found = str(unit.more.get("email") or "").strip()
        return found if found.count("@") == 1 and not any(c in found for c in " \r\n,;<>") else ""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send an e-mail."""
        self.deliver(to, subject, text, {})

    def deliver(self, to: str, subject: str, text: str, headers: Mapping[str, str]) -> None:
        """Send an e-mail with headers of its own. SendingError where it does not go out."""
        mail = self.mail
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host=mail.host, port=mail.port, username=mail.user,
            password=mail.password, use_tls=mail.security == "starttls", use_ssl=mail.security == "tls",
            timeout=TIMEOUT,
        )  # fmt: skip
        try:
            EmailMessage(subject, text, mail.sender, [to], connection=connection, headers=dict(headers)).send()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise SendingError(f"{mail.host}: {' '.join(str(error).split())[:300]}") from error


class Short:
    """Short messages by a gateway that takes them as JSON. columns : of the register in which the address stands."""

    def __init__(self, name: str, gateway: Gateway, columns: tuple[str, ...]) -> None:
        self.name, self.gateway, self.columns = name, gateway, columns

    def reaches(self, unit: Unit) -> str:
        """The unit's number or account."""
        for column in self.columns:
            found = str(unit.more.get(column) or "").strip()
            if self.name == "sms":
                found = "".join(c for c in found if c.isdecimal() or c == "+")
                found = found if len(found) >= 7 else ""
            if found:
                return found[:100]
        return ""

    def send(self, to: str, subject: str, text: str) -> None:
        """Hand the message to the gateway."""
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.gateway.token:
            headers["Authorization"] = f"Bearer {self.gateway.token}"
        said = json.dumps({"to": to, "text": text}, ensure_ascii=False).encode()
        # The settings allow https only, and http on this machine.
        request = urllib.request.Request(self.gateway.url, said, headers, method="POST")  # noqa: S310
        try:
            with _opener().open(request, timeout=TIMEOUT):
                return
        except urllib.error.HTTPError as error:
            raise SendingError(f"{self.name} gateway: answered {error.code}") from error
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise SendingError(f"{self.name} gateway: {' '.join(str(error).split())[:300]}") from error


class _Stay(urllib.request.HTTPRedirectHandler):
    """A gateway that sends elsewhere is not followed: the token is for it alone."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """No other request is made."""


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Stay)


class File:
    """Writes each message into a file of the office's folder; it reaches everybody."""

    name = "file"

    def __init__(self, home: Home) -> None:
        self.folder = home.messages

    def reaches(self, unit: Unit) -> str:
        """The unit's code."""
        return unit.code

    def send(self, to: str, subject: str, text: str) -> None:
        """Write the message."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        name = "".join(c if c.isalnum() or c in "-_" else "_" for c in to)[:80]
        stem = f"{clock.now():%Y%m%dT%H%M%S}-{name}"
        for k in range(1, 1000):
            try:
                with (self.folder / f"{stem}-{k}.txt").open("x", encoding="utf-8") as out:
                    out.write(f"To: {to}\nSubject: {subject}\n\n{text}\n")
                return
            except FileExistsError:
                continue
        raise SendingError(f"{self.folder}: has too many messages of one second")


def of(home: Home) -> list[Sender]:
    """The senders of an office, in the order of its settings. DataError for one that nothing provides."""
    added = _plugins()
    out: list[Sender] = []
    for name in home.senders:
        if name == "email":
            out.append(Email(home))
        elif name == "file":
            out.append(File(home))
        elif name in home.outgoing.gateways:
            out.append(Short(name, home.outgoing.gateways[name], PHONES if name == "sms" else CHAT))
        elif name in added:
            out.append(added[name](home))
        else:
            raise DataError(
                f"senders: nothing provides {name}; give its gateway in a table [{name}] of settings.toml, or install "
                f"a package with the entry point {name} of the group {GROUP}"
            )
    return out


def _plugins() -> Mapping[str, Callable[[Home], Sender]]:
    return {point.name: point.load() for point in entry_points(group=GROUP)}


def choose(unit: Unit, there: list[Sender]) -> tuple[Sender, str] | None:
    """The first sender that reaches a unit, and the address; None where none does."""
    for sender in there:
        if to := sender.reaches(unit):
            return sender, to
    return None
