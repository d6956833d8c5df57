"""Bound text: plain text, and spans that say which fact each figure, word, name, period and unit of it stands for."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TypeVar

from ellwand.engine.errors import DataError
from ellwand.production.comment.facts import Fact
from ellwand.production.report.texts import LANGUAGES, Language

T = TypeVar("T")
KINDS = ("figure", "unit", "direction", "basis", "name", "period", "status")
"""What a span binds."""
OPEN, BAR, CLOSE = "⟦", "|", "⟧"
MARKED = re.compile(
    "⟦(?P<kind>[a-z]+):(?P<fact>[^|⟦⟧]*)=(?P<value>[^|⟦⟧=]*)[|](?P<text>[^⟦⟧]*)⟧",
)


@dataclass(frozen=True, order=True)
class Span:
    """Characters start..end (end excluded) of a text stand for a fact; value is the fact's when the text was made."""

    start: int
    end: int
    kind: str
    fact: str
    value: str = ""


@dataclass(frozen=True)
class Bound:
    """A text of one language and period with its spans, in order and without overlaps.

    DataError: the language is unknown, or a span lies outside the text, overlaps another, or has an unknown kind.
    """

    language: Language
    period: str
    text: str
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise DataError(f"language {self.language!r} is unknown; use {' or '.join(LANGUAGES)}")
        last = 0
        for k, span in enumerate(self.spans):
            where = f"span {k + 1} ({span.kind} {span.fact})"
            if span.kind not in KINDS:
                raise DataError(f"{where}: unknown kind; allowed: {', '.join(KINDS)}")
            if not last <= span.start < span.end <= len(self.text):
                raise DataError(
                    f"{where}: {span.start} to {span.end} overlaps the span before it or lies outside the text of "
                    f"{len(self.text)} characters; order the spans and remove one of the two"
                )
            last = span.end

    def marked(self) -> str:
        """The text with its spans written into it, for an editor: ⟦figure:FACT=VALUE|text⟧."""
        if any(mark in self.text for mark in (OPEN, CLOSE)):
            raise DataError(f"the text holds {OPEN} or {CLOSE}, which mark spans; remove them")
        out, at = [], 0
        for one in self.spans:
            shown = self.text[one.start : one.end]
            out += [self.text[at : one.start], f"{OPEN}{one.kind}:{one.fact}={one.value}{BAR}{shown}{CLOSE}"]
            at = one.end
        return "".join([*out, self.text[at:]])

    @classmethod
    def of_marked(cls, marked: str, language: Language, period: str) -> "Bound":
        """Text and spans of a marked text; the reverse of `marked`. DataError for a mark that isn't whole."""
        out: list[str] = []
        spans: list[Span] = []
        at = length = 0
        for found in MARKED.finditer(marked):
            before = marked[at : found.start()]
            shown = found["text"]
            out += [before, shown]
            start = length + len(before)
            length = start + len(shown)
            if shown:
                spans.append(Span(start, length, found["kind"], found["fact"], found["value"]))
            at = found.end()
        text = "".join([*out, marked[at:]])
        for mark in (OPEN, CLOSE):
            if mark in text:
                line = marked[: marked.index(mark)].count("\n") + 1
                raise DataError(f"a mark {mark} is not whole (first mark in line {line}); write ⟦kind:fact=value|text⟧")
        return cls(language, period, text, tuple(spans))

    def json(self) -> str:
        """The bound text as canonical JSON."""
        # vars and not asdict, which copies every text of every span.
        content = vars(self) | {"spans": [vars(one) for one in self.spans]}
        return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1) + "\n"

    @classmethod
    def of_json(cls, content: str) -> "Bound":
        """The reverse of `json`. DataError for other content."""
        try:
            raw = json.loads(content)
            spans = tuple(Span(**one) for one in raw["spans"])
            return cls(raw["language"], raw["period"], raw["text"], spans)
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise DataError(f"no bound text: {error}; it holds language, period, text and spans") from error

    def edited(self, text: str) -> tuple["Bound", tuple[Span, ...]]:
        """The text as an editor changed it: spans whose characters stand are kept, the others are given back.

        A span is kept where its own characters are unchanged, wherever its sentence has moved to within its order.
        """
        blocks = SequenceMatcher(None, self.text, text, autojunk=False).get_matching_blocks()
        kept, lost = [], []
        for one in self.spans:
            for block in blocks:
                if block.a <= one.start and one.end <= block.a + block.size:
                    shift = block.b - block.a
                    kept.append(Span(one.start + shift, one.end + shift, one.kind, one.fact, one.value))
                    break
            else:
                lost.append(one)
        return Bound(self.language, self.period, text, tuple(kept)), tuple(lost)


@dataclass
class Pen:
    """Writes a bound text piece by piece."""

    language: Language
    period: str
    pieces: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    length: int = 0

    def say(self, text: str) -> None:
        """Words that bind nothing."""
        self.pieces.append(text)
        self.length += len(text)

    def bind(self, text: str, kind: str, fact: Fact | str, value: str | None = None) -> None:
        """Words that stand for a fact."""
        name, own = (fact, "") if isinstance(fact, str) else (fact.id, "" if fact.value is None else str(fact.value))
        self.spans.append(Span(self.length, self.length + len(text), kind, name, own if value is None else value))
        self.say(text)

    def join(self, parts: Sequence[T], between: str, last: str, write: Callable[[T], None]) -> None:
        """Write each part with `write`, with words between them and before the last one."""
        for k, part in enumerate(parts):
            if k:
                self.say(last if k == len(parts) - 1 else between)
            write(part)

    def done(self) -> Bound:
        """The text."""
        return Bound(self.language, self.period, "".join(self.pieces), tuple(self.spans))
