"""The classification of the simulated market, its expenditure weights and its yearly baskets."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from ellwand.market.weeks import Weeks

ROOT = ("0", "总指数", "General index")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of one of the simulator's own data files."""
    text = resources.files("ellwand.market").joinpath(f"data/{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Tree:
    """The classes that a simulated market has.

    aggregates : rows of the elementary aggregates, in the order of their codes.
    level1, level2 : position of each aggregate's class in `classes1`, `classes2`.
    shares : expenditure shares of the aggregates in the first weight reference year, sum 1.
    """

    aggregates: tuple[dict[str, str], ...]
    classes1: tuple[dict[str, str], ...]
    classes2: tuple[dict[str, str], ...]
    level1: NDArray[np.intp]
    level2: NDArray[np.intp]
    shares: NDArray[np.float64]

    @property
    def codes(self) -> list[str]:
        """Codes of the elementary aggregates."""
        return [row["code"] for row in self.aggregates]

    def rows(self) -> list[list[str]]:
        """code, parent, level, name_zh, name_en of every class, the root first."""
        out = [[ROOT[0], "", "0", ROOT[1], ROOT[2]]]
        out += [[r["code"], ROOT[0], "1", r["name_zh"], r["name_en"]] for r in self.classes1]
        out += [[r["code"], parent(r["code"]), "2", r["name_zh"], r["name_en"]] for r in self.classes2]
        out += [[r["code"], parent(r["code"]), "3", r["name_zh"], r["name_en"]] for r in self.aggregates]
        return out


def parent(code: str) -> str:
    """The code of the class above."""
    return code.rpartition(".")[0]


def build_tree(items: int, rng: np.random.Generator) -> Tree:
    """The classification for a number of items: two items at least in each aggregate, level-1 classes first.

    A market with few items has fewer aggregates; every level-1 class keeps at least one.
    """
    every = table("aggregates")
    share = {r["code"]: float(r["share"]) for r in table("classes")}
    within = rng.gamma(4.0, size=len(every))
    rank: dict[str, int] = {}
    rank2: dict[str, int] = {}
    order: list[tuple[int, int, str, int]] = []
    for k, row in enumerate(every):
        above = parent(row["code"])
        if above not in rank2:
            rank2[above] = sum(parent(c) == parent(above) for c in rank2)
        rank[above] = rank.get(above, -1) + 1
        order.append((rank[above], rank2[above], row["code"], k))
    chosen = sorted(k for *_, k in sorted(order)[: max(5, items // 2)])
    aggregates = tuple(every[k] for k in chosen)
    twos = {parent(r["code"]) for r in aggregates}
    classes = table("classes")
    classes1 = tuple(r for r in classes if "." not in r["code"])
    classes2 = tuple(r for r in classes if r["code"] in twos)
    level2 = np.array([[r["code"] for r in classes2].index(parent(r["code"])) for r in aggregates])
    level1 = np.array([[r["code"] for r in classes1].index(r["code"].split(".")[0]) for r in aggregates])
    weight = within[chosen]
    weight /= np.bincount(level2, weight)[level2]
    weight *= np.array([share[parent(r["code"])] for r in aggregates])
    weight /= np.bincount(level1, weight)[level1]
    weight *= np.array([float(classes1[k]["share"]) for k in level1])
    return Tree(aggregates, classes1, classes2, level1, level2, weight / weight.sum())


def items_of_aggregates(tree: Tree, items: int) -> NDArray[np.intp]:
    """How many items each aggregate has: two at least, one in a market with few; the rest by the root of its share."""
    count = len(tree.aggregates)
    least = 2 if items >= 2 * count else 1
    size = np.sqrt(tree.shares)
    quota = size / size.sum() * (items - least * count)
    whole = np.floor(quota).astype(np.intp)
    short = items - least * count - int(whole.sum())
    whole[np.argsort(whole - quota, kind="stable")[:short]] += 1
    return np.asarray(whole + least)


@dataclass(frozen=True)
class Baskets:
    """One basket a year.

    first : position of the first week in which each basket is in force.
    reference : position of its price reference: the last week of the year before, or the first week of the market.
    years : its year; the weight reference is the year before.
    weights : baskets x aggregates, six decimals, sum 1.
    """

    first: NDArray[np.intp]
    reference: NDArray[np.intp]
    years: NDArray[np.int64]
    weights: NDArray[np.float64]


def build_baskets(tree: Tree, weeks: Weeks, index: NDArray[np.float64], sd: float, rng: np.random.Generator) -> Baskets:
    """Baskets whose weights follow expenditure: a walk of tastes, and half of the change of relative prices.

    index : true index of the aggregates, aggregates x weeks.
    """
    first = np.concatenate(([0], 1 + np.flatnonzero(np.diff(weeks.years))))
    reference = np.maximum(first - 1, 0)
    walk = np.cumsum(rng.normal(0.0, sd, (len(first), len(tree.shares))), axis=0)
    walk -= walk[0]
    millionths = np.empty(walk.shape, dtype=np.int64)
    for k, r in enumerate(reference):
        value = tree.shares * np.exp(walk[k]) * np.sqrt(index[:, r])
        cut = np.maximum(np.rint(value / value.sum() * 1e6), 1).astype(np.int64)
        cut[np.argmax(cut)] += 1_000_000 - cut.sum()
        millionths[k] = cut
    return Baskets(first, reference, weeks.years[first], millionths / 1e6)
