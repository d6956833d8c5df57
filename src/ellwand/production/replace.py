"""Replacements: what part of the gap between an old item's price and its successor's is quality, and what is price.

An overlap needs no estimate. Otherwise a hedonic regression prices the change of the specification; its single
estimates are noisy, so from a number of replacements on the mean of all of them stands for each one's own.
Source: CPI Manual 2020, chapters 6 and 7.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.quality import Coding, Fit, coding, hedonic_fit, reprice
from ellwand.formulas.textile_units import conversion_factors
from ellwand.production.book import NONE, Array, Book, Codes
from ellwand.production.method import Replace
from ellwand.production.past import Arrays

WAYS = ("overlap", "hedonic", "class_mean", "direct", "size", "option_cost")


@dataclass
class Pool:
    """Items of one top class with the same known characteristics, which one regression serves."""

    items: Codes
    coding: Coding
    matrix: Array
    fit: Fit | None = None
    fitted: int = NONE


@dataclass
class Replacer:
    """Quality ratios of a book's replacements, period by period, from what was known by then.

    excess : pure log change, less that of the class, of every hedonic replacement so far.
    """

    book: Book
    rules: Replace
    pools: list[Pool] = field(default_factory=list)
    pool_of: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    position: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    excess: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        items, n = self.book.items, len(self.book.items.at)
        numbers = {c: np.log(items.numbers(c)) for c in self.rules.numeric if c in items.table.column_names}
        texts = {
            c: np.array(items.column(c), dtype=object) for c in self.rules.categories if c in items.table.column_names
        }
        known = np.zeros(n, dtype=np.int64)
        for k, values in enumerate(numbers.values()):
            known += np.isfinite(values).astype(np.int64) << k
        leaf = {code: i for i, code in enumerate(self.book.classification.leaves)}
        self.ea = np.array([leaf[e] for e in items.column("ea")], dtype=np.intp)
        above = self.book.parents()
        # The classes right below the top: wide enough for a regression, and alike enough to share coefficients.
        top = above[-2][self.ea] if len(above) > 1 else self.ea
        _, self.pool_of = np.unique(top * (known.max(initial=0) + 1) + known, return_inverse=True)
        self.position = np.zeros(n, dtype=np.intp)
        for p in range(int(self.pool_of.max(initial=-1)) + 1):
            at = np.flatnonzero(self.pool_of == p)
            self.position[at] = np.arange(len(at))
            given = {c: v[at] for c, v in numbers.items() if np.isfinite(v[at]).all()}
            given |= {c: v[at] for c, v in texts.items() if len(set(v[at].tolist()) - {""}) > 1}
            coded = coding(given)
            matrix = coded.matrix(given) if given else np.zeros((len(at), 0))
            self.pools.append(Pool(at, coded, matrix))

    def memory(self) -> Arrays:
        """What was learned from the replacements so far, by name."""
        return {"excess": np.array(self.excess, dtype=np.float64)}

    def resume(self, known: Arrays) -> None:
        """Take over what was learned from earlier replacements."""
        self.excess = known["excess"].tolist()

    def estimate(self, old: Codes, new: Codes, past: Array, t: int) -> Array:
        """Log quality ratio of each replacement by regression, NaN where none may be used.

        old, new : items. past : prices used so far, series x periods. A regression serves `refit` periods and is made
        of the prices before the first of them, so that it is the same whenever it is needed first.
        """
        out = np.full(len(old), np.nan)
        same = self.pool_of[old] == self.pool_of[new]
        for p in np.unique(self.pool_of[new[same]]).tolist():
            pool, at = self.pools[p], np.flatnonzero(same & (self.pool_of[new] == p))
            block = t // self.rules.refit
            if pool.fit is None or pool.fitted != block:
                pool.fit, pool.fitted = self._fit(pool, past[:, max(block * self.rules.refit - 1, 0)]), block
            if pool.fit.ok:
                a, b = pool.matrix[self.position[old[at]]], pool.matrix[self.position[new[at]]]
                out[at] = np.log(reprice(pool.fit, a, b).value)
        return out

    def _fit(self, pool: Pool, price: Array) -> Fit:
        item, have = self.book.item, np.isfinite(price)
        n = len(self.book.items.at)
        count = np.bincount(item[have], minlength=n)[pool.items]
        total = np.bincount(item[have], np.log(price[have]), n)[pool.items]
        seen = count > 0
        y = total[seen] / count[seen]
        return hedonic_fit(
            y,
            pool.matrix[seen],
            pool.coding.names,
            [self.ea[pool.items[seen]]],
            least_r2=self.rules.minimum_r2,
            vif_limit=self.rules.maximum_vif,
        )

    def reference(
        self, series: Codes, before: Codes, now: Array, previous: Array, movement: Array, past: Array, t: int
    ) -> tuple[Array, NDArray[np.int8]]:
        """The price in the period before that each new series is compared with, and the way it was found.

        series, before : the new series and those that they follow. now : prices of all series in this period.
        previous : prices of all series in the period before. movement : movement of each new series' class.
        past : prices used so far, series x periods.
        NaN, and way -1, where no way can be used: the series then enters without a change, from its second price on.
        """
        old, new = previous[before], now[series]
        moved = np.where(np.isfinite(movement), movement, np.nan)
        out, way = np.full(len(series), np.nan), np.full(len(series), -1, dtype=np.int8)
        for name in self.rules.ladder:
            open_ = np.flatnonzero(way < 0)
            if not len(open_):
                break
            if name == "direct":
                out[open_], way[open_] = old[open_], WAYS.index("direct")
            elif name == "class_mean":
                take = open_[np.isfinite(moved[open_])]
                out[take], way[take] = new[take] / moved[take], WAYS.index("class_mean")
            elif name in ("size", "option_cost"):
                adjust = self._sizes if name == "size" else self._options
                adjusted = adjust(old[open_], self.book.item[before[open_]], self.book.item[series[open_]])
                good = np.isfinite(adjusted)
                out[open_[good]], way[open_[good]] = adjusted[good], WAYS.index(name)
            elif name == "hedonic":
                quality = self.estimate(self.book.item[before[open_]], self.book.item[series[open_]], past, t)
                good = np.isfinite(quality) & np.isfinite(moved[open_])
                take = open_[good]
                own = np.log(new[take] / old[take]) - quality[good] - np.log(moved[take])
                # A replacement of two units is one estimate, not two.
                items, first = np.unique(self.book.item[series[take]], return_index=True)
                if self.rules.pool and len(self.excess) + len(items) >= self.rules.pool:
                    self.excess += own[first].tolist()
                    n = len(self.excess)
                    pure = np.full(len(take), _middle(self.excess) * n / (n + self.rules.prior))
                else:
                    self.excess += own[first].tolist()
                    pure = own
                out[take] = new[take] / (moved[take] * np.exp(pure))
                way[take] = WAYS.index("hedonic")
        return out, way

    def _sizes(self, price: Array, old: Codes, new: Codes) -> Array:
        """Old prices said in the new item's measure and width, where the specification is else the same; NaN elsewhere.

        Cloth sold by length of another width is compared by the square metre; a price per kilogram and one per metre by
        the weight of the new item's metre.
        """
        items, same = self.book.items, np.ones(len(old), dtype=bool)
        for name in self.rules.categories:
            values = np.array(items.column(name), dtype=object)
            same &= values[old] == values[new]
        measure = np.array(items.column("unit_of_measure"), dtype=object)
        gsm, width = items.numbers("gsm"), items.numbers("width_cm")
        out = np.full(len(old), np.nan)
        by_length = (measure[old] == measure[new]) & np.isin(measure[new], ("m", "yd")) & (gsm[old] == gsm[new])
        wider = same & by_length & (width[old] != width[new])
        out[wider] = price[wider] * width[new[wider]] / width[old[wider]]
        other = np.flatnonzero(same & (measure[old] != measure[new]))
        for k in other.tolist():
            try:
                factor, _ = conversion_factors(measure[old[k]], measure[new[k]], gsm[new[k]], width[new[k]])
            except ValueError:
                continue
            out[k] = price[k] * float(factor)
        return out

    def _options(self, price: Array, old: Codes, new: Codes) -> Array:
        """Old prices with the cost of the new item's added feature, where the register gives it; NaN elsewhere."""
        cost = self.book.items.numbers("option_cost")[new]
        adjusted = price + self.rules.option_share * cost
        return np.where(adjusted > 0, adjusted, np.nan)


def _middle(values: list[float]) -> float:
    """Mean without the outer tenths, so that one wrong specification does not move all replacements."""
    x = np.sort(np.asarray(values))
    cut = len(x) // 10
    return float(x[cut : len(x) - cut].mean())
