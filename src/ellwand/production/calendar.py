"""The periods of a market: labels of one style, counted on without gaps; where labels of other files stand in them."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key, text_of
from ellwand.production.book import NONE, Codes

Key = tuple[Any, ...]


def style(key: Key) -> Key:
    """What is not counted in a label: 2024-W05 and 2024-W6 are of one style, 2024-02 is of another."""
    return key[::2]


def fill(texts: list[str]) -> tuple[str, ...]:
    """Consecutive periods from the first to the last: ISO weeks (with week 53), months or quarters; else as given.

    texts : distinct labels in the order of time. DataError for a week, month or quarter that no calendar has, and for
    labels of several styles.
    """
    styles = {style(natural_key(t)) for t in texts}
    known = [s for s in (("", "-W", ""), ("", "-Q", ""), ("", "-", "")) if s in styles]
    if known and len(styles) > 1:
        odd = next(t for t in texts if style(natural_key(t)) != known[0])
        other = next(t for t in texts if style(natural_key(t)) == known[0])
        raise DataError(f"quotes, field period: {other!r} and {odd!r} are periods of two kinds; write all in one way")
    if not known:
        return tuple(texts)
    mark = known[0][1]
    pairs = [(int(natural_key(t)[1]), int(natural_key(t)[3])) for t in texts]
    if mark == "-W":
        try:
            days = [date.fromisocalendar(year, week, 1) for year, week in pairs]
        except ValueError as error:
            raise DataError(f"quotes, field period: {error}; write an ISO week as 2024-W05") from error
        count = (days[-1] - days[0]).days // 7 + 1
        weeks = [(days[0] + timedelta(weeks=k)).isocalendar() for k in range(count)]
        return tuple(f"{w.year}-W{w.week:02d}" for w in weeks)
    parts, example = (4, "2024-Q1") if mark == "-Q" else (12, "2024-01")
    for text, (_, part) in zip(texts, pairs, strict=True):
        if not 1 <= part <= parts:
            raise DataError(f"quotes, field period: {text!r} is in no year; write it as {example}, 1 to {parts}")
    number = [year * parts + part - 1 for year, part in pairs]
    form = "{}-Q{}" if mark == "-Q" else "{}-{:02d}"
    return tuple(form.format(n // parts, n % parts + 1) for n in range(number[0], number[-1] + 1))


@dataclass(frozen=True)
class Calendar:
    """The periods of a market. labels : in the order of time. keys : what orders them."""

    labels: tuple[str, ...]
    keys: tuple[Key, ...]

    @classmethod
    def of(cls, texts: list[str]) -> "Calendar":
        """From the distinct labels of the quotes, in the order of time."""
        labels = fill(texts)
        return cls(labels, tuple(natural_key(t) for t in labels))

    @cached_property
    def styles(self) -> frozenset[Any]:
        """The styles in which the labels are written."""
        return frozenset(style(k) for k in self.keys)

    def key(self, label: Any, where: str, field: str) -> Key:
        """The key of a label of another file. DataError for one that is written in another style than the quotes'."""
        text = text_of(label)
        key = natural_key(text)
        styles = self.styles
        if len(styles) == 1 and style(key) not in styles:
            raise DataError(
                f"{where}, field {field}: {text!r} is no period like those of the quotes; write it as {self.labels[0]}"
            )
        return key

    def at(self, key: Key) -> int:
        """Position of a period, NONE outside of the calendar."""
        return self._positions.get(key, NONE)

    @property
    def _positions(self) -> dict[Key, int]:
        return {k: t for t, k in enumerate(self.keys)}

    def first(self, key: Key) -> int:
        """First period that is not before a label; the number of periods if there is none."""
        return bisect_left(self.keys, key)

    def last(self, key: Key) -> int:
        """Last period that is not after a label, -1 if there is none."""
        return bisect_right(self.keys, key) - 1

    def positions(self, column: Any, where: str, field: str) -> Codes:
        """Positions of the periods of a column, NONE outside of the calendar. DataError names an empty field."""
        found: dict[Any, int] = {}
        at = self._positions
        out = np.empty(len(column), dtype=np.intp)
        for row, label in enumerate(column.to_pylist()):
            if label not in found:
                if label in (None, ""):
                    raise DataError(f"{where} row {row + 1}, field {field}: empty; write the period")
                found[label] = at.get(self.key(label, f"{where} row {row + 1}", field), NONE)
            out[row] = found[label]
        return out

    def spans(self, table: pa.Table, where: str) -> tuple[Codes, Codes]:
        """First and last period (both included) of rows with valid_from and valid_to; empty: the first, the last.

        DataError for a row that ends before it begins.
        """
        starts = table["valid_from"].to_pylist()
        ends = table["valid_to"].to_pylist() if "valid_to" in table.column_names else [None] * len(starts)
        known: dict[tuple[Any, Any], tuple[int, int]] = {}
        for row, pair in enumerate(zip(starts, ends, strict=True), start=1):
            if pair in known:
                continue
            start, end = pair
            begin = self.key(start, f"{where} row {row}", "valid_from") if start not in (None, "") else None
            stop = self.key(end, f"{where} row {row}", "valid_to") if end not in (None, "") else None
            if begin is not None and stop is not None and stop < begin:
                raise DataError(f"{where} row {row}, field valid_to: {end} lies before valid_from {start}; correct one")
            known[pair] = (
                0 if begin is None else self.first(begin),
                len(self.keys) - 1 if stop is None else self.last(stop),
            )
        found = np.array([known[pair] for pair in zip(starts, ends, strict=True)], dtype=np.intp).reshape(-1, 2)
        return found[:, 0], found[:, 1]
