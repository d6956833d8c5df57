"""Reading the folder of a market into a book: registers, basket, assignments, closures and quotes.

`docs/compile.md` describes the layout. Every wrong row is named; nothing is guessed.
"""

import hashlib
import json
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
from ellwand.production.baskets import read_baskets
from ellwand.production.book import NONE, Book, Codes, Mask, Register
from ellwand.production.calendar import Calendar

TEXT = (
    "code", "parent", "item", "unit", "source", "ea", "replaces", "quote", "period", "valid_from", "valid_to",
    "price_reference", "old", "new", "unit_of_measure", "currency", "review",
)  # fmt: skip
"""Columns that are read as text whatever they look like: 1.10 is not 1.1, and 007 is not 7."""

FIGURES = ("gsm", "width_cm")
"""Columns of the items' register that hold figures."""


def read_folder(directory: str | Path, quotes: pa.Table | None = None) -> Book:
    """The book of a market's folder. DataError or ValueError names file, row, field, value, rule and remedy.

    quotes : the table of quotes, where it is not in the folder.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of a market (see docs/compile.md)")
    description = _description(folder)
    classes = _register(folder, "classification.csv", "code", ("code", "parent"))
    classification = Classification.from_parents(classes.table)
    tops = [code for code, parent in zip(classification.codes, classification.parents, strict=True) if parent < 0]
    if len(tops) > 1:
        raise DataError(
            f"classification.csv: {tops[0]} and {tops[1]} are both without a parent; put one total above all classes"
        )
    renamed = _renamed(folder, classification)
    items = _register(folder, "items.csv", "item", ("item", "ea", "unit_of_measure"))
    units = _register(folder, "units.csv", "unit", ("unit",))
    sources = _register(folder, "sources.csv", "source", ("source",), needed=False)
    leaf_at = {code: i for i, code in enumerate(classification.leaves)}
    items = _with_aggregates(items, classification, leaf_at, renamed)
    _check_items(items)
    if sources.at:
        for row, source in enumerate(units.column("source"), start=1):
            if source and source not in sources.at:
                raise DataError(
                    f"units.csv row {row}, field source: {source!r} is in no register; " + suggest(source, sources.at)
                )
    quotes = _quotes(folder) if quotes is None else _checked(quotes)
    assignments = _table(folder, "assignments.csv", ("unit", "item", "valid_from"), needed=False)
    _, labels = encode(quotes["period"], is_period=True)
    calendar = Calendar.of([text_of(label) for label in labels.to_pylist()])
    # The order of rows in a file says nothing: registers stand in the order of their codes from here on.
    items, units, sources = items.ordered(), units.ordered(), sources.ordered()
    return _book(
        folder, description, calendar, classification, classes, items, units, sources, quotes, assignments, leaf_at,
        renamed,
    )  # fmt: skip


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


def _renamed(folder: Path, classification: Classification) -> dict[str, str]:
    """New codes of classes by the codes that they had in earlier baskets (correspondence.csv)."""
    table = _table(folder, "correspondence.csv", ("old", "new"), needed=False)
    out: dict[str, str] = {}
    if table is None:
        return out
    for row, (old, new) in enumerate(zip(table["old"].to_pylist(), table["new"].to_pylist(), strict=True), start=1):
        where = f"correspondence.csv row {row}, field"
        if not old or not new:
            raise DataError(f"{where} {'new' if old else 'old'}: empty; write the code of the class")
        if new not in classification.position:
            raise DataError(f"{where} new: {new!r} is no class; " + suggest(new, classification.position))
        if old in classification.position:
            raise DataError(f"{where} old: {old} is still a class; take it out of classification.csv, or out of here")
        if out.setdefault(old, new) != new or list(out.values()).count(new) > 1:
            raise DataError(
                f"{where} old: {old} and {new}: a class is renamed from one code to one; a split or a merger needs a "
                "basket of its own for the new classes"
            )
    return out


def _with_aggregates(
    items: Register, classification: Classification, leaf_at: dict[str, int], renamed: dict[str, str]
) -> Register:
    """The items with the codes in force of their elementary aggregates. DataError for one that is none."""
    codes = [renamed.get(ea, ea) for ea in items.column("ea")]
    for row, ea in enumerate(codes, start=1):
        if ea not in leaf_at:
            kind = "a class above the elementary aggregates" if ea in classification.position else "no class"
            raise DataError(f"items.csv row {row}, field ea: {ea!r} is {kind}; " + suggest(ea, leaf_at))
    at = items.table.column_names.index("ea")
    return Register(items.table.set_column(at, "ea", pa.array(codes, pa.string())), items.code, items.at)


def _check_items(items: Register) -> None:
    """DataError for figures that are none and for replacements of no item, of itself or in a circle."""
    for column in FIGURES:
        values = items.numbers(column)
        bad = np.flatnonzero(~np.isnan(values) & ~((values > 0) & (values < np.inf)))
        if len(bad):
            row = int(bad[0])
            raise DataError(
                f"items.csv row {row + 1}, field {column}: {values[row]:g}: it must be above 0; leave an unknown one "
                "empty"
            )
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
            return
        walk = np.where(walk != NONE, old[walk], NONE)
    if (walk != NONE).any():
        k = int(np.flatnonzero(walk != NONE)[0])
        raise DataError(f"items.csv row {k + 1}, field replaces: {replaced[k]!r} lies in a circle of replacements")


def _quotes(folder: Path) -> pa.Table:
    """All quotes, in the order of the files and rows."""
    found = [folder / name for name in ("quotes", "quotes.parquet", "quotes.csv") if (folder / name).exists()]
    if not found:
        raise DataError("quotes: not there; write quotes.csv, quotes.parquet or a folder quotes/ of such files")
    if len(found) > 1:
        raise DataError(f"quotes: both {found[0].name} and {found[1].name} are there; keep one of them")
    path = found[0]
    source = open_source(path, text_columns=TEXT)
    for column in ("period", "unit", "item", "price"):
        need(source.columns, column, column)
    return _checked(source.arrow(source.columns))


def _checked(table: pa.Table) -> pa.Table:
    """A table of quotes. DataError for one without rows and for an empty period, unit or item."""
    table = table.combine_chunks()
    if not table.num_rows:
        raise DataError("quotes: no row; nothing can be compiled")
    for column in ("period", "unit", "item"):
        if table[column].null_count:
            row = int(np.flatnonzero(pc.is_null(table[column]).to_numpy(zero_copy_only=False))[0]) + 1
            raise DataError(f"quotes row {row}, field {column}: empty; every quote needs one")
    return table


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


def _book(
    folder: Path,
    description: dict[str, Any],
    calendar: Calendar,
    classification: Classification,
    classes: Register,
    items: Register,
    units: Register,
    sources: Register,
    quotes: pa.Table,
    assignments: pa.Table | None,
    leaf_at: dict[str, int],
    renamed: dict[str, str],
) -> Book:
    T, n_units = len(calendar.labels), max(len(units.at), 1)
    codes, labels = encode(quotes["period"])
    at_period = {key: t for t, key in enumerate(calendar.keys)}
    period = np.array([at_period[natural_key(text_of(v))] for v in labels.to_pylist()], dtype=np.intp)[codes]
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
        start, stop = calendar.spans(assignments, "assignments.csv")
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
        periods=calendar.labels,
        classification=classification,
        classes=classes,
        items=items,
        units=units,
        sources=sources,
        baskets=read_baskets(_basket(folder), calendar, leaf_at, renamed),
        quotes=quotes,
        item=item,
        unit=unit,
        aggregate=ea[item],
        before=_before(items, item, unit),
        row=row,
        price=P,
        due=due,
        closed=_closed(folder, units, unit, calendar),
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
    """The series of the replaced item at the same unit."""
    old = np.array([items.at[code] if code else NONE for code in items.column("replaces")], dtype=np.intp)
    n = int(unit.max()) + 1 if len(unit) else 1
    at = {int(k): s for s, k in enumerate((item * n + unit).tolist())}
    wanted = np.where(old[item] != NONE, old[item] * n + unit, NONE)
    return np.array([at.get(int(w), NONE) if w != NONE else NONE for w in wanted.tolist()], dtype=np.intp)


def _closed(folder: Path, units: Register, unit: Codes, calendar: Calendar) -> Mask:
    table = _table(folder, "closures.csv", ("unit", "period"), needed=False)
    shut = np.zeros((max(len(units.at), 1), len(calendar.labels)), dtype=bool)
    if table is not None and table.num_rows:
        who = _coded(table["unit"], units.at, "closures.csv", "unit")
        at = calendar.positions(table["period"], "closures.csv", "period")
        shut[who[at != NONE], at[at != NONE]] = True
    return np.asarray(shut[unit])


def _basket(folder: Path) -> pa.Table:
    table = _table(folder, "basket.csv", ("valid_from", "ea", "weight"))
    assert table is not None
    return table


def _digests(folder: Path) -> list[tuple[str, str]]:
    """SHA-256 of every input file."""
    names = [
        "market.json",
        "classification.csv",
        "correspondence.csv",
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
