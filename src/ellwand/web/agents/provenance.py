"""What every answer says of where it comes from: issue, vintage, licence, page, and a citation in both languages."""

from typing import Any

from ellwand.office import setup
from ellwand.office.editorial.models import Statement
from ellwand.office.record.reading import Given
from ellwand.office.registry.models import Market
from ellwand.office.releases.canonical import write_instant
from ellwand.web.moments import Moment
from ellwand.web.query import Named, series

SIMULATED = ("模拟数据", "simulated figures")


def address(path: str) -> str:
    """The whole address of a path of the site."""
    return f"{setup.current().outgoing.site}{path}"


def pages(path: str) -> dict[str, str]:
    """The addresses of a page in both languages. path : below the root of a language."""
    return {"zh": address(f"/{path}"), "en": address(f"/en/{path}")}


def of(seen: Moment) -> dict[str, Any]:
    """The provenance of an answer: of what family and vintage it is, when that was released, under what licence."""
    stated = Statement.objects.filter(name="licence", at__lte=seen.at).order_by("pk").last()
    there = series(seen)
    last = seen.last
    return {
        "family": seen.standing.family,
        "issue": last.period if last else None,
        "vintage": seen.vintage or None,
        "issued": write_instant(seen.issued) if seen.issued else None,
        "next_release": write_instant(seen.next_at) if seen.next_at else None,
        "licence": {"zh": stated.zh, "en": stated.en} if stated else None,
        "simulated": bool(there and there[0].simulated),
        "manifest": address(f"/releases/{seen.vintage}/files/manifest.json") if seen.vintage else None,
    }


def publisher() -> tuple[str, str]:
    """The name of the market in Chinese and English."""
    market = Market.objects.first()
    return (market.name_zh, market.name_en) if market else ("", "")


def citation(one: Named, given: Given, period: str, value: str | None = None) -> dict[str, str]:
    """How to cite a figure or a series: the vintage is named, so that no later correction changes what is cited."""
    zh, en = publisher()
    path = f"index/{one.code}/?vintage={given.code}"
    released = write_instant(given.since)
    mark = [f"（{SIMULATED[0]}）", f" ({SIMULATED[1]})"] if one.simulated else ["", ""]
    shown = f" {value}" if value else ""
    where = pages(path)
    said_zh = f"{zh}：{one.name_zh}（{one.code}）{mark[0]}，{period}{shown}，版本 {given.code}，{released} 发布。"
    said_en = f"{en}: {one.name_en} ({one.code}){mark[1]}, {period}{shown}, vintage {given.code}, released {released}. "
    return {"zh": said_zh + where["zh"], "en": said_en + where["en"]}
