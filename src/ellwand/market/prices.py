"""True prices: fibre shocks that travel down the chain, seasons, walks, and sellers who change prices now and then."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.market.regimes import Regime
from ellwand.market.structure import NONE, Market
from ellwand.market.weeks import Weeks

FIBRES = (
    "cotton", "linen", "ramie", "viscose", "modal", "lyocell", "wool",
    "polyester", "spandex", "nylon", "acrylic", "acetate", "polypropylene",
)  # fmt: skip
PLANT = 7
"""The first seven fibres grow; the others are made from oil. Each group shares one half of its shocks."""
BEFORE = 40
"""Weeks simulated before the first one, so that lags and prices have a past."""


@dataclass(frozen=True)
class Prices:
    """True prices.

    pair : error-free price of every pair, pairs x weeks, a multiple of 0.005 (computed in gaps and closures too).
    level : log price of every item slot without the permanent levels of item, unit and pair: slots x weeks.
    aggregate : true index of every elementary aggregate, first week 1.
    overlap : price of the replaced item for every pair and week of `Market.overlaps`; overlap_level its log price
        without the permanent levels.
    target : log price, less permanent levels, towards which the sellers of a slot move: slots x (BEFORE + weeks).
    """

    pair: NDArray[np.float64]
    level: NDArray[np.float64]
    aggregate: NDArray[np.float64]
    overlap: NDArray[np.float64]
    overlap_level: NDArray[np.float64]
    target: NDArray[np.float64]


def tick(price: NDArray[np.float64]) -> NDArray[np.float64]:
    """A price as a seller says it: in steps of 0.005 below 2 yuan up to 0.5 from 100 yuan."""
    step = 200.0 - 100.0 * (price >= 2) - 80.0 * (price >= 10) - 10.0 * (price >= 50) - 8.0 * (price >= 100)
    return np.asarray(np.maximum(np.rint(price * step), 1) / step)


def aggregate_paths(market: Market, weeks: Weeks, regime: Regime, rng: np.random.Generator) -> NDArray[np.float64]:
    """Log target prices of the aggregates, aggregates x (BEFORE + weeks), zero in the first week."""
    tree, T = market.tree, BEFORE + len(weeks)
    own = rng.normal(size=(len(FIBRES), T))
    common = rng.normal(size=(2, T))
    group = (np.arange(len(FIBRES)) >= PLANT).astype(np.intp)
    jump = (rng.random((len(FIBRES), T)) < regime.jump_rate) * rng.normal(0.0, regime.jump_sd, (len(FIBRES), T))
    shock = regime.fibre_sd * np.sqrt(0.5) * (own + common[group]) + jump
    move = np.zeros_like(shock)
    for t in range(1, T):
        move[:, t] = 0.3 * move[:, t - 1] + shock[:, t]
    fibre = np.cumsum(move, axis=1)
    stages = []
    for lag in regime.lags:
        if lag == 0:
            stages.append(fibre)
            continue
        felt = np.zeros_like(fibre)
        for t in range(1, T):
            felt[:, t] = 0.5 * felt[:, t - 1] + 0.5 * fibre[:, max(t - lag, 0)]
        stages.append(felt)
    mix = np.zeros((len(tree.aggregates), len(FIBRES)))
    for k, row in enumerate(tree.aggregates):
        for part in row["fibre"].split(";"):
            name, percent = part.split(":")
            mix[k, FIBRES.index(name)] = float(percent) / 100
    path = np.empty((len(tree.aggregates), T))
    for c in range(5):
        mine = tree.level1 == c
        path[mine] = regime.pass_through[c] * (mix[mine] @ stages[c])
    path += np.cumsum(rng.normal(0.0, regime.class_sd, (len(tree.classes2), T)), axis=1)[tree.level2]
    path += np.cumsum(rng.normal(0.0, regime.aggregate_sd, path.shape), axis=1)
    path += regime.drift / 52 * np.arange(T)
    peak = np.array([float(row["season_peak"]) for row in tree.aggregates])
    number = np.concatenate((weeks.of_year()[0] - np.arange(BEFORE, 0, -1), weeks.of_year()))
    size = regime.season * rng.uniform(0.5, 1.5, len(peak))
    path += size[:, None] * np.cos(2 * np.pi * (number[None, :] - peak[:, None]) / 52.1775)
    return np.asarray(path - path[:, [BEFORE]])


def simulate_prices(
    market: Market, weeks: Weeks, closed: NDArray[np.bool_], regime: Regime, rng: np.random.Generator
) -> Prices:
    """True prices of all pairs in all weeks.

    closed : unit slots x weeks; a closed unit changes no price.
    """
    T = len(weeks)
    target = aggregate_paths(market, weeks, regime, rng)[market.aggregate]
    walk = np.zeros_like(target)
    for t in range(1, BEFORE + T):
        walk[:, t] = 0.98 * walk[:, t - 1] + rng.normal(0.0, regime.item_sd, market.aggregate.size)
    target += walk - walk[:, [BEFORE]]
    fresh = np.flatnonzero(market.items.before != NONE)
    rise = np.zeros((market.aggregate.size, T))
    rise[market.items.slot[fresh], market.items.first[fresh]] = regime.markup
    target[:, BEFORE:] += np.cumsum(rise, axis=1)

    item = filled(market.items.at)[market.pair_item]
    unit = market.units.at[market.pair_unit]
    fixed = market.base()[item] + market.unit_effect[unit] + market.pair_effect[:, None]
    shut = closed[market.pair_unit]
    price = sell(fixed, target[market.pair_item], shut, turnover(item, unit), regime, rng)
    level = np.empty((market.aggregate.size, T))
    size = np.bincount(market.pair_item, minlength=market.aggregate.size)
    pure = np.log(price) - fixed
    for t in range(T):
        level[:, t] = np.bincount(market.pair_item, pure[:, t], minlength=market.aggregate.size) / size
    pair, week = market.overlaps()
    # The replaced item lives on for a week, without the rise that its replacement brings.
    now = price[pair, week - 1]
    wanted = fixed[pair, week - 1] + target[market.pair_item[pair], BEFORE + week] - regime.markup
    change = (rng.random(pair.size) >= regime.unchanged) | (np.abs(np.log(now) - wanted) > regime.trigger)
    fresh_price = tick(np.exp(wanted + rng.normal(0.0, regime.reset_sd, pair.size)))
    old = np.where(change & ~shut[pair, week], fresh_price, now)
    return Prices(
        pair=price,
        level=level,
        aggregate=aggregate_index(market, level),
        overlap=old,
        overlap_level=np.log(old) - fixed[pair, week - 1],
        target=target,
    )


def turnover(item: NDArray[np.intp], unit: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Where a pair has another item or another unit than in the week before, pairs x weeks."""
    moved = np.zeros(item.shape, dtype=bool)
    moved[:, 1:] = (item[:, 1:] != item[:, :-1]) | (unit[:, 1:] != unit[:, :-1])
    return moved


def sell(
    fixed: NDArray[np.float64],
    target: NDArray[np.float64],
    shut: NDArray[np.bool_],
    moved: NDArray[np.bool_],
    regime: Regime,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Prices that sellers charge, pairs x weeks: they follow their targets now and then, and round.

    fixed : permanent log level, pairs x weeks. target : log movement, pairs x (BEFORE + weeks).
    shut : the unit is closed, so that no price changes. moved : another item or unit than before, so that one does.
    """
    T = fixed.shape[1]
    price = np.empty(fixed.shape)
    now = tick(np.exp(fixed[:, 0] + target[:, 0]))
    log = np.log(now)
    for t in range(BEFORE + T):
        w = max(t - BEFORE, 0)
        wanted = fixed[:, w] + target[:, t]
        change = rng.random(now.size) >= regime.unchanged
        noise = rng.normal(0.0, regime.reset_sd, now.size)
        change |= np.abs(log - wanted) > regime.trigger
        if t >= BEFORE:
            change &= ~shut[:, w]
        if w > 0:
            change |= moved[:, w]
        who = np.flatnonzero(change)
        now[who] = tick(np.exp(wanted[who] + noise[who]))
        log[who] = np.log(now[who])
        if t >= BEFORE:
            price[:, w] = now
    return price


def filled(at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Items in force, a gap filled with the item before it (a price is carried there, and never reported)."""
    filled = at.copy()
    for t in range(1, at.shape[1]):
        filled[:, t] = np.where(at[:, t] == NONE, filled[:, t - 1], at[:, t])
    return filled


def aggregate_index(market: Market, level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chained Jevons index of the items in force in both weeks, replacements at constant quality."""
    present = market.items.at != NONE
    both = present[:, 1:] & present[:, :-1]
    count = len(market.tree.aggregates)
    index = np.zeros((count, level.shape[1]))
    step = np.where(both, np.diff(level, axis=1), 0.0)
    for t in range(step.shape[1]):
        total = np.bincount(market.aggregate, step[:, t], minlength=count)
        index[:, t + 1] = index[:, t] + total / np.bincount(market.aggregate, both[:, t], minlength=count)
    return np.exp(index)
