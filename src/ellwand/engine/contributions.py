"""Contributions that add up exactly: of classes or products, to one change or over many links."""

from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.indices import Indices
from ellwand.engine.levels import link_periods
from ellwand.engine.weights import read_baskets
from ellwand.formulas import chaining
from ellwand.formulas.decomposition import ribe
from ellwand.formulas.means import gap_ratio, transmute_weights
from ellwand.formulas.panel import Array


def contributions(indices: Indices, code: str, *, of: str | int = "product", since: Any = None) -> pa.Table:
    """Contributions to the change of a class.

    indices : changes of `aggregate` (or of `elementary`, of="product"). code : the class explained.
    of : "product", or the number of a level of the classification (top = 1).
    since : None: to each period's change on the one before, they sum to `index - 1`; a period: to the change of the
    chained index from there to each later period, across all links, they sum to `I_t / I_since - 1`.

    Columns: the product columns or `code`, period, contribution; no row where there is none. Each contribution is
    `(x - 1)` times the part's share in the arithmetic mean that equals the index (Balk 2008, section 4.2).
    """
    indices.need("change", "contributions")
    C, labels = _matrix(indices, code, of)
    if since is not None:
        a = indices.period(since)
        level = chaining.chain(indices.series(code)[None, :])[0]
        before = np.concatenate(([np.nan], level[:-1])) / level[a]
        steps = np.where(np.isfinite(C), C, 0.0) * before
        steps[:, : a + 1] = 0.0
        seen = np.logical_or.accumulate(np.isfinite(C) & (np.arange(C.shape[1]) > a), axis=1)
        C = np.where(seen & np.isfinite(level), np.cumsum(steps, axis=1), np.nan)
    row, column = np.nonzero(np.isfinite(C))
    out = labels.take(pa.array(row))
    out = out.append_column("period", pa.array(list(indices.periods)).take(pa.array(column)))
    return out.append_column("contribution", pa.array(C[row, column]))


def _matrix(indices: Indices, code: str, of: str | int) -> tuple[Array, pa.Table]:
    """Contributions, parts x periods, NaN where there is none, and the labels of the parts."""
    top = indices.at(code)
    if indices.classification is None or not indices.made:
        if of != "product" or indices.quotes is None:
            raise ValueError("only products contribute to elementary indices; aggregate them for classes")
        share = np.zeros_like(indices.values)
        share[top] = 1.0
        return _products(indices, share, np.arange(len(indices.codes)), indices.values)
    tree = indices.classification.tree
    scale: list[Any] = [1.0]
    if len(indices.made) == 2:
        a, b = (m.values[top] for m in indices.made)
        pair = [transmute_weights(np.asarray(ab), np.ones(2), 0, 1) for ab in zip(a, b, strict=True)]
        scale = [np.asarray([p[0] for p in pair]), np.asarray([p[1] for p in pair])]
    total: Array | None = None
    labels: pa.Table | None = None
    for factor, made in zip(scale, indices.made, strict=True):
        share = tree.multipliers(made.shares, top) * factor
        if of == "product":
            C, labels = _products(indices, share, tree.leaves, made.values)
        else:
            nodes = [indices.at(c) for c in indices.classification.level(int(of))]
            nodes = [n for n in nodes if _below(tree.parent, n, top)]
            if not nodes:
                raise ValueError(f"no class of level {of} lies in {code!r}; give a level below it")
            C = np.where(share[nodes] > 0, (made.values[nodes] - 1) * share[nodes], np.nan)
            labels = pa.table({"code": [indices.codes[n] for n in nodes]})
        total = C if total is None else total + C
    assert total is not None and labels is not None
    return total, labels


def _below(parent: Any, node: int, top: int) -> bool:
    while node != top and node >= 0:
        node = int(parent[node])
    return node == top


def _products(indices: Indices, share: Array, leaves: Any, values: Array) -> tuple[Array, pa.Table]:
    """Product contributions: share of the class times the product's part in its elementary aggregate."""
    q = indices.quotes
    if q is None:
        raise ValueError("these indices carry no product relatives; start from elementary()")
    if indices.classification is None:
        node = q.stratum
    else:
        at = {c: i for i, c in enumerate(indices.codes)}
        node = np.asarray([at[c] for c in q.codes], dtype=np.intp)[q.stratum]
    rows = np.flatnonzero((share[node] > 0).any(axis=1))
    node, x = node[rows], q.relatives[rows]
    have = np.isfinite(x) & (share[node] > 0)
    filled = np.where(have, x, 1.0)
    w = have.astype(np.float64) if q.weights is None else np.where(have, q.weights[rows], 0.0)
    with np.errstate(all="ignore"):
        if q.order != 1:
            mean = np.where(np.isfinite(values[node]), values[node], 1.0)
            w = np.where(have, w * gap_ratio(filled, mean, q.order, 1), 0.0)
        starts = np.flatnonzero(np.r_[True, node[1:] != node[:-1]])
        total = np.repeat(np.add.reduceat(w, starts, axis=0), np.diff(np.r_[starts, len(node)]), axis=0)
        C = np.where(have & (total > 0), (filled - 1) * w / total * share[node], np.nan)
    return C, q.labels.take(pa.array(rows))


def ribe_contributions(
    levels: Indices, weights: Any, total: Array, *, link: int | str = 12, lag: int = 12
) -> dict[str, Array]:
    """Ribe's contributions of components to the change of their aggregate over `lag` periods, percentage points.

    levels : component levels. weights : table with ea, weight and valid_from, one basket for each link year (or
    period). total : level of the aggregate. They sum to `100 (I_t / I_(t-lag) - 1)`. Source: Ribe (1999).
    """
    from ellwand.engine.classification import Classification

    levels.need("level", "ribe_contributions")
    flat = Classification.from_codes(levels.codes, separator="\0")
    baskets = dict(read_baskets(weights, flat, list(levels.periods)))
    W = np.zeros_like(levels.values)
    rows = np.asarray([levels.at(c) for c in flat.leaves])
    current: Any = None
    for t in range(W.shape[1]):
        current = baskets.get(t, current)
        W[rows, t] = current
    links = link_periods(levels.periods, None if link == "last" else int(link))
    R = ribe(levels.values, W, np.asarray(total, dtype=np.float64), links, lag)
    return dict(zip(levels.codes, R, strict=True))
