"""The guard: finds what a text says against the facts, with the place of each finding."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cached_property

from ellwand.production.comment.bound import Span
from ellwand.production.comment.dates import agrees
from ellwand.production.comment.facts import BASES, PREVIOUS, Fact, FactTable, identity
from ellwand.production.comment.findings import Finding
from ellwand.production.comment.lexicon import Lexicon
from ellwand.production.comment.plan import driving, everyone
from ellwand.production.comment.reader import Claim, Reading, read_text
from ellwand.production.report.periods import read
from ellwand.production.report.texts import Language

FOREIGN = {
    "zh": re.compile(r"[A-Za-z]{2,}(?:[ ,]+[a-z]{2,}){2,}"),
    "en": re.compile("[\u3400-\u9fff，。：（）、]+"),
}


def check_text(text: str, language: Language, facts: FactTable, spans: Sequence[Span] | None = None) -> list[Finding]:
    """Everything in a text of one language that the facts don't bear out, in the order of the text.

    spans : the bindings of a bound text; with them a stale sentence is known even where its figures happen to stand.
    An empty list means that every figure, direction word, name, period and unit that the text states was read and
    found to be true.
    """
    guard = Guard(text, language, facts)
    guard.read()
    if spans is not None:
        guard.bindings(spans)
    return guard.found()


class Guard:
    """One text against one table."""

    def __init__(self, text: str, language: Language, facts: FactTable) -> None:
        self.text, self.language, self.table = text, language, facts
        self.findings: dict[tuple[int, int, str], Finding] = {}
        self.lines = [0, *(k + 1 for k, c in enumerate(text) if c == "\n")]

    @cached_property
    def reading(self) -> Reading:
        """What the text says."""
        cache = self.table.__dict__.setdefault("lexicons", {})
        if self.language not in cache:
            cache[self.language] = Lexicon(self.table, self.language)
        return read_text(self.text, self.table, self.language, cache[self.language])

    def found(self) -> list[Finding]:
        """The findings in the order of the text."""
        return sorted(self.findings.values())

    def say(self, kind: str, start: int, end: int, message: str, fact: str = "") -> None:
        """Note a finding; a second one of the same kind at the same place adds nothing."""
        line = next(k for k in range(len(self.lines) - 1, -1, -1) if self.lines[k] <= start)
        one = Finding(
            start, end - start, line + 1, start - self.lines[line] + 1, kind, self.text[start:end], message, fact
        )
        self.findings.setdefault((start, end, kind), one)

    def read(self) -> None:
        """Check the whole text."""
        for claim in self.reading.claims:
            CHECKS[claim.kind](self, claim)
        self._repeated()
        self._parts()
        self._headings()
        self._foreign()
        self._outside()

    # one claim

    def facts_of(self, claim: Claim, measure: str) -> list[Fact]:
        """The facts that a claim may mean: one for each series of its name."""
        return [self.table.of(series, measure) for series in claim.series]

    def change(self, claim: Claim) -> None:
        """A change in per cent, or a direction word alone."""
        if claim.forecast and claim.value is None and claim.label is None:
            return  # the writer's outlook; its figures and comparisons are checked, its expectations can't be
        facts = self.facts_of(claim, f"change_{claim.basis}")
        if any(self._holds(claim, fact) for fact in facts):
            self._soft(claim)
            return
        self._explain(claim, facts[0])

    def _holds(self, claim: Claim, fact: Fact) -> bool:
        if fact.value is None:
            return False
        if claim.value is not None and not _equal(claim, fact):
            return False
        if claim.way is not None and (claim.way != fact.way or (claim.exact and fact.value != 0)):
            return False
        return claim.size is None or claim.way == 0 or claim.size == fact.size

    def _explain(self, claim: Claim, fact: Fact) -> None:
        """Name what is wrong with a change."""
        word = claim.word or (claim.start, claim.end)
        if fact.value is None:
            self.say("no_fact", claim.start, claim.end, f"{self._who(fact)} has no such change", fact.id)
            return
        if claim.value is not None and not _equal(claim, fact):
            self._wrong(claim, fact)
        if claim.way is not None and (claim.way != fact.way or (claim.exact and fact.value != 0)):
            held = "" if fact.clear else ", and its interval includes 0"
            self.say("direction", *word, f"{self._who(fact)} changed by {_signed(fact)} %{held}", fact.id)
        elif claim.size == -1:
            self.say("size", *word, "no threshold is declared for this size word; use a word of the glossary", fact.id)
        elif claim.size is not None and claim.way != 0 and claim.size != fact.size:
            self.say("size", *word, f"{self._who(fact)} changed by {_signed(fact)} %, another size", fact.id)

    def _wrong(self, claim: Claim, fact: Fact) -> None:
        """A figure that isn't its fact's: of another basis, class, period or measure, or of nothing."""
        expected = f"{self._who(fact)}: {_signed(fact) if fact.unit.startswith('perc') else fact.value}"
        if fact.measure.startswith("change_") and fact.basis:
            for basis in BASES:
                other = self.table.of(fact.series, f"change_{basis}")
                if basis != fact.basis and _equal(claim, other):
                    at = claim.label or (claim.start, claim.end)
                    self.say("basis", *at, f"{expected} on this basis; the figure is that on {basis}", fact.id)
                    return
        for measure, unit in (("index", "points"), (f"change_{PREVIOUS}", "percent"), ("contribution", "points")):
            other = self.table.of(fact.series, measure)
            if other.unit != fact.unit and _equal(claim, other):
                self.say("unit", claim.start, claim.end, f"{expected}; the figure is its {measure} ({unit})", fact.id)
                return
        for series in self._rivals(fact.series):
            if _equal(claim, self.table.of(series, fact.measure)):
                inside = claim.named and claim.sentence[0] <= claim.named[0] < claim.sentence[1]
                at = claim.named if inside and claim.named else (claim.start, claim.end)
                self.say("name", *at, f"{expected}; the figure is that of {self._name(series)}", fact.id)
                return
        if fact.series in self.table.series:
            for t, period in enumerate(self.table.all.periods):
                if t != self.table.at and _equal(claim, self.table.of(fact.series, fact.measure, t)):
                    self.say("stale", claim.start, claim.end, f"{expected}; the figure is that of {period}", fact.id)
                    return
        self.say("figure", claim.start, claim.end, expected, fact.id)

    def _rivals(self, series: str) -> list[str]:
        """The series with which a text may confuse one: the total, its classes, and those with the same parent."""
        if series in self.table.items:
            return [one for one in self.table.items if one != series]
        own = self.table.series[series]
        near = (
            self.table.total,
            *self.table.classes,
            *(o for o in self.table.series.values() if o.parent == own.parent),
        )
        return list(dict.fromkeys(one.series for one in near if one is not own))

    def plain(self, claim: Claim) -> None:
        """A figure whose measure is plain: level, contribution, share, count, interval limit."""
        measure = {"level": "index", "contribution": "contribution"}.get(claim.kind, claim.detail)
        facts = self.facts_of(claim, measure)
        if claim.kind == "interval" and claim.basis != PREVIOUS:
            at = claim.label or (claim.start, claim.end)
            self.say("basis", *at, "intervals are of the change on the previous issue", facts[0].id)
        good = [fact for fact in facts if fact.value is not None and _equal(claim, fact)]
        if claim.kind in ("interval", "contribution") and good and not claim.signed and good[0].value != 0:
            good = [fact for fact in good if (fact.value or 0) > 0]
        if not good:
            fact = facts[0]
            if fact.value is None:
                self.say("no_fact", claim.start, claim.end, f"{self._who(fact)} has no published {measure}", fact.id)
            else:
                self._wrong(claim, fact)
        elif claim.kind == "contribution" and claim.way is not None and claim.way != _sign(good[0].value):
            word = claim.word or (claim.start, claim.end)
            self.say("direction", *word, f"{self._who(good[0])} contributed {_signed(good[0])}", good[0].id)
        elif claim.kind in ("level", "contribution"):
            self._soft(claim)

    def _soft(self, claim: Claim) -> None:
        """Imputed classes are softened, others aren't."""
        inside = claim.named is not None and claim.sentence[0] <= claim.named[0] < claim.sentence[1]
        if claim.value is None or not inside or (claim.kind == "change" and claim.basis != PREVIOUS):
            return
        if any(head.start <= claim.start < head.end for head in self.reading.headings):
            return
        need = {self.table.soft(series) for series in claim.series}
        if claim.soft in need:
            return
        fact = identity(claim.series[0], self.table.period, "index")
        said = f"softened as {claim.soft}" if claim.soft else "not softened"
        is_what = "; ".join(sorted(one or "observed" for one in need))
        self.say("status", claim.start, claim.end, f"{self._name(claim.series[0])} is {is_what}, and {said} here", fact)

    def coverage(self, claim: Claim) -> None:
        """The coverage of an interval."""
        want = Decimal(f"{100 * self.table.coverage:g}")
        if claim.value != want:
            self.say("figure", claim.start, claim.end, f"the intervals of the method cover {want} %")

    def period(self, claim: Claim) -> None:
        """A period or date."""
        at = self.table.at if not claim.basis else self.table.bases[claim.basis]
        if claim.forecast and claim.days and claim.days.first and claim.days.first > read(self.table.period).last:
            return
        label = None if at is None else self.table.all.periods[at]
        if label is None or claim.days is None or not agrees(claim.days, label):
            what = "this issue" if not claim.basis else {"previous": "the previous issue"}.get(claim.basis, claim.basis)
            shown = "not in the table" if label is None else f"{label} ({read(label).first} to {read(label).last})"
            self.say("period", claim.start, claim.end, f"{what} is {shown}")

    def gap(self, claim: Claim) -> None:
        """How long ago the previous issue was, or how many periods had none."""
        want = self.table.gap - (claim.kind == "skipped")
        units = {
            "week": ("周", "week"),
            "month": ("个月", "month"),
            "quarter": ("个季度", "quarter"),
            "day": ("天", "day"),
        }
        if claim.value != want or claim.detail.lower() not in units[self.table.all.kind]:
            self.say("period", claim.start, claim.end, f"the previous issue lies {self.table.gap} periods back")

    def step(self, claim: Claim) -> None:
        """A label such as "last week" in place of "previous issue"."""
        words = self.text[claim.start : claim.end].lower()
        kinds = {"week": ("周", "week"), "month": ("月", "month"), "quarter": ("季", "quarter"), "day": ("日", "day")}
        if self.table.gap != 1 or not any(w in words for w in kinds[self.table.all.kind]):
            self.say("basis", claim.start, claim.end, f"the previous issue lies {self.table.gap} periods back")

    def pull(self, claim: Claim) -> None:
        """A class that is said to pull or restrain."""
        facts = self.facts_of(claim, "contribution")
        if not any(_sign(fact.value) == claim.way for fact in facts if fact.value is not None):
            word = claim.word or (claim.start, claim.end)
            self.say("direction", *word, f"{self._who(facts[0])} contributed {_signed(facts[0])}", facts[0].id)
            return
        if claim.kind == "top":
            rivals = [self.table.of(one, "contribution").value for one in self.table.classes]
            values = [(claim.way or 1) * v for v in rivals if v is not None]
            mine = [(claim.way or 1) * f.value for f in facts if f.value is not None]
            inside = any(one.series in claim.series for one in self.table.classes)
            if not inside or max(mine) < max(values):
                self.say("name", claim.start, claim.end, "another class contributed more this way", facts[0].id)

    def all(self, claim: Claim) -> None:
        """All classes are said to have moved one way."""
        want = len(self.table.classes)
        if claim.value is not None and claim.value != want:
            self.say("figure", claim.start, claim.end, f"there are {want} classes")
        fact = self.table.of(self.table.total, f"change_{PREVIOUS}")
        if not everyone(self.table) or fact.way != claim.way:
            self.say("direction", claim.start, claim.end, "not every class moved this way")
        elif claim.size is not None and any(
            self.table.of(one, f"change_{PREVIOUS}").size != claim.size for one in self.table.classes
        ):
            self.say("size", claim.start, claim.end, "not every class moved by this size")

    def nobody(self, claim: Claim) -> None:
        """No class is said to have pulled or restrained."""
        if any(driving(self.table)):
            self.say("direction", claim.start, claim.end, "there are classes that pulled or restrained")

    def still(self, claim: Claim) -> None:
        """No class below is said to have changed."""
        below = [
            c
            for name in claim.series
            if name in self.table.series
            for c in self.table.children(self.table.series[name])
        ]
        if not below or any(self.table.of(c, f"change_{PREVIOUS}").way for c in below):
            self.say(
                "direction", claim.start, claim.end, f"a class below {self._name(claim.series[0])} clearly changed"
            )

    def no_figure(self, claim: Claim) -> None:
        """A class is said to have no figure."""
        if all(fact.value is not None for fact in self.facts_of(claim, "index")):
            self.say("status", claim.start, claim.end, f"{self._name(claim.series[0])} has a published figure")

    def nothing_before(self, claim: Claim) -> None:
        """There is said to be nothing to compare with."""
        bases = (PREVIOUS,) if claim.kind == "no_previous" else BASES[1:]
        if any(f.value is not None for basis in bases for f in self.facts_of(claim, f"change_{basis}")):
            self.say("status", claim.start, claim.end, f"{self._name(claim.series[0])} has a change to compare")

    def includes(self, claim: Claim) -> None:
        """An interval is said to include zero."""
        if all(fact.clear for fact in self.facts_of(claim, f"change_{PREVIOUS}")):
            self.say("direction", claim.start, claim.end, f"the interval of {self._name(claim.series[0])} leaves out 0")

    def soft(self, claim: Claim) -> None:
        """A softening without a figure."""
        if claim.detail not in {self.table.soft(series) for series in claim.series}:
            self.say("status", claim.start, claim.end, f"{self._name(claim.series[0])} isn't {claim.detail}")

    def odd(self, claim: Claim) -> None:
        """What can't be a fact: figures without a measure, negated or vague words, pulls of nothing."""
        if claim.kind == "unit":
            kind = "unit" if claim.value is not None and self._somewhere(claim) else "no_fact"
            remedy = "give the unit of its fact, or mark it as outside knowledge with a source"
            self.say(kind, claim.start, claim.end, f"no fact has this figure in this unit; {remedy}")
        elif claim.kind == "nameless":
            self.say("name", claim.start, claim.end, "names no class or item of the table; correct the name")
        elif claim.kind == "subject":
            self.say("name", claim.start, claim.end, "it is the total that classes pull or restrain")
        else:
            self.say("unreadable", claim.start, claim.end, "say it plainly: a direction word, or the figure itself")

    def _somewhere(self, claim: Claim) -> bool:
        measures = ("index", *(f"change_{b}" for b in BASES), "contribution", "matched", "units")
        return any(_equal(claim, self.table.of(s, m)) for s in claim.series if s in self.table.series for m in measures)

    # the whole text

    def _repeated(self) -> None:
        """A change stated twice in one sentence means that another is missing."""
        seen: set[tuple[object, ...]] = set()
        for claim in self.reading.claims:
            key = (claim.kind, claim.series, claim.basis, claim.sentence)
            if claim.kind not in ("change", "contribution") or claim.value is None:
                continue
            if key in seen:
                at = claim.label or (claim.start, claim.end)
                measure = "contribution" if claim.kind == "contribution" else f"change_{claim.basis}"
                self.say("basis", *at, "the sentence states this twice", self.facts_of(claim, measure)[0].id)
            seen.add(key)

    def _parts(self) -> None:
        """A class whose change lies outside those of its parts is wrong in the table itself."""
        step = Decimal(1).scaleb(-self.table.change_digits)
        for claim in self.reading.claims:
            if (
                claim.kind != "change"
                or claim.basis != PREVIOUS
                or claim.value is None
                or claim.series[0] not in self.table.series
            ):
                continue
            whole = self.table.of(claim.series[0], f"change_{PREVIOUS}")
            below = [
                self.table.of(c, f"change_{PREVIOUS}").value
                for c in self.table.children(self.table.series[claim.series[0]])
            ]
            given = [v for v in below if v is not None]
            if whole.value is None or not given or len(given) < len(below):
                continue
            if not min(given) - step <= whole.value <= max(given) + step:
                moved = f"{self._who(whole)} changed by {_signed(whole)} %, its parts by {min(given)} to {max(given)}"
                self.say("parts", claim.start, claim.end, f"{moved}; the table is wrong", whole.id)

    def _headings(self) -> None:
        """Each level-1 class has one heading, in order, and its own level below it."""
        heads = self.reading.headings
        total = self.table.total.series
        for head in heads:
            names = [t for c in self.reading.claims if head.start <= c.start < head.end for t in c.series]
            if head.kind == "title" and total not in (*head.series, *names):
                self.say("heading", head.start, head.end, f"the title doesn't name {self._name(total)}")
        sections = [h for h in heads if h.kind == "section"]
        if not sections:
            return
        order = [one.series for one in self.table.classes]
        seen: list[str] = []
        for head in sections:
            own = [s for s in head.series if s in order]
            if not own:
                if not (head.series and self.table.total.series in head.series):
                    self.say(
                        "heading",
                        head.start,
                        head.end,
                        "no class has this name; correct it or mark the section as outlook",
                    )
                continue
            if own[0] in seen:
                self.say("heading", head.start, head.end, "this class has a heading already")
            elif seen and order.index(own[0]) < order.index(seen[-1]):
                self.say("heading", head.start, head.end, "out of the order of the classification")
            seen.append(own[0])
            end = min((h.start for h in heads if h.start > head.start), default=len(self.text))
            for claim in self.reading.claims:
                if claim.kind in ("level", "no_figure") and head.end <= claim.start < end:
                    if not any((s + "/").startswith(own[0] + "/") for s in claim.series):
                        at = claim.named or (claim.start, claim.end)
                        self.say("heading", *at, f"under the heading of {self._name(own[0])}")
                    break
        for series in order:
            if series not in seen:
                self.say(
                    "heading", sections[-1].start, sections[-1].end, f"the heading of {self._name(series)} is missing"
                )

    def _foreign(self) -> None:
        """Words of the other language, outside of names."""
        names = {self.table.name(s, self.language) for s in (*self.table.series, *self.table.items)}
        bare = self.text
        for name in sorted(names, key=len, reverse=True):
            bare = bare.replace(name, "\0" * len(name))
        for start, end, *_ in self.reading.outside:
            bare = bare[:start] + "\0" * (end - start) + bare[end:]
        run = FOREIGN[self.language].search(bare)
        if run:
            self.say("language", run.start(), run.end(), "the text is of the other language here")

    def _outside(self) -> None:
        for start, end, source, body in self.reading.outside:
            if not source.strip() or not body.strip():
                self.say("outside", start, end, "an outside statement names its source before the colon")
            inside = read_text(body, self.table, self.language)
            if any(c.kind == "level" for c in inside.claims) and any(
                self.table.name(s, self.language).lower() in body.lower() for s in self.table.series
            ):
                self.say("outside", start, end, "levels of the index are facts; state them outside the brackets")

    def bindings(self, spans: Sequence[Span]) -> None:
        """Check the spans of a bound text: of this issue, of the observation as it is now, and still saying it."""
        for span in spans:
            series, _, rest = span.fact.rpartition("@")
            period, _, measure = rest.partition(":")
            shown = self.text[span.start : span.end]
            if measure == "period":
                known = [
                    self.table.period,
                    *(self.table.all.periods[t] for t in self.table.bases.values() if t is not None),
                ]
                if period not in known:
                    self.say(
                        "stale", span.start, span.end, f"bound to {period}; the issue is {self.table.period}", span.fact
                    )
                continue
            if period != self.table.period:
                self.say(
                    "stale", span.start, span.end, f"bound to {period}; the issue is {self.table.period}", span.fact
                )
                continue
            if measure == "gap":
                if span.value != str(self.table.gap):
                    self.say(
                        "stale",
                        span.start,
                        span.end,
                        f"the previous issue lies {self.table.gap} periods back",
                        span.fact,
                    )
                continue
            fact = self.table.by_id(span.fact)
            if fact is None:
                self.say(
                    "no_fact", span.start, span.end, f"bound to {span.fact}, which the table doesn't hold", span.fact
                )
                continue
            now = "" if fact.value is None else str(fact.value)
            if span.kind != "name" and span.value and span.value != now:
                self.say(
                    "stale",
                    span.start,
                    span.end,
                    f"the fact was {span.value} and is {now or 'not shown'} now",
                    span.fact,
                )
            elif span.kind == "name" and shown.lower() != self.table.name(series, self.language).lower():
                self.say("binding", span.start, span.end, f"bound to {self._name(series)}", span.fact)

    def _name(self, series: str) -> str:
        return self.table.name(series, self.language)

    def _who(self, fact: Fact) -> str:
        return self._name(fact.series)


def _equal(claim: Claim, fact: Fact) -> bool:
    """Whether a figure as written is that of a fact; without a sign or direction word, a fall needs one."""
    if fact.value is None or claim.value is None:
        return False
    if claim.signed:
        return claim.value == fact.value
    if claim.way is None and claim.kind in ("change", "contribution", "interval"):
        return claim.value == fact.value
    return claim.value == abs(fact.value)


def _sign(value: Decimal | None) -> int:
    return 0 if not value else 1 if value > 0 else -1


def _signed(fact: Fact) -> str:
    return "nothing" if fact.value is None else f"{fact.value:+}" if fact.value else str(fact.value)


CHECKS: dict[str, Callable[[Guard, Claim], None]] = {
    "change": Guard.change,
    "level": Guard.plain,
    "contribution": Guard.plain,
    "interval": Guard.plain,
    "share": Guard.plain,
    "count": Guard.plain,
    "coverage": Guard.coverage,
    "period": Guard.period,
    "gap": Guard.gap,
    "skipped": Guard.gap,
    "step": Guard.step,
    "pull": Guard.pull,
    "top": Guard.pull,
    "all": Guard.all,
    "nobody": Guard.nobody,
    "still": Guard.still,
    "no_figure": Guard.no_figure,
    "no_previous": Guard.nothing_before,
    "no_year": Guard.nothing_before,
    "includes": Guard.includes,
    "soft": Guard.soft,
    "unit": Guard.odd,
    "subject": Guard.odd,
    "nameless": Guard.odd,
    "negated": Guard.odd,
    "vague": Guard.odd,
}
