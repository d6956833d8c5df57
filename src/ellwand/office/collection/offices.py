"""What the rows of a sheet are read against: registers, period, currency, and what was worked out before."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from ellwand.formulas.textile_units import conversion_factors
from ellwand.office.collection.dates import Span, read_date
from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.registers import Entry, Register

_LACKING: Final = {"gsm (": "克重", "width_cm (": "幅宽", "pack (": "每包件数"}
"""What `conversion_factors` says is missing, in Chinese."""


@dataclass(slots=True)
class Office:
    """What rows are read against."""

    units: Register
    items: Register
    period: Span
    currency: str
    assignments: Collection[tuple[str, str]] | None
    measures: Mapping[str, str]
    system: str
    factors: dict[tuple[object, ...], tuple[float, tuple[str, str]]] = field(default_factory=dict)
    days: dict[str, Span | SheetError] = field(default_factory=dict)

    def factor(self, source: str, target: str, entry: Entry) -> tuple[float, tuple[str, str]]:
        """Factor from a price per source to one per target, and why there is none, in English and Chinese."""
        given = tuple(_figure(entry.get(k)) for k in ("gsm", "width_cm", "pack"))
        known = (source, target, *map(str, given))
        if known not in self.factors:
            factor, why = conversion_factors(source, target, *given)
            lacking = [zh for word, zh in _LACKING.items() if word in str(why)]
            why_zh = f"请补充{'、'.join(lacking)}" if lacking else "两种计量单位之间没有换算关系"
            self.factors[known] = (float(factor), (str(why), why_zh))
        return self.factors[known]

    def day(self, text: str) -> Span:
        """The date that a text says; one without a year is of the period's."""
        if text not in self.days:
            found: Span | SheetError
            try:
                found = read_date(text, self.period.end.year, self.system).value
                first = self.period.start.year
                if first != self.period.end.year and not found.within(self.period):
                    # A week that lies in two years: 12月30日 is of the first.
                    other = read_date(text, first, self.system).value
                    found = other if other.within(self.period) else found
            except SheetError as error:
                found = error
            self.days[text] = found
        out = self.days[text]
        if isinstance(out, SheetError):
            raise out
        return out


def _figure(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
