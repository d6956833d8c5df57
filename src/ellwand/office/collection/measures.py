"""Words for units of measure, in Chinese and English, and the names that `ellwand.formulas.textile_units` knows."""

import re
from collections.abc import Mapping
from typing import Final

from ellwand.office.collection.messages import SheetError
from ellwand.office.collection.text import key

WORDS: Final[dict[str, str]] = {
    word: unit
    for unit, words in {
        "m": "m 米 公尺 meter meters metre metres",
        "yd": "yd yds 码 yard yards",
        "kg": "kg kgs 公斤 千克 ㎏ kilo kilogram kilograms kilogramme",
        "t": "t 吨 公吨 tonne tonnes mt",
        "m2": "m2 m² ㎡ 平方米 平米 sqm squaremetre squaremeter",
        "piece": "piece pieces pc pcs 件 个 只 条",
        "dozen": "dozen dozens doz dz 打",
        "pack": "pack packs 包",
    }.items()
    for word in words.split()
}
"""Left out are words of several meanings: 套 (set: how many pieces?), ton (short or long?), 斤 (old or new?)."""

NAMES_ZH: Final = {
    "m": "米", "yd": "码", "kg": "公斤", "t": "吨", "m2": "平方米", "piece": "件", "dozen": "打", "pack": "包"
}  # fmt: skip

_PACK = re.compile(r"(?:pack|包)([1-9][0-9]{0,4})|([1-9][0-9]{0,4})(?:件|个|只|条|pcs|pieces)/?(?:包|pack)")


def measure_of(text: str, measures: Mapping[str, str] | None = None) -> str:
    """The unit of measure that a text names, as `textile_units` calls it ("m", "yd", ..., "pack 10").

    measures : further words and their units. SheetError "measure unknown" for another text.
    """
    word = key(text)
    for own, unit in (measures or {}).items():
        if key(own) == word:
            return unit
    if word in WORDS:
        return WORDS[word]
    pack = _PACK.fullmatch(word)
    if pack:
        return f"pack {pack[1] or pack[2]}"
    raise SheetError("measure unknown", value=text)


def name_of(unit: str, language: str) -> str:
    """A unit of measure as a sheet in this language writes it; `measure_of` reads it back."""
    if language != "zh":
        return unit
    head, _, number = unit.partition(" ")
    return NAMES_ZH.get(head, head) + number
