"""The observations of a release as texts: figures at full precision beside the published ones.

Every later step (files of all formats, hashes, comparison) works on these texts, so that no format rounds in its own
way. An observation carries the release in which it was first published.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.production.observations import COUNTS, Results, half_away

Row = dict[str, str]
Key = tuple[str, str]
F = TypeVar("F")

moment = lru_cache(maxsize=1 << 16)(natural_key)
"""What orders a period; asked for every observation of a history."""


class Observation(dict[str, str]):
    """An observation as texts by column. Once made it is never changed, so that what is made of it is made once."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.forms: dict[Callable[[Row], Any], Any] = {}


def form(row: Row, make: Callable[[Row], F]) -> F:
    """What a format makes of an observation, as its line or its cells; of an `Observation` it is made once."""
    if not isinstance(row, Observation):
        return make(row)
    if make not in row.forms:
        row.forms[make] = make(row)
    found: F = row.forms[make]
    return found


NAMES = ("code", "parent", "level", "name_zh", "name_en")
CHANGES = ("change_previous", "change_year_start", "change_last_year")
INTERVALS = ("se", "low", "high", "change_se", "change_low", "change_high")
FIGURES = ("index", *CHANGES, *INTERVALS, "contribution", "weight", "imputed_share", "carried_share")
"""Columns with doubles, written as the shortest text that gives the same double again."""
PUBLISHED = {
    "published": "index",
    "published_change_previous": "change_previous",
    "published_change_year_start": "change_year_start",
    "published_change_last_year": "change_last_year",
}
"""Columns with published figures, rounded half away from zero by the method's rule, and what they are rounded from."""

COLUMNS = (
    "series", "period", *NAMES,
    "published", "published_change_previous", "published_change_year_start", "published_change_last_year",
    "grade", "status", *FIGURES, *COUNTS, "method", "release", "simulated",
)  # fmt: skip
SEALED = tuple(c for c in COLUMNS if c != "release")
"""Columns that `stat_hash` covers. A new seal of the same content has another release number and the same hash."""

CARRIED = tuple(c for c in COLUMNS if c not in (*NAMES, *INTERVALS, "weight", "method", "release", "simulated"))
"""Columns in which an observation of an earlier release must be what today's inputs give.

Not the names, which may be reworded, and not the intervals: their variance is pooled over all periods, so each issue
knows it a little better, and what was published stays.
"""


def rows_of(results: Results, release: str) -> list[Row]:
    """The observations of the periods that the results show, marked as this release's."""
    method = results.compiled.method.method
    table = results.observations()
    places = {name: method.release.decimals if name == "published" else method.release.change_decimals
              for name in PUBLISHED}  # fmt: skip
    columns: dict[str, list[str]] = {}
    for name in COLUMNS:
        if name in PUBLISHED:
            columns[name] = rounded(table[PUBLISHED[name]].to_pylist(), places[name])
        elif name in table.column_names:
            columns[name] = [text(v) for v in table[name].to_pylist()]
    constant = {"method": f"{method.name} {method.version}", "release": release}
    for name, value in constant.items():
        columns[name] = [value] * table.num_rows
    return [Observation(zip(COLUMNS, v, strict=True)) for v in zip(*(columns[n] for n in COLUMNS), strict=True)]


def text(value: Any) -> str:
    """A value as text; empty where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def rounded(values: Sequence[float | None], decimals: int) -> list[str]:
    """Published figures with all their decimals; never a negative zero."""
    given = np.array([math.nan if v is None else v for v in values], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        figures = half_away(given, decimals) + 0.0
    return ["" if math.isnan(v) else f"{v:.{decimals}f}" for v in figures.tolist()]


def key(row: Row) -> Key:
    """What an observation is of: series and period."""
    return row["series"], row["period"]


def keyed(rows: Sequence[Row], name: str) -> dict[Key, Row]:
    """Rows by series and period. DataError for one that stands twice."""
    out: dict[Key, Row] = {}
    for number, row in enumerate(rows, start=2):
        # Equal lines are one observation in memory, so that its identity says nothing.
        if (at := key(row)) in out:
            raise DataError(f"{name} line {number}: {row['series']} of {row['period']} stands twice")
        out[at] = row
    return out


def joined(carried: Mapping[Key, Row], fresh: Sequence[Row], series: Iterable[str]) -> list[Row]:
    """The history: what was published before stays, the rest is this release's. Ordered by series, then by time.

    carried : observations of earlier releases that this one does not revise. series : those of the classification, in
    its order; those that it holds no longer come last.
    """
    found = {key(row): row for row in fresh} | dict(carried)
    order: dict[str, int] = {}
    for name in (*series, *(name for name, _ in carried)):
        order.setdefault(name, len(order))
    return [found[k] for k in sorted(found, key=lambda k: (order[k[0]], moment(k[1])))]


def as_table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table of the production's types, for the report."""

    def typed(name: str, kind: pa.DataType) -> pa.Array:
        texts = [row[name] for row in rows]
        if pa.types.is_floating(kind) or pa.types.is_integer(kind):
            return pa.array([t or None for t in texts], pa.string()).cast(kind)
        if pa.types.is_boolean(kind):
            return pa.array([t == "true" for t in texts], kind)
        return pa.array(texts, kind)

    return pa.table({f.name: typed(f.name, f.type) for f in schema if f.name in COLUMNS})
