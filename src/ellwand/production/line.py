"""The production line: period by period, quotes are validated, replacements linked and missing prices imputed.

A period knows the periods before it and nothing after it, so that what is computed today is what would have been
published then.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.production import plugins
from ellwand.production.book import NONE, Array, Book, Codes, Mask
from ellwand.production.impute import Filled, fill
from ellwand.production.method import Method
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
    of an imputed price. way : how a replacement was linked. run : periods in a row imputed.
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
    markup: float

    def letters(self) -> list[str]:
        """Status letters of the donor sets in the order of the ladder."""
        return ["I-" + plugins.LETTERS.get(name, name) for name in self.method.impute.ladder]


def run_line(book: Book, method: Method, progress: Progress | None = None) -> Line:
    """All periods of a book through validation, replacement and imputation."""
    S, T = book.price.shape
    validator = Validator(book, method.validate)
    replacer = Replacer(book, method.replace)
    levels = [plugins.groups(name, book) for name in method.impute.ladder]
    seasonal = np.array([v.lower() in ("true", "yes", "1") for v in book.items.column("seasonal")])[book.item]
    longest = np.where(seasonal, method.impute.maximum_run_seasonal, method.impute.maximum_run)

    def blank(kind: type, value: float = 0) -> NDArray[np.generic]:
        return np.full((S, T), value, dtype=kind)

    out = Line(
        book=book,
        method=method,
        rules=tuple(validator.names),
        price=blank(np.float64, np.nan),  # type: ignore[arg-type]
        before=blank(np.float64, np.nan),  # type: ignore[arg-type]
        state=blank(np.int8, ABSENT),  # type: ignore[arg-type]
        verdict=blank(np.int8),  # type: ignore[arg-type]
        rule=blank(np.int16, NONE),  # type: ignore[arg-type]
        low=blank(np.float32, np.nan),  # type: ignore[arg-type]
        high=blank(np.float32, np.nan),  # type: ignore[arg-type]
        reference=blank(np.float64, np.nan),  # type: ignore[arg-type]
        proposal=blank(np.float64, np.nan),  # type: ignore[arg-type]
        level=blank(np.int8, NONE),  # type: ignore[arg-type]
        donors=blank(np.int16),  # type: ignore[arg-type]
        way=blank(np.int8, NONE),  # type: ignore[arg-type]
        run=blank(np.int16),  # type: ignore[arg-type]
        markup=0.0,
    )
    previous = np.full(S, np.nan)
    """Price used in the period before, of every series in force."""
    seen = np.full(S, NONE, dtype=np.int64)
    """Period of the last price that was no imputation."""
    run = np.zeros(S, dtype=np.int64)
    donor = np.zeros(S, dtype=bool)
    for t in range(T):
        verdicts = validator.judge(t, previous, np.where(seen >= 0, t - seen, 1))
        _record(out, t, verdicts)
        usable = np.full(S, np.nan)
        usable[verdicts.series] = verdicts.price
        previous[verdicts.series[verdicts.restart]] = np.nan
        idle = not (book.row[:, t] != NONE).any()
        filled = fill(
            method.impute, levels, previous, usable, donor, book.due[:, t], book.closed[:, t], idle, run, longest
        )
        _refuse_impossible(out, validator, t, filled)
        before = previous.copy()
        _replace(out, replacer, t, usable, previous, before, filled.movement, book)
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
        run = np.where(filled.imputed, run + 1, np.where(filled.carried, run, 0))
        out.run[:, t] = np.minimum(run, np.iinfo(np.int16).max)
        seen = np.where(took, t, seen)
        # A price carried through a closure still stands where it was seen; an imputed one is no donor.
        donor = took | (filled.carried & donor)
        previous = price
        if progress:
            progress(t + 1, T, "periods")
    object.__setattr__(out, "markup", float(np.mean(replacer.excess)) if replacer.excess else 0.0)
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
    reference, way = replacer.reference(series, book.before[series], usable, previous, movement[series], t)
    before[series] = reference
    out.way[series, t] = way


__all__ = ["EXCLUDED", "Line", "run_line"]
