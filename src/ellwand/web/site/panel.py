"""Collecting sources and sample units: where prices come from, in counts, and by name only of those who agreed."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.http import HttpRequest

from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.registry.models import Assignment, Market, Rotation, Source, Unit
from ellwand.office.rounds import work
from ellwand.office.screens.words import name_of, say
from ellwand.production.report.view import both_widths
from ellwand.web.site import plan
from ellwand.web.site.page import Language, Shown, page


def this_period() -> str:
    """The ISO week of today in the zone of the market."""
    year, week, _ = clock.now().astimezone(setup.current().time_zone).isocalendar()
    return f"{year}-W{week:02d}"


@page("sources/", "sources")
def sources(request: HttpRequest, language: Language) -> Shown:
    """Every collecting source with its units, and the quotes that are due there in a week."""
    period = this_period()
    units = units_in_force(period)
    owner = dict(Unit.objects.values_list("pk", "source_id"))
    due: Counter[Any] = Counter(
        owner[u]
        for u, start, end in Assignment.objects.values_list("unit_id", "valid_from", "valid_to")
        if work.in_force(period, start, end) and u in units
    )
    staff = Counter(owner[u] for u in units)
    total = sum(due.values())
    side = 0 if language == "zh" else 1
    there = sorted(Source.objects.all(), key=lambda s: natural_key(s.code))
    rows = [
        {
            "code": s.code,
            "name": name_of(s),
            "kind": KINDS.get(s.kind, (s.kind, s.kind))[side],
            "units": staff[s.pk],
            "quotes": due[s.pk],
            "share": due[s.pk] / total if total else None,
        }
        for s in there
    ]
    plots = [
        plan.Plot(str(row["name"]), str(row["kind"]), due[s.pk], staff[s.pk], place_of(s))
        for s, row in zip(there, rows, strict=True)
    ]
    market = Market.objects.first()
    simulated = say("模拟市场", "Simulated market") if market and market.simulated else ""
    title = say("采集点分布", "Where prices come from")
    context = {
        "rows": rows,
        "total": total,
        "units": len(units),
        "period": period,
        "plan": both_widths(
            (kind, plan.plan(plots, width, title, simulated))
            for kind, width in (("wide", plan.WIDE), ("narrow", plan.NARROW))
        ),
        "placed": plan.has_places([p for p in plots if p.quotes]),
    }
    return Shown("site/sources.html", say("采集点", "Collecting sources"), context)


def place_of(source: Source) -> tuple[float, float] | None:
    """Where a source lies, as the register's columns x and y say; None where they don't."""
    try:
        return float(source.more["x"]), float(source.more["y"])
    except (KeyError, TypeError, ValueError):
        return None


KINDS = {
    "market": ("市场", "market"),
    "street": ("街区", "street"),
    "shop": ("门市", "shop"),
    "platform": ("平台", "platform"),
    "district": ("园区与镇街企业", "district"),
    "customs": ("海关", "customs"),
}


@page("units/", "units")
def units(request: HttpRequest, language: Language) -> Shown:
    """The sample units by class of source: by name who agreed to be named, the others as counts."""
    period = this_period()
    there = units_in_force(period)
    rows = Unit.objects.filter(pk__in=there).select_related("source")
    named = sorted((u for u in rows if u.may_be_named), key=lambda u: natural_key(u.code))
    counted = (
        Unit.objects.filter(pk__in=there)
        .values("source__code", "source__name_zh", "source__name_en")
        .annotate(n=Count("pk"))
    )
    signed = sum(1 for u in rows if u.conduct_signed)
    groups = sorted(
        (
            {
                "code": c["source__code"] or "",
                "name_zh": c["source__name_zh"],
                "name_en": c["source__name_en"],
                "n": c["n"],
            }
            for c in counted
        ),
        key=lambda g: natural_key(g["code"]),
    )
    context = {
        "named": named,
        "groups": groups,
        "signed": signed,
        "total": len(there),
        "period": period,
        "rotation": rotation(),
        "minimum": MINIMUM,
    }
    return Shown("site/units.html", say("样本单位", "Sample units"), context)


MINIMUM, LATEST = 3, 52
"""Moves of a week from which on their kinds are told apart; weeks of the log that the page shows."""


def rotation() -> list[dict[str, Any]]:
    """Entries into the sample, exits and replacements by the first period that they touch, the newest first.

    Only counts: nobody is named. Of a week with few moves only their sum is told, so that no unit can be recognised.
    """
    weeks: dict[str, Counter[str]] = {}
    for period, kind in Rotation.objects.values_list("period", "kind"):
        if period:
            weeks.setdefault(period, Counter())[kind] += 1
    return [
        {"period": period, "total": sum(kinds.values()), "few": sum(kinds.values()) < MINIMUM, **kinds}
        for period, kinds in sorted(weeks.items(), key=lambda pair: natural_key(pair[0]), reverse=True)[:LATEST]
    ]


def units_in_force(period: str) -> set[int]:
    """Keys of the units that report in a period."""
    return {
        pk
        for pk, start, end in Unit.objects.values_list("pk", "valid_from", "valid_to")
        if work.in_force(period, start, end)
    }
