"""Numbers and prices: what is clear is read, what is ambiguous is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ellwand.office.collection.measures import NAMES_ZH, WORDS, measure_of, name_of
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.numbers import Basis, number_of, read_basis, read_number, read_price

WIDE = str.maketrans("0123456789.,-+%", "０１２３４５６７８９．，－＋％")


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("12.5", "12.5", "plain"),
        ("1,234.50", "1234.50", "thousands"),
        ("1，234.50", "1234.50", "thousands"),
        ("１２３．４", "123.4", "plain"),
        ("1,234,567", "1234567", "thousands"),
        ("-12.5", "-12.5", "plain"),
        ("−12.5", "-12.5", "plain"),
        ("+3", "3", "plain"),
        (".5", "0.5", "plain"),
        ("0", "0", "plain"),
        ("1.2万", "12000", "scale"),
        ("3百万", "3000000", "scale"),
        ("1.5亿", "150000000", "scale"),
        ("12.5%", "0.125", "percent"),
        ("１２％", "0.12", "percent"),
        ("\u200b 12 \u00a0", "12", "plain"),
    ],
)
def test_what_is_read(text: str, value: str, rule: str) -> None:
    read = read_number(text)
    assert (str(read.value), read.rule, read.raw) == (value, rule, text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1.234,50", "decimal comma"),
        ("1,5", "decimal comma"),
        ("1,23", "decimal comma"),
        ("0,123", "decimal comma"),
        ("1,2345", "decimal comma"),
        ("12,34,567", "decimal comma"),
        ("1.234.567", "decimal comma"),
        ("1'234.50", "decimal comma"),
        ("5.", "decimal comma"),
        ("007", "leading zero"),
        ("012.5", "leading zero"),
        ("1.2E+4", "exponent"),
        ("1 234.50", "several numbers"),
        ("12-13", "several numbers"),
        ("12~13", "several numbers"),
        ("12元5角", "several numbers"),
        ("约12", "no number"),
        ("12。5", "several numbers"),
        ("十二", "no number"),
        ("同上", "no number"),
        ("", "no number"),
        ("-", "no number"),
        ("%", "no number"),
        ("nan", "no number"),
        ("inf", "no number"),
        ("1_000", "several numbers"),
        ("12²", "no number"),
        ("٣", "no number"),
        ("9" * 41, "number too long"),
    ],
)
def test_what_is_refused(text: str, rule: str) -> None:
    with pytest.raises(SheetError) as caught:
        read_number(text)
    assert caught.value.rule == rule
    assert caught.value.fault.remedy_zh
    assert caught.value.fault.remedy_en


NUMBERS = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4)


@given(NUMBERS, st.booleans(), st.booleans())
def test_numbers_come_back(value: Decimal, grouped: bool, wide: bool) -> None:
    text = f"{value:,f}" if grouped else f"{value:f}"
    if wide:
        text = text.translate(WIDE)
    assert read_number(text).value == value


@given(st.decimals(1000, 10**9, places=2).filter(lambda v: v % 1 != 0))
def test_no_number_of_a_country_with_decimal_commas_is_read(value: Decimal) -> None:
    text = f"{value:,f}".translate(str.maketrans(",.", ".,"))
    with pytest.raises(SheetError, match="two ways"):
        read_number(text)


@given(st.integers(1, 10**9), st.integers(0, 99))
def test_cells_show_fifteen_digits(whole: int, cents: int) -> None:
    value = whole + cents / 100
    assert number_of(value).value == Decimal(f"{whole}.{cents:02d}")


def test_a_cell_of_a_formula_loses_the_noise_of_its_arithmetic() -> None:
    assert number_of(0.1 + 0.2).value == Decimal("0.3")
    assert number_of(7).value == 7
    for value in (float("nan"), float("inf")):
        with pytest.raises(SheetError, match="no number"):
            number_of(value)


@pytest.mark.parametrize(
    ("text", "amount", "money", "measure"),
    [
        ("￥12.5", "12.5", "CNY", ""),
        ("¥１２．５", "12.5", "CNY", ""),
        ("12.5元/米", "12.5", "CNY", "m"),
        ("12.5元每码", "12.5", "CNY", "yd"),
        ("1.2万元/吨", "12000", "CNY", "t"),
        ("RMB 12.5", "12.5", "CNY", ""),
        ("US$3.2/yd", "3.2", "USD", "yd"),
        ("$3.2", "3.2", "USD", ""),
        ("3.2 USD per kg", "3.2", "USD", "kg"),
        ("12.5/㎡", "12.5", "", "m2"),
        ("人民币1,234.50元", "1234.50", "CNY", ""),
        ("12.5", "12.5", "", ""),
    ],
)
def test_prices(text: str, amount: str, money: str, measure: str) -> None:
    price = read_price(text).value
    assert price.amount == Decimal(amount)
    assert price.measure == measure
    assert (money in price.currencies) if money else not price.currencies


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("12.5%", "percent"),
        ("￥1,5", "decimal comma"),
        ("US$12元", "no number"),
        ("12.5元/斤", "measure unknown"),
        ("12元5角", "several numbers"),
        ("面议", "no number"),
        ("12,5元/米", "decimal comma"),
        ("x" * 100, "no number"),
    ],
)
def test_prices_refused(text: str, rule: str) -> None:
    with pytest.raises(SheetError) as caught:
        read_price(text)
    assert caught.value.rule == rule


def test_headings_say_a_basis() -> None:
    assert read_basis("元/米") == Basis(0, frozenset({"CNY"}), "m")
    assert read_basis("万元/吨") == Basis(4, frozenset({"CNY"}), "t")
    assert read_basis("单位：元") == Basis(0, frozenset({"CNY"}), "")
    assert read_basis("/码") == Basis(0, frozenset(), "yd")
    for other in ("必填", "", "含税", "米"):
        assert read_basis(other) is None
    assert read_basis("元/匹", {"匹": "piece"}) == Basis(0, frozenset({"CNY"}), "piece")
    with pytest.raises(SheetError, match="not known"):
        read_basis("元/斤")


@pytest.mark.parametrize("unit", [*NAMES_ZH, "pack 10"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_units_of_measure_are_read_back(unit: str, language: str) -> None:
    assert measure_of(name_of(unit, language)) == unit


def test_units_of_measure() -> None:
    from ellwand.formulas.textile_units import measure

    for word, unit in WORDS.items():
        assert measure_of(word.upper()) == unit
        measure(unit)
    assert measure_of("10件/包") == "pack 10"
    assert measure_of("匹", {"匹": "piece"}) == "piece"
    for word in ("套", "ton", "斤", "", "pack 0", "包０"):
        with pytest.raises(SheetError, match="not known"):
            measure_of(word)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for reader in (read_number, read_price, read_basis):
        try:
            reader(text)
        except SheetError as error:
            assert error.fault.message_zh
