"""Published figures as intervals: what a printed number says about the number behind it."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

FINEST = 1e-9
"""Relative size of what binary arithmetic may lose: ends of intervals this close are taken to touch."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Interval:
    """Closed interval of possible values."""

    lo: float
    hi: float

    def _crumb(self, other: "Interval") -> float:
        return FINEST * max(1.0, abs(self.lo), abs(other.hi))

    def meets(self, other: "Interval", slack: float = 0.0) -> bool:
        """Whether some value lies in both, or within `slack` of both."""
        slack += self._crumb(other)
        return self.lo <= other.hi + slack and other.lo <= self.hi + slack

    def overlaps(self, other: "Interval") -> bool:
        """Whether more than a common end lies in both, as must be if both are printings of one number."""
        crumb = self._crumb(other)
        return self.lo + crumb < other.hi and other.lo + crumb < self.hi

    def text(self, decimals: int = 3) -> str:
        """The interval for a message."""
        return f"{self.lo:.{decimals}f} to {self.hi:.{decimals}f}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as printed; its interval reaches half a unit of its last printed digit to both sides.

    Both ends count as possible: whatever the rule for halves, a correctly rounded figure is inside. A number with very
    many digits is taken to be exact to 1e-9 only.
    """

    text: str
    value: float
    half: float
    interval: Interval


def figure(text: str) -> Figure | None:
    """A printed number, or None if the text is no finite number.

    Reads a sign (also the typographic minus), thousands in groups (1,252.22) and a per-cent sign.
    """
    plain = text.strip().replace("\N{MINUS SIGN}", "-").removesuffix("%").strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    exponent, value = number.as_tuple().exponent, float(number)
    if not isinstance(exponent, int) or exponent > 300 or not math.isfinite(value) or "_" in plain:
        return None
    half = max(0.5 * 10.0**exponent, FINEST * max(1.0, abs(value)))
    return Figure(text.strip(), value, half, Interval(value - half, value + half))


def implied_base(level: Figure, change: Figure) -> Interval | None:
    """The levels that the base of a change can have had: level / (1 + change/100) over both intervals.

    A change is consistent with a base level if and only if this meets the base's own interval; whether the publisher
    computed the change from rounded or from unrounded levels does not matter, for the rounded ones are in the
    intervals too. None if the change reaches -100 % or the level's interval reaches 0.
    """
    c, v = change.interval, level.interval
    if c.lo <= -100 or v.lo <= 0:
        return None
    return Interval(v.lo / (1 + c.hi / 100), v.hi / (1 + c.lo / 100))


def possible_change(level: Figure, base: Figure) -> Interval | None:
    """The changes in per cent that two printed levels allow; None if the base's interval reaches 0."""
    v, b = level.interval, base.interval
    if b.lo <= 0:
        return None
    return Interval(100 * (v.lo / b.hi - 1), 100 * (v.hi / b.lo - 1))


def true_change(change: Figure, level: Figure | None) -> Interval:
    """The changes of the unrounded index behind a printed change, in per cent.

    The printed change may come from the rounded levels, so each of them may be off by half a unit.
    Without a level only the change's own rounding is known.
    """
    c = change.interval
    base = implied_base(level, change) if level else None
    if level is None or base is None or base.lo <= level.half:
        return c
    v = level.interval
    grown = 1 + level.half / (base.lo - level.half)
    shrunk = 1 - level.half / (base.lo + level.half)
    return Interval(
        100 * ((1 + c.lo / 100) * v.lo / level.value * shrunk - 1),
        100 * ((1 + c.hi / 100) * v.hi / level.value * grown - 1),
    )
