"""Items that moved: one change for each item, from the prices that a compilation used."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isfinite, log

import pyarrow as pa

from ellwand.engine.errors import DataError

SEEN = {"O", "E", "R"}
"""Statuses of prices that were seen this issue: observed, corrected, replaced. Imputed and carried ones don't count."""


@dataclass(frozen=True)
class Item:
    """An item's change on the previous issue in per cent: geometric mean over the units that gave a price."""

    code: str
    ea: str
    name_zh: str
    name_en: str
    change: float
    units: int


def item_changes(
    prices: pa.Table, period: str | None = None, names: Mapping[str, tuple[str, str]] | None = None
) -> list[Item]:
    """The changes of all items with a price seen and a name of their own in both languages.

    prices : `prices.parquet` of a compilation, or the drill table of one period (which has the names). period : rows
    of this period only. names : Chinese and English name by item code, where the table has none.
    DataError: a column is missing, or there is no name for an item.
    """
    needed = ["item", "ea", "relative", "status"] + ([] if period is None else ["period"])
    absent = [name for name in needed if name not in prices.column_names]
    if absent:
        raise DataError(f"prices lack the column(s) {', '.join(absent)}; give prices.parquet or the drill table")
    logs: dict[str, list[float]] = {}
    where: dict[str, str] = {}
    found: dict[str, tuple[str, str]] = dict(names or {})
    wanted = [*needed, *(n for n in ("item_zh", "item_en") if n in prices.column_names)]
    for row in prices.select(wanted).to_pylist():
        relative = row["relative"]
        if (period is not None and row["period"] != period) or row["status"] not in SEEN:
            continue
        if relative is None or not isfinite(relative) or relative <= 0:
            continue
        logs.setdefault(row["item"], []).append(log(relative))
        where[row["item"]] = row["ea"]
        if "item_zh" in row:
            found.setdefault(row["item"], (row["item_zh"], row["item_en"]))
    nameless = sorted(code for code in logs if code not in found)
    if nameless:
        raise DataError(f"item {nameless[0]} has no name ({len(nameless)} such items); give the register of items")
    # A name that two items bear says nothing to a reader: no text may name either of them.
    shared = [Counter(found[code][k] for code in logs) for k in (0, 1)]
    return [
        Item(code, where[code], *found[code], 100 * (exp(sum(x) / len(x)) - 1), len(x))
        for code, x in sorted(logs.items())
        if all(shared[k][found[code][k]] == 1 for k in (0, 1))
    ]
