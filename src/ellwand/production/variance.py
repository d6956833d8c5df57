"""Standard errors and intervals of compiled indices, by bootstrap over units carried through chain and tree.

A unit is drawn with all its quotes and for all periods. A change rests on the prices that were observed: imputed and
carried ones add no precision; as it is linear in what is drawn, its error is had in closed form, as of draws without
end. A level rests on the whole path of every series in force, whose gaps close again.
Source: CPI Manual 2020, chapter 4; Rao and Wu (1988).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ellwand.engine.blas import single_thread
from ellwand.formulas.linear_variance import change_se
from ellwand.formulas.variance import (
    Draws,
    Pairs,
    Report,
    bootstrap_draws,
    carry,
    deviations,
    standard_error,
    with_base,
)
from ellwand.production.book import NONE, Array, Book, Codes, Mask
from ellwand.production.compile import Compiled, ratios
from ellwand.production.line import CORRECTED, OBSERVED, REPLACED


@dataclass(frozen=True)
class Intervals:
    """Of every class and period: standard error and interval of the level and of the change on the previous issue.

    Levels in index points, changes in per cent; NaN where there is none. report : how the variance was had.
    """

    se: Array
    low: Array
    high: Array
    change_se: Array
    change_low: Array
    change_high: Array
    report: Report
    replicates: int


def intervals(compiled: Compiled, periods: Sequence[int] | None = None) -> Intervals | None:
    """Intervals of a compiled book; None where the method asks for no replicates, or there are too few units or prices.

    Too few prices: no elementary aggregate with quotes has a level in every period. periods : those wanted (None: all);
    the others are NaN and cost little.
    """
    rules, book = compiled.method.method.variance, compiled.book
    if rules.replicates < 2 or len(np.unique(book.unit)) < 2:
        return None
    leaf = compiled.level[book.classification.tree.leaves]
    if not np.asarray(np.isfinite(leaf).all(axis=1))[book.aggregate].any():
        return None
    wanted = np.arange(len(book.periods)) if periods is None else np.unique(np.asarray(periods, dtype=np.intp))
    draws = bootstrap_draws(_strata(book), rules.replicates, rules.seed)
    line = compiled.line
    paths = _pairs(compiled, np.isfinite(line.price) & np.isfinite(line.before))
    seen = _pairs(compiled, np.isin(line.state, (OBSERVED, CORRECTED, REPLACED)))
    with single_thread():
        found = _replicates(compiled, draws, paths, wanted)
    shape = compiled.level.shape
    error = np.full(shape, np.nan)
    if found is not None:
        error[np.ix_(found[0], wanted)] = standard_error(found[1], draws)
    previous = compiled.previous[wanted]
    at = wanted[previous != NONE]
    step = np.full(shape, np.nan)
    if at.size:
        step[:, at] = _change_errors(compiled, seen, at)
    z = NormalDist().inv_cdf(0.5 + rules.level / 2)
    level, change = compiled.level, np.full(shape, np.nan)
    with np.errstate(invalid="ignore"):
        change[:, at] = level[:, at] / level[:, compiled.previous[at]]
    return Intervals(
        level * error,
        level * np.exp(-z * error),
        level * np.exp(z * error),
        100 * change * step,
        100 * (change * np.exp(-z * step) - 1),
        100 * (change * np.exp(z * step) - 1),
        seen.report,
        rules.replicates,
    )


def _change_errors(compiled: Compiled, seen: Pairs, at: Codes) -> Array:
    """Standard errors of the log changes on the previous issue, of the periods `at` of every class."""
    book, rules = compiled.book, compiled.method.method.variance
    tree = book.classification.tree
    # Only what lies between the first previous issue and the last period matters.
    span = slice(int(compiled.previous[at].min()), int(at.max()) + 1)
    shares = compiled.aggregated.shares[:, span]
    multipliers = ((int(g), tree.multipliers(shares, int(g))[tree.leaves]) for g in range(len(tree.parent)))
    previous = np.full(span.stop - span.start, NONE, dtype=np.intp)
    previous[at - span.start] = compiled.previous[at] - span.start
    part = replace(seen, relatives=seen.relatives[:, span], report=seen.report)
    fixed = rules.items == "fixed"
    return change_se(part, _strata(book), multipliers, len(tree.parent), previous, conditional_on_items=fixed)[
        :, at - span.start
    ]


def _strata(book: Book) -> Codes:
    """Source of each unit that has a series, in the order of the units."""
    names = book.units.column("source")
    at = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return np.array([at[names[u]] for u in np.unique(book.unit).tolist()], dtype=np.intp)


def _pairs(compiled: Compiled, use: Mask) -> Pairs:
    """The price relatives of the series and periods of a mask."""
    book, rules = compiled.book, compiled.method.method
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(use, np.log(ratios(compiled.line)), np.nan)
    unit = np.unique(book.unit, return_inverse=True)[1]
    weights = None
    if rules.compile.weights == "item":
        # What a pair counts in its item, on the average of the periods in which it was priced.
        per_item = np.zeros((len(book.items.at), x.shape[1]))
        np.add.at(per_item, book.item, use.astype(np.float64))
        share = np.where(use, 1 / np.maximum(per_item[book.item], 1), 0.0)
        times = use.sum(axis=1)
        weights = np.where(times > 0, share.sum(axis=1) / np.maximum(times, 1), 1.0)
    above = [codes[book.aggregate] for codes in book.parents()]
    return Pairs(x, book.aggregate, unit, book.item, above, weights)


def _replicates(compiled: Compiled, draws: Draws, pairs: Pairs, wanted: Codes) -> tuple[Codes, Array] | None:
    """Classes with a level and the log levels of their replicates, classes x periods wanted x replicates, or None.

    There is none where no price was compared with an earlier one in any class that has a level throughout.
    """
    book, rules = compiled.book, compiled.method.method.variance
    leaf = compiled.level[book.classification.tree.leaves]
    known: Mask = np.asarray(np.isfinite(leaf).all(axis=1))
    if not (np.isfinite(pairs.relatives).any(axis=1) & known[book.aggregate]).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.where(known[:, None], leaf, np.nan))
    # Columns: the base before the first period, the periods before the links, and those wanted.
    first = [k for k in book.baskets.first if k <= int(wanted[-1])]
    column = np.unique(np.concatenate([[0], first, wanted + 1])).astype(np.intp)
    log = np.concatenate([log[:, :1], log], axis=1)[:, column]
    passing = deviations(pairs, draws, conditional_on_items=rules.items == "fixed", periods=column[1:] - 1)
    stream = ((e, d) for e, d in with_base(passing) if known[e])
    members = _members(book) * known
    place = np.searchsorted(column, first).tolist()
    links = [(at, np.where(known, _at_link(compiled, k), 0.0)) for k, at in enumerate(place)]
    weighted = np.stack([members @ w > 0 for _, w in links]).all(axis=0)
    nodes: Codes = np.flatnonzero(weighted)
    replicates = carry(stream, log, members[nodes], links)[:, np.searchsorted(column, wanted + 1)]
    return nodes, np.log(replicates)


def _members(book: Book) -> Array:
    """Classes x elementary aggregates: 1 where the aggregate lies in the class."""
    parent = np.asarray(book.classification.parents, dtype=np.intp)
    leaves = book.classification.tree.leaves
    out = np.zeros((len(parent), len(leaves)))
    node: NDArray[np.intp] = leaves.copy()
    while (node != NONE).any():
        live = np.flatnonzero(node != NONE)
        out[node[live], live] = 1.0
        node[live] = parent[node[live]]
    return out


def _at_link(compiled: Compiled, k: int) -> Array:
    """Weights of the elementary aggregates at the prices of the period before basket k's first."""
    leaves = compiled.book.classification.tree.leaves
    return np.asarray(compiled.aggregated.weights[leaves, compiled.book.baskets.first[k]])
