"""The registers of a market's folder, as rows and problems. Pure: no database.

The layout is that of `ellwand compile`. Every row is good or has a problem; a row that leans on a refused one is
refused with it.
"""

import csv
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.formulas.catalogue import suggest
from ellwand.office.registry.problems import Problem

Row = dict[str, str]

FILES: Mapping[str, tuple[str, ...]] = {
    "classification.csv": ("code", "parent"),
    "correspondence.csv": ("old", "new"),
    "sources.csv": ("source",),
    "units.csv": ("unit",),
    "items.csv": ("item", "ea", "unit_of_measure"),
    "assignments.csv": ("unit", "item", "valid_from"),
    "closures.csv": ("unit", "period"),
    "basket.csv": ("valid_from", "ea", "weight"),
}
"""The files of registers and the columns that each must have."""

NEEDED = ("classification.csv", "units.csv", "items.csv", "basket.csv")
SUM = Decimal("1e-9")
"""How far from 1 the weights of a basket may sum, for each class."""

LONG = 200
"""Characters that a field may have, names apart."""


@dataclass
class Registers:
    """What a folder holds. market : its description. rows : good rows by file. problems : of the others."""

    market: dict[str, Any]
    rows: dict[str, list[Row]]
    refused: dict[str, int]
    problems: list[Problem] = field(default_factory=list)


def read_registers(directory: str | Path) -> Registers:
    """The registers of a folder. DataError where the folder or a whole file can't be read."""
    folder = Path(directory)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of a market")
    out = Registers(_market(folder), {}, {})
    given: dict[str, list[tuple[int, Row]]] = {}
    for name in FILES:
        given[name] = _rows(folder, name, out.problems)
    bad: dict[str, set[int]] = {name: {p.row for p in out.problems if p.file == name} for name in FILES}

    def refuse(name: str, row: int, column: str, said: str) -> None:
        bad[name].add(row)
        out.problems.append(Problem(name, row, column, said))

    for name, columns in {"sources.csv": ("source",), "units.csv": ("unit",), "items.csv": ("item",),
                          "classification.csv": ("code",), "correspondence.csv": ("old", "new"),
                          "assignments.csv": ("unit", "item", "valid_from"), "closures.csv": ("unit", "period"),
                          "basket.csv": ("valid_from", "ea")}.items():  # fmt: skip
        _unique(name, columns, given[name], bad[name], refuse)
    _tree(given["classification.csv"], bad["classification.csv"], refuse)

    def good(name: str) -> list[Row]:
        return [row for k, row in given[name] if k not in bad[name]]

    classes = {r["code"] for r in good("classification.csv")}
    leaves = classes - {r["parent"] for r in good("classification.csv")}
    _known("correspondence.csv", "new", classes, given, bad, refuse)
    renamed = {r["old"] for r in good("correspondence.csv")}
    _known("items.csv", "ea", leaves | renamed, given, bad, refuse)
    if given["sources.csv"]:
        _known("units.csv", "source", {r["source"] for r in good("sources.csv")} | {""}, given, bad, refuse)
    for name in ("assignments.csv", "closures.csv"):
        _known(name, "unit", {r["unit"] for r in good("units.csv")}, given, bad, refuse)
    _known("assignments.csv", "item", {r["item"] for r in good("items.csv")}, given, bad, refuse)
    _known("items.csv", "replaces", {r["item"] for r in good("items.csv")} | {""}, given, bad, refuse)
    for name in ("units.csv", "items.csv", "assignments.csv", "classification.csv"):
        _ordered(name, given[name], bad[name], refuse)
    _baskets(given["basket.csv"], leaves | renamed, bad["basket.csv"], refuse)
    out.rows = {name: good(name) for name in FILES}
    out.refused = {name: len(given[name]) - len(out.rows[name]) for name in FILES}
    order = list(FILES)
    out.problems.sort(key=lambda p: (order.index(p.file), p.row))
    return out


def _market(folder: Path) -> dict[str, Any]:
    path = folder / "market.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError("market.json: not there; write it with name_zh, name_en, currency and simulated") from error
    except ValueError as error:
        raise DataError(f"market.json: no JSON: {error}") from error
    for key, kind in (("name_zh", str), ("name_en", str), ("currency", str), ("simulated", bool)):
        if not isinstance(found, dict) or not isinstance(found.get(key), kind):
            raise DataError(f"market.json: {key} must be there and be a {kind.__name__}")
    if found.get("complete") is False:
        raise DataError("market.json: complete is false: the folder was left half written; write it again")
    currency = found["currency"]
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise DataError(f"market.json: currency is {currency!r}; write its code of three letters, as CNY")
    return dict(found)


def _rows(folder: Path, name: str, problems: list[Problem]) -> list[tuple[int, Row]]:
    """The rows of a file with their numbers. DataError where the file or its header is no use."""
    path = folder / name
    if not path.is_file():
        if name in NEEDED:
            raise DataError(f"{name}: not there; it needs the columns {', '.join(FILES[name])}")
        return []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise DataError(f"{name} line {reader.line_num}: no CSV: {error}") from error
    header = [c.strip() for c in lines[0]] if lines else []
    for column in FILES[name]:
        if column not in header:
            raise DataError(f"{name}: no column {column!r}; {suggest(column, header)}")
    if len(set(header)) != len(header):
        twice = next(c for c in header if header.count(c) > 1)
        raise DataError(f"{name}: column {twice!r} stands twice; keep one of them")
    out = []
    for number, line in enumerate(lines[1:], start=1):
        row = dict(zip(header, line, strict=False))
        row.pop("simulated", None)
        out.append((number, {k: v.strip() for k, v in row.items()}))
        if len(line) != len(header):
            problems.append(Problem(name, number, "", f"has {len(line)} fields; the header has {len(header)}"))
            out[-1] = (number, {k: row.get(k, "").strip() for k in header if k != "simulated"})
            continue
        for column, value in row.items():
            if len(value) > LONG and not column.startswith("name"):
                problems.append(Problem(name, number, column, f"has {len(value)} characters; at most {LONG}"))
            elif "\x00" in value:
                problems.append(Problem(name, number, column, "holds a character without meaning (NUL); take it out"))
    return out


def _unique(name: str, columns: tuple[str, ...], rows: list[tuple[int, Row]], bad: set[int], refuse: Any) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for number, row in rows:
        if number in bad:
            continue
        key = tuple(row[c] for c in columns)
        empty = [c for c in columns if not row[c] and (name, c) != ("assignments.csv", "valid_from")]
        if empty:
            refuse(name, number, empty[0], "empty; every row needs one")
        elif key in seen:
            refuse(name, number, columns[0], f"{' '.join(key)} stands in row {seen[key]} already; keep one of them")
        else:
            seen[key] = number
            if any(len(part) > 60 for part in key):
                refuse(name, number, columns[0], "has more than 60 characters; give a shorter code")


def _tree(rows: list[tuple[int, Row]], bad: set[int], refuse: Any) -> None:
    """Refuse classes whose parent is refused or unknown, from the top down, and those that lie in a circle."""
    name = "classification.csv"
    todo = {row["code"]: (number, row["parent"]) for number, row in rows if number not in bad}
    placed: set[str] = set()
    while ready := [c for c, (_, parent) in todo.items() if not parent or parent in placed]:
        placed |= set(ready)
        for code in ready:
            del todo[code]
    for _, (number, parent) in todo.items():
        known = parent in todo
        refuse(name, number, "parent", f"{parent!r} is " + ("refused or in a circle" if known else "no class"))


def _known(
    name: str, column: str, codes: Collection[str], given: dict[str, list[tuple[int, Row]]],
    bad: dict[str, set[int]], refuse: Any,
) -> None:  # fmt: skip
    for number, row in given[name]:
        value = row.get(column, "")
        if number not in bad[name] and value not in codes:
            near = suggest(value, [c for c in list(codes)[:2000] if c])
            refuse(name, number, column, f"{value!r} is in no register, or its row was refused; {near}")


def _ordered(name: str, rows: list[tuple[int, Row]], bad: set[int], refuse: Any) -> None:
    for number, row in rows:
        start, stop = row.get("valid_from", ""), row.get("valid_to", "")
        if number not in bad and start and stop and natural_key(stop) < natural_key(start):
            refuse(name, number, "valid_to", f"{stop} lies before valid_from {start}; correct one")


def _baskets(rows: list[tuple[int, Row]], leaves: Collection[str], bad: set[int], refuse: Any) -> None:
    """A basket is taken in as a whole or not at all: without one of its weights the others are wrong."""
    name = "basket.csv"
    groups: dict[str, list[tuple[int, Row]]] = {}
    for number, row in rows:
        groups.setdefault(row["valid_from"], []).append((number, row))
    for start, group in groups.items():
        total = Decimal(0)
        for number, row in group:
            if number in bad:
                continue
            try:
                weight = Decimal(row["weight"])
            except InvalidOperation:
                weight = Decimal("NaN")
            if not weight.is_finite() or weight < 0:
                refuse(name, number, "weight", f"{row['weight']!r}: must be a number, 0 or above")
                continue
            if row["ea"] not in leaves:
                refuse(name, number, "ea", f"{row['ea']!r} is no elementary aggregate; {suggest(row['ea'], leaves)}")
                continue
            total += weight
        wrong = [number for number, _ in group if number in bad]
        fresh = [number for number, _ in group if number not in bad]
        if wrong:
            said = f"the basket of {start} is refused with its row {wrong[0]}"
        elif abs(total - 1) > SUM * len(group):
            said = f"the weights of the basket of {start} sum to {total:.10g}; they must sum to 1"
        else:
            continue
        for number in fresh:
            refuse(name, number, "weight", said)
