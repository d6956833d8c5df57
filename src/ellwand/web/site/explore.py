"""Compare and rebase: several series in one chart and table. The whole view is in its address, and nowhere else."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from ellwand.office.screens.words import say
from ellwand.production.report.facts import Floats, Series
from ellwand.production.report.view import View
from ellwand.web.answers import told
from ellwand.web.moments import Moment, moment
from ellwand.web.problems import ProblemError, unknown_code
from ellwand.web.site import charts, picture, provenance
from ellwand.web.site.figures import view
from ellwand.web.site.page import TAGS, Language, Shown, page, where

MOST = 6
"""Lines of one chart; more can't be told apart."""
KNOWN = ("series", "show", "base", "from", "to", "vintage", "asOf")
LEVEL = "level"


@dataclass(frozen=True)
class Measure:
    """What of the series is shown. percent : whether it is a change in per cent."""

    zh: str
    en: str
    of: Callable[[Series], Floats]
    percent: bool = True


MEASURES: dict[str, Measure] = {
    LEVEL: Measure("指数（点）", "Level, in points", lambda one: one.index, False),
    "previous": Measure("较上期（%）", "Change on the previous issue, %", lambda one: one.change_previous),
    "year_start": Measure("较年初（%）", "Change on the start of the year, %", lambda one: one.change_year_start),
    "last_year": Measure("较上年同期（%）", "Change on a year before, %", lambda one: one.change_last_year),
}
"""What can be shown, by its name in an address."""


@dataclass(frozen=True)
class Asked:
    """A view. base : period that is made 100, "" for the levels as published. first, last : places of the periods."""

    series: tuple[Series, ...]
    show: str
    base: str
    first: int
    last: int

    @property
    def measure(self) -> Measure:
        """What is shown."""
        return MEASURES[self.show]


def wrong(field: str, value: str, rule: tuple[str, str], remedy: tuple[str, str]) -> ProblemError:
    """A value of the address that is not right."""
    return ProblemError("invalid-value", field=field, value=value, rule=rule, remedy=remedy)


def tidy(request: HttpRequest) -> str | None:
    """The query as it is written once: series in one list, nothing empty. None where it is so already.

    ProblemError for a parameter that is not known.
    """
    given = request.GET
    for name in given:
        if name not in KNOWN:
            raise ProblemError(
                "unknown-parameter", field=name, value=given[name],
                rule=("不认识这个参数", "is not known"),
                remedy=(f"可用的参数：{'、'.join(KNOWN)}", f"there are {', '.join(KNOWN)}"),
            )  # fmt: skip
    codes = [c.strip() for text in given.getlist("series") for c in text.split(",") if c.strip()]
    wanted = {"series": ",".join(dict.fromkeys(codes))}
    wanted |= {name: given[name].strip() for name in KNOWN[1:] if given.get(name, "").strip()}
    if wanted.get("show") == LEVEL:
        del wanted["show"]
    if "show" in wanted:
        # A base has no meaning for changes.
        wanted.pop("base", None)
    wanted = {name: value for name, value in wanted.items() if value}
    text = urlencode(wanted, safe=",")
    return None if text == urlencode(list(given.lists()), doseq=True, safe=",") else text


def asked(request: HttpRequest, shown: View) -> Asked:
    """The view that an address names. ProblemError says which of its values is not right."""
    facts = shown.facts
    by_code = {s.code: s for s in facts.series}
    codes = [c for c in request.GET.get("series", "").split(",") if c]
    if len(codes) > MOST:
        raise ProblemError(
            "too-much", field="series", value=f"{len(codes)} series",
            rule=(f"一张图最多 {MOST} 条线", f"one chart holds {MOST} lines at most"),
            remedy=("减少几条，或用接口和文件", "leave some out, or take the interface or the files"),
        )  # fmt: skip
    for code in codes:
        if code not in by_code:
            raise unknown_code("series", code)
    series = tuple(by_code[c] for c in codes) or (facts.total, *facts.at_level(1))[:MOST]
    show = request.GET.get("show", LEVEL)
    if show not in MEASURES:
        names = ", ".join(MEASURES)
        raise wrong("show", show, ("不认识", "is not known"), (f"可用：{names}", f"there are {names}"))
    first, last = _place(request, shown, "from", 0), _place(request, shown, "to", facts.last)
    if first > last:
        raise ProblemError(
            "reversed-range", field="to", value=facts.periods[last],
            rule=(f"早于 from {facts.periods[first]}", f"lies before from {facts.periods[first]}"),
            remedy=("交换两个值", "exchange the two"),
        )  # fmt: skip
    base = request.GET.get("base", "")
    if base:
        at = _place(request, shown, "base", 0)
        for one in series:
            if not np.isfinite(one.index[at]):
                name = shown.words.name(one)
                there = [facts.periods[t] for t in np.flatnonzero(np.isfinite(one.index)).tolist()]
                span = f"{there[0]} … {there[-1]}" if there else "–"
                raise wrong(
                    "base", base, (f"{name}在这一期没有数字", f"{name} has no figure in that period"),
                    (f"在 {span} 中选一期", f"choose one of {span}"),
                )  # fmt: skip
    return Asked(series, show, base, first, last)


def _place(request: HttpRequest, shown: View, field: str, default: int) -> int:
    label = request.GET.get(field, "")
    periods = shown.facts.periods[: shown.facts.last + 1]
    if not label:
        return default
    if label not in periods:
        span = f"{periods[0]} … {periods[-1]}"
        raise wrong(field, label, ("不在图中的时期之内", "is none of the periods shown"),
                    (f"在 {span} 中选一期", f"choose one of {span}"))  # fmt: skip
    return periods.index(label)


def values(shown: View, what: Asked, one: Series) -> Floats:
    """What is shown of a series, over the whole span of the facts."""
    found = what.measure.of(one)
    if what.base:
        found = found / one.index[shown.facts.periods.index(what.base)] * 100
    return found


def written(shown: View, what: Asked, value: float) -> str:
    """A value as text, rounded once."""
    return shown.words.signed(value) if what.measure.percent else shown.words.level(value)


def chart(shown: View, what: Asked, tools: tuple[tuple[str, str], ...] = ()) -> charts.Chart:
    """The chart of a view."""
    words, facts = shown.words, shown.facts
    span = slice(what.first, what.last + 1)
    lines = []
    for one in what.series:
        line = np.where(np.arange(len(facts.periods)) <= what.last, values(shown, what, one), np.nan)[what.first :]
        said = tuple(charts.said(shown, one, t) for t in range(what.first, len(facts.periods)))
        texts = tuple(written(shown, what, float(v)) for v in line)
        lines.append(charts.Drawn(words.name(one), line, texts, said))
    measure = what.measure.zh if shown.language == "zh" else what.measure.en
    if what.base:
        measure = say("指数，{p} = 100", "Index, {p} = 100", p=words.period(what.base))
    elif not what.measure.percent:
        measure = say("指数，{p} = {at}", "Index, {p} = {at}", p=shown.base, at=shown.at)
    names = words.names([words.name(one) for one in what.series])
    sub = say(
        "{measure}，{first} 至 {last}。纵轴不从零开始。缺期留空，不连线。",
        "{measure}, {first} to {last}. The axis does not start at zero. A period without an issue is a gap.",
        measure=measure, first=words.period(facts.periods[span.start]), last=words.period(facts.periods[what.last]),
    )  # fmt: skip
    ends = [
        f"{words.name(one)} {written(shown, what, float(values(shown, what, one)[what.last]))}" for one in what.series
    ]
    period = words.period(facts.periods[what.last])
    stop = "：" if shown.language == "zh" else ": "
    return charts.Chart(
        ",".join(one.code for one in what.series), names, sub, tuple(lines), tools=tools, first=what.first,
        digits=words.change_digits if what.measure.percent else words.level_digits,
        reading=f"{period}{stop}{('，' if shown.language == 'zh' else ', ').join(ends)}",
    )  # fmt: skip


@page("explore/", "explore")
def explore(request: HttpRequest, language: Language) -> Shown | HttpResponseBase:
    """The form, the table and the chart of a view."""
    if (query := tidy(request)) is not None:
        return redirect(where("explore", language) + (f"?{query}" if query else ""))
    seen = _seen(request)
    shown = view(language, seen)
    if shown is None:
        return Shown("site/explore.html", say("比较与换基", "Compare and rebase"), {"next": seen.next})
    what = asked(request, shown)
    facts, words = shown.facts, shown.words
    same = request.GET.urlencode(safe=",")
    suffix = f"?{same}" if same else ""
    pinned = request.GET.copy()
    pinned["vintage"] = provenance.vintage(seen).code
    pinned.pop("asOf", None)
    address = f"{where('explore', language)}?{pinned.urlencode(safe=',')}"
    tools = (
        (say("下载 SVG", "SVG"), where("explore_chart", language) + suffix),
        (say("下载 CSV", "CSV"), where("explore_csv", language) + suffix),
    )
    columns = [values(shown, what, one) for one in what.series]
    rows = [
        {"period": facts.periods[t], "figures": [written(shown, what, float(v[t])) for v in columns]}
        for t in range(what.last, what.first - 1, -1)
        if np.isfinite(facts.total.index[t])
    ]
    context: dict[str, Any] = {
        "chart": charts.figure(shown, chart(shown, what, tools), 420),
        "rows": rows,
        "heads": [(words.name(s), where("series", language, code=s.code)) for s in what.series],
        "chosen": [(s.code, words.name(s)) for s in what.series],
        "classes": [(s.code, "\u2003" * s.level + words.name(s)) for s in facts.series if s not in what.series],
        "measures": [(k, m.zh if language == "zh" else m.en, k == what.show) for k, m in MEASURES.items()],
        "periods": [(p, p == what.base) for p in reversed(facts.periods[: facts.last + 1])],
        "starts": [(p, t == what.first) for t, p in enumerate(facts.periods[: facts.last + 1])],
        "ends": [(p, t == what.last) for t, p in reversed(list(enumerate(facts.periods[: facts.last + 1])))],
        "keep": [(name, request.GET[name]) for name in ("vintage", "asOf") if name in request.GET],
        "rebased": what.base,
        "most": MOST,
        "full": len(what.series) >= MOST,
        "pinned": (address, request.build_absolute_uri(address)),
    }
    return Shown("site/explore.html", say("比较与换基", "Compare and rebase"), context)


def _seen(request: HttpRequest) -> Moment:
    return moment(request.GET.get("asOf"), request.GET.get("vintage"))


def _found(request: HttpRequest, language: Language) -> tuple[Moment, View, Asked]:
    tidy(request)
    seen = _seen(request)
    shown = view(language, seen)
    if shown is None:
        raise unknown_code("series", request.GET.get("series", ""))
    return seen, shown, asked(request, shown)


@page("explore/data.csv", "explore_csv")
def explore_csv(request: HttpRequest, language: Language) -> HttpResponse:
    """The table of a view as CSV, one column a series, UTF-8; a head of comments names the source."""
    seen, shown, what = _found(request, language)
    source = provenance.source(request, shown, seen, "", where("explore", language), language)
    out = io.StringIO()
    measure = what.measure.zh if language == "zh" else what.measure.en
    for line in (source.line, f"{measure}{f'; {what.base} = 100' if what.base else ''}"):
        out.write(f"# {line}\r\n")
    writer = csv.writer(out)
    writer.writerow(["period", *(s.code for s in what.series)])
    columns = [values(shown, what, s) for s in what.series]
    for t in range(what.first, what.last + 1):
        if np.isfinite(shown.facts.total.index[t]):
            figures = [written(shown, what, float(c[t])) for c in columns]
            plain = ["" if f == "–" else f.replace("−", "-").replace(",", "") for f in figures]
            writer.writerow([shown.facts.periods[t], *plain])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="compare.csv"'
    told(answer, seen)
    return answer


@page("explore/chart.svg", "explore_chart")
def explore_chart(request: HttpRequest, language: Language) -> HttpResponse:
    """The chart of a view as a picture of its own."""
    seen, shown, what = _found(request, language)
    drawn = chart(shown, what)
    source = provenance.source(request, shown, seen, "", where("explore", language), language)
    body = charts.drawing(shown, drawn, picture.WIDTH - 2 * picture.SIDE, picture.HEIGHT)
    text = picture.sheet(body, drawn.title, drawn.sub, [source.line], TAGS[language])
    answer = HttpResponse(text, content_type="image/svg+xml; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="compare.svg"'
    told(answer, seen)
    return answer
