"""What settings.toml says of messages that leave the office: the site's address, the mail server, gateways. Pure.

site = "https://office.example"     the address that links in messages begin with

[mail]                              the server that takes e-mails
host = "mail.example"
port = 587
sender = "index@office.example"
user = "index"
password = "..."
security = "starttls"               or "tls", "none"

[sms]                               a gateway that takes messages as JSON by POST; the same for [chat]
url = "https://gateway.example/send"
token = "..."                       sent as Authorization: Bearer
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from ellwand.engine.errors import DataError

SECURITY: Final = ("starttls", "tls", "none")
LOCAL: Final = ("localhost", "127.0.0.1", "::1")
PORT: Final = 8765
"""Where `ellwand serve` answers unless told otherwise."""
GATEWAYS: Final = ("sms", "chat")


@dataclass(frozen=True)
class Mail:
    """The mail server. security : starttls, tls or none."""

    host: str = "localhost"
    port: int = 25
    sender: str = "ellwand@localhost"
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "none"


@dataclass(frozen=True)
class Gateway:
    """A gateway for short messages: {"to": ..., "text": ...} as JSON by POST; any answer of 2xx means taken."""

    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Outgoing:
    """How messages leave the office. site : address of the office's site, without a stroke at its end."""

    site: str
    mail: Mail = field(default_factory=Mail)
    gateways: Mapping[str, Gateway] = field(default_factory=dict)


def read(where: str, given: Mapping[str, Any], hosts: tuple[str, ...]) -> Outgoing:
    """What the settings say. where : of the file, for errors. DataError names the setting that is wrong."""
    plain = f"http://{hosts[0]}:{PORT}" if hosts[0] in LOCAL else f"https://{hosts[0]}"
    site = given.get("site", plain)
    parts = urlsplit(site if isinstance(site, str) else "")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.path.strip("/"):
        raise DataError(f"{where}, site: {site!r}; write it as https://office.example")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise DataError(f"{where}, site: {site!r}; links are sent with https, so that nobody on the way reads them")
    gateways = {name: _gateway(where, name, given[name]) for name in GATEWAYS if name in given}
    return Outgoing(site.rstrip("/"), _mail(where, given["mail"]) if "mail" in given else Mail(), gateways)


def _table(where: str, name: str, given: Any, known: Mapping[str, type], needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise DataError(f"{where}, {name}: is {given!r}; write a table [{name}]")
    for key, value in given.items():
        if key not in known:
            raise DataError(f"{where}, {name}.{key}: no such setting; there are {', '.join(sorted(known))}")
        if not isinstance(value, known[key]) or isinstance(value, bool):
            raise DataError(f"{where}, {name}.{key}: is {value!r}; it must be a {known[key].__name__}")
    for key in needed:
        if not given.get(key):
            raise DataError(f"{where}, {name}.{key}: missing")
    return given


def _mail(where: str, given: Any) -> Mail:
    known = {"host": str, "port": int, "sender": str, "user": str, "password": str, "security": str}
    made = Mail(**{"security": "starttls", "port": 587, **_table(where, "mail", given, known, ("host", "sender"))})
    if made.security not in SECURITY:
        raise DataError(f"{where}, mail.security: {made.security!r}; write {', '.join(SECURITY)}")
    if not 0 < made.port < 65536:
        raise DataError(f"{where}, mail.port: {made.port}; it is 1 to 65535")
    if "@" not in made.sender or not made.sender.isprintable():
        raise DataError(f"{where}, mail.sender: {made.sender!r} is no address")
    return made


def _gateway(where: str, name: str, given: Any) -> Gateway:
    made = Gateway(**_table(where, name, given, {"url": str, "token": str}, ("url",)))
    parts = urlsplit(made.url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise DataError(f"{where}, {name}.url: {made.url!r}; write an address with https")
    return made
