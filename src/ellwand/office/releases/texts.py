"""The texts of a release: each in both languages; a bound text with its figure bindings beside the plain one.

price.zh.md, price.en.md       the text, Markdown
price.zh.json, price.en.json   the same with its spans, as `Bound.json` writes it
rationale.zh.md, rationale.en.md
"""

import re
from collections.abc import Mapping
from pathlib import Path

from ellwand.engine.errors import DataError
from ellwand.production.comment.bound import Bound

TEXT = re.compile(r"[\w-]+\.(zh|en)\.[a-z0-9]+")
LANGUAGES = ("zh", "en")
Texts = Mapping[str, bytes]
"""Texts by the name of their file."""


def bound_texts(bound: Mapping[str, Bound], rationale: Mapping[str, str], name: str = "price") -> dict[str, bytes]:
    """The files of a bound text and a rationale, by name. bound, rationale : by language, zh and en.

    DataError where a language is missing or is another one.
    """
    out: dict[str, bytes] = {}
    for given, what in ((bound, name), (rationale, "rationale")):
        if set(given) != set(LANGUAGES):
            raise DataError(f"{what}: is there in {', '.join(given) or 'no language'}; give zh and en")
    for language in LANGUAGES:
        text = bound[language]
        if text.language != language:
            raise DataError(f"{name}.{language}: the bound text is of the language {text.language}")
        out[f"{name}.{language}.md"] = text.text.encode("utf-8")
        out[f"{name}.{language}.json"] = text.json().encode("utf-8")
        out[f"rationale.{language}.md"] = rationale[language].encode("utf-8")
    return out


def read_texts(given: str | Path | Texts | None, period: str) -> dict[str, bytes]:
    """The texts of a folder, or those given, checked; none for None.

    DataError for a name of another form, a text without its twin in the other language, and a bound text that is not
    that of the Markdown beside it.
    """
    if given is None:
        return {}
    texts = dict(given) if isinstance(given, Mapping) else _folder(Path(given))
    for name in texts:
        match = TEXT.fullmatch(name)
        if match is None:
            raise DataError(f"{name}: write a text as NAME.zh.md and NAME.en.md")
        other = LANGUAGES[1 - LANGUAGES.index(match[1])]
        twin = name.replace(f".{match[1]}.", f".{other}.")
        if twin not in texts:
            raise DataError(f"{name}: {twin} is missing; a release has every text in both languages")
    for name, why in bound_faults(texts, period).items():
        raise DataError(f"{name}: {why}")
    return {name: texts[name] for name in sorted(texts)}


def bound_faults(texts: Texts, period: str) -> dict[str, str]:
    """What is wrong with the bound texts, by name: each must be of its language and period, and of the text beside."""
    out: dict[str, str] = {}
    for name in sorted(texts):
        stem, language, kind = name.rsplit(".", 2)
        if kind != "json":
            continue
        try:
            bound = Bound.of_json(texts[name].decode("utf-8"))
        except ValueError as error:
            out[name] = str(error)
            continue
        plain = f"{stem}.{language}.md"
        if (bound.language, bound.period) != (language, period):
            out[name] = f"is of {bound.language} and {bound.period}, not of {language} and {period}"
        elif plain not in texts or bound.text.encode("utf-8") != texts[plain]:
            out[name] = f"its text is not that of {plain}; bind the text anew"
    return out


def _folder(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; give the folder of the texts")
    out = {}
    for path in sorted(folder.iterdir()):
        if not path.is_file():
            raise DataError(f"{path}: write a text as NAME.zh.md and NAME.en.md")
        out[path.name] = path.read_bytes()
    return out
