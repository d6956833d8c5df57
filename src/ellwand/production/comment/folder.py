"""Facts and texts from files: a compilation's folder, the register of items, texts plain or bound."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from ellwand.engine.errors import DataError
from ellwand.production.comment.bound import OPEN, Bound, Span
from ellwand.production.comment.facts import FactTable
from ellwand.production.comment.items import Item, item_changes
from ellwand.production.method import read_method
from ellwand.production.report.texts import Language

OBSERVATIONS, PRICES, METHOD = "observations.parquet", "prices.parquet", "method.toml"


def read_facts(folder: str | Path, period: str | None = None, items: str | Path | None = None) -> FactTable:
    """The facts of one issue from the folder of a compilation.

    period : the issue; None is the newest. items : register of items (columns item, name_zh, name_en) with the names
    of items; without it the comment names no items.
    DataError: a file or column is missing, or the period has no issue. ValueError: the period is not of the data.
    """
    at = Path(folder)
    for name in (OBSERVATIONS, METHOD):
        if not (at / name).is_file():
            raise DataError(f"{at}: holds no {name}; give the folder that `ellwand compile` wrote")
    method = read_method(at / METHOD).method
    table = pq.read_table(at / OBSERVATIONS)

    def made(at: str | None, moved: Sequence[Item] = ()) -> FactTable:
        release = method.release
        return FactTable(
            table,
            at,
            level_digits=release.decimals,
            change_digits=release.change_decimals,
            coverage=method.variance.level,
            items=moved,
        )

    facts = made(period)
    if items is None:
        return facts
    if not (at / PRICES).is_file():
        raise DataError(f"{at}: holds no {PRICES}, from which the changes of items are taken; compile again")
    moved = item_changes(pq.read_table(at / PRICES), facts.period, _names(Path(items)))
    return made(facts.period, moved)


def _names(path: Path) -> dict[str, tuple[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = csv.DictReader(stream)
        absent = [name for name in ("item", "name_zh", "name_en") if name not in (rows.fieldnames or ())]
        if absent:
            raise DataError(f"{path}: lacks the column(s) {', '.join(absent)}; give the register of items")
        return {row["item"]: (row["name_zh"], row["name_en"]) for row in rows}


def language_of(text: str) -> Language:
    """The language of a text: Chinese where it holds more Chinese characters than words of Latin letters."""
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in text)
    latin = len([word for word in text.split() if word[:1].isascii() and word[:1].isalpha()])
    return "zh" if chinese > latin else "en"


def read_text_file(path: str | Path, language: Language | None = None) -> tuple[str, Language, tuple[Span, ...] | None]:
    """A text with its language and spans; None for a plain text, which has none.

    The file is plain text, a marked text (see `Bound.marked`) or the JSON of a bound text, in UTF-8.
    DataError: it isn't UTF-8, or its marks or JSON aren't whole.
    """
    at = Path(path)
    try:
        content = at.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{at}: byte {error.start} is not UTF-8; save the text as UTF-8") from error
    if at.suffix.lower() == ".json":
        bound = Bound.of_json(content)
        return bound.text, language or bound.language, bound.spans
    if OPEN in content:
        bound = Bound.of_marked(content, language or "zh", "")
        return bound.text, language or language_of(bound.text), bound.spans
    return content, language or language_of(content), None
