"""The governance self-test: the fifty requirements and what the office's last self-test found of each."""

import json
from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse

from ellwand.office.audit import selftest
from ellwand.office.audit.features import FEATURES, OWN
from ellwand.office.registry.models import Market
from ellwand.office.releases.canonical import write_instant
from ellwand.office.screens.words import say
from ellwand.web.answers import ASK_AGAIN
from ellwand.web.site.page import Language, Shown, page, where

MARKS = {selftest.PASSED: "good", selftest.FAILED: "bad", selftest.WAITS: "wait", selftest.PROVEN: ""}
"""The mark of each outcome; its word stands beside it."""
PRINCIPLES: tuple[tuple[str, str, str], ...] = (
    ("FB", "IOSCO 金融基准原则（2013）", "IOSCO Principles for Financial Benchmarks (2013)"),
    ("PRA", "IOSCO 石油价格报告机构原则（2012）", "IOSCO Principles for Oil Price Reporting Agencies (2012)"),
    ("BMR", "欧盟第 2016/1011 号条例附件二", "Regulation (EU) 2016/1011, Annex II"),
    ("SDDS", "国际货币基金组织数据公布特殊标准", "IMF Special Data Dissemination Standard"),
    ("ESS", "欧洲统计实务守则", "European Statistics Code of Practice"),
    ("UK", "英国统计实务守则", "UK Code of Practice for Statistics"),
    ("UN", "联合国官方统计基本原则", "UN Fundamental Principles of Official Statistics"),
    ("G", "通用统计业务流程模型", "Generic Statistical Business Process Model"),
)
"""What the letters of the principles stand for."""
WORDS = {
    OWN: ("自定", "our own"),
    "practice of statistical offices": ("统计机构的惯例", "practice of statistical offices"),
}
"""Sources that are no letters."""


@page("about/governance/", "governance")
def governance(request: HttpRequest, language: Language) -> Shown:
    """The last self-test, line by line; before the first one the requirements alone."""
    row = selftest.last()
    lines = selftest.lines_of(row) if row else []
    counts = Counter(line.outcome for line in lines)
    side = 0 if language == "zh" else 1
    found = {line.number: line for line in lines}
    context: dict[str, Any] = {
        "row": row,
        "counts": [
            {"words": words[side], "mark": MARKS[outcome], "count": counts[outcome]}
            for outcome, words in selftest.OUTCOMES.items()
        ],
        "failed": [number for number, line in found.items() if line.outcome == selftest.FAILED],
        "total": len(FEATURES),
        "lines": [_line(number, found.get(number), language) for number in FEATURES],
        "principles": [(letters, zh if language == "zh" else en) for letters, zh, en in PRINCIPLES],
        "json": where("governance_json", language),
    }
    return Shown("site/governance.html", say("治理自检", "Governance self-test"), context)


def _line(number: int, found: selftest.Line | None, language: Language) -> dict[str, Any]:
    one = FEATURES[number]
    zh = language == "zh"
    out = {
        "number": number,
        "name": one.zh if zh else one.en,
        "principle": say(*WORDS[one.source]) if one.source in WORDS else one.source,
        "detail": "",
        "words": "–",
        "mark": "",
    }
    if found is not None:
        out["detail"] = found.detail_zh if zh else found.detail_en
        out["words"] = selftest.OUTCOMES[found.outcome][0 if zh else 1]
        out["mark"] = MARKS[found.outcome]
    return out


@page("about/governance.json", "governance_json")
def governance_json(request: HttpRequest, language: Language) -> HttpResponse:
    """The same for programs, in both languages at either address; no lines before the first self-test."""
    row = selftest.last()
    content = {
        "at": write_instant(row.at) if row else None,
        "version": row.version if row else None,
        "passed": row.passed if row else None,
        "failed": row.failed if row else None,
        "simulated": bool((market := Market.objects.first()) and market.simulated),
        "outcomes": {name: {"zh": zh, "en": en} for name, (zh, en) in selftest.OUTCOMES.items()},
        "lines": row.lines if row else [],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    headers = {"Cache-Control": ASK_AGAIN, "Content-Language": "zh-Hans, en"}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
