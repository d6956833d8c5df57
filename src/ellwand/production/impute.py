"""Missing prices: what a series without a usable quote does in a period.

A missing price moves with its donors, the most specific donor set first; a closed unit's price stands; a series that
was imputed too long rests until it is quoted again. Source: CPI Manual 2020, chapter 6.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.donors import Ladder, dutot_ladder, ladder
from ellwand.production.book import Array, Codes, Mask
from ellwand.production.method import Impute

Levels = list[Codes]


@dataclass(frozen=True)
class Filled:
    """Prices of the series without a usable quote, NaN where there is none, and how they came about.

    price : imputed or carried. imputed, carried, rested : which series. level : donor set used (position in the
    ladder), -1 where the price was not imputed. donors : their number. movement : movement of every series' donors.
    """

    price: Array
    imputed: Mask
    carried: Mask
    rested: Mask
    level: NDArray[np.intp]
    donors: NDArray[np.intp]
    movement: Array


def movements(rules: Impute, levels: Levels, before: Array, now: Array) -> Ladder:
    """Movement of every series from donors: series with a usable quote in both periods, none of them imputed.

    before, now : prices of the donors in the period before and in this one, NaN for a series that is no donor; so no
    imputed price can be a donor, and donors cannot run in a circle.
    """
    if rules.movement == "dutot":
        return dutot_ladder(levels, before, now, minimum=rules.minimum_donors)
    with np.errstate(invalid="ignore", divide="ignore"):
        return ladder(levels, np.log(now / before), minimum=rules.minimum_donors)


def fill(
    rules: Impute,
    levels: Levels,
    reference: Array,
    usable: Array,
    donor: Mask,
    due: Mask,
    closed: Mask,
    idle: bool,
    run: NDArray[np.int64],
    longest: NDArray[np.int64],
) -> Filled:
    """Fill one period.

    reference : price used in the period before, NaN for a series that was not in force. usable : prices of the quotes
    that are used, NaN where there is none. donor : series whose price before was no imputation. due : a quote is
    expected. closed : the unit is closed. idle : nobody quoted anything, so that nothing moved: the prices stand, to be
    compared with the next ones. run : periods in a row imputed before this one. longest : the most allowed.
    """
    waiting = np.isfinite(reference) & ~np.isfinite(usable) & due
    shut = waiting & (closed & (rules.closure == "carry") | (idle and rules.movement != "none"))
    missing = waiting & ~shut
    asked = np.where(donor & np.isfinite(reference) & np.isfinite(usable), reference, np.nan)
    found = movements(rules, levels, asked, usable)
    moved = missing & (run < longest) & np.isfinite(found.value) & (rules.movement != "none")
    price = np.full(len(reference), np.nan)
    price[shut] = reference[shut]
    price[moved] = reference[moved] * found.value[moved]
    return Filled(
        price,
        moved,
        shut,
        missing & ~moved,
        np.where(moved, found.level, -1),
        np.where(moved, found.donors, 0),
        found.value,
    )
