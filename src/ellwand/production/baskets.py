"""The baskets of a market: weights of its elementary aggregates, and from when on each is in force."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ellwand.engine.cells import numbers
from ellwand.engine.errors import DataError
from ellwand.engine.periods import text_of
from ellwand.formulas.catalogue import suggest
from ellwand.production.book import Baskets
from ellwand.production.calendar import Calendar, Key

SUM = 1e-9
"""How far from 1 the weights of a basket may sum, for each class."""

FILE = "basket.csv"


def read_baskets(table: pa.Table, calendar: Calendar, leaf_at: dict[str, int], renamed: dict[str, str]) -> Baskets:
    """Baskets from their table, one row a class and basket; renamed : new codes of classes by their old ones.

    DataError for weights that are negative, do not sum to 1, or belong to no elementary aggregate; for two price
    references in a basket, or one that does not lie before it; and where no basket is in force in the first period.
    """
    if not table.num_rows:
        raise DataError(f"{FILE}: no row; every elementary aggregate needs a weight")
    given = numbers(table, "weight", "weight")
    empty = pc.is_null(table["weight"]).to_numpy(zero_copy_only=False)
    priced = table["price_reference"].to_pylist() if "price_reference" in table.column_names else None
    groups: dict[Key, dict[int, float]] = {}
    labels: dict[Key, str] = {}
    references: dict[Key, str] = {}
    for row, (start, code, weight) in enumerate(
        zip(table["valid_from"].to_pylist(), table["ea"].to_pylist(), given.tolist(), strict=True)
    ):
        where = f"{FILE} row {row + 1}"
        if start in (None, ""):
            raise DataError(f"{where}, field valid_from: empty; write the first period of the basket")
        if empty[row] or not 0 <= weight < np.inf:
            raise DataError(
                f"{where}, field weight: {None if empty[row] else weight}: a weight must be a finite number, 0 or above"
            )
        ea = renamed.get(code, code)
        if ea not in leaf_at:
            raise DataError(
                f"{where}, field ea: {ea!r} is no elementary aggregate; {suggest(str(ea), leaf_at)}; a class that was "
                "given another code belongs into correspondence.csv"
            )
        key = calendar.key(start, where, "valid_from")
        basket = groups.setdefault(key, {})
        labels.setdefault(key, text_of(start))
        if leaf_at[ea] in basket:
            raise DataError(f"{where}, field ea: {ea} stands twice in the basket of {start}")
        basket[leaf_at[ea]] = weight
        if priced is not None and priced[row] not in (None, ""):
            label = text_of(priced[row])
            if references.setdefault(key, label) != label:
                raise DataError(f"{where}, field price_reference: {label}, and {references[key]} above; one a basket")
    return _in_force(groups, labels, references, calendar, len(leaf_at))


def _in_force(
    groups: dict[Key, dict[int, float]],
    labels: dict[Key, str],
    references: dict[Key, str],
    calendar: Calendar,
    leaves: int,
) -> Baskets:
    """The baskets that are in force in a period of the calendar, in the order of time."""
    found: dict[int, tuple[int, Any, str]] = {}
    for start in sorted(groups):
        label, total = labels[start], sum(groups[start].values())
        if abs(total - 1) > SUM * max(len(groups[start]), 1):
            raise DataError(
                f"{FILE}, basket of {label}: the weights sum to {total:.10g}; they must sum to 1: divide them by "
                "their sum, or find the missing class"
            )
        begin = calendar.first(start)
        if begin == len(calendar.labels):
            continue
        at = max(begin - 1, 0)
        if start in references:
            where = f"{FILE}, basket of {label}"
            key = calendar.key(references[start], where, "price_reference")
            wanted = max(calendar.last(key), 0)
            # The basket of the first period may stand at the prices of that period: no change lies between.
            if wanted > at:
                raise DataError(
                    f"{where}: price_reference {references[start]} does not lie before it; weights stand at the "
                    "prices of an earlier period"
                )
            at = wanted
        weights = np.zeros(leaves)
        weights[list(groups[start])] = list(groups[start].values())
        # Of several baskets from before the first period, the last one is in force.
        found[begin] = (at, weights, label)
    if 0 not in found:
        raise DataError(f"{FILE}: no basket is in force in the first period {calendar.labels[0]}; add one")
    order = sorted(found)
    return Baskets(
        tuple(order),
        tuple(found[t][0] for t in order),
        np.array([found[t][1] for t in order]),
        tuple(found[t][2] for t in order),
    )
