"""Comparing observations: published figures are equal or not, full precision to nine digits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ellwand.office.releases.figures import CARRIED, COLUMNS, FIGURES, PUBLISHED, Key, Row, form, rows_of
from ellwand.production.compile import Compiled
from ellwand.production.observations import COUNTS, Results, half_away

TOLERANCE = 1e-9
"""Largest distance of two doubles, relative to the larger of 1 and their size: other machines sum in other orders."""

RECOMPUTED = tuple(c for c in COLUMNS if c != "release")
"""Columns in which this release's own observations must be what its inputs give."""


def close(one: str, other: str) -> bool:
    """Whether two figures at full precision are equal to nine digits; no figure equals no figure only."""
    if one == other:
        return True
    if "" in (one, other):
        return False
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a), abs(b))


def difference(stated: Row, computed: Row, columns: Iterable[str]) -> str | None:
    """The first column in which two observations differ, in words; None if there is none."""
    for name in columns:
        one, other = stated[name], computed[name]
        if not (close(one, other) if name in FIGURES else one == other):
            return (
                f"{stated['series']} {stated['period']}, {name}: published {one or 'none'}, computed {other or 'none'}"
            )
    return None


def first_difference(stated: Iterable[Row], computed: Mapping[Key, Row], release: str, method: str) -> str | None:
    """The first published observation that its inputs do not give.

    release : observations of this release are compared in all columns. Those of earlier releases are compared without
    names and intervals (see `CARRIED`), and only if the same method made them.
    """
    for row in stated:
        own = row["release"] == release
        found = computed.get((row["series"], row["period"]))
        if found is None:
            if own:
                return f"{row['series']} {row['period']}: published, but the inputs give no such observation"
            continue
        if not own and row["method"] != method:
            continue
        if told := difference(row, found, RECOMPUTED if own else CARRIED):
            return told
    return None


NUMBERS = tuple(c for c in CARRIED if c in FIGURES or c in PUBLISHED or c in COUNTS)
"""Columns of numbers among those that are carried."""


def _numbers(row: Row) -> tuple[float, ...]:
    """The numbers of an observation, NaN where there is none."""
    return tuple(float(row[c]) if row[c] else np.nan for c in NUMBERS)


def first_silent_change(stated: Sequence[Row], compiled: Compiled) -> str | None:
    """The first observation of earlier releases that a compilation does not give, in words; None if all come out.

    All are compared at once as numbers; those that are not plainly equal are then compared one by one as texts.
    """
    if not stated:
        return None
    book, rules = compiled.book, compiled.method.method
    table = Results(compiled, None, tuple(range(len(book.periods)))).observations()
    T = len(book.periods)
    series = {name: k * T for k, name in enumerate(table["series"].to_pylist()[::T])}
    period = {label: t for t, label in enumerate(book.periods)}
    method = f"{rules.name} {rules.version}"
    pairs = [
        (row, series[row["series"]] + period[row["period"]])
        for row in stated
        if row["method"] == method and row["series"] in series and row["period"] in period
    ]
    if not pairs:
        return None
    at = np.array([k for _, k in pairs], dtype=np.intp)
    told = np.array([form(row, _numbers) for row, _ in pairs])
    odd = np.zeros(len(pairs), dtype=bool)
    for column, name in enumerate(NUMBERS):
        given = table[PUBLISHED.get(name, name)].to_numpy(zero_copy_only=False).astype(np.float64)[at]
        with np.errstate(invalid="ignore"):
            if name in PUBLISHED:
                release = rules.release
                given = half_away(given, release.decimals if name == "published" else release.change_decimals)
            far = np.abs(given - told[:, column])
            limit = TOLERANCE * np.maximum(1.0, np.maximum(np.abs(given), np.abs(told[:, column])))
        # Half of the tolerance, so that what lies near its end is decided by the texts.
        odd |= np.where(np.isnan(far), np.isnan(given) != np.isnan(told[:, column]), far > limit / 2)
    for name in CARRIED:
        if name not in NUMBERS and name not in ("series", "period"):
            found = table[name].to_pylist()
            odd |= np.array([row[name] != (found[k] or "") for row, k in pairs])
    if not odd.any():
        return None
    periods = sorted({period[row["period"]] for (row, _), is_odd in zip(pairs, odd.tolist(), strict=True) if is_odd})
    fresh = {(r["series"], r["period"]): r for t in periods for r in rows_of(Results(compiled, None, (t,)), "")}
    suspects = [row for (row, _), is_odd in zip(pairs, odd.tolist(), strict=True) if is_odd]
    return first_difference(suspects, fresh, "", method)


def close_json(one: Any, other: Any) -> bool:
    """Whether two JSON documents are equal, their floats to nine digits."""
    if isinstance(one, float) and isinstance(other, float):
        return close(repr(one), repr(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(close_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(close_json(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)
