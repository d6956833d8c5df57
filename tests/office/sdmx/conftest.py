"""Offices whose figures are read as SDMX."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("pysdmx", reason="the packages of the extra sdmx are not installed")

ROOT = "/sdmx/v2/"
Get = Callable[..., Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        yield make(tmp_path_factory.mktemp("sdmx") / "office", count=3, items=80, units=40, version="test")
        setup.disconnect("default")


@pytest.fixture
def get() -> Get:
    """An answer below /sdmx/v2/, for an Accept header."""
    from django.test import Client

    def ask(path: str, accept: str = "*/*", status: int = 200, **headers: str) -> Any:
        given = {f"HTTP_{k}": v for k, v in headers.items()}
        answer = Client(SERVER_NAME="localhost").get(ROOT + path.lstrip("/"), HTTP_ACCEPT=accept, **given)
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer

    return ask
