"""The facts of a compilation, from the record alone: what its texts may state.

They are those of the folder that `ellwand compile` would write: the observations of the issue and of the issues before
it, the items with the names that they had then. A compilation never changes, nor do its facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.editorial.models import Sheet
from ellwand.office.editorial.sheets import SHOWN, drill_of
from ellwand.office.record.models import Compilation, Observation
from ellwand.office.rounds.models import Round
from ellwand.production.calendar import fill
from ellwand.production.comment import FactTable, item_changes
from ellwand.production.method import Method, parse_method
from ellwand.production.report.facts import COLUMNS, COUNTS, MEASURES

KEPT = 8
"""Compilations whose facts a process keeps at hand; a writer asks for those of one again and again."""
NO_ISSUE = "not_collected"
NAMED = ("series", "code", "parent", "level", "name_zh", "name_en", "simulated")
Key = tuple[str, str]
Row = dict[str, Any]


def last_compilation(found: Round) -> Compilation:
    """The last compilation of a round. DataError where there is none."""
    made = found.compilations.order_by("-number").first()
    if made is None:
        raise DataError(f"round {found.code} is not compiled yet; a text is written of its figures")
    return made


def facts_of(made: Compilation) -> FactTable:
    """The facts of a compilation. DataError where its period has no issue."""
    return _facts(made.pk)


@lru_cache(maxsize=KEPT)
def _kept(database: str, pk: int) -> FactTable:
    made = Compilation.objects.select_related("round", "method").get(pk=pk)
    return table_of(observations_of(made), made.round.period, method_of(made), drill_of(made))


def table_of(observations: pa.Table, period: str, method: Method, drill: pa.Table | None) -> FactTable:
    """The facts of an issue. drill : its price series with the names of items; None where they are not known."""
    return FactTable(
        observations,
        period,
        level_digits=method.release.decimals,
        change_digits=method.release.change_decimals,
        coverage=method.variance.level,
        items=() if drill is None else item_changes(drill),
    )


def _facts(pk: int) -> FactTable:
    from django.db import connection

    # A process that turns from one office to another, as tests do, must not take the first one's figures along.
    return _kept(str(sorted((k, str(v)) for k, v in connection.settings_dict.items() if k in ("NAME", "HOST"))), pk)


def method_of(made: Compilation) -> Method:
    """The method of a compilation."""
    return parse_method(made.method.text, f"{made.method.name} {made.method.version}").method


def observations_of(made: Compilation) -> pa.Table:
    """The observations of a compilation's period and of the periods before it, as the production's table has them.

    Of an earlier period those of its last compilation count. A period that was not compiled in this record has the
    total's level that this compilation saw, and no other figure.
    """
    own = list(made.observations.order_by("pk").values(*COLUMNS))
    past = dict(Sheet.objects.filter(compilation=made).values_list("past", flat=True).first() or [])
    earlier = _earlier(made)
    seen = sorted({*past, *earlier, made.round.period}, key=natural_key)
    periods = fill(seen)[-(SHOWN + 1) :]
    there: dict[Key, Row] = {(row["series"], row["period"]): row for row in own}
    numbers = [earlier[p] for p in periods if p in earlier]
    for row in Observation.objects.filter(compilation__in=numbers).values(*COLUMNS):
        there[row["series"], row["period"]] = row
    return filled(own, there, periods, past)


def filled(
    own: Sequence[Row], there: Mapping[Key, Row], periods: Sequence[str], past: Mapping[str, float | None]
) -> pa.Table:
    """A row for each series of an issue and each period. own : the rows of the issue. there : rows by series, period.

    past : levels of the total in periods of which there is no row.
    """
    rows = []
    for one in own:
        for period in periods:
            row = there.get((one["series"], period)) or _empty(one, period)
            if one["level"] == 0 and row["index"] is None and past.get(period) is not None:
                row = {**row, "index": past[period]}
            # A class keeps the name and place that it has now.
            rows.append({**row, **{name: one[name] for name in NAMED}})
    return _table(rows)


def _earlier(made: Compilation) -> dict[str, int]:
    """Primary key of the last compilation of every earlier period of the family."""
    found = made.round
    limit = natural_key(found.period)
    rows: Iterable[tuple[str, int]] = (
        Compilation.objects.filter(round__family=found.family).order_by("number").values_list("round__period", "pk")
    )
    return {period: pk for period, pk in rows if natural_key(period) < limit}


def _empty(one: Row, period: str) -> Row:
    blank: Row = {**dict.fromkeys(MEASURES), **dict.fromkeys(COUNTS, 0)}
    return {**blank, **{name: one[name] for name in NAMED}, "period": period, "grade": "S", "status": NO_ISSUE}


def _table(rows: Sequence[Row]) -> pa.Table:
    kinds = dict.fromkeys(MEASURES, pa.float64()) | dict.fromkeys((*COUNTS, "level"), pa.int64())
    kinds["simulated"] = pa.bool_()
    return pa.table({n: pa.array([row[n] for row in rows], kinds.get(n, pa.string())) for n in COLUMNS})
