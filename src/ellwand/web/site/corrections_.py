"""The public log of corrections: what was wrong, why, who found it, what changed; permanent."""

from typing import Any

from django.http import HttpRequest

from ellwand.office.approvals import corrections as record
from ellwand.office.screens.words import say
from ellwand.web.site.figures import view
from ellwand.web.site.page import Language, Shown, page, where

KINDS = {
    "data": ("数据", "data"),
    "method": ("方法", "method"),
    "transcription": ("录入", "transcription"),
    "system": ("系统", "system"),
}
SIZES = {
    "minor": ("轻微：已公布的数字都不变", "minor: no published figure changes"),
    "significant": ("一般：有已公布的数字改变", "significant: a published figure changes"),
    "serious": ("严重：总指数改变", "serious: a headline figure changes"),
}
FIGURES = {
    "published": ("指数", "level"),
    "published_change_previous": ("较上期", "change on the previous issue"),
    "published_change_year_start": ("较年初", "change on the start of the year"),
    "published_change_last_year": ("较上年同期", "change on a year before"),
    "grade": ("等级", "grade"),
    "status": ("状态", "status"),
}
MOST = 60
"""Changed figures of a correction that the page lists; the interface for programs has all."""


@page("corrections/", "corrections")
def corrections(request: HttpRequest, language: Language) -> Shown:
    """All corrections, the newest first."""
    side = 0 if language == "zh" else 1
    shown = view(language)
    names = {} if shown is None else {s.series: (shown.words.name(s), s.code) for s in shown.facts.series}

    def name(series: str) -> dict[str, str]:
        words, code = names.get(series, (series, ""))
        return {"name": words, "address": where("series", language, code=code) if code else ""}

    rows: list[dict[str, Any]] = []
    for one in record.log():
        changes = [{**c, **name(c["series"]), "what": FIGURES[c["figure"]][side]} for c in one["changes"][:MOST]]
        rows.append(
            {
                **one,
                **name(one["series"]),
                "kind": KINDS[one["class"]][side],
                "size": SIZES[one["size"]][side],
                "cause": one["cause_zh"] if language == "zh" else one["cause_en"],
                "changed": changes,
                "count": len(one["changes"]),
                "hidden": max(0, len(one["changes"]) - MOST),
            }
        )
    context = {"rows": rows, "sizes": [words[side] for words in SIZES.values()]}
    return Shown("site/corrections.html", say("更正记录", "Corrections"), context)
