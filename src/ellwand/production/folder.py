"""Reading the folder of a market into a book: registers, basket, assignments, closures and quotes.

`docs/compile.md` describes the layout. Every wrong row is named; nothing is guessed.
"""

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ellwand.engine.cells import encode, numbers
from ellwand.engine.classification import Classification
from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key, text_of
from ellwand.engine.source import need, open_source
from ellwand.formulas.catalogue import suggest
from ellwand.production.book import NONE, Baskets, Book, Codes, Mask, Register

SUM = 1e-9
"""How far from 1 the weights of a basket may sum; a basket that gives another total is scaled only if it says so."""

TEXT = ("code", "parent", "item", "unit", "source", "ea", "replaces", "quote", "period", "valid_from", "valid_to")
"""Columns that are read as text whatever they look like: 1.10 is not 1.1, and 007 is not 7."""


def read_folder(directory: str | Path) -> Book:
    """The book of a market's folder. DataError or ValueError names file, row, field, value, rule and remedy."""
    folder = Path(directory)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of a market (see docs/compile.md)")
    description = _description(folder)
    classes = _register(folder, "classification.csv", "code", ("code", "parent"))
    classification = Classification.from_parents(classes.table)
    items = _register(folder, "items.csv", "item", ("item", "ea", "unit_of_measure"))
    units = _register(folder, "units.csv", "unit", ("unit",))
    sources = _register(folder, "sources.csv", "source", ("source",), needed=False)
    leaf_at = {code: i for i, code in enumerate(classification.leaves)}
    for row, ea in enumerate(items.column("ea"), start=1):
        if ea not in leaf_at:
            kind = "a class above the elementary aggregates" if ea in classification.position else "no class"
            raise DataError(f"items.csv row {row}, field ea: {ea!r} is {kind}; " + suggest(ea, leaf_at))
    quotes = _quotes(folder)
    assignments = _table(folder, "assignments.csv", ("unit", "item", "valid_from"), needed=False)
    periods = _calendar(quotes, assignments)
    return _book(
        folder, description, periods, classification, classes, items, units, sources, quotes, assignments, leaf_at
    )


def _description(folder: Path) -> dict[str, Any]:
    """market.json: name_zh, name_en, currency, simulated."""
    path = folder / "market.json"
    if not path.is_file():
        raise DataError(f"{path.name}: not there; write it with name_zh, name_en, currency and simulated")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path.name}: no JSON: {error}") from error
    if not isinstance(found, dict):
        raise DataError(f"{path.name}: must hold one object with name_zh, name_en, currency and simulated")
    for key, kind in (("name_zh", str), ("name_en", str), ("currency", str), ("simulated", bool)):
        if not isinstance(found.get(key), kind):
            raise DataError(f"{path.name}: {key} is {found.get(key)!r}; it must be a {kind.__name__}")
    if found.get("complete") is False:
        raise DataError(f"{path.name}: complete is false: the folder was left half written; write it again")
    return found


def _table(folder: Path, name: str, columns: tuple[str, ...], *, needed: bool = True) -> pa.Table | None:
    path = folder / name
    if not path.is_file():
        if needed:
            raise DataError(f"{name}: not there; it needs the columns {', '.join(columns)}")
        return None
    source = open_source(path, text_columns=TEXT)
    for column in columns:
        if column not in source.columns:
            raise DataError(f"{name}: no column {column!r}; " + suggest(column, source.columns))
    return source.arrow(source.columns)


def _register(folder: Path, name: str, code: str, columns: tuple[str, ...], *, needed: bool = True) -> Register:
    table = _table(folder, name, columns, needed=needed)
    if table is None:
        return Register(pa.table({code: pa.array([], pa.string())}), code, {})
    at: dict[str, int] = {}
    for row, value in enumerate(table[code].to_pylist()):
        if value is None or value == "":
            raise DataError(f"{name} row {row + 1}, field {code}: empty; every row needs a code")
        if value in at:
            raise DataError(f"{name} rows {at[value] + 1} and {row + 1}, field {code}: {value} stands twice")
        at[value] = row
    return Register(table, code, at)


def _quotes(folder: Path) -> pa.Table:
    """All quotes, in the order of the files and rows."""
    path = folder / "quotes"
    if not path.is_dir():
        path = next((folder / n for n in ("quotes.parquet", "quotes.csv") if (folder / n).is_file()), path)
    if not path.exists():
        raise DataError("quotes: not there; write quotes.csv, quotes.parquet or a folder quotes/ of such files")
    source = open_source(path, text_columns=TEXT)
    for column in ("period", "unit", "item", "price"):
        need(source.columns, column, column)
    table = source.arrow(source.columns).combine_chunks()
    if not table.num_rows:
        raise DataError("quotes: no row; nothing can be compiled")
    for column in ("period", "unit", "item"):
        if table[column].null_count:
            row = int(np.flatnonzero(pc.is_null(table[column]).to_numpy(zero_copy_only=False))[0]) + 1
            raise DataError(f"quotes row {row}, field {column}: empty; every quote needs one")
    return table


def _calendar(quotes: pa.Table, assignments: pa.Table | None) -> tuple[str, ...]:
    """The periods from the first to the last quote, without gaps where weeks, months or quarters can be counted."""
    _, labels = encode(quotes["period"], is_period=True)
    texts = [text_of(label) for label in labels.to_pylist()]
    return fill(texts)


def fill(texts: list[str]) -> tuple[str, ...]:
    """Consecutive periods from the first to the last: ISO weeks (with week 53), months or quarters; else as given."""
    if all("-W" in t for t in texts):
        try:
            days = [date.fromisocalendar(int(t[:4]), int(t.split("-W")[1]), 1) for t in texts]
        except ValueError as error:
            raise DataError(f"quotes, field period: {error}; write an ISO week as 2024-W05") from error
        count = (days[-1] - days[0]).days // 7 + 1
        weeks = [(days[0] + timedelta(weeks=k)).isocalendar() for k in range(count)]
        return tuple(f"{w.year}-W{w.week:02d}" for w in weeks)
    for mark, parts in (("-Q", 4), ("-", 12)):
        pieces = [t.split(mark) for t in texts]
        if all(len(p) == 2 and p[0].isdigit() and p[1].isdigit() and 1 <= int(p[1]) <= parts for p in pieces):
            number = [int(a) * parts + int(b) - 1 for a, b in pieces]
            style = "{}-Q{}" if mark == "-Q" else "{}-{:02d}"
            return tuple(style.format(n // parts, n % parts + 1) for n in range(number[0], number[-1] + 1))
    return tuple(texts)


def _positions(values: list[str], at: dict[str, int], where: str, field: str) -> Codes:
    """Register positions of codes. DataError for a code that is not there."""
    found = np.array([at.get(v, NONE) for v in values], dtype=np.intp)
    bad = np.flatnonzero(found == NONE)
    if len(bad):
        row, value = int(bad[0]) + 1, values[int(bad[0])]
        raise DataError(
            f"{where} row {row}, field {field}: {value!r} is in no register"
            + (f" ({len(bad)} such rows)" if len(bad) > 1 else "")
            + "; "
            + suggest(value, list(at)[:2000])
        )
    return found


def _coded(column: Any, at: dict[str, int], where: str, field: str) -> Codes:
    """The same for a long column, by its distinct values."""
    codes, labels = encode(column)
    texts = [str(v) for v in labels.to_pylist()]
    unknown = [i for i, v in enumerate(texts) if v not in at]
    if unknown:
        rows = np.flatnonzero(np.isin(codes, unknown))
        value = texts[int(codes[rows[0]])]
        raise DataError(
            f"{where} row {int(rows[0]) + 1}, field {field}: {value!r} is in no register ({len(rows)} such rows); "
            + suggest(value, list(at)[:2000])
        )
    return np.array([at[v] for v in texts], dtype=np.intp)[codes]


def _spans(table: pa.Table, periods: tuple[str, ...]) -> tuple[Codes, Codes]:
    """First and last period (both included) of rows with valid_from and valid_to; an empty valid_to is the last."""
    keys = [natural_key(p) for p in periods]

    def first(text: Any) -> int:
        key = natural_key(text_of(text)) if text not in (None, "") else keys[0]
        return next((t for t, k in enumerate(keys) if k >= key), len(keys))

    def last(text: Any) -> int:
        if text in (None, ""):
            return len(keys) - 1
        key = natural_key(text_of(text))
        return max((t for t, k in enumerate(keys) if k <= key), default=-1)

    known_first: dict[Any, int] = {}
    known_last: dict[Any, int] = {}
    starts = table["valid_from"].to_pylist()
    ends = table["valid_to"].to_pylist() if "valid_to" in table.column_names else [None] * table.num_rows
    for text in set(starts):
        known_first[text] = first(text)
    for text in set(ends):
        known_last[text] = last(text)
    return (
        np.array([known_first[s] for s in starts], dtype=np.intp),
        np.array([known_last[e] for e in ends], dtype=np.intp),
    )


def _book(
    folder: Path,
    description: dict[str, Any],
    periods: tuple[str, ...],
    classification: Classification,
    classes: Register,
    items: Register,
    units: Register,
    sources: Register,
    quotes: pa.Table,
    assignments: pa.Table | None,
    leaf_at: dict[str, int],
) -> Book:
    T, n_units = len(periods), max(len(units.at), 1)
    at_period = {p: t for t, p in enumerate(periods)}
    codes, labels = encode(quotes["period"])
    period = np.array([at_period[text_of(v)] for v in labels.to_pylist()], dtype=np.intp)[codes]
    q_item = _coded(quotes["item"], items.at, "quotes", "item")
    q_unit = _coded(quotes["unit"], units.at, "quotes", "unit")
    price = numbers(quotes, "price", "price")
    price = np.where(pc.is_null(quotes["price"]).to_numpy(zero_copy_only=False), np.nan, price)
    keys = q_item * n_units + q_unit
    assigned = np.zeros(0, dtype=np.intp)
    if assignments is not None:
        a_item = _positions([str(v) for v in assignments["item"].to_pylist()], items.at, "assignments.csv", "item")
        a_unit = _positions([str(v) for v in assignments["unit"].to_pylist()], units.at, "assignments.csv", "unit")
        assigned = a_item * n_units + a_unit
    ea = np.array([leaf_at[e] for e in items.column("ea")], dtype=np.intp)
    found = np.unique(np.concatenate([keys, assigned]))
    # Sorted by elementary aggregate, then item, so that the sums of a class run over neighbours.
    found = found[np.lexsort((found, ea[found // n_units]))]
    order = np.argsort(found)
    series = order[np.searchsorted(found[order], keys)]
    item, unit = found // n_units, found % n_units
    S = len(found)
    row = np.full((S, T), NONE, dtype=np.int64)
    cell = series * T + period
    _refuse_twice(quotes, cell)
    row.ravel()[cell] = np.arange(len(cell))
    P = np.full((S, T), np.nan)
    P.ravel()[cell] = price
    due = np.zeros((S, T), dtype=bool)
    if assignments is not None:
        start, stop = _spans(assignments, periods)
        rows = order[np.searchsorted(found[order], assigned)]
        np.add.at(steps := np.zeros((S, T + 1), dtype=np.int32), (rows, np.minimum(start, T)), 1)
        np.add.at(steps, (rows, np.maximum(stop + 1, np.minimum(start, T))), -1)
        due = np.cumsum(steps, axis=1)[:, :T] > 0
    else:
        seen = row != NONE
        due = np.maximum.accumulate(seen, axis=1) & np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
    return Book(
        name_zh=description["name_zh"],
        name_en=description["name_en"],
        currency=description["currency"],
        simulated=description["simulated"],
        periods=periods,
        classification=classification,
        classes=classes,
        items=items,
        units=units,
        sources=sources,
        baskets=_baskets(folder, periods, leaf_at),
        quotes=quotes,
        item=item,
        unit=unit,
        aggregate=ea[item],
        before=_before(items, item, unit),
        row=row,
        price=P,
        due=due,
        closed=_closed(folder, units, unit, at_period),
        digests=tuple(_digests(folder)),
    )


def _refuse_twice(quotes: pa.Table, cell: Codes) -> None:
    order = np.argsort(cell, kind="stable")
    again = np.flatnonzero(cell[order][1:] == cell[order][:-1])
    if len(again):
        a, b = sorted((int(order[again[0]]), int(order[again[0] + 1])))
        one = quotes.slice(b, 1).to_pylist()[0]
        raise DataError(
            f"quotes rows {a + 1} and {b + 1}: item {one['item']} at unit {one['unit']} stands twice in period "
            f"{one['period']} ({len(again)} such rows); keep the valid version of each quote"
        )


def _before(items: Register, item: Codes, unit: Codes) -> Codes:
    """The series of the replaced item at the same unit. DataError for replacements that run in a circle."""
    replaced = items.column("replaces")
    old = np.full(len(replaced), NONE, dtype=np.intp)
    for k, code in enumerate(replaced):
        if not code:
            continue
        if code not in items.at:
            raise DataError(f"items.csv row {k + 1}, field replaces: {code!r} is no item; " + suggest(code, items.at))
        if items.at[code] == k:
            raise DataError(
                f"items.csv row {k + 1}, field replaces: {code!r} replaces itself; a new item needs a new code"
            )
        old[k] = items.at[code]
    walk = old.copy()
    for _ in range(len(replaced)):
        if (walk == NONE).all():
            break
        walk = np.where(walk != NONE, old[walk], NONE)
    else:
        if (walk != NONE).any():
            k = int(np.flatnonzero(walk != NONE)[0])
            raise DataError(f"items.csv row {k + 1}, field replaces: {replaced[k]!r} lies in a circle of replacements")
    n = int(unit.max()) + 1 if len(unit) else 1
    at = {int(k): s for s, k in enumerate((item * n + unit).tolist())}
    wanted = np.where(old[item] != NONE, old[item] * n + unit, NONE)
    return np.array([at.get(int(w), NONE) if w != NONE else NONE for w in wanted.tolist()], dtype=np.intp)


def _closed(folder: Path, units: Register, unit: Codes, at_period: dict[str, int]) -> Mask:
    table = _table(folder, "closures.csv", ("unit", "period"), needed=False)
    shut = np.zeros((max(len(units.at), 1), len(at_period)), dtype=bool)
    if table is not None and table.num_rows:
        who = _coded(table["unit"], units.at, "closures.csv", "unit")
        when = [at_period.get(text_of(p), NONE) for p in table["period"].to_pylist()]
        at = np.asarray(when, dtype=np.intp)
        shut[who[at != NONE], at[at != NONE]] = True
    return np.asarray(shut[unit])


def _baskets(folder: Path, periods: tuple[str, ...], leaf_at: dict[str, int]) -> Baskets:
    """DataError for weights that are negative, do not sum to 1, or belong to no elementary aggregate."""
    table = _table(folder, "basket.csv", ("valid_from", "ea", "weight"))
    assert table is not None
    if not table.num_rows:
        raise DataError("basket.csv: no row; every elementary aggregate needs a weight")
    given = numbers(table, "weight", "weight")
    empty = pc.is_null(table["weight"]).to_numpy(zero_copy_only=False)
    reference = table["price_reference"].to_pylist() if "price_reference" in table.column_names else None
    groups: dict[str, dict[int, float]] = {}
    priced: dict[str, str] = {}
    for row, (start, ea, weight) in enumerate(
        zip(table["valid_from"].to_pylist(), table["ea"].to_pylist(), given.tolist(), strict=True)
    ):
        where = f"basket.csv row {row + 1}"
        if empty[row] or not 0 <= weight < np.inf:
            raise DataError(
                f"{where}, field weight: {None if empty[row] else weight}: a weight must be a finite number, 0 or above"
            )
        if ea not in leaf_at:
            raise DataError(f"{where}, field ea: {ea!r} is no elementary aggregate; " + suggest(str(ea), leaf_at))
        basket = groups.setdefault(text_of(start), {})
        if leaf_at[ea] in basket:
            raise DataError(f"{where}, field ea: {ea} stands twice in the basket of {start}")
        basket[leaf_at[ea]] = weight
        if reference is not None and reference[row] not in (None, ""):
            label = text_of(reference[row])
            if priced.setdefault(text_of(start), label) != label:
                raise DataError(
                    f"{where}, field price_reference: {label}, and {priced[text_of(start)]} above; one a basket"
                )
    keys = [natural_key(p) for p in periods]
    order = sorted(groups, key=natural_key)
    first: list[int] = []
    ref: list[int] = []
    weights: list[Any] = []
    labels: list[str] = []
    for start in order:
        total = sum(groups[start].values())
        if abs(total - 1) > SUM * max(len(groups[start]), 1):
            raise DataError(
                f"basket.csv, basket of {start}: the weights sum to {total:.10g}; they must sum to 1: divide them by "
                "their sum, or find the missing class"
            )
        begin = next((t for t, k in enumerate(keys) if k >= natural_key(start)), None)
        if begin is None:
            continue
        if first and first[-1] == begin:
            for part in (first, ref, weights, labels):
                part.pop()
        at = max(begin - 1, 0)
        if start in priced:
            wanted = natural_key(priced[start])
            at = max((t for t, k in enumerate(keys) if k <= wanted), default=0)
            if at > max(begin - 1, 0):
                raise DataError(
                    f"basket.csv, basket of {start}: price_reference {priced[start]} does not lie before it; weights "
                    "stand at the prices of an earlier period"
                )
        w = np.zeros(len(leaf_at))
        w[list(groups[start])] = list(groups[start].values())
        first.append(begin)
        ref.append(at)
        weights.append(w)
        labels.append(start)
    if not first or first[0] != 0:
        raise DataError(f"basket.csv: no basket is in force in the first period {periods[0]}; add one")
    return Baskets(tuple(first), tuple(ref), np.array(weights), tuple(labels))


def _digests(folder: Path) -> list[tuple[str, str]]:
    """SHA-256 of every input file."""
    names = [
        "classification.csv",
        "items.csv",
        "units.csv",
        "sources.csv",
        "assignments.csv",
        "closures.csv",
        "basket.csv",
    ]
    paths = [folder / n for n in names if (folder / n).is_file()]
    paths += sorted((folder / "quotes").rglob("*.*")) if (folder / "quotes").is_dir() else []
    paths += [folder / n for n in ("quotes.csv", "quotes.parquet") if (folder / n).is_file()]
    return [
        (p.relative_to(folder).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths if p.is_file()
    ]
