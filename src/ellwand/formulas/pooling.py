"""Cells of a tree and the samples that stand for them: a cell with too few values borrows those of its parent."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array, Mask

Positions = NDArray[np.intp]
NONE = -1


@dataclass(frozen=True)
class Sample:
    """Values of several cells, sorted by cell and value, beside the elements that are to be judged by them.

    values, entry : the sampled values and the element that each is of; a value may stand in several cells, its own and
    one above it. start, n : first value and number of values of each sampled cell. cell : code of each sampled cell.
    x : value of every element (NaN where there is none). node : position of its sampled cell, NONE where even the
    pooled sample was too small. size : price of the previous period of every element, where it was given.
    """

    values: Array
    entry: Positions
    start: Positions
    n: Positions
    cell: Positions
    x: Array
    node: Positions
    size: Array | None = None

    def quantile(self, q: float) -> Array:
        """Quantile of each cell by linear interpolation (type 7)."""
        at = (self.n - 1) * q
        low = np.floor(at).astype(np.intp)
        high = np.minimum(low + 1, self.n - 1)
        below, above = self.values[self.start + low], self.values[self.start + high]
        return np.asarray(below + (at - low) * (above - below))

    @property
    def owner(self) -> Positions:
        """Position of the cell of every value."""
        return np.repeat(np.arange(self.n.size), self.n)

    def with_values(self, values: Array) -> "Sample":
        """The same cells with other values of their entries, sorted again."""
        order = np.lexsort((values, self.owner))
        return replace(self, values=values[order], entry=self.entry[order])

    def mean(self, keep: Mask) -> Array:
        """Mean of the values kept in each cell; NaN where none is."""
        owner = self.owner[keep]
        n = np.bincount(owner, minlength=self.n.size)
        total = np.bincount(owner, self.values[keep], minlength=self.n.size)
        return np.asarray(np.divide(total, n, out=np.full(self.n.size, np.nan), where=n > 0))

    def of(self, by_cell: Array) -> Array:
        """What belongs to a cell, at each of its elements; NaN at elements without a cell."""
        return np.append(by_cell, np.nan)[self.node]


def ancestors(cells: Positions, parent: Positions | None) -> list[Positions]:
    """Each cell, its parent, the parent of that, ... (NONE above a root). ValueError for parents in a circle."""
    chain = [cells]
    if parent is None:
        return chain
    while (chain[-1] != NONE).any():
        above = np.where(chain[-1] != NONE, parent[chain[-1]], NONE)
        if len(chain) > parent.size:
            raise ValueError("parent: the cells go in a circle; every chain of parents must end at -1")
        chain.append(above)
    return chain[:-1]


def pooled(
    x: Array,
    cell: Positions,
    parent: Positions | None,
    use: Mask,
    *,
    pool_below: int = 10,
    fixed_below: int = 5,
    size: Array | None = None,
) -> Sample:
    """The sample that each element is judged by.

    x : values, NaN where there is none. cell : code of the cell of each element, 0, 1, ...; parent : code of the cell
    above each code, -1 at the top; None where there is none. use : elements that may be sampled. A cell with less than
    `pool_below` values takes the first cell above it that has so many (all values below that cell count), or the
    topmost; elements of a cell that then still has less than `fixed_below` get no sample.
    Source: CPI Manual 2020, chapter 5; small cells as in editing practice.
    """
    codes = int(parent.size) if parent is not None else (int(cell.max()) + 1 if cell.size else 0)
    chain = ancestors(np.arange(codes), parent)
    own = np.bincount(cell[use], minlength=codes)
    count = np.zeros(codes, dtype=np.intp)
    for above in chain:
        have = above != NONE
        np.add.at(count, above[have], own[have])
    target = np.full(codes, NONE, dtype=np.intp)
    top = chain[0].copy()
    for above in chain:
        have = above != NONE
        top[have] = above[have]
        good = have & (target == NONE)
        good[good] = count[above[good]] >= pool_below
        target[good] = above[good]
    target = np.where(target == NONE, top, target)
    target = np.where(count[target] >= max(fixed_below, 1), target, NONE) if codes else target

    needed = np.zeros(codes, dtype=bool)
    asked = target[cell]
    needed[asked[asked != NONE]] = True
    sampled = np.flatnonzero(use)
    entries, owners = [], []
    for above in chain:
        at = above[cell[sampled]]
        good = at != NONE
        good[good] = needed[at[good]]
        entries.append(sampled[good])
        owners.append(at[good])
    entry, owner = np.concatenate(entries), np.concatenate(owners)
    order = np.lexsort((x[entry], owner))
    entry, owner = entry[order], owner[order]
    cells, start, n = np.unique(owner, return_index=True, return_counts=True)
    place = np.full(codes + 1, NONE, dtype=np.intp)
    place[cells] = np.arange(cells.size)
    return Sample(x[entry], entry, start, n, cells, x, place[asked], size)
