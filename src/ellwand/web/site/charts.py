"""Charts as still pictures, drawn on the server: the finding as title, measure and base below it, the last reading."""

import numpy as np

from ellwand.office.screens.words import say
from ellwand.production.report import svg
from ellwand.production.report.facts import Series, streak
from ellwand.production.report.markup import Markup, tag
from ellwand.production.report.view import NARROW, WIDE, View, both_widths, reading


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
        return str(say("{name}：较上期 {now}", "{name}: {now} on the previous issue", name=name, now=now))
    then = words.percent(year, sign=True)
    zh, en = "{name}：较上期 {now}，较上年同期 {then}", "{name}: {now} on the previous issue, {then} on a year before"
    return str(say(zh, en, name=name, now=now, then=then))


def still(shown: View, one: Series, height: float = 360) -> Markup:
    """The picture of a series over all its issues, with its interval as a band. Empty where it has no figure."""
    words, facts, last = shown.words, shown.facts, shown.facts.last
    if not np.isfinite(one.index).any():
        return Markup("")
    title = title_of(shown, one)
    sub = words(
        "total_sub", base=shown.base, at=shown.at, every=words.by_kind("every"),
        first=words.period(facts.periods[0]), last=words.period(facts.periods[last]),
    )  # fmt: skip
    if one is not facts.total:
        # The sentence of the report speaks of the total.
        sub = sub.replace(words.name(facts.total), words.name(one), 1)
    band = (one.low, one.high) if np.isfinite(one.low[last]) else None
    if band:
        sub += ("" if shown.language == "zh" else " ") + words("band_sub", level=shown.coverage)
    drawings = [
        (
            kind,
            svg.line_chart(facts.days, [svg.Line("", one.index)], width=width, height=tall, title=f"{title}. {sub}",
                           key=one.code, simulated=shown.amber, band=band, digits=words.level_digits),
        )
        for kind, width, tall in (("wide", WIDE, height), ("narrow", NARROW, min(height, 280.0)))
    ]  # fmt: skip
    return tag(
        "figure",
        tag("figcaption", tag("h2", title, class_="chart-title"), tag("p", sub, class_="sub")),
        tag("div", both_widths(drawings), class_="still"),
        tag("p", reading(shown, one, last), class_="reading") if np.isfinite(one.index[last]) else None,
        class_="block",
    )  # fmt: skip
