"""The respondent's return: after a release a unit sees its own price against the band of its group.

The band is the middle half of the other units: of their prices of the same item, or, where too few report it, of the
changes in its elementary aggregate. Fewer units than the settings say give no band, so that nobody's price is told.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import quantiles

from django.db.models import QuerySet

from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.collection import due
from ellwand.office.quotes.models import Quote
from ellwand.office.record.models import Release
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds import snapshot, states
from ellwand.office.rounds.models import Round
from ellwand.production.validate import WRONG

PRICE, CHANGE, FEW = "price", "change", "few"
"""What the band of an item is of; few: too few units report."""


@dataclass(frozen=True)
class Band:
    """An item of a unit in a released period.

    price : the unit's own, per the item's unit of measure. change : on the period before, as a share; None without one.
    kind : price, change or few. low, high : of the middle half of the group: prices, or changes as shares. units : how
    many others the band is of.
    """

    item: Item
    price: Decimal
    change: float | None
    kind: str
    low: float | None = None
    high: float | None = None
    units: int = 0

    @property
    def place(self) -> str:
        """Where the unit stands: below, within or above; "" without a band."""
        own = float(self.price) if self.kind == PRICE else self.change
        if own is None or self.low is None or self.high is None:
            return ""
        return "below" if own < self.low else "above" if own > self.high else "within"


def released(family: str, before: str = "") -> Round | None:
    """The last round of a family that is public now; before : only of periods before this one."""
    ids = Release.objects.all().public(clock.now()).filter(family=family).values("compilation__round")
    rounds = [r for r in Round.objects.filter(pk__in=ids) if not before or natural_key(r.period) < natural_key(before)]
    rounds.sort(key=lambda r: natural_key(r.period), reverse=True)
    # A withdrawn one is no longer looked at; one whose instant has just come may not have moved yet.
    return next((r for r in rounds if r.state in (states.SCHEDULED, states.PUBLIC)), None)


def of(found: Round, unit: Unit) -> list[Band]:
    """The items that a unit reported in a released round, each with its band, in the order of their codes."""
    fewest = setup.current().band_units
    prices = _prices(found, unit)
    before = _prices_before(found, prices)
    items = Item.objects.in_bulk({item for own, item in prices if own == unit.pk})
    by_item: dict[int, list[float]] = {}
    by_ea: dict[str, dict[int, list[float]]] = {}
    eas = dict(Item.objects.filter(pk__in={i for _, i in prices}).values_list("pk", "ea"))
    for (u, i), price in prices.items():
        if u == unit.pk:
            continue
        by_item.setdefault(i, []).append(float(price))
        if (change := _change(price, before.get((u, i)))) is not None:
            by_ea.setdefault(eas[i], {}).setdefault(u, []).append(change)
    out = []
    for pk, item in sorted(items.items(), key=lambda pair: natural_key(pair[1].code)):
        own = prices[unit.pk, pk]
        change = _change(own, before.get((unit.pk, pk)))
        # A unit counts once in an aggregate, however many of its items are there.
        units = [sum(c) / len(c) for c in by_ea.get(item.ea, {}).values()]
        if len(by_item.get(pk, ())) >= fewest:
            low, high = _middle(by_item[pk])
            out.append(Band(item, own, _share(change), PRICE, low, high, len(by_item[pk])))
        elif change is not None and len(units) >= fewest:
            low, high = _middle(units)
            out.append(Band(item, own, _share(change), CHANGE, math.expm1(low), math.expm1(high), len(units)))
        else:
            out.append(Band(item, own, _share(change), FEW))
    return out


def _prices(found: Round, unit: Unit) -> dict[due.Cell, Decimal]:
    """Prices of the round in the aggregates that a unit reports in, without those that the review set aside."""
    eas = Quote.objects.current().filter(round=found, unit=unit).values("item__ea")
    rows = Quote.objects.current().filter(round=found, item__ea__in=eas, price__isnull=False)
    return _used(found, rows.exclude(status="substituted"))


def _prices_before(found: Round, now: Mapping[due.Cell, Decimal]) -> dict[due.Cell, Decimal]:
    """The same prices in the public round before."""
    earlier = released(found.family, found.period)
    if earlier is None or not now:
        return {}
    rows = Quote.objects.current().filter(round=earlier, item__in={i for _, i in now}, price__isnull=False)
    return {cell: p for cell, p in _used(earlier, rows.exclude(status="substituted")).items() if cell in now}


def _used(found: Round, rows: QuerySet[Quote]) -> dict[due.Cell, Decimal]:
    """The prices of quotes that count, per the unit of measure of their items."""
    wrong = {pk for pk, word in snapshot.decisions([found.pk]).items() if word == WRONG}
    out = {}
    for q in rows.select_related("item"):
        if q.pk in wrong:
            continue
        item = q.item
        price = due.converted(q.price, q.unit_of_measure, item.unit_of_measure, item.gsm, item.width_cm, item.more)
        if price is not None:
            out[q.unit_id, q.item_id] = price
    return out


def _change(now: Decimal, before: Decimal | None) -> float | None:
    return math.log(float(now) / float(before)) if before is not None and before > 0 and now > 0 else None


def _share(change: float | None) -> float | None:
    return None if change is None else math.expm1(change)


def _middle(values: Sequence[float]) -> tuple[float, float]:
    """The quartiles of values."""
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high
