"""The price series of the newest issue: what stands behind an elementary aggregate, packed for the page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.production.report.facts import Facts, rounded

COLUMNS = [
    "ea", "item", "item_zh", "item_en", "unit_of_measure", "unit", "unit_zh", "unit_en", "quoted", "price",
    "compared_with", "relative", "status", "rule", "donor", "donors", "contribution",
]  # fmt: skip
"""Columns that a table of price series must have."""
PRICE_PLACES, POINT_PLACES = 4, 8
"""Decimals that the page keeps of a price and of a contribution; it shows fewer."""


@dataclass(frozen=True, eq=False)
class Quotes:
    """Columns of the table, one entry a price series, in the order of the elementary aggregates.

    hidden : codes of the aggregates whose quotes are left out, because their figures are suppressed in the newest
    issue or in the one that it is compared with. by_rule : rules that said something of a quote, hidden ones included,
    each with how many were set aside, corrected, queried and confirmed; the busiest rule first.
    """

    columns: dict[str, list[Any]]
    hidden: frozenset[str]
    by_rule: tuple[tuple[str, dict[str, int]], ...]

    @classmethod
    def from_table(cls, drill: pa.Table | None, facts: Facts) -> "Quotes":
        """Read the table; None gives no quotes. Quotes of suppressed aggregates are left out.

        Raises:
            DataError: a column is missing, or a series belongs to no elementary aggregate of the observations.
        """
        if drill is None:
            return cls({name: [] for name in COLUMNS}, frozenset(), ())
        absent = [name for name in COLUMNS if name not in drill.column_names]
        if absent:
            raise DataError(
                f"the price series lack the column(s) {', '.join(absent)}; write all of {', '.join(COLUMNS)}"
            )
        place = {one.code: k for k, one in enumerate(facts.leaves)}
        compared = facts.issues[-2:]
        hidden = frozenset(one.code for one in facts.leaves if any(one.status[t] == "suppressed" for t in compared))
        columns = {name: drill[name].to_pylist() for name in COLUMNS}
        stray = next((row for row, code in enumerate(columns["ea"]) if code not in place), None)
        if stray is not None:
            raise DataError(
                f"price series row {stray + 1}, field ea: {columns['ea'][stray]!r} is no elementary aggregate of the "
                "observations; give both tables of one compilation"
            )
        shown = (row for row, code in enumerate(columns["ea"]) if code not in hidden)
        kept = sorted(shown, key=lambda row: place[columns["ea"][row]])
        return cls({name: [values[row] for row in kept] for name, values in columns.items()}, hidden, _by_rule(columns))

    def __len__(self) -> int:
        return len(self.columns["ea"])

    @cached_property
    def spans(self) -> dict[str, tuple[int, int]]:
        """First row and row after the last of every elementary aggregate."""
        found: dict[str, tuple[int, int]] = {}
        for row, code in enumerate(self.columns["ea"]):
            found[code] = (found.get(code, (row, row))[0], row + 1)
        return found

    def sum_of(self, code: str) -> float:
        """Sum of the contributions of an aggregate's quotes, in percentage points; NaN where none has one."""
        first, last = self.spans.get(code, (0, 0))
        values = [v for v in self.columns["contribution"][first:last] if v is not None]
        return float(np.sum(values)) if values else float("nan")

    def packed(
        self, rule_words: Callable[[str], list[str]], measure_words: Callable[[str], list[str]]
    ) -> dict[str, Any]:
        """The quotes as columns of codes and whole numbers, for compact JSON.

        Prices are in 1/10,000, changes in 1/100 of a per cent, contributions in 1e-8 of a percentage point.
        `rule_words` and `measure_words` give the Chinese and English words of a rule and of a unit of measure.
        """
        c = self.columns
        items = _register(zip(c["item"], c["item_zh"], c["item_en"], c["unit_of_measure"], strict=True))
        units = _register(zip(c["unit"], c["unit_zh"], c["unit_en"], strict=True))
        rules, donors, states = _codes(c["rule"]), _codes(c["donor"]), _codes(c["status"])
        measures = {str(row[3]) for row in items.values()}
        item_at, unit_at = list(items), list(units)
        item_place = {code: k for k, code in enumerate(item_at)}
        unit_place = {code: k for k, code in enumerate(unit_at)}
        return {
            "items": list(items.values()),
            "units": list(units.values()),
            "measures": {name: measure_words(name) for name in sorted(measures)},
            "rules": [[name, *rule_words(name)] for name in rules],
            "donors": list(donors),
            "states": list(states),
            "spans": self.spans,
            "hidden": sorted(self.hidden),
            "item": [item_place[code] for code in c["item"]],
            "unit": [unit_place[code] for code in c["unit"]],
            "quoted": _whole(c["quoted"], PRICE_PLACES),
            "price": _whole(c["price"], PRICE_PLACES),
            "before": _whole(c["compared_with"], PRICE_PLACES),
            "change": _whole([None if v is None else 100 * (v - 1) for v in c["relative"]], 2),
            "points": _whole(c["contribution"], POINT_PLACES),
            "state": [states[code] for code in c["status"]],
            "rule": [None if name is None else rules[name] for name in c["rule"]],
            "donor": [None if name is None else donors[name] for name in c["donor"]],
            "count": c["donors"],
        }


def _register(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Rows by their code, each once, in the order of first appearance."""
    return {row[0]: list(row) for row in rows}


def _codes(values: Iterable[str | None]) -> dict[str, int]:
    """Position of each distinct text."""
    return {name: k for k, name in enumerate(sorted({value for value in values if value is not None}))}


def _whole(values: Iterable[float | None], places: int) -> list[int | None]:
    """Figures as whole numbers of their last decimal, half away from zero; None where there is none."""
    exact = (None if value is None else rounded(value, places) for value in values)
    return [None if value is None else int(value.scaleb(places)) for value in exact]


FINE = ("confirmed", "review")
"""Rules that say of a quote in use that it is right; others query it."""


def _by_rule(columns: dict[str, list[Any]]) -> tuple[tuple[str, dict[str, int]], ...]:
    """Rules with their counts, the busiest first."""
    found: dict[str, dict[str, int]] = {}
    for rule, status in zip(columns["rule"], columns["status"], strict=True):
        if rule is None:
            continue
        kind = {"X": "set_aside", "E": "corrected"}.get(status, "confirmed" if rule in FINE else "queried")
        counts = found.setdefault(rule, {})
        counts[kind] = counts.get(kind, 0) + 1
    return tuple(sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0])))
