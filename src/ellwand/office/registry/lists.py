"""Looking through a register: words, filters, order and pages. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ellwand.engine.periods import natural_key
from ellwand.office.registry.columns import Book

Row = dict[str, str]
PAGE = 50
IN_FORCE, ENDED = "in_force", "ended"


@dataclass(frozen=True)
class Wish:
    """What somebody looks for. words : all must stand in the row. filters : by column; a class holds those below it.

    state : in_force or ended in `period`, "" for all. lacks : a column that must be empty. page : from 1.
    """

    words: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    state: str = ""
    lacks: str = ""
    page: int = 1
    period: str = ""


@dataclass(frozen=True)
class Found:
    """A page of what was found. total : rows of all pages. pages : their number."""

    rows: list[Row]
    total: int
    page: int
    pages: int


def look(book: Book, rows: Iterable[Row], wish: Wish, below: Mapping[str, frozenset[str]] | None = None) -> Found:
    """The rows that fit, in the order of their codes. below : classes at and below each class."""
    key = lru_cache(maxsize=None)(natural_key)
    words = wish.words.casefold().split()
    tests = [
        (c, below.get(v, frozenset((v,))) if below and c == "ea" else frozenset((v,))) for c, v in wish.filters if v
    ]
    at = key(wish.period) if wish.period else None
    found = []
    for row in rows:
        if any(row.get(c, "") not in values for c, values in tests):
            continue
        if wish.lacks and row.get(wish.lacks):
            continue
        if wish.state and at is not None:
            stop = row.get("valid_to", "")
            ended = bool(stop) and key(stop) < at
            if ended != (wish.state == ENDED):
                continue
        if words:
            text = "\n".join(row.values()).casefold()
            if not all(w in text for w in words):
                continue
        found.append(row)
    found.sort(key=lambda row: [key(row.get(k, "")) for k in book.keys])
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(wish.page, 1), pages)
    return Found(found[(page - 1) * PAGE : page * PAGE], len(found), page, pages)


def below(classes: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Of every class the classes at and below it, from pairs of code and parent."""
    pairs = list(classes)
    children: dict[str, list[str]] = {}
    for code, parent in pairs:
        children.setdefault(parent, []).append(code)
    out: dict[str, frozenset[str]] = {}

    def walk(code: str, above: tuple[str, ...] = ()) -> frozenset[str]:
        if code not in out and code not in above:
            out[code] = frozenset((code,)).union(*(walk(c, (*above, code)) for c in children.get(code, ())))
        return out.get(code, frozenset())

    for code, _ in pairs:
        walk(code)
    return out
