"""Charts: a still picture in the page, drawn on the server, with what the reader's cursor says of every point.

A chart is the same whether scripts run or not; with them it gains a cursor, and Apache ECharts when asked for. Its data
stand in the page as texts that were rounded once, so that no script rounds again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from ellwand.production.report import svg
from ellwand.production.report.facts import Floats, Series, streak
from ellwand.production.report.markup import Markup, join, tag
from ellwand.production.report.view import NARROW, WIDE, View, both_widths, reading
from ellwand.production.report.words import MONTHS
from ellwand.web import words as plain

ZH_MONTHS = tuple(f"{month}月" for month in range(1, 13))
EN_MONTHS = tuple(month[:3] for month in MONTHS)


@dataclass(frozen=True)
class Drawn:
    """A line of a chart: the series, its values, and what the cursor says of each. said : level and change as texts."""

    name: str
    values: Floats
    levels: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """All of a chart. title : its finding. sub : measure, base and span. tools : words and addresses of its files."""

    key: str
    title: str
    sub: str
    lines: tuple[Drawn, ...]
    band: tuple[Floats, Floats] | None = None
    weak: np.ndarray | None = None
    marks: tuple[svg.Mark, ...] = ()
    tools: tuple[tuple[str, str], ...] = ()
    digits: int = 2
    first: int = 0
    reading: str = field(default="")


def title_of(shown: View, one: Series) -> str:
    """The finding of a series in a sentence; its name alone where the newest issue has no figure of it."""
    words, last = shown.words, shown.facts.last
    change, year = float(one.change_previous[last]), float(one.change_last_year[last])
    if not np.isfinite(one.index[last]) or not np.isfinite(change):
        return words.name(one)
    if one is shown.facts.total:
        return words.finding(one, last, streak(one, last, words.change_digits))
    name, now = words.name(one), words.percent(change, sign=True)
    if not np.isfinite(year):
        return plain.said("{name}：较上期 {now}", "{name}: {now} on the previous issue", name=name, now=now)
    then = words.percent(year, sign=True)
    zh, en = "{name}：较上期 {now}，较上年同期 {then}", "{name}: {now} on the previous issue, {then} on a year before"
    return plain.said(zh, en, name=name, now=now, then=then)


def of_series(
    shown: View, one: Series, *, tools: Sequence[tuple[str, str]] = (), revised: Sequence[str] = (),
    methods: Sequence[tuple[str, str]] = (),
) -> Chart | None:  # fmt: skip
    """The chart of a series over all its issues; None where it has no figure.

    revised : periods whose figure was corrected. methods : first period and name of each further version of the method.
    """
    words, facts, last = shown.words, shown.facts, shown.facts.last
    if not np.isfinite(one.index).any():
        return None
    sub = words(
        "total_sub", base=shown.base, at=shown.at, every=words.by_kind("every"),
        first=words.period(facts.periods[0]), last=words.period(facts.periods[last]),
    )  # fmt: skip
    if one is not facts.total:
        # The sentence of the report speaks of the total.
        sub = (
            plain.said("{name}指数", "{name} index", name=words.name(one))
            + sub[sub.index("，" if "，" in sub else ",") :]
        )
    gap = "" if shown.language == "zh" else " "
    band = (one.low, one.high) if np.isfinite(one.low[last]) else None
    if band:
        sub += gap + words("band_sub", level=shown.coverage)
    weak = np.array([grade == "C" for grade in one.grade])
    if weak.any():
        sub += gap + plain.said("虚线处可靠性低（C 级）。", "Dashed where reliability is low (grade C).")
    place = {period: t for t, period in enumerate(facts.periods)}
    corrected = plain.said("已更正", "corrected")
    marks = [svg.Mark(place[p], "corrected", corrected) for p in revised if p in place]
    marks += [svg.Mark(place[p], "method", name) for p, name in methods if p in place]
    drawn = Drawn(
        words.name(one), one.index, tuple(words.level(float(v)) for v in one.index),
        tuple(said(shown, one, t, corrected if p in revised else "") for t, p in enumerate(facts.periods)),
    )  # fmt: skip
    return Chart(
        one.code, title_of(shown, one), sub, (drawn,), band, weak, tuple(marks), tuple(tools), words.level_digits,
        reading=reading(shown, one, last) if np.isfinite(one.index[last]) else "",
    )  # fmt: skip


def said(shown: View, one: Series, t: int, corrected: str = "") -> str:
    """What the cursor adds to a level: the change, the interval, and what is unusual about it.

    corrected : the word for a figure that was corrected, empty for one that was not.
    """
    words, zh = shown.words, shown.language == "zh"
    if not isfinite(one.index[t]):
        return words(f"status_{one.status[t]}")
    parts: list[str] = []
    if isfinite(one.change_previous[t]):
        change = words.percent(float(one.change_previous[t]), sign=True)
        parts.append(f"较上期 {change}" if zh else f"{change} on the previous issue")
    if isfinite(one.low[t]):
        low, high = words.level(float(one.low[t])), words.level(float(one.high[t]))
        parts.append(f"区间 {low} 至 {high}" if zh else f"interval {low} to {high}")
    if one.grade[t] in ("C", "S"):
        parts.append(f"{one.grade[t]} 级" if zh else f"grade {one.grade[t]}")
    if corrected:
        parts.append(corrected)
    return ("，" if zh else ", ").join(parts)


def drawings(shown: View, chart: Chart, height: float) -> list[tuple[str, Markup]]:
    """The picture for wide and for narrow screens."""
    return [
        (kind, drawing(shown, chart, width, tall))
        for kind, width, tall in (("wide", WIDE, height), ("narrow", NARROW, min(height, 280.0)))
    ]


def drawing(shown: View, chart: Chart, width: float, height: float) -> Markup:
    """The picture in a size."""
    several = len(chart.lines) > 1
    kinds = tuple(svg.HUES) if several else ("main",)
    named = several and width > NARROW
    lines = [
        svg.Line(one.name if named else "", one.values, kind) for one, kind in zip(chart.lines, kinds, strict=False)
    ]
    months = ZH_MONTHS if shown.language == "zh" else EN_MONTHS
    return svg.line_chart(
        shown.facts.days[chart.first :], lines, width=width, height=height, title=f"{chart.title}. {chart.sub}",
        key=chart.key, simulated=shown.amber, band=chart.band, digits=chart.digits, weak=chart.weak,
        marks=chart.marks, months=months, year_word="{year}年" if shown.language == "zh" else "{year}",
    )  # fmt: skip


def figure(shown: View, chart: Chart | None, height: float = 360, name: str = "chart") -> Markup:
    """The chart as it stands in a page; empty without one. name : id of its title."""
    if chart is None:
        return Markup("")
    tools = [tag("a", words, href=address) for words, address in chart.tools]
    return tag(
        "figure",
        tag("figcaption", tag("h2", chart.title, class_="chart-title", id=name), tag("p", chart.sub, class_="sub")),
        key(chart),
        tag("div", both_widths(drawings(shown, chart, height)), class_="plot"),
        tag("p", chart.reading, class_="reading", aria_live="polite"),
        # The scripts put their buttons here; the room for them is there from the first.
        tag("p", *(join(tool, " ") for tool in tools), class_="tools"),
        class_="chart block", data_points=data(shown, chart),
    )  # fmt: skip


def key(chart: Chart) -> Markup | None:
    """Which line is which, for several; the picture names them too where there is room."""
    if len(chart.lines) < 2:
        return None
    entries = []
    for one, (kind, (hue, dashes)) in zip(chart.lines, svg.HUES.items(), strict=False):
        line = tag("path", d="M0 6H28", class_=f"line {kind}", fill="none", stroke=hue, stroke_width=2,
                   stroke_dasharray=dashes or None)  # fmt: skip
        entries.append(tag("li", svg.picture(28, 12, "swatch", "", line), " ", one.name))
    return tag("ul", *entries, class_="key")


def data(shown: View, chart: Chart) -> str:
    """What the scripts of a chart read: days, periods in words, and of every line name, levels and what is said."""
    words, facts = shown.words, shown.facts
    held = {
        "name": chart.key.replace(",", "-"),
        "days": [int(day) for day in facts.days[chart.first :]],
        "periods": [words.period(period) for period in facts.periods[chart.first :]],
        "lines": [{"name": one.name, "levels": one.levels, "said": one.said} for one in chart.lines],
        "simulated": shown.amber,
        "words": {
            "role": words("chart_role"),
            "keys": words("keys"),
            "png": plain.said("下载 PNG", "PNG"),
            "open": plain.said("交互查看", "Open interactive chart"),
            "close": plain.said("回到静态图", "Back to the still chart"),
            "failed": plain.said("交互图没有加载成功，静态图和表格仍可使用。",
                          "The interactive chart did not load; the still one and the table stay."),
            "join": "：" if shown.language == "zh" else ": ",
            "comma": "，" if shown.language == "zh" else ", ",
        },
    }  # fmt: skip
    if chart.band:
        held["low"], held["high"] = (
            [None if not np.isfinite(v) else round(float(v), 4) for v in limit] for limit in chart.band
        )
    return json.dumps(held, ensure_ascii=False, separators=(",", ":"))
