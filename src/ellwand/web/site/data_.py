"""The data catalogue: every file of every series and family, the whole of each release, and what the columns mean."""

from typing import Any

from django.http import HttpRequest

from ellwand.office.screens.words import say
from ellwand.web.moments import moment
from ellwand.web.query import series
from ellwand.web.registers import GRADES, MEASURES
from ellwand.web.site import provenance
from ellwand.web.site.page import Language, Shown, page, where

FAMILY = (
    ("csv", "CSV", "全部系列、全部期次、全精度", "all series and periods, at full precision"),
    ("xlsx", "XLSX", "Excel 工作簿，带说明", "an Excel workbook with notes"),
    ("json", "JSON-stat 2.0", "统计软件通用", "for statistical software"),
    ("px", "PC-Axis", "PxWeb 等统计系统", "for PxWeb and its kin"),
    ("sqlite", "SQLite", "一个数据库文件，可用 Datasette 打开", "one database file, which Datasette opens"),
)
SERIES = (("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON-stat"), ("px", "PC-Axis"))


@page("data/", "data")
def data(request: HttpRequest, language: Language) -> Shown:
    """The catalogue."""
    seen, side = moment(), 0 if language == "zh" else 1
    there = series(seen)
    parents = {one.parent for one in there}
    stand = [g for g in seen.standing.given if g.withdrawn is None]
    context: dict[str, Any] = {
        "vintage": seen.vintage,
        "issued": seen.issued,
        "licence": provenance.licence(language),
        "family": [(f"/data/price.{ext}", name, pair[side]) for ext, name, *pair in FAMILY],
        "series": [
            {
                "name": (one.name_zh, one.name_en)[side] or one.code,
                "code": one.code,
                "level": one.level,
                "leaf": one.code not in parents and one.level > 2,
                "address": where("series", language, code=one.code),
                "files": [(label, f"/data/{one.code}.{ext}") for ext, label in SERIES],
                "span": f"{one.first} … {one.last}",
            }
            for one in there
        ],
        "releases": [(g.code, f"/releases/{g.code}.zip") for g in reversed(stand)][:12],
        "columns": [(name, words[side]) for name, words in MEASURES.items()],
        "grades": [(grade, words[side]) for grade, words in GRADES.items()],
    }
    return Shown("site/data.html", say("数据目录", "Data catalogue"), context)
