"""One small compiled market for all tests of the report, and readers of the page that is made of it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from ellwand.market import simulate
from ellwand.production.compile import compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import read_method
from ellwand.production.observations import Results
from ellwand.production.report import Background, render

FILES = ("observations.csv", "prices.parquet", "quotes.parquet", "method.toml")


@dataclass(frozen=True)
class Compiled:
    """What a page is made of."""

    observations: pa.Table
    drill: pa.Table
    background: Background

    def page(self, **changes: Any) -> str:
        """The page, after changes of its parts."""
        made = replace(self, **changes)
        return render(made.observations, made.background, drill=made.drill)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    folder = tmp_path_factory.mktemp("market")
    simulate(folder, weeks=60, items=160, units=60, seed=3)
    book, method = read_folder(folder), read_method("careful")
    results = Results.of(compile_book(book, method))
    background = Background(
        market_zh=book.name_zh,
        market_en=book.name_en,
        method=method.method,
        method_digest=method.digest,
        links=tuple(book.periods[r] for r in book.baskets.reference),
        digests=tuple((name, "0" * 64) for name in FILES),
        version="0",
    )
    return Compiled(results.observations(), results.drill(len(book.periods) - 1), background)


@pytest.fixture(scope="session")
def hidden_codes(compiled: Compiled) -> set[str]:
    """Elementary aggregates that are suppressed in the newest issue or the one before, whose quotes no page shows."""
    rows = compiled.observations.to_pylist()
    issues = sorted({row["period"] for row in rows if row["level"] == 0 and row["index"] is not None})[-2:]
    parents = {row["parent"] for row in rows}
    return {
        row["code"]
        for row in rows
        if row["period"] in issues and row["status"] == "suppressed" and row["code"] not in parents
    }


@pytest.fixture(scope="session")
def page(compiled: Compiled) -> str:
    """The page as text."""
    return compiled.page()


@pytest.fixture(scope="session")
def figures() -> Callable[[str], dict[str, Any]]:
    """Reads the figures that a page carries for its script."""

    def read(text: str) -> dict[str, Any]:
        found = re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, re.S)
        assert found, "the page carries no figures"
        return json.loads(found[1])

    return read


@pytest.fixture(scope="session")
def rows() -> Callable[[str, str], list[list[str]]]:
    """Reads the body of a table of a page by the id of its caption: the text of every cell."""

    def read(text: str, name: str) -> list[list[str]]:
        found = re.search(rf'<table><caption id="{re.escape(name)}">.*?</table>', text, re.S)
        assert found, f"the page has no table {name}"
        table = ElementTree.fromstring(found[0])
        return [["".join(cell.itertext()).strip() for cell in row] for row in table.findall("tbody/tr")]

    return read


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, page: str) -> Path:
    """The page as a file."""
    target = tmp_path_factory.mktemp("report") / "report.html"
    target.write_text(page, encoding="utf-8")
    return target
