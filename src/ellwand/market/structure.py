"""Items and units of the simulated market: who sells what, from when to when, and which item replaces which."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ellwand.market.regimes import Regime
from ellwand.market.tree import Tree, items_of_aggregates, table

FINISHES: dict[str, tuple[tuple[str, str, float], ...]] = {
    "1": (("常规", "standard", 0.0), ("低缩", "low-shrink", 0.03), ("再生", "recycled", 0.06)),
    "2": (("毛坯", "loomstate", 0.0), ("烧毛退浆", "singed and desized", 0.05), ("半漂", "half-bleached", 0.08)),
    "3": (("常规", "plain finish", 0.0), ("柔软", "soft finish", 0.03), ("防泼水", "water-repellent", 0.09)),
    "4": (("常规", "plain finish", 0.0), ("柔软", "soft finish", 0.04), ("阻燃", "flame-retardant", 0.12)),
    "5": (("常规", "plain finish", 0.0), ("定型", "heat-set", 0.03), ("环保", "certified low-impact", 0.08)),
}
"""Finishes by level-1 class: name in both languages and effect on the log price."""
GRADES = (("合格品", "grade B", -0.06), ("一等品", "grade A", 0.0), ("优等品", "grade AA", 0.05))
METHODS = ("visit", "telephone", "form")
UNIT_SD, PAIR_SD = 0.04, 0.03
"""Dispersion of the permanent log price levels of units, and of unit-item pairs."""
NONE = -1


@dataclass(frozen=True)
class Lives:
    """Generations of things that follow one another in the same place.

    slot, first, last : place and first and last week of each, in the order of their start; last may lie past the end.
    before : the one that it replaces, or -1.
    at : places x weeks, the one in force, or -1 in a gap.
    """

    slot: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    before: NDArray[np.intp]
    at: NDArray[np.intp]


@dataclass(frozen=True)
class Market:
    """Everything but prices. An item slot and a unit slot are places in which items and units follow one another.

    aggregate : aggregate of each item slot.
    items, units : their lives.
    overlap : of each item, whether the one that it replaces is quoted beside it in its first week.
    quality : log quality of each item relative to the plain article of its aggregate; unseen the part of it that no
        specification shows.
    specification : per item: yarn, gsm, width in cm, finish and grade (positions); empty or NaN where it has none.
    unit_effect : permanent log price level of each unit.
    unit_source : source of each unit slot, a position in `sources`; unit_method likewise in METHODS.
    pair_item, pair_unit : item slot and unit slot of each quoting pair; pair_effect its permanent log price level.
    """

    tree: Tree
    sources: tuple[dict[str, str], ...]
    aggregate: NDArray[np.intp]
    items: Lives
    units: Lives
    overlap: NDArray[np.bool_]
    quality: NDArray[np.float64]
    unseen: NDArray[np.float64]
    yarn: list[str]
    gsm: NDArray[np.float64]
    width: NDArray[np.float64]
    finish: NDArray[np.intp]
    grade: NDArray[np.intp]
    unit_effect: NDArray[np.float64]
    unit_source: NDArray[np.intp]
    unit_method: NDArray[np.intp]
    pair_item: NDArray[np.intp]
    pair_unit: NDArray[np.intp]
    pair_effect: NDArray[np.float64]

    def base(self) -> NDArray[np.float64]:
        """Log price of each item where every trend is zero."""
        plain = np.log([float(row["price"]) for row in self.tree.aggregates])
        return np.asarray(plain[self.aggregate[self.items.slot]] + self.quality)

    def overlaps(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Pairs and weeks in which a unit quotes a new item and, for the last time, the one that it replaces."""
        slot = np.zeros(self.items.at.shape, dtype=bool)
        new = np.flatnonzero(self.overlap)
        slot[self.items.slot[new], self.items.first[new]] = True
        pair, week = np.nonzero(slot[self.pair_item])
        unit = self.units.at[self.pair_unit[pair]]
        row = np.arange(pair.size)
        same = unit[row, week] == unit[row, week - 1]
        return pair[same], week[same]

    def item_last(self) -> NDArray[np.intp]:
        """Last week of each item, a week of overlap with its replacement included; may lie past the end."""
        last = self.items.last.copy()
        last[self.items.before[self.overlap]] += 1
        return last


def lives(
    slots: int, weeks: int, rate: float, linked: float, always: NDArray[np.bool_], rng: np.random.Generator
) -> Lives:
    """Lives of at least eight weeks that end at a rate; a share is followed at once by a named replacement.

    always : slots that are never left empty. The others wait 3 to 8 weeks for a newcomer that replaces nothing.
    """
    parts: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]] = []
    alive, start, before, made = np.arange(slots), np.zeros(slots, np.intp), np.full(slots, NONE), 0
    while alive.size:
        # Of the first generation nobody knows the age, so its remaining life has no lower bound but one week.
        span = rng.geometric(rate, alive.size) + (0 if made == 0 else 7)
        last = start + span - 1
        parts.append((alive, start, last, before))
        named = (rng.random(alive.size) < linked) | always[alive]
        following = last + 1 + np.where(named, 0, rng.integers(3, 9, alive.size))
        before = np.where(named, made + np.arange(alive.size), NONE)
        made += alive.size
        keep = following < weeks
        alive, start, before = alive[keep], following[keep], before[keep]
    slot, first, last, prior = (np.concatenate([p[k] for p in parts]) for k in range(4))
    order = np.lexsort((slot, first))
    position = np.empty_like(order)
    position[order] = np.arange(order.size)
    slot, first, last = slot[order], first[order], last[order]
    prior = np.where(prior[order] == NONE, NONE, position[prior[order]])
    at = np.full((slots, weeks), NONE)
    seen = np.minimum(last + 1, weeks) - first
    number = np.repeat(np.arange(slot.size), seen)
    at[slot[number], np.arange(number.size) - np.repeat(np.cumsum(seen) - seen - first, seen)] = number
    return Lives(slot, first, last, prior, at)


def build_market(tree: Tree, items: int, units: int, weeks: int, regime: Regime, rng: np.random.Generator) -> Market:
    """A market of `items` item slots and `units` unit slots with about 2.5 units quoting each item."""
    aggregate = np.repeat(np.arange(len(tree.aggregates)), items_of_aggregates(tree, items))
    # One slot of each aggregate is always filled, so that every true index is defined in every week.
    always = np.concatenate(([True], np.diff(aggregate) > 0))
    item_lives = lives(items, weeks, regime.item_churn, regime.linked, always, rng)
    unit_lives = lives(units, weeks, regime.unit_churn, 1.0, np.ones(units, dtype=bool), rng)
    yarn, gsm, width, finish, grade, quality, unseen = _specify(tree, aggregate, item_lives, regime.quality_sd, rng)
    pair_item, pair_unit, unit_source = _pairs(tree, aggregate, units, rng)
    market = Market(
        tree=tree,
        sources=table("sources"),
        aggregate=aggregate,
        items=item_lives,
        units=unit_lives,
        overlap=(item_lives.before != NONE) & (rng.random(item_lives.slot.size) < regime.overlap),
        quality=quality,
        unseen=unseen,
        yarn=yarn,
        gsm=gsm,
        width=width,
        finish=finish,
        grade=grade,
        unit_effect=rng.normal(0.0, UNIT_SD, unit_lives.slot.size),
        unit_source=unit_source,
        unit_method=rng.choice(3, size=units, p=[0.5, 0.2, 0.3]),
        pair_item=pair_item,
        pair_unit=pair_unit,
        pair_effect=rng.normal(0.0, PAIR_SD, pair_item.size),
    )
    # An overlap needs a unit that sold the old item and sells the new one.
    pair, week = market.overlaps()
    kept = np.zeros_like(market.overlap)
    kept[item_lives.at[pair_item[pair], week]] = True
    return replace(market, overlap=kept)


def _specify(
    tree: Tree, aggregate: NDArray[np.intp], items: Lives, quality_sd: float, rng: np.random.Generator
) -> tuple[
    list[str],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.intp],
    NDArray[np.intp],
    NDArray[np.float64],
    NDArray[np.float64],
]:
    """Specifications, the quality that follows from them and from an unseen part, and that part."""
    n = items.slot.size
    rows = [tree.aggregates[a] for a in aggregate[items.slot]]
    u = rng.random((n, 3))
    finish = rng.choice(3, size=n, p=[0.6, 0.25, 0.15])
    grade = rng.choice(3, size=n, p=[0.2, 0.6, 0.2])
    unseen = rng.normal(0.0, 0.06, n)
    step = rng.normal(0.01, quality_sd, n)
    change = rng.random((n, 4))
    yarn = [row["yarn"].split("|")[int(u[k, 0] * (row["yarn"].count("|") + 1))] for k, row in enumerate(rows)]
    widths = [[float(x) for x in row["width"].split("|")] if row["width"] else [np.nan] for row in rows]
    width = np.array([w[int(u[k, 1] * len(w))] for k, w in enumerate(widths)])
    span = np.array([[float(x) for x in row["gsm"].split("-")] if row["gsm"] else [np.nan, np.nan] for row in rows])
    gsm = span[:, 0] + u[:, 2] * (span[:, 1] - span[:, 0])
    gsm = np.where(gsm < 100, np.round(gsm), np.round(gsm / 5) * 5)
    for k in np.flatnonzero(items.before != NONE):
        # A replacement is the same article, varied: the yarn stays; weight, width, finish or grade may move.
        old = items.before[k]
        yarn[k], unseen[k] = yarn[old], unseen[old] + step[k]
        gsm[k] = gsm[k] if change[k, 0] < 0.5 else gsm[old]
        width[k] = width[k] if change[k, 3] < 0.3 else width[old]
        finish[k] = finish[k] if change[k, 1] < 0.5 else finish[old]
        grade[k] = grade[k] if change[k, 2] < 0.5 else grade[old]
    effect = np.array([[f[2] for f in FINISHES[row["code"][0]]] for row in rows])[np.arange(n), finish]
    middle = np.array([float(np.mean(w)) for w in widths])
    quality = effect + np.array([g[2] for g in GRADES])[grade] + unseen
    quality += np.nan_to_num(0.6 * np.log(gsm / span.mean(axis=1))) + np.nan_to_num(0.5 * np.log(width / middle))
    return yarn, gsm, width, finish, grade, quality, unseen


def _pairs(
    tree: Tree, aggregate: NDArray[np.intp], units: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Which unit slots quote which item slots, and the source of each unit slot.

    A unit belongs to one level-1 class and deals in a few neighbouring articles of it.
    """
    copies = rng.choice([1, 2, 3, 4], size=aggregate.size, p=[0.15, 0.35, 0.35, 0.15])
    item = np.repeat(np.arange(aggregate.size), copies)
    copy = np.arange(item.size) - np.repeat(np.cumsum(copies) - copies, copies)
    one = tree.level1[aggregate[item]]
    load = np.bincount(one, minlength=5)
    quota = load / load.sum() * (units - 5)
    owned = 1 + np.floor(quota).astype(np.intp)
    owned[np.argsort(owned - 1 - quota, kind="stable")[: units - owned.sum()]] += 1
    sources = table("sources")
    unit_of = np.empty(item.size, dtype=np.intp)
    unit_source = np.empty(units, dtype=np.intp)
    begin = np.concatenate(([0], np.cumsum(owned)))
    for c in range(5):
        fit = [k for k, s in enumerate(sources) if str(c + 1) in s["classes"].split("|")]
        share = np.array([float(sources[k]["share"]) for k in fit])
        unit_source[begin[c] : begin[c + 1]] = np.sort(rng.choice(fit, size=owned[c], p=share / share.sum()))
        mine = np.flatnonzero(one == c)
        mine = mine[np.lexsort((rng.random(mine.size), copy[mine], tree.level2[aggregate[item[mine]]]))]
        place = rng.permutation(owned[c])
        unit_of[mine] = begin[c] + place[np.arange(mine.size) * owned[c] // max(mine.size, 1)]
    pair = np.unique(np.stack([unit_of, item], axis=1), axis=0)
    return pair[:, 1], pair[:, 0], unit_source
