"""The population of sellers from which the sample units are drawn: the truth that judges intervals."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ellwand.market.prices import aggregate_index, filled, sell, turnover
from ellwand.market.regimes import Regime
from ellwand.market.structure import PAIR_SD, UNIT_SD, Market, lives
from ellwand.market.weeks import Weeks, closures

SELLERS = 60
"""Further sellers of every item. More make the population's own noise smaller, and cost time in proportion."""


def population_index(
    market: Market,
    weeks: Weeks,
    target: NDArray[np.float64],
    regime: Regime,
    rng: np.random.Generator,
    progress: Callable[[int], None],
) -> NDArray[np.float64]:
    """Index of every elementary aggregate over the population of sellers, first week 1: aggregates x weeks.

    The items are those of the sample, in force in the same weeks, and move towards the same targets (slots x (BEFORE +
    weeks)). The sellers are others: each has one item, a unit of its own with its level, closures and successors, and
    changes prices by the process of the sampled ones. So the sampled pairs are as good as drawn from among them.
    progress : called with the share done in hundredths.
    """
    slots = market.aggregate.size
    item = filled(market.items.at)
    base = market.base()[item]
    level = np.zeros(item.shape)
    for k in range(SELLERS):
        units = lives(slots, len(weeks), regime.unit_churn, 1.0, np.ones(slots, dtype=bool), rng)
        fixed = base + rng.normal(0.0, UNIT_SD, units.slot.size)[units.at] + rng.normal(0.0, PAIR_SD, slots)[:, None]
        shut = closures(weeks, slots, rng)
        level += np.log(sell(fixed, target, shut, turnover(item, units.at), regime, rng)) - fixed
        progress(100 * (k + 1) // SELLERS)
    return aggregate_index(market, level / SELLERS)
