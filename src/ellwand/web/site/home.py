"""The home page: the latest figures, what moved and why, and when the next release comes."""

import re
from typing import Any

from django.http import HttpRequest

from ellwand.engine.errors import DataError
from ellwand.office.approvals import corrections
from ellwand.office.record import reading
from ellwand.office.record.models import Release
from ellwand.office.screens.words import say
from ellwand.production.report.tree import strip
from ellwand.web.site import charts, tables, values
from ellwand.web.site.comments_ import blocks, text_of
from ellwand.web.site.families import FAMILIES
from ellwand.web.site.figures import view
from ellwand.web.site.page import Language, Shown, page, where
from ellwand.web.site.series import share

SENTENCES = 3
"""Sentences of the comment that the home page shows."""


@page("", "home")
def home(request: HttpRequest, language: Language) -> Shown:
    """The home page. Before the first release it says when that comes."""
    shown, last = view(language), reading.latest()
    context: dict[str, Any] = {
        "next": reading.next_issue(),
        "overdue": reading.overdue(),
        "last": last,
    }
    if shown is not None and last is not None:
        total = shown.facts.total
        finding, cloth = strip(shown)
        tools = [
            (say("全部数字", "All figures"), where("series", language, code=total.code)),
            (say("下载 SVG", "SVG"), where("chart", language, code=total.code)),
            (say("下载 CSV", "CSV"), f"/data/{total.code}.csv"),
            (say("比较", "Compare"), where("explore", language)),
        ]
        text = blocks(text_of(last, "price", language))
        context |= {
            "value": (value := values.block(shown, total, language)),
            "about": str(value["why"]),
            "chart": charts.figure(shown, charts.of_series(shown, total, tools=tools), 360),
            "finding": finding,
            "cloth": cloth,
            "classes": tables.classes(shown, (total, *shown.facts.at_level(1)), language, "classes-table"),
            "comment": text[0].text if text else "",
            "sentences": opening(last, language),
            "share": share(request, language, total.code, last.code),
            "corrections": corrections.log()[:3],
            "families": [f for f in FAMILIES if not f.released],
        }
    return Shown("site/home.html", say("最新指数", "The latest figures"), context)


def opening(last: Release, language: Language) -> list[str]:
    """The first sentences of a release's comment."""
    try:
        text = reading.file(last, f"texts/price.{language}.md").read_text(encoding="utf-8")
    except (DataError, OSError):
        return []
    plain = [p for p in text.split("\n\n") if p.strip() and not p.lstrip().startswith("#")]
    if not plain:
        return []
    parts = re.findall(r"[^。]+。" if language == "zh" else r".+?[.](?=\s|$)", plain[0].strip())
    return [part.strip() for part in parts[:SENTENCES]]
