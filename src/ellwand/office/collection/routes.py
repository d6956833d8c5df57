"""Routes: who calls at which unit, in which order; units without a collector report by their link."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Max

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import COLLECTOR
from ellwand.office.audit import trail
from ellwand.office.collection.models import Stop
from ellwand.office.registry.models import Unit


def collectors() -> list[User]:
    """The collectors of the office, by name."""
    return [u for u in User.objects.filter(is_active=True).order_by("username") if COLLECTOR in u.roles]


def in_force(units: Collection[int] | None = None) -> dict[int, Stop]:
    """The stop of each unit (of all if None) that has one, with its collector."""
    rows = Stop.objects.all() if units is None else Stop.objects.filter(unit__in=units)
    last = rows.values("unit").annotate(last=Max("pk")).values("last")
    return {s.unit_id: s for s in Stop.objects.filter(pk__in=last).select_related("collector")}


def assign(units: Sequence[Unit], collector: User | None, by: User, *, first: int | None = None) -> int:
    """Put units on somebody's route, in the order of their codes; None: they report by their link. How many changed.

    first : place of the first unit on the way; after his last one if None. DataError for somebody who is no collector.
    """
    role = people.require(by, "assignments.route")
    if collector is not None and (COLLECTOR not in collector.roles or not collector.is_active):
        raise DataError(f"collector: {collector.username} does not hold the role {COLLECTOR}; choose somebody who does")
    with transaction.atomic():
        # In one order, so that two who plan routes at once wait for one another.
        locked = list(Unit.objects.filter(pk__in=[u.pk for u in units]).order_by("pk").select_for_update())
        there = in_force()
        if first is None:
            own = [s.position for s in there.values() if collector is not None and s.collector_id == collector.pk]
            first = max(own, default=0) + 1
        changed: list[tuple[Unit, int]] = []
        for unit in sorted(locked, key=lambda u: natural_key(u.code)):
            old = there.get(unit.pk)
            if (old.collector_id if old else None) == (collector.pk if collector else None):
                continue
            changed.append((unit, first + len(changed) if collector else 0))
        Stop.objects.bulk_create(
            [Stop(unit=u, collector=collector, position=at, by=by, at=clock.now()) for u, at in changed]
        )
        if changed:
            trail.append(
                by, "routes.change", "routes", role=role,
                after={"collector": collector.pk if collector else None,
                       "units": {u.code: at for u, at in changed}},
            )  # fmt: skip
    return len(changed)
