"""Names of the values of components, for the formats that show them."""

from dataclasses import dataclass

from ellwand.web.moments import Moment
from ellwand.web.query import codes_of
from ellwand.web.sdmx import ids
from ellwand.web.sdmx.components import BY_ID, CODES
from ellwand.web.sdmx.structures import FAMILIES


@dataclass(frozen=True)
class Names:
    """Names of one family. classes : by SDMX code, in Chinese and English. family : name of the dataflow."""

    language: str
    family: str
    classes: dict[str, tuple[str, str]]

    def both(self, id_: str, value: str) -> tuple[str, str]:
        """The names of a value of a component in Chinese and English; empty for one that is its own name."""
        if id_ == "CLASS":
            zh, en = self.classes.get(value, ("", ""))
        else:
            codes = BY_ID[id_].codes
            zh, en = CODES[codes][2].get(value, ("", "")) if codes else ("", "")
        return zh or en, en or zh

    def value(self, id_: str, value: str) -> str:
        """The name of a value in the language; "" for one that is its own name."""
        return self.both(id_, value)[0 if self.language == "zh" else 1]


def names_of(seen: Moment, language: str) -> Names:
    """The names of a family, of its classes those that they have now."""
    zh, en = FAMILIES.get(seen.standing.family, (seen.standing.family,) * 2)
    classes = {ids.code_of(code): (one.name_zh, one.name_en) for code, one in codes_of(seen).items()}
    return Names(language, zh if language == "zh" else en, classes)
