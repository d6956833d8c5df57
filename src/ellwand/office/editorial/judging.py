"""The texts of a round as they stand, and what the guard finds in them: what blocks, and what somebody let stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.editorial.facts import facts_of, last_compilation
from ellwand.office.editorial.models import PRICE, RATIONALE, Draft, Override
from ellwand.office.record.models import Compilation
from ellwand.office.rounds.models import Round
from ellwand.production.comment import Bound, FactTable, Finding, check_text, compare_texts
from ellwand.production.comment.lexicon import Lexicon
from ellwand.production.comment.reader import read_text
from ellwand.production.report.texts import LANGUAGES, Language

ENDS = {"zh": "。！？!?\n", "en": ".!?\n"}


@dataclass(frozen=True)
class Stated:
    """A statement of outside knowledge in a text: its source, its words, and where it stands."""

    language: Language
    start: int
    end: int
    source: str
    text: str


@dataclass(frozen=True)
class Judged:
    """A finding in a text. override : who let it stand, None where it blocks. sentence : that it stands in."""

    language: Language
    finding: Finding
    sentence: str
    override: Override | None = None


@dataclass(frozen=True)
class State:
    """The price comment of a round. drafts, texts : by language. lacks : languages without a text. stale : languages
    whose text is of an earlier compilation. silent : those whose text does not state the level of
    the total. findings : of both languages in the order of the text.
    """

    compilation: Compilation
    facts: FactTable
    drafts: Mapping[Language, Draft]
    texts: Mapping[Language, Bound]
    lacks: tuple[Language, ...]
    stale: tuple[Language, ...]
    findings: tuple[Judged, ...]
    outside: tuple[Stated, ...] = field(default=())
    silent: tuple[Language, ...] = field(default=())

    @property
    def blocking(self) -> list[Judged]:
        """Findings that nobody let stand."""
        return [one for one in self.findings if one.override is None]

    def of(self, language: str) -> list[Judged]:
        """The findings in one language."""
        return [one for one in self.findings if one.language == language]


def drafts_of(found: Round, kind: str = PRICE) -> dict[Language, Draft]:
    """The last draft of a text in each language."""
    out: dict[Language, Draft] = {}
    for row in found.drafts.filter(kind=kind).select_related("by", "compilation").order_by("number"):
        out["zh" if row.language == "zh" else "en"] = row
    return out


def bound_of(draft: Draft, period: str) -> Bound:
    """The text of a draft with its bindings."""
    return _bound(draft.marked, "zh" if draft.language == "zh" else "en", period)


# One text is looked at many times on its way to the release.
_bound = lru_cache(maxsize=32)(Bound.of_marked)


def judge(found: Round) -> State:
    """Read both texts of a round against the figures of its last compilation. DataError for a round without one."""
    made = last_compilation(found)
    drafts = drafts_of(found)
    texts = {language: bound_of(draft, found.period) for language, draft in drafts.items()}
    facts = facts_of(made)
    overrides = list(found.overrides.filter(compilation=made).select_related("by").order_by("pk"))
    return State(
        compilation=made,
        facts=facts,
        drafts=drafts,
        texts=texts,
        lacks=tuple(one for one in LANGUAGES if one not in drafts or not texts[one].text.strip()),
        stale=tuple(one for one in LANGUAGES if one in drafts and drafts[one].compilation_id != made.pk),
        findings=tuple(judged(texts, facts, overrides)),
        outside=tuple(s for language, text in texts.items() for s in stated(text.text, language, facts)),
        silent=tuple(one for one in LANGUAGES if one in texts and not _states_total(texts[one].text, one, facts)),
    )


def judged(texts: Mapping[Language, Bound], facts: FactTable, overrides: Sequence[Override] = ()) -> list[Judged]:
    """The findings of texts: of each against the facts, and of one language against the other where both are there."""
    found: dict[Language, dict[tuple[int, int, str], Finding]] = {one: {} for one in texts}
    for language, bound in texts.items():
        for one in [*check_text(bound.text, language, facts, bound.spans), *beside_facts(bound, facts)]:
            found[language].setdefault((one.start, one.length, one.kind), one)
    if all(one in texts and texts[one].text.strip() for one in LANGUAGES):
        for language, apart in compare_texts(texts["zh"].text, texts["en"].text, facts).items():
            for one in apart:
                found[language].setdefault((one.start, one.length, one.kind), one)
    out = []
    for language in LANGUAGES:
        for one in sorted(found.get(language, {}).values()):
            sentence = sentence_at(texts[language].text, language, one.start, one.start + one.length)
            out.append(Judged(language, one, sentence, let_stand(language, one, sentence, overrides)))
    return out


def let_stand(language: str, one: Finding, sentence: str, overrides: Sequence[Override]) -> Override | None:
    """The override that a finding has: of the same kind and words in the same sentence."""
    return next(
        (
            o
            for o in overrides
            if (o.language, o.finding, o.text, o.sentence) == (language, one.kind, one.text, sentence)
        ),
        None,
    )


def sentence_at(text: str, language: str, start: int, end: int) -> str:
    """The sentence of a text that holds a place."""
    first, last = bounds_at(text, language, start, end)
    return text[first:last]


def bounds_at(text: str, language: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence that holds a place begins and ends; a point inside a figure ends none."""

    def ends(k: int) -> bool:
        return text[k] in ENDS[language] and (text[k] != "." or not text[k + 1 : k + 2].isdigit())

    first = next((k + 1 for k in range(min(start, len(text)) - 1, -1, -1) if ends(k)), 0)
    last = next((k + 1 for k in range(max(end - 1, start), len(text)) if ends(k)), len(text))
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


def stated(text: str, language: Language, facts: FactTable) -> list[Stated]:
    """The statements of outside knowledge in a text."""
    return [Stated(language, *one) for one in _reading(text, language, facts).outside]


def beside_facts(bound: Bound, facts: FactTable) -> list[Finding]:
    """What stands in brackets of outside knowledge although it is of the release: bound figures, the total's change."""
    out = []
    total = facts.name(facts.total.series, bound.language).lower()
    for start, end, _, body in _reading(bound.text, bound.language, facts).outside:
        mine = [s for s in bound.spans if s.kind in ("figure", "direction") and start <= s.start < end]
        claims = read_text(body, facts, bound.language).claims
        own = total in body.lower() and any(c.kind in ("change", "level", "contribution", "pull") for c in claims)
        if mine or own:
            line = bound.text.count("\n", 0, start) + 1
            column = start - (bound.text.rfind("\n", 0, start) + 1) + 1
            message = "a figure of the release is a fact; state it outside the brackets"
            out.append(Finding(start, end - start, line, column, "outside", bound.text[start:end], message))
    return out


def _states_total(text: str, language: Language, facts: FactTable) -> bool:
    """Whether a text states the level of the total, with which every comment begins."""
    claims = _reading(text, language, facts).claims
    return any(c.kind == "level" and facts.total.series in c.series for c in claims)


def _reading(text: str, language: Language, facts: FactTable) -> Any:
    cache = facts.__dict__.setdefault("lexicons", {})
    if language not in cache:
        cache[language] = Lexicon(facts, language)
    return read_text(text, facts, language, cache[language])


def require_both(found: Round, kind: str) -> dict[Language, Draft]:
    """The last draft of a text in both languages. DataError names what is missing."""
    drafts = drafts_of(found, kind)
    missing = [one for one in LANGUAGES if one not in drafts]
    if missing:
        what = "price comment" if kind == PRICE else "rationale" if kind == RATIONALE else kind
        raise DataError(f"round {found.code}: the {what} in {' and '.join(missing)} is not written")
    return drafts
