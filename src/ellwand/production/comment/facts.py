"""The facts of one issue: every figure that a comment may state, rounded as it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import find
from ellwand.production.comment.items import Item
from ellwand.production.report.facts import Facts, Series, rounded
from ellwand.production.report.periods import read
from ellwand.production.report.texts import SLIGHT, SMALL, Language

PREVIOUS, YEAR_START, LAST_YEAR = "previous", "year_start", "last_year"
BASES = (PREVIOUS, YEAR_START, LAST_YEAR)
"""What a change compares with, in the order in which a text names them."""
CONTRIBUTION_DIGITS, SHARE_DIGITS = 3, 1
UNITS = {
    "index": "points",
    "change": "percent",
    "contribution": "percentage_points",
    "imputed_share": "percent",
    "carried_share": "percent",
    "matched": "quotes",
    "units": "units",
}
STEP = {"week": 7, "month": 30, "quarter": 91, "day": 1}


@dataclass(frozen=True)
class Fact:
    """One figure: what it measures, of which series and period, as it is published.

    value : None where there is no figure. basis, base : what a change compares with, and the period of that, "" where
    the table doesn't hold it. low, high : interval, None where there is none. clear : False where the interval holds 0.
    """

    id: str
    measure: str
    series: str
    period: str
    value: Decimal | None
    unit: str
    basis: str = ""
    base: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    status: str = ""
    grade: str = ""
    clear: bool = True

    @property
    def way(self) -> int:
        """+1, 0 or -1: sign of the published figure, 0 where its interval holds 0."""
        if not self.value or not self.clear:
            return 0
        return 1 if self.value > 0 else -1

    @property
    def size(self) -> int:
        """Size of the published change: 0 below SLIGHT, 1 up to SMALL, 2 above."""
        size = abs(float(self.value or 0))
        return int(size >= SLIGHT) + int(size > SMALL)


def identity(series: str, period: str, measure: str) -> str:
    """The id of a fact: `price/1@2024-W11:change_previous`."""
    return f"{series}@{period}:{measure}"


def parts(fact: str) -> tuple[str, str, str]:
    """Series, period and measure of a fact's id. DataError for anything else."""
    series, at, rest = fact.rpartition("@")
    period, colon, measure = rest.partition(":")
    if not (at and colon and series and period and measure):
        raise DataError(f"fact {fact!r} is not of the form series@period:measure")
    return series, period, measure


class FactTable:
    """The facts of the observations table, seen from one issue.

    observations : the table of `ellwand compile`. period : the issue; None is the newest. level_digits, change_digits,
    coverage : decimals and coverage of intervals by the method. items : changes of items in that period.
    DataError: the table lacks columns, or the period has no issue. ValueError: the period is not of the data.
    """

    def __init__(
        self,
        observations: pa.Table,
        period: str | None = None,
        *,
        level_digits: int = 2,
        change_digits: int = 2,
        coverage: float = 0.95,
        items: Sequence[Item] = (),
    ) -> None:
        self.all = Facts.from_table(observations)
        self.at = self.all.last if period is None else find(list(self.all.periods), period, "period")
        self.period = self.all.periods[self.at]
        if not np.isfinite(self.all.total.index[self.at]):
            issued = [p for p, v in zip(self.all.periods, self.all.total.index, strict=True) if np.isfinite(v)]
            raise DataError(
                f"period {self.period} has no issue ({self.all.total.status[self.at]}); choose one that has, as "
                f"{issued[-1] if issued else 'none does'}"
            )
        self.level_digits, self.change_digits, self.coverage = level_digits, change_digits, coverage
        self.items = {f"item/{one.code}": one for one in items}
        self.series = {one.series: one for one in self.all.series}

    @property
    def total(self) -> Series:
        """The total."""
        return self.all.total

    @cached_property
    def classes(self) -> tuple[Series, ...]:
        """The level-1 classes."""
        return self.all.at_level(1)

    def children(self, series: Series) -> tuple[Series, ...]:
        """The classes directly below one."""
        return self.all.children(series)

    def items_of(self, series: Series) -> list[Item]:
        """The items of a class and of all classes below it that are shown."""
        shown = {
            one.code
            for one in self.all.series
            if (one.series + "/").startswith(series.series + "/") and one.status[self.at] != "suppressed"
        }
        return [one for one in self.items.values() if one.ea in shown]

    def name(self, series: str, language: Language) -> str:
        """Published name of a series or item."""
        one: Series | Item = self.items[series] if series in self.items else self.series[series]
        return one.name_zh if language == "zh" else one.name_en

    @cached_property
    def bases(self) -> dict[str, int | None]:
        """Position of the issue that each basis compares with; None where the table doesn't hold it."""
        periods = self.all.periods
        issued = [t for t in range(self.at) if np.isfinite(self.total.index[t])]
        year = read(self.period).year
        before = [t for t in issued if read(periods[t]).year == year - 1]
        lag = {"week": 52, "month": 12, "quarter": 4, "day": 12}[self.all.kind]
        found = {
            PREVIOUS: issued[-1] if issued else None,
            YEAR_START: before[-1] if before else None,
            LAST_YEAR: self.at - lag if self.at >= lag else None,
        }
        return {
            basis: t if t is not None and np.isfinite(getattr(self.total, f"change_{basis}")[self.at]) else None
            for basis, t in found.items()
        }

    @cached_property
    def gap(self) -> int:
        """Periods from the previous issue to this one: 1 for an issue that follows at once, 0 for a first issue."""
        before = self.bases[PREVIOUS]
        if before is None:
            return 0
        days = (read(self.period).first - read(self.all.periods[before]).first).days
        return round(days / STEP[self.all.kind])

    def digits(self, measure: str) -> int:
        """Decimals in which a measure is published."""
        if measure.startswith("change"):
            return self.change_digits
        if measure == "contribution":
            return CONTRIBUTION_DIGITS
        return (
            SHARE_DIGITS if measure.endswith("_share") else 0 if measure in ("matched", "units") else self.level_digits
        )

    def of(self, series: Series | str, measure: str, at: int | None = None) -> Fact:
        """A fact; its value is None where there is no figure.

        measure : index, change_previous, change_year_start, change_last_year, change_low, change_high, contribution,
        imputed_share, carried_share, matched or units. at : position of the period, this issue if None.
        """
        t = self.at if at is None else at
        period = self.all.periods[t]
        name = series if isinstance(series, str) else series.series
        kind = "change" if measure.startswith("change") else measure
        basis = measure.removeprefix("change_") if measure.removeprefix("change_") in BASES else ""
        if name in self.items:
            return self._item(self.items[name], name, period, measure)
        one = self.series[name]
        raw = float(getattr(one, measure)[t]) * (100 if measure.endswith("_share") else 1)
        digits = self.digits(measure)
        low = high = None
        clear = True
        if measure == "change_previous":
            low, high = rounded(float(one.change_low[t]), digits), rounded(float(one.change_high[t]), digits)
            clear = bool(one.clear[t])
        elif measure == "index":
            low, high = rounded(float(one.low[t]), digits), rounded(float(one.high[t]), digits)
        before = self.bases[basis] if basis and t == self.at else None
        base = self.all.periods[before] if before is not None else ""
        return Fact(
            identity(name, period, measure),
            measure,
            name,
            period,
            rounded(raw, digits),
            UNITS[kind],
            basis,
            base,
            low,
            high,
            one.status[t],
            one.grade[t],
            clear,
        )

    def _item(self, one: Item, name: str, period: str, measure: str) -> Fact:
        value = None
        if period == self.period and measure == "change_previous":
            value = rounded(one.change, self.change_digits)
        elif period == self.period and measure == "units":
            value = Decimal(one.units)
        unit = "units" if measure == "units" else "percent"
        return Fact(identity(name, period, measure), measure, name, period, value, unit, PREVIOUS, status="observed")

    def by_id(self, fact: str) -> Fact | None:
        """The fact of an id, of any period of the table; None where there is no such series, period or measure."""
        series, period, measure = parts(fact)
        kind = "change" if measure.startswith("change_") else measure
        known = series in self.items or (series in self.series and hasattr(self.total, measure))
        if not known or kind not in UNITS or period not in self.all.periods:
            return None
        return self.of(series, measure, self.all.periods.index(period))

    def soft(self, series: Series | str) -> str:
        """How a class's figures are softened: "carried" for prices kept through a closure, "imputed", or ""."""
        name = series if isinstance(series, str) else series.series
        if name in self.items:
            return ""
        one = self.series[name]
        status = one.status[self.at]
        if status == "carried":
            return "carried"
        return "imputed" if status == "imputed" or one.grade[self.at] == "C" else ""
