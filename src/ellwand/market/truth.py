"""The truth that methods are scored against."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ellwand.market.files import item_names
from ellwand.market.prices import Prices
from ellwand.market.structure import NONE, Market
from ellwand.market.tree import ROOT, Baskets, Tree
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


def class_indices(tree: Tree, index: NDArray[np.float64], baskets: Baskets) -> dict[str, NDArray[np.float64]]:
    """Index of every class by code, first week 1. index : that of the elementary aggregates, aggregates x weeks."""
    out = {ROOT[0]: chained(index, np.ones(len(tree.aggregates), dtype=bool), baskets)}
    for k, row in enumerate(tree.classes1):
        out[row["code"]] = chained(index, tree.level1 == k, baskets)
    for k, row in enumerate(tree.classes2):
        out[row["code"]] = chained(index, tree.level2 == k, baskets)
    return out | dict(zip(tree.codes, index, strict=True))


def _write_indices(path: Path, column: str, indices: dict[str, NDArray[np.float64]], weeks: Weeks) -> None:
    write_csv(
        path,
        ["code", "period", column],
        (
            [code, label, repr(value)]
            for code, row in indices.items()
            for label, value in zip(weeks.labels, row.tolist(), strict=True)
        ),
    )


def write_truth(
    folder: Path, market: Market, weeks: Weeks, prices: Prices, population: NDArray[np.float64], baskets: Baskets
) -> dict[str, float]:
    """Write the true indices, item prices and quality ratios; return the last index of the root and level 1.

    population : index of the elementary aggregates over the population of sellers.
    """
    indices = class_indices(market.tree, prices.aggregate, baskets)
    _write_indices(folder / "truth/classes.csv", "index_true", indices, weeks)
    everyone = class_indices(market.tree, population, baskets)
    _write_indices(folder / "truth/population.csv", "index_population", everyone, weeks)
    base = market.base()
    slot, week = np.nonzero(market.items.at != NONE)
    item, level = market.items.at[slot, week], prices.level[slot, week]
    # Levels of the replaced items in their weeks of overlap, over the units that quote both.
    both_pair, both_week = market.overlaps()
    new, place = np.unique(market.items.at[market.pair_item[both_pair], both_week], return_inverse=True)
    mean = np.bincount(place, prices.overlap_level, new.size) / np.bincount(place, minlength=new.size)
    item = np.concatenate((item, market.items.before[new]))
    week, level = np.concatenate((week, market.items.first[new])), np.concatenate((level, mean))
    order = np.lexsort((item, week))
    item, week, level = item[order], week[order], level[order]
    write_parquet(
        folder / "truth/prices.parquet",
        pa.table(
            {
                "item": named(item_names(market), item),
                "period": named(weeks.labels, week),
                "price": pa.array(np.exp(base[item] + level)),
            }
        ),
    )
    names, shown = item_names(market), base - market.unseen
    fresh = np.flatnonzero(market.items.before != NONE)
    write_csv(
        folder / "truth/replacements.csv",
        ["old", "new", "period", "quality_ratio", "quality_ratio_specified", "overlap"],
        (
            [
                names[market.items.before[k]],
                names[k],
                weeks.labels[market.items.first[k]],
                repr(float(np.exp(base[k] - base[market.items.before[k]]))),
                repr(float(np.exp(shown[k] - shown[market.items.before[k]]))),
                weeks.labels[market.items.first[k]] if market.overlap[k] else "",
            ]
            for k in fresh
        ),
    )
    return {code: float(path[-1]) for code, path in indices.items() if "." not in code}
