"""The sections of the report, each one a function from the facts and a language to markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ellwand.production.method import Method
from ellwand.production.report import svg
from ellwand.production.report.facts import Facts, Floats, Series, direction, drivers, rounded, streak
from ellwand.production.report.markup import Markup, join, tag, void
from ellwand.production.report.texts import LANGUAGES, SLIGHT, SMALL, TAGS, Language, Words

WINDOW = 53  # issues in a sparkline and in the range of the value block: one year and its start
WIDE, NARROW = 1040.0, 342.0


@dataclass(frozen=True)
class Background:
    """What the report says beside the figures.

    `method` and `method_digest` are the method and the SHA-256 of its content, `links` the price reference periods of
    the baskets, `digests` pairs of file name and SHA-256, `version` that of the program.
    """

    market_zh: str
    market_en: str
    method: Method
    method_digest: str
    links: tuple[str, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()
    version: str = ""

    def market(self, language: Language) -> str:
        """The market's name."""
        return self.market_zh if language == "zh" else self.market_en


@dataclass(frozen=True)
class View:
    """Facts and words of one language, with what several sections need."""

    facts: Facts
    background: Background
    words: Words

    @property
    def language(self) -> Language:
        """The language."""
        return self.words.language

    def ident(self, name: str) -> str:
        """An id that is unique although both languages stand in one file."""
        return f"{name}-{self.language}"

    @property
    def amber(self) -> str:
        """Words of the amber band in pictures; empty for a real market."""
        other = Words(next(one for one in LANGUAGES if one != self.language))
        return f"{self.words('simulated')} · {other('simulated')}" if self.facts.simulated else ""

    @property
    def base(self) -> str:
        """Base of the total in words."""
        start = int(np.flatnonzero(np.isfinite(self.facts.total.index))[0])
        return self.words.week(self.facts.periods[start])

    def recent(self) -> slice:
        """The last WINDOW periods up to the newest issue."""
        return slice(max(0, self.facts.last + 1 - WINDOW), self.facts.last + 1)


def arrow(view: View, value: float, digits: int = 2, *, percent: bool = False) -> Markup:
    """A change with sign, arrow and the reader's colour; a dash where there is none."""
    way = 0 if (exact := rounded(value, digits)) is None else (exact > 0) - (exact < 0)
    figure = view.words.percent(value, digits, sign=True) if percent else view.words.signed(value, digits)
    kind = {1: "up", -1: "down", 0: "same"}[way]
    mark = {1: "▲", -1: "▼", 0: ""}[way]
    return tag("span", tag("span", mark, class_="mark", aria_hidden="true") if mark else None, figure, class_=kind)


def table(
    view: View, caption: str, heads: Sequence[str | Markup], rows: Iterable[Markup], *, kind: str = "", name: str
) -> Markup:
    """A table in a box that scrolls by itself, so that the page never does sideways."""
    title = view.ident(name)
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption, id=title),
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
            tag("tbody", *rows),
        ),
        class_=f"scroll {kind}".strip(), role="region", aria_labelledby=title, tabindex=0,
    )  # fmt: skip


def cells(*values: str | Markup) -> Markup:
    """Right-aligned cells of a row."""
    return join(*(tag("td", value) for value in values))


def section(view: View, name: str, heading: str | Markup, *inside: str | None, finding: str = "") -> Markup:
    """A section with its heading and, below it, the finding as a sentence."""
    title = view.ident(name)
    return tag(
        "section", tag("h2", heading, id=title), tag("p", finding, class_="finding") if finding else None, *inside,
        aria_labelledby=title,
    )  # fmt: skip


def both_widths(draw: Iterable[tuple[str, Markup]]) -> Markup:
    """The picture for wide and for narrow screens; the style sheet shows one."""
    return join(*(tag("div", drawing, class_=kind) for kind, drawing in draw))


def chart(view: View, name: str, series: Series, lines: Sequence[svg.Line], *, title: str, sub: str, height: float,
          table_name: str) -> Markup:  # fmt: skip
    """A chart with title, subtitle, keyboard cursor and the live region that reads the point."""
    facts = view.facts
    drawings = [
        (
            kind,
            svg.line_chart(facts.days, lines, width=width, height=tall, title=f"{title}. {sub}", key=series.code,
                           simulated=view.amber),
        )
        for kind, width, tall in (("wide", WIDE, height), ("narrow", NARROW, min(height, 280.0)))
    ]  # fmt: skip
    last = facts.last
    read = view.words(
        "reading", name=view.words.name(series), week=view.words.week(facts.periods[last]),
        level=view.words.figure(series.index[last]),
        change=view.words.percent(series.change_previous[last], sign=True),
    )  # fmt: skip
    hint = view.ident(f"{name}-keys")
    return tag(
        "figure",
        tag("figcaption", tag("h3", title), tag("p", sub, class_="sub")),
        tag("div", both_widths(drawings), class_="plot", tabindex=0, role="application",
            aria_roledescription=view.words("chart_role"), aria_label=title, aria_describedby=hint,
            data_series=series.code),
        tag("p", read, class_="reading", aria_live="polite"),
        tag("p", view.words("keys"), " ", tag("a", view.words("explore_table"), href=f"#{view.ident(table_name)}"),
            class_="keys", id=hint),
    )  # fmt: skip


def value_block(view: View) -> Markup:
    """Name, level, three changes, range, counts and the sentences that say why."""
    facts, words = view.facts, view.words
    total, last = facts.total, facts.last
    period = facts.periods[last]
    window = total.index[view.recent()]
    low, high = float(np.nanmin(window)), float(np.nanmax(window))
    changes = (
        ("previous", total.change_previous[last]),
        ("year_start", total.change_year_start[last]),
        ("last_year", total.change_last_year[last]),
    )
    used = int(total.matched[last] + total.excluded[last])
    share = 100 * float(total.excluded[last]) / used if used else np.nan
    level_1 = facts.at_level(1)
    why = words.why(
        total.index[last], total.change_previous[last],
        drivers(level_1, last, direction(total.change_previous[last])), last,
    )  # fmt: skip
    small = (
        (words("range"), join(svg.range_bar(low, float(total.index[last]), high, simulated=facts.simulated),
                              tag("span", words("range_text", low=words.figure(low), high=words.figure(high))))),
        (words("matched"), words.count(int(total.matched[last]))),
        (words("excluded"), words("excluded_text", count=words.count(int(total.excluded[last])),
                                  share=words.percent(share, 1))),
        (words("imputed_share"), words.percent(100 * float(total.imputed_share[last]), 1)),
        (words("base"), words("base_text", week=view.base)),
    )  # fmt: skip
    return tag(
        "section",
        tag("p", tag("span", words("family"), class_="family"), tag("code", total.series), class_="over"),
        tag("h1", view.background.market(view.language), " ", tag("span", words.name(total)), id=view.ident("top")),
        tag("p", tag("strong", words.week(period)), " ", tag("span", words.span(period)), class_="issue"),
        tag("div",
            tag("p", tag("strong", words.figure(total.index[last])), tag("span", words("points")), class_="big"),
            tag("dl", *(tag("div", tag("dt", words(key)),
                            tag("dd", arrow(view, value, percent=True) if np.isfinite(value) else words("no_year")))
                        for key, value in changes), class_="changes"),
            class_="value"),
        tag("p", why, class_="why"),
        tag("dl", *(tag("div", tag("dt", head), tag("dd", body)) for head, body in small), class_="small"),
        class_="block", aria_labelledby=view.ident("top"),
    )  # fmt: skip


def total_chart(view: View) -> Markup:
    """The total over all weeks, titled with its finding."""
    facts, words = view.facts, view.words
    total, last = facts.total, facts.last
    change = total.change_previous[last]
    title = words.finding(total.index[last], change, total.change_last_year[last], streak(total.change_previous, last))
    sub = words("total_sub", base=view.base, first=words.week(facts.periods[0]), last=words.week(facts.periods[last]))
    return tag(
        "section",
        chart(view, "total", total, [svg.Line("", total.index)], title=title, sub=sub, height=380,
              table_name="history-levels"),
        aria_label=title, class_="first-chart",
    )  # fmt: skip


def _relative(values: Floats) -> Floats:
    """Values with the first figure as 100."""
    present = np.flatnonzero(np.isfinite(values))
    return values / values[present[0]] * 100 if present.size else values


def class_table(view: View) -> Markup:
    """The level-1 classes with their changes, contributions and sparklines on one scale."""
    facts, words, last = view.facts, view.words, view.facts.last
    classes = facts.at_level(1)
    window = view.recent()
    lines = [_relative(one.index[window]) for one in (facts.total, *classes)]
    seen = np.concatenate(lines)
    limits = (float(np.nanmin(seen)), float(np.nanmax(seen))) if np.isfinite(seen).any() else (99.0, 101.0)
    rows = [
        tag("tr", tag("th", words.name(one), scope="row"),
            cells(words.figure(100 * one.weight[last], 1), tag("strong", words.figure(one.index[last])),
                  *(arrow(view, change[last]) for change in
                    (one.change_previous, one.change_year_start, one.change_last_year)),
                  words.signed(one.contribution[last], 3),
                  svg.sparkline(facts.days[window], line, limits, simulated=facts.simulated)),
            class_="total" if one is facts.total else None)
        for one, line in zip((facts.total, *classes), lines, strict=True)
    ]  # fmt: skip
    heads = [words(key) for key in
             ["class", "weight", "level", "previous", "year_start", "last_year", "contribution", "trend"]]  # fmt: skip
    caption = words("classes_caption", low=words.figure(limits[0], 1), high=words.figure(limits[1], 1))
    key, values = "classes_finding", [float(one.change_last_year[last]) for one in classes]
    if not np.isfinite(values).all():
        key, values = "classes_finding_week", [float(one.change_previous[last]) for one in classes]
    finding = ""
    if len(classes) > 1 and np.isfinite(values).all():
        best, worst = int(np.argmax(values)), int(np.argmin(values))
        finding = words(
            key, best=words.name(classes[best]), best_change=words.percent(values[best], sign=True),
            worst=words.name(classes[worst]), worst_change=words.percent(values[worst], sign=True),
        )  # fmt: skip
    return section(
        view, "classes", words("classes"), table(view, caption, heads, rows, kind="classes", name="classes-table"),
        finding=finding,
    )  # fmt: skip


def _piece(view: View, one: Series) -> svg.Piece:
    last, words = view.facts.last, view.words
    points = words.signed(one.contribution[last], 3)
    change = words.percent(one.change_previous[last], sign=True)
    return svg.Piece(
        name=words.name(one), figure=change,
        note=f"{words.name(one)}: {change}; {words('contribution')} {points}; "
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


def woven(view: View) -> Markup:
    """The contribution strip over the tree, then the tree as an indented table."""
    facts, words, last = view.facts, view.words, view.facts.last
    classes = facts.at_level(1)
    ranked = sorted(classes, key=lambda one: (-np.nan_to_num(one.contribution[last]), one.code))
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
    return section(
        view, "weave", words("weave"), tag("p", words("weave_sub"), class_="sub"),
        tag("div", both_widths(drawn), class_="cloth"), _legend(view), tree_table(view), finding=finding,
    )  # fmt: skip


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
                cells(words.figure(100 * one.weight[last], 2), words.figure(one.index[last]),
                      arrow(view, one.change_previous[last]), arrow(view, one.change_year_start[last]),
                      arrow(view, one.change_last_year[last]), words.signed(one.contribution[last], 3),
                      svg.zero_bar(float(one.contribution[last]), limit, simulated=facts.simulated)
                      if one is not facts.total else "",
                      words.count(int(one.matched[last])), words.count(int(one.excluded[last])),
                      status(view, one, last)),
                class_=kind)
        )  # fmt: skip
        for child in facts.children(one):
            descend(child)

    descend(facts.total)
    heads: list[str | Markup] = [
        words(key) for key in ["class", "weight", "level", "previous", "year_start", "last_year", "contribution"]
    ]
    heads += [tag("span", words("contribution"), class_="hidden"), words("matched"), words("excluded"), words("status")]
    box = view.ident("leaves")
    caption = words("tree_caption", limit=words.figure(limit, 3))
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
            key=lambda one: (-way * one.contribution[last], one.code),
        )[:6]
        rows = [
            tag("tr",
                tag("th", words.name(one), tag("small", words.name(names[one.parent])) if one.parent in names else None,
                    scope="row"),
                cells(arrow(view, one.change_previous[last], percent=True), words.signed(one.contribution[last], 3),
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
    drawn = [
        tag("figure",
            tag("figcaption", tag("h3", words.name(one))),
            svg.line_chart(facts.days, [svg.Line("", one.index), svg.Line("", facts.total.index, "other")],
                           width=NARROW, height=210, title=f"{words.name(one)}. {words('panels_sub', base=view.base)}",
                           simulated=view.amber, limits=limits))
        for one in classes
    ]  # fmt: skip
    return section(
        view, "panels", words("panels"), tag("p", words("panels_sub", base=view.base), class_="sub"),
        tag("div", *drawn, class_="panels"),
    )  # fmt: skip


def counts(view: View) -> Markup:
    """How many quotes stand behind the issue, how many were set aside, and the count through time."""
    facts, words, last = view.facts, view.words, view.facts.last
    total = facts.total

    def share(one: Series) -> float:
        used = int(one.matched[last] + one.excluded[last])
        return 100 * float(one.excluded[last]) / used if used else float("nan")

    rows = [
        tag("tr", tag("th", words.name(one), scope="row"),
            cells(words.count(int(one.matched[last])), words.count(int(one.excluded[last])),
                  words.figure(share(one), 1), words.figure(100 * float(one.imputed_share[last]), 1)),
            class_="total" if one is total else None)
        for one in (total, *facts.at_level(1))
    ]  # fmt: skip
    heads = [words(key) for key in ("class", "matched", "excluded", "excluded_share", "imputed")]
    number_of = np.where(np.isfinite(total.change_previous), total.matched.astype(np.float64), np.nan)
    drawn = [
        (kind, svg.line_chart(facts.days, [svg.Line("", number_of)], width=width, height=200,
                              title=f"{words('matched')}. {words('counts_sub')}", simulated=view.amber, digits=0,
                              limits=(0.0, max(float(np.nanmax(number_of)), 1.0)) if np.isfinite(number_of).any()
                              else (0.0, 1.0), ticks=3))
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
    ]  # fmt: skip
    return section(
        view, "counts", words("counts"), table(view, words("counts_caption"), heads, rows, kind="counts", name="counts-table"),
        tag("figure", tag("figcaption", tag("p", words("counts_sub"), class_="sub")), both_widths(drawn)),
        finding=words("counts_finding", matched=words.count(int(total.matched[last])), share=words.percent(share(total), 1)),
    )  # fmt: skip


def history(view: View) -> Markup:
    """All issues of the total and its classes as tables, newest first, folded away."""
    facts, words = view.facts, view.words
    shown = (facts.total, *facts.at_level(1))
    newest = range(facts.last, -1, -1)
    names = [words.name(one) for one in shown]
    count = words.count(facts.last + 1)

    def head(position: int) -> Markup:
        return tag("th", facts.periods[position], scope="row")

    levels = [tag("tr", head(t), cells(*(words.figure(one.index[t]) for one in shown))) for t in newest]
    moves = [
        tag("tr", head(t),
            cells(*(words.signed(change[t]) for change in
                    (facts.total.change_previous, facts.total.change_year_start, facts.total.change_last_year)),
                  *(words.signed(one.contribution[t], 3) for one in shown[1:]),
                  words.count(int(facts.total.matched[t])), words.count(int(facts.total.excluded[t]))))
        for t in newest
    ]  # fmt: skip
    heads = [words("week"), words("previous"), words("year_start"), words("last_year"), *names[1:], words("matched"),
             words("excluded")]  # fmt: skip
    title = words("history_levels", count=count)
    return section(
        view, "history", words("history"),
        tag("details", tag("summary", title),
            table(view, title, [words("week"), *names], levels, kind="long", name="history-levels")),
        tag("details", tag("summary", words("history_changes")),
            table(view, words("history_changes_caption"), heads, moves, kind="long", name="history-changes")),
    )  # fmt: skip


def explorer(view: View) -> Markup:
    """A frame that the script fills: any class, its line and its figures. It stays hidden without script."""
    words, facts = view.words, view.facts
    box = view.ident("choose")
    options = [
        tag("option", "\u2003" * one.level + words.name(one), value=one.code, selected=one is facts.at_level(1)[0])
        for one in facts.series
    ]
    title = view.ident("explore")
    return tag(
        "section", tag("h2", words("explore"), id=title),
        tag("p", tag("label", words("explore_label"), for_=box), tag("select", *options, id=box), class_="choice"),
        tag("p", words("explore_sub", base=view.base), class_="sub"),
        tag("div", class_="plot", tabindex=0, role="application", aria_roledescription=words("chart_role"),
            aria_label=words("explore"), data_amber=view.amber),
        tag("p", class_="reading", aria_live="polite"),
        tag("details", tag("summary", words("explore_table")),
            table(view, words("explore_table"),
                  [words(key) for key in ("week", "level", "previous", "contribution", "matched", "excluded", "status")],
                  [], kind="long", name="explore-table")),
        class_="explorer", hidden=True, aria_labelledby=title,
    )  # fmt: skip


def notes(view: View) -> Markup:
    """How the figures are made, in the order of the work."""
    words, back = view.words, view.background
    links = words.names([words.week(link) for link in back.links]) if back.links else "–"
    items = [
        words("note_elementary"), words("note_aggregate", links=links),
        words("note_missing"), words("note_contribution"),
        words("note_changes"), words("note_words", slight=f"{SLIGHT:.2f}", small=f"{SMALL:.2f}"),
    ]  # fmt: skip
    if view.facts.simulated:
        items.append(words("note_truth"))
    return section(view, "notes", words("notes"), tag("ol", *(tag("li", item) for item in items), class_="prose"))


def recompute(view: View) -> Markup:
    """The command that makes these files again, and their digests."""
    words = view.words
    rows = [
        tag("tr", tag("th", tag("code", name), scope="row"), tag("td", tag("code", digest)))
        for name, digest in view.background.digests
    ]
    return section(
        view, "recompute", words("recompute"), tag("p", words("recompute_text"), class_="prose"),
        tag("pre", tag("code", "ellwand compile MARKET -o OUT\nsha256sum OUT/*.csv OUT/*.parquet"),
            tabindex=0, role="region", aria_label=words("recompute")),
        table(view, words("files_caption"), [words("file"), "SHA-256"], rows, kind="files", name="files") if rows else None,
    )  # fmt: skip


def whole(view: View) -> Markup:
    """Everything of one language."""
    return tag(
        "main",
        *(part(view) for part in (value_block, total_chart, class_table, woven, pulls, panels, counts, explorer, history,
                                  notes, recompute)),
        tag("p", view.words("foot", version=view.background.version), " ",
            tag("a", view.words("to_top"), href=f"#{view.ident('top')}"), class_="foot"),
        lang=TAGS[view.language], id=view.ident("main"),
    )  # fmt: skip
