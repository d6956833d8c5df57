"""Small markets, written from a few lines, and what the stages make of them."""

import csv
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ellwand.production.compile import Compiled, compile_book
from ellwand.production.folder import read_folder
from ellwand.production.method import parse_method
from ellwand.production.observations import Results

PLAIN = """
name = "plain"
version = "1"
[validate]
entry_bound = 0
[validate.systematic]
factors = []
[impute]
ladder = ["source", "ea", "parent", "all"]
[replace]
ladder = ["class_mean"]
[variance]
replicates = 0
[quality]
minimum_units = 0
dominance = 1.0
"""
"""No edits but those that every method has, and everything shown."""

Quote = float | int | str | None | dict[str, Any]
Rows = list[dict[str, Any]]


def weeks(count: int, year: int = 2024, first: int = 1) -> list[str]:
    """Labels of ISO weeks within a year."""
    return [f"{year}-W{w:02d}" for w in range(first, first + count)]


@dataclass
class Outcome:
    """What the stages made of a market."""

    results: Results

    @property
    def compiled(self) -> Compiled:
        return self.results.compiled

    def _rows(self, table: pa.Table, **where: str) -> Rows:
        return [r for r in table.to_pylist() if all(r[k] == v for k, v in where.items())]

    def observations(self, code: str) -> Rows:
        """Rows of a class, in the order of time."""
        return self._rows(self.results.observations(), code=code)

    def column(self, code: str, name: str) -> list[Any]:
        return [row[name] for row in self.observations(code)]

    def index(self, code: str) -> list[Any]:
        return self.column(code, "index")

    def series(self, pair: str) -> Rows:
        """Prices of an item at a unit ('item/unit') by period."""
        item, unit = pair.split("/")
        return self._rows(self.results.prices(), item=item, unit=unit)

    def statuses(self, pair: str) -> list[str]:
        return [row["status"] for row in self.series(pair)]

    def used(self, pair: str) -> list[Any]:
        return [row["price"] for row in self.series(pair)]

    def quotes(self, pair: str | None = None) -> Rows:
        if pair is None:
            return self.results.quotes().to_pylist()
        item, unit = pair.split("/")
        return self._rows(self.results.quotes(), item=item, unit=unit)


@dataclass
class Market:
    """A market. `prices` gives for each pair 'item/unit' a quote a period: a price, None, or a dict with more columns.

    items : item -> elementary aggregate, or a dict of columns; an item that is not named lies in `a`. basket :
    aggregate -> weight, or rows. classes : class -> parent; by default every aggregate lies under the total `0`.
    assignments : pair -> (from, to); pairs that are not named are due throughout; None: no such file.
    """

    prices: dict[str, list[Quote]]
    items: dict[str, Any] = field(default_factory=dict)
    basket: Any = None
    classes: dict[str, str] | None = None
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: Rows | None = None
    assignments: dict[str, tuple[str, str]] | None = field(default_factory=dict)
    closures: list[tuple[str, str]] = field(default_factory=list)
    periods: list[str] | None = None
    currency: str = "CNY"
    correspondence: Rows | None = None

    def labels(self) -> list[str]:
        return self.periods or weeks(max(len(v) for v in self.prices.values()))

    def item_rows(self) -> Rows:
        names = list(dict.fromkeys([*(p.split("/")[0] for p in self.prices), *self.items]))
        out = []
        for name in names:
            given = self.items.get(name, "a")
            given = given if isinstance(given, dict) else {"ea": given}
            out.append({"item": name, "ea": "a", "unit_of_measure": "m"} | given)
        return out

    def tables(self) -> dict[str, Rows]:
        labels, items = self.labels(), self.item_rows()
        leaves = list(dict.fromkeys(i["ea"] for i in items))
        basket = self.basket or {ea: 1 / len(leaves) for ea in leaves}
        if isinstance(basket, dict):
            basket = [{"valid_from": labels[0], "ea": ea, "weight": repr(w)} for ea, w in basket.items()]
        classes = self.classes or {"0": "", **{r["ea"]: "0" for r in basket}, **dict.fromkeys(leaves, "0")}
        names = list(dict.fromkeys([*(p.split("/")[1] for p in self.prices), *self.units]))
        out = {
            "classification.csv": [{"code": c, "parent": p, "name_en": f"class {c}"} for c, p in classes.items()],
            "items.csv": items,
            "units.csv": [{"unit": u} | self.units.get(u, {}) for u in names],
            "basket.csv": basket,
        }
        if self.sources is not None:
            out["sources.csv"] = self.sources
        if self.correspondence is not None:
            out["correspondence.csv"] = self.correspondence
        if self.assignments is not None:
            spans = {pair: self.assignments.get(pair, (labels[0], "")) for pair in [*self.prices, *self.assignments]}
            out["assignments.csv"] = [
                {"item": p.split("/")[0], "unit": p.split("/")[1], "valid_from": a, "valid_to": b}
                for p, (a, b) in spans.items()
            ]
        if self.closures:
            out["closures.csv"] = [{"unit": u, "period": p} for u, p in self.closures]
        number = itertools.count(1)
        out["quotes.csv"] = [
            {"quote": f"q{next(number)}", "period": labels[t], "item": pair.split("/")[0], "unit": pair.split("/")[1]}
            | (quote if isinstance(quote, dict) else {"price": quote})
            for pair, quotes in self.prices.items()
            for t, quote in enumerate(quotes)
            if quote is not None
        ]
        return out

    def write(self, folder: Path, order: Callable[[Rows], Rows] = list) -> Path:
        """Write the folder; order : of the rows of every file."""
        folder.mkdir(parents=True, exist_ok=True)
        about = {"name_zh": "小市场", "name_en": "Small market", "currency": self.currency, "simulated": True}
        (folder / "market.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        for name, rows in self.tables().items():
            columns = list(dict.fromkeys(k for row in rows for k in row))
            with (folder / name).open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, columns)
                writer.writeheader()
                writer.writerows(order(rows))
        return folder


@dataclass
class Bench:
    """Makes and compiles small markets, each in a folder of its own."""

    root: Path
    number: itertools.count = field(default_factory=itertools.count)

    def folder(self) -> Path:
        return self.root / f"m{next(self.number)}"

    def market(self, prices: dict[str, list[Quote]], **more: Any) -> Market:
        return Market(prices, **more)

    def changed(self, market: Market, **more: Any) -> Market:
        return replace(market, **more)

    def write(self, market: Market, order: Callable[[Rows], Rows] = list) -> Path:
        return market.write(self.folder(), order)

    def method(self, change: str = "", of: str = PLAIN) -> Any:
        """The plain method with lines added: each table of `change` replaces the keys of the same name."""
        tables: dict[str, list[str]] = {}
        for text in (of, change):
            name = ""
            for line in text.strip().splitlines():
                if line.startswith("[[") or (line.startswith("[") and line.endswith("]")):
                    name = line if not line.startswith("[[") else f"{line}#{len(tables)}"
                    tables.setdefault(name, [])
                    continue
                key = line.split("=")[0].strip()
                tables.setdefault(name, [])
                tables[name] = [x for x in tables[name] if x.split("=")[0].strip() != key] + [line]
        text = "\n".join("\n".join(([n.split("#")[0]] if n else []) + lines) for n, lines in tables.items())
        return parse_method(text)

    def run(self, market: Market | Path, change: str = "") -> Outcome:
        """Compile a market by the plain method with the tables of `change`."""
        folder = market if isinstance(market, Path) else self.write(market)
        return Outcome(Results.of(compile_book(read_folder(folder), self.method(change))))

    def shipped(self, market: Market | Path, name: str) -> Outcome:
        """Compile a market by a method that ships."""
        from ellwand.production.method import read_method

        folder = market if isinstance(market, Path) else self.write(market)
        return Outcome(Results.of(compile_book(read_folder(folder), read_method(name))))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Makes small markets and compiles them."""
    return Bench(tmp_path_factory.mktemp("markets"))


@pytest.fixture(scope="session")
def plain() -> str:
    """The text of the plain method."""
    return PLAIN


@pytest.fixture(scope="session")
def week() -> Callable[..., list[str]]:
    """Labels of ISO weeks."""
    return weeks
