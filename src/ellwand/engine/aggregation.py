"""Up the classification: `aggregate`, and the weights that go with it, `price_update`."""

from typing import Any

import numpy as np

from ellwand.engine.classification import Classification
from ellwand.engine.elementary import leaves_of
from ellwand.engine.errors import DataError
from ellwand.engine.indices import CHANGE, LEVEL, Indices
from ellwand.engine.weights import Baskets, read_baskets

IMPUTATIONS = ("parent", None)
WITHOUT_INDEX = ("error", "parent")


def aggregate(
    indices: Indices,
    classification: Classification,
    weights: Any,
    *,
    order: float = 1.0,
    price_update: bool | None = None,
    imputation: str | None = "parent",
    min_donors: int = 1,
    without_index: str = "error",
    weights_total: float | None = None,
    second_weights: Any = None,
    second_order: float = -1.0,
) -> Indices:
    """Changes of every class from those of the elementary aggregates, level by level.

    indices : changes of the elementary aggregates, on the period before (`elementary`) or on a link (`unchain`).
    weights : mapping or table of value weights (columns ea, weight and, for several baskets, valid_from; a basket
        holds from its first period on and stands at the prices of the period before it). Any scale.
    order : order of the mean: 1 Young (Lowe, if the weights are price-updated beforehand), 0 geometric, -1 harmonic,
        any other number.
    price_update : True: weights follow prices from period to period until the next basket, which is the direct index
        of the basket in force; False: they stay value shares. None: True for changes on the period before, False for
        changes on a link, whose weights stand at the prices of the link.
    imputation : "parent": a class without prices takes the change of the nearest class above it, its weight stays;
        None: it stays null and its branch's weight rests with the classes present.
    min_donors : price relatives that a class must have under it to lend its change; one with fewer passes the
        question on to the class above (the imputation ladder). Where none has enough the class stays null.
    without_index : an elementary aggregate that has weight and stands nowhere in `indices`: "error", or "parent" to
        impute it in every period.
    weights_total : what the weights of each basket must sum to, within 1e-9 of it; None: any sum.
    second_weights : a second basket, aggregated with `second_order`; the result is the geometric mean of the two
        (order 1 and -1: Fisher; 0 and 0: Törnqvist).

    Returns changes of all classes, top level first. `matched` counts the price relatives under a class; `status` is
    "ok", "imputed: the change of CODE (N relatives)" or the reason why there is no change.

    ValueError for an unknown option, for levels in place of changes, or for min_donors without imputation; DataError
    for wrong weights, a class that is no leaf, or one with weight and no index.
    Source: CPI Manual 2020, chapters 6, 8, 9 and 11.
    """
    indices.need(CHANGE, "aggregate")
    if imputation not in IMPUTATIONS:
        raise ValueError(f"imputation is {imputation!r}; allowed: 'parent' or None")
    if without_index not in WITHOUT_INDEX:
        raise ValueError(f"without_index is {without_index!r}; allowed: {', '.join(WITHOUT_INDEX)}")
    if isinstance(min_donors, bool) or int(min_donors) != min_donors or min_donors < 1:
        raise ValueError(f"min_donors is {min_donors!r}; it must be a whole number, 1 or more")
    if min_donors > 1 and imputation is None:
        raise ValueError("min_donors belongs to imputation='parent', and imputation is None")
    for name, r in (("order", order), ("second_order", second_order)):
        if isinstance(r, bool | str) or not abs(r) < float("inf"):
            raise ValueError(f"{name} is {r!r}; it must be a finite number")
    if price_update is None:
        price_update = indices.link is None
    elif price_update and indices.link is not None:
        raise ValueError(
            "price_update=True is for changes on the period before; weights of changes on a link stand at the prices "
            "of the link. Leave price_update out"
        )
    at = leaves_of(classification, indices.codes)
    tree, T = classification.tree, len(indices.periods)
    x = np.full((len(tree.leaves), T), np.nan)
    x[at] = indices.values
    counts = np.zeros((len(tree.leaves), T), dtype=np.int64)
    counts[at] = indices.matched
    sides = [(weights, order)] if second_weights is None else [(weights, order), (second_weights, second_order)]
    made = []
    for given, r in sides:
        baskets = read_baskets(given, classification, list(indices.periods), total=weights_total)
        if without_index == "error":
            _every_weight_has_an_index(classification, baskets, indices.codes)
        made.append(
            tree.aggregate(
                x,
                baskets,
                r=r,
                update=price_update,
                impute=imputation == "parent",
                counts=counts.astype(np.float64) if min_donors > 1 else None,
                least=int(min_donors),
            )
        )
    values = made[0].values if len(made) == 1 else np.sqrt(made[0].values * made[1].values)
    matched = np.rint(tree.sums(counts.astype(np.float64))).astype(np.int64)
    inner = np.ones(len(classification.codes), dtype=bool)
    inner[tree.leaves] = False
    weightless = inner[:, None] & np.any([m.weights <= 0 for m in made], axis=0)
    none = "no price in any of its classes" if min_donors == 1 else f"no class above it has {min_donors} relatives"
    status = np.where(np.isfinite(values), "ok", np.where(weightless, "no weight in its basket", none)).astype(object)
    for side in made:
        for i, t in np.argwhere((side.donor >= 0) & np.isfinite(values)).tolist():
            d = int(side.donor[i, t])
            status[i, t] = f"imputed: the change of {classification.codes[d]} ({matched[d, t]} relatives)"
    return Indices(
        classification.codes,
        indices.periods,
        values,
        matched,
        status,
        quotes=indices.quotes,
        classification=classification,
        made=tuple(made),
        order=order,
        link=indices.link,
    )


def _every_weight_has_an_index(classification: Classification, baskets: Baskets, codes: tuple[str, ...]) -> None:
    """DataError for a leaf with weight that has no row among the indices."""
    have = set(codes)
    lost = [c for i, c in enumerate(classification.leaves) if c not in have and any(w[i] > 0 for _, w in baskets)]
    if lost:
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        raise DataError(
            f"field ea: {', '.join(lost[:5])}{more} with weight and without any index; every weight needs an index: "
            "add its prices, take its weight away, or let it follow its parent with without_index='parent'"
        )


def price_update(
    weights: Any, levels: Indices, to: Any, *, since: Any = None, order: float = 1.0, shares: bool = False
) -> dict[str, float]:
    """Weights carried to the prices of a period: `w (I_to / I_since)^order` for each elementary aggregate.

    weights : mapping or table of one basket. levels : chained levels of the elementary aggregates (those of classes
    above them are not used). to : the period. since : the period at whose prices the weights stand; None: the base of
    the levels, where they are 1. order : of the mean that the weights are for; 1 carries value weights, 0 leaves them.
    shares : divide by the sum, so that the weights sum to 1.

    A Young index with price-updated weights is a Lowe index. ValueError for changes in place of levels, an unknown
    period, or an elementary aggregate that has weight and no level. Source: CPI Manual 2020, chapter 9.
    """
    levels.need(LEVEL, "price_update")
    codes = levels.classification.leaves if levels.classification is not None else levels.codes
    tree = levels.classification or Classification.from_codes(codes, separator="\0")
    baskets = read_baskets(weights, tree, [levels.periods[levels.period(to)]])
    w = dict(zip(tree.leaves, baskets[0][1].tolist(), strict=True))
    out = {}
    for code in codes:
        row = levels.at(code)
        ratio = levels.values[row, levels.period(to)]
        if since is not None:
            ratio = ratio / levels.values[row, levels.period(since)]
        if not np.isfinite(ratio) and w[code] > 0:
            raise ValueError(
                f"{code} has no level in {to if since is None else f'{since} or {to}'}, so its weight cannot be "
                "price-updated; impute it first"
            )
        out[code] = w[code] * float(ratio) ** order if w[code] > 0 else 0.0
    total = sum(out.values()) if shares else 1.0
    return {code: value / total for code, value in out.items()}
