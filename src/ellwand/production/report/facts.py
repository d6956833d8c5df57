"""The figures of the report, read from the observations table and rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ellwand.engine.errors import DataError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

COLUMNS = [
    "series",
    "code",
    "parent",
    "level",
    "name_zh",
    "name_en",
    "period",
    "index",
    "change_previous",
    "change_year_start",
    "change_last_year",
    "contribution",
    "weight",
    "matched",
    "excluded",
    "imputed_share",
    "status",
    "simulated",
]
MEASURES = [
    "index",
    "change_previous",
    "change_year_start",
    "change_last_year",
    "contribution",
    "weight",
    "imputed_share",
]


def rounded(value: float, digits: int = 2) -> Decimal | None:
    """Round half away from zero, as it is published; None where there is no value.

    The decimal text of the number is rounded, so that a reader who rounds the CSV by hand gets the same figure.
    """
    if not np.isfinite(value):
        return None
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP) + 0


def monday(period: str) -> date:
    """The Monday of an ISO week such as 2024-W05."""
    try:
        year, week = period.split("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    except ValueError as error:
        raise DataError(f"period {period!r} is not an ISO week; write it as 2024-W05") from error


def sunday(period: str) -> date:
    """The Sunday that ends an ISO week."""
    return monday(period) + timedelta(days=6)


@dataclass(frozen=True, eq=False)
class Series:
    """One class through all weeks. Every array has one entry a period; NaN means that there is no figure."""

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
    contribution: Floats
    weight: Floats
    imputed_share: Floats
    matched: Integers
    excluded: Integers
    status: tuple[str, ...]


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
        periods = tuple(sorted(set(columns["period"])))
        rows: dict[str, list[int]] = {}
        for position, name in enumerate(columns["series"]):
            rows.setdefault(name, []).append(position)
        found: list[Series] = []
        for name, positions in rows.items():
            positions.sort(key=lambda row: columns["period"][row])
            if tuple(columns["period"][row] for row in positions) != periods:
                raise DataError(
                    f"series {name!r} has {len(positions)} rows for {len(periods)} periods; "
                    "write one row per series and period, with an empty index where there is none"
                )
            first = positions[0]
            found.append(
                Series(
                    series=name,
                    code=columns["code"][first],
                    parent=columns["parent"][first] or "",
                    level=int(columns["level"][first]),
                    name_zh=columns["name_zh"][first],
                    name_en=columns["name_en"][first],
                    status=tuple(columns["status"][row] for row in positions),
                    matched=np.array([columns["matched"][row] or 0 for row in positions], dtype=np.int64),
                    excluded=np.array([columns["excluded"][row] or 0 for row in positions], dtype=np.int64),
                    **{measure: values[positions] for measure, values in measures.items()},
                )
            )
        found.sort(key=lambda one: one.series)
        if [one.level for one in found].count(0) != 1:
            raise DataError("observations must hold exactly one series of level 0, the total")
        found.sort(key=lambda one: one.level != 0)
        return cls(periods, tuple(found), any(columns["simulated"]))

    @property
    def total(self) -> Series:
        """The series of level 0."""
        return self.series[0]

    @cached_property
    def last(self) -> int:
        """Position of the newest period whose total has a figure."""
        present = np.flatnonzero(np.isfinite(self.total.index))
        if not present.size:
            raise DataError("the total has no figure in any period; there is nothing to report")
        return int(present[-1])

    @cached_property
    def days(self) -> Integers:
        """Day numbers of the Mondays, for the time axis."""
        return np.array([monday(period).toordinal() for period in self.periods], dtype=np.int64)

    def at_level(self, level: int) -> tuple[Series, ...]:
        """The classes of one level in the order of their codes."""
        return tuple(one for one in self.series if one.level == level)

    def children(self, parent: Series) -> tuple[Series, ...]:
        """The classes directly below one class."""
        return tuple(one for one in self.series if one.parent == parent.code and one is not parent)

    @cached_property
    def leaves(self) -> tuple[Series, ...]:
        """The elementary aggregates: the classes that have none below them."""
        parents = {one.parent for one in self.series}
        return tuple(one for one in self.series if one.code not in parents)


def direction(change: float) -> int:
    """+1, 0 or -1 after the change as published, so that words and figures never disagree."""
    value = rounded(change)
    return 0 if value is None or value == 0 else 1 if value > 0 else -1


def streak(changes: Floats, last: int) -> int:
    """How many issues in a row, up to `last`, have the direction of the last one; issues without a change are passed."""
    seen = [direction(change) for change in changes[: last + 1] if np.isfinite(change)]
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
        key=lambda one: (-way * one.contribution[position], one.code),
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
