"""The list of a collector: his stalls in walking order, what is due at each, and what is there already."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.accounts.models import User
from ellwand.office.collection import checks, due
from ellwand.office.collection.due import Due
from ellwand.office.collection.measures import name_of
from ellwand.office.collection.models import Stop
from ellwand.office.collection.sending import now_of, text_of
from ellwand.office.registry.models import Market, Unit
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Move, Round

OPEN = (states.COLLECTING, states.CLOSED, states.REVIEWING)
"""States in which a list is of use: after the cut-off for what is late, and for what the review sends back."""


@dataclass(frozen=True)
class Call:
    """A stop on the way: the unit, its place, and what is due there."""

    unit: Unit
    position: int
    due: Sequence[Due]


def round_of(family: str = work.FAMILY) -> Round | None:
    """The round that collects now; else the last one that is closed or in review; None where there is none."""
    over = Move.objects.filter(target__in=(states.PUBLIC, states.WITHDRAWN)).values("round")
    rounds = sorted(Round.objects.filter(family=family).exclude(pk__in=over), key=lambda r: natural_key(r.period))
    for found in rounds:
        work.settle(found)
    known = [(r, r.state) for r in rounds]
    for wanted in ((states.COLLECTING,), OPEN):
        if there := [r for r, state in known if state in wanted]:
            return there[-1]
    return None


def units_of(collector: User) -> list[tuple[int, int]]:
    """Ids of the units on somebody's route, with their place on the way, in this order."""
    last = Stop.objects.values("unit").annotate(last=Max("pk")).values("last")
    rows = Stop.objects.filter(pk__in=last, collector=collector).values_list("position", "unit__code", "unit")
    return [(unit, position) for position, _, unit in sorted(rows, key=lambda r: (r[0], natural_key(r[1])))]


def of(collector: User, found: Round) -> list[Call]:
    """The stops of a collector in a round, in walking order; units without anything due are left out."""
    places = units_of(collector)
    rows = due.of_units(found, [unit for unit, _ in places])
    units = Unit.objects.select_related("source").in_bulk(list(rows))
    return [Call(units[unit], position, rows[unit]) for unit, position in places if rows[unit]]


def as_json(collector: User) -> dict[str, Any]:
    """The list as the phone keeps it and as the interface gives it."""
    market = Market.objects.first()
    found = round_of()
    issue = found.issue if found else None
    out: dict[str, Any] = {
        "user": {"id": collector.pk, "name": collector.username},
        "at": clock.now().isoformat(),
        "round": found.code if found else "",
        "period": found.period if found else "",
        "state": found.state if found else "",
        "cutoff_at": issue.cutoff_at.isoformat() if issue else "",
        "zone": str(setup.current().time_zone),
        "currency": market.currency if market else "",
        "simulated": bool(market and market.simulated),
        "stops": [],
    }
    if found is not None:
        rules = work.method_in_force()[1].method.validate
        out["stops"] = [_stop(call, rules) for call in of(collector, found)]
    return out


def _stop(call: Call, rules: Any) -> dict[str, Any]:
    unit, source = call.unit, call.unit.source
    return {
        "unit": unit.code, "zh": unit.name_zh, "en": unit.name_en, "place": call.position,
        "source": {
            "code": source.code if source else "", "zh": source.name_zh if source else "",
            "en": source.name_en if source else "",
        },
        "rows": [_row(one, rules) for one in call.due],
    }  # fmt: skip


def _row(one: Due, rules: Any) -> dict[str, Any]:
    """A row. low, high : beyond them the office asks for a reason; not given where they would tell a hidden price."""
    item = one.item
    fibres = re.sub(r"\s*:\s*(\d+(?:\.\d+)?)\s*;?\s*", r" \1 % ", item.composition).strip()
    parts = [fibres, f"{item.gsm} g/m²" if item.gsm else "", f"{item.width_cm} cm" if item.width_cm else ""]
    row: dict[str, Any] = {
        "item": item.code, "zh": item.name_zh, "en": item.name_en, "spec": ", ".join(p for p in parts if p),
        "measure": item.unit_of_measure, "measure_zh": name_of(item.unit_of_measure, "zh"), "hidden": not one.shown,
        "last": None, "low": None, "high": None, "now": now_of(one.quote) if one.quote else None,
        "asked": {"reason": one.asked.reason} if one.asked else None,
    }  # fmt: skip
    if one.last is not None and one.shown:
        row["last"] = {"price": text_of(one.last.price), "period": one.last.period, "type": one.last.kind}
        if (limit := checks.bound(rules, one.last.gap)) is not None:
            price = float(one.last.price)
            row["low"], row["high"] = _short(price / (1 + limit)), _short(price * (1 + limit))
    return row


def _short(value: float) -> str:
    return f"{value:.4f}"
