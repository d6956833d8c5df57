"""Numbers and prices as people write them: 1,234.50, １２．５, 1.2万, ￥12.5, 12.5元/米; ambiguous ones are refused."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ellwand.office.collection.measures import measure_of
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.text import Reading, key, normalise

LONGEST = 40
"""Most characters of a number."""

SCALES: Final = {"百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}
"""Powers of ten of the Chinese words for large numbers."""

CURRENCIES: Final[dict[str, frozenset[str]]] = {
    word: frozenset(codes.split())
    for words, codes in (
        ("人民币 rmb cny 元 圆", "CNY"),
        ("¥", "CNY JPY"),
        ("日元 円 jpy", "JPY"),
        ("$", "USD HKD TWD SGD AUD CAD NZD"),
        ("us$ usd 美元 美金", "USD"),
        ("hk$ hkd 港元 港币", "HKD"),
        ("nt$ twd 新台币", "TWD"),
        ("€ eur 欧元 euro", "EUR"),
        ("£ gbp 英镑", "GBP"),
        ("₩ krw 韩元", "KRW"),
        ("₹ inr 卢比", "INR"),
        ("₫ vnd 越南盾", "VND"),
    )
    for word in words.split()
}
"""Signs and words of money, and the currencies that each may mean."""

_MONEY = "|".join(re.escape(w) for w in sorted(CURRENCIES, key=len, reverse=True))
_SCALE = "百万|千万|百|千|万|亿"
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)?(?:\.(?P<part>[0-9]+))?"
    rf" ?(?P<scale>{_SCALE})?(?P<percent> ?%)?"
)
_PRICE = re.compile(
    rf"(?P<before>{_MONEY})? ?(?P<number>[+-]?[0-9.,' ]*[0-9][0-9.,]*(?: ?(?:{_SCALE}))?(?: ?%)?) ?"
    rf"(?P<after>{_MONEY})?(?: ?(?:/|每|per ) ?(?P<measure>.+))?",
    re.IGNORECASE,
)
_BASIS = re.compile(
    rf"(?:单位[::])?(?P<scale>{_SCALE})?(?P<money>{_MONEY})?(?:(?P<per>/|每|per)(?P<measure>.+))?", re.IGNORECASE
)


def _why(text: str) -> str:
    """The rule that a text breaks which is no number."""
    if not any(c.isdigit() for c in text):
        return "no number"
    if re.fullmatch(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+", text):
        return "exponent"
    if re.fullmatch(r"[+-]?0[0-9][0-9,.]*", text):
        return "leading zero"
    if re.fullmatch(r"[+-]?[0-9][0-9.,']*", text):
        return "decimal comma"
    if re.search(r"[0-9][^0-9.,]+[0-9]", text):
        return "several numbers"
    return "no number"


def read_number(raw: str) -> Reading[Decimal]:
    """The number that a text says.

    Rules: "plain", "thousands" (commas before three digits), "scale" (百 千 万 亿), "percent". SheetError for anything
    that may be read in two ways (1.234,50; 1,5; 0,123), for exponents, several numbers, and what is no number.
    """
    text = normalise(raw)
    if len(text) > LONGEST:
        raise SheetError("number too long" if any(c.isdigit() for c in text) else "no number", value=raw)
    found = _NUMBER.fullmatch(text)
    if found is None or not (found["whole"] or found["part"]):
        raise SheetError(_why(text), value=raw)
    whole, part = found["whole"] or "0", found["part"]
    value = Decimal(f"{found['sign']}{whole.replace(',', '')}" + (f".{part}" if part else ""))
    rule = "thousands" if "," in whole else "plain"
    if found["scale"]:
        value, rule = value.scaleb(SCALES[found["scale"]]), "scale"
    if found["percent"]:
        value, rule = value.scaleb(-2), "percent"
    # Without an exponent, so that 1.2万 is 12000 and not 1.2E+4.
    return Reading(raw, Decimal(f"{value:f}"), rule)


def number_of(value: int | float) -> Reading[Decimal]:
    """The number of a spreadsheet's cell, to the 15 digits that spreadsheet programs show. SheetError if not finite."""
    if isinstance(value, int):
        return Reading(str(value), Decimal(value), "cell")
    if not math.isfinite(value):
        raise SheetError("no number", value=value)
    return Reading(repr(value), Decimal(f"{Decimal(f'{value:.15g}'):f}"), "cell")


@dataclass(frozen=True, slots=True)
class Price:
    """A price as written. amount : the number. currencies : those that its sign may mean, empty if it has none.

    measure : unit of measure that the text names, or "". scaled : whether it counts in thousands, ten thousands, ...
    """

    amount: Decimal
    currencies: frozenset[str] = frozenset()
    measure: str = ""
    scaled: bool = False


def _money(words: tuple[str | None, ...], raw: str) -> frozenset[str]:
    out: frozenset[str] = frozenset()
    for word in words:
        if word:
            codes = CURRENCIES[word.lower()]
            if out and not out & codes:
                raise SheetError("no number", value=raw)
            out = out & codes if out else codes
    return out


def read_price(raw: str, measures: Mapping[str, str] | None = None) -> Reading[Price]:
    """The price that a text says, with its currency and its unit of measure if they stand there.

    measures : further words for units of measure. The rule is that of the number. SheetError as of `read_number`, for
    a percentage, and for an unknown unit of measure.
    """
    text = normalise(raw)
    found = _PRICE.fullmatch(text) if len(text) <= 2 * LONGEST else None
    if found is None:
        raise SheetError(_why(text) if len(text) <= 2 * LONGEST else "no number", value=raw)
    try:
        number = read_number(found["number"])
    except SheetError as error:
        raise SheetError(error.rule, value=raw) from None
    if number.rule == "percent":
        raise SheetError("percent", value=raw)
    money = _money((found["before"], found["after"]), raw)
    measure = measure_of(found["measure"], measures) if found["measure"] else ""
    return Reading(raw, Price(number.value, money, measure, number.rule == "scale"), number.rule)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a heading says of all its prices, as 元/米 or 万元/吨: power of ten, currencies, unit of measure."""

    scale: int = 0
    currencies: frozenset[str] = frozenset()
    measure: str = ""


def says_basis(raw: str) -> bool:
    """Whether a remark in a heading speaks of money or of a unit of measure after a stroke."""
    return _basis(raw) is not None


def _basis(raw: str) -> re.Match[str] | None:
    text = normalise(raw).replace(" ", "")
    found = _BASIS.fullmatch(text) if text and len(text) <= LONGEST else None
    return found if found and (found["money"] or found["per"]) else None


def read_basis(raw: str, measures: Mapping[str, str] | None = None) -> Basis | None:
    """The basis that a remark in a heading says, or None if it says something else.

    measures : further words for units of measure. SheetError for a unit of measure that is not known.
    """
    found = _basis(raw)
    if found is None:
        return None
    measure = measure_of(found["measure"], measures) if found["measure"] else ""
    money = CURRENCIES[key(found["money"])] if found["money"] else frozenset()
    return Basis(SCALES.get(found["scale"] or "", 0), money, measure)
