"""What collectors bring home: quotes that are missing, and quotes with labelled errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ellwand.market.regimes import Regime
from ellwand.market.structure import NONE, Market
from ellwand.market.weeks import Weeks

Units = NDArray[np.int64]
"""Prices as whole ten-thousandths of a yuan, the precision in which quotes are stored."""

SCALE = 10_000
DOLLAR = 7.1
KINDS: tuple[tuple[str, float, str], ...] = (
    ("stale_copy", 0.20, "the price of the week before the spell, repeated for 3 to 8 weeks while the seller moved"),
    ("wrong_unit", 0.12, "per kg for per m or the reverse; yarn and thread per tonne, pieces per dozen"),
    ("decimal_shift", 0.14, "ten times, a tenth, or a hundred times the price"),
    ("transposed_digits", 0.12, "two of the first three digits in each other's place"),
    ("wrong_item", 0.14, "the price of another item of the same unit (of a neighbour where it has only one)"),
    ("bulk_or_retail", 0.14, "a bulk price 8 to 15 per cent lower or a retail price 15 to 60 per cent higher"),
    ("currency", 0.05, "the price in US dollars"),
    ("digit_typo", 0.09, "one of the first two digits replaced; also what an error becomes that cannot happen there"),
)
"""The kinds of error: name, share among errors, meaning."""
NAMES = [kind[0] for kind in KINDS]


@dataclass(frozen=True)
class Quotes:
    """Quotes in the order of period, unit and item.

    pair, week, item, unit : positions. true, reported : prices in ten-thousandths. kind : position in KINDS, or -1.
    expected : item-unit pairs that were due, closures included. open : those whose unit was open.
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
    price: NDArray[np.float64],
    regime: Regime,
    rng: np.random.Generator,
) -> Quotes:
    """The quotes of a market: pairs in force, less closures and missing quotes, with errors."""
    item = market.items.at[market.pair_item]
    unit = market.units.at[market.pair_unit]
    due = item != NONE
    open_ = due & ~closed[market.pair_unit]
    missing = _missing(market, len(weeks), regime.missing, rng)
    true = np.rint(price * SCALE).astype(np.int64)
    seen = open_ & ~missing
    stale = _stale(true, item, unit, regime.errors * KINDS[0][1], regime.unchanged, rng)
    pair, week = np.nonzero(seen)
    order = np.lexsort((item[pair, week], unit[pair, week], week))
    pair, week = pair[order], week[order]
    at = (pair, week)
    shown, kind = stale[at].copy(), np.where(stale[at] != true[at], 0, NONE).astype(np.int8)
    rest = max(regime.errors - float((kind == 0).mean()) if kind.size else 0.0, 0.0)
    hit = np.flatnonzero((kind == NONE) & (rng.random(pair.size) < rest))
    weights = np.array([k[1] for k in KINDS[1:]])
    drawn = 1 + rng.choice(len(weights), size=hit.size, p=weights / weights.sum())
    _mistake(market, true, item, pair[hit], week[hit], drawn, shown, kind, hit, rng)
    return Quotes(pair, week, item[at], unit[at], true[at], shown, kind, int(due.sum()), int(open_.sum()))


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
    true: Units,
    item: NDArray[np.intp],
    unit: NDArray[np.intp],
    share: float,
    unchanged: float,
    rng: np.random.Generator,
) -> Units:
    """Prices with spells in which the collector repeats the price of the week before the spell."""
    pairs, weeks = true.shape
    # Expected weeks of a spell in which the copied price is no longer the seller's.
    wrong = np.mean([sum(1 - unchanged ** (k + 1) for k in range(n)) for n in range(3, 9)])
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


def _mistake(
    market: Market,
    true: Units,
    item: NDArray[np.intp],
    pair: NDArray[np.intp],
    week: NDArray[np.intp],
    drawn: NDArray[np.intp],
    shown: Units,
    kind: NDArray[np.int8],
    hit: NDArray[np.intp],
    rng: np.random.Generator,
) -> None:
    """Write single mistakes into `shown` and `kind` at the positions `hit`. Every one differs from the true price."""
    value = true[pair, week]
    wrong = np.zeros_like(value)
    for k, name in enumerate(NAMES):
        mine = np.flatnonzero(drawn == k)
        v = value[mine]
        if name == "wrong_unit":
            factor = _unit_factor(market)[item[pair[mine], week[mine]]]
            wrong[mine] = _cents(v * factor)
        elif name == "decimal_shift":
            factor = rng.choice([10.0, 0.1, 100.0], size=mine.size, p=[0.5, 0.42, 0.08])
            wrong[mine] = np.rint(v * factor).astype(np.int64)
        elif name == "transposed_digits":
            wrong[mine] = _transpose(v, rng)
        elif name == "wrong_item":
            wrong[mine] = _other(market, true, item, pair[mine], week[mine], rng)
        elif name == "bulk_or_retail":
            bulk = rng.random(mine.size) < 0.5
            factor = np.where(bulk, rng.uniform(0.85, 0.92, mine.size), rng.uniform(1.15, 1.6, mine.size))
            wrong[mine] = _cents(v * factor)
        elif name == "currency":
            wrong[mine] = _cents(v / DOLLAR)
    useless = np.flatnonzero((wrong <= 0) | (wrong == value) | (wrong >= SCALE * 10**8))
    wrong[useless] = _typo(value[useless], rng)
    drawn = drawn.copy()
    drawn[useless] = NAMES.index("digit_typo")
    shown[hit] = wrong
    kind[hit] = drawn


def _cents(value: NDArray[np.float64]) -> Units:
    """Ten-thousandths rounded to cents, as people would say the price; small ones to a tenth of a cent."""
    step = np.where(value < 2 * SCALE, 10, 100)
    return np.asarray(np.rint(value / step).astype(np.int64) * step)


def _unit_factor(market: Market) -> NDArray[np.float64]:
    """By how much the price of each item is wrong in its other unit of measure."""
    unit = np.array([market.tree.aggregates[a]["unit"] for a in market.aggregate[market.items.slot]])
    heavy = market.gsm * market.width / 100_000
    other = np.where(np.isnan(heavy), np.where(unit == "kg", 1000.0, 12.0), np.where(unit == "kg", heavy, 1 / heavy))
    return np.asarray(np.where(unit == "piece", 12.0, other))


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
    rng: np.random.Generator,
) -> Units:
    """Price of another item of the same unit; 0 where the other item is not in force. Pairs are sorted by unit."""
    size = np.bincount(market.pair_unit, minlength=market.units.at.shape[0])[market.pair_unit]
    start = np.searchsorted(market.pair_unit, market.pair_unit)
    hop = 1 + (rng.random(pair.size) * np.maximum(size[pair] - 1, 1)).astype(np.intp)
    inside = start[pair] + (pair - start[pair] + hop) % size[pair]
    chosen = np.where(size[pair] > 1, inside, (pair + 1) % market.pair_item.size)
    good = (item[chosen, week] != NONE) & (item[chosen, week] != item[pair, week])
    return np.asarray(np.where(good, true[chosen, week], 0))
