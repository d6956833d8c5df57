"""One self-contained HTML file: both languages, pictures, data, style and script, and a policy that admits no more."""

import base64
import hashlib
import json
from importlib import resources
from pathlib import Path

import pyarrow as pa

from ellwand.production.report.facts import Facts, Floats, rounded
from ellwand.production.report.markup import Markup, join, tag, void
from ellwand.production.report.sections import Background, View, whole
from ellwand.production.report.texts import LANGUAGES, TAGS, TEXTS, Language, Words

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


def data(facts: Facts) -> str:
    """The figures for the page's cursor and explorer as compact JSON; `<` is escaped so that no tag can end it."""
    states = sorted({state for one in facts.series for state in one.status})
    body = {
        "periods": facts.periods,
        "days": facts.days.tolist(),
        "last": facts.last,
        "states": {language: [Words(language)(f"status_{state}") for state in states] for language in LANGUAGES},
        "reading": {language: TEXTS["reading"][i] for i, language in enumerate(LANGUAGES)},
        "title": {language: TEXTS["title"][i] for i, language in enumerate(LANGUAGES)},
        "series": {
            one.code: {
                "zh": one.name_zh,
                "en": one.name_en,
                "i": _whole_numbers(one.index, 100),
                "c": _whole_numbers(one.change_previous, 100),
                "p": _whole_numbers(one.contribution, 1000),
                "m": one.matched.tolist(),
                "x": one.excluded.tolist(),
                "s": [states.index(state) for state in one.status],
            }
            for one in facts.series
        },
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


def render(observations: pa.Table, background: Background, *, language: Language = "zh") -> str:
    """The report as one HTML text.

    Parameters:
        observations: one row per series and period with the columns of `facts.COLUMNS`.
        background: market, limit, links and digests that the page names.
        language: which language is in front before the reader chooses.

    Raises:
        DataError: the observations are not complete.
    """
    facts = Facts.from_table(observations)
    style, script = asset("style.css"), asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    views = [View(facts, background, Words(one)) for one in LANGUAGES]
    titles = {
        view.language: view.words(
            "title", market=background.market(view.language), week=view.words.week(facts.periods[facts.last])
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
        tag("script", Markup(data(facts)), type="application/json", id="figures"),
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
    target.write_text(render(observations, background, language=language), encoding="utf-8")
    return target
