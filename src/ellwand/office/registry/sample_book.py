"""The sample book: what in the sample needs the clerk, and the replacement of an item with its link.

Units without a signed code of conduct (37), units that have been silent, items at the end of their life, elementary
aggregates with fewer units than the method asks for; and replacements, each with a reason and an overlap price or the
method's rule to link without one (45).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.registry import calendar, rotation, taking
from ellwand.office.registry.checks import check
from ellwand.office.registry.columns import BOOKS
from ellwand.office.registry.models import Basket, Class, Classification, Closure, Item, Rotation, Unit, texts
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round
from ellwand.production.report.periods import read

Row = dict[str, str]
SILENT = 2
"""Closed rounds without any quote after which a unit is silent."""
ENDING = 4
"""Weeks ahead in which an item's end is near."""


@dataclass(frozen=True)
class Cell:
    """An elementary aggregate with weight. units : that are assigned for its items. needed : by the method."""

    ea: str
    name_zh: str
    name_en: str
    units: int
    needed: int


@dataclass(frozen=True)
class Needs:
    """What needs the clerk in a period; each list in the order of codes."""

    period: str
    unsigned: list[Row]
    silent: list[Row]
    ending: list[Row]
    cells: list[Cell]

    @property
    def empty(self) -> bool:
        """Whether the sample is in order."""
        return not (self.unsigned or self.silent or self.ending or self.cells)


def period_now() -> str:
    """The period that the sample is looked at for: that of the running round, else this week."""
    running = work.running(1)
    return running[-1].period if running else calendar.this_week()


def needs(period: str) -> Needs:
    """What needs the clerk in a period."""
    due = work.due_in(period)
    units, items = {d.unit for d in due}, {d.item for d in due}
    ending = [i for i in Item.objects.exclude(valid_to="") if i.pk in items and _near(i.valid_to, period)]
    unsigned = [u for u in Unit.objects.filter(conduct_signed="").select_related("source") if u.pk in units]
    silent = Unit.objects.filter(pk__in=_silent(period) & units).select_related("source")
    return Needs(period, _rows(unsigned, "unit"), _rows(silent, "unit"), _rows(ending, "item"), cells(period, due))


def _rows(found: Iterable[Any], key: str) -> list[Row]:
    """Rows of a register as texts, in the order of their codes."""
    return [texts(one, one.COLUMNS, key) for one in sorted(found, key=lambda one: natural_key(one.code))]


def _near(stop: str, period: str) -> bool:
    """Whether the end of an item lies a few weeks after a period, or before it."""
    return (read(stop).last - read(period).last).days <= 7 * ENDING


def _silent(period: str) -> set[int]:
    """Units that were due and open in each of the last closed rounds, and sent nothing in any."""
    limit = natural_key(period)
    before = [r for r in Round.objects.all() if natural_key(r.period) <= limit]
    last = sorted(before, key=lambda r: natural_key(r.period))[-SILENT - 1 :]
    closed = [r for r in last if r.state not in (states.PLANNED, states.COLLECTING)][-SILENT:]
    if len(closed) < SILENT:
        return set()
    out: set[int] | None = None
    for one in closed:
        due = {d.unit for d in work.due_in(one.period)}
        due -= set(Closure.objects.filter(period=one.period).values_list("unit", flat=True))
        due -= set(one.quotes.order_by().values_list("unit", flat=True).distinct())
        out = due if out is None else out & due
    return out or set()


def cells(period: str, due: Iterable[work.Due]) -> list[Cell]:
    """Elementary aggregates with weight whose units are too few, in the order of their codes."""
    starts = [v for v in Basket.objects.values_list("valid_from", flat=True).distinct() if work.in_force(period, v, "")]
    if not starts:
        return []
    needed = work.method_in_force(period)[1].method.quality.minimum_units
    basket = Basket.objects.filter(valid_from=max(starts, key=natural_key)).order_by("-number")[0]
    units: dict[str, set[int]] = {}
    for d in due:
        units.setdefault(d.ea, set()).add(d.unit)
    few = [ea for ea, w in basket.weights.values_list("ea", "weight") if Decimal(w) > 0]
    few = sorted((ea for ea in few if len(units.get(ea, ())) < needed), key=natural_key)
    version = Classification.objects.order_by("-number").first()
    names = {c.code: c for c in Class.objects.filter(classification=version, code__in=few)}
    return [
        Cell(ea, *((names[ea].name_zh, names[ea].name_en) if ea in names else ("", "")), len(units.get(ea, ())), needed)
        for ea in few
    ]


@dataclass(frozen=True)
class Replacement:
    """What a clerk wants: at a unit, an item in place of another one.

    period : the last one of the old item. link : "overlap", or "method" for the ladder of the method. overlap_price :
    of the new item in that period, for an overlap.
    """

    unit: str
    old: str
    new: str
    period: str
    link: str
    overlap_price: str
    reason: str


def replace(wish: Replacement, by: User) -> Rotation:
    """Replace an item at a unit. With an overlap both are due in the last period of the old one, else one after it.

    DataError says what stands in the way; nothing has changed then.
    """
    role = people.require(by, "registers.change")
    price = _checked(wish)
    last = read(wish.period)
    if last.kind != "week":
        raise DataError(f"period {wish.period}: a week is wanted, as 2026-W05")
    with transaction.atomic():
        unit = Unit.objects.filter(code=wish.unit).first()
        book = BOOKS["assignments"]
        there = taking.rows_of(book)
        mine = [a for a in there.values() if a["unit"] == wish.unit]
        old = [a for a in mine if a["item"] == wish.old and work.in_force(wish.period, a["valid_from"], a["valid_to"])]
        if unit is None or not old:
            raise DataError(f"unit {wish.unit}: {wish.old} is not assigned there in {wish.period}; look it up")
        if any(a["item"] == wish.new and not a["valid_to"] for a in mine):
            raise DataError(f"unit {wish.unit}: {wish.new} is assigned there already; {wish.old} ends by its own row")
        items = taking.rows_of(BOOKS["items"])
        new = items.get(wish.new)
        if new is None:
            raise DataError(f"item {wish.new!r}: is in no register; enter it first, with its specification")
        if new["ea"] != items[wish.old]["ea"]:
            raise DataError(f"item {wish.new}: belongs to {new['ea']}, and {wish.old} to {items[wish.old]['ea']}")
        if new["replaces"] not in ("", wish.old):
            raise DataError(f"item {wish.new}: replaces {new['replaces']} already; enter a new item for {wish.old}")
        start = wish.period if wish.link == rotation.OVERLAP else calendar.week(last.last + timedelta(days=1))
        if calendar.state_of(start) not in ("", states.PLANNED, states.COLLECTING):
            raise DataError(
                f"period {start}: is closed, {wish.new} can't be quoted in it any more; give a later period"
            )
        given = [{**old[0], "valid_to": wish.period}, {"unit": wish.unit, "item": wish.new, "valid_from": start}]
        checked = check(book, list(enumerate(given, start=1)), there, taking.known())
        if checked.faults:
            raise DataError("; ".join(str(f) for f in checked.faults))
        if new["replaces"] != wish.old:
            taking.store(BOOKS["items"], [{**new, "replaces": wish.old}], by, wish.reason)
        taking.store(book, checked.good, by, wish.reason, log=False)
        made = Rotation(
            kind=rotation.REPLACEMENT, unit=unit, item=wish.new, replaced=wish.old, period=start, link=wish.link,
            overlap_price=price, by=by, at=clock.now(), reason=wish.reason.strip(),
        )  # fmt: skip
        made.save()
        trail.append(
            by, "sample.replace", f"unit/{wish.unit}", role=role, before={"item": wish.old},
            after={"item": wish.new, "from": start, "link": wish.link, "overlap_price": price}, reason=wish.reason,
        )  # fmt: skip
    return made


def _checked(wish: Replacement) -> str:
    """The overlap price as text, "" without an overlap. DataError for a wish that lacks something."""
    if not wish.reason.strip():
        raise DataError("reason: empty; say why the item is replaced")
    if wish.old == wish.new:
        raise DataError(f"item {wish.new}: replaces itself; a new item has a new code")
    if wish.link not in rotation.LINKS or wish.link == rotation.NEW:
        raise DataError(f"link {wish.link!r}: choose {rotation.OVERLAP} or {rotation.BY_METHOD}")
    if wish.link != rotation.OVERLAP:
        if wish.overlap_price.strip():
            raise DataError("overlap price: is given, and the link is none by overlap; choose one of them")
        return ""
    try:
        price = Decimal(wish.overlap_price.strip())
    except InvalidOperation as error:
        raise DataError(f"overlap price {wish.overlap_price!r}: must be a number above 0") from error
    if not price.is_finite() or price <= 0:
        raise DataError(f"overlap price {wish.overlap_price!r}: must be a number above 0")
    return f"{price:f}"
