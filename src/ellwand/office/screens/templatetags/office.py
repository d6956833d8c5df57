"""Tags and filters of every template of the office."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ellwand.office.screens import words
from ellwand.production.report.periods import read

register = template.Library()
MINUS = "\u2212"


@register.simple_tag
def say(zh: str, en: str, **values: Any) -> SafeString:
    """Words in the language in use: {% say "接受" "Accept" %}; {name} in them stands for a value."""
    return words.say(zh, en, **values)


@register.filter
def name(row: Any) -> str:
    """The name of a row of a register in the language in use."""
    return words.name_of(row)


@register.filter
def told(row: Any, name: str) -> str:
    """What somebody wrote in both languages, as {{ holiday|told:"reason" }}, in the language in use; it is escaped."""
    key = f"{name}_zh" if words.is_chinese() else f"{name}_en"
    return str(row.get(key, "") if isinstance(row, dict) else getattr(row, key, ""))


@register.filter
def worded(text: Any) -> SafeString:
    """What stands in the way, in the language in use; as it is, and marked as English, where it has no words there."""
    from ellwand.office.screens import refusals

    return refusals.worded(str(text or ""))


@register.filter
def figure(value: Any, digits: int = 2) -> str:
    """A figure with a fixed number of digits and a true minus sign; a dash where there is none."""
    if value is None or value == "":
        return "–"
    shown = f"{Decimal(str(value)):,.{digits}f}" if not isinstance(value, str) else value
    # Nothing is below nothing.
    return shown.replace("-", MINUS if shown.strip("-0.,") else "")


@register.filter
def price(value: Any) -> str:
    """A price as it was reported, without zeros that nobody wrote; a dash where there is none."""
    return "–" if value is None or value == "" else f"{Decimal(str(value)).normalize():f}"


@register.filter
def change(value: Any, digits: int = 2) -> SafeString:
    """A change in per cent with arrow, sign and colour; a dash where there is none."""
    return _change(value, digits, unclear=False)


@register.filter
def change_unless(value: Any, unclear: bool) -> SafeString:
    """A change in per cent to two digits, as `change`; with ≈ and without colour where it is no clear change."""
    return _change(value, 2, unclear=unclear)


def _change(value: Any, digits: int, *, unclear: bool) -> SafeString:
    if value is None or value == "":
        return SafeString("–")
    number = Decimal(str(value).replace(MINUS, "-"))
    shown = number if isinstance(value, str) else round(number, digits)
    sign = "+" if shown > 0 else MINUS if shown < 0 else ""
    way = "rise" if shown > 0 else "fall" if shown < 0 else "same"
    arrow = {"rise": "▲", "fall": "▼", "same": "▬"}[way]
    if unclear and shown:
        way, arrow = "same", "≈"
    mark = '<span class="change {}"><span aria-hidden="true">{}</span> {}{}</span>'
    return format_html(mark, way, arrow, sign, f"{abs(shown)}")


@register.filter
def change_share(value: float | None) -> SafeString:
    """A change that is given as a share, in per cent with arrow, sign and colour."""
    return SafeString("–") if value is None else format_html("{} %", change(100 * value))


@register.filter
def measure(value: str) -> str:
    """The name of a unit of measure."""
    from ellwand.office.collection.measures import name_of

    return name_of(value, "zh" if words.is_chinese() else "en")


@register.filter
def share(value: Any) -> str:
    """A share as per cent."""
    return "–" if value is None else f"{100 * float(value):.1f} %"


register.filter(words.instant)


@register.filter
def when(text: str) -> str:
    """An instant that was written as text (ISO 8601), in the zone of the market."""
    return words.instant(datetime.fromisoformat(text)) if text else "–"


@register.filter
def issue(code: str) -> str:
    """A period in words: 2026-W05 as the week that it is, with its days."""
    period = read(code)
    first, last = period.first, period.last
    if words.is_chinese():
        kind = {"week": f"第{period.number}周", "month": f"{period.number}月", "quarter": f"第{period.number}季度"}
        if period.kind == "day":
            return f"{first.year}年{first.month}月{first.day}日"
        days = f"（{first.month}月{first.day}日至{last.month}月{last.day}日）" if period.kind == "week" else ""
        return f"{period.year}年{kind[period.kind]}{days}"
    if period.kind == "day":
        return first.isoformat()
    kind = {"week": f"Week {period.number}", "month": f"{first:%B}", "quarter": f"Quarter {period.number}"}
    days = f" ({first.day} {first:%b} to {last.day} {last:%b})" if period.kind == "week" else ""
    return f"{kind[period.kind]} {period.year}{days}"
