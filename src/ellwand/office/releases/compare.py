"""Comparing observations: published figures are equal or not, full precision to nine digits."""

from collections.abc import Iterable, Mapping
from typing import Any

from ellwand.office.releases.figures import CARRIED, COLUMNS, FIGURES, Key, Row

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


def close_json(one: Any, other: Any) -> bool:
    """Whether two JSON documents are equal, their floats to nine digits."""
    if isinstance(one, float) and isinstance(other, float):
        return close(repr(one), repr(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(close_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(close_json(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)
