"""Numbers as texts write them: full-width digits, thousands separators, and words of Chinese and English."""

import re
from decimal import Decimal

DIGITS = {c: k for k, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
NUMERAL = "[零〇一二三四五六七八九十百千万亿两]"
ENGLISH = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
WORD = "|".join(sorted([*ENGLISH, *TENS], key=len, reverse=True))

WIDE = {0xFF10 + k: str(k) for k in range(10)} | {ord("％"): "%", ord("＋"): "+", ord("－"): "-", ord("．"): "."}
SPACES = {ord(c): " " for c in "\u00a0\u202f\u2009\u3000"}
MINUS = {ord("−"): "-", ord("﹣"): "-"}
WIDE_COMMA = re.compile(r"(?<=[0-9])，(?=[0-9]{3}(?![0-9]))")


def plain(text: str) -> str:
    """The text with every digit, sign, per cent sign and space in its plain form, at the same positions.

    A full-width comma is a thousands separator only between full-width digits.
    """
    out = list(text.translate(WIDE | SPACES | MINUS))
    wide = "".join("#" if "０" <= c <= "９" else c for c in text)
    for found in re.finditer(r"(?<=#)，(?=###(?!#))", wide):
        out[found.start()] = ","
    return "".join(out)


def number(text: str) -> Decimal:
    """A number of digits, with its sign and thousands separators, in plain form."""
    return Decimal(text.replace(",", ""))


def chinese(value: int) -> str:
    """A whole number below 100 in Chinese, as it counts; above, in digits."""
    if not 0 <= value < 100:
        return str(value)
    if value == 2:
        return "两"
    units = "零一二三四五六七八九"
    tens, one = divmod(value, 10)
    if not tens:
        return units[one]
    return ("" if tens == 1 else units[tens]) + "十" + (units[one] if one else "")


def english(value: int) -> str:
    """A whole number up to twenty as a word; above, in digits."""
    return ENGLISH[value] if 0 <= value <= 20 else str(value)


def of_chinese(text: str) -> Decimal:
    """The number of Chinese numerals: 三百二十一, 零点三, 二〇二四, 十五."""
    whole, point, part = text.partition("点")
    value = _whole(whole)
    if not point:
        return Decimal(value)
    return Decimal(f"{value}." + "".join(str(DIGITS[c]) for c in part))


def _whole(text: str) -> int:
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text) or "0")
    total = section = digit = 0
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        elif POWERS[c] < 10_000:
            section += (digit or 1) * POWERS[c]
            digit = 0
        else:
            total += (section + digit or 1) * POWERS[c]
            section = digit = 0
    return total + section + digit


def of_english(text: str) -> Decimal:
    """The number of English words: three, twenty-one, nought point three isn't read."""
    value = 0
    for word in re.split(r"[ -]", text.lower()):
        value += TENS[word] if word in TENS else ENGLISH.index(word)
    return Decimal(value)
