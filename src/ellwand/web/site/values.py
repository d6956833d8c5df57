"""The value block: what a reader of an index looks at first, and what he needs to judge it."""

from typing import Any

import numpy as np

from ellwand.office.approvals import corrections
from ellwand.office.screens.words import say
from ellwand.production.report import svg
from ellwand.production.report.facts import Series, drivers
from ellwand.production.report.headline import grade_mark
from ellwand.production.report.markup import Markup, join, tag
from ellwand.production.report.tree import status
from ellwand.production.report.view import View, arrow
from ellwand.web.site.page import Language, where

Row = tuple[str, Markup | str]


def block(shown: View, one: Series, language: Language) -> dict[str, Any]:
    """What `site/value.html` shows of a series in its newest issue."""
    words, last = shown.words, shown.facts.last
    period = shown.facts.periods[last]
    return {
        "series": one.series,
        "name": words.name(one),
        "pattern": pattern(shown, one),
        "family": words.by_kind("family"),
        "period": words.period(period),
        "span": words.span(period),
        "level": words.level(float(one.index[last])),
        "suppressed": "" if np.isfinite(one.index[last]) else status(shown, one, last),
        "changes": changes(shown, one),
        "why": why(shown, one),
        "rows": rows(shown, one, language),
        "corrections": of(one.series, period),
    }


def pattern(shown: View, one: Series) -> str:
    """The full name by the pattern of all series: what, how often, where, base and unit."""
    name, market, base = shown.words.name(one), shown.background.market(shown.language), shown.base
    every = shown.words.by_kind("every")
    return say(
        "{name}价格指数，{market}，{every}，{base} = {at}，单位：点",
        "{name}, price index of {market}, {every}, {base} = {at}, in points",
        name=name, market=market, every=every, base=base, at=shown.at,
    )  # fmt: skip


def changes(shown: View, one: Series) -> list[Row]:
    """The three changes with their arrows: on the previous issue, on the start of the year, on a year before."""
    words, last = shown.words, shown.facts.last
    given = (
        ("previous", one.change_previous, bool(one.clear[last])),
        ("year_start", one.change_year_start, True),
        ("last_year", one.change_last_year, True),
    )
    return [
        (
            words(key),
            arrow(shown, float(values[last]), percent=True, clear=clear)
            if np.isfinite(values[last])
            else tag("small", words("no_year")),
        )
        for key, values, clear in given
    ]


def why(shown: View, one: Series) -> str:
    """The sentences that say what pulled and what restrained a series; empty where it has no parts."""
    words, facts, last = shown.words, shown.facts, shown.facts.last
    way = words.way(float(one.change_previous[last]))
    parts = facts.at_level(1) if one is facts.total else facts.children(one)
    driving = drivers(parts, last, way)
    if one is facts.total:
        return words.why(one, driving, last)
    up, down = ("pulled", "restrained") if way >= 0 else ("restrained", "pulled")
    said = []
    for key, classes in ((up, driving.pulled), (down, driving.restrained)):
        if classes:
            listed = [
                words("driver", name=words.name(c), points=words.signed(float(c.contribution[last]), 3))
                for c in classes
            ]
            said.append(words(key, names=words.names(listed)))
    return ("" if shown.language == "zh" else " ").join(said)


def rows(shown: View, one: Series, language: Language) -> list[Row]:
    """What a reader needs to judge a figure: intervals, range, grade, counts, base, method."""
    words, last, back = shown.words, shown.facts.last, shown.background
    found = [*_spans(shown, one)]
    share = float(one.imputed_share[last])
    counts = words("matched_text", count=words.count(int(one.matched[last])), units=words.count(int(one.units[last])))
    edited = words(
        "edited_text",
        excluded=words.count(int(one.excluded[last])),
        corrected=words.count(int(one.corrected[last])),
    )
    title = back.method.title_zh if language == "zh" else back.method.title_en
    method = words("method_text", title=title or back.method.name, version=back.method.version)
    return [
        *found,
        (words("grade"), grade_mark(shown, one, last, words_too=True)),
        (words("matched"), counts),
        (words("edited"), edited),
        (words("imputed_share"), words.percent(100 * share, 1) if np.isfinite(share) else "–"),
        (words("base"), words("base_text", period=shown.base, level=shown.at)),
        (words("method"), tag("a", method, href=where("method", language, digest=back.method_digest))),
    ]


def _spans(shown: View, one: Series) -> list[Row]:
    """The interval of the level on the range of a year, that of the change beside 0, and the range in figures."""
    words, facts, last = shown.words, shown.facts, shown.facts.last
    recent = one.index[shown.recent()]
    if not np.isfinite(recent).any():
        return []
    low, high = float(np.nanmin(recent)), float(np.nanmax(recent))
    found: list[Row] = []
    if np.isfinite(one.low[last]):
        below, above = float(one.low[last]), float(one.high[last])
        limits = (min(low, below), max(high, above))
        bar = svg.interval_bar(
            below, float(one.index[last]), above, limits, simulated=facts.simulated, rule=True, width=168
        )
        said = words("interval_text", low=words.level(below), high=words.level(above))
        found.append((words("interval_level", level=shown.coverage), join(bar, tag("span", said))))
    if np.isfinite(one.change_low[last]):
        below, above = float(one.change_low[last]), float(one.change_high[last])
        widest = max(abs(below), abs(above))
        bar = svg.interval_bar(
            below, float(one.change_previous[last]), above, (-widest, widest), simulated=facts.simulated,
            rule=True, width=168,
        )  # fmt: skip
        said = words("interval_text", low=words.percent(below, sign=True), high=words.percent(above, sign=True))
        found.append((words("interval_change", level=shown.coverage), join(bar, tag("span", said))))
    reach = words("range_text", low=words.level(low), high=words.level(high))
    issues = min(shown.window, int(np.isfinite(recent).sum()))
    found.append((words("range", count=str(issues)), reach))
    return found


def of(series: str, period: str) -> list[dict[str, Any]]:
    """The public corrections that changed a figure of a series in a period, the newest first."""
    return [
        row for row in corrections.log() if any(c["series"] == series and c["period"] == period for c in row["changes"])
    ]
