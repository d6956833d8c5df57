"""Connectivity: levels of two periods are comparable only if a path of matched products joins them."""

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array


def components(links: Array | NDArray[np.bool_]) -> NDArray[np.intp]:
    """Component number of each period, from a symmetric T x T matrix that is positive where periods share products."""
    adjacent = np.asarray(links, dtype=np.float64) > 0
    T = len(adjacent)
    label = np.arange(T)
    while True:
        # Each period takes the smallest label among its neighbours until nothing changes.
        candidate = np.where(adjacent, label[None, :], T).min(axis=1)
        new = np.minimum(label, candidate)
        new = np.minimum(new, new[new])
        if (new == label).all():
            return np.unique(new, return_inverse=True)[1]
        label = new
