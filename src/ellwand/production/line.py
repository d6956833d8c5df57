"""The production line: period by period, quotes are validated, replacements linked and missing prices imputed.

A period knows the periods before it and nothing after it, so that what is computed today is what would have been
published then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ellwand.production import plugins
from ellwand.production.book import NONE, Array, Book, Codes, Mask
from ellwand.production.impute import Filled, fill
from ellwand.production.method import Method
from ellwand.production.past import BOOK, Arrays, Past
from ellwand.production.replace import WAYS, Replacer
from ellwand.production.validate import EDITED, EXCLUDED, Validator, Verdicts

Progress = Callable[[int, int, str], None]

ABSENT, OBSERVED, CORRECTED, IMPUTED, CARRIED, REPLACED, NOT_COLLECTED = range(7)
"""What a series is in a period: not in force; a price as quoted; as corrected; imputed; carried through a closure;
the first price of a replacement; due and without a price."""
STATES = ("", "O", "E", "I", "C", "R", "N")
"""Status codes of the states; an imputed price also says its donor set, as in I-e."""


@dataclass(frozen=True)
class Line:
    """What the stages made of a book: matrices, series x periods.

    price : price used, NaN where the series is not in force. before : price that it is compared with (that of the
    period before; for a replacement at equal quality), NaN where there is none. state : ABSENT to NOT_COLLECTED.
    verdict, rule : what was said of the quote and by which rule (position in `rules`, NONE). low, high : accepted
    interval of the ratio to the reference. reference : price that the quote was judged against. proposal : the price
    that a systematic error suggests. level, donors : donor set (position in the method's ladder) and number of donors
    of an imputed price. way : how a replacement was linked. run : periods in a row imputed. memory : what a next period
    needs.
    """

    book: Book
    method: Method
    rules: tuple[str, ...]
    price: Array
    before: Array
    state: NDArray[np.int8]
    verdict: NDArray[np.int8]
    rule: NDArray[np.int16]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    reference: Array
    proposal: Array
    level: NDArray[np.int8]
    donors: NDArray[np.int16]
    way: NDArray[np.int8]
    run: NDArray[np.int16]
    memory: "Memory"

    @property
    def markup(self) -> float:
        """Mean price change hidden in the replacements so far (log), 0 where there were none."""
        excess = self.memory.replacer.excess
        return float(np.mean(excess)) if excess else 0.0

    def letters(self) -> list[str]:
        """Status letters of the donor sets in the order of the ladder."""
        return ["I-" + plugins.LETTERS.get(name, name) for name in self.method.impute.ladder]


@dataclass
class Memory:
    """What the line knows after its last period, of every series: all that a next period needs.

    previous : price used in the last period, NaN for a series not in force. seen : period of the last price that was no
    imputation. run : periods in a row imputed. donor : the price of the last period was no imputation.
    """

    validator: Validator
    replacer: Replacer
    previous: Array
    seen: NDArray[np.int64]
    run: NDArray[np.int64]
    donor: Mask

    @classmethod
    def empty(cls, book: Book, method: Method) -> "Memory":
        """Before the first period."""
        S = book.series
        return cls(
            Validator(book, method.validate),
            Replacer(book, method.replace),
            np.full(S, np.nan),
            np.full(S, NONE, dtype=np.int64),
            np.zeros(S, dtype=np.int64),
            np.zeros(S, dtype=bool),
        )

    @classmethod
    def resumed(cls, book: Book, method: Method, past: Past, at: Codes) -> "Memory":
        """What was known after a past, for a book with perhaps more series. at : position of each of the past's."""
        new, known = cls.empty(book, method), past.memory
        new.validator.resume(known, at)
        new.replacer.resume(known)
        new.previous[at], new.seen[at] = known["previous"], known["seen"]
        new.run[at], new.donor[at] = known["run"], known["donor"]
        return new

    def arrays(self) -> Arrays:
        """Everything as arrays by name."""
        own = {name: getattr(self, name) for name in ("previous", "seen", "run", "donor")}
        return {**own, **self.validator.memory(), **self.replacer.memory()}


_BLANK: dict[str, tuple[type, float]] = {
    "price": (np.float64, np.nan),
    "before": (np.float64, np.nan),
    "state": (np.int8, ABSENT),
    "verdict": (np.int8, 0),
    "rule": (np.int16, NONE),
    "low": (np.float32, np.nan),
    "high": (np.float32, np.nan),
    "reference": (np.float64, np.nan),
    "proposal": (np.float64, np.nan),
    "level": (np.int8, NONE),
    "donors": (np.int16, 0),
    "way": (np.int8, NONE),
    "run": (np.int16, 0),
}
"""Type and empty value of each matrix of a line."""

MATRICES = tuple(_BLANK)
"""Names of the matrices."""


def _blank(book: Book) -> dict[str, Any]:
    return {name: np.full(book.price.shape, value, dtype=kind) for name, (kind, value) in _BLANK.items()}


def run_line(book: Book, method: Method, progress: Progress | None = None) -> Line:
    """All periods of a book through validation, replacement and imputation."""
    memory = Memory.empty(book, method)
    return _run(book, method, memory, _blank(book), 0, progress)


def continue_line(line: Line, book: Book, progress: Progress | None = None) -> Line:
    """The line of a book that goes on where another ended: only the new periods are worked on.

    book : the same market with more periods behind those of the line, and perhaps more items and units. Equal to
    `run_line` of the whole book. ValueError where a period or quote of the past is another: then the past must be run
    again.
    """
    return continue_past(past_of(line), book, line.method, progress)


def past_of(line: Line) -> Past:
    """The past of the period after a line's last one; it shares the line's arrays."""
    book = line.book
    return Past(
        book.periods,
        np.array(book.items.codes, dtype=np.str_)[book.item],
        np.array(book.units.codes, dtype=np.str_)[book.unit],
        line.rules,
        {name: getattr(book, name) for name in BOOK},
        {name: getattr(line, name) for name in MATRICES},
        line.memory.arrays(),
    )


def continue_past(past: Past, book: Book, method: Method, progress: Progress | None = None) -> Line:
    """The same from a past that was kept; method : the one that made it."""
    T = len(past.periods)
    if book.periods[:T] != past.periods:
        raise ValueError(f"the book's periods do not begin with the {T} of the line; run the line of the whole book")
    at = _positions(past, book)
    for name in BOOK:
        if not np.array_equal(getattr(book, name)[at, :T], past.book[name], equal_nan=name == "price"):
            raise ValueError(f"the past of the book has another {name} than the line knows; run the line of the whole")
    memory = Memory.resumed(book, method, past, at)
    if tuple(memory.validator.names) != past.rules:
        raise ValueError("the method has other rules than the line knows; run the line of the whole book")
    matrices = _blank(book)
    for name, matrix in matrices.items():
        matrix[at, :T] = past.matrices[name]
    return _run(book, method, memory, matrices, T, progress)


def _positions(past: Past, book: Book) -> Codes:
    """Position in a book of each series of a past. ValueError for one that is no longer there."""
    n = len(book.units.at)
    known = {int(k): s for s, k in enumerate((book.item * n + book.unit).tolist())}
    item = np.array([book.items.at.get(code, NONE) for code in past.item.tolist()], dtype=np.int64)
    unit = np.array([book.units.at.get(code, NONE) for code in past.unit.tolist()], dtype=np.int64)
    key = np.where((item == NONE) | (unit == NONE), NONE, item * n + unit)
    at = [known.get(k, NONE) for k in key.tolist()]
    if NONE in at:
        raise ValueError("a series of the line is not in the book any more; run the line of the whole book")
    fresh = np.setdiff1d(np.arange(book.series), at)
    if (book.row[fresh, : len(past.periods)] != NONE).any():
        raise ValueError("the book has quotes of the past that the line does not know; run the line of the whole book")
    return np.asarray(at, dtype=np.intp)


def _run(
    book: Book, method: Method, memory: Memory, matrices: dict[str, Any], start: int, progress: Progress | None
) -> Line:
    """Periods from `start` on; the matrices hold what was before."""
    S, T = book.price.shape
    levels = [plugins.groups(name, book) for name in method.impute.ladder]
    seasonal = np.array([v.lower() in ("true", "yes", "1") for v in book.items.column("seasonal")])[book.item]
    longest = np.where(seasonal, method.impute.maximum_run_seasonal, method.impute.maximum_run)
    out = Line(book=book, method=method, rules=tuple(memory.validator.names), memory=memory, **matrices)
    for t in range(start, T):
        previous, run, donor = memory.previous, memory.run, memory.donor
        verdicts = memory.validator.judge(t, previous, np.where(memory.seen >= 0, t - memory.seen, 1))
        _record(out, t, verdicts)
        usable = np.full(S, np.nan)
        usable[verdicts.series] = verdicts.price
        previous[verdicts.series[verdicts.restart]] = np.nan
        idle = not (book.row[:, t] != NONE).any()
        filled = fill(
            method.impute, levels, previous, usable, donor, book.due[:, t], book.closed[:, t], idle, run, longest
        )
        _refuse_impossible(out, memory.validator, t, filled)
        before = previous.copy()
        _replace(out, memory.replacer, t, usable, previous, before, filled.movement, book)
        took = np.isfinite(usable)
        price = np.where(took, usable, filled.price)
        state = out.state[:, t]
        state[took] = OBSERVED
        state[verdicts.series[verdicts.verdict == EDITED]] = CORRECTED
        state[took & (out.way[:, t] > WAYS.index("overlap"))] = REPLACED
        state[filled.imputed] = IMPUTED
        state[filled.carried] = CARRIED
        # Due and without a price: the run of imputations was too long, or there was never a price to start from.
        state[book.due[:, t] & ~took & np.isnan(filled.price)] = NOT_COLLECTED
        out.price[:, t] = price
        out.before[:, t] = np.where(np.isfinite(price), before, np.nan)
        out.level[:, t] = filled.level
        out.donors[:, t] = np.minimum(filled.donors, np.iinfo(np.int16).max)
        memory.run = np.where(filled.imputed, run + 1, np.where(filled.carried, run, 0))
        out.run[:, t] = np.minimum(memory.run, np.iinfo(np.int16).max)
        memory.seen = np.where(took, t, memory.seen)
        # A price carried through a closure still stands where it was seen; an imputed one is no donor.
        memory.donor = took | (filled.carried & donor)
        memory.previous = price
        if progress:
            progress(t + 1 - start, T - start, "periods")
    return out


def _record(out: Line, t: int, v: Verdicts) -> None:
    out.verdict[v.series, t] = v.verdict
    out.rule[v.series, t] = v.rule
    out.low[v.series, t] = v.low
    out.high[v.series, t] = v.high
    out.reference[v.series, t] = v.reference
    out.proposal[v.series, t] = v.proposal


def _refuse_impossible(out: Line, validator: Validator, t: int, filled: Filled) -> None:
    """An imputed price outside the hard edits is not used: the series waits for a quote."""
    at = np.flatnonzero(filled.imputed)
    bad, rule = validator.impossible(at, filled.price[at])
    if bad.any():
        filled.price[at[bad]] = np.nan
        filled.imputed[at[bad]] = False
        filled.level[at[bad]], filled.donors[at[bad]] = NONE, 0
        quiet = at[bad][out.rule[at[bad], t] == NONE]
        out.rule[quiet, t] = rule[bad][out.rule[at[bad], t] == NONE]


def _replace(
    out: Line, replacer: Replacer, t: int, usable: Array, previous: Array, before: Array, movement: Array, book: Book
) -> None:
    """Link series that begin in this period to those that they follow; `before` gets the price compared with."""
    begins = np.isfinite(usable) & ~np.isfinite(previous) & (book.before != NONE)
    series: Codes = np.flatnonzero(begins)
    if not len(series):
        return
    old = book.before[series]
    # Where both are priced at once, the overlap links them: the old ends, the new goes on, and no quality is estimated.
    both: Mask = np.isfinite(usable[old])
    out.way[series[both], t] = WAYS.index("overlap")
    gone: Mask = np.isfinite(previous[old]) & ~book.due[old, t] & ~both
    series = series[gone]
    if not len(series):
        return
    reference, way = replacer.reference(series, book.before[series], usable, previous, movement[series], out.price, t)
    before[series] = reference
    out.way[series, t] = way


__all__ = ["EXCLUDED", "MATRICES", "Line", "continue_line", "continue_past", "past_of", "run_line"]
