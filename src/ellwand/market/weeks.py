"""The calendar of the simulated market: ISO weeks, the years of its baskets and the Chinese New Year."""

import csv
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True)
class Weeks:
    """Consecutive ISO weeks.

    mondays : first day of each week.
    labels : ISO week texts such as 2022-W05.
    years : ISO year of each week.
    holidays : positions of the weeks that hold a Chinese New Year's day.
    """

    mondays: tuple[date, ...]
    labels: tuple[str, ...]
    years: NDArray[np.int64]
    holidays: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def days(self) -> NDArray[np.int64]:
        """Mondays as days since 1970-01-01."""
        return np.array([(d - date(1970, 1, 1)).days for d in self.mondays], dtype=np.int64)

    def of_year(self) -> NDArray[np.int64]:
        """ISO week number of each week."""
        return np.array([d.isocalendar().week for d in self.mondays], dtype=np.int64)


@cache
def lunar_new_years() -> dict[int, date]:
    """The day of the Chinese New Year by year."""
    text = resources.files("ellwand.market").joinpath("data/lunar_new_year.csv").read_text(encoding="utf-8")
    return {int(row["year"]): date.fromisoformat(row["date"]) for row in csv.DictReader(text.splitlines())}


def weeks_from(start: str, count: int) -> Weeks:
    """`count` ISO weeks from `start`. ValueError for a text that is no ISO week, or a year without a known New Year."""
    match = _WEEK.fullmatch(start) if isinstance(start, str) else None
    try:
        if match is None:
            raise ValueError
        first = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise ValueError(f"start {start!r} is not an ISO week; write it as 2022-W01") from None
    known = lunar_new_years()
    try:
        mondays = tuple(first + timedelta(weeks=k) for k in range(count))
        years = [d.isocalendar().year for d in mondays]
    except OverflowError:
        years = [10**6]
        mondays = (first,)
    if years[0] < min(known) or years[-1] > max(known):
        raise ValueError(
            f"start {start} with weeks {count} leaves {min(known)} to {max(known)}, the years whose Chinese New Year "
            "is known; choose a start and a number of weeks within them"
        )
    labels = tuple(f"{y}-W{d.isocalendar().week:02d}" for y, d in zip(years, mondays, strict=True))
    holidays = tuple(
        k
        for k, d in enumerate(mondays)
        if any(d <= known[y] < d + timedelta(days=7) for y in {d.year, d.year + 1} & set(known))
    )
    return Weeks(mondays, labels, np.array(years, dtype=np.int64), holidays)


def closures(weeks: Weeks, units: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Where units are closed for the Chinese New Year, units x weeks.

    A unit shuts up to one week before the holiday week and reopens up to three weeks later; three in a hundred sell on.
    """
    shut = np.zeros((units, len(weeks)), dtype=bool)
    at = np.arange(len(weeks))
    # A New Year just outside the span still keeps shops shut inside it, so the margin is looked at too.
    first, last = weeks.mondays[0], weeks.mondays[-1]
    for year in range(first.year - 1, last.year + 2):
        day = lunar_new_years().get(year)
        before = (rng.random(units) < 0.5).astype(np.int64)
        after = rng.choice([0, 1, 2], size=units, p=[0.1, 0.6, 0.3])
        away = rng.random(units) >= 0.03
        if day is None:
            continue
        centre = (day - first).days // 7
        inside = (at >= (centre - before)[:, None]) & (at <= (centre + after)[:, None])
        shut |= inside & away[:, None]
    return shut
