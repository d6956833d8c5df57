"""Who has reported in a round and who has not: by source, by class and by unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ellwand.engine.periods import natural_key
from ellwand.office import setup
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Assignment, Class, Classification, Closure, Source, Unit
from ellwand.office.rounds import work
from ellwand.office.rounds.models import Round

CONTACT = ("contact", "phone", "mobile", "email", "wechat", "address")
"""Further columns of the register of units that say how a unit is reached."""


@dataclass
class Response:
    """Quotes due of open units and those that came. what : the source or class."""

    what: Any
    due: int = 0
    came: int = 0

    @property
    def share(self) -> float:
        """Share that came, 1 where nothing is due."""
        return self.came / self.due if self.due else 1.0


@dataclass
class Silent:
    """A unit from which quotes are missing. contact : how it is reached, as the register says."""

    unit: Unit
    due: int
    came: int
    contact: str

    @property
    def missing(self) -> int:
        """Quotes that have not come."""
        return self.due - self.came


@dataclass
class Coverage:
    """The response of a round. silent : units with missing quotes by their source, those with most missing first."""

    whole: Response
    sources: list[Response]
    classes: list[Response]
    silent: list[tuple[Source | None, list[Silent]]]
    closed: int
    target: float
    extra: int = field(default=0)


def of(found: Round) -> Coverage:
    """The response of a round now. A quote without a price that says why has come; closed units owe nothing."""
    rows = Assignment.objects.values_list("unit", "item", "item__ea", "valid_from", "valid_to")
    due = {(u, i): ea for u, i, ea, start, stop in rows if work.in_force(found.period, start, stop)}
    came = {(u, i): s for u, i, s in Quote.objects.current().filter(round=found).values_list("unit", "item", "status")}
    closed = set(Closure.objects.filter(period=found.period).values_list("unit", flat=True))
    closed |= {u for (u, _), status in came.items() if status == "closed"}
    wanted = {cell: ea for cell, ea in due.items() if cell[0] not in closed}
    units = {u.pk: u for u in Unit.objects.select_related("source").filter(pk__in={u for u, _ in wanted})}
    above = tops()
    whole = Response(None)
    sources: dict[int | None, Response] = {}
    classes: dict[str, Response] = {}
    per_unit: dict[int, list[int]] = {}
    for (unit, item), ea in wanted.items():
        here = (unit, item) in came
        source = units[unit].source
        top = above.get(ea)
        for one in (
            whole,
            sources.setdefault(units[unit].source_id, Response(source)),
            classes.setdefault(top.code if top else ea, Response(top or {"code": ea})),
        ):
            one.due += 1
            one.came += here
        mine = per_unit.setdefault(unit, [0, 0])
        mine[0] += 1
        mine[1] += here
    groups: dict[int | None, list[Silent]] = {}
    for unit, (n, got) in per_unit.items():
        if got < n:
            row = units[unit]
            groups.setdefault(row.source_id, []).append(Silent(row, n, got, _contact(row.more)))
    silent = [
        (units_[0].unit.source, sorted(units_, key=lambda s: (-s.missing, natural_key(s.unit.code))))
        for units_ in groups.values()
    ]
    silent.sort(key=lambda pair: (-sum(s.missing for s in pair[1]), pair[0].code if pair[0] else ""))
    return Coverage(
        whole,
        sorted(sources.values(), key=lambda r: (r.share, getattr(r.what, "code", ""))),
        [classes[code] for code in sorted(classes, key=natural_key)],
        silent,
        len(closed & {u for u, _ in due}),
        setup.current().response_target,
        len(set(came) - set(due)),
    )


def units_due(found: Round) -> int:
    """How many units owe a quote in a round; closed ones owe none."""
    rows = Assignment.objects.values_list("unit", "valid_from", "valid_to")
    due = {u for u, start, stop in rows if work.in_force(found.period, start, stop)}
    said = Quote.objects.current().filter(round=found, status="closed").values_list("unit", flat=True)
    return len(due - set(Closure.objects.filter(period=found.period).values_list("unit", flat=True)) - set(said))


def _contact(more: Mapping[str, Any]) -> str:
    return ", ".join(str(more[name]) for name in CONTACT if more.get(name))


def tops() -> dict[str, Class]:
    """The class of the first level above each class; the total is no class of its own here."""
    version = Classification.objects.order_by("-number").first()
    if version is None:
        return {}
    rows = {c.code: c for c in version.classes.all()}
    out: dict[str, Class] = {}
    for code, row in rows.items():
        at = row
        while at.parent in rows and rows[at.parent].parent in rows:
            at = rows[at.parent]
        out[code] = at
    return out
