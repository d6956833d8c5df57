"""The comment in English."""

from ellwand.production.comment.facts import PREVIOUS, Fact
from ellwand.production.comment.numerals import english
from ellwand.production.comment.plan import Sentence
from ellwand.production.comment.words import BASIS, english_name
from ellwand.production.comment.writer import Writer, sign_of
from ellwand.production.report.texts import Language

SOFT = {"imputed": "by imputation", "carried": "with prices carried through closures"}
PULL = {1: "pulled up", -1: "restrained"}
UNIT = {
    "percent": "%",
    "percentage_points": "percentage points",
    "points": "points",
    "quotes": "matched quotes",
    "units": "sample units",
}
NARROW = "\u202f"


def capital(text: str) -> str:
    """A text that begins a sentence."""
    return text[:1].upper() + text[1:]


class English(Writer):
    """Writes a plan in English."""

    language: Language = "en"
    gap = " "

    def name(self, fact: Fact | str, *, begins: bool = False) -> None:
        """A class or item; with a small letter within a sentence."""
        series = fact if isinstance(fact, str) else fact.series
        text = self.table.name(series, "en")
        place = self.place(series) if isinstance(fact, str) else fact
        self.pen.bind(text if begins else english_name(text), "name", place)

    def total(self, fact: Fact | str, *, begins: bool = False) -> None:
        """The total, with its article."""
        self.say("The " if begins else "the ")
        self.name(fact)

    def number(self, fact: Fact, *, sign: bool = False) -> None:
        """A figure with its unit."""
        self.figure(fact, sign=sign)
        self.say(NARROW if fact.unit == "percent" else " ")
        unit = UNIT[fact.unit]
        self.pen.bind(unit[:-1] if fact.value == 1 and fact.unit in ("quotes", "units") else unit, "unit", fact)

    def soften(self, one: Sentence, series: str, before: str = "", after: str = "", *, begins: bool = False) -> None:
        """The words that soften an imputed class."""
        if series in one.soft:
            self.say(before)
            word = SOFT[one.soft[series]]
            self.pen.bind(capital(word) if begins else word, "status", self.place(series))
            self.say(after)

    def title(self, one: Sentence) -> None:
        """Period, the total, and what moved it."""
        first = one.facts[0]
        label = self.words.period(self.table.period)
        self.pen.bind(capital(label), "period", f"{one.series}@{self.table.period}:period", self.table.period)
        self.say(": ")
        self.name(first)
        self.say(" ")
        if one.note == "first":
            self.say("stood at ")
            self.number(first)
            self.say(", no earlier issue to compare with")
            return
        self.direction(first)
        self.say(", ")
        if one.note == "all":
            self.say("both classes " if len(one.more) == 2 else f"all {english(len(one.more))} classes ")
            self.pen.bind("rose" if first.way > 0 else "fell", "direction", first)
        elif one.note == "top":
            self.pen.bind(PULL[sign_of(one.more)], "direction", one.more[0])
            self.say(" most by ")
            self.name(one.more[0])
        else:
            self.say("no class clearly pulled or restrained")

    def heading_total(self, one: Sentence) -> None:
        """Heading of the total."""
        self.name(one.series, begins=True)

    def heading_class(self, one: Sentence) -> None:
        """Heading of a class, with its direction."""
        self.name(one.facts[0] if one.facts else one.series, begins=True)
        if one.facts:
            self.say(" ")
            self.direction(one.facts[0])

    def heading_outlook(self, one: Sentence) -> None:
        """Heading of the writer's own part."""
        self.say("Outlook")

    def level(self, one: Sentence) -> None:
        """Level and the three changes."""
        index, *changes = one.facts
        if one.note == "total":
            self.say("In ")
            self.period()
            self.say(", ")
            self.soften(one, one.series, after=", ")
            self.total(index)
        else:
            self.soften(one, one.series, after=", ", begins=True)
            self.say("the index of " if one.series in one.soft else "The index of ")
            self.name(index)
        self.say(" stood at ")
        self.number(index)
        if not changes or changes[0].basis != PREVIOUS:
            self.say("; there is no earlier issue to compare with")
        self.say(".")
        if changes:
            self.say(" It ")
            self.changes(changes)
            self.say(".")
        if one.note == "total" and changes and {fact.basis for fact in changes} == {PREVIOUS}:
            self.say(" There is no earlier year to compare with.")

    def changes(self, changes: list[Fact]) -> None:
        """The changes, each with what it compares with: "rose by .. on .., and was up .. on .. and down .. on .."."""
        first, *rest = changes
        begins_flat = first.basis != PREVIOUS or not first.way
        if begins_flat:
            self.say("was ")
        if first.basis == PREVIOUS:
            self.moved(first)
        else:
            self.stood(first)
        if rest:
            self.say(", " if begins_flat and len(rest) > 1 else " and " if begins_flat else ", and was ")
            self.pen.join(rest, ", ", " and ", self.stood)

    def basis(self, fact: Fact) -> None:
        """What a change compares with."""
        self.say("on ")
        self.pen.bind(BASIS["en"][fact.basis], "basis", fact)
        if self.heads(fact):
            self.say(", ")
            steps = f"{english(self.table.gap)} {self.step}{'s' if self.table.gap > 1 else ''} earlier"
            self.pen.bind(steps, "period", self.distance, str(self.table.gap))

    def moved(self, fact: Fact) -> None:
        """Direction word, figure and basis: "rose slightly by 0.26 % on the previous issue"."""
        self.direction(fact)
        if fact.way:
            self.say(" by ")
            self.number(fact)
            self.say(" ")
            self.basis(fact)
            return
        self.say(" ")
        self.basis(fact)
        self.flat(fact)

    def flat(self, fact: Fact) -> None:
        """The figure of a change that isn't one."""
        self.say(" (")
        self.number(fact, sign=True)
        self.say("; the interval includes zero)" if fact.value else ")")

    def stood(self, fact: Fact) -> None:
        """A change on an earlier year: "up 0.42 % on the beginning of the year"."""
        if not fact.way:
            self.direction(fact)
            self.say(" ")
            self.basis(fact)
            self.flat(fact)
            return
        self.pen.bind("up" if fact.way > 0 else "down", "direction", fact)
        self.say(" ")
        self.number(fact)
        self.say(" ")
        self.basis(fact)

    def gap_note(self, one: Sentence) -> None:
        """The previous issue and the periods without one."""
        self.say("The previous issue was that of ")
        self.period(PREVIOUS)
        self.say("; ")
        many = self.table.gap - 1
        self.pen.bind(
            f"{english(many)} {self.step}{'s' if many > 1 else ''}", "period", self.distance, str(self.table.gap)
        )
        self.say(" in between had no issue.")

    def interval(self, one: Sentence) -> None:
        """Interval of the change."""
        low, high = one.facts
        self.say(f"The {100 * self.table.coverage:g}{NARROW}% interval of the change on ")
        self.pen.bind(BASIS["en"][PREVIOUS], "basis", low)
        self.say(" runs from ")
        self.number(low, sign=True)
        self.say(" to ")
        self.number(high, sign=True)
        self.say(".")

    def drivers(self, one: Sentence) -> None:
        """Which classes pulled and which restrained."""
        self.total(one.series, begins=True)
        if one.facts:
            self.say(" was ")
            self.pen.bind(PULL[sign_of(one.facts)], "direction", one.facts[0])
            self.say(" by ")
            self.pen.join(one.facts, ", ", " and ", lambda fact: self.driver(one, fact))
        if one.more:
            self.say(", and was " if one.facts else " was ")
            self.pen.bind(PULL[sign_of(one.more)], "direction", one.more[0])
            self.say(" most by ")
            self.pen.join(one.more, ", ", " and ", lambda fact: self.driver(one, fact))
        self.say(".")

    def driver(self, one: Sentence, fact: Fact) -> None:
        """A class with its contribution."""
        self.name(fact)
        self.say(" (")
        self.number(fact, sign=True)
        self.soften(one, fact.series, before=", ")
        self.say(")")

    def imputed_share(self, one: Sentence) -> None:
        """Share of the weight that is imputed."""
        self.say("Imputed prices hold ")
        self.number(one.facts[0])
        self.say(" of the weight.")

    def carried_share(self, one: Sentence) -> None:
        """Share of the weight carried through closures."""
        self.say("Prices carried through closures hold ")
        self.number(one.facts[0])
        self.say(" of the weight.")

    def sample(self, one: Sentence) -> None:
        """What the issue rests on."""
        self.say("The issue rests on ")
        self.number(one.facts[0])
        self.say(" from ")
        self.number(one.facts[1])
        self.say(".")

    def listed(self, one: Sentence, fact: Fact) -> None:
        """A class or item with its change."""
        self.name(fact)
        self.say(" ")
        self.direction(fact)
        self.say(" by ")
        self.number(fact)
        self.soften(one, fact.series, before=" (", after=")")

    def classes(self, one: Sentence) -> None:
        """The classes below that moved."""
        self.say("Among its classes, compared with ")
        self.listing(one)

    def items(self, one: Sentence) -> None:
        """The items that moved."""
        self.say("Among its items, compared with ")
        self.listing(one)

    def listing(self, one: Sentence) -> None:
        """The basis and the list."""
        self.pen.bind(BASIS["en"][PREVIOUS], "basis", one.facts[0])
        self.say(", ")
        commas = any("," in self.table.name(fact.series, "en") for fact in one.facts)
        between, last = ("; ", "; and ") if commas else (", ", " and ")
        self.pen.join(one.facts, between, last, lambda fact: self.listed(one, fact))
        self.say(".")

    def still(self, one: Sentence) -> None:
        """No class below moved."""
        self.say("None of its classes clearly changed on the previous issue.")

    def no_figure(self, one: Sentence) -> None:
        """Classes without a figure."""
        hidden = one.note == "suppressed"
        self.say("No figure is published for " if hidden else "There is no figure for ")
        self.pen.join(one.facts, ", ", " and ", self.name)
        self.say(": too few sample units report, or one of them dominates." if hidden else " in this issue.")
