"""Contributions that add up exactly: of classes or products, to one change or over many links."""

from typing import Any

import numpy as np
import pyarrow as pa

from ellwand.engine.classification import Classification
from ellwand.engine.indices import CHANGE, LEVEL, Indices
from ellwand.engine.levels import links_of
from ellwand.engine.weights import read_baskets
from ellwand.formulas import chaining
from ellwand.formulas.decomposition import cumulated, ribe
from ellwand.formulas.means import gap_ratio, logmean, transmute_weights
from ellwand.formulas.panel import Array

FORMS = ("mean", "montgomery")
IMPUTED = ("donor", "null")


def contributions(
    indices: Indices,
    code: str,
    *,
    of: str | int = "product",
    since: Any = None,
    lag: int | None = None,
    form: str = "mean",
    imputed: str = "donor",
) -> pa.Table:
    """Contributions to the change of a class; they add up to it exactly.

    indices : changes of `aggregate` (or of `elementary`, of="product"), on the period before or on a link. code : the
    class explained. of : "product" (single price series), or the number of a level of the classification (top = 1); a
    branch that ends above the level is given by its elementary aggregate.
    since, lag : None: to each change itself, they sum to `index - 1`. since : a period: to the change of the chained
    index from there to each later period, across all links, they sum to `I_t / I_since - 1`. lag : to the change over
    so many periods, they sum to `I_t / I_(t-lag) - 1` (over a year of a December-linked index: Ribe's contributions).
    form : "mean" (Balk), or "montgomery" for geometric means: `w ln x` times `Lm(I,1)`, the logarithmic mean of the
    index and 1; a part's contribution is then the same through any intermediate level.
    imputed : where the class took its change from one above it: "donor": the contributions are those to that class,
    whatever lies outside its own branch included, so that they still add up; "null": there are none.

    Columns: the product columns or `code`, period, contribution (times 100: percentage points); no row where there is
    none. Inside a change each contribution is `(x - 1)` times the part's share in the arithmetic mean that equals the
    index; across links each link's contributions stand at the level of its reference.

    ValueError for levels, an unknown class, level, period or option, since and lag together, products where there are
    none, or form="montgomery" where a mean is not geometric.
    Source: Balk 2008, section 4.2; CPI Manual 2020, chapter 9; Ribe 1999.
    """
    indices.need(CHANGE, "contributions")
    if since is not None and lag is not None:
        raise ValueError("contributions takes either since, a period, or lag, a number of periods")
    if of != "product" and (isinstance(of, bool) or not isinstance(of, int)):
        raise ValueError(f"of is {of!r}; allowed: 'product' or the number of a level")
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; allowed: {', '.join(FORMS)}")
    if imputed not in IMPUTED:
        raise ValueError(f"imputed is {imputed!r}; allowed: {', '.join(IMPUTED)}")
    if form == "montgomery":
        orders = [made.order for made in indices.made]
        if of == "product" and indices.quotes is not None:
            orders.append(indices.quotes.order)
        if any(r != 0 for r in orders):
            raise ValueError(
                "form='montgomery' is for geometric means, order 0, from the quotes to the class explained"
            )
    C, labels = _matrix(indices, code, of, form == "montgomery")
    if imputed == "null":
        for made in indices.made:
            C[:, made.donor[indices.at(code)] >= 0] = np.nan
    if since is not None or lag is not None:
        C = _across(indices, code, C, since, lag)
    row, column = np.nonzero(np.isfinite(C))
    out = labels.take(pa.array(row))
    out = out.append_column("period", pa.array(list(indices.periods)).take(pa.array(column)))
    return out.append_column("contribution", pa.array(C[row, column], pa.float64()))


def _across(indices: Indices, code: str, C: Array, since: Any, lag: int | None) -> Array:
    """Contributions over several changes, those of single changes given."""
    T = C.shape[1]
    if since is not None:
        a = indices.period(since)
        base = np.where(np.arange(T) >= a, a, -1)
    else:
        assert lag is not None
        if isinstance(lag, bool) or int(lag) != lag or lag < 1:
            raise ValueError(f"lag is {lag!r}; it must be a whole number of periods, 1 or more")
        base = np.maximum(np.arange(T) - int(lag), -1)
    links = links_of(indices.periods, indices.link)
    change = indices.series(code)[None, :]
    level = (chaining.chain(change) if indices.link is None else chaining.chain_links(change, links))[0]
    G = cumulated(C, level, links)
    seen = np.cumsum(np.isfinite(C), axis=1)
    out = np.full_like(C, np.nan)
    for t, b in enumerate(base.tolist()):
        if b < 0 or not (np.isfinite(level[t]) and np.isfinite(level[b])):
            continue
        # On a link, what a part did before the base counts too.
        part = seen[:, t] > (seen[:, b] if indices.link is None else 0)
        out[part, t] = (G[part, t] - G[part, b]) / level[b]
    return out


def _matrix(indices: Indices, code: str, of: str | int, montgomery: bool) -> tuple[Array, pa.Table]:
    """Contributions, parts x periods, NaN where there is none, and the labels of the parts."""
    top = indices.at(code)
    if indices.classification is None or not indices.made:
        if of != "product" or indices.quotes is None:
            raise ValueError("only products contribute to elementary indices; aggregate them for classes")
        share = np.zeros_like(indices.values)
        share[top] = 1.0
        return _products(indices, share, indices.values, montgomery)
    tree = indices.classification.tree
    scale: list[Any] = [1.0]
    if len(indices.made) == 2:
        scale = _halves(*(m.values[top] for m in indices.made))
    total: Array | None = None
    labels: pa.Table | None = None
    for factor, made in zip(scale, indices.made, strict=True):
        shares = made.shares
        if montgomery:
            shares = tree.shares(made.values, made.weights, made.donor, 0.0, montgomery=True)
        share = np.zeros_like(shares)
        # Where the class has no change of its own it is its donor that is explained.
        tops = np.where(made.donor[top] >= 0, made.donor[top], top)
        for one in np.unique(tops).tolist():
            at = np.flatnonzero(tops == one)
            share[:, at] = tree.multipliers(shares[:, at], int(one))
        share = share * factor
        if of == "product":
            C, labels = _products(indices, share, made.values, montgomery)
        else:
            indices.classification.level(int(of))
            # A branch that ends above the level is there with its elementary aggregate.
            depth = tree.depth + 1
            ended = [int(n) for n in tree.leaves if depth[n] < of]
            nodes = sorted([*ended, *np.flatnonzero(depth == of).tolist()])
            if not any(_below(tree.parent, n, top) for n in nodes):
                raise ValueError(f"no class of level {of} lies in {code!r}; give its own level or one below it")
            reached = {int(one) for side in indices.made for one in np.unique(side.donor[top]) if one >= 0} | {top}
            nodes = [n for n in nodes if any(_below(tree.parent, n, one) for one in reached)]
            C = np.where(share[nodes] > 0, (made.values[nodes] - 1) * share[nodes], np.nan)
            labels = pa.table({"code": [indices.codes[n] for n in nodes]})
        # A part may be present in one of two baskets only.
        both = C if total is None else np.where(np.isfinite(C), C, 0.0) + np.where(np.isfinite(total), total, 0.0)
        total = C if total is None else np.where(np.isfinite(C) | np.isfinite(total), both, np.nan)
    assert total is not None and labels is not None
    return total, labels


def _halves(a: Array, b: Array) -> list[Array]:
    """Weights v of two numbers a and b, period by period, with `v_a (a-1) + v_b (b-1) = sqrt(ab) - 1`."""
    out = np.full((2, len(a)), 0.5)
    for t in np.flatnonzero(np.isfinite(a) & np.isfinite(b)).tolist():
        out[:, t] = transmute_weights(np.asarray([a[t], b[t]]), np.ones(2), 0, 1)
    return [out[0], out[1]]


def _below(parent: Any, node: int, top: int) -> bool:
    while node != top and node >= 0:
        node = int(parent[node])
    return node == top


def _products(indices: Indices, share: Array, values: Array, montgomery: bool) -> tuple[Array, pa.Table]:
    """Product contributions: share of the class times the product's part in its elementary aggregate."""
    q = indices.quotes
    if q is None:
        raise ValueError("these indices carry no product relatives; start from elementary()")
    if indices.classification is None:
        node = q.stratum
    else:
        at = {c: i for i, c in enumerate(indices.codes)}
        node = np.asarray([at[c] for c in q.codes], dtype=np.intp)[q.stratum]
    rows = np.flatnonzero(np.asarray((share > 0).any(axis=1))[node])
    if not len(rows):
        return np.full((0, share.shape[1]), np.nan), q.labels.slice(0, 0)
    node, x = node[rows], q.relatives[rows]
    have = np.isfinite(x) & (share[node] > 0)
    filled = np.where(have, x, 1.0)
    w = have.astype(np.float64) if q.weights is None else np.where(have, q.weights[rows], 0.0)
    with np.errstate(all="ignore"):
        mean = np.where(np.isfinite(values[node]), values[node], 1.0)
        if q.order != 1 and not montgomery:
            w = np.where(have, w * gap_ratio(filled, mean, q.order, 1), 0.0)
        starts = np.flatnonzero(np.r_[True, node[1:] != node[:-1]])
        total = np.repeat(np.add.reduceat(w, starts, axis=0), np.diff(np.r_[starts, len(node)]), axis=0)
        part = w / total
        if montgomery:
            part = part * logmean(mean, np.ones(1)) / logmean(filled, np.ones(1))
        C = np.where(have & (total > 0), (filled - 1) * part * share[node], np.nan)
    return C, q.labels.take(pa.array(rows))


def ribe_contributions(
    levels: Indices, weights: Any, total: Any, *, link: int | str = 12, lag: int = 12
) -> dict[str, Array]:
    """Ribe's contributions of components to the change of their aggregate over `lag` periods, percentage points.

    levels : component levels. weights : table with ea, weight and valid_from, one basket for each link year (or
    period). total : level of the aggregate in each period, of any scale. link : the link of the aggregate, as in
    `unchain` (12: December). lag : 12 for annual rates of monthly indices.

    Returns the contributions of each component, one a period, NaN where the periods compared do not reach back. They
    sum to `100 (I_t / I_(t-lag) - 1)`. From indices that were aggregated here, `contributions(..., lag=12)` gives the
    same without a total. ValueError for changes, another link or lag, or a total of another length; DataError for
    wrong weights. Source: Ribe (1999); Eurostat's HICP Manual (2024), chapter 8.
    """
    levels.need(LEVEL, "ribe_contributions")
    given = np.asarray(total, dtype=np.float64)
    if given.shape != (len(levels.periods),):
        raise ValueError(
            f"total has the shape {given.shape} and there are {len(levels.periods)} periods; give one each"
        )
    if isinstance(lag, bool) or int(lag) != lag or lag < 1:
        raise ValueError(f"lag is {lag!r}; it must be a whole number of periods, 1 or more")
    flat = Classification.from_codes(levels.codes, separator="\0")
    baskets = dict(read_baskets(weights, flat, list(levels.periods)))
    rows = np.asarray([levels.at(c) for c in flat.leaves], dtype=np.intp)
    W = np.zeros_like(levels.values)
    current = baskets[0]
    for t in range(W.shape[1]):
        current = baskets.get(t, current)
        W[rows, t] = current
    R = ribe(levels.values, W, given, links_of(levels.periods, link), int(lag))
    return dict(zip(levels.codes, R, strict=True))
