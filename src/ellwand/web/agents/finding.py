"""Finding series by words: names in both languages, codes, and pieces of Chinese names without blanks between words."""

import re
from collections.abc import Sequence

from ellwand.engine.periods import natural_key
from ellwand.web.query import Named

CHINESE = re.compile("[\u3400-\u9fff]")


def search(words: str, there: Sequence[Named]) -> list[Named]:
    """The series that words name, the best first: code, whole name, beginning, every word or character, then pairs."""
    asked = words.strip().casefold()
    ranked = [(rank, n) for n in there if (rank := _rank(asked, n)) is not None]
    return [n for _, n in sorted(ranked, key=lambda p: (p[0], p[1].level, natural_key(p[1].code)))]


def _rank(asked: str, one: Named) -> float | None:
    """How well a series fits, 0 best; None if it does not."""
    zh, en = one.name_zh.casefold(), one.name_en.casefold()
    if not asked:
        return None
    if asked == one.code.casefold() or asked == one.series.casefold():
        return 0
    if asked in (zh, en):
        return 1
    if zh.startswith(asked) or en.startswith(asked):
        return 2
    if asked in zh or asked in en:
        return 3
    parts = asked.split()
    if len(parts) > 1 and all(p in zh or p in en for p in parts):
        return 4
    if not CHINESE.search(asked):
        return None
    if all(c in zh for c in asked):
        return 5
    pairs = {asked[k : k + 2] for k in range(len(asked) - 1)}
    shared = [p for p in pairs if p in zh]
    return 7 - len(shared) / len(pairs) if shared else None
