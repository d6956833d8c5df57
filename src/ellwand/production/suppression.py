"""Which classes show no figure: too few units, one unit that dominates, and those from which others could be derived.

A shown figure must not give away what a unit reported, neither by itself nor by the difference of figures. Source:
UN Fundamental Principles, principle 6.
"""

import numpy as np

from ellwand.formulas.tree import Aggregated
from ellwand.production.book import NONE, Array, Codes, Mask, starts
from ellwand.production.line import CORRECTED, OBSERVED, REPLACED, Line


def dominated(line: Line, weight: Array, aggregated: Aggregated, limit: float) -> Mask:
    """Classes x periods in which one unit has more than `limit` of the weight of the own quotes.

    weight : of each series in its elementary aggregate; above it, the aggregate's weight in force counts too.
    """
    book = line.book
    parent = np.asarray(book.classification.parents, dtype=np.intp)
    out = np.zeros((len(parent), weight.shape[1]), dtype=bool)
    if limit >= 1 or not book.series:
        return out
    used = np.isin(line.state, (OBSERVED, CORRECTED, REPLACED))
    w = np.where(used, weight, 0.0)
    leaf = book.classification.tree.leaves[book.aggregate]
    node, unit, n = leaf, book.unit, len(book.units.at)
    while len(node):
        key = node * n + unit
        order = np.argsort(key, kind="stable")
        by_unit = np.add.reduceat(w[order], starts(key[order]), axis=0)
        at = key[order][starts(key[order])] // n
        largest = np.maximum.reduceat(by_unit, starts(at), axis=0)
        total = np.add.reduceat(by_unit, starts(at), axis=0)
        # To nine digits: the last bits depend on the order of the sums, and a limit that is met is not passed.
        out[at[starts(at)]] |= (total > 0) & (largest > limit * total * (1 + 1e-9))
        if node is leaf:
            w = w * aggregated.weights[leaf]
        up = parent[node]
        w, unit, node = w[up != NONE], unit[up != NONE], up[up != NONE]
    return out


def secondary(parent: Codes, hidden: Mask, aggregated: Aggregated) -> Mask:
    """Hide more classes until no hidden one follows from those shown.

    A class is the weighted mean of its parts, so one unknown among a class and its parts could be solved for; with two
    or more in every such equation, none can, because each equation shares at most one class with any other. The part
    of the smallest weight is hidden, or the class itself where it has no further part. A class that takes the change
    of a hidden one is hidden with it. parent : of each class, NONE for a top one.
    """
    out = hidden.copy()
    part = aggregated.shares > 0
    families = [(p, np.flatnonzero(parent == p)) for p in np.unique(parent[parent != NONE]).tolist()]
    before = None
    while before is None or not np.array_equal(out, before):
        before = out.copy()
        lent = aggregated.donor >= 0
        out |= lent & np.take_along_axis(out, np.maximum(aggregated.donor, 0), axis=0)
        for p, children in families:
            inside = part[children]
            unknown = (out[children] & inside).sum(axis=0) + (out[p] & inside.any(axis=0))
            for t in np.flatnonzero(unknown == 1).tolist():
                open_ = children[inside[:, t] & ~out[children, t]]
                chosen = open_[np.argmin(aggregated.weights[open_, t])] if len(open_) else p
                out[chosen, t] = True
    return out
