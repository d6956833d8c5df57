"""A demo of three weeks that is only read, and a program that reads it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo's office."""
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        made = make(tmp_path_factory.mktemp("api") / "office", count=3, items=80, units=40, version="test")
        setup.disconnect("default")
        return Path(made.folder)


@pytest.fixture
def demo(demo_folder: Path, use: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The office of the demo in use, two hours from now, when every release is settled; nobody writes to it."""
    from ellwand.office import clock, setup

    later = datetime.now(UTC) + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    use(demo_folder, "")
    yield demo_folder
    setup.disconnect("default")


@pytest.fixture(autouse=True)
def fresh_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a share of its own: all of them read from one address."""
    from ellwand.web import limits

    monkeypatch.setattr(limits, "_COUNT", limits._Count())


class Program:
    """A program that reads the interfaces."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(SERVER_NAME="localhost")

    def get(self, address: str, status: int = 200, **headers: str) -> Any:
        """An answer, whose status is checked."""
        answer = self.client.get(address, headers=headers)
        assert answer.status_code == status, (address, answer.status_code, answer.content[:600])
        return answer

    def json(self, address: str, **headers: str) -> Any:
        """The content of an answer."""
        answer = self.get(address, **headers)
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        return json.loads(answer.content)

    def problem(self, address: str, status: int, kind: str, field: str) -> dict[str, Any]:
        """What is wrong with a request: of this kind, in this field, in both languages."""
        answer = self.get(address, status)
        assert answer["Content-Type"] == "application/problem+json"
        told: dict[str, Any] = json.loads(answer.content)
        assert told["type"].endswith(f"#{kind}") and told["status"] == status, told
        (error,) = told["errors"]
        assert error["field"] == field and error["rule"] and error["rule_zh"] and error["remedy"] and error["remedy_zh"]
        return told


@pytest.fixture
def program() -> Program:
    """A program without a key."""
    return Program()
