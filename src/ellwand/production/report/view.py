"""What the sections of the report share: facts and words of one language, tables, changes and charts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ellwand.production.method import Method
from ellwand.production.report import svg
from ellwand.production.report.facts import Facts, Floats, Series, rounded
from ellwand.production.report.markup import Markup, join, tag
from ellwand.production.report.periods import YEAR
from ellwand.production.report.quotes import Quotes
from ellwand.production.report.texts import LANGUAGES, Language
from ellwand.production.report.words import Words

WIDE, NARROW = 1040.0, 342.0


@dataclass(frozen=True)
class Background:
    """What the report says beside the figures.

    `method` and `method_digest` are the method and the SHA-256 of its content, `links` the price reference periods of
    the baskets, `digests` pairs of file name and SHA-256, `version` that of the program, `root` the way from the report
    to the folder in which the files have these names.
    """

    market_zh: str
    market_en: str
    method: Method
    method_digest: str
    links: tuple[str, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()
    version: str = ""
    root: str = ""

    def market(self, language: Language) -> str:
        """The market's name."""
        return self.market_zh if language == "zh" else self.market_en


@dataclass(frozen=True)
class View:
    """Facts and words of one language, with what several sections need."""

    facts: Facts
    quotes: Quotes
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
        asked = self.background.method.compile.base_period
        return self.words.period(asked or self.facts.periods[start])

    @property
    def at(self) -> str:
        """Level of the base."""
        return f"{self.background.method.compile.base:g}"

    @property
    def window(self) -> int:
        """Issues in a small line and in the range of the value block: one year and its start."""
        return YEAR[self.facts.kind] + 1

    @property
    def coverage(self) -> str:
        """Coverage of the intervals in per cent."""
        return f"{100 * self.background.method.variance.level:g}"

    @property
    def has_intervals(self) -> bool:
        """Whether the total of the newest issue has an interval."""
        return bool(np.isfinite(self.facts.total.change_low[self.facts.last]))

    def recent(self) -> slice:
        """The last year of periods up to the newest issue."""
        return slice(max(0, self.facts.last + 1 - self.window), self.facts.last + 1)


def arrow(view: View, value: float, digits: int | None = None, *, percent: bool = False, clear: bool = True) -> Markup:
    """A change with sign, arrow and the reader's colour; a dash where there is none, ≈ where it is no clear change."""
    digits = view.words.change_digits if digits is None else digits
    way = 0 if (exact := rounded(value, digits)) is None else (exact > 0) - (exact < 0)
    figure = view.words.percent(value, digits, sign=True) if percent else view.words.signed(value, digits)
    # Written as text: pages hold hundreds of them. A figure has nothing in it that needs care.
    if way and not clear:
        said = tag("span", f" {view.words('unclear')}", class_="hidden")
        return Markup(f'<span class="same"><span class="mark" aria-hidden="true">≈</span>{figure}{said}</span>')
    if not way:
        return Markup(f'<span class="same">{figure}</span>')
    kind, mark = ("up", "▲") if way > 0 else ("down", "▼")
    return Markup(f'<span class="{kind}"><span class="mark" aria-hidden="true">{mark}</span>{figure}</span>')


def table(
    view: View, caption: str, heads: Sequence[str | Markup], rows: Iterable[Markup], *, kind: str = "", name: str,
    foot: Iterable[Markup] = (),
) -> Markup:  # fmt: skip
    """A table in a box that scrolls by itself, so that the page never does sideways."""
    title = view.ident(name)
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption, id=title),
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
            tag("tbody", *rows),
            tag("tfoot", *ends) if (ends := list(foot)) else None,
        ),
        class_=f"scroll {kind}".strip(), role="group", aria_labelledby=title, tabindex=0,
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


def reading(view: View, series: Series, position: int) -> str:
    """What a chart's cursor says of a point."""
    words = view.words
    said = words(
        "reading", name=words.name(series), period=words.period(view.facts.periods[position]),
        level=words.level(series.index[position]), change=words.percent(series.change_previous[position], sign=True),
    )  # fmt: skip
    if not np.isfinite(series.low[position]):
        return said
    limits = {"low": words.level(series.low[position]), "high": words.level(series.high[position])}
    return words("reading_band", reading=said, **limits)


def chart(view: View, name: str, series: Series, lines: Sequence[svg.Line], *, title: str, sub: str, height: float,
          table_name: str, band: tuple[Floats, Floats] | None = None) -> Markup:  # fmt: skip
    """A chart with title, subtitle, keyboard cursor and the live region that reads the point."""
    facts = view.facts
    drawings = [
        (
            kind,
            svg.line_chart(facts.days, lines, width=width, height=tall, title=f"{title}. {sub}", key=series.code,
                           simulated=view.amber, band=band, digits=view.words.level_digits),
        )
        for kind, width, tall in (("wide", WIDE, height), ("narrow", NARROW, min(height, 280.0)))
    ]  # fmt: skip
    read = reading(view, series, facts.last)
    hint = view.ident(f"{name}-keys")
    return tag(
        "figure",
        tag("figcaption", tag("h2", title, class_="chart-title"), tag("p", sub, class_="sub")),
        tag("div", both_widths(drawings), class_="plot", tabindex=0, role="application",
            aria_roledescription=view.words("chart_role"), aria_label=title, aria_describedby=hint,
            data_series=series.code),
        tag("p", read, class_="reading", aria_live="polite"),
        tag("p", view.words("keys"), " ", tag("a", view.words("explore_table"), href=f"#{view.ident(table_name)}"),
            class_="keys", id=hint),
    )  # fmt: skip
