"""Missing prices filled before relatives are taken; nothing is filled before a product was first seen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array
from ellwand.formulas.tree import Tree

METHODS = ("carry_forward", "carry_backward", "class_mean", "class_mean_hierarchical")


def carry_forward(P: Array) -> Array:
    """Each missing price is the one before."""
    at = np.where(np.isfinite(P), np.arange(P.shape[1]), -1)
    at = np.maximum.accumulate(at, axis=1)
    return np.where(at >= 0, np.take_along_axis(P, np.maximum(at, 0), axis=1), np.nan)


def fill(
    P: Array,
    stratum: NDArray[np.int64],
    method: str,
    tree: tuple[NDArray[np.intp], Tree, list[tuple[int, Array]]] | None = None,
) -> Array:
    """Filled prices, products x periods; NaN where nothing can be said.

    stratum : class of each product. method : one of METHODS. class_mean: the price before (imputed or not) times the
    Jevons index of the stratum's relatives; class_mean_hierarchical: a stratum without relatives takes its parent's
    change, `tree` = (leaf of each stratum, tree, baskets), weights price-updated each period.
    Source: CPI Manual 2020, chapter 6.
    """
    if method == "carry_forward":
        return carry_forward(P)
    if method == "carry_backward":
        return carry_forward(P[:, ::-1])[:, ::-1].copy()
    out = P.copy()
    n = int(stratum.max()) + 1
    w: Any = None
    for t in range(P.shape[1]):
        if t:
            have = np.isfinite(P[:, t]) & np.isfinite(out[:, t - 1])
            count = np.bincount(stratum[have], minlength=n)
            total = np.bincount(stratum[have], np.log(P[have, t] / out[have, t - 1]), n)
            change = np.where(count > 0, np.exp(total / np.maximum(count, 1)), np.nan)
        else:
            change = np.where(np.bincount(stratum[np.isfinite(P[:, 0])], minlength=n) > 0, 1.0, np.nan)
        if tree is not None:
            leaf, nodes, baskets = tree
            w = dict(baskets).get(t, w)
            values = np.full(len(nodes.parent), np.nan)
            values[nodes.leaves[leaf]] = change
            with np.errstate(all="ignore"):
                nodes.up(values, nodes.sums(w), 1.0)
            nodes.down(values, np.full(len(values), -1, dtype=np.intp))
            at = values[nodes.leaves]
            w = w * np.where(np.isfinite(at), at, 1.0)
            change = at[leaf]
        if t:
            missing = ~np.isfinite(P[:, t])
            out[missing, t] = out[missing, t - 1] * change[stratum[missing]]
    return out


__all__ = ["METHODS", "carry_forward", "fill"]
