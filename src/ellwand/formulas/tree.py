"""Aggregation up a tree: weighted means of order r, imputation down from parents, price-updated weights."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.means import gap_ratio, logmean
from ellwand.formulas.panel import Array

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Aggregated:
    """Changes of all nodes and what they were made of; every matrix is nodes x periods.

    values : index of each period on the one before. weights : value weights in force for that change.
    donor : node whose change was taken where there was none of its own, else -1.
    shares : share of the node in its parent, over the children present (0 where absent), for the arithmetic mean.
    order : of the mean.
    """

    values: Array
    weights: Array
    donor: NDArray[np.intp]
    shares: Array
    order: float = 1.0


@dataclass(frozen=True)
class Tree:
    """A forest of nodes, parents before children.

    parent : position of each node's parent, -1 for a root. leaves : positions of the elementary aggregates.
    """

    parent: Positions
    leaves: Positions

    @cached_property
    def depth(self) -> Positions:
        out = np.zeros(len(self.parent), dtype=np.intp)
        for i, p in enumerate(self.parent.tolist()):
            if p >= 0:
                out[i] = out[p] + 1
        return out

    @cached_property
    def levels(self) -> list[Positions]:
        """Nodes of each depth."""
        return [np.flatnonzero(self.depth == d) for d in range(int(self.depth.max()) + 1)]

    @cached_property
    def families(self) -> list[tuple[Positions, Positions, Positions]]:
        """From the lowest level up: the nodes with a parent, their parents, and the distinct parents."""
        below = [(nodes, self.parent[nodes]) for nodes in reversed(self.levels[1:])]
        return [(nodes, parents, np.unique(parents)) for nodes, parents in below]

    def sums(self, leaf_values: Array) -> Array:
        """Values of the leaves summed up to every node."""
        out = np.zeros((len(self.parent), *leaf_values.shape[1:]))
        out[self.leaves] = leaf_values
        for nodes, parents, _ in self.families:
            np.add.at(out, parents, out[nodes])
        return out

    def up(self, values: Array, W: Array, r: float) -> Array:
        """Fill the inner nodes of one period: mean of order r of the children present."""
        n = len(self.parent)
        for nodes, parents, at in self.families:
            x, w = values[nodes], W[nodes]
            have = np.isfinite(x) & (w > 0)
            w = np.where(have, w, 0.0)
            x = np.where(have, x, 1.0)
            total = np.bincount(parents, w, n)
            if r == 0:
                mean = np.exp(np.bincount(parents, w * np.log(x), n)[at] / total[at])
            elif r == 1:
                mean = np.bincount(parents, w * x, n)[at] / total[at]
            else:
                mean = (np.bincount(parents, w * x**r, n)[at] / total[at]) ** (1 / r)
            values[at] = mean
        return values

    def down(
        self, values: Array, donor: Positions, W: Array | None = None, counts: Array | None = None, least: int = 1
    ) -> Array:
        """A node without a change takes that of the nearest class above it, from the top down.

        values : changes of the nodes, NaN where missing, filled in place. donor : records whose change it is.
        W : weights; an inner class without weight has nothing to be imputed and stays as it is. counts, least : price
        relatives under each node, and how many a class must have to lend its change; otherwise one further up does.
        """
        giver = np.where(np.isfinite(values), np.arange(len(values)), -1)
        if counts is not None and least > 1:
            giver[counts < least] = -1
        empty = ~np.isfinite(values)
        if W is not None:
            inner = np.ones(len(values), dtype=bool)
            inner[self.leaves] = False
            empty &= ~(inner & (W <= 0))
        for nodes in self.levels[1:]:
            lent = giver[self.parent[nodes]]
            giver[nodes] = np.where(giver[nodes] >= 0, giver[nodes], lent)
            take = empty[nodes] & (lent >= 0)
            values[nodes[take]] = values[lent[take]]
            donor[nodes[take]] = lent[take]
        return values

    def aggregate(
        self,
        x: Array,
        baskets: list[tuple[int, Array]],
        *,
        r: float = 1.0,
        update: bool = True,
        impute: bool = True,
        counts: Array | None = None,
        least: int = 1,
    ) -> Aggregated:
        """Changes of every node from those of the leaves, period by period.

        x : leaves x periods, NaN where missing. baskets : (first period, weights of the leaves), in order; a basket's
        weights stand at the prices of the period before its first. r : order of the mean. update : weights follow
        prices, `w I^r`, until the next basket. impute : missing nodes take the change of the nearest class above them
        that has at least `least` price relatives; counts : relatives behind each leaf, leaves x periods.
        Source: CPI Manual 2020, chapter 8 (Young, Lowe, geometric Young) and 11 (links).
        """
        n, T = len(self.parent), x.shape[1]
        values = np.full((n, T), np.nan)
        weights = np.zeros((n, T))
        donor = np.full((n, T), -1, dtype=np.intp)
        start = dict(baskets)
        under = None if counts is None else self.sums(np.where(np.isfinite(x), counts, 0.0))
        w = np.zeros(len(self.leaves))
        with np.errstate(all="ignore"):
            for t in range(T):
                if t in start:
                    w = np.array(start[t], dtype=np.float64)
                weights[:, t] = self.sums(w)
                values[self.leaves, t] = x[:, t]
                self.up(values[:, t], weights[:, t], r)
                have = None if under is None else under[:, t]
                filled = self.down(values[:, t].copy(), donor[:, t], weights[:, t], have, least)
                if impute:
                    values[:, t] = filled
                else:
                    donor[:, t] = -1
                if update and r != 0:
                    leaf = filled[self.leaves]
                    w = w * np.where(np.isfinite(leaf), leaf, 1.0) ** r
        return Aggregated(values, weights, donor, self.shares(values, weights, donor, r), r)

    def shares(
        self, values: Array, weights: Array, donor: NDArray[np.intp], r: float, *, montgomery: bool = False
    ) -> Array:
        """Each node's share in its parent for the arithmetic mean, over the children present.

        montgomery : of a geometric mean (r = 0), `w Lm(I,1)/Lm(x,1)`: then `(x-1)` times the share is the part of
        `ln x` in `ln I`, which is the same through any intermediate level. They do not sum to 1.
        """
        n = len(self.parent)
        out = np.zeros_like(values)
        out[self.parent < 0] = 1.0
        child = np.flatnonzero(self.parent >= 0)
        parent = self.parent[child]
        own = np.isfinite(values[child]) & (donor[child] < 0) & (weights[child] > 0)
        w = np.where(own, weights[child], 0.0)
        if r != 1 and not montgomery:
            with np.errstate(all="ignore"):
                w = np.where(own, w * gap_ratio(values[child], values[parent], r, 1), 0.0)
        total = np.zeros((n, values.shape[1]))
        np.add.at(total, parent, w)
        out[child] = np.divide(w, total[parent], out=np.zeros_like(w), where=total[parent] > 0)
        if montgomery:
            have = own & np.isfinite(values[parent])
            x, mean = (np.where(have, values[at], 1.0) for at in (child, parent))
            out[child] *= logmean(mean, np.ones(1)) / logmean(x, np.ones(1))
        return out

    def multipliers(self, shares: Array, top: int) -> Array:
        """Share of every node in `top` (0 outside its branch): the product of the shares on the way up."""
        out = np.zeros_like(shares)
        out[top] = 1.0
        for nodes in self.levels[int(self.depth[top]) + 1 :]:
            out[nodes] = out[self.parent[nodes]] * shares[nodes]
        return out
