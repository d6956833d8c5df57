"""Faults that one row shows by itself: impossible values, labels that contradict the frequency, direction words."""

import re
from collections.abc import Callable

from ellwand.production.audit.figures import Figure, figure
from ellwand.production.audit.labels import FREQUENCIES, Basis, Period, basis, period, undated
from ellwand.production.audit.rows import Finding, Printed, Row

Fault = Callable[[str, str], None]
"""Takes a rule and a message."""

FALL, RISE = -50, 100
"""Changes on the previous issue beyond these, in per cent, are absurd: prices of a class neither halve nor double."""

FAR_FALL, FAR_RISE = -95, 1000
"""The same for changes over a longer time."""

STEADY = 0.3
"""A text may call a change "unchanged" up to this size, in per cent."""

_WORDS = {
    "up": "up|upward|rise|rises|rose|risen|rising|increase|increases|increased|grew|grow|grown|climbed|gained|advanced"
    "|higher",
    "down": "down|downward|fall|falls|fell|fallen|falling|decrease|decreases|decreased|decline|declines|declined|drop"
    "|drops|dropped|slid|slipped|shrank|lower|reduced",
    "flat": "flat|unchanged|stable|steady|level",
}
_ENGLISH = {way: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for way, words in _WORDS.items()}
_CHINESE = {
    "up": re.compile("上涨|上升|增长|回升|走高|攀升|提高"),
    "down": re.compile("下跌|下降|回落|下滑|走低|降低|减少"),
    "flat": re.compile("持平|平稳"),
}


def read_row(row: Printed) -> tuple[Row, list[Finding]]:
    """A row with its fields read, and what is wrong with them."""
    found: list[Finding] = []

    def fault(rule: str, message: str) -> None:
        found.append(Finding(row.series, row.period, rule, f"row {row.line}: {message}"))

    frequency = FREQUENCIES.get(row.frequency.lower())
    when: Period | None = None
    what: Basis | None = None
    if frequency is None:
        known = ", ".join(list(FREQUENCIES)[:5])
        fault("period-label", f"frequency {row.frequency!r} is none of {known}; its periods cannot be read")
    elif not row.period:
        fault("period-label", "no period is printed; a figure without its period says nothing")
    elif not undated(row.period):
        try:
            when = period(row.period, frequency)
        except ValueError as error:
            fault("period-label", f"period {row.period!r}: {error}")

    level = _number("value", row.value, fault)
    if level and level.value <= 0:
        fault("impossible-value", f"value {level.text}: an index level is above 0")
        level = None
    change = _number("change_pct", row.change_pct, fault)
    if not row.value and not row.change_pct:
        fault("impossible-value", "neither a value nor a change is printed")

    if row.change_basis and frequency:
        try:
            what = basis(row.change_basis, frequency)
        except ValueError as error:
            fault("basis-label", f"change_basis {row.change_basis!r}: {error}")
    elif row.change_pct and not row.change_basis:
        fault("basis-label", f"change_pct {row.change_pct} without a change_basis; nobody can tell what it compares")

    if change:
        low, high = (FALL, RISE) if what and what.kind == "previous" else (FAR_FALL, FAR_RISE)
        if not low <= change.value <= high:
            fault("impossible-value", f"change_pct {change.text} is absurd: outside {low} to {high}")
            change = None
    if row.direction:
        _direction(row.direction, change, fault)
    read = Row(row.line, row.series, row.period, frequency, when, level, change, what, row.change_basis)
    return read, found


def _number(field: str, text: str, fault: Fault) -> Figure | None:
    if not text:
        return None
    number = figure(text)
    if number is None:
        fault("impossible-value", f"{field} {text!r} is no number")
    return number


def _direction(words: str, change: Figure | None, fault: Fault) -> None:
    said = [way for way in ("up", "down", "flat") if _ENGLISH[way].search(words) or _CHINESE[way].search(words)]
    if "up" in said and "down" in said:
        fault("direction", f"direction {words!r} says up and down")
    elif not said:
        fault("direction", f"direction {words!r} is no known word for up, down or unchanged")
    elif change and (
        ("up" in said and change.interval.hi < 0)
        or ("down" in said and change.interval.lo > 0)
        or (said == ["flat"] and abs(change.value) - change.half > STEADY)
    ):
        fault("direction", f"direction {words!r} contradicts change_pct {change.text}")
