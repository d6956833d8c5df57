"""The section on quotes: how many stand behind the issue, what was done to them, and by which rule."""

import numpy as np

from ellwand.production.report import svg
from ellwand.production.report.markup import Markup, tag
from ellwand.production.report.method_notes import rule_words
from ellwand.production.report.view import NARROW, WIDE, View, both_widths, cells, section, table

COLUMNS = (
    "due", "quotes", "matched", "units", "corrected", "excluded", "replaced", "imputed", "carried", "not_collected",
)  # fmt: skip
DEEDS = ("set_aside", "corrected", "queried", "confirmed")


def counts(view: View) -> Markup:
    """Counts by class and by rule, and matched quotes through time."""
    facts, words, last = view.facts, view.words, view.facts.last
    total = facts.total
    rows = [
        tag("tr", tag("th", words.name(one), scope="row"),
            cells(*(words.count(int(getattr(one, name)[last])) for name in COLUMNS),
                  words.figure(100 * float(one.imputed_share[last]), 1)),
            class_="total" if one is total else None)
        for one in (total, *facts.at_level(1))
    ]  # fmt: skip
    heads = [words("class"), *(words("received" if name == "quotes" else name) for name in COLUMNS)]
    used = np.where(np.isfinite(total.change_previous), total.matched.astype(np.float64), np.nan)
    top = max(float(np.nanmax(used)), 1.0) if np.isfinite(used).any() else 1.0
    drawn = [
        (kind, svg.line_chart(facts.days, [svg.Line("", used)], width=width, height=200,
                              title=f"{words('matched')}. {words('counts_sub')}", simulated=view.amber, digits=0,
                              limits=(0.0, top), ticks=3))
        for kind, width in (("wide", WIDE), ("narrow", NARROW))
    ]  # fmt: skip
    return section(
        view, "counts", words("counts"),
        table(view, words("counts_caption"), [*heads, words("imputed_weight")], rows, kind="counts",
              name="counts-table"),
        tag("h3", words("rules")), by_rule(view),
        tag("figure", tag("figcaption", tag("h3", words("matched")), tag("p", words("counts_sub"), class_="sub")),
            both_widths(drawn)),
        finding=words("counts_finding", matched=words.count(int(total.matched[last])),
                      units=words.count(int(total.units[last])), excluded=words.count(int(total.excluded[last])),
                      corrected=words.count(int(total.corrected[last]))),
    )  # fmt: skip


def by_rule(view: View) -> Markup:
    """What each rule did to the quotes of the newest issue."""
    words, method = view.words, view.background.method
    found = view.quotes.by_rule
    if not found:
        return tag("p", words("no_rules"), class_="sub")
    rows = [
        tag("tr", tag("th", rule_words(method, name, view.language), " ", tag("code", name), scope="row"),
            cells(*(words.count(done.get(deed, 0)) if done.get(deed) else "–" for deed in DEEDS)))
        for name, done in found
    ]  # fmt: skip
    sums = [sum(done.get(deed, 0) for _, done in found) for deed in DEEDS]
    foot = tag("tr", tag("th", words.name(view.facts.total), scope="row"), cells(*(words.count(n) for n in sums)))
    return table(
        view, words("rules_caption"), [words("rule"), *(words(deed) for deed in DEEDS)], rows, kind="rules",
        name="rules-table", foot=[foot],
    )  # fmt: skip
