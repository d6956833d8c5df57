"""The first sections: the value block, the chart of the total, and the table of the level-1 classes."""

import numpy as np

from ellwand.production.report import svg
from ellwand.production.report.facts import Floats, Series, drivers, streak
from ellwand.production.report.markup import Markup, join, tag
from ellwand.production.report.view import View, arrow, cells, chart, section, table


def grade_mark(view: View, one: Series, position: int, *, words_too: bool = False) -> Markup:
    """The grade as a letter in a frame, with its meaning in words where there is room."""
    letter, q = one.grade[position], view.background.method.quality
    meaning = view.words(f"grade_{letter}", low=f"{100 * q.grade_b:g}", high=f"{100 * q.grade_c:g}") if letter else ""
    frame = tag("span", letter or "–", class_=f"grade grade-{letter.lower()}" if letter else "grade")
    return join(frame, " ", tag("span", meaning)) if words_too else frame


def value_block(view: View) -> Markup:
    """Name, level, three changes, intervals, grade, counts, and the sentences that say why."""
    facts, words, back = view.facts, view.words, view.background
    total, last = facts.total, facts.last
    period = facts.periods[last]
    changes = (
        ("previous", total.change_previous[last], bool(total.clear[last])),
        ("year_start", total.change_year_start[last], True),
        ("last_year", total.change_last_year[last], True),
    )
    way = words.way(float(total.change_previous[last]))
    why = words.why(total, drivers(facts.at_level(1), last, way), last)
    title = back.method.title_zh if view.language == "zh" else back.method.title_en
    small = [
        *_spans(view),
        (words("grade"), grade_mark(view, total, last, words_too=True)),
        (words("matched"), words("matched_text", count=words.count(int(total.matched[last])),
                                 units=words.count(int(total.units[last])))),
        (words("edited"), words("edited_text", excluded=words.count(int(total.excluded[last])),
                                corrected=words.count(int(total.corrected[last])))),
        (words("imputed_share"), words.percent(100 * float(total.imputed_share[last]), 1)),
        (words("base"), words("base_text", period=view.base, level=view.at)),
        (words("method"), tag("a", words("method_text", title=title or back.method.name, version=back.method.version),
                              href=f"#{view.ident('notes')}")),
    ]  # fmt: skip
    return tag(
        "section",
        tag("p", tag("span", words.by_kind("family"), class_="family"), tag("code", total.series), class_="over"),
        tag("h1", back.market(view.language), " ", tag("span", words.name(total)), id=view.ident("top")),
        tag("p", tag("strong", words.period(period)), " ", tag("span", words.span(period)), class_="issue"),
        tag("div",
            tag("p", tag("strong", words.level(total.index[last])), tag("span", words("points")), class_="big"),
            tag("dl", *(tag("div", tag("dt", words(key)),
                            tag("dd", arrow(view, value, percent=True, clear=clear) if np.isfinite(value)
                                else words("no_year")))
                        for key, value, clear in changes), class_="changes"),
            class_="value"),
        tag("p", why, class_="why"),
        tag("dl", *(tag("div", tag("dt", head), tag("dd", body)) for head, body in small), class_="small"),
        class_="block", aria_labelledby=view.ident("top"),
    )  # fmt: skip


def _spans(view: View) -> list[tuple[str, Markup]]:
    """The interval of the level on the range of a year, that of the change beside 0, and the range in figures."""
    facts, words, last = view.facts, view.words, view.facts.last
    total = facts.total
    recent = total.index[view.recent()]
    low, high = float(np.nanmin(recent)), float(np.nanmax(recent))
    found: list[tuple[str, Markup]] = []
    if view.has_intervals:
        below, above = float(total.low[last]), float(total.high[last])
        found.append((
            words("interval_level", level=view.coverage),
            join(svg.interval_bar(below, float(total.index[last]), above, (min(low, below), max(high, above)),
                                  simulated=facts.simulated, rule=True, width=200),
                 tag("span", words("interval_text", low=words.level(below), high=words.level(above)))),
        ))  # fmt: skip
        below, above = float(total.change_low[last]), float(total.change_high[last])
        limits = (-max(abs(below), abs(above)), max(abs(below), abs(above)))
        text = words(
            "interval_text", low=words.percent(below, sign=True), high=words.percent(above, sign=True)
        )  # fmt: skip
        found.append((
            words("interval_change", level=view.coverage),
            join(svg.interval_bar(below, float(total.change_previous[last]), above, limits,
                                  simulated=facts.simulated, rule=True),
                 tag("span", text)),
        ))  # fmt: skip
    reach = tag("span", words("range_text", low=words.level(low), high=words.level(high)))
    if not view.has_intervals:
        reach = join(svg.range_bar(low, float(total.index[last]), high, simulated=facts.simulated), reach)
    found.append((words("range", count=str(view.window)), reach))
    return found


def total_chart(view: View) -> Markup:
    """The total over all periods with its interval as a band, titled with its finding."""
    facts, words = view.facts, view.words
    total, last = facts.total, facts.last
    title = words.finding(total, last, streak(total, last, words.change_digits))
    sub = words(
        "total_sub", base=view.base, at=view.at, every=words.by_kind("every"),
        first=words.period(facts.periods[0]), last=words.period(facts.periods[last]),
    )  # fmt: skip
    band = (total.low, total.high) if view.has_intervals else None
    if band:
        sub += ("" if view.language == "zh" else " ") + words("band_sub", level=view.coverage)
    return tag(
        "section",
        chart(view, "total", total, [svg.Line("", total.index)], title=title, sub=sub, height=380,
              table_name="history-levels", band=band),
        aria_label=title, class_="first-chart",
    )  # fmt: skip


def _relative(values: Floats) -> Floats:
    """Values with the first figure as 100."""
    present = np.flatnonzero(np.isfinite(values))
    return values / values[present[0]] * 100 if present.size else values


def class_table(view: View) -> Markup:
    """The level-1 classes with changes, intervals, contributions, grades and small lines, each column on one scale."""
    facts, words, last = view.facts, view.words, view.facts.last
    classes = facts.at_level(1)
    shown = (facts.total, *classes)
    window = view.recent()
    lines = [_relative(one.index[window]) for one in shown]
    seen = np.concatenate(lines)
    limits = (float(np.nanmin(seen)), float(np.nanmax(seen))) if np.isfinite(seen).any() else (99.0, 101.0)
    reach = max((abs(float(v)) for one in shown for v in (one.change_low[last], one.change_high[last])
                 if np.isfinite(v)), default=0.0)  # fmt: skip

    def bar(one: Series) -> Markup:
        return svg.interval_bar(
            float(one.change_low[last]), float(one.change_previous[last]), float(one.change_high[last]),
            (-reach, reach), simulated=facts.simulated, width=112,
        )  # fmt: skip

    rows = [
        tag("tr", tag("th", words.name(one), scope="row"),
            cells(words.figure(100 * one.weight[last], 1), tag("strong", words.level(one.index[last])),
                  arrow(view, one.change_previous[last], clear=bool(one.clear[last])),
                  *((bar(one),) if view.has_intervals else ()),
                  arrow(view, one.change_year_start[last]), arrow(view, one.change_last_year[last]),
                  words.signed(one.contribution[last], 3), grade_mark(view, one, last),
                  svg.sparkline(facts.days[window], line, limits, simulated=facts.simulated)),
            class_="total" if one is facts.total else None)
        for one, line in zip(shown, lines, strict=True)
    ]  # fmt: skip
    keys = ["class", "weight", "level", "previous"] + ["interval"] * view.has_intervals
    heads: list[str | Markup] = [words(key) for key in [*keys, "year_start", "last_year", "contribution", "grade"]]
    heads.append(words("trend", count=str(view.window)))
    caption = words(
        "classes_caption", count=str(view.window), low=words.figure(limits[0], 1), high=words.figure(limits[1], 1)
    )
    if view.has_intervals:
        gap = "" if view.language == "zh" else " "
        caption += gap + words("interval_caption", level=view.coverage, limit=words.figure(reach))
    return section(
        view, "classes", words("classes"), table(view, caption, heads, rows, kind="classes", name="classes-table"),
        finding=_finding(view, classes),
    )  # fmt: skip


def _finding(view: View, classes: tuple[Series, ...]) -> str:
    """Which class gained most and least, over a year where there is one."""
    words, last = view.words, view.facts.last
    key, values = "classes_finding", [float(one.change_last_year[last]) for one in classes]
    if not np.isfinite(values).all():
        key, values = "classes_finding_issue", [float(one.change_previous[last]) for one in classes]
    if len(classes) < 2 or not np.isfinite(values).all():
        return ""
    best, worst = int(np.argmax(values)), int(np.argmin(values))
    return words(
        key, best=words.name(classes[best]), best_change=words.percent(values[best], sign=True),
        worst=words.name(classes[worst]), worst_change=words.percent(values[worst], sign=True),
    )  # fmt: skip
