"""What a CSV file of observations holds, by column, as CSV on the Web (CSVW) says it."""

from typing import Any

from ellwand.office.releases.figures import COLUMNS, FIGURES, PUBLISHED, Row
from ellwand.production.observations import COUNTS
from ellwand.web.data.vintages import Vintage
from ellwand.web.registers import MEASURES

TEXTS = {
    "series": ("系列路径", "codes from the family down to the series"),
    "period": ("时期", "period"),
    "code": ("代码", "code of the series"),
    "parent": ("上级代码", "code of the class above"),
    "level": ("层级", "level in the tree, 0 for the total"),
    "name_zh": ("中文名", "name in Chinese"),
    "name_en": ("英文名", "name in English"),
    "grade": ("质量等级", "grade: A, B, C or S"),
    "status": ("状态", "how the value came about"),
    "se": ("指数的标准误", "standard error of the index"),
    "change_se": ("涨跌幅的标准误", "standard error of the change"),
    "change_low": ("涨跌幅区间下限", "lower limit of the interval of the change"),
    "change_high": ("涨跌幅区间上限", "upper limit of the interval of the change"),
    "carried_share": ("沿用价格占权重的比重", "share of weight with carried prices"),
    "change_previous": ("较上期，完整精度", "change on the previous issue, at full precision"),
    "change_year_start": ("较年初，完整精度", "change on the start of the year, at full precision"),
    "change_last_year": ("较上年同期，完整精度", "change on a year before, at full precision"),
    "method": ("方法版本", "version of the method"),
    "release": ("首次公布它的发布", "the release that published it first"),
    "simulated": ("模拟数据", "whether a program invented the figure"),
    "published": MEASURES["value"],
    "published_change_previous": MEASURES["change_previous"],
    "published_change_year_start": MEASURES["change_year_start"],
    "published_change_last_year": MEASURES["change_last_year"],
}
"""Columns that are no field of the API, or another one under this name."""


def kind_of(column: str) -> str:
    """The type of a column."""
    if column in PUBLISHED:
        return "decimal"
    if column in FIGURES:
        return "double"
    return "integer" if column in COUNTS or column == "level" else "boolean" if column == "simulated" else "string"


def csvw(made: Vintage, row: Row | None) -> dict[str, Any]:
    """The description of the file of a family, or of a series of which an observation is given."""
    name = made.given.code.split("-")[0] if row is None else row["code"]
    m = made.manifest
    zh, en = (m.market["name_zh"], m.market["name_en"]) if row is None else (row["name_zh"], row["name_en"])
    licence = made.licence
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{name}.csv?vintage={made.given.code}",
        "dc:title": [{"@value": zh, "@language": "zh-Hans"}, {"@value": en, "@language": "en"}],
        "dc:publisher": [
            {"@value": m.market["name_zh"], "@language": "zh-Hans"}, {"@value": m.market["name_en"], "@language": "en"},
        ],
        "dc:identifier": made.given.code,
        "dc:issued": {"@value": m.at, "@type": "xsd:dateTime"},
        "dc:license": [{"@value": licence[0], "@language": "zh-Hans"}, {"@value": licence[1], "@language": "en"}],
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True, "lineTerminators": ["\n"]},
        "tableSchema": {
            "columns": [_column(name) for name in COLUMNS],
            "primaryKey": ["series", "period"],
        },
    }  # fmt: skip


def _column(name: str) -> dict[str, Any]:
    zh, en = TEXTS.get(name) or MEASURES[name]
    return {
        "name": name,
        "titles": name,
        "dc:description": [{"@value": zh, "@language": "zh-Hans"}, {"@value": en, "@language": "en"}],
        "datatype": kind_of(name),
        "null": "",
    }
