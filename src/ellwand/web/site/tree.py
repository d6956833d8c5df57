"""Index classification: the whole tree with levels, changes and contributions, and a page for every series."""

from typing import Any

import numpy as np
from django.http import Http404, HttpRequest

from ellwand.office.record import reading
from ellwand.office.screens.words import say
from ellwand.production.report.facts import Series
from ellwand.production.report.headline import grade_mark
from ellwand.production.report.tree import status, strip
from ellwand.production.report.view import View, arrow
from ellwand.web.site import tables
from ellwand.web.site.charts import still
from ellwand.web.site.figures import view
from ellwand.web.site.page import Language, Shown, page, where

ROWS = 54
"""Issues in the table of a series' page; the files hold all."""


@page("index/", "index")
def index(request: HttpRequest, language: Language) -> Shown:
    """The tree of classes."""
    shown = view(language)
    context: dict[str, Any] = {"tree": None}
    if shown is not None:
        finding, cloth = strip(shown)
        period = shown.words.period(shown.facts.periods[shown.facts.last])
        context = {"finding": finding, "cloth": cloth, "tree": tables.tree(shown, language), "period": period}
    return Shown("site/index.html", say("指数分类", "Index classification"), context)


@page("index/<str:code>/", "series")
def series(request: HttpRequest, language: Language, code: str) -> Shown:
    """One series: value, chart, table, parts, and the releases that its figures come from."""
    shown = view(language)
    one = None if shown is None else next((s for s in shown.facts.series if s.code == code), None)
    if shown is None or one is None:
        raise Http404
    last = shown.facts.last
    figures = reading.figures([one.series])
    revised = {f.observation.period for f in figures if f.revised}
    released = {f.observation.period: f.release for f in figures}
    period = shown.facts.periods[last]
    context: dict[str, Any] = {
        "one": one,
        "name": shown.words.name(one),
        "code": code,
        "period": shown.words.period(period),
        "level": shown.words.level(float(one.index[last])),
        "changes": [
            (say("较上期", "on the previous issue"), arrow(shown, float(one.change_previous[last]), percent=True)),
            (say("较年初", "on the start of the year"), arrow(shown, float(one.change_year_start[last]), percent=True)),
            (say("较上年同期", "on a year before"), arrow(shown, float(one.change_last_year[last]), percent=True)),
        ],
        "grade": grade_mark(shown, one, last, words_too=True),
        "status": status(shown, one, last),
        "matched": shown.words.count(int(one.matched[last])),
        "units": shown.words.count(int(one.units[last])),
        "excluded": shown.words.count(int(one.excluded[last])),
        "interval": _interval(shown, one, last),
        "chart": still(shown, one),
        "rows": _rows(shown, one, revised, released),
        "parts": [_part(shown, child, language) for child in shown.facts.children(one)],
        "above": _above(shown, one, language),
        "release": released.get(period),
        "method": shown.background.method_digest,
        "decimals": shown.words.level_digits,
    }
    return Shown("site/series.html", f"{context['name']} {context['period']}", context)


def _interval(shown: View, one: Series, t: int) -> str:
    if not np.isfinite(one.low[t]):
        return ""
    return f"{shown.words.level(float(one.low[t]))} – {shown.words.level(float(one.high[t]))}"


def _rows(shown: View, one: Series, revised: set[str], released: dict[str, Any]) -> list[dict[str, Any]]:
    """The issues of a series, the newest first."""
    words, out = shown.words, []
    for t in range(shown.facts.last, max(shown.facts.last - ROWS, -1), -1):
        period = shown.facts.periods[t]
        if period not in released:
            continue
        out.append(
            {
                "period": period,
                "level": words.level(float(one.index[t])),
                "changes": [
                    arrow(shown, float(c[t]))
                    for c in (one.change_previous, one.change_year_start, one.change_last_year)
                ],
                "interval": _interval(shown, one, t),
                "grade": one.grade[t],
                "matched": words.count(int(one.matched[t])),
                "status": "" if one.status[t] == "observed" else status(shown, one, t),
                "revised": period in revised,
                "release": released[period],
            }
        )
    return out


def _part(shown: View, child: Series, language: Language) -> dict[str, Any]:
    last, words = shown.facts.last, shown.words
    return {
        "name": words.name(child),
        "code": child.code,
        "address": where("series", language, code=child.code),
        "weight": words.figure(100 * float(child.weight[last]), 2),
        "level": words.level(float(child.index[last])),
        "change": arrow(shown, float(child.change_previous[last])),
        "contribution": words.signed(float(child.contribution[last]), 3),
        "grade": child.grade[last],
    }


def _above(shown: View, one: Series, language: Language) -> list[tuple[str, str]]:
    """The classes above a series, the total first: name and address."""
    by_code = {s.code: s for s in shown.facts.series}
    out: list[tuple[str, str]] = []
    while one.parent and one.parent in by_code:
        one = by_code[one.parent]
        out.append((shown.words.name(one), where("series", language, code=one.code)))
    return list(reversed(out))
