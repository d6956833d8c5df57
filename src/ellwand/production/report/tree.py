"""The sections on the tree: the woven band, the table of all classes, the strongest pulls, and a chart a class."""

import numpy as np

from ellwand.engine.periods import natural_key
from ellwand.production.report import svg
from ellwand.production.report.facts import Series, rounded
from ellwand.production.report.headline import grade_mark
from ellwand.production.report.markup import Markup, join, tag, void
from ellwand.production.report.view import NARROW, WIDE, View, arrow, both_widths, cells, section, table


def _piece(view: View, one: Series) -> svg.Piece:
    last, words = view.facts.last, view.words
    points = words.signed(one.contribution[last], 3)
    change = words.percent(one.change_previous[last], sign=True)
    said = change if one.clear[last] else f"{change}, {words('unclear')}"
    return svg.Piece(
        name=words.name(one), figure=change,
        note=f"{words.name(one)}: {said}; {words('contribution')} {points}; "
             f"{words('weight')} {words.figure(100 * one.weight[last], 2)}",
        weight=float(np.nan_to_num(one.weight[last])), change=float(np.nan_to_num(one.change_previous[last])),
        children=tuple(_piece(view, child) for child in view.facts.children(one)),
    )  # fmt: skip


def _legend(view: View) -> Markup:
    """The seven steps of the band's colours with their limits."""
    words = view.words
    steps = [(-3, "≤ −0.50"), (-2, "≤ −0.10"), (-1, "< 0"), (0, "0"), (1, "> 0"), (2, "≥ 0.10"), (3, "≥ 0.50")]
    width = 62.0
    parts = [
        join(
            svg.block(i * width, 0, width - 2, 16, strength),
            svg.text(i * width + width / 2 - 1, 32, label, "soft", "middle"),
        )
        for i, (strength, label) in enumerate(steps)
    ]
    picture = svg.picture(width * 7, 38, "legend", words("legend"), *parts)
    return tag("p", picture, tag("span", "%"), class_="scale")


def strip(view: View) -> tuple[str, Markup]:
    """The contribution strip over the tree with its legend, and its finding as a sentence."""
    facts, words, last = view.facts, view.words, view.facts.last
    classes = facts.at_level(1) or (facts.total,)
    ranked = sorted(classes, key=lambda one: (-np.nan_to_num(one.contribution[last]), natural_key(one.code)))
    pull, hold = ranked[0], ranked[-1]
    up, down = (rounded(pull.contribution[last], 3) or 0) > 0, (rounded(hold.contribution[last], 3) or 0) < 0
    key = {(True, True): "weave_finding", (True, False): "weave_up", (False, True): "weave_down"}.get((up, down))
    named = {
        "pull": words.name(pull), "pull_points": words.signed(pull.contribution[last], 3),
        "hold": words.name(hold), "hold_points": words.signed(hold.contribution[last], 3),
    }  # fmt: skip
    finding = words(key, **named) if key else words("weave_none")
    pieces = [_piece(view, one) for one in classes]
    drawn = [
        (kind, svg.woven_band(pieces, width=width, title=f"{finding}. {words('weave_sub')}", simulated=view.amber))
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
    ]
    note = tag("p", words("weave_sub"), class_="sub")
    return finding, join(note, tag("div", both_widths(drawn), class_="cloth"), _legend(view))


def woven(view: View) -> Markup:
    """The contribution strip over the tree, then the tree as an indented table."""
    finding, drawn = strip(view)
    return section(view, "weave", view.words("weave"), drawn, tree_table(view), finding=finding)


def status(view: View, one: Series, position: int) -> str:
    """Status of an observation in words."""
    return view.words(f"status_{one.status[position]}")


def tree_table(view: View) -> Markup:
    """Every class in the order of the tree; a switch shows the elementary aggregates."""
    facts, words, last = view.facts, view.words, view.facts.last
    leaves = set(facts.leaves)
    limit = max((abs(float(one.contribution[last])) for one in facts.series[1:]
                 if np.isfinite(one.contribution[last])), default=0.0)  # fmt: skip
    rows: list[Markup] = []

    def descend(one: Series) -> None:
        kind = f"level-{min(one.level, 4)}" + (" leaf" if one in leaves and one.level > 1 else "")
        rows.append(
            tag("tr",
                tag("th", tag("span", words.name(one), class_="name", data_series=one.code), " ",
                    tag("code", one.code), scope="row"),
                cells(words.figure(100 * one.weight[last], 2), words.level(one.index[last]),
                      arrow(view, one.change_previous[last], clear=bool(one.clear[last])),
                      arrow(view, one.change_year_start[last]), arrow(view, one.change_last_year[last]),
                      words.signed(one.contribution[last], 3),
                      svg.zero_bar(float(one.contribution[last]), limit, simulated=facts.simulated, width=80)
                      if one is not facts.total else "",
                      words.count(int(one.matched[last])), words.count(int(one.excluded[last])),
                      join(grade_mark(view, one, last),
                           tag("small", status(view, one, last)) if one.status[last] != "observed" else None)),
                class_=kind)
        )  # fmt: skip
        for child in facts.children(one):
            descend(child)

    descend(facts.total)
    heads: list[str | Markup] = [
        words(key) for key in ["class", "weight", "level", "previous", "year_start", "last_year", "contribution"]
    ]
    heads += [tag("span", words("contribution"), class_="hidden"), words("matched"), words("excluded"), words("grade")]
    box = view.ident("leaves")
    gap = "" if view.language == "zh" else " "
    caption = words("tree_caption", limit=words.figure(limit, 3)) + gap + words("tree_open")
    return tag(
        "div",
        tag("p", void("input", type="checkbox", id=box, class_="show-leaves"),
            tag("label", words("show_leaves", count=words.count(len(leaves))), for_=box), class_="choice"),
        table(view, caption, heads, rows, kind="tree", name="tree"),
        class_="tree-box",
    )  # fmt: skip


def pulls(view: View) -> Markup:
    """The elementary aggregates that moved the total most, both ways."""
    facts, words, last = view.facts, view.words, view.facts.last
    moved = [one for one in facts.leaves if rounded(one.contribution[last], 3)]
    limit = max((abs(float(one.contribution[last])) for one in moved), default=0.0)
    names = {one.code: one for one in facts.series}
    lists: list[Markup] = []
    for way, key in ((1, "pulls"), (-1, "restrains")):
        ranked = sorted(
            (one for one in moved if way * one.contribution[last] > 0),
            key=lambda one: (-way * one.contribution[last], natural_key(one.code)),
        )[:6]
        rows = [
            tag("tr",
                tag("th", tag("span", words.name(one), class_="name", data_series=one.code),
                    tag("small", words.name(names[one.parent])) if one.parent in names else None,
                    scope="row"),
                cells(arrow(view, one.change_previous[last], percent=True, clear=bool(one.clear[last])),
                      words.signed(one.contribution[last], 3),
                      svg.zero_bar(float(one.contribution[last]), limit, simulated=facts.simulated)))
            for one in ranked
        ]  # fmt: skip
        body = (
            table(view, words(f"{key}_caption"),
                  [words("class"), words("previous"), words("contribution"),
                   tag("span", words("contribution"), class_="hidden")],
                  rows, kind="pulls", name=f"{key}-table")
            if rows else tag("p", words("no_pull"))
        )  # fmt: skip
        lists.append(tag("div", tag("h3", words(key)), body))
    return tag("section", tag("div", *lists, class_="pair"), aria_label=f"{words('pulls')}, {words('restrains')}")


def panels(view: View) -> Markup:
    """One small chart a class on one scale, the total behind each."""
    facts, words = view.facts, view.words
    classes = facts.at_level(1)
    seen = np.concatenate([one.index for one in (facts.total, *classes)])
    seen = seen[np.isfinite(seen)]
    limits = (float(seen.min()), float(seen.max()))
    sub = words("panels_sub", base=view.base, at=view.at)
    drawn = [
        tag("figure",
            tag("figcaption", tag("h3", words.name(one))),
            svg.line_chart(facts.days, [svg.Line("", one.index), svg.Line("", facts.total.index, "other")],
                           width=NARROW, height=210, title=f"{words.name(one)}. {sub}",
                           simulated=view.amber, limits=limits, digits=words.level_digits))
        for one in classes
    ]  # fmt: skip
    return section(
        view, "panels", words("panels"), tag("p", sub, class_="sub"),
        tag("div", *drawn, class_="panels"),
    )  # fmt: skip
