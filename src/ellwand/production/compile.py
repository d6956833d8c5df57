"""Compilation: from the line's prices to the index of every class, with changes, contributions and counts.

Elementary aggregates chain the mean of their price ratios; the levels above are weighted means within a basket, linked
where the basket changes. Source: CPI Manual 2020, chapters 8 and 9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.engine.cells import numbers
from ellwand.engine.errors import DataError
from ellwand.engine.index import index as compute_index
from ellwand.engine.periods import find
from ellwand.formulas import chaining
from ellwand.formulas.means import gap_ratio
from ellwand.formulas.tree import Aggregated
from ellwand.production.book import NONE, Array, Book, Codes, Mask, starts
from ellwand.production.line import CARRIED, CORRECTED, IMPUTED, NOT_COLLECTED, OBSERVED, REPLACED, Line, run_line
from ellwand.production.method import MEANS, Compile, MethodFile
from ellwand.production.suppression import dominated, secondary
from ellwand.production.validate import EXCLUDED, QUERIED

Progress = Callable[[int, int, str], None]
Counts = NDArray[np.int64]

STATUSES = {
    "reference": "the first period, with which the index begins",
    "observed": "own quotes",
    "imputed": "no usable quote of its own: the movement of the class above",
    "carried": "most of its weight is of closed units, whose prices stand",
    "not_collected": "the period has no issue",
    "no_price": "no class of its branch has a price",
    "suppressed": "too few units, or one that dominates: no figure is shown",
}
"""Statuses of observations and their meaning."""


@dataclass(frozen=True)
class Compiled:
    """A compiled book. Matrices are classes x periods, in the order of the classification.

    weight : of each series in its elementary aggregate (series x periods, 0 where it takes no part).
    change : index on the period before. level : index, the base period at the method's base. aggregated : the weighted
    means and their shares. contribution : percentage points of the change of the total on the previous issue.
    counts : series by state, quotes, excluded and queried quotes, units. imputed, carried : share of weight.
    issued : periods that have an issue. previous : position of the previous issue of each period, NONE for the first
    issue and before it. grade : A, B, C or S. status : see STATUSES. suppressed : where grade S hides
    the figures.
    """

    line: Line
    method: MethodFile
    weight: Array
    change: Array
    level: Array
    aggregated: Aggregated
    contribution: Array
    counts: dict[str, Counts]
    imputed: Array
    carried: Array
    issued: Mask
    previous: Codes
    grade: NDArray[np.str_]
    status: NDArray[np.object_]
    suppressed: Mask

    @property
    def book(self) -> Book:
        """The book compiled."""
        return self.line.book


def compile_book(book: Book, method: MethodFile, progress: Progress | None = None) -> Compiled:
    """All stages over a book: validation, imputation, replacement, elementary indices and aggregation."""
    return compile_line(run_line(book, method.method, progress), method)


def compile_line(line: Line, method: MethodFile) -> Compiled:
    """Indices of all classes from the prices of the line."""
    book, rules = line.book, method.method.compile
    leaf, weight = _elementary(line, rules)
    aggregated = _aggregate(book, leaf, rules)
    tree = book.classification.tree
    level = chaining.chain(aggregated.values)
    base = 0 if not rules.base_period else find(list(book.periods), rules.base_period, "base_period")
    with np.errstate(invalid="ignore"):
        level = rules.base * level / level[:, [base]]
    counts = _counts(line)
    own = _share_of(line, weight, IMPUTED)
    # In the first period there is no relative yet: a class with a price has it from its own quotes.
    own[:, 0] = np.where(np.isfinite(leaf[:, 0]), 0.0, np.nan)
    imputed = _up(book, aggregated, own, absent=1.0)
    carried = _up(book, aggregated, _share_of(line, weight, CARRIED), absent=0.0)
    issued = _issued(line, method)
    previous = previous_issues(issued)
    contribution = _contributions(aggregated, tree.multipliers(aggregated.shares, 0), level[0], previous)
    grade, suppressed = _grades(line, method, weight, imputed, counts, aggregated)
    status = np.full(level.shape, "observed", dtype=object)
    status[(aggregated.donor >= 0) | (counts["matched"] == 0)] = "imputed"
    status[:, 0] = "reference"
    status[settled(carried) > 0.5] = "carried"
    status[~np.isfinite(level)] = "no_price"
    status[suppressed] = "suppressed"
    status[:, ~issued] = "not_collected"
    return Compiled(
        line=line,
        method=method,
        weight=weight,
        change=aggregated.values,
        level=level,
        aggregated=aggregated,
        contribution=contribution,
        counts=counts,
        imputed=imputed,
        carried=carried,
        issued=issued,
        previous=previous,
        grade=grade,
        status=status,
        suppressed=suppressed,
    )


def previous_issues(issued: Mask) -> Codes:
    """Position of the issue before each period, NONE where there is none."""
    at = np.where(issued, np.arange(len(issued)), NONE)
    return np.asarray(np.concatenate(([NONE], np.maximum.accumulate(at)[:-1])), dtype=np.intp)


def _contributions(aggregated: Aggregated, share: Array, total: Array, previous: Codes) -> Array:
    """Percentage points of the change of the total on the previous issue; NaN for a class that takes no part.

    Over several periods each period's part counts by the level that the total had reached: with it they sum to the
    change also across a link. share : of each class in the total. total : its level. Source: CPI Manual 2020, ch. 9.
    """
    step = np.where(share > 0, 100 * (aggregated.values - 1) * share, np.nan)
    out = np.full_like(step, np.nan)
    for t in np.flatnonzero(previous != NONE).tolist():
        first = int(previous[t]) + 1
        part = step[:, first : t + 1]
        if first < t:
            part = part * (total[first - 1 : t] / total[first - 1])
        took = np.isfinite(part).any(axis=1)
        out[took, t] = np.nansum(part[took], axis=1)
    return out


def _sum_runs(values: Array, codes: Codes) -> Array:
    return np.asarray(np.add.reduceat(values, starts(codes), axis=0))


def ratios(line: Line) -> Array:
    """Price relatives of all series, price used over the price it is compared with; NaN where there is none."""
    with np.errstate(invalid="ignore"):
        return np.asarray(line.price / line.before)


def _elementary(line: Line, rules: Compile) -> tuple[Array, Array]:
    """Change of every elementary aggregate (leaves x periods, NaN where none) and the weight of every series in it."""
    book = line.book
    leaves, T = len(book.classification.leaves), len(book.periods)
    out = np.full((leaves, T), np.nan)
    if book.series == 0:
        return out, np.zeros((0, T))
    x = ratios(line)
    have = np.isfinite(x)
    own = np.unique(book.aggregate)
    run_ea, run_item = book.aggregate, book.item
    w = have.astype(np.float64)
    if rules.weights == "item" and rules.elementary != "dutot":
        # Runs of one item: series are sorted by elementary aggregate and item.
        per_item = _sum_runs(w, run_item)
        w = np.divide(
            w, np.repeat(per_item, np.diff(np.r_[starts(run_item), len(run_item)]), axis=0), where=have, out=w
        )
    if rules.elementary == "dutot":
        w = np.where(have, line.before, 0.0)
    if rules.weights == "quantity":
        w = np.where(have, line.price * _quantities(book), 0.0)
    total = _sum_runs(w, run_ea)
    spread = np.diff(np.r_[starts(run_ea), len(run_ea)])
    w = np.divide(w, np.repeat(total, spread, axis=0), where=have, out=np.zeros_like(w))
    if rules.elementary in MEANS:
        filled = np.where(have, x, 1.0)
        # Dutot is the arithmetic mean of the ratios, weighted by the prices before.
        mean = (
            _sum_runs(w * filled, run_ea)
            if rules.elementary == "dutot"
            else np.exp(_sum_runs(w * np.log(filled), run_ea))
        )
        out[own] = np.where(total > 0, mean, np.nan)
    else:
        out = _by_method(line, rules)
    begun = _sum_runs(np.isfinite(line.price[:, :1]).astype(np.float64), run_ea)[:, 0] > 0
    out[own, 0] = np.where(begun, 1.0, np.nan)
    return out, w


def _quantities(book: Book) -> Array:
    """Quantity of every series and period, 0 where there is none."""
    if "quantity" not in book.quotes.column_names:
        raise DataError('quotes: no column quantity, and the method asks for weights = "quantity"; add the column')
    given = np.append(numbers(book.quotes, "quantity", "quantity"), 0.0)
    return np.where(np.isfinite(given), np.maximum(given, 0.0), 0.0)[book.row]


def _by_method(line: Line, rules: Compile) -> Array:
    """Changes of elementary aggregates by a method of the engine, on the accepted quotes and their quantities."""
    book = line.book
    s, t = np.nonzero(np.isin(line.state, (OBSERVED, CORRECTED, REPLACED)))
    columns: dict[str, Any] = {
        "period": pa.array(t),
        "product": pa.array(s),
        "price": pa.array(line.price[s, t]),
        "ea": pa.array(book.aggregate[s]),
    }
    if "quantity" in book.quotes.column_names:
        columns["quantity"] = book.quotes["quantity"].take(pa.array(book.row[s, t]))
    found = compute_index(pa.table(columns), rules.elementary, by="ea", window=rules.window, splice=rules.splice)
    out = np.full((len(book.classification.leaves), len(book.periods)), np.nan)
    level = np.full_like(out, np.nan)
    value = found["index"].to_numpy(zero_copy_only=False)
    level[found["ea"].to_numpy(), found["period"].to_numpy()] = value
    # A period without a level does not break the chain of changes: the next one is on the last level.
    last = np.full(len(out), np.nan)
    for t_ in range(level.shape[1]):
        now = level[:, t_]
        with np.errstate(invalid="ignore"):
            out[:, t_] = np.where(np.isfinite(now), now / np.where(np.isfinite(last), last, now), np.nan)
        last = np.where(np.isfinite(now), now, last)
    return out


def _aggregate(book: Book, leaf: Array, rules: Compile) -> Aggregated:
    """Changes of all classes: a basket's weights stand at its price reference and are brought to its first period."""
    tree = book.classification.tree
    baskets: list[tuple[int, Array]] = []
    for first, reference, weights in zip(book.baskets.first, book.baskets.reference, book.baskets.weights, strict=True):
        w = weights.copy()
        if reference < first - 1:
            move = np.where(np.isfinite(leaf[:, reference + 1 : first]), leaf[:, reference + 1 : first], 1.0)
            w = w * np.prod(move, axis=1) ** rules.order
        baskets.append((first, w))
    _refuse_weightless(book, leaf)
    return tree.aggregate(leaf, baskets, r=rules.order, update=rules.price_update, impute=True)


def _refuse_weightless(book: Book, leaf: Array) -> None:
    """DataError for an elementary aggregate with quotes and no weight in any basket: it was forgotten."""
    forgotten = np.isfinite(leaf).any(axis=1) & (book.baskets.weights.sum(axis=0) == 0)
    if forgotten.any():
        code = book.classification.leaves[int(np.flatnonzero(forgotten)[0])]
        raise DataError(
            f"basket.csv: elementary aggregate {code} has quotes and no weight in any basket "
            f"({int(forgotten.sum())} such); give it a weight, or take its items out of items.csv"
        )


def _leaf_counts(book: Book, mask: Mask) -> Array:
    """Series of a mask by elementary aggregate, leaves x periods."""
    out = np.zeros((len(book.classification.leaves), mask.shape[1]))
    if book.series:
        out[np.unique(book.aggregate)] = _sum_runs(mask.astype(np.float64), book.aggregate)
    return out


def settled(share: Array) -> Array:
    """Shares as they are held against a limit: to nine digits.

    A series that begins later changes the order in which sums run and so their last bits. A share that is equal to a
    limit must not pass it for that, or an old issue would get another grade.
    """
    return np.asarray(np.round(share, 9))


def _counts(line: Line) -> dict[str, Counts]:
    book, tree = line.book, line.book.classification.tree
    matched = np.isin(line.state, (OBSERVED, CORRECTED, REPLACED)) & np.isfinite(line.before)
    masks = {
        "due": book.due,
        "quotes": book.row != NONE,
        "matched": matched,
        "observed": line.state == OBSERVED,
        "corrected": line.state == CORRECTED,
        "imputed": line.state == IMPUTED,
        "carried": line.state == CARRIED,
        "replaced": line.state == REPLACED,
        "not_collected": line.state == NOT_COLLECTED,
        "excluded": line.verdict == EXCLUDED,
        "queried": line.verdict == QUERIED,
    }
    out = {name: np.rint(tree.sums(_leaf_counts(book, mask))).astype(np.int64) for name, mask in masks.items()}
    out["units"] = _units(line)
    return out


def _units(line: Line) -> Counts:
    """Different units behind every class and period: those with a used quote."""
    book = line.book
    used = np.isin(line.state, (OBSERVED, CORRECTED, REPLACED))
    parent = np.asarray(book.classification.parents, dtype=np.intp)
    out = np.zeros((len(parent), used.shape[1]), dtype=np.int64)
    node = book.classification.tree.leaves[book.aggregate]
    n = len(book.units.at)
    while True:
        live = node >= 0
        if not live.any():
            return out
        key, inverse = np.unique(node[live] * n + book.unit[live], return_inverse=True)
        any_used = np.zeros((len(key), used.shape[1]), dtype=bool)
        np.logical_or.at(any_used, inverse, used[live])
        np.add.at(out, key // n, any_used.astype(np.int64))
        node = np.where(live, parent[np.maximum(node, 0)], NONE)
    return out


def _share_of(line: Line, weight: Array, state: int) -> Array:
    """Share of weight in a state, leaves x periods; NaN for an aggregate without a relative."""
    book = line.book
    out = np.full((len(book.classification.leaves), weight.shape[1]), np.nan)
    if book.series:
        total = _sum_runs(weight, book.aggregate)
        part = _sum_runs(np.where(line.state == state, weight, 0.0), book.aggregate)
        out[np.unique(book.aggregate)] = np.divide(part, total, out=np.full_like(part, np.nan), where=total > 0)
    return out


def _up(book: Book, aggregated: Aggregated, share: Array, absent: float) -> Array:
    """Shares of leaves as shares of every class, by the weights in force."""
    tree = book.classification.tree
    w = aggregated.weights[tree.leaves]
    total = tree.sums(w)
    part = tree.sums(w * np.where(np.isfinite(share), share, absent))
    return np.divide(part, total, out=np.full_like(total, np.nan), where=total > 0)


def _issued(line: Line, method: MethodFile) -> Mask:
    """Periods with an issue: something was quoted, and enough of what was due was open."""
    book = line.book
    due = book.due.sum(axis=0)
    open_ = (book.due & ~book.closed).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        enough = open_ >= method.method.release.minimum_open * due
    return np.asarray((book.row != NONE).any(axis=0) & enough)


def _grades(
    line: Line, method: MethodFile, weight: Array, imputed: Array, counts: dict[str, Counts], aggregated: Aggregated
) -> tuple[NDArray[np.str_], Mask]:
    """Grades by the imputed share, and what is suppressed; docs: the method's [quality]."""
    rules = method.method.quality
    imputed = settled(imputed)
    grade = np.where(imputed > rules.grade_c, "C", np.where(imputed > rules.grade_b, "B", "A"))
    # A class in which nobody quoted is imputed or carried as a whole, and tells of no unit.
    few = (counts["units"] < rules.minimum_units) & (counts["quotes"] > 0)
    few |= np.nan_to_num(imputed) > rules.maximum_imputed
    few |= dominated(line, weight, aggregated, rules.dominance)
    few[:, 0] = False
    few = secondary(np.asarray(line.book.classification.parents, dtype=np.intp), few, aggregated)
    grade[few] = "S"
    return grade, few


def quote_contributions(compiled: Compiled, t: int) -> Array:
    """Contribution of every series to the change of the total on the previous issue, percentage points; NaN where none.

    They sum to the change. Between two issues that are not neighbours, each period's part is brought to the level of
    the earlier one. Source: Balk (2008), section 4.2.
    """
    start = int(compiled.previous[t])
    total = np.zeros(compiled.book.series)
    seen = np.zeros(compiled.book.series, dtype=bool)
    if start == NONE:
        return np.full(len(total), np.nan)
    for k in range(start + 1, t + 1):
        part = _quote_steps(compiled, k)
        have = np.isfinite(part)
        total[have] += part[have] * compiled.level[0, k - 1] / compiled.level[0, start]
        seen |= have
    return np.where(seen, total, np.nan)


def _quote_steps(compiled: Compiled, t: int) -> Array:
    """Of every series, its part in the change of the total on the period before.

    It is the series' part in its elementary aggregate, carried to the arithmetic mean, times the aggregate's share.
    """
    book, rules = compiled.book, compiled.method.method.compile
    if rules.elementary not in MEANS:
        return np.full(book.series, np.nan)
    share = book.classification.tree.multipliers(compiled.aggregated.shares[:, [t]], 0)[:, 0]
    node = book.classification.tree.leaves[book.aggregate]
    x = ratios(compiled.line)[:, t]
    have = np.isfinite(x) & (share[node] > 0)
    w = np.where(have, compiled.weight[:, t], 0.0)
    filled = np.where(have, x, 1.0)
    if rules.elementary == "jevons":
        mean = np.where(np.isfinite(compiled.change[node, t]), compiled.change[node, t], 1.0)
        with np.errstate(all="ignore"):
            w = np.where(have, w * gap_ratio(filled, mean, 0, 1), 0.0)
    total = np.bincount(book.aggregate, w, len(book.classification.leaves))
    with np.errstate(all="ignore"):
        part = 100 * (filled - 1) * w / total[book.aggregate] * share[node]
    return np.where(have, part, np.nan)


__all__ = ["Compiled", "compile_book", "compile_line", "quote_contributions"]
