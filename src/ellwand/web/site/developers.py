"""For developers: the interfaces by address, with examples that run, errors, limits and what is promised."""

from typing import Any

from django.http import HttpRequest

from ellwand.office.screens.words import say
from ellwand.web.moments import moment
from ellwand.web.problems import KINDS
from ellwand.web.query import series
from ellwand.web.site.page import Language, Shown, page
from ellwand.web.site.snippets import snippets

API: tuple[tuple[str, str, str], ...] = (
    ("series", "全部系列和最新数字", "all series with their newest figure"),
    ("series/{code}", "一个系列：定义、上下级、文件", "one series: definition, place in the tree, files"),
    ("observations", "观测值：series、from、to、asOf、vintage、includeHistory、firstNObservations、lastNObservations",
     "observations: series, from, to, asOf, vintage, includeHistory, firstNObservations, lastNObservations"),
    ("releases", "全部发布", "all releases"),
    ("releases/{id}/manifest", "一次发布的清单", "the manifest of a release"),
    ("corrections", "更正记录", "the log of corrections"),
    ("calendar", "发布日历和变动", "the calendar with its changes"),
    ("methods", "方法的各个版本", "the versions of the method"),
    ("codes", "编码表", "the code dictionary"),
    ("units", "同意公开的样本单位", "sample units that agreed to be named"),
)  # fmt: skip
"""Addresses below /api/v1/, and what each gives."""
OTHERS: tuple[tuple[str, str, str], ...] = (
    ("/sdmx/v2/", "SDMX-REST 2：结构、数据、可用性", "SDMX-REST 2: structure, data, availability"),
    ("/data/", "文件：CSV、XLSX、JSON-stat、PC-Axis、SQLite", "files: CSV, XLSX, JSON-stat, PC-Axis, SQLite"),
    ("/feed/releases.atom", "发布订阅", "feed of releases"),
    ("/feed/corrections.atom", "更正订阅", "feed of corrections"),
    ("/calendar.ics", "日历订阅", "the calendar for calendars"),
    ("/data/catalog.jsonld", "DCAT 目录", "the DCAT catalogue"),
)
"""Further interfaces by address."""


@page("developers/", "developers")
def developers(request: HttpRequest, language: Language) -> Shown:
    """The interfaces."""
    seen, side = moment(), 0 if language == "zh" else 1
    base = request.build_absolute_uri("/")
    there = series(seen)
    code = there[0].code if there else "0"
    context: dict[str, Any] = {
        "base": base,
        "api": [(name, (zh, en)[side]) for name, zh, en in API],
        "others": [(address, (zh, en)[side]) for address, zh, en in OTHERS],
        "code": code,
        "vintage": seen.vintage,
        "snippets": snippets(base, code, seen.vintage) if seen.vintage else [],
        "problems": [(name, k.status, k.zh if language == "zh" else k.en) for name, k in KINDS.items()],
    }
    return Shown("site/developers.html", say("开发者", "Developers"), context)
