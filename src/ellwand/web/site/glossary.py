"""The glossary: words of the system, of direction and size, statuses, grades and class names, in both languages."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from ellwand.office.screens.words import say
from ellwand.production.compile import STATUSES
from ellwand.production.report.texts import SLIGHT, SMALL, TEXTS
from ellwand.production.report.words import VERBS
from ellwand.web.moments import moment
from ellwand.web.query import series
from ellwand.web.registers import GRADES, MEANINGS
from ellwand.web.site.page import Language, Shown, page, where

TERMS: Mapping[str, tuple[str, str, str, str]] = {
    "index": (
        "指数", "index",
        "同样的商品现在与基期相比的价格水平，基期为 100。",
        "The level of prices of the same goods against the base period, which is 100.",
    ),
    "issue": (
        "期次", "issue",
        "某一时期的指数的一次发布，例如 2026 年第 5 周。“上期”是上一次发布的那一期。",
        "The index of one period as it is released. The previous issue is the last one that was released.",
    ),
    "release": (
        "发布", "release",
        "一期不可更改的结果：数字、文稿、质量报告和带签名的文件清单。",
        "The result of an issue that can't change: figures, texts, quality report, and a signed list of files.",
    ),
    "vintage": (
        "版本", "vintage",
        "一次发布所给出的数值。更正产生新版本，旧版本仍可查阅。",
        "The value that one release gave. A correction makes a new vintage, and the old one stays readable.",
    ),
    "series": (
        "系列", "series",
        "一个分类逐期的指数，有固定代码。",
        "The index of one class from issue to issue, with a code of its own.",
    ),
    "classification": (
        "分类", "classification",
        "从原料到最细一层的分类树，有版本和版本之间的对应。",
        "The tree of classes down to the finest, in versions with a correspondence between them.",
    ),
    "aggregate": (
        "基层分类", "elementary aggregate",
        "最细的一层，其中的报价直接平均，不用权重。",
        "The finest class, whose quotes are averaged without weights.",
    ),
    "item": (
        "代表规格品", "representative product",
        "规格固定、长期跟踪价格的商品。",
        "A product of fixed specification whose price is followed.",
    ),
    "basket": (
        "篮子", "basket",
        "一段时期内使用的商品和权重，有权重参考期和价格参考期。",
        "The items and weights of a time, with a weight and a price reference period.",
    ),
    "weight": (
        "权重", "weight",
        "一个分类在上级分类中的份量。",
        "What a class counts in the class above.",
    ),
    "quote": (
        "报价", "quote",
        "一家单位在一期对一种商品报出的一个价格，带来源和状态。",
        "One price of one item at one unit in one period, with its source and status.",
    ),
    "unit": (
        "样本单位", "sample unit",
        "报价的企业或商铺。",
        "An enterprise or shop that reports.",
    ),
    "stop": (
        "采集点", "collecting stop",
        "采价的市场、街区或店铺。",
        "A market, street or shop where prices are taken.",
    ),
    "cutoff": (
        "截止", "cut-off",
        "一期不再接收报价的时刻；迟到的进入下一期。",
        "The instant after which a quote goes to the next issue.",
    ),
    "imputed": (
        "推算", "imputation",
        "没有可用报价时，按方法规定的次序由同类的变动补出价格。",
        "Filling in a price that is missing, by the movement of its like, in the order that the method says.",
    ),
    "replacement": (
        "替换", "replacement",
        "一种商品停产后由另一种接续，规格差异按方法调整。",
        "Another item follows one that ended; the difference in quality is adjusted as the method says.",
    ),
    "contribution": (
        "贡献", "contribution",
        "一个分类使总指数变动了多少个百分点。",
        "By how many percentage points a class moved the total.",
    ),
    "interval": (
        "区间", "interval",
        "抽样误差的范围；区间含零的变动不作涨跌的判断。",
        "The range of sampling error. Of a change whose interval holds zero no direction is claimed.",
    ),
    "link": (
        "链接", "link",
        "篮子、方法或分类变更时，把前后两段接成一个系列。",
        "Joining two parts of a series where basket, method or classification change.",
    ),
    "revision": (
        "修订", "revision",
        "政策事先说明的改动。",
        "A change that the policy foresees.",
    ),
    "correction": (
        "更正", "correction",
        "针对错误的改动，有类别、原因和新旧数值。",
        "A change because of an error, with class, cause, old and new value.",
    ),
    "embargo": (
        "发布前保密", "embargo",
        "到发布时刻之前，任何渠道都不显示本期内容。",
        "Before its instant no channel shows anything of an issue.",
    ),
    "rationale": (
        "编制说明", "rationale",
        "每期公布的计数、份额、剔除和判断。",
        "Counts, shares, exclusions and judgement, published with every issue.",
    ),
}  # fmt: skip
"""Words of the system: in Chinese, in English, and what they mean in each."""


@page("knowledge/glossary/", "glossary")
def glossary(request: HttpRequest, language: Language) -> Shown:
    """The glossary."""
    side = 2 if language == "zh" else 3
    context: dict[str, Any] = {
        "terms": [(key, row[0], row[1], row[side]) for key, row in TERMS.items()],
        "sizes": sizes(),
        "statuses": [(name, *TEXTS[f"status_{name}"], meaning(name, language)) for name in STATUSES],
        "grades": [(grade, *words) for grade, words in GRADES.items()],
        "classes": [
            {"code": n.code, "zh": n.name_zh, "en": n.name_en, "level": n.level,
             "address": where("series", language, code=n.code)}
            for n in series(moment())
        ],
    }  # fmt: skip
    return Shown("site/glossary.html", say("术语表", "Glossary"), context)


def meaning(status: str, language: Language) -> str:
    """What a status of an observation means."""
    return MEANINGS[status] if language == "zh" else STATUSES[status]


def sizes() -> list[tuple[str, str, str, str, str]]:
    """Words of direction and size: from, to (per cent), rise and fall in Chinese, rise and fall in English."""
    limits = ((0.0, SLIGHT), (SLIGHT, SMALL), (SMALL, None))
    out = []
    for k, (low, high) in enumerate(limits):
        zh, en = VERBS["zh"], VERBS["en"]
        out.append((f"{low:.2f}", "" if high is None else f"{high:.2f}", f"{zh[1][k]} / {zh[-1][k]}",
                    en[1][k], en[-1][k]))  # fmt: skip
    return out
