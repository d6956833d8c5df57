"""The second look at a price: its distance from where the series usually stands in its class.

The price of the period before is a poor yardstick: it may be old, or itself a little wrong. Every series therefore has
a normal log price, which moves with its class and follows the series' own accepted prices slowly. What a class does is
learned from the prices that were newly set in the period, robustly, from the widest class down to the item.
Source of the idea: CPI Manual 2020, chapter 5, on comparing a quote with others and with its own past.
"""

from dataclasses import dataclass, field

import numpy as np

from ellwand.production.book import Array, Book, Codes, Mask
from ellwand.production.method import Relation
from ellwand.production.past import Arrays

SAME = 1e-9
"""Log prices within so much of one another are one price."""
CLIP = 3.0
"""A distance counts for a class no more than so many spreads, so that errors do not carry it away."""
NORMAL = 1.4826
"""Standard deviations in a median absolute deviation, for normal errors."""


@dataclass
class Usual:
    """Normal log prices of a book's series, and how far newly set prices usually lie from them.

    normal : of every series, NaN before its first price. changes : accepted changes of each. moved : what the last
    period did to the normal price of every series. spread, weight : past spreads by class (sums).
    """

    book: Book
    rules: Relation
    normal: Array = field(init=False)
    changes: Array = field(init=False)
    moved: Array = field(init=False)
    spread: Array = field(init=False)
    weight: Array = field(init=False)
    _ladder: list[tuple[Codes, int, float]] = field(init=False)

    def __post_init__(self) -> None:
        book, rules = self.book, self.rules
        self.normal = np.full(book.series, np.nan)
        self.changes = np.zeros(book.series)
        self.moved = np.zeros(book.series)
        above = book.parents()
        nodes = len(book.classification.codes)
        own = np.zeros(book.series, dtype=np.intp)
        parent = np.asarray(above[0][book.aggregate]) if above else own
        self._ladder = [
            (own, 1, rules.class_prior),
            (parent, nodes, rules.class_prior),
            (book.aggregate, len(book.classification.leaves), rules.class_prior),
            (book.item, len(book.items.at), rules.item_prior),
        ]
        self.spread, self.weight = np.zeros(nodes + 1), np.zeros(nodes + 1)

    def memory(self) -> Arrays:
        """What was learned so far, by name."""
        return {name: getattr(self, name) for name in ("normal", "changes", "moved", "spread", "weight")}

    def resume(self, known: Arrays, at: Codes) -> None:
        """Take over what was learned before. at : position here of each series there.

        ValueError where there are other classes than before.
        """
        if len(known["spread"]) != len(self.spread):
            raise ValueError("the book has other classes than the line knows; run the line of the whole book")
        self.normal[at], self.changes[at], self.moved[at] = known["normal"], known["changes"], known["moved"]
        self.spread, self.weight = known["spread"].copy(), known["weight"].copy()

    def judge(self, series: Codes, price: Array, before: Array, since: Array) -> tuple[Array, Array, Mask]:
        """Accepted interval of the ratio to the price before, and which prices lie outside of it.

        price, before : log prices of the quotes and of the period before, NaN where there is none or it is out of
        question. since : periods since the series was last seen. An unchanged price, and one that changed by less than
        `step`, is not outside.
        """
        rules = self.rules
        step = price - before
        new: Mask = np.isfinite(step) & (np.abs(step) > SAME) & np.isfinite(self.normal[series])
        at = np.flatnonzero(new)
        rest = price[at] - self.normal[series[at]]
        typical = self._typical(series[at], rest)
        move = np.zeros(self.book.series)
        for k, (codes, size, prior) in enumerate(self._ladder):
            mine = codes[series[at]]
            part = np.clip(rest, -CLIP * typical, CLIP * typical)
            count, total = np.bincount(mine, minlength=size), np.bincount(mine, part, size)
            shift = total / (count + prior)
            last = k + 1 == len(self._ladder)
            if last:
                # Among the few units of an item a price must not speak for itself.
                rest = rest - (total[mine] - part) / (count[mine] - 1 + prior)
            else:
                rest = rest - shift[mine]
            move += shift[codes]
        self.moved = rules.gain * move
        reach = rules.k * typical * (1 + rules.gap_widening * np.maximum(since[at] - 1, 0))
        hit = np.zeros(len(series), dtype=bool)
        hit[at] = (np.abs(rest) > reach) & (np.abs(step[at]) > rules.step)
        low, high = np.full(len(series), np.nan), np.full(len(series), np.nan)
        middle = step[at] - rest
        low[at] = np.exp(np.minimum(middle - reach, -rules.step))
        high[at] = np.exp(np.maximum(middle + reach, rules.step))
        return low, high, hit

    def _typical(self, series: Codes, rest: Array) -> Array:
        """Spread of each price's class: medians of the periods so far, the later the heavier; and of all classes."""
        nodes = len(self.spread) - 1
        group = self._ladder[1][0][series]
        centre = np.median(rest) if len(rest) else 0.0
        size = NORMAL * np.abs(rest - centre)
        self.spread *= self.rules.memory
        self.weight *= self.rules.memory
        for code in np.unique(group).tolist():
            mine = size[group == code]
            self.spread[code] += len(mine) * np.median(mine)
            self.weight[code] += len(mine)
        if len(size):
            self.spread[nodes] += len(size) * np.median(size)
            self.weight[nodes] += len(size)
        everything = self.spread[nodes] / max(self.weight[nodes], 1e-9)
        prior = self.rules.spread_prior
        out = (self.spread[group] + prior * everything) / (self.weight[group] + prior)
        return np.asarray(np.maximum(out, self.rules.floor))

    def learn(self, series: Codes, price: Array, before: Array, fresh: Mask) -> None:
        """Take the accepted log prices in (NaN for the others). fresh : series that begin here, or begin anew."""
        rules = self.rules
        self.normal += self.moved
        known = np.isfinite(price)
        begin = known & (fresh | ~np.isfinite(self.normal[series]))
        s = series[begin]
        self.normal[s], self.changes[s] = price[begin], 0
        on = known & ~begin
        changed = on & (np.abs(price - before) > SAME)
        s = series[changed]
        self.changes[s] += 1
        # The first prices of a series are averaged; from then on each one counts by `weight`.
        share = np.maximum(rules.weight, 1 / (self.changes[s] + 1))
        self.normal[s] += share * (price[changed] - self.normal[s])
        s = series[on & ~changed]
        self.normal[s] += rules.still * (price[on & ~changed] - self.normal[s])

    def forget(self, gone: Mask) -> None:
        """Series that are no longer in force begin anew when they come back."""
        self.normal[gone] = np.nan
