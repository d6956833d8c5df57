"""Standard errors and intervals of compiled indices, by bootstrap over units carried through chain and tree.

A unit is drawn with all its quotes and for all periods. Imputed and carried prices are no observations: they follow
the others and add no precision. Source: CPI Manual 2020, chapter 4; Rao and Wu (1988).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.variance import (
    Draws,
    Report,
    Sample,
    bootstrap_draws,
    carry,
    deviations,
    standard_error,
    with_base,
)
from ellwand.production.book import NONE, Array, Book
from ellwand.production.compile import Compiled, ratios
from ellwand.production.line import CORRECTED, OBSERVED, REPLACED


@dataclass(frozen=True)
class Intervals:
    """Of every class and period: standard error and interval of the level and of the change on the period before.

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


def intervals(compiled: Compiled) -> Intervals | None:
    """Intervals of a compiled book; None where the method asks for no replicates or there are too few units."""
    rules, book = compiled.method.method.variance, compiled.book
    if rules.replicates < 2 or len(np.unique(book.unit)) < 2:
        return None
    draws, sample = _sample(compiled)
    tree = book.classification.tree
    leaf = compiled.level[tree.leaves]
    known = np.isfinite(leaf).all(axis=1)
    members = _members(book)[:, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.where(known[:, None], leaf, np.nan))
    log = np.concatenate([log[:, :1], log], axis=1)
    stream = (
        (e, d) for e, d in with_base(deviations(sample, draws, conditional_on_items=rules.items == "fixed")) if known[e]
    )
    nodes = np.flatnonzero((members * known).sum(axis=1) > 0)
    links = [
        (max(first, 0) if k else 0, np.where(known, _at_link(compiled, k), 0.0))
        for k, first in enumerate(book.baskets.first)
    ]
    weighted = np.array([all((members[g] * w).sum() > 0 for _, w in links) for g in nodes])
    nodes = nodes[weighted]
    replicates = carry(stream, log, members[nodes] * known, links)[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.log(replicates)
    z = NormalDist().inv_cdf(0.5 + rules.level / 2)
    shape = compiled.level.shape
    error, step = np.full(shape, np.nan), np.full(shape, np.nan)
    error[nodes] = standard_error(spread, draws)
    step[nodes, 1:] = standard_error(np.diff(spread, axis=1), draws)
    level, change = compiled.level, compiled.change
    return Intervals(
        level * error,
        level * np.exp(-z * error),
        level * np.exp(z * error),
        100 * change * step,
        100 * (change * np.exp(-z * step) - 1),
        100 * (change * np.exp(z * step) - 1),
        sample.report,
        rules.replicates,
    )


def _sample(compiled: Compiled) -> tuple[Draws, Sample]:
    book, line, rules = compiled.book, compiled.line, compiled.method.method
    seen = np.isin(line.state, (OBSERVED, CORRECTED, REPLACED))
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(seen, np.log(ratios(line)), np.nan)
    units, unit = np.unique(book.unit, return_inverse=True)
    names = book.units.column("source")
    at = {name: k for k, name in enumerate(dict.fromkeys(names))}
    stratum = np.array([at[names[u]] for u in units.tolist()], dtype=np.intp)
    weights = None
    if rules.compile.weights == "item":
        # What a pair counts in its item, on the average of the periods in which it was priced.
        per_item = np.zeros((len(book.items.at), x.shape[1]))
        np.add.at(per_item, book.item, seen.astype(np.float64))
        count = np.where(seen, per_item[book.item], np.nan)
        total = np.nansum(np.where(seen, 1 / np.where(count > 0, count, np.nan), 0.0), axis=1)
        weights = total / np.maximum(seen.sum(axis=1), 1)
        weights = np.where(weights > 0, weights, 1.0)
    above = [codes[book.aggregate] for codes in book.parents()]
    draws = bootstrap_draws(stratum, rules.variance.replicates, rules.variance.seed)
    return draws, Sample(x, book.aggregate, unit, book.item, above, weights)


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
