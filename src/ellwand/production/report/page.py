"""One self-contained HTML file: both languages, pictures, data, style and script, and a policy that admits no more."""

import base64
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa

from ellwand.production.report.closing import history, notes, recompute
from ellwand.production.report.counts import counts
from ellwand.production.report.explorer import explorer, packed_quotes, spoken
from ellwand.production.report.facts import Facts, Floats, Series, rounded
from ellwand.production.report.headline import class_table, total_chart, value_block
from ellwand.production.report.markup import Markup, join, tag, void
from ellwand.production.report.periods import YEAR
from ellwand.production.report.quotes import POINT_PLACES, Quotes
from ellwand.production.report.texts import LANGUAGES, TAGS, Language
from ellwand.production.report.tree import panels, pulls, woven
from ellwand.production.report.view import Background, View
from ellwand.production.report.words import Words

SWITCH = {"zh": "中文", "en": "English"}


def asset(name: str) -> str:
    """A data file of this package as text."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """SHA-256 of a block as a content security policy writes it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _whole_numbers(values: Floats, factor: int) -> list[int | None]:
    """Figures as integers of their last published decimal, half away from zero; None where there is none."""
    places = len(str(factor)) - 1
    exact = (rounded(value, places) for value in values.tolist())
    return [None if value is None else int(value.scaleb(places)) for value in exact]


def _from(base: list[int | None], values: list[int | None]) -> list[int | None]:
    """Limits as distances from the level, which are short; None where one is missing."""
    return [None if b is None or v is None else v - b for b, v in zip(base, values, strict=True)]


def data(view: View) -> str:
    """The figures for the page's cursor and drill-down as compact JSON; `<` is escaped so that no tag can end it.

    Levels and changes are whole numbers of their last published decimal, contributions 1e-3 percentage points
    (`pl`: 1e-8, of the newest issue), weights 1e-4 per cent; `l` and `h` are the limits of the
    interval as distances from the level.
    """
    facts, words, last = view.facts, view.words, view.facts.last
    states = sorted({state for one in facts.series for state in one.status})
    level, change = 10**words.level_digits, 10**words.change_digits

    def series(one: Series) -> dict[str, Any]:
        index = _whole_numbers(one.index, level)
        return {
            "zh": one.name_zh,
            "en": one.name_en,
            "up": one.parent,
            "i": index,
            "l": _from(index, _whole_numbers(one.low, level)),
            "h": _from(index, _whole_numbers(one.high, level)),
            "c": _whole_numbers(one.change_previous, change),
            "cl": _whole_numbers(one.change_low[last : last + 1], change)[0],
            "ch": _whole_numbers(one.change_high[last : last + 1], change)[0],
            "sure": bool(one.clear[last]),
            "p": _whole_numbers(one.contribution, 1000),
            "pl": _whole_numbers(one.contribution[last : last + 1], 10**POINT_PLACES)[0],
            "w": _whole_numbers(100 * one.weight[last : last + 1], 10_000)[0],
            "g": one.grade[last],
            "m": one.matched.tolist(),
            "x": one.excluded.tolist(),
            "q": int(one.quotes[last]),
            "s": [states.index(state) for state in one.status],
        }

    body = {
        "periods": facts.periods,
        "days": facts.days.tolist(),
        "last": last,
        "year": YEAR[facts.kind],
        "levelDigits": words.level_digits,
        "changeDigits": words.change_digits,
        "states": {language: [Words(language)(f"status_{state}") for state in states] for language in LANGUAGES},
        "stateCodes": states,
        "words": spoken(facts, view.quotes),
        "order": [one.code for one in facts.series],
        "series": {one.code: series(one) for one in facts.series},
        "quotes": packed_quotes(view),
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _header(language: Language) -> Markup:
    """Name, language switch and colour switch. Radio buttons and a style rule switch, so no script is needed."""
    choices = [
        join(
            void("input", type="radio", name="language", id=f"language-{one}", value=one, checked=one == language),
            tag("label", SWITCH[one], for_=f"language-{one}", lang=TAGS[one]),
        )
        for one in LANGUAGES
    ]
    swap = [tag("span", Words(one)("swap"), lang=TAGS[one], class_=f"only-{one}") for one in LANGUAGES]
    return tag(
        "header",
        tag("p", tag("span", "Ellwand", class_="brand"), tag("span", class_="rod-mark", aria_hidden="true")),
        tag("fieldset", tag("legend", "语言 / Language", class_="hidden"), *choices, class_="switch"),
        tag("p", void("input", type="checkbox", id="swap"), tag("label", *swap, for_="swap"), class_="choice"),
    )


def whole(view: View) -> Markup:
    """Everything of one language."""
    parts = (value_block, total_chart, class_table, woven, explorer, pulls, panels, counts, history, notes, recompute)
    return tag(
        "main",
        *(part(view) for part in parts),
        tag("p", view.words("foot", version=view.background.version), " ",
            tag("a", view.words("to_top"), href=f"#{view.ident('top')}"), class_="foot"),
        lang=TAGS[view.language], id=view.ident("main"),
    )  # fmt: skip


def render(
    observations: pa.Table, background: Background, *, drill: pa.Table | None = None, language: Language = "zh"
) -> str:
    """The report as one HTML text.

    Parameters:
        observations: one row per series and period with the columns of `facts.COLUMNS`.
        background: market, method, links and digests that the page names.
        drill: the price series of the newest issue with the columns of `quotes.COLUMNS`; None: no single quotes.
        language: which language is in front before the reader chooses.

    Raises:
        DataError: the tables are not complete, or are not of one compilation.
    """
    facts = Facts.from_table(observations)
    quotes = Quotes.from_table(drill, facts)
    release = background.method.release
    style, script = asset("style.css"), asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    views = [
        View(facts, quotes, background, Words(one, facts.kind, release.decimals, release.change_decimals))
        for one in LANGUAGES
    ]
    titles = {
        view.language: view.words(
            "title", market=background.market(view.language), period=view.words.period(facts.periods[facts.last])
        )
        for view in views
    }
    amber = [
        tag("p", view.words("simulated_long"), lang=TAGS[view.language], class_=f"only-{view.language}")
        for view in views
    ]
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", http_equiv="Content-Security-Policy", content=policy),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void("meta", name="color-scheme", content="light dark"),
        void("meta", name="referrer", content="no-referrer"),
        tag("title", titles[language]),
        void("link", rel="icon", href="data:,"),
        tag("style", Markup(style)),
    )
    body = tag(
        "body",
        *(
            tag("a", view.words("skip"), href=f"#{view.ident('main')}", class_=f"skip only-{view.language}",
                lang=TAGS[view.language])
            for view in views
        ),
        _header(language),
        tag("aside", *amber, class_="simulated", aria_label="模拟 / Simulated") if facts.simulated else None,
        *(whole(view) for view in views),
        tag("script", Markup(data(views[0])), type="application/json", id="figures"),
        tag("script", Markup(script), data_titles=json.dumps(titles, ensure_ascii=False)),
    )  # fmt: skip
    return "<!doctype html>\n" + tag("html", head, body, lang=TAGS[language]) + "\n"


def write_report(
    observations: pa.Table,
    background: Background,
    path: str | Path,
    *,
    drill: pa.Table | None = None,
    language: Language = "zh",
) -> Path:
    """Write the report and give its path back; see `render`."""
    target = Path(path)
    target.write_text(render(observations, background, drill=drill, language=language), encoding="utf-8")
    return target
