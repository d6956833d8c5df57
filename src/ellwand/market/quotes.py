"""What collectors bring home: quotes that are missing, and quotes with labelled errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.market.prices import Prices
from ellwand.market.regimes import Regime
from ellwand.market.structure import NONE, Market
from ellwand.market.weeks import Weeks

Units = NDArray[np.int64]
"""Prices as whole ten-thousandths of a yuan, the precision in which quotes are stored."""

SCALE = 10_000
DOLLAR = 7.1
YARD = 0.9144
KINDS: tuple[tuple[str, float, str], ...] = (
    ("stale_copy", 0.10, "the price of the week before the spell, repeated for 3 to 8 weeks while the seller moved"),
    ("decimal_shift", 0.10, "ten times, a tenth, or a hundred times the price"),
    ("yard_metre", 0.10, "metre goods: the price of a yard (0.9144), or converted the wrong way (1 / 0.9144)"),
    ("kg_metre", 0.10, "goods of known weight and width: per kg for per m, or the reverse"),
    ("pack_factor", 0.10, "per tonne for per kg (1000) or the reverse; per dozen for per piece (12) or the reverse"),
    ("transposed_digits", 0.10, "two of the first three digits in each other's place"),
    ("digit_typo", 0.10, "one of the first two digits replaced; also what an error becomes that changes nothing"),
    ("wrong_item", 0.10, "the price of another item of the same unit (of a neighbour where it has only one)"),
    ("bulk_or_retail", 0.10, "a bulk price 8 to 15 per cent lower or a retail price 15 to 60 per cent higher"),
    ("currency", 0.10, "the price in US dollars"),
)
"""The kinds of error: name, share among errors, meaning."""
NAMES = [kind[0] for kind in KINDS]


@dataclass(frozen=True)
class Quotes:
    """Quotes in the order of period, unit and item.

    pair, week, item, unit : positions. true, reported : prices in ten-thousandths. kind : position in KINDS, or -1.
    expected : quotes that were due, closures included. open : those whose unit was open.
    """

    pair: NDArray[np.intp]
    week: NDArray[np.intp]
    item: NDArray[np.intp]
    unit: NDArray[np.intp]
    true: Units
    reported: Units
    kind: NDArray[np.int8]
    expected: int
    open: int


def collect(
    market: Market,
    weeks: Weeks,
    closed: NDArray[np.bool_],
    prices: Prices,
    regime: Regime,
    rng: np.random.Generator,
) -> Quotes:
    """The quotes of a market: pairs in force and overlaps, less closures and missing quotes, with errors."""
    item = market.items.at[market.pair_item]
    unit = market.units.at[market.pair_unit]
    due = item != NONE
    shut = closed[market.pair_unit]
    missing = _missing(market, len(weeks), regime.missing, rng)
    true = np.rint(prices.pair * SCALE).astype(np.int64)
    stale = _stale(true, item, unit, regime.errors * KINDS[0][1], rng)
    pair, week = np.nonzero(due & ~shut & ~missing)
    both = market.overlaps()
    open_ = ~shut[both]
    met = open_ & ~missing[both]
    # In an overlap the collector asks for both items, so neither is copied there.
    stale[both] = true[both]
    old = market.items.before[item[both]]
    cell_item = np.concatenate((item[pair, week], old[met]))
    cell_true = np.concatenate((true[pair, week], np.rint(prices.overlap[met] * SCALE).astype(np.int64)))
    shown = np.concatenate((stale[pair, week], cell_true[pair.size :]))
    pair, week = (np.concatenate((x, y[met])) for x, y in zip((pair, week), both, strict=True))
    order = np.lexsort((cell_item, unit[pair, week], week))
    pair, week, cell_item, cell_true, shown = (x[order] for x in (pair, week, cell_item, cell_true, shown))
    kind = np.where(shown != cell_true, 0, NONE).astype(np.int8)
    # What stale copies leave of the errors is spread over the quotes that are still right.
    right = np.flatnonzero(kind == NONE)
    rest = round(regime.errors * kind.size) - (kind.size - right.size)
    hit = np.sort(rng.choice(right, size=min(max(rest, 0), right.size), replace=False))
    shown[hit], kind[hit] = _mistakes(market, true, item, pair[hit], week[hit], cell_item[hit], cell_true[hit], rng)
    expected, opened = int(due.sum()) + both[0].size, int((due & ~shut).sum()) + int(open_.sum())
    return Quotes(pair, week, cell_item, unit[pair, week], cell_true, shown, kind, expected, opened)


def measures(quotes: Quotes) -> dict[str, float | None]:
    """The shares of missing, unchanged and wrong quotes, and of quotes due from closed units; None of nothing."""
    pair, week, item, unit, price = (
        x[np.lexsort((quotes.week, quotes.item, quotes.pair))]
        for x in (quotes.pair, quotes.week, quotes.item, quotes.unit, quotes.reported)
    )
    next_ = (np.diff(pair) == 0) & (np.diff(item) == 0) & (np.diff(unit) == 0) & (np.diff(week) == 1)
    same = float((np.diff(price) == 0)[next_].mean()) if next_.any() else None
    return {
        "missing_share": 1 - quotes.pair.size / quotes.open if quotes.open else None,
        "unchanged_share": same,
        "error_share": float((quotes.kind >= 0).mean()) if quotes.kind.size else None,
        "closed_share": 1 - quotes.open / quotes.expected,
    }


def _missing(market: Market, weeks: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Missing quotes come in spells (half of them go on for another week) and some units are careless."""
    care = rng.gamma(4.0, 0.25, (market.units.at.shape[0],))
    care = care / care[market.pair_unit].mean()
    enter = np.clip(share / (1 - share) * 0.5 * care[market.pair_unit], 0, 1)
    out = np.empty((market.pair_item.size, weeks), dtype=bool)
    now = rng.random(market.pair_item.size) < share
    for t in range(weeks):
        now = rng.random(now.size) < np.where(now, 0.5, enter)
        out[:, t] = now
    return out


def _stale(
    true: Units, item: NDArray[np.intp], unit: NDArray[np.intp], share: float, rng: np.random.Generator
) -> Units:
    """Prices with spells in which the collector repeats the price of the week before the spell.

    share : of all prices, those that a copy makes wrong.
    """
    pairs, weeks = true.shape
    # Chance that a price is no longer the seller's k + 1 weeks later, and weeks of a spell in which that is so.
    moved = [float((true[:, k + 1 :] != true[:, : -k - 1]).mean()) if k + 1 < weeks else 1.0 for k in range(8)]
    wrong = max(float(np.mean([sum(moved[:n]) for n in range(3, 9)])), share)
    begin = rng.random((pairs, weeks)) < share / wrong
    length = rng.integers(3, 9, (pairs, weeks))
    shown = true.copy()
    left = np.zeros(pairs, dtype=np.int64)
    copied = true[:, 0].copy()
    for t in range(1, weeks):
        same = (item[:, t] == item[:, t - 1]) & (unit[:, t] == unit[:, t - 1])
        left = np.where(same, left, 0)
        start = begin[:, t] & (left == 0) & same
        left = np.where(start, length[:, t], left)
        copied = np.where(start, true[:, t - 1], copied)
        shown[:, t] = np.where(left > 0, copied, true[:, t])
        left = np.maximum(left - 1, 0)
    return shown


def _mistakes(
    market: Market,
    true: Units,
    item: NDArray[np.intp],
    pair: NDArray[np.intp],
    week: NDArray[np.intp],
    what: NDArray[np.intp],
    value: Units,
    rng: np.random.Generator,
) -> tuple[Units, NDArray[np.int8]]:
    """Wrong prices, and their kinds, for quotes of items `what` with true prices `value`. None equals the true one.

    true, item : price and item of every pair and week.
    """
    weight, pack = _weight_of_metre(market)[what], _pack(market)[what]
    metre = _measure(market)[what] == "m"
    possible = np.ones((what.size, len(KINDS)), dtype=bool)
    possible[:, NAMES.index("stale_copy")] = False
    possible[:, NAMES.index("yard_metre")] = metre
    possible[:, NAMES.index("kg_metre")] = ~np.isnan(weight)
    possible[:, NAMES.index("pack_factor")] = ~np.isnan(pack)
    kind = _draw(possible, np.array([k[1] for k in KINDS]), rng)
    wrong = np.zeros_like(value)
    for k, name in enumerate(NAMES):
        mine = np.flatnonzero(kind == k)
        v, even = value[mine], rng.random(mine.size) < 0.5
        if name == "decimal_shift":
            wrong[mine] = _converted(v, rng.choice([10.0, 0.1, 100.0], size=mine.size, p=[0.5, 0.42, 0.08]))
        elif name == "yard_metre":
            wrong[mine] = _converted(v, np.where(even, YARD, 1 / YARD))
        elif name == "kg_metre":
            wrong[mine] = _converted(v, np.where(metre[mine], 1 / weight[mine], weight[mine]))
        elif name == "pack_factor":
            wrong[mine] = _converted(v, np.where(even, pack[mine], 1 / pack[mine]))
        elif name == "transposed_digits":
            wrong[mine] = _transpose(v, rng)
        elif name == "wrong_item":
            wrong[mine] = _other(market, true, item, pair[mine], week[mine], what[mine], rng)
        elif name == "bulk_or_retail":
            factor = np.where(even, rng.uniform(0.85, 0.92, mine.size), rng.uniform(1.15, 1.6, mine.size))
            wrong[mine] = _cents(v, factor)
        elif name == "currency":
            wrong[mine] = _cents(v, 1 / DOLLAR)
    useless = np.flatnonzero((wrong <= 0) | (wrong == value) | (wrong >= SCALE * 10**8))
    wrong[useless] = _typo(value[useless], rng)
    kind[useless] = NAMES.index("digit_typo")
    return wrong, kind.astype(np.int8)


def _draw(possible: NDArray[np.bool_], share: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """One possible kind for every mistake, so that each kind has its share of all of them as far as can be.

    A kind that few articles allow is drawn there more often, and the others less: the chances are raked until the
    rows of like articles and the columns of kinds both add up. possible : mistakes x kinds. share : of the kinds.
    """
    if not possible.size:
        return np.zeros(0, dtype=np.intp)
    groups, member, size = np.unique(possible, axis=0, return_inverse=True, return_counts=True)
    member = member.reshape(-1)
    table = groups * share
    share = np.where(groups.any(axis=0), share, 0.0)
    for _ in range(50):
        total = table.sum(axis=0)
        table = table * np.divide(share / share.sum() * size.sum(), total, out=np.zeros_like(share), where=total > 0)
        table *= (size / table.sum(axis=1))[:, None]
    edge = np.cumsum(table / size[:, None], axis=1)
    edge[:, -1] = np.inf
    # The last kind of all is possible everywhere, so a draw beyond the rounded sum of the chances finds it.
    return np.asarray((rng.random(member.size)[:, None] >= edge[member]).sum(axis=1))


def _converted(value: Units, factor: NDArray[np.float64]) -> Units:
    """A price that a clerk has multiplied and not rounded again, but for the last place of the file."""
    return np.asarray(np.rint(value * factor).astype(np.int64))


def _cents(value: Units, factor: NDArray[np.float64] | float) -> Units:
    """A price times a factor, rounded to cents as people would say it; small ones to a tenth of a cent."""
    said = value * factor
    step = np.where(said < 2 * SCALE, 10, 100)
    return np.asarray(np.rint(said / step).astype(np.int64) * step)


def _measure(market: Market) -> NDArray[np.str_]:
    """Unit of measure of each item."""
    return np.array([row["unit"] for row in market.tree.aggregates])[market.aggregate[market.items.slot]]


def _weight_of_metre(market: Market) -> NDArray[np.float64]:
    """Kilograms of one running metre of each item; NaN where it has no weight or width, or is no roll of cloth."""
    return np.asarray(np.where(_measure(market) == "piece", np.nan, market.gsm / 1000 * market.width / 100))


def _pack(market: Market) -> NDArray[np.float64]:
    """Pieces of a dozen, kilograms of a tonne (fibre, yarn and cord only); NaN for goods that come in neither."""
    unit = _measure(market)
    return np.where(unit == "piece", 12.0, np.where((unit == "kg") & np.isnan(market.gsm), 1000.0, np.nan))


def _top(value: Units) -> NDArray[np.int64]:
    """Power of ten of the first digit."""
    return np.asarray(np.floor(np.log10(value) + 1e-12).astype(np.int64))


def _transpose(value: Units, rng: np.random.Generator) -> Units:
    """The first digit swapped with the second or the second with the third; the other swap where one shows nothing."""
    late = (rng.random(value.size) < 0.5).astype(np.int64)
    out = value
    for shift in (late, 1 - late):
        low = 10 ** (_top(value) - 1 - shift)
        a, b = value // low % 10, value // (10 * low) % 10
        out = np.where(out == value, value + 9 * (a - b) * low, out)
    return np.asarray(out)


def _typo(value: Units, rng: np.random.Generator) -> Units:
    """The first or second digit replaced by another one; the first never by zero."""
    second = rng.random(value.size) < 0.6
    place = 10 ** (_top(value) - second)
    digit = value // place % 10
    any_digit = (digit + rng.integers(1, 10, value.size)) % 10
    first_digit = (digit - 1 + rng.integers(1, 9, value.size)) % 9 + 1
    return np.asarray(value + (np.where(second, any_digit, first_digit) - digit) * place)


def _other(
    market: Market,
    true: Units,
    item: NDArray[np.intp],
    pair: NDArray[np.intp],
    week: NDArray[np.intp],
    what: NDArray[np.intp],
    rng: np.random.Generator,
) -> Units:
    """Price of another item than `what` at the same unit; 0 where it is not in force. Pairs are sorted by unit."""
    size = np.bincount(market.pair_unit, minlength=market.units.at.shape[0])[market.pair_unit]
    start = np.searchsorted(market.pair_unit, market.pair_unit)
    hop = 1 + (rng.random(pair.size) * np.maximum(size[pair] - 1, 1)).astype(np.intp)
    inside = start[pair] + (pair - start[pair] + hop) % size[pair]
    chosen = np.where(size[pair] > 1, inside, (pair + 1) % market.pair_item.size)
    good = (item[chosen, week] != NONE) & (item[chosen, week] != what)
    return np.asarray(np.where(good, true[chosen, week], 0))
