"""Weeks, months, quarters and years: means over them, rates on the right period, links between years."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import ellwand as ew


def levels(periods: list[Any], values: list[float]) -> ew.Indices:
    table = pa.table({"code": ["a"] * len(periods), "period": periods, "index": values})
    return ew.Indices.from_table(table)


def weeks(first: str, count: int) -> list[str]:
    year, week = int(first[:4]), int(first[6:])
    days = [date.fromisocalendar(year, week, 4) + timedelta(days=7 * i) for i in range(count)]
    return ["{}-W{:02d}".format(*day.isocalendar()[:2]) for day in days]


def months(first: int, count: int) -> list[str]:
    return [f"{first + m // 12}-{m % 12 + 1:02d}" for m in range(count)]


def test_a_week_belongs_to_the_month_of_its_thursday() -> None:
    """2020 has 53 weeks; the Thursday of 2020-W53 is the 31st of December, that of 2021-W01 the 7th of January."""
    labels = weeks("2020-W49", 9)
    assert labels == [*(f"2020-W{w}" for w in range(49, 54)), *(f"2021-W0{w}" for w in range(1, 5))]
    x = levels(labels, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
    mean = ew.average(x, to="month", mean="geometric")
    assert mean.periods == ("2020-12", "2021-01")
    assert mean.series("a") == pytest.approx([120 ** (1 / 5), (6 * 7 * 8 * 9) ** (1 / 4)], rel=1e-14)
    assert ew.average(x, to="month").series("a") == pytest.approx([3.0, 7.5], rel=1e-14)


def test_week_53_is_a_week_of_its_year() -> None:
    x = levels(weeks("2020-W01", 105), [1.0] * 53 + [2.0] * 52)
    year = ew.average(x, to="year")
    assert year.periods == ("2020", "2021")
    assert year.series("a").tolist() == [1.0, 2.0]
    quarter = ew.average(x, to="quarter")
    assert quarter.periods == tuple(f"{y}-Q{q}" for y in (2020, 2021) for q in (1, 2, 3, 4))


def test_a_year_has_no_week_53_unless_it_has() -> None:
    x = levels(["2021-W51", "2021-W52", "2021-W53"], [1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match=r"period '2021-W53': the ISO year 2021 has no week 53; correct the period"):
        ew.average(x, to="month", partial=True)
    with pytest.raises(ValueError, match="has no week 53"):
        ew.rates(x, on="year")


def test_a_month_that_is_not_whole_is_left_out() -> None:
    """January 2024 has the Thursdays of weeks 1 to 4, February those of 5 to 9."""
    x = levels(weeks("2024-W02", 8), [float(v) for v in range(1, 9)])
    assert ew.average(x, to="month").periods == ("2024-02",)
    both = ew.average(x, to="month", partial=True)
    assert both.periods == ("2024-01", "2024-02")
    assert both.series("a").tolist() == [2.0, 6.0]
    gap = levels([w for w in weeks("2024-W01", 9) if w != "2024-W07"], [1.0] * 8)
    assert ew.average(gap, to="month").periods == ("2024-01",)


def test_dates_a_week_apart_are_weeks() -> None:
    """Mondays: 2024-12-30 is the Monday of 2025-W01, whose Thursday lies in January."""
    days = [date(2024, 12, 30) + timedelta(days=7 * i) for i in range(5)]
    mean = ew.average(levels(days, [1.0, 2.0, 3.0, 4.0, 5.0]), to="month")
    assert mean.periods == ("2025-01",)
    assert mean.series("a").tolist() == [3.0]


def test_days_of_the_month_are_months_where_all_are_the_first() -> None:
    x = levels([date(2024, m, 1) for m in range(1, 13)], [float(m) for m in range(1, 13)])
    assert ew.average(x, to="quarter").series("a").tolist() == [2.0, 5.0, 8.0, 11.0]


def test_quarters_and_blocks_of_a_fixed_length() -> None:
    x = levels(months(2023, 14), [float(v) for v in range(1, 15)])
    assert ew.average(x, to="quarter").periods == ("2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4")
    assert ew.average(x, to="quarter", partial=True).periods[-1] == "2024-Q1"
    assert ew.average(x, to="year").series("a").tolist() == [6.5]
    blocks = ew.average(x, window=4)
    assert blocks.periods == ("2023-01", "2023-05", "2023-09")
    assert blocks.series("a").tolist() == [2.5, 6.5, 10.5]
    assert ew.average(x, window=4, partial=True).series("a").tolist() == [2.5, 6.5, 10.5, 13.5]


def test_a_block_with_a_null_level_is_null() -> None:
    table = pa.table({"code": ["a"] * 4, "period": [1, 2, 3, 4], "index": [1.0, None, 3.0, 5.0]})
    mean = ew.average(ew.Indices.from_table(table), window=2, mean="geometric")
    assert np.isnan(mean.series("a")[0])
    assert mean.status[0].tolist() == ["a period of the block has no level", "ok"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a", "b"], "period 'a' does not name a year"),
        (["2024-13", "2024-14"], "a year has no month 13"),
        (["2024-Q5", "2024-Q6"], "a year has no quarter 5"),
        (["2024-02-30", "2024-02-31"], "period '2024-02-30' is no day of the calendar"),
        (["2024-01", "2024-Q2"], "the periods are of several units: month, quarter"),
    ],
)
def test_labels_without_a_calendar(labels: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ew.average(levels(labels, [1.0] * len(labels)), to="year", partial=True)


# -- rates
def test_rates_on_the_period_before() -> None:
    x = ew.rates(levels([1, 2, 4], [1.0, 1.1, 1.21]), on="previous")
    assert x.series("a")[1:] == pytest.approx([10, 10], abs=1e-12)
    assert x.compared == (None, 1, 2)
    assert x.table()["compared_with"].to_pylist() == [None, "1", "2"]
    assert x.status[0].tolist() == ["no level in the period compared with", "ok", "ok"]


def test_a_year_earlier_is_52_weeks_even_over_week_53() -> None:
    labels = weeks("2020-W01", 110)
    x = ew.rates(levels(labels, [float(i + 1) for i in range(110)]), on="year")
    at = labels.index("2021-W01")
    assert x.compared[at] == "2020-W02", "364 days before"
    assert x.series("a")[at] == pytest.approx(100 * ((at + 1) / (at - 51) - 1), abs=1e-10)
    assert np.isnan(x.series("a")[:52]).all()


def test_a_year_earlier_where_weeks_are_missing() -> None:
    """By the calendar, not by the number of rows: the market was closed in one week."""
    labels = [w for w in weeks("2023-W01", 60) if w != "2023-W05"]
    x = ew.rates(levels(labels, [1.0] * 59), on="year")
    assert x.compared[labels.index("2024-W05")] is None
    assert np.isnan(x.series("a")[labels.index("2024-W05")])
    assert x.compared[labels.index("2024-W06")] == "2023-W06"


def test_a_year_earlier_of_months_and_quarters() -> None:
    x = ew.rates(levels(months(2022, 30), [float(i + 1) for i in range(30)]), on="year")
    assert x.compared[29] == "2023-06"
    assert x.series("a")[29] == pytest.approx(100 * (30 / 18 - 1), abs=1e-12)
    q = ew.rates(levels(["2023-Q1", "2023-Q2", "2023-Q4", "2024-Q1", "2024-Q3"], [1.0, 2.0, 3.0, 4.0, 5.0]), on="year")
    assert q.compared == (None, None, None, "2023-Q1", None)


NEW_YEAR = [date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29)]
"""Chinese New Year: weeks 2023-W03, 2024-W06 and 2025-W05."""


def test_weeks_around_new_year_are_compared_by_their_distance() -> None:
    labels = weeks("2023-W01", 130)
    x = ew.rates(levels(labels, [float(i + 1) for i in range(130)]), on="event", events=NEW_YEAR)
    on = dict(zip(labels, x.compared, strict=True))
    assert on["2024-W06"] == "2023-W03"
    assert on["2024-W04"] == "2023-W01"
    assert on["2024-W13"] == "2023-W10"
    assert on["2025-W05"] == "2024-W06"
    # Outside of -4 .. +7 weeks: 52 weeks earlier.
    assert on["2024-W14"] == "2023-W14"
    assert on["2024-W01"] == "2023-W01"
    assert on["2024-W02"] is None, "four weeks before is 2022-W51, which is not in the data"
    narrow = ew.rates(levels(labels, [1.0] * 130), on="event", events=NEW_YEAR, weeks=(0, 0))
    assert dict(zip(labels, narrow.compared, strict=True))["2024-W07"] == "2023-W07"


def test_distance_from_an_event_is_for_weeks() -> None:
    with pytest.raises(ValueError, match="for weekly indices"):
        ew.rates(levels(months(2022, 30), [1.0] * 30), on="event", events=NEW_YEAR)


# -- links
def test_december_link() -> None:
    labels = months(2021, 15)
    x = levels(labels, [100.0 + i for i in range(15)])
    u = ew.unchain(x, link=12)
    assert np.isnan(u.series("a")[:12]).all()
    assert u.series("a")[12:] == pytest.approx([112 / 111, 113 / 111, 114 / 111], rel=1e-15)
    assert u.status[0, 0] == "no level in the link period"
    back = ew.chain(u)
    assert np.isnan(back.series("a")[:11]).all(), "no level is made up for months before the first link"
    assert back.series("a")[11:] == pytest.approx([1, 112 / 111, 113 / 111, 114 / 111], rel=1e-15)
    assert back.status[0, 0] == "no level in the link period"


def test_annual_overlap() -> None:
    """Each year on the mean of the year before; the first whole year on its own mean."""
    x = levels(months(2021, 26), [float(i + 1) for i in range(26)])
    u = ew.unchain(x, link="year")
    assert u.series("a")[:12].mean() == pytest.approx(1, abs=1e-15)
    assert u.series("a")[12] == pytest.approx(13 / 6.5, rel=1e-15)
    assert u.series("a")[24] == pytest.approx(25 / 18.5, rel=1e-15)
    assert ew.chain(u).series("a") == pytest.approx((x.series("a") / 6.5).tolist(), rel=1e-14)


def test_a_year_without_its_link_breaks_the_chain() -> None:
    labels = [*months(2020, 12), *months(2022, 12)]
    u = ew.unchain(levels(labels, [1.0] * 24), link=12)
    assert np.isnan(u.values).all()
    assert np.isnan(ew.chain(u).values).all()


def test_two_baskets_with_december_links() -> None:
    """Monthly indices of two classes; the weights of each year stand at the prices of the December before."""
    labels = months(2021, 25)[11:]
    a, b = np.linspace(1.0, 1.5, 14), np.linspace(2.0, 1.6, 14)
    rows = [
        {"code": c, "period": t, "index": float(v)}
        for c, row in (("a", a), ("b", b))
        for t, v in zip(labels, row, strict=True)
    ]
    classes = ew.Classification.from_parents(pa.table({"code": ["T", "a", "b"], "parent": ["", "T", "T"]}))
    baskets = [("a", 3.0, "2021-12"), ("b", 1.0, "2021-12"), ("a", 1.0, "2023-01"), ("b", 1.0, "2023-01")]
    weights = pa.table(
        {"ea": [x[0] for x in baskets], "weight": [x[1] for x in baskets], "valid_from": [x[2] for x in baskets]}
    )
    total = ew.chain(
        ew.aggregate(ew.unchain(ew.Indices.from_table(pa.Table.from_pylist(rows)), link=12), classes, weights)
    )
    first = 0.75 * a[:13] / a[0] + 0.25 * b[:13] / b[0]
    assert total.series("T")[:13] == pytest.approx(first.tolist(), rel=1e-14)
    assert total.series("T")[13] == pytest.approx(first[12] * (a[13] / a[12] + b[13] / b[12]) / 2, rel=1e-14)
    # The same from period-on-period changes: Young with price-updated weights and a new basket in January.
    step = ew.chain(ew.aggregate(ew.unchain(ew.Indices.from_table(pa.Table.from_pylist(rows))), classes, weights))
    assert step.series("T") == pytest.approx(total.series("T").tolist(), rel=1e-13)
