"""What the tests of the site share: a small demo, and a reader without a script."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

LANGUAGES = (("zh", "/"), ("en", "/en/"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A demo of three released weeks, the office of the module."""
    from ellwand.office import setup
    from ellwand.office.demo.make import make

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        made = make(tmp_path_factory.mktemp("site") / "office", count=3, items=80, units=40, version="test")
        yield made
        setup.disconnect("default")


@pytest.fixture
def get() -> Any:
    """A reader: a function from an address to its answer."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    return client.get


@pytest.fixture
def served(demo: Any, serve: Any) -> Any:
    """The demo as a server answers for it."""
    environment = {**os.environ, "ELLWAND_DIR": str(demo.folder)}
    return serve(SimpleNamespace(environment=environment, home=SimpleNamespace(path=Path(demo.folder))))
