"""How each language writes figures, periods and sentences of the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from string import Formatter

from ellwand.production.report.facts import Drivers, Series, direction, rounded
from ellwand.production.report.periods import Kind, read
from ellwand.production.report.texts import LANGUAGES, SLIGHT, SMALL, TEXTS, Language

VERBS = {
    "zh": {1: ("微涨", "小涨", "上涨"), -1: ("微跌", "小跌", "下跌")},
    "en": {1: ("edged up", "rose slightly", "rose"), -1: ("edged down", "fell slightly", "fell")},
}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth",
)  # fmt: skip


def fields(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@dataclass(frozen=True)
class Words:
    """One language: texts by key, and the writing of figures, periods, names and findings.

    kind : of the periods. level_digits, change_digits : decimals of published levels and changes.
    """

    language: Language
    kind: Kind = "week"
    level_digits: int = 2
    change_digits: int = 2

    def __call__(self, key: str, **values: str) -> str:
        """A text with its fields filled in."""
        return TEXTS[key][LANGUAGES.index(self.language)].format(**values)

    def by_kind(self, key: str) -> str:
        """A text that depends on the kind of the periods."""
        return self(f"{key}_{self.kind}")

    def name(self, series: Series) -> str:
        """The class's name."""
        return series.name_zh if self.language == "zh" else series.name_en

    def level(self, value: float) -> str:
        """A level, in the decimals in which it is published."""
        return self.figure(value, self.level_digits)

    def figure(self, value: float, digits: int = 2) -> str:
        """A share or another figure; a dash where there is none."""
        exact = rounded(value, digits)
        return "–" if exact is None else f"{exact:,.{digits}f}".replace("-", "−")

    def signed(self, value: float, digits: int | None = None) -> str:
        """A change or contribution with its sign; zero has none. Without digits: those of published changes."""
        digits = self.change_digits if digits is None else digits
        exact = rounded(value, digits)
        if exact is None:
            return "–"
        return f"{exact:+.{digits}f}".replace("-", "−") if exact else f"{exact:.{digits}f}"

    def percent(self, value: float, digits: int | None = None, *, sign: bool = False) -> str:
        """A figure in per cent with its unit."""
        digits = self.change_digits if digits is None else digits
        figure = self.signed(value, digits) if sign else self.figure(value, digits)
        return figure if figure == "–" else figure + ("%" if self.language == "zh" else "\u202f%")

    def ordinal(self, place: int) -> str:
        """A place in a row: a word up to twelfth in English, a number in Chinese."""
        if self.language == "zh":
            return str(place)
        if place <= len(ORDINALS):
            return ORDINALS[place - 1]
        ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
        return f"{place}{ending}"

    def count(self, value: float) -> str:
        """A whole number."""
        return f"{round(value):,}"

    def day(self, when: date, *, year: bool = True) -> str:
        """A date in full."""
        if self.language == "zh":
            return (f"{when.year}年" if year else "") + f"{when.month}月{when.day}日"
        return f"{when.day} {MONTHS[when.month - 1]}" + (f" {when.year}" if year else "")

    def period(self, label: str) -> str:
        """A period in words: week, month or quarter of a year, or a day."""
        one = read(label)
        if one.kind == "day":
            return self.day(one.first)
        if self.language == "zh":
            return f"{one.year}年" + {"week": "第{}周", "month": "{}月", "quarter": "第{}季度"}[one.kind].format(
                one.number
            )
        if one.kind == "month":
            return f"{MONTHS[one.number - 1]} {one.year}"
        return f"{one.kind} {one.number} of {one.year}"

    def span(self, label: str) -> str:
        """The days of a week or quarter, first to last; nothing for a month or a day, whose name says them."""
        one = read(label)
        first, last = one.first, one.last
        if one.kind in ("month", "day"):
            return ""
        if self.language == "zh":
            end = self.day(last, year=first.year != last.year) if first.month != last.month else f"{last.day}日"
            return f"{self.day(first)}至{end}"
        if first.month == last.month:
            return f"{first.day} to {self.day(last)}"
        return f"{self.day(first, year=first.year != last.year)} to {self.day(last)}"

    def names(self, names: Sequence[str]) -> str:
        """An enumeration."""
        if self.language == "zh":
            return "、".join(names)
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} and {names[-1]}"

    def market_measure(self, name: str) -> str:
        """A unit of measure in words; one that has no word stands as it is written."""
        key = f"measure_{name}"
        return self(key) if key in TEXTS else name

    def way(self, change: float) -> int:
        """Direction of a change as published."""
        return direction(change, self.change_digits)

    def verb(self, change: float) -> str:
        """The direction word of a change that does not round to zero; its size is graded by SLIGHT and SMALL."""
        size = abs(float(rounded(change, self.change_digits) or 0))
        return VERBS[self.language][self.way(change)][(size >= SLIGHT) + (size > SMALL)]

    def why(self, total: Series, driving: Drivers, position: int) -> str:
        """The sentences of the value block: level, change and the classes behind it."""
        level, change = self.level(total.index[position]), float(total.change_previous[position])
        way = self.way(change)
        if rounded(change) is None:
            return self("sentence_first", level=level)
        if way == 0:
            said = [self("sentence_flat", level=level)]
        elif not total.clear[position]:
            said = [self("sentence_unclear", level=level, change=self.percent(change, sign=True))]
        else:
            said = [self("sentence_total", level=level, verb=self.verb(change), change=self.percent(abs(change)))]
        up, down = ("pulled", "restrained") if way >= 0 else ("restrained", "pulled")
        for key, classes in ((up, driving.pulled), (down, driving.restrained)):
            if classes:
                listed = [
                    self("driver", name=self.name(one), points=self.signed(one.contribution[position], 3))
                    for one in classes
                ]
                said.append(self(key, names=self.names(listed)))
        return ("" if self.language == "zh" else " ").join(said)

    def finding(self, total: Series, position: int, run: int) -> str:
        """The title of the total's chart: its run of issues and where it stands against last year."""
        change, on_year = float(total.change_previous[position]), float(total.change_last_year[position])
        if rounded(change) is None:
            return self("finding_first", level=self.level(total.index[position]))
        if rounded(on_year) is None:
            year = self("without_year", level=self.level(total.index[position]))
        elif self.way(on_year) == 0:
            year = self("as_year")
        else:
            sides = ("高", "低") if self.language == "zh" else ("above", "below")
            year = self("than_year", change=self.percent(abs(on_year)), side=sides[self.way(on_year) < 0])
        if self.way(change) == 0:
            return self("finding_flat", year=year)
        if not total.clear[position]:
            return self("finding_unclear", year=year)
        if run < 2:
            return self("finding_once", word=self.verb(change), year=year)
        plain = VERBS[self.language][self.way(change)][2]
        return self("finding_run", ordinal=self.ordinal(run), word=plain, year=year)
