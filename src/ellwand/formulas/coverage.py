"""How much of two periods is compared: value and products matched, new and leaving."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array, Panel

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Coverage:
    """One entry for each compared period t (from the second on), k the period before.

    base_value, current_value : value of k and t; the `_matched` ones of the products sold in both; counts likewise.
    """

    base_value: Array
    base_value_matched: Array
    current_value: Array
    current_value_matched: Array
    base_count: Counts
    current_count: Counts
    matched: Counts
    new: Counts
    leaving: Counts


def coverage(panel: Panel) -> Coverage:
    """Coverage of every period on the one before. Values need quantities."""
    sold, V = panel.sold, panel.V
    both = sold[:, 1:] & sold[:, :-1]
    n = sold.sum(axis=0)
    matched = both.sum(axis=0)
    return Coverage(
        V[:, :-1].sum(axis=0),
        (V[:, :-1] * both).sum(axis=0),
        V[:, 1:].sum(axis=0),
        (V[:, 1:] * both).sum(axis=0),
        n[:-1],
        n[1:],
        matched,
        n[1:] - matched,
        n[:-1] - matched,
    )
