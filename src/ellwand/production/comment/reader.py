"""Reads a text: what each of its figures, words, names and periods claims, sentence by sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ellwand.production.comment.dates import Days
from ellwand.production.comment.facts import PREVIOUS, FactTable
from ellwand.production.comment.lexicon import Lexicon, Token
from ellwand.production.comment.numerals import plain
from ellwand.production.report.texts import Language

WORDS = {"zh": re.compile("[\u3400-\u9fff]"), "en": re.compile(r"[A-Za-z]{2}")}
FREE = {
    "zh": re.compile(
        "[其该它本此今也均都则又再仍了的报为在由至到将]|所属各类中|所属各类|品种中|各类|继续|有所|整体|总体|进一步|同步|普遍|出现|价格|指数|幅度|[点期]"
    ),
    "en": re.compile(
        r"\b(?:it|they|its|their|this|these|the|an?|was|were|is|are|has|have|had|been|and|but|also|then|again|further|still"
        r"|continued|to|at|by|on|in|of|index|price|prices|level|change|stood|added|with|from|than|class|classes|items|among|compared|issue)\b",
        re.IGNORECASE,
    ),
}
ALONE = ("still", "nobody", "no_previous", "no_year", "negated", "vague")
TIED = re.compile(r" (?:in|for|of|from) (?:the )?(?:index of )?")
OUTLOOK = {"zh": ("展望", "后市展望"), "en": ("outlook", "the outlook")}


@dataclass(frozen=True)
class Claim:
    """One thing that a text says.

    kind : level, change, contribution, interval, coverage, share, count, period, gap, skipped, pull, top, all, nobody,
    still, no_figure, no_previous, no_year, includes, soft, or one that can't be read: unit, negated, vague, size,
    subject. series : those that the name may mean. value, signed : figure as written, and whether it has a sign.
    way : direction word, 0 a flat one, None for none. exact : the flat word says that nothing changed at all. size :
    grade of the size word. detail : which share, limit, basis label or source. start, end : characters of the text;
    sentence : those of its sentence; word, label, named : those of its direction word, basis and name, if any.
    forecast : it stands in the outlook.
    """

    kind: str
    start: int
    end: int
    series: tuple[str, ...] = ()
    basis: str = ""
    value: Decimal | None = None
    signed: bool = False
    way: int | None = None
    exact: bool = False
    size: int | None = None
    detail: str = ""
    days: Days | None = None
    soft: str = ""
    sentence: tuple[int, int] = (0, 0)
    word: tuple[int, int] | None = None
    label: tuple[int, int] | None = None
    named: tuple[int, int] | None = None
    forecast: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading: its depth, series ("" for none), and its characters. kind : title, section or outlook."""

    kind: str
    depth: int
    series: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """What a text says, in order; outside statements with their source and words."""

    claims: tuple[Claim, ...]
    headings: tuple[Heading, ...]
    outside: tuple[tuple[int, int, str, str], ...]


def read_text(text: str, table: FactTable, language: Language, lexicon: Lexicon | None = None) -> Reading:
    """Read a text of one language."""
    words = lexicon or Lexicon(table, language)
    simple = plain(text)
    claims: list[Claim] = []
    headings: list[Heading] = []
    outside: list[tuple[int, int, str, str]] = []
    subject: tuple[str, ...] = (table.total.series,)
    section = subject
    named: tuple[int, int] | None = None
    forecast = False
    for tokens, depth, start, end in _sentences(words.tokens(simple), simple):
        if depth:
            bare = simple[start:end].strip("# \t\n").lower()
            own = next((t for t in tokens if t.kind == "name"), None)
            forecast = bare in OUTLOOK[language]
            kind = "title" if depth == 1 else "outlook" if forecast else "section"
            headings.append(Heading(kind, depth, own.data["series"] if own else (), start, end))
            if own:
                subject, named = own.data["series"], (own.start, own.end)
            section = subject
        one = _Sentence(tokens, table, language, subject, section, named, forecast, (start, end), simple)
        before = len(claims)
        claims += one.claims()
        outside += [
            (t.start, t.end, t.data.get("source", ""), t.data.get("body", "")) for t in tokens if t.kind == "outside"
        ]
        # "It" and "its" are the class whose level was stated last, not the last one of a list.
        level = next((c for c in reversed(claims[before:]) if c.kind == "level"), None)
        if level is not None:
            subject, named = level.series, level.named
    claims.sort(key=lambda c: (c.start, c.end))
    return Reading(tuple(claims), tuple(headings), tuple(outside))


def _sentences(tokens: Iterator[Token], text: str) -> Iterator[tuple[list[Token], int, int, int]]:
    """Sentences with the depth of their heading (0 for none), start and end."""
    start, part = 0, []
    ends = [*tokens, Token("end", len(text), len(text), "")]
    for token in ends:
        if token.kind != "end":
            part.append(token)
            continue
        piece = text[start : token.start]
        begin = start + len(piece) - len(piece.lstrip())
        line = text.rfind("\n", 0, begin) + 1
        head = text[line : token.start]
        depth = len(head) - len(head.lstrip("#")) if line == begin or head.startswith("#") else 0
        if part or depth:
            yield part, depth, begin, token.end
        start, part = token.end, []


class _Sentence:
    """One sentence: its tokens, and the subject that it takes over and hands on."""

    def __init__(
        self,
        tokens: list[Token],
        table: FactTable,
        language: Language,
        subject: tuple[str, ...],
        section: tuple[str, ...],
        named: tuple[int, int] | None,
        forecast: bool,
        span: tuple[int, int],
        text: str,
    ) -> None:
        self.text = text
        self.tokens, self.table, self.language = tokens, table, language
        self.limits: list[str] = []
        self.share = ""
        self.subject, self.named = subject, named
        # Counts and shares of a sentence that names no class are the section's.
        own = next((t for t in tokens if t.kind == "name"), None)
        self.counted = own.data["series"] if own else section
        self.forecast, self.span = forecast, span

    def claims(self) -> list[Claim]:
        """Everything that the sentence says."""
        self.out: list[Claim] = []
        self.waiting: Token | None = None  # a direction word whose figure may still come
        self.pull: Token | None = None
        self.everyone: Token | None = None
        self.lead = ""
        for k, token in enumerate(self.tokens):
            step = getattr(self, f"_{token.kind}", None)
            if step is not None:
                step(k, token)
            elif token.kind in ALONE:
                self.out.append(self._claim(token.kind, token))
        self._flush()
        self._nameless()
        if self.everyone is not None:
            self.out.append(self._claim("unit", self.everyone, value=self.everyone.data["many"]))
        if self.lead:
            self.out = [replace(c, soft=c.soft or self.lead) if c.value is not None else c for c in self.out]
            if not any(c.kind in ("level", "change") for c in self.out):
                self.out.append(self._claim("soft", self.tokens[0], detail=self.lead))
        return self.out

    def _nameless(self) -> None:
        """Words that stand where a class's name should: before a figure or direction word, or in a list of names."""
        stated = [c for c in self.out if c.kind in ("level", "change", "contribution", "pull", "top")]
        if self.forecast:
            stated = [c for c in stated if c.value is not None]
        first = next((t for t in self.tokens if t.kind in ("way", "flat", "figure", "pull", "all")), None)
        if stated and first is not None and first.kind != "all":
            before = [t for t in self.tokens if t.end <= first.start]
            if not any(t.kind == "name" for t in before):
                self._stray(before, self.span[0], first.start)
        last = next((t for t in reversed(self.tokens) if t.kind == "pull"), None)
        if (
            last is not None
            and last.data["by"]
            and not any(t.kind == "name" and t.start >= last.end for t in self.tokens)
        ):
            self.out.append(Claim("nameless", last.start, last.end, self.subject, sentence=self.span))
        for token in self.tokens:
            if token.kind == "no_figure":
                zh = self.language == "zh"
                part = [t for t in self.tokens if (t.end <= token.start if zh else t.start >= token.end)]
                colon = self.text.find(":", token.end)
                limit = colon if 0 <= colon < self.span[1] else self.span[1]
                span = (self.span[0], token.start) if zh else (token.end, limit)
                self._stray([t for t in part if t.start < span[1]], *span)

    def _stray(self, tokens: list[Token], start: int, end: int) -> None:
        """A claim for the first piece between tokens that holds words which aren't free."""
        edges = [start, *(edge for t in tokens for edge in (t.start, t.end)), end]
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            rest = self.text[left:right]
            if WORDS[self.language].search(FREE[self.language].sub("", rest)):
                begin = left + len(rest) - len(rest.lstrip("#，、：,;: "))
                stop = max(begin + 1, left + len(rest.rstrip()))
                self.out.append(Claim("nameless", begin, stop, self.subject, sentence=self.span))
                return

    def _flush(self) -> None:
        """A direction word that has no figure is a claim of its own."""
        if self.waiting is not None:
            self.out.append(self._word(self.waiting))
            self.waiting = None

    def _name(self, k: int, token: Token) -> None:
        self._flush()
        self.subject, self.named = token.data["series"], (token.start, token.end)
        if self.pull is not None and self.pull.data["by"]:
            self.out.append(self._pulled(self.pull, token, "top" if self.pull.data["top"] else "pull"))
            # The largest is one; what follows it only shares its direction.
            self.pull = replace(self.pull, data=self.pull.data | {"top": False})

    def _way(self, k: int, token: Token) -> None:
        data = token.data
        if self._postfix(k):
            return
        if self.everyone is not None:
            many = self.everyone.data["many"]
            self.out.append(self._claim("all", self.everyone, value=many, way=data["way"], size=data["size"]))
            self.everyone = None
            return
        self._flush()
        self.waiting = token

    _flat = _way

    def _all(self, k: int, token: Token) -> None:
        self.everyone = token

    def _pull(self, k: int, token: Token) -> None:
        self.pull = token
        self.out += self._puller(k, token)

    def _interval(self, k: int, token: Token) -> None:
        self.limits = ["change_low", "change_high"]

    def _share(self, k: int, token: Token) -> None:
        self.share = token.data["detail"]

    def _soft(self, k: int, token: Token) -> None:
        """Before all figures it softens the sentence, after one only that figure."""
        if not any(t.kind == "figure" for t in self.tokens[:k]):
            self.lead = token.data["detail"]
            return
        last = max((i for i, c in enumerate(self.out) if c.value is not None), default=None)
        if last is not None:
            self.out[last] = replace(self.out[last], soft=token.data["detail"])

    def _period(self, k: int, token: Token) -> None:
        self.out.append(self._claim("period", token, days=token.data["days"], basis=self._role(k)))

    def _gap(self, k: int, token: Token) -> None:
        self.out.append(self._claim(token.kind, token, value=token.data["many"], detail=token.data["step"]))

    _skipped = _gap

    def _no_figure(self, k: int, token: Token) -> None:
        self.out += self._without(k, token)

    def _basis(self, k: int, token: Token) -> None:
        if token.data["detail"] == "step":
            self.out.append(self._claim("step", token))

    def _includes(self, k: int, token: Token) -> None:
        self._flush()
        self.out.append(self._claim("includes", token))

    def _figure(self, k: int, token: Token) -> None:
        said = {"value": token.data["value"], "signed": token.data["signed"]}
        unit = token.data["unit"]
        if unit == "percent":
            self._percent(k, token, said)
        elif self.limits:  # the limits of an interval are in per cent
            self.limits.pop(0)
            self.out.append(self._claim("unit", token, value=said["value"], detail=unit or ""))
        elif unit == "points":
            if self.waiting is not None and self._attached(self.waiting, token):
                self.out.append(replace(self._change(k, token, self.waiting), kind="unit", detail="points"))
                self.waiting = None
            else:
                self.out.append(self._claim("level", token, **said))
        elif unit == "percentage_points":
            word = None if self.pull is None else (self.pull.start, self.pull.end)
            sign = None if self.pull is None else self.pull.data["sign"]
            self.out.append(self._claim("contribution", token, way=sign, word=word, **said))
        elif unit in ("quotes", "units"):
            detail = "matched" if unit == "quotes" else "units"
            self.out.append(self._claim("count", token, series=self.counted, detail=detail, **said))
        else:
            self.out.append(self._claim("unit", token, value=said["value"], detail=unit or ""))

    def _percent(self, k: int, token: Token, said: dict[str, Any]) -> None:
        if self._next(k, "interval"):
            self.out.append(self._claim("coverage", token, **said))
            return
        if self.limits and self.waiting is None:
            limit = self.limits.pop(0)
            basis, label = self._compared(k)
            self.out.append(self._claim("interval", token, detail=limit, basis=basis, label=label, **said))
        elif self.share:
            self.out.append(self._claim("share", token, series=self.counted, detail=self.share, **said))
            self.share = ""
        else:
            self.out.append(self._change(k, token, self.waiting or self._after(k)))
            self.waiting = None

    def _claim(self, kind: str, token: Token, **more: object) -> Claim:
        one = Claim(
            kind, token.start, token.end, self.subject, sentence=self.span, named=self.named, forecast=self.forecast
        )
        return replace(one, **more)  # type: ignore[arg-type]

    def _change(self, k: int, token: Token, word: Token | None) -> Claim:
        basis, label = self._compared(k)
        more = {} if word is None else {
            "way": word.data["way"], "exact": word.data.get("exact", False), "size": word.data["size"],
            "word": (word.start, word.end),
        }  # fmt: skip
        series, named = self._following(k) or (self.subject, self.named)
        return self._claim(
            "change",
            token,
            value=token.data["value"],
            signed=token.data["signed"],
            basis=basis,
            label=label,
            series=series,
            named=named,
            **more,
        )

    def _word(self, word: Token) -> Claim:
        """A direction word without a figure of its own."""
        at = self.tokens.index(word)
        basis, label = self._compared(at)
        return self._claim(
            "change",
            word,
            basis=basis,
            label=label,
            way=word.data["way"],
            exact=word.data.get("exact", False),
            size=word.data["size"],
            word=(word.start, word.end),
        )

    def _postfix(self, k: int) -> bool:
        """Whether a direction word belongs to the figure right before it, as in "0.42 % higher"."""
        before = self.tokens[k - 1] if k else None
        return (
            before is not None
            and before.kind == "figure"
            and before.data["unit"] == "percent"
            and self.tokens[k].start - before.end <= 1
            and self._own_word(k - 1) is None
        )

    def _own_word(self, k: int) -> Token | None:
        for token in reversed(self.tokens[:k]):
            if token.kind in ("figure", "name"):
                return None
            if token.kind in ("way", "flat"):
                return token
        return None

    def _after(self, k: int) -> Token | None:
        return (
            self.tokens[k + 1] if k + 1 < len(self.tokens) and self._is_word(k + 1) and self._postfix(k + 1) else None
        )

    def _is_word(self, k: int) -> bool:
        return self.tokens[k].kind in ("way", "flat")

    def _attached(self, word: Token, figure: Token) -> bool:
        """Whether a direction word stands right before a figure: "rose by 0.3 points", not "rose to 105.2 points"."""
        return self.text[word.end : figure.start].strip() in ("", "by", "了")

    def _next(self, k: int, kind: str) -> bool:
        return (
            k + 1 < len(self.tokens)
            and self.tokens[k + 1].kind == kind
            and self.tokens[k + 1].start - self.tokens[k].end <= 1
        )

    def _following(self, k: int) -> tuple[tuple[str, ...], tuple[int, int]] | None:
        """A name tied to the figure before it, "a rise of 0.3 % in polyester"; English only."""
        if self.language == "zh" or k + 1 >= len(self.tokens) or self.tokens[k + 1].kind != "name":
            return None
        name = self.tokens[k + 1]
        tied = TIED.fullmatch(self.text[self.tokens[k].end : name.start])
        return (name.data["series"], (name.start, name.end)) if tied else None

    def _compared(self, k: int) -> tuple[str, tuple[int, int] | None]:
        """What the figure or word at k compares with, and where the text says so.

        Chinese says it before the figure. English says it after, but before a list, and before figures in brackets.
        """
        labels = [(i, t) for i, t in enumerate(self.tokens) if t.kind == "basis"]
        before = [t for i, t in labels if i < k]
        if self.language == "zh":
            found = before[-1:]
        else:
            figures = [
                i
                for i, t in enumerate(self.tokens)
                if t.kind in ("figure", "way", "flat") and t.data.get("unit", "percent") == "percent"
            ]
            later = next(
                (i for i in figures if i > k and not (self._is_word(k) and self._own(k) == i)), len(self.tokens)
            )
            between = [t for i, t in labels if k < i < later]
            first = figures[0] if figures else 0
            leading = [t for i, t in labels if i < first]
            if self._inside(k):
                found = before[-1:] or between[:1]
            else:
                found = between[:1] or leading[-1:] or [t for i, t in labels if i > k][:1] or before[-1:]
        if not found:
            return PREVIOUS, None
        detail = found[0].data["detail"]
        return PREVIOUS if detail == "step" else detail, (found[0].start, found[0].end)

    def _own(self, k: int) -> int | None:
        """The figure that a direction word at k speaks of."""
        for i in range(k + 1, len(self.tokens)):
            if self.tokens[i].kind == "figure":
                return i
            if self.tokens[i].kind in ("way", "flat", "name"):
                return None
        return None

    def _inside(self, k: int) -> bool:
        depth = 0
        for token in self.tokens[:k]:
            depth += {"open": 1, "close": -1}.get(token.kind, 0)
        return depth > 0

    def _role(self, k: int) -> str:
        """Which issue a period belongs to: that of the label before it, or this one."""
        for token in reversed(self.tokens[:k]):
            if token.kind in ("figure", "weak"):
                return ""
            if token.kind == "basis":
                return PREVIOUS if token.data["detail"] == "step" else token.data["detail"]
        return ""

    def _puller(self, k: int, token: Token) -> list[Claim]:
        """Checks of who is said to pull: "X pulled most", "the total was pulled up by ..", "拉动总指数的是 ..."."""
        total = (self.table.total.series,)
        before = next((t for t in reversed(self.tokens[:k]) if t.kind in ("name", "figure")), None)
        out: list[Claim] = []
        if token.data["by"]:
            if (
                self.language == "en"
                and before is not None
                and before.kind == "name"
                and total[0] not in before.data["series"]
            ):
                out.append(self._claim("subject", before, series=before.data["series"]))
            if self.language == "zh" and not token.data["top"] and not token.data["whole"]:
                out.append(self._claim("subject", token))
            return out
        after = self.tokens[k + 1] if k + 1 < len(self.tokens) else None
        if after is not None and after.kind == "name" and after.start - token.end <= 1 and not token.data["top"]:
            out.append(self._claim("subject", after, series=after.data["series"]))
        if before is None or before.kind != "name" or total[0] in before.data["series"]:
            out.append(self._claim("subject", token))
        else:
            out.append(self._pulled(token, before, "top" if token.data["top"] else "pull"))
        return out

    def _pulled(self, pull: Token, name: Token, kind: str) -> Claim:
        return self._claim(
            kind,
            name,
            series=name.data["series"],
            way=pull.data["sign"],
            word=(pull.start, pull.end),
            named=(name.start, name.end),
        )

    def _without(self, k: int, token: Token) -> list[Claim]:
        """The classes that are said to have no figure."""
        part: Sequence[Token] = self.tokens[k:] if self.language == "en" else self.tokens[:k]
        names = [t for t in part if t.kind == "name"]
        return [self._claim("no_figure", t, series=t.data["series"], named=(t.start, t.end)) for t in names] or [
            self._claim("no_figure", token)
        ]
