"""What a reviewer sees of a flagged quote: its history, its unit's other quotes, its group; no more is read."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ellwand.engine.periods import natural_key
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Class
from ellwand.office.review import standing
from ellwand.office.review.models import Decision, Flag
from ellwand.office.rounds.models import Round

SHOWN = 53
"""Periods of the history: a year, so that last year's week is seen too."""


@dataclass(frozen=True)
class Neighbour:
    """Another quote of the unit in the period. change : log change on the period before, None without a price there."""

    item: Any
    price: Decimal | None
    change: float | None


@dataclass(frozen=True)
class Detail:
    """A flagged quote with what it is judged by.

    quote : the version in force. periods, own, others : the history. neighbours : the unit's other quotes. group : log
    changes of the elementary aggregate's other quotes. klass : that aggregate. decisions : history of decisions.
    """

    flag: Flag
    standing: standing.Standing
    quote: Quote
    klass: Class | None
    periods: list[str]
    own: list[float | None]
    others: list[list[float | None]]
    neighbours: list[Neighbour]
    group: list[float]
    decisions: list[Decision]

    @property
    def change(self) -> float | None:
        """Log change of the quote on the price that it is judged against."""
        return _change(self.quote.price, self.flag.reference)


def of(found: Round, flag: Flag) -> Detail:
    """Everything about one flag of a round."""
    stands = standing.standings(found, [flag])[0]
    quote = Quote.objects.select_related("unit", "item", "by", "source").get(pk=stands.now)
    rounds = _rounds(found)
    own, others = _history(quote, [pk for pk, _ in rounds])
    earlier = rounds[-2][0] if len(rounds) > 1 else None
    return Detail(
        flag,
        stands,
        quote,
        Class.objects.filter(code=quote.item.ea).order_by("-classification__number").first(),
        [period for _, period in rounds],
        own,
        others,
        _neighbours(found, quote, earlier),
        _group(found, quote, earlier),
        list(
            Decision.objects.filter(round=found, unit=quote.unit, item=quote.item)
            .select_related("by", "quote", "made")
            .order_by("-number")
        ),
    )


def _rounds(found: Round) -> list[tuple[int, str]]:
    """Id and period of the last rounds up to this one, in the order of time."""
    limit = natural_key(found.period)
    rows = Round.objects.filter(family=found.family).values_list("pk", "period")
    return sorted((r for r in rows if natural_key(r[1]) <= limit), key=lambda r: natural_key(r[1]))[-SHOWN:]


def _history(quote: Quote, rounds: list[int]) -> tuple[list[float | None], list[list[float | None]]]:
    place = {pk: k for k, pk in enumerate(rounds)}
    lines: dict[int, list[float | None]] = {quote.unit_id: [None] * len(rounds)}
    rows = Quote.objects.current().filter(item=quote.item_id, price__isnull=False)
    for round_, unit, price in rows.values_list("round", "unit", "price"):
        if round_ in place:
            lines.setdefault(unit, [None] * len(rounds))[place[round_]] = float(price or 0) or None
    own = lines.pop(quote.unit_id)
    return own, [lines[unit] for unit in sorted(lines)]


def _neighbours(found: Round, quote: Quote, earlier: int | None) -> list[Neighbour]:
    rows = Quote.objects.current().filter(unit=quote.unit_id, round__in=[found.pk, earlier or found.pk])
    now, before = {}, {}
    for q in rows.select_related("item"):
        if q.round_id == found.pk:
            now[q.item_id] = q
        else:
            before[q.item_id] = q.price
    out = [
        Neighbour(q.item, q.price, _change(q.price, before.get(item)))
        for item, q in now.items()
        if item != quote.item_id
    ]
    return sorted(out, key=lambda n: (-abs(n.change or 0), n.item.code))


def _group(found: Round, quote: Quote, earlier: int | None) -> list[float]:
    if earlier is None:
        return []
    rows = Quote.objects.current().filter(item__ea=quote.item.ea, round__in=[found.pk, earlier], price__isnull=False)
    prices: dict[tuple[int, int], dict[int, Decimal | None]] = {}
    for round_, unit, item, price in rows.values_list("round", "unit", "item", "price"):
        prices.setdefault((unit, item), {})[round_] = price
    prices.pop((quote.unit_id, quote.item_id), None)
    changes = (_change(p.get(found.pk), p.get(earlier)) for p in prices.values())
    return [c for c in changes if c is not None]


def _change(now: Decimal | None, before: Decimal | float | None) -> float | None:
    if now is None or before is None or now <= 0 or before <= 0:
        return None
    return math.log(float(now) / float(before))
