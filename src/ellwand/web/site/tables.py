"""Tables of classes as pages show them: every name leads to its page, every column has one scale."""

from collections.abc import Sequence

import numpy as np

from ellwand.production.report import svg
from ellwand.production.report.facts import Floats, Series
from ellwand.production.report.headline import grade_mark
from ellwand.production.report.markup import Markup, join, tag, void
from ellwand.production.report.tree import status
from ellwand.production.report.view import View, arrow, cells, table
from ellwand.web.site.page import Language, where


def link(shown: View, one: Series, language: Language) -> Markup:
    """The name of a class, which leads to its page."""
    return tag("a", shown.words.name(one), href=where("series", language, code=one.code))


def relative(values: Floats) -> Floats:
    """Values with the first figure as 100."""
    present = np.flatnonzero(np.isfinite(values))
    return values / values[present[0]] * 100 if present.size else values


def lines(shown: View, classes: Sequence[Series]) -> tuple[list[Floats], tuple[float, float]]:
    """The last year of each class as small lines, each with its first issue = 100, and their common scale."""
    found = [relative(one.index[shown.recent()]) for one in classes]
    seen = np.concatenate(found)
    limits = (float(np.nanmin(seen)), float(np.nanmax(seen))) if np.isfinite(seen).any() else (99.0, 101.0)
    return found, limits


def classes(shown: View, rows: Sequence[Series], language: Language, name: str) -> Markup:
    """Classes with level, changes, interval, weight, contribution, grade and a small line. name : of the table."""
    facts, words, last = shown.facts, shown.words, shown.facts.last
    small, limits = lines(shown, rows)
    days = facts.days[shown.recent()]
    reach = max(
        (abs(float(v)) for one in rows for v in (one.change_low[last], one.change_high[last]) if np.isfinite(v)),
        default=0.0,
    )
    spans = reach > 0

    def bar(one: Series) -> Markup:
        return svg.interval_bar(
            float(one.change_low[last]), float(one.change_previous[last]), float(one.change_high[last]),
            (-reach, reach), simulated=facts.simulated, width=112,
        )  # fmt: skip

    body = [
        tag("tr", tag("th", link(shown, one, language), scope="row"),
            cells(tag("strong", words.level(float(one.index[last]))),
                  arrow(shown, float(one.change_previous[last]), clear=bool(one.clear[last])),
                  *((bar(one),) if spans else ()),
                  arrow(shown, float(one.change_year_start[last])), arrow(shown, float(one.change_last_year[last])),
                  words.figure(100 * float(one.weight[last]), 1), words.signed(float(one.contribution[last]), 3),
                  grade_mark(shown, one, last), svg.sparkline(days, line, limits, simulated=facts.simulated)),
            class_="total" if one is facts.total else None)
        for one, line in zip(rows, small, strict=True)
    ]  # fmt: skip
    keys = ["class", "level", "previous", *(["interval"] * spans), "year_start", "last_year", "weight"]
    heads: list[str | Markup] = [words(key) for key in [*keys, "contribution", "grade"]]
    issues = str(int(min(shown.window, last + 1)))
    heads.append(words("trend", count=issues))
    caption = words("classes_caption", count=issues, low=words.figure(limits[0], 1), high=words.figure(limits[1], 1))
    if spans:
        gap = "" if language == "zh" else " "
        caption += gap + words("interval_caption", level=shown.coverage, limit=words.figure(reach))
    return table(shown, caption, heads, body, kind="classes", name=name)


def tree(shown: View, language: Language) -> Markup:
    """Every class in the order of the tree with its small line; a switch shows the elementary aggregates."""
    facts, words, last = shown.facts, shown.words, shown.facts.last
    leaves = set(facts.leaves)
    above = [one for one in facts.series if one not in leaves]
    _, limits = lines(shown, above)
    days = facts.days[shown.recent()]
    limit = max(
        (abs(float(one.contribution[last])) for one in facts.series[1:] if np.isfinite(one.contribution[last])),
        default=0.0,
    )
    rows: list[Markup] = []

    def descend(one: Series) -> None:
        leaf = one in leaves and one.level > 1
        kind = f"level-{min(one.level, 4)}" + (" leaf" if leaf else "")
        line = svg.sparkline(days, relative(one.index[shown.recent()]), limits, simulated=facts.simulated, width=96)
        rows.append(
            tag("tr",
                tag("th", link(shown, one, language), " ", tag("code", one.code), scope="row"),
                cells(words.level(float(one.index[last])),
                      arrow(shown, float(one.change_previous[last]), clear=bool(one.clear[last])),
                      arrow(shown, float(one.change_year_start[last])), arrow(shown, float(one.change_last_year[last])),
                      words.figure(100 * float(one.weight[last]), 2), words.signed(float(one.contribution[last]), 3),
                      svg.zero_bar(float(one.contribution[last]), limit, simulated=facts.simulated, width=80)
                      if one is not facts.total else "",
                      words.count(int(one.matched[last])),
                      join(grade_mark(shown, one, last),
                           tag("small", status(shown, one, last)) if one.status[last] != "observed" else None),
                      line if not leaf else ""),
                class_=kind)
        )  # fmt: skip
        for child in facts.children(one):
            descend(child)

    descend(facts.total)
    heads: list[str | Markup] = [
        words(key) for key in ("class", "level", "previous", "year_start", "last_year", "weight", "contribution")
    ]
    heads += [tag("span", words("contribution"), class_="hidden"), words("matched"), words("grade")]
    heads.append(words("trend", count=str(int(min(shown.window, last + 1)))))
    box = shown.ident("leaves")
    caption = words("tree_caption", limit=words.figure(limit, 3))
    return tag(
        "div",
        tag("p", void("input", type="checkbox", id=box, class_="show-leaves"),
            tag("label", words("show_leaves", count=words.count(len(leaves))), for_=box), class_="choice"),
        table(shown, caption, heads, rows, kind="tree", name="tree"),
        class_="tree-box",
    )  # fmt: skip
