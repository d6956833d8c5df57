"""Dates of all kinds, the two systems of serial numbers, and what may be read in two ways."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from ellwand.office.collection.dates import read_date, serial_date
from ellwand.office.collection.messages import SheetError

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
HAN = "一二三四五六日"


@pytest.mark.parametrize(
    ("text", "label", "rule"),
    [
        ("2024-03-11", "2024-03-11", "iso"),
        ("2024-3-11", "2024-03-11", "day"),
        ("2024/3/11", "2024-03-11", "day"),
        ("2024.3.11", "2024-03-11", "day"),
        ("２０２４／３／１１", "2024-03-11", "day"),
        ("20240311", "2024-03-11", "day"),
        ("2024年3月11日", "2024-03-11", "chinese"),
        ("2024 年 3 月 11 日", "2024-03-11", "chinese"),
        ("2024年3月11号 星期一", "2024-03-11", "chinese"),
        ("2024-03-17 00:00:00", "2024-03-17", "day"),
        ("2024-03-11T09:30", "2024-03-11", "day"),
        ("2024/3/17(周日)", "2024-03-17", "day"),
        ("2024-03", "2024-03", "month"),
        ("2024年3月", "2024-03", "month"),
        ("2024年3月份", "2024-03", "month"),
        ("2024-W11", "2024-W11", "week"),
        ("2024W11", "2024-W11", "week"),
        ("2024-W11-3", "2024-03-13", "week"),
        ("2024年第11周", "2024-W11", "week"),
        ("2024-Q1", "2024-Q1", "quarter"),
        ("2024年第一季度", "2024-Q1", "quarter"),
        ("2024年4季度", "2024-Q4", "quarter"),
    ],
)
def test_what_is_read(text: str, label: str, rule: str) -> None:
    read = read_date(text)
    assert (read.value.label, read.rule, read.raw) == (label, rule, text)


def test_a_text_without_a_year_needs_one() -> None:
    assert read_date("3月11日", 2024).value.label == "2024-03-11"
    assert read_date("第11周", 2024).value.label == "2024-W11"
    for text in ("3月11日", "第11周"):
        with pytest.raises(SheetError) as caught:
            read_date(text)
        assert caught.value.rule == "short year"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("11/3/2024", "date order"),
        ("3-11", "date order"),
        ("2024.3", "date order"),
        ("24-3-11", "short year"),
        ("24年3月11日", "short year"),
        ("2023-02-29", "no such day"),
        ("2024-13-01", "no such day"),
        ("2023-W53", "no such day"),
        ("0000-01-01", "no such day"),
        ("2024年3月11日 星期二", "wrong weekday"),
        ("2024-3/11", "no date"),
        ("45362", "no date"),
        ("昨天", "no date"),
        ("2024-03-11 25:00", "no date"),
        ("", "no date"),
    ],
)
def test_what_is_refused(text: str, rule: str) -> None:
    with pytest.raises(SheetError) as caught:
        read_date(text)
    assert caught.value.rule == rule


@given(DAYS)
def test_days_come_back_from_every_form(day: date) -> None:
    y, w, n = day.isocalendar()
    for text in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month:02d}月{day.day:02d}日 星期{HAN[day.weekday()]}",
        f"{y}-W{w:02d}-{n}",
        f"{day.isoformat()} 08:15:00",
    ):
        span = read_date(text).value
        assert (span.start, span.end) == (day, day)
    assert read_date(f"{day.month}月{day.day}日", day.year).value.start == day


@given(DAYS)
def test_a_day_lies_in_its_periods(day: date) -> None:
    span = read_date(day.isoformat()).value
    for label in (span.week, span.month, span.quarter):
        assert label is not None
        period = read_date(label).value
        assert span.within(period)
        assert period.label == label
        assert not period.within(span)


def test_a_week_of_two_months_has_no_month() -> None:
    week = read_date("2024-W18").value
    assert (week.week, week.month, week.quarter) == ("2024-W18", None, "2024-Q2")
    assert read_date("2024-03").value.week is None


@given(DAYS)
def test_serials_of_both_systems_come_back(day: date) -> None:
    assert serial_date(int(to_excel(day)), "1900").value.start == day
    assert serial_date(int(to_excel(day, CALENDAR_MAC_1904)), "1904").value.start == day
    assert serial_date(to_excel(day) + 0.75).value.start == day


def test_the_day_that_never_was() -> None:
    assert serial_date(1).value.start == date(1900, 1, 1)
    assert serial_date(59).value.start == date(1900, 2, 28)
    assert serial_date(61).value.start == date(1900, 3, 1)
    for serial in (60, 60.5):
        with pytest.raises(SheetError, match="1900-02-29"):
            serial_date(serial)
    assert serial_date(60, "1904").value.start == date(1904, 3, 1)
    assert serial_date(0, "1904").value.start == date(1904, 1, 1)
    assert serial_date(2_958_465).value.start == date(9999, 12, 31)


@pytest.mark.parametrize("serial", [0, -1, 2_958_466, 1e300, float("nan"), float("inf")])
def test_numbers_that_are_no_day(serial: float) -> None:
    with pytest.raises(SheetError, match="no date"):
        serial_date(serial)
    with pytest.raises(SheetError, match="no date"):
        serial_date(2_958_000, "1904")


def test_serials_in_texts_are_read_only_where_they_are_allowed() -> None:
    assert read_date("45362", serials="1900").value.label == "2024-03-11"
    assert read_date("43900", serials="1904").value.label == "2024-03-11"
    assert read_date("45362.5", serials="1900").rule == "serial 1900"
    with pytest.raises(ValueError, match="system"):
        serial_date(Decimal(1), "1903")
    assert date(1904, 1, 1) - date(1899, 12, 30) == timedelta(1462)


@given(st.text(st.sampled_from("0123456789-/.年月日第周W 星期一T:()Q"), max_size=24), st.none() | st.just(2024))
def test_any_text_is_read_or_refused(text: str, year: int | None) -> None:
    try:
        span = read_date(text, year, "1900").value
    except SheetError as error:
        assert error.fault.message_zh
        return
    assert span.start <= span.end
