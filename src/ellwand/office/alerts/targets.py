"""Webhooks: where a message may go, how it is signed, and the one request that brings it.

A message goes to public addresses only. The name is looked up once, every address that it has must be public, and the
connection is made to one of those, so that no second look-up can lead elsewhere; the certificate must be of the name.
Redirects are not followed. The signature is that of Standard Webhooks: HMAC-SHA256 over id, time and body.
"""

import base64
import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import re
import secrets
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from ellwand.engine.errors import DataError

PORTS = (443, 8443)
TIMEOUT = 10.0
"""Seconds for every step of a request."""
DEADLINE = 20.0
"""Seconds for the whole of it."""
LARGEST = 4096
"""Bytes of an answer that are read."""
LONGEST = 500
PREFIX = "whsec_"
NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


class TargetError(DataError):
    """A target that no message may go to, or that did not take one. gone : it says that it wants no more."""

    def __init__(self, why: str, *, gone: bool = False) -> None:
        super().__init__(why)
        self.gone = gone


@dataclass(frozen=True)
class Target:
    """Where a webhook goes. path : with its query."""

    host: str
    port: int
    path: str

    @property
    def address(self) -> str:
        """The whole address, in one form."""
        port = "" if self.port == 443 else f":{self.port}"
        return f"https://{self.host}{port}{self.path}"


def read(address: str) -> Target:
    """A target from its address. TargetError names what is wrong: only https, names and not numbers, no credentials."""
    given = address.strip()
    try:
        parts = urlsplit(given)
        port = parts.port or 443
        host = (parts.hostname or "").encode("idna").decode().lower()
    except (ValueError, UnicodeError) as error:
        raise TargetError(f"address {given[:80]!r}: is no address of the web") from error
    if len(given) > LONGEST or not given.isprintable() or " " in given or "\\" in given:
        raise TargetError(f"address {given[:80]!r}: write it without blanks, in {LONGEST} characters at most")
    if parts.scheme != "https":
        raise TargetError(f"address {given[:80]!r}: messages go by https only")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise TargetError(f"address {given[:80]!r}: holds a user, a password or a fragment; leave them out")
    if port not in PORTS:
        raise TargetError(f"address {given[:80]!r}: port {port}; there are {', '.join(map(str, PORTS))}")
    if not NAME.fullmatch(host):
        raise TargetError(f"address {given[:80]!r}: write the full name of a public server, not a number")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise TargetError(f"address {given[:80]!r}: write letters beyond ASCII as %-codes")
    return Target(host, port, path)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name. TargetError for a name that has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetError(f"{host}: has no address") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public net: not private, local, shared, reserved or multicast, in any dress."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner)) and (found.ipv4_mapped is not None or found.is_global)
    if found.version == 6 and found.is_site_local:
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def context() -> ssl.SSLContext:
    """How the other side is known: by a certificate of its name."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


class _Pinned(http.client.HTTPSConnection):
    """A connection to an address that was looked at already; the certificate is held against the name."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT, context=context())
        self.pinned = address
        self.plain: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address, and speak TLS with the name."""
        self.plain = socket.create_connection((self.pinned, self.port), TIMEOUT)
        self.sock = self._context.wrap_socket(self.plain, server_hostname=self.host)  # type: ignore[attr-defined]

    def cut(self) -> None:
        """End it, whatever the other side is doing."""
        for held in (self.sock, self.plain):
            if held is not None:
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_RDWR)


def post(target: Target, body: bytes, headers: dict[str, str]) -> bytes:
    """Bring a message: the beginning of the answer. TargetError unless the other side took it (2xx)."""
    addresses = resolve(target.host, target.port)
    if not addresses or not all(is_public(a) for a in addresses):
        # What the name leads to is not told: it would map a net that the asker can't see.
        raise TargetError(f"{target.host}: does not lead to public addresses only; no message goes there")
    connection = _Pinned(target, addresses[0])
    # Each step has its own limit; one who answers letter by letter meets that of the whole.
    watch = threading.Timer(DEADLINE, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        said = answer.read(LARGEST)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise TargetError(f"{target.host}: {type(error).__name__}") from error
    finally:
        watch.cancel()
        connection.close()
    if not 200 <= answer.status < 300:
        raise TargetError(f"{target.host}: answered {answer.status}", gone=answer.status == 410)
    return said


def new_secret() -> str:
    """A secret for the messages to one target."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def signature(secret: str, id_: str, timestamp: int, body: bytes) -> str:
    """The signature of a message: `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64.

    Source: Standard Webhooks, symmetric signatures.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.new(key, f"{id_}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def headers(secret: str, id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that let the other side check who sent a message, and when."""
    return {
        "webhook-id": id_, "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, id_, timestamp, body), "User-Agent": "Ellwand-Webhooks/1",
    }  # fmt: skip
