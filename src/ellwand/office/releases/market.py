"""A market's folder, read once, and the production over it as it was known in each of its periods.

The issue of a period is a function of what was known up to it. So the folder is read once; the book is cut at the
period; and the line of quotes goes on from the last issue made here (`continue_line`, equal in every bit to a line run
anew). Indices, weights and intervals are computed anew for every issue: their sums run over all series known by then,
and the intervals pool all periods.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key, text_of
from ellwand.engine.source import open_source
from ellwand.office.releases.canonical import digest_file
from ellwand.production.book import NONE, Baskets, Book, Codes
from ellwand.production.compile import Compiled, compile_line
from ellwand.production.folder import TEXT, read_folder
from ellwand.production.line import Line, continue_line, run_line
from ellwand.production.method import MethodFile
from ellwand.production.observations import Results

Progress = Callable[[int, int, str], None]
WHOLE = ("classification.csv", "correspondence.csv", "items.csv", "sources.csv")
DATED = {"assignments.csv": "valid_from", "closures.csv": "period", "basket.csv": "valid_from"}
"""Files of dated facts, and the column that says from when; later ones are left out of an issue."""
FILES = (*WHOLE, *DATED, "units.csv", "market.json")


class Market:
    """What a folder holds, for the issues of its periods. results : a compilation of it that was made before."""

    def __init__(self, directory: str | Path, method: MethodFile, results: Results | None = None) -> None:
        self.directory = Path(directory)
        self.method = method
        self.given = results.compiled if results is not None else None
        if self.given is None:
            self.book = read_folder(self.directory)
        else:
            _check_given(self.given, self.directory, method)
            self.book = self.given.book
        self._begins = _begins(self.directory, self.book)
        self._line: Line | None = None

    def at(self, period: str) -> int:
        """Position of a period. DataError for one that is not there, or that has no quote."""
        if period not in self.book.periods:
            first, last = self.book.periods[0], self.book.periods[-1]
            raise DataError(f"period {period!r} is not in {self.directory}; it runs from {first} to {last}")
        t = self.book.periods.index(period)
        if not (self.book.row[:, t] != NONE).any():
            raise DataError(f"period {period}: no quote; an issue needs quotes of its own period")
        return t

    def compiled(self, t: int, progress: Progress | None = None) -> Compiled:
        """The compilation of what was known in a period; equal in every bit to that of the issue's own inputs."""
        if self.given is not None and self.is_whole(t):
            return self.given
        book = self._cut(t)
        line = self._line if self._is_assigned else None
        if line is None or len(line.book.periods) > t + 1:
            line = run_line(book, self.method.method, progress)
        elif len(line.book.periods) < t + 1:
            line = continue_line(line, book, progress)
        self._line = line
        return compile_line(line, self.method)

    def is_whole(self, t: int) -> bool:
        """Whether a period is the last, and nothing in the folder begins after it."""
        return t == len(self.book.periods) - 1 and bool((self._begins <= t).all())

    def _cut(self, t: int) -> Book:
        """The book of the inputs up to a period."""
        book, stop = self.book, t + 1
        if self.is_whole(t):
            return book
        seen = (book.row[:, :stop] != NONE).any(axis=1)
        at: Codes = np.flatnonzero(seen | (self._begins <= t))
        place = np.full(book.series + 1, NONE, dtype=np.intp)
        place[at] = np.arange(len(at))
        n = sum(first <= t for first in book.baskets.first)
        baskets = book.baskets
        parts: dict[str, Any] = {name: getattr(book, name)[at, :stop] for name in ("row", "price", "due", "closed")}
        if not self._is_assigned:
            # Without assignments a series is due from its first quote to its last one, as far as was known.
            has = parts["row"] != NONE
            parts["due"] = np.maximum.accumulate(has, axis=1) & np.maximum.accumulate(has[:, ::-1], axis=1)[:, ::-1]
        return replace(
            book,
            periods=book.periods[:stop],
            baskets=Baskets(baskets.first[:n], baskets.reference[:n], baskets.weights[:n], baskets.labels[:n]),
            item=book.item[at],
            unit=book.unit[at],
            aggregate=book.aggregate[at],
            before=place[book.before[at]],
            digests=(),
            **parts,
        )

    @property
    def _is_assigned(self) -> bool:
        return (self.directory / "assignments.csv").is_file()


def _check_given(given: Compiled, directory: Path, method: MethodFile) -> None:
    """DataError for a compilation by another method, or of other files than the folder's."""
    if given.method.digest != method.digest:
        raise DataError(f"the results are of method {given.method.digest}, not of {method.digest}; compile them anew")
    known = dict(given.book.digests)
    for name in (*known, *(n for n in FILES if (directory / n).is_file())):
        path = directory / name
        if name not in known or not path.is_file() or digest_file(path) != known[name]:
            raise DataError(f"{path}: is not what the results were compiled from; compile them anew")


def _begins(directory: Path, book: Book) -> Codes:
    """Of each series the first period in which it was assigned or quoted; after the last where it was neither."""
    T = len(book.periods)
    out = np.full(book.series, T, dtype=np.intp)
    quoted = book.row != NONE
    has = quoted.any(axis=1)
    out[has] = quoted[has].argmax(axis=1)
    if not (directory / "assignments.csv").is_file():
        return out
    source = open_source(directory / "assignments.csv", text_columns=TEXT)
    table = source.arrow(["unit", "item", "valid_from"])
    keys = [natural_key(p) for p in book.periods]
    known: dict[Any, int] = {}
    at = {k: s for s, k in enumerate(zip(book.item.tolist(), book.unit.tolist(), strict=True))}
    for unit, item, start in zip(*(table[c].to_pylist() for c in table.column_names), strict=True):
        if start not in known:
            key = None if start in (None, "") else natural_key(text_of(start))
            known[start] = 0 if key is None else next((t for t, k in enumerate(keys) if k >= key), T)
        series = at[book.items.at[str(item)], book.units.at[str(unit)]]
        out[series] = min(out[series], known[start])
    return out
