"""What is due of units in a round: their items with specification, last price and what is there already."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from ellwand.engine.periods import natural_key
from ellwand.formulas.textile_units import conversion_factors
from ellwand.office import plain
from ellwand.office.collection.checks import Known
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Assignment, Item, Unit
from ellwand.office.review import acts, standing
from ellwand.office.review.models import Decision
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

BACK = 26
"""Rounds before this one in which a last price is looked for: half a year of weeks."""

POLICY = "show_last_price"
"""Column of the register of items: whether its last price is shown to whoever reports. Shown if not said."""
HIDDEN = frozenset(("no", "false", "0", "hidden", "hide", "否", "不显示"))

Cell = tuple[int, int]
"""A unit and an item, by their ids."""


class Goods(NamedTuple):
    """An item as the checks of a submission need it; a model for each line would take as long as the checks."""

    pk: int
    code: str
    name_zh: str
    name_en: str
    composition: str
    gsm: str
    width_cm: str
    unit_of_measure: str
    more: Mapping[str, Any]


def goods(codes: Collection[str]) -> dict[str, Goods]:
    """The items of these codes that are in the register, by code."""
    names = ", ".join(Goods._fields[1:])
    rows = plain.among(f"SELECT id, {names} FROM registry_item WHERE code IN", list(codes))
    return {row[1]: Goods._make((*row[:8], plain.loaded(row[8]))) for row in rows}


@dataclass(frozen=True)
class Last:
    """The last price of an item at a unit before a round. price : per the item's unit of measure. gap : periods ago."""

    price: Decimal
    period: str
    gap: int
    kind: str


@dataclass(frozen=True)
class Due:
    """An item that a unit owes in a round. quote : the version in force, None where nothing came.

    asked : the decision of a reviewer that sends the quote back, None where none does.
    """

    unit: Unit
    item: Item
    last: Last | None
    quote: Quote | None
    asked: Decision | None

    @property
    def shown(self) -> bool:
        """Whether the last price may be seen by whoever reports."""
        return is_shown(self.item)


def is_shown(item: Item | Goods) -> bool:
    """Whether the policy of an item shows its last price to whoever reports."""
    return str(item.more.get(POLICY, "")).strip().lower() not in HIDDEN


def entry_of(item: Item | Goods) -> dict[str, Any]:
    """An item as the readers of price sheets know it."""
    names = ("name_zh", "name_en", "composition", "gsm", "width_cm", "unit_of_measure")
    return {**item.more, **{n: getattr(item, n) for n in names}}


def of_units(found: Round, units: Collection[int]) -> dict[int, list[Due]]:
    """What is due of units (by id) in the round of its period, in the order of the items' codes."""
    rows = Assignment.objects.select_related("item", "unit").filter(unit__in=units)
    in_force = lru_cache(maxsize=None)(work.in_force)
    due = [a for a in rows if in_force(found.period, a.valid_from, a.valid_to)]
    there = quotes_of(found, units)
    asked = returned(found, units)
    last = last_prices(found, units)
    out: dict[int, list[Due]] = {pk: [] for pk in units}
    for a in sorted(due, key=lambda a: natural_key(a.item.code)):
        cell = (a.unit_id, a.item_id)
        out[a.unit_id].append(Due(a.unit, a.item, last.get(cell), there.get(cell), asked.get(cell)))
    return out


def of_unit(found: Round, unit: Unit) -> list[Due]:
    """What is due of one unit."""
    return of_units(found, [unit.pk])[unit.pk]


def quotes_of(found: Round, units: Collection[int]) -> dict[Cell, Quote]:
    """The quotes in force of units in a round."""
    # Most submissions are the first of their units: then there is nothing, which a plain statement says sooner.
    if not plain.some("SELECT 1 FROM quotes_quote WHERE round_id = %s AND unit_id IN", list(units), found.pk):
        return {}
    rows = Quote.objects.current().filter(round=found, unit__in=units)
    return {(q.unit_id, q.item_id): q for q in rows}


def last_prices(found: Round, units: Collection[int], back: int = BACK) -> dict[Cell, Last]:
    """The last price before the round of each item at units, per the item's own unit of measure.

    back : rounds before this one that are looked at.
    """
    before = _before(found)[:back]
    place = {pk: k for k, (pk, _) in enumerate(before)}
    if not place:
        return {}
    marks = ", ".join(["%s"] * len(place))
    rows = plain.among(f"{_PRICED} AND q.round_id IN ({marks}) AND q.unit_id IN", list(units), *place)
    newest: dict[Cell, tuple[Any, ...]] = {}
    for row in rows:
        cell = (row[1], row[2])
        if cell not in newest or place[row[0]] < place[newest[cell][0]]:
            newest[cell] = row
    out = {}
    for cell, (round_, _, _, price, kind, *measures) in newest.items():
        own_price = _own(price, *measures)
        if own_price is not None:
            k = place[round_]
            out[cell] = Last(own_price, before[k][1], k + 1, kind)
    return out


_PRICED = (
    "SELECT q.round_id, q.unit_id, q.item_id, q.price, q.kind, q.unit_of_measure, i.unit_of_measure, i.gsm, "
    "i.width_cm, i.more FROM quotes_quote q JOIN registry_item i ON i.id = q.item_id "
    "WHERE q.price IS NOT NULL AND q.status <> 'substituted' "
    "AND NOT EXISTS (SELECT 1 FROM quotes_quote s WHERE s.supersedes_id = q.id)"
)
"""Prices in force, with what is needed to tell them per the item's own unit of measure."""


def _own(price: Any, measure: str, own: str, gsm: str, width: str, more: Any) -> Decimal | None:
    """A price of a row of `_PRICED` per the item's own unit of measure."""
    given = plain.decimal(price, 4)
    return given if not measure or measure == own else converted(given, measure, own, gsm, width, plain.loaded(more))


def known(
    found: Round, cells: Collection[Cell], back: int = BACK, items: Mapping[int, Item | Goods] | None = None
) -> dict[Cell, Known]:
    """What entries of these items at these units are checked against. back : see `last_prices`. items : by id."""
    of: Mapping[int, Item | Goods] = Item.objects.in_bulk({i for _, i in cells}) if items is None else items
    # Most prices are those of the round before: only what is missing there is looked for further back.
    last = last_prices(found, {u for u, _ in cells}, 1)
    if back > 1 and (missing := {u for u, i in cells if (u, i) not in last}):
        last = {**last_prices(found, missing, back), **last}
    fresh = {i for u, i in cells if (u, i) not in last}
    peers = _peers(found, fresh)
    out = {}
    for unit, item in cells:
        own = last.get((unit, item))
        others = tuple(p for u, p in peers.get(item, ()) if u != unit)
        shown = is_shown(of[item]) if item in of else True
        out[unit, item] = Known(own.price if own else None, own.gap if own else 1, shown, others)
    return out


def returned(found: Round, units: Collection[int]) -> dict[Cell, Decision]:
    """Quotes of units that the review sent back and that nobody has answered: the decision that asks."""
    if found.state != states.REVIEWING:
        return {}
    rows = Decision.objects.filter(round=found, unit__in=units).select_related("item", "quote").order_by("pk")
    last = {(d.unit_id, d.item_id): d for d in rows}
    now = {cell: q.pk for cell, q in quotes_of(found, units).items()} if last else {}
    return {
        cell: d
        for cell, d in last.items()
        if d.act == acts.SEND_BACK and standing.state_of(d, now.get(cell, d.quote_id)) == standing.RETURNED
    }


def _before(found: Round) -> list[tuple[int, str]]:
    """Id and period of the rounds before, the nearest first."""
    limit = natural_key(found.period)
    rows = plain.select("SELECT id, period FROM rounds_round WHERE family = %s", found.family)
    keyed = sorted((key, pk, period) for pk, period in rows if (key := natural_key(period)) < limit)
    return [(pk, period) for _, pk, period in keyed[: -BACK - 1 : -1]]


def _peers(found: Round, items: Collection[int]) -> Mapping[int, Sequence[tuple[int, Decimal]]]:
    """Prices of items in the round before, with their units, per the item's unit of measure."""
    before = _before(found)[:1] if items else []
    if not before:
        return {}
    out: dict[int, list[tuple[int, Decimal]]] = {}
    rows = plain.among(f"{_PRICED} AND q.round_id = %s AND q.item_id IN", list(items), before[0][0])
    for _, unit, item, price, _, *measures in rows:
        if (value := _own(price, *measures)) is not None:
            out.setdefault(item, []).append((unit, value))
    return out


def converted(
    price: Decimal | None, measure: str, own: str, gsm: str, width: str, more: Mapping[str, Any]
) -> Decimal | None:
    """A price per the item's own unit of measure; None where it can't be had."""
    if price is None or not measure or measure == own:
        return price
    try:
        figures = [_figure(v) for v in (gsm, width, more.get("pack", ""))]
        factor = float(conversion_factors(measure, own, *figures)[0])
    except ValueError:
        return None
    return (price * Decimal(repr(factor))).quantize(Decimal("0.0001")) if math.isfinite(factor) else None


def _figure(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
