"""The tokens of a text: names, figures with units, words and periods that mean something to the reader."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ellwand.production.comment.dates import Days, read_days
from ellwand.production.comment.facts import FactTable
from ellwand.production.comment.grammar import DIGITS, SIZES, UNITS_EN, UNITS_ZH, grammar
from ellwand.production.comment.numerals import number, of_chinese, of_english
from ellwand.production.report.periods import read
from ellwand.production.report.texts import Language


@dataclass(frozen=True)
class Token:
    """One piece of a text that means something to the reader."""

    kind: str
    start: int
    end: int
    text: str
    data: dict[str, Any] = field(default_factory=dict)


def _names(table: FactTable, language: Language) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for series in (*table.series, *table.items):
        found.setdefault(table.name(series, language).lower(), []).append(series)
    return {name: tuple(series) for name, series in found.items() if name}


class NameFinder:
    """Finds names in a text: the first one, and of those that begin at one place the longest.

    A table has thousands of names, and its texts are short; a pattern of all of them would take longer to make than the
    texts take to read. Upper and lower case are the same. words : a name ends where a word does, as in English.
    """

    def __init__(self, names: Iterable[str], *, words: bool) -> None:
        self.words = words
        # Names by their first two characters, the longest first; a name of one character stands below that alone.
        self._by_start: dict[str, list[str]] = {}
        for name in sorted(names, key=len, reverse=True):
            self._by_start.setdefault(name[:2], []).append(name)
        self._text, self._lower = "", ""

    def search(self, text: str, at: int = 0) -> tuple[int, int, str] | None:
        """The first name from a place on: its start, its end, and the name as it was given; None if there is none."""
        low = self._lowered(text)
        names, words = self._by_start, self.words
        for k in range(at, len(low)):
            found = names.get(low[k : k + 2], []) + names.get(low[k], [])
            if not found or (words and k and _in_word(text[k - 1])):
                continue
            for name in found:
                end = k + len(name)
                if low.startswith(name, k) and not (words and end < len(text) and _in_word(text[end])):
                    return k, end, name
        return None

    def _lowered(self, text: str) -> str:
        """The text in lower case, place by place; kept, because a text is searched on and on."""
        if text is not self._text:
            low = text.lower()
            if len(low) != len(text):
                low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
            self._text, self._lower = text, low
        return self._lower


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


class Lexicon:
    """The patterns of one language over the names of one table."""

    def __init__(self, table: FactTable, language: Language) -> None:
        self.language, self.year = language, read(table.period).year
        self.names = _names(table, language)
        self.grammar = grammar(language, table.name(table.total.series, language))
        self.named = NameFinder(self.names, words=language == "en")

    def tokens(self, text: str) -> Iterator[Token]:
        """The tokens of a plain text (see `numerals.plain`), in order; a name goes before a word at the same place."""
        at = 0
        word = self.grammar.search.search(text)
        name = self.named.search(text)
        while word or name:
            if name and (word is None or name[0] <= word.start()):
                start, at, known = name
                yield Token("name", start, at, text[start:at], {"series": self.names[known]})
            elif word:
                yield self._token(text, word)
                at = max(word.end(), at + 1)
            if word and word.start() < at:
                word = self.grammar.search.search(text, at)
            if name and name[0] < at:
                name = self.named.search(text, at)

    def _token(self, text: str, found: re.Match[str]) -> Token:
        k = int(str(found.lastgroup)[1:])
        kind, _, detail = self.grammar.rows[k][0].partition(":")
        inner = self.grammar.inner[k].match(text, found.start())
        assert inner is not None
        part = {name: v for name, v in inner.groupdict().items() if v is not None}
        return Token(kind, found.start(), found.end(), found.group(), self._data(kind, detail, found.group(), part))

    def _data(self, kind: str, detail: str, text: str, part: dict[str, str]) -> dict[str, Any]:
        if kind == "period":
            return {"days": self._days(detail, text)}
        if kind == "figure":
            return self._figure(part)
        if kind in ("gap", "skipped"):
            return {"many": self._count(part["many"]), "step": part["step"]}
        if kind == "all":
            both = Decimal(2) if "both" in part else None
            return {"many": self._count(part["many"]) if "many" in part else both}
        if kind == "pull":
            sign = 1 if part.get("pull", "") not in ("", "抑制", "拖累", "拉低") else -1
            return {"sign": sign, "top": "top" in part, "by": "by" in part, "whole": "whole" in part}
        if kind == "flat":
            return {"way": 0, "exact": "loose" not in part, "size": None}
        if kind == "way":
            up = any(name.startswith("up") for name in part)
            word = part.get("size") or part.get("after") or part.get("edged")
            return {"way": 1 if up else -1, "size": None if word is None else SIZES.get(word.strip().lower(), -1)}
        return {"detail": detail} | part

    def _days(self, kind: str, text: str) -> Days:
        for name, pattern in self.grammar.periods:
            if name == kind and pattern.fullmatch(text):
                return read_days(kind, text, pattern, self.year)
        raise AssertionError(text)

    def _count(self, text: str) -> Decimal:
        if re.fullmatch(DIGITS, text):
            return number(text)
        return of_chinese(text) if self.language == "zh" else of_english(text)

    def _figure(self, part: dict[str, str]) -> dict[str, Any]:
        if "hundredth" in part:
            value = of_chinese(part["hundredth"].lstrip("负"))
            minus = part["hundredth"].startswith("负")
            return {"value": -value if minus else value, "signed": minus, "unit": "percent"}
        if "tenth" in part:
            value = 10 * of_chinese(part["tenth"]) + (of_chinese(part["tenth2"]) if "tenth2" in part else 0)
            return {"value": value, "signed": False, "unit": "percent"}
        text = part.get("num") or part["word"]
        unit = part.get("unit") or part.get("unit2")
        units = UNITS_ZH if self.language == "zh" else UNITS_EN
        kind = next((k for k, p in units if unit and re.fullmatch(p, unit, re.IGNORECASE)), None)
        return {"value": self._count(text), "signed": text[0] in "+-", "unit": kind}
