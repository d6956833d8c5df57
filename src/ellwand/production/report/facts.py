"""The figures of the report, read from the observations table and rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.production.report.periods import Kind, kind_of, read

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MEASURES = [
    "index", "change_previous", "change_year_start", "change_last_year", "low", "high", "change_low", "change_high",
    "contribution", "weight", "imputed_share", "carried_share",
]  # fmt: skip
"""Columns of figures, empty where there is none."""
COUNTS = [
    "matched", "units", "due", "quotes", "observed", "corrected", "replaced", "imputed", "carried", "not_collected",
    "excluded", "queried",
]  # fmt: skip
"""Columns of whole numbers."""
COLUMNS = [
    "series", "code", "parent", "level", "name_zh", "name_en", "period", *MEASURES, *COUNTS, "grade", "status",
    "simulated",
]  # fmt: skip
"""Columns that an observations table must have."""


@lru_cache(maxsize=1 << 17)
def rounded(value: float, digits: int = 2) -> Decimal | None:
    """Round half away from zero, as it is published; None where there is no value.

    A history is told again with every issue, so what was rounded is kept. The decimal text of the number is rounded,
    so that a reader who rounds the CSV by hand gets the same figure.
    """
    if not np.isfinite(value):
        return None
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


@dataclass(frozen=True, eq=False)
class Series:
    """One class through all periods. Every array has one entry a period; NaN means that there is no figure.

    Levels and their limits are in points, changes and theirs in per cent, contributions in percentage points, weights
    and shares as parts of 1; counts are price series. `grade` is A, B, C or S.
    """

    series: str
    code: str
    parent: str
    level: int
    name_zh: str
    name_en: str
    index: Floats
    change_previous: Floats
    change_year_start: Floats
    change_last_year: Floats
    low: Floats
    high: Floats
    change_low: Floats
    change_high: Floats
    contribution: Floats
    weight: Floats
    imputed_share: Floats
    carried_share: Floats
    matched: Integers
    units: Integers
    due: Integers
    quotes: Integers
    observed: Integers
    corrected: Integers
    replaced: Integers
    imputed: Integers
    carried: Integers
    not_collected: Integers
    excluded: Integers
    queried: Integers
    grade: tuple[str, ...]
    status: tuple[str, ...]

    @cached_property
    def clear(self) -> Flags:
        """Where the change on the previous issue is clear: its interval leaves out 0, or there is no interval."""
        return ~((self.change_low <= 0) & (self.change_high >= 0))

    def ways(self, digits: int = 2) -> list[int]:
        """Direction of the change of every period as the words give it: 0 where it is no clear change."""
        changes = self.change_previous.tolist()
        return [direction(change, digits) if sure else 0 for change, sure in zip(changes, self.clear, strict=True)]


@dataclass(frozen=True)
class Facts:
    """All series of one compilation in the order of the classification, the total first."""

    periods: tuple[str, ...]
    series: tuple[Series, ...]
    simulated: bool

    @classmethod
    def from_table(cls, observations: pa.Table) -> "Facts":
        """Read an observations table.

        Raises:
            DataError: a column is missing, there is no row, a series lacks a period, or there is not one total.
        """
        absent = [name for name in COLUMNS if name not in observations.column_names]
        if absent:
            raise DataError(f"observations lack the column(s) {', '.join(absent)}; write all of {', '.join(COLUMNS)}")
        if observations.num_rows == 0:
            raise DataError("observations hold no row; compile at least one period first")
        columns = {name: observations[name].to_pylist() for name in COLUMNS if name not in MEASURES}
        measures = {
            name: np.array([np.nan if v is None else v for v in observations[name].to_pylist()], dtype=np.float64)
            for name in MEASURES
        }
        periods = tuple(sorted(set(columns["period"]), key=natural_key))
        place = {period: t for t, period in enumerate(periods)}
        rows: dict[str, list[int]] = {}
        for position, name in enumerate(columns["series"]):
            rows.setdefault(name, []).append(position)
        found: list[Series] = []
        for name, positions in rows.items():
            positions.sort(key=lambda row: place[columns["period"][row]])
            if tuple(columns["period"][row] for row in positions) != periods:
                raise DataError(
                    f"series {name!r} has {len(positions)} rows for {len(periods)} periods; "
                    "write one row per series and period, with an empty index where there is none"
                )
            first = positions[0]
            figures: dict[str, Any] = {measure: values[positions] for measure, values in measures.items()}
            for count in COUNTS:
                figures[count] = np.array([columns[count][row] or 0 for row in positions], dtype=np.int64)
            found.append(
                Series(
                    series=name,
                    code=columns["code"][first],
                    parent=columns["parent"][first] or "",
                    level=int(columns["level"][first]),
                    name_zh=columns["name_zh"][first],
                    name_en=columns["name_en"][first],
                    grade=tuple(columns["grade"][row] or "" for row in positions),
                    status=tuple(columns["status"][row] for row in positions),
                    **figures,
                )
            )
        return cls.of_series(periods, found, any(columns["simulated"]))

    @classmethod
    def of_series(cls, periods: tuple[str, ...], found: list[Series], simulated: bool) -> "Facts":
        """Series in any order. DataError where there is not one total."""
        if [one.level for one in found].count(0) != 1:
            raise DataError("observations must hold exactly one series of level 0, the total")
        # The total, then the codes as people count: 1, 2, 10, and a class before its parts.
        ordered = sorted(found, key=lambda one: (one.level != 0, natural_key(one.code)))
        return cls(periods, tuple(ordered), simulated)

    @property
    def total(self) -> Series:
        """The series of level 0."""
        return self.series[0]

    @cached_property
    def issues(self) -> tuple[int, ...]:
        """Positions of the periods whose total has a figure."""
        present = np.flatnonzero(np.isfinite(self.total.index))
        if not present.size:
            raise DataError("the total has no figure in any period; there is nothing to report")
        return tuple(present.tolist())

    @property
    def last(self) -> int:
        """Position of the newest issue."""
        return self.issues[-1]

    @cached_property
    def days(self) -> Integers:
        """Day numbers of the periods' first days, for the time axis."""
        return np.array([read(period).first.toordinal() for period in self.periods], dtype=np.int64)

    @cached_property
    def kind(self) -> Kind:
        """What the periods are: weeks, months, quarters or days."""
        return kind_of(self.periods)

    def at_level(self, level: int) -> tuple[Series, ...]:
        """The classes of one level in the order of their codes."""
        return tuple(one for one in self.series if one.level == level)

    def children(self, parent: Series) -> tuple[Series, ...]:
        """The classes directly below one class."""
        return self._below.get(parent.code, ())

    @cached_property
    def _below(self) -> dict[str, tuple[Series, ...]]:
        found: dict[str, list[Series]] = {}
        for one in self.series[1:]:
            found.setdefault(one.parent, []).append(one)
        return {code: tuple(parts) for code, parts in found.items()}

    @cached_property
    def leaves(self) -> tuple[Series, ...]:
        """The elementary aggregates: the classes that have none below them."""
        parents = {one.parent for one in self.series}
        return tuple(one for one in self.series if one.code not in parents)


def direction(change: float, digits: int = 2) -> int:
    """+1, 0 or -1 after the change as published, so that words and figures never disagree."""
    value = rounded(change, digits)
    return 0 if value is None or value == 0 else 1 if value > 0 else -1


def streak(series: Series, last: int, digits: int = 2) -> int:
    """How many issues in a row, up to `last`, have the direction of the last; issues without a change are passed."""
    ways = series.ways(digits)
    seen = [ways[t] for t in np.flatnonzero(np.isfinite(series.change_previous[: last + 1])).tolist()]
    length = 0
    for one in reversed(seen):
        if one != seen[-1]:
            break
        length += 1
    return length


@dataclass(frozen=True)
class Drivers:
    """The classes that pulled the total its way, and those that restrained it, strongest first."""

    pulled: tuple[Series, ...]
    restrained: tuple[Series, ...]


def drivers(classes: Sequence[Series], position: int, sign: int) -> Drivers:
    """Largest contributions of one sign that explain half of their side, at most three, and the largest opposite one.

    Parameters:
        classes: the classes whose contributions are compared, all of one level.
        position: the period.
        sign: direction of the total; 0 is read as +1.
    """
    way = sign or 1
    ordered = sorted(
        (one for one in classes if rounded(one.contribution[position], 3)),
        key=lambda one: (-way * one.contribution[position], natural_key(one.code)),
    )
    along = [one for one in ordered if way * one.contribution[position] > 0]
    against = [one for one in reversed(ordered) if way * one.contribution[position] < 0]
    half = sum(abs(one.contribution[position]) for one in along) / 2
    named: list[Series] = []
    for one in along[:3]:
        named.append(one)
        if sum(abs(done.contribution[position]) for done in named) >= half:
            break
    return Drivers(tuple(named), tuple(against[:1]))
