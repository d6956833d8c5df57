"""The index: one SQLite file beside the record, named by what is public, and never changed once it is there.

It may be deleted at any time. What is not public is not in it, so that no question finds it; at the instant of a
release the name changes, and the first question after it makes the next file.
"""

import contextlib
import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from django.utils import translation

from ellwand.engine.errors import DataError
from ellwand.office.rounds import kept
from ellwand.web.moments import Moment
from ellwand.web.search.pieces import folded, pieces, question
from ellwand.web.search.texts import KINDS, stamp, texts
from ellwand.web.site.page import CODES, Language

NAME, LAYOUT = "search-{}.sqlite3", 1
"""Name of the file; number of its layout, which is part of what names it."""
AGE = 2
"""Files that are kept: the newest one, and the one that a slow reader may still hold."""
TABLE = (
    "CREATE VIRTUAL TABLE doc USING fts5(lang UNINDEXED, kind UNINDEXED, rank_ UNINDEXED, address UNINDEXED, "
    "title UNINDEXED, body UNINDEXED, day UNINDEXED, fold UNINDEXED, head, rest, tokenize = 'unicode61')"
)
FOUND = (
    "SELECT kind, address, title, body, day FROM doc WHERE {} ORDER BY {}, CAST(rank_ AS INTEGER), day DESC, rowid "
    "LIMIT ? OFFSET ?"
)
BEST = "bm25(doc, 0, 0, 0, 0, 0, 0, 0, 0, 12.0, 1.0)"
_lock = Lock()


@dataclass(frozen=True)
class Hit:
    """A text that was found."""

    kind: str
    address: str
    title: str
    body: str
    day: str


def find(seen: Moment, language: Language, asked: str, most: int, skip: int = 0) -> tuple[int, list[Hit]]:
    """How many texts hold all that is asked for, and some of them, the best first; nothing for an empty question."""
    phrase, single = question(asked)
    if not phrase and not single:
        return 0, []
    wanted, values = ["lang = ?"], [str(language)]
    if phrase:
        wanted.append("doc MATCH ?")
        values.append(phrase)
    for letter in single:
        wanted.append("instr(fold, ?) > 0")
        values.append(letter)
    where = " AND ".join(wanted)
    with opened(seen) as base:
        (count,) = base.execute(f"SELECT count(*) FROM doc WHERE {where}", values).fetchone()
        rows = base.execute(FOUND.format(where, BEST if phrase else "NULL"), [*values, most, skip])
        return count, [Hit(*row) for row in rows]


@contextlib.contextmanager
def opened(seen: Moment) -> Iterator[sqlite3.Connection]:
    """The index of a moment, made if it is not there."""
    path = place(seen)
    if not path.is_file():
        with _lock:
            if not path.is_file():
                _make(seen, path)
    base = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield base
    finally:
        base.close()


def place(seen: Moment) -> Path:
    """Where the index of a moment is: its name says what is in it."""
    name = hashlib.sha256(repr((LAYOUT, stamp(seen))).encode()).hexdigest()[:32]
    return kept.folder() / NAME.format(name)


def _make(seen: Moment, path: Path) -> None:
    """Write the index whole, then put it in its place; older ones go."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".search-") as folder:
        made = Path(folder) / path.name
        base = sqlite3.connect(made)
        try:
            base.execute("PRAGMA journal_mode = OFF")
            base.execute(TABLE)
            order = {kind: place_ for place_, kind in enumerate(KINDS)}
            languages: tuple[Language, ...] = ("zh", "en")
            for language in languages:
                with translation.override(CODES[language]):
                    base.executemany(
                        "INSERT INTO doc VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            (
                                language, t.kind, order[t.kind], t.address, t.title, t.body, t.day,
                                folded(f"{t.title} {t.body} {t.also}"), pieces(f"{t.title} {t.also}"), pieces(t.body),
                            )
                            for t in texts(seen, language)
                        ),
                    )  # fmt: skip
            base.commit()
        except sqlite3.Error as error:
            raise DataError(f"the index of the search can't be made: {error}") from error
        finally:
            base.close()
        made.replace(path)
    known = sorted(path.parent.glob(NAME.format("*")), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in known[AGE:]:
        old.unlink(missing_ok=True)
