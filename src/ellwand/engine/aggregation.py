"""Up the classification: `aggregate`, and the weights that go with it, `price_update`."""

from typing import Any

import numpy as np

from ellwand.engine.classification import Classification
from ellwand.engine.elementary import leaves_of
from ellwand.engine.indices import CHANGE, LEVEL, Indices
from ellwand.engine.weights import read_baskets

IMPUTATIONS = ("parent", None)


def aggregate(
    indices: Indices,
    classification: Classification,
    weights: Any,
    *,
    order: float = 1.0,
    price_update: bool = True,
    imputation: str | None = "parent",
    second_weights: Any = None,
    second_order: float = -1.0,
) -> Indices:
    """Changes of every class from those of the elementary aggregates, level by level.

    weights : mapping or table of value weights (columns ea, weight and, for several baskets, valid_from).
    order : 1 Young (Lowe, if the weights are price-updated beforehand), 0 geometric, -1 harmonic.
    price_update : weights follow prices from period to period until the next basket; False: they stay value shares.
    imputation : "parent": a class without prices takes its parent's change; None: it stays null and its branch's
    weight rests with the classes present.
    second_weights : a second basket, aggregated with `second_order`; the result is the geometric mean of the two
    (order 1 and -1: Fisher). Source: CPI Manual 2020, chapters 8, 9 and 11.
    """
    indices.need(CHANGE, "aggregate")
    if imputation not in IMPUTATIONS:
        raise ValueError(f"imputation is {imputation!r}; allowed: 'parent' or None")
    at = leaves_of(classification, indices.codes)
    tree, T = classification.tree, len(indices.periods)
    x = np.full((len(tree.leaves), T), np.nan)
    x[at] = indices.values
    sides = [(weights, order)] if second_weights is None else [(weights, order), (second_weights, second_order)]
    made = tuple(
        tree.aggregate(
            x,
            read_baskets(w, classification, list(indices.periods)),
            r=r,
            update=price_update,
            impute=imputation == "parent",
        )
        for w, r in sides
    )
    values = made[0].values if len(made) == 1 else np.sqrt(made[0].values * made[1].values)
    counts = np.zeros((len(tree.leaves), T), dtype=np.int64)
    counts[at] = indices.matched
    matched = np.rint(tree.sums(counts.astype(np.float64))).astype(np.int64)
    status = np.where(np.isfinite(values), "ok", "no price in any of its classes").astype(object)
    donor = made[0].donor
    for i, t in np.argwhere(donor >= 0).tolist():
        status[i, t] = f"imputed: the change of {classification.codes[int(donor[i, t])]}"
    return Indices(
        classification.codes,
        indices.periods,
        values,
        matched,
        status,
        quotes=indices.quotes,
        classification=classification,
        made=made,
        order=order,
    )


def price_update(weights: Any, levels: Indices, to: Any, *, since: Any = None, order: float = 1.0) -> dict[str, float]:
    """Weights carried to the prices of a period: `w (I_to / I_since)^order` for each elementary aggregate.

    since : period at whose prices the weights stand; None: the base of the levels. ValueError where a level is null.
    Source: CPI Manual 2020, chapter 9.
    """
    levels.need(LEVEL, "price_update")
    codes = levels.classification.leaves if levels.classification is not None else levels.codes
    tree = levels.classification or Classification.from_codes(codes, separator="\0")
    w = read_baskets(weights, tree, [levels.periods[levels.period(to)]])[0][1]
    rows = np.asarray([levels.at(c) for c in codes])
    ratio = levels.values[rows, levels.period(to)]
    if since is not None:
        ratio = ratio / levels.values[rows, levels.period(since)]
    for code, r in zip(codes, ratio.tolist(), strict=True):
        if not np.isfinite(r):
            raise ValueError(f"{code} has no level in {to}, so its weight cannot be price-updated; impute it first")
    return dict(zip(tree.leaves, (w * ratio**order).tolist(), strict=True))
