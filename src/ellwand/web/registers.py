"""What readers ask beside the figures: the code dictionary, the calendar, the methods, and the units that agreed."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ellwand.engine.periods import natural_key
from ellwand.office import clock, setup
from ellwand.office.editorial.metadata import FREQUENCY
from ellwand.office.editorial.models import Statement
from ellwand.office.once import once, while_same
from ellwand.office.registry.models import (
    Class,
    Classification,
    Correspondence,
    Issue,
    Market,
    MethodVersion,
    Source,
    Unit,
)
from ellwand.office.releases.canonical import write_instant
from ellwand.office.rounds.work import in_force
from ellwand.production.compile import STATUSES
from ellwand.production.method import Method, parse_method
from ellwand.production.report.periods import read
from ellwand.production.report.texts import TEXTS
from ellwand.web.moments import Moment
from ellwand.web.query import Named, codes_of, one_series, published_periods

GRADES = {
    "A": ("以本类自己的报价为主，推算比重低", "mostly the class's own quotes, few imputed prices"),
    "B": ("报价与推算并用", "quotes and imputed prices together"),
    "C": ("多数价格为推算，可靠性低", "mostly imputed prices: low reliability"),
    "S": ("不公布：单位不足、推算过多或须保密", "not published: too few units, too much imputed, or confidential"),
}
MEANINGS = {
    "reference": "第一个时期，指数由此开始",
    "observed": "本类自己的报价",
    "imputed": "本类没有可用的报价，随上级分类变动",
    "carried": "权重大多属于停业单位，沿用其价格",
    "not_collected": "这个时期没有发布",
    "no_price": "所属分支没有任何价格",
    "suppressed": "单位过少或一家独大，不公布数字",
}
"""Meanings of the statuses in Chinese."""
MEASURES = {
    "value": ("公布的指数（点）", "index as published, in points"),
    "change_previous": ("较上一次发布的期次，%", "change on the previous issue, per cent"),
    "change_year_start": ("较上年最后一期，%", "change on the last issue of the year before, per cent"),
    "change_last_year": ("较上年同期，%", "change on the same period a year before, per cent"),
    "index": ("完整精度的指数", "index at full precision"),
    "low": ("区间下限", "lower limit of the interval"),
    "high": ("区间上限", "upper limit of the interval"),
    "contribution": ("对总指数较上期变动的贡献，百分点", "contribution to the total's change, percentage points"),
    "weight": ("在总指数中的权重", "weight in the total"),
    "imputed_share": ("推算价格占权重的比重", "share of weight with imputed prices"),
    "matched": ("配对的价格系列", "price series that are matched"),
    "units": ("报价的样本单位", "sample units that report"),
    "due": ("应报的报价", "quotes that were due"),
    "quotes": ("收到的报价", "quotes that came in"),
    "observed": ("采用的报价", "quotes that were used"),
    "corrected": ("改正后采用的报价", "quotes that were used after a correction"),
    "replaced": ("换了商品的系列", "series whose item was replaced"),
    "imputed": ("推算的价格", "prices that were imputed"),
    "carried": ("停业沿用的价格", "prices carried over a closure"),
    "not_collected": ("没有价格的系列", "series without a price"),
    "excluded": ("剔除的报价", "quotes that were set aside"),
    "queried": ("存疑但采用的报价", "quotes that were queried and used"),
}
"""What the fields of an observation are."""


def entry(seen: Moment, code: str) -> dict[str, Any]:
    """The entry of one series in the code dictionary. ProblemError for a code that nothing public names."""
    one_series(seen, code)
    return dictionary(seen, code)[0]


def dictionary(seen: Moment, only: str | None = None) -> list[dict[str, Any]]:
    """The code dictionary: every series that was ever published, with all that a reader needs to know of it.

    only : the code of one series.
    """
    version = _classification(seen)
    tree = _tree(version.pk) if version else Tree({}, {}, {})
    names = codes_of(seen)
    place, shared = market(), _shared(seen)
    out = []
    for one in names.values() if only is None else [names[only]]:
        row = tree.classes.get(one.code)
        zh, en = definition(one, names.get(one.parent), place, row)
        out.append(
            {
                "code": one.code,
                "series": one.series,
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "definition_zh": zh,
                "definition_en": en,
                "level": one.level,
                "parent": one.parent or None,
                "family": seen.standing.family,
                **shared,
                "valid_from": (row.valid_from if row else "") or one.first,
                "valid_to": (row.valid_to or None) if row else one.last,
                "predecessors": list(tree.came.get(one.code, ())),
                "successors": list(tree.became.get(one.code, ())),
                "classification_version": version.number if version else None,
                "first_period": one.first,
                "last_period": one.last,
                "simulated": one.simulated,
            }
        )
    return out


def definition(one: Named, parent: Named | None, market: Market | None, row: Class | None) -> tuple[str, str]:
    """What a series measures, in both languages: as the classification says it, else by one pattern."""
    given = (row.more.get("definition_zh", ""), row.more.get("definition_en", "")) if row else ("", "")
    place = (market.name_zh, market.name_en) if market else ("", "")
    if parent is None:
        own = (f"{place[0]}全部商品的价格指数", f"Price index of all goods at {place[1]}")
    else:
        own = (
            f"{place[0]}“{one.name_zh}”的价格指数，属于“{parent.name_zh}”",
            f"Price index of “{one.name_en}” at {place[1]}, a part of “{parent.name_en}”",
        )
    return given[0] or own[0], given[1] or own[1]


def _classification(seen: Moment) -> Classification | None:
    """The version of the tree that was there at the moment; the first one where the record is younger."""
    known = _versions()
    return next((one for one in known if one.at <= seen.at), known[-1] if known else None)


@while_same(Classification, most=4)
def _versions() -> list[Classification]:
    """All versions of the tree, the newest first."""
    return list(Classification.objects.order_by("-number"))


@dataclass(frozen=True)
class Tree:
    """A version of the tree. classes : by code. came, became : codes of the version before it, and of it, by code."""

    classes: dict[str, Class]
    came: dict[str, list[str]]
    became: dict[str, list[str]]


@while_same(Classification, Class, Correspondence, most=8)
def _tree(version: int) -> Tree:
    out = Tree({c.code: c for c in Class.objects.filter(classification=version)}, {}, {})
    for link in Correspondence.objects.filter(classification=version).order_by("pk"):
        if link.old != link.new:
            out.became.setdefault(link.old, []).append(link.new)
            out.came.setdefault(link.new, []).append(link.old)
    return out


@once
def market() -> Market | None:
    """The market of the office; None before there is one."""
    return Market.objects.first()


@while_same(Statement)
def stated(name: str) -> tuple[str, str]:
    """What the office states of its index, in both languages; "" where it states nothing."""
    row = Statement.objects.filter(name=name).order_by("pk").last()
    return (row.zh, row.en) if row else ("", "")


def _shared(seen: Moment) -> dict[str, Any]:
    """What all series of a family have in common: unit, base and frequency."""
    last = seen.last
    periods = published_periods(seen)
    if last is None or not periods:
        return {}
    row = _method(last.method_digest)
    rules = parsed(row.text, f"{row.name} {row.version}").compile if row else None
    base = (rules.base_period if rules else "") or periods[0]
    level = f"{rules.base:g}" if rules else "100"
    zh, en = FREQUENCY[read(last.period).kind]
    return {
        "unit": "index points",
        "unit_zh": "点",
        "base_period": base,
        "base_value": level,
        "frequency": en.lower(),
        "frequency_zh": zh,
    }


@while_same(MethodVersion)
def _method(digest: str) -> MethodVersion | None:
    """The version of the method with this content."""
    return MethodVersion.objects.filter(digest=digest).first()


@lru_cache(maxsize=16)
def parsed(text: str, name: str) -> Method:
    """A method file, read once."""
    return parse_method(text, name).method


def words_of_codes() -> dict[str, Any]:
    """The codes that stand in the fields of an observation, in both languages: statuses, grades, fields."""
    return {
        "statuses": [
            {
                "code": code,
                "name_zh": TEXTS[f"status_{code}"][0],
                "name_en": TEXTS[f"status_{code}"][1],
                "meaning_zh": MEANINGS[code],
                "meaning_en": text,
            }
            for code, text in STATUSES.items()
        ],
        "grades": [{"code": code, "name_zh": zh, "name_en": en} for code, (zh, en) in GRADES.items()],
        "fields": [{"code": code, "name_zh": zh, "name_en": en} for code, (zh, en) in MEASURES.items()],
    }


def calendar(seen: Moment) -> list[dict[str, Any]]:
    """All issues of the calendar as it stood: their instants, what changed and why, in the order of their instants."""
    known = Issue.objects.filter(family=seen.standing.family)
    if seen.named:
        known = known.filter(at__lte=seen.at)
    versions: dict[str, list[Issue]] = {}
    for one in known.order_by("number"):
        versions.setdefault(one.period, []).append(one)
    first = {g.period: g for g in reversed(seen.standing.given)}
    rows = []
    for period, own in versions.items():
        last = own[-1]
        out = first.get(period)
        state = "released" if out else "no issue" if last.skipped else "ahead" if last.release_at > seen.at else "late"
        rows.append(
            {
                "period": period,
                "release_at": None if last.skipped else write_instant(last.release_at),
                "cutoff_at": None if last.skipped else write_instant(last.cutoff_at),
                "planned_at": write_instant(last.release_at),
                "announced": write_instant(last.at),
                "state": state,
                "release": out.code if out else None,
                "reason": last.reason if last.skipped or len(own) > 1 else None,
                "changes": [_change(a, b) for a, b in pairwise(own)],
            }
        )
    return sorted(rows, key=lambda r: (versions[r["period"]][-1].release_at, natural_key(r["period"])))


def _change(old: Issue, new: Issue) -> dict[str, Any]:
    return {
        "announced": write_instant(new.at),
        "old_release_at": None if old.skipped else write_instant(old.release_at),
        "new_release_at": None if new.skipped else write_instant(new.release_at),
        "reason": new.reason,
    }


def methods(seen: Moment) -> list[dict[str, Any]]:
    """The versions of the method, the newest first, each with the releases that were made by it."""
    used: dict[str, list[str]] = {}
    for one in seen.standing.given:
        used.setdefault(one.method_digest, []).append(one.code)
    known = MethodVersion.objects.order_by("-pk")
    out = []
    for row in known:
        own = used.get(row.digest, [])
        if seen.named and row.at > seen.at and not own:
            continue
        told = parsed(row.text, f"{row.name} {row.version}")
        out.append(
            {
                "name": row.name,
                "version": row.version,
                "title_zh": told.title_zh,
                "title_en": told.title_en,
                "purpose_zh": told.purpose_zh,
                "purpose_en": told.purpose_en,
                "sha256": row.digest,
                "file": f"/knowledge/method/{row.digest}.toml",
                "first_release": own[0] if own else None,
                "last_release": own[-1] if own else None,
            }
        )
    return out


def units(seen: Moment) -> list[dict[str, Any]]:
    """The sample units that agreed to be named, as the register holds them now."""
    period = this_period()
    rows = Unit.objects.select_related("source")
    named = [u for u in rows if u.may_be_named and in_force(period, u.valid_from, u.valid_to)]
    return [
        {
            "unit": u.code,
            "name_zh": u.name_zh,
            "name_en": u.name_en,
            "source": u.source.code if u.source else None,
            "source_zh": u.source.name_zh if u.source else None,
            "source_en": u.source.name_en if u.source else None,
        }
        for u in sorted(named, key=lambda u: natural_key(u.code))
    ]


def counted_units() -> list[dict[str, Any]]:
    """How many units report at each source, whether they are named or not."""
    period = this_period()
    count: Counter[int | None] = Counter(
        source
        for source, start, end in Unit.objects.values_list("source", "valid_from", "valid_to")
        if in_force(period, start, end)
    )
    rows = {s.pk: s for s in Source.objects.all()}
    return [
        {"source": s.code, "name_zh": s.name_zh, "name_en": s.name_en, "kind": s.kind, "units": count[s.pk]}
        for s in sorted(rows.values(), key=lambda s: natural_key(s.code))
    ]


def this_period() -> str:
    """The ISO week of today in the zone of the market."""
    year, week, _ = clock.now().astimezone(setup.current().time_zone).isocalendar()
    return f"{year}-W{week:02d}"
