"""The page of a series: value, table, chart, parts, counts, vintages, corrections, downloads, citation, embed, code."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest

from ellwand.office.approvals import corrections as fixed
from ellwand.office.record import reading
from ellwand.office.record.reading import Given
from ellwand.office.releases.build import HISTORY
from ellwand.office.screens.words import say
from ellwand.production.report import svg
from ellwand.production.report.facts import COUNTS, Series
from ellwand.production.report.view import View, arrow
from ellwand.web.moments import Moment, moment
from ellwand.web.registers import MEASURES
from ellwand.web.site import charts, issues, provenance, typeset, values
from ellwand.web.site.cite import citations
from ellwand.web.site.figures import Read, Told, read
from ellwand.web.site.page import Language, Shown, page, where
from ellwand.web.site.roles_words import approved_by
from ellwand.web.site.snippets import snippets
from ellwand.web.words import said

FIRST, ROWS = 13, 106
"""Issues in the table that is open, and in both tables together; the files hold all."""
FORMATS = (("csv", "CSV"), ("xlsx", "XLSX"), ("json", "JSON-stat"), ("px", "PC-Axis"))


def seen_of(request: HttpRequest) -> Moment:
    """The moment of a page: now, or as of the vintage or the instant that its address names."""
    return moment(request.GET.get("asOf"), request.GET.get("vintage"))


def found(seen: Moment, code: str) -> tuple[Read, Series]:
    """The figures and the series of an address at a moment. Http404 for a series that was not public then."""
    held = read(seen, code)
    one = None if held is None else next((s for s in held.facts.series if s.code == code), None)
    if held is None or one is None:
        raise Http404
    return held, one


@page("index/<str:code>/", "series")
def series(request: HttpRequest, language: Language, code: str) -> Shown:
    """One series."""
    seen = seen_of(request)
    held, one = found(seen, code)
    shown, told = held.view(language), held.told[one.series]
    facts, words, last = shown.facts, shown.words, shown.facts.last
    period = facts.periods[last]
    newest = told[period]
    given = provenance.vintage(seen)
    source = provenance.source(request, shown, seen, title(shown, one), where("series", language, code=code), language)
    at = issues.shown_at(shown, told, ROWS)
    tables = [
        issues.table(shown, one, told, part, label, language)
        for part, label in ((at[:FIRST], say("各期数字", "Figures by issue")),
                            (at[FIRST:], say("较早各期", "Earlier issues")))
    ]  # fmt: skip
    address = where("chart", language, code=code)
    compared = ",".join(dict.fromkeys((code, facts.total.code)))
    tools: list[tuple[str, str]] = [
        (say("下载 SVG", "SVG"), f"{address}?vintage={given.code}"),
        *((("PDF", where("chart_pdf", language, code=code) + f"?vintage={given.code}"),) if typeset.is_there() else ()),
        (say("下载 CSV", "CSV"), f"/data/{code}.csv?vintage={given.code}"),
        (say("嵌入", "Embed"), "#embed"),
        (say("引用", "Cite"), "#cite"),
        (say("订阅通知", "Alerts"), where("alerts", language) + f"?series={code}"),
        (say("比较", "Compare"), where("explore", language) + f"?series={compared}"),
    ]
    base = request.build_absolute_uri("/")
    context: dict[str, Any] = {
        "one": one,
        "value": values.block(shown, one, language),
        "above": above(shown, one, language),
        "chart": charts.figure(shown, chart_of(shown, one, held, seen, tools), 360),
        "figures": tables[0],
        "earlier": tables[1],
        "earlier_count": len(at[FIRST:]),
        "parts": [_part(shown, child, language) for child in facts.children(one)],
        "limit": words.figure(_limit(facts.children(one), last), 3),
        "counts": [(MEASURES[name][0 if language == "zh" else 1], words.count(int(getattr(one, name)[last])))
                   for name in COUNTS],
        "shares": [
            (words("imputed_share"), _share(shown, float(one.imputed_share[last]))),
            (say("停业沿用权重", "Carried weight"), _share(shown, float(one.carried_share[last]))),
            (words("weight"), words.figure(100 * float(one.weight[last]), 2)),
            (words("contribution"), words.signed(float(one.contribution[last]), 3)),
        ],
        "trace": trace(newest.release, code, language),
        "vintages": vintages(shown, one, seen) if newest.revised else [newest],
        "corrections": [c for c in fixed.log() if any(x["series"] == one.series for x in c["changes"])],
        "formats": [(label, f"/data/{code}.{ext}?vintage={given.code}") for ext, label in FORMATS],
        "api": f"/api/v1/observations?series={code}&vintage={given.code}",
        "cites": [
            (form, where("cite", language, code=code, extension=form.extension) + f"?vintage={given.code}")
            for form in citations(source, code)
        ],
        "embeds": embeds(request, language, code, given.code, title(shown, one)),
        "snippets": snippets(base, code, given.code),
        "pinned": given if "vintage" in request.GET or "asOf" in request.GET else None,
        "newer": _newer(seen),
        "last": newest.release,
        "next": seen.next,
        "about": source.line,
        "share": share(request, language, code, given.code),
    }  # fmt: skip
    return Shown("site/series.html", f"{words.name(one)} {words.period(period)}", context)


def share(request: HttpRequest, language: Language, code: str, vintage: str) -> str:
    """The whole address of the picture that stands for a page elsewhere; "" where no typesetter is installed."""
    if not typeset.is_there():
        return ""
    return request.build_absolute_uri(where("chart_png", language, code=code) + f"?vintage={vintage}")


def trace(release: Given, code: str, language: Language) -> dict[str, Any]:
    """Where the newest figure can be followed to: its release, who approved it, its method, the files that hold it."""
    made, given = reading.manifest(release), release.code
    return {
        "release": release,
        "approved": approved_by(made, language),
        "method": {"digest": release.method_digest, "words": release.method},
        "hash": made.stat_hash,
        "files": [
            (f"/data/{code}.csv?vintage={given}", say("这个系列的记录", "the record of this series")),
            (where("release_file", language, code=given, path=HISTORY), say("封存的文件", "the sealed file")),
        ],
    }


def title(shown: View, one: Series) -> str:
    """The name of a series for a citation, as it is: what shows it escapes it."""
    return said("{name}价格指数", "Price index, {name}", name=shown.words.name(one))


def chart_of(
    shown: View, one: Series, held: Read, seen: Moment, tools: Sequence[tuple[str, str]] = ()
) -> charts.Chart | None:
    """The chart of a series, with its corrections and the versions of the method."""
    revised = [period for period, told in held.told[one.series].items() if told.revised]
    methods: list[tuple[str, str]] = []
    known = ""
    for g in seen.standing.given:
        if g.withdrawn is None and g.number == 1:
            if known and g.method != known:
                methods.append((g.period, g.method))
            known = g.method
    return charts.of_series(shown, one, tools=tools, revised=revised, methods=methods)


def embeds(request: HttpRequest, language: Language, code: str, vintage: str, name: str) -> list[tuple[str, str]]:
    """What to paste into another page: a frame and a picture, both pinned to the vintage."""
    size = 'width="100%" height="520"'
    frame = request.build_absolute_uri(where("embed", language, code=code) + f"?vintage={vintage}")
    picture = request.build_absolute_uri(where("chart", language, code=code) + f"?vintage={vintage}")
    label = escape(name)
    return [
        (say("框架", "Frame"), f'<iframe src="{frame}" title="{label}" {size} loading="lazy"></iframe>'),
        (say("图片", "Picture"), f'<img src="{picture}" alt="{label}" width="1040" loading="lazy">'),
    ]  # fmt: skip


def vintages(shown: View, one: Series, seen: Moment) -> list[Told]:
    """All values that the newest period had, the first one first; one, unless it was corrected."""
    period = shown.facts.periods[shown.facts.last]
    rows = reading.points(seen.standing, ("published",), [one.code], [period], history=True)
    return [Told(level, given, revised) for (level,), given, revised in rows]


def _newer(seen: Moment) -> str:
    """The name of the newest vintage, where a reader looks at an older one; "" else."""
    now = moment()
    return now.vintage if now.vintage != seen.vintage else ""


def _share(shown: View, value: float) -> str:
    return shown.words.percent(100 * value, 1) if np.isfinite(value) else "–"


def _limit(children: tuple[Series, ...], last: int) -> float:
    return max((abs(float(c.contribution[last])) for c in children if np.isfinite(c.contribution[last])), default=0.0)


def _part(shown: View, child: Series, language: Language) -> dict[str, Any]:
    last, words = shown.facts.last, shown.words
    parent = next(s for s in shown.facts.series if s.code == child.parent)
    limit = _limit(shown.facts.children(parent), last)
    return {
        "name": words.name(child),
        "code": child.code,
        "address": where("series", language, code=child.code),
        "weight": words.figure(100 * float(child.weight[last]), 2),
        "level": words.level(float(child.index[last])),
        "change": arrow(shown, float(child.change_previous[last]), clear=bool(child.clear[last])),
        "contribution": words.signed(float(child.contribution[last]), 3),
        "bar": svg.zero_bar(float(child.contribution[last]), limit, simulated=shown.facts.simulated, width=96),
        "grade": child.grade[last],
    }


def above(shown: View, one: Series, language: Language) -> list[tuple[str, str]]:
    """The classes above a series, the total first: name and address."""
    by_code = {s.code: s for s in shown.facts.series}
    out: list[tuple[str, str]] = []
    while one.parent and one.parent in by_code:
        one = by_code[one.parent]
        out.append((shown.words.name(one), where("series", language, code=one.code)))
    return list(reversed(out))
