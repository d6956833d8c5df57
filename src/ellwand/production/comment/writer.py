"""What both languages share when they write a plan: figures, names and words with their bindings."""

from abc import ABC, abstractmethod
from decimal import Decimal

from ellwand.production.comment.bound import Bound, Pen
from ellwand.production.comment.facts import PREVIOUS, Fact, identity
from ellwand.production.comment.plan import Plan, Sentence
from ellwand.production.comment.words import STEPS, verb
from ellwand.production.report.texts import Language
from ellwand.production.report.words import Words


class Writer(ABC):
    """Writes one plan in one language; a subclass has a method for each kind of sentence."""

    language: Language

    def __init__(self, plan: Plan) -> None:
        self.plan, self.table = plan, plan.table
        self.pen = Pen(self.language, plan.table.period)
        table = plan.table
        self.words = Words(self.language, table.all.kind, table.level_digits, table.change_digits)
        self.step = STEPS[self.language][table.all.kind]

    def write(self) -> Bound:
        """The text: a title, and under a heading each section's paragraph."""
        self.say("# ")
        self.title(self.plan.title)
        self.say("\n")
        for section in self.plan.sections:
            self.say("\n## ")
            getattr(self, f"heading_{section.kind}")(section.heading)
            self.say("\n\n" if section.sentences else "\n")
            for k, one in enumerate(section.sentences):
                if k:
                    self.say(self.gap)
                getattr(self, "gap_note" if one.kind == "gap" else one.kind)(one)
            if section.sentences:
                self.say("\n")
        return self.pen.done()

    gap = ""
    """What stands between two sentences."""

    def say(self, text: str) -> None:
        """Words that bind nothing."""
        self.pen.say(text)

    @abstractmethod
    def title(self, one: Sentence) -> None:
        """The title."""

    def place(self, series: str) -> str:
        """The id under which a series' name is bound where no figure stands beside it."""
        return identity(series, self.table.period, "index")

    @property
    def distance(self) -> str:
        """The id under which the distance to the previous issue is bound."""
        return identity(self.table.total.series, self.table.period, "gap")

    def label(self, which: str = "") -> str | None:
        """The label of this period or of what a basis compares with."""
        if not which:
            return self.table.period
        at = self.table.bases[which]
        return None if at is None else self.table.all.periods[at]

    def period(self, which: str = "", *, span: bool = True, brackets: tuple[str, str] = (" (", ")")) -> None:
        """A period in words, with its days."""
        label = self.label(which)
        assert label is not None
        fact = identity(self.table.total.series, label, "period")
        self.pen.bind(self.words.period(label), "period", fact, label)
        days = self.words.span(label) if span else ""
        if days:
            self.say(brackets[0])
            self.pen.bind(days, "period", fact, label)
            self.say(brackets[1])

    def figure(self, fact: Fact, *, sign: bool = False) -> None:
        """A figure as published; without sign, its size."""
        digits = self.table.digits(fact.measure)
        assert fact.value is not None
        if sign:
            text = self.words.signed(float(fact.value), digits)
        else:
            text = self.words.figure(abs(float(fact.value)), digits)
        self.pen.bind(text, "figure", fact)

    def direction(self, fact: Fact) -> str:
        """Bind and write the direction word of a change."""
        word = verb(self.language, fact.way, fact.size, zero=not fact.value)
        self.pen.bind(word, "direction", fact)
        return word

    def heads(self, fact: Fact) -> bool:
        """Whether the gap to the previous issue belongs to a change: the total's, where it isn't one period."""
        return fact.basis == PREVIOUS and self.table.gap > 1 and fact.series == self.table.total.series


def sign_of(facts: tuple[Fact, ...]) -> int:
    """Sign of contributions that stand together."""
    return 1 if (facts[0].value or Decimal(0)) > 0 else -1
