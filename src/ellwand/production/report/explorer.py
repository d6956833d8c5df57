"""The section that goes down the tree: from the total to an elementary aggregate, to its quotes, to a single quote.

The script of the page fills it from the figures in the page; without script a sentence says where the quotes are.
"""

from typing import Any

from ellwand.production.report.facts import Facts
from ellwand.production.report.markup import Markup, join, tag
from ellwand.production.report.method_notes import donor_words, rule_words
from ellwand.production.report.quotes import Quotes
from ellwand.production.report.texts import LANGUAGES, TEXTS
from ellwand.production.report.view import View, table
from ellwand.production.report.words import Words

FILES = ("prices.parquet", "quotes.parquet", "excluded.csv", "observations.csv")
PART_HEADS = ("class", "weight", "level", "previous", "contribution", "count_quotes", "grade")
QUOTE_HEADS = ("item_unit", "price", "compared", "change", "contribution", "status", "rule", "donors")
ISSUE_HEADS = ("level", "limit_low", "limit_high", "previous", "contribution", "matched", "excluded", "status")
SPOKEN = (
    "reading", "reading_band", "interval_text", "unclear", "parts_caption", "quotes_caption", "sum_parts",
    "sum_quotes", "own_figure",
    "difference", "difference_imputed", "difference_hidden", "no_quotes", "hidden_quotes", "donors_text", "measure",
    "level", "previous", "interval", "contribution", "weight", "grade", "count_quotes", "parts", "quotes", "item",
    "unit", "price", "compared", "change", "status", "rule", "donors", "story_O", "story_E", "story_X", "story_I",
    "story_imputed", "story_C", "story_R", "story_N", "story_queried", "story_confirmed", "story_review",
    "story_compared", "story_points", "story_nothing",
)  # fmt: skip
"""Texts that the script writes."""


def explorer(view: View) -> Markup:
    """The frame: where you are, the class with its line, its parts or quotes, and the quote chosen."""
    words, facts = view.words, view.facts
    box, title = view.ident("choose"), view.ident("explore")
    options = [
        tag(
            "option",
            "\u2003" * one.level + f"{words.name(one)} {one.code}",
            value=one.code,
            selected=one is facts.total,
        )
        for one in facts.series
    ]
    files = [name for name, _ in view.background.digests if name in FILES]
    without = tag(
        "noscript",
        tag("p", words("without_script"), " ",
            *(join(tag("a", name, href=view.background.root + name), " ") for name in files), class_="prose"),
    )  # fmt: skip
    period = words.by_kind("period")
    frame = tag(
        "div",
        tag("nav", tag("ol"), aria_label=words("explore_path"), class_="path"),
        tag("p", tag("label", words("explore_label"), for_=box), tag("select", *options, id=box), class_="choice"),
        tag("h3", tabindex=-1, class_="class-name"),
        tag("dl", class_="small class-facts"),
        tag("div", class_="below", role="region", aria_label=words("parts"), tabindex=0),
        tag("p", words("sum_note"), class_="sub sum-note"),
        tag("p", words("explore_sub", base=view.base, at=view.at), class_="sub line-sub"),
        tag("div", class_="plot", tabindex=0, role="application", aria_roledescription=words("chart_role"),
            aria_label=words("explore"), data_amber=view.amber),
        tag("p", class_="reading", aria_live="polite"),
        tag("details", tag("summary", words("explore_table")),
            table(view, words("explore_table"), [period, *(words(key) for key in ISSUE_HEADS)], [], kind="long",
                  name="explore-table")),
        class_="explorer", hidden=True,
    )  # fmt: skip
    return tag(
        "section", tag("h2", words("explore"), id=title), tag("p", words("explore_text"), class_="prose"), without,
        frame, aria_labelledby=title, class_="drill",
    )  # fmt: skip


def spoken(facts: Facts, quotes: Quotes) -> dict[str, dict[str, Any]]:
    """What the script says, in both languages: texts, periods, table heads, statuses and donor sets by code."""
    codes = sorted({str(code) for code in quotes.columns["status"]})
    letters = sorted({str(code) for code in quotes.columns["donor"] if code is not None})
    found: dict[str, dict[str, Any]] = {}
    for i, language in enumerate(LANGUAGES):
        words = Words(language, facts.kind)
        found[language] = {
            "texts": {key: TEXTS[key][i] for key in SPOKEN},
            "periods": [words.period(period) for period in facts.periods],
            "partHeads": [words(key) for key in PART_HEADS],
            "quoteHeads": [words(key) for key in QUOTE_HEADS],
            "status": {code: words(f"state_{code[0]}") for code in codes},
            "donor": {letter: donor_words(letter, language) for letter in letters},
            "percent": "%" if language == "zh" else "\u202f%",
        }
    return found


def packed_quotes(view: View) -> dict[str, Any]:
    """The quotes for the page, rules and units of measure in both languages."""
    method = view.background.method
    return view.quotes.packed(
        lambda name: [rule_words(method, name, one) for one in LANGUAGES],
        lambda name: [Words(one).market_measure(name) for one in LANGUAGES],
    )
