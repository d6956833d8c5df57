"""Subscribers, mail in files, and a webhook that listens on this machine under a public name."""

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

HOST = "hook.example.org"
LONG_AGO = datetime(2021, 12, 1, tzinfo=UTC)


@pytest.fixture
def in_files(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Have mail written into files; a function that gives all that was written, the oldest first."""
    from ellwand.office import setup

    def use() -> list[str]:
        home = setup.current()
        if "email" in home.senders:
            setup._used[:] = [replace(home, senders=("file",))]
        folder = setup.current().messages
        found = sorted(folder.glob("*.txt"), key=lambda p: p.stat().st_mtime_ns) if folder.is_dir() else []
        return [p.read_text(encoding="utf-8") for p in found]

    return use


@pytest.fixture
def subscribed() -> Callable[..., Any]:
    """Somebody who asked long ago: a function of address and wishes (topic, series, measure, way, level)."""
    from ellwand.office.alerts.models import Subscriber, Subscription

    def make(address: str, *wishes: tuple[Any, ...], kind: str = "email", language: str = "zh") -> Any:
        from ellwand.office.alerts import targets

        one = Subscriber(
            kind=kind, address=address, language=language, key=address, asked_at=LONG_AGO, confirmed_at=LONG_AGO,
            secret=targets.new_secret() if kind == "webhook" else "",
        )  # fmt: skip
        one.save()
        for given in wishes:
            names = ("topic", "series", "measure", "way", "level")
            Subscription(subscriber=one, at=LONG_AGO, **dict(zip(names, given, strict=False))).save()
        return one

    return make


@dataclass
class Hook:
    """A webhook. got : requests with headers and body. answers : status and body of the next ones, then 200."""

    port: int
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.port}/in?x=1"


def certificate(folder: Path, name: str) -> Path:
    """A certificate of a name, signed by itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A listening webhook, to which the name of a public server leads."""
    from ellwand.office.alerts import targets

    made = Hook(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status, said = made.answers.pop(0) if made.answers else (200, body)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "https://127.0.0.1/secret")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    pem = certificate(tmp_path, HOST)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    how = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    how.load_cert_chain(pem)
    server.socket = how.wrap_socket(server.socket, server_side=True)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    trusting = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr(targets, "PORTS", (443, made.port))
    monkeypatch.setattr(targets, "resolve", lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(targets, "is_public", lambda address: True)
    monkeypatch.setattr(targets, "context", lambda: trusting)
    yield made
    server.shutdown()
    server.server_close()
