"""The truth that methods are scored against."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.market.files import item_names
from ellwand.market.prices import Prices
from ellwand.market.structure import NONE, Market
from ellwand.market.tree import ROOT, Baskets
from ellwand.market.weeks import Weeks
from ellwand.market.write import named, write_csv, write_parquet


def chained(index: NDArray[np.float64], members: NDArray[np.bool_], baskets: Baskets) -> NDArray[np.float64]:
    """Index of a class from its aggregates: yearly Laspeyres-type links at the price references of the baskets.

    index : aggregates x weeks, first week 1. members : the aggregates of the class.
    """
    out = np.ones(index.shape[1])
    for k, (first, reference) in enumerate(zip(baskets.first, baskets.reference, strict=True)):
        stop = baskets.first[k + 1] if k + 1 < len(baskets.first) else index.shape[1]
        weight = baskets.weights[k][members]
        relative = index[members, first:stop] / index[members, reference][:, None]
        out[first:stop] = out[reference] * (weight @ relative) / weight.sum()
    return out


def class_indices(market: Market, prices: Prices, baskets: Baskets) -> dict[str, NDArray[np.float64]]:
    """True index of every class by code, first week 1."""
    tree, index = market.tree, prices.aggregate
    out = {ROOT[0]: chained(index, np.ones(len(tree.aggregates), dtype=bool), baskets)}
    for k, row in enumerate(tree.classes1):
        out[row["code"]] = chained(index, tree.level1 == k, baskets)
    for k, row in enumerate(tree.classes2):
        out[row["code"]] = chained(index, tree.level2 == k, baskets)
    return out | dict(zip(tree.codes, index, strict=True))


def write_truth(folder: Path, market: Market, weeks: Weeks, prices: Prices, baskets: Baskets) -> dict[str, float]:
    """Write the true indices, item prices and quality ratios; return the last index of the root and level 1."""
    indices = class_indices(market, prices, baskets)
    write_csv(
        folder / "truth/classes.csv",
        ["code", "period", "index_true"],
        (
            [code, label, repr(float(value))]
            for code, path in indices.items()
            for label, value in zip(weeks.labels, path, strict=True)
        ),
    )
    base = market.base()
    week, slot = np.nonzero((market.items.at != NONE).T)
    item = market.items.at[slot, week]
    order = np.lexsort((item, week))
    item, week, slot = item[order], week[order], slot[order]
    write_parquet(
        folder / "truth/prices.parquet",
        pa.table(
            {
                "item": named(item_names(market), item),
                "period": named(weeks.labels, week),
                "price": pa.array(np.exp(base[item] + prices.level[slot, week])),
            }
        ),
    )
    names = item_names(market)
    fresh = np.flatnonzero(market.items.before != NONE)
    write_csv(
        folder / "truth/replacements.csv",
        ["old", "new", "period", "quality_ratio"],
        (
            [
                names[market.items.before[k]],
                names[k],
                weeks.labels[market.items.first[k]],
                repr(float(np.exp(base[k] - base[market.items.before[k]]))),
            ]
            for k in fresh
        ),
    )
    return {code: float(path[-1]) for code, path in indices.items() if "." not in code}
