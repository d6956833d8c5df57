"""Codes and names of a register, and the nearest ones where a sheet writes something else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Literal

from ellwand.office.collection.messages import SheetError, shown
from ellwand.office.collection.text import key

Entry = Mapping[str, object]

HINTS: Final = 50
"""Most values of a file for which near names are looked for; looking takes time, and a file may hold thousands."""

_CHOICES: Final = 5


@dataclass(slots=True)
class Register:
    """A register of units or items, ready for finding.

    what : "unit" or "item". entries : by code, with name_zh and name_en. hints : near names that may still be sought.
    """

    what: Literal["unit", "item"]
    entries: Mapping[str, Entry]
    hints: int = HINTS
    _codes: dict[str, list[str]] = field(default_factory=dict)
    _seen: dict[str, str | SheetError] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the codes first: a code is found before a name that equals it."""
        names: dict[str, list[str]] = {}
        for code, entry in self.entries.items():
            self._codes.setdefault(key(code), []).append(code)
            for name in _names(entry):
                found = names.setdefault(key(name), [])
                if code not in found:
                    found.append(code)
        for word, codes in names.items():
            self._codes.setdefault(word, codes)

    def __contains__(self, text: str) -> bool:
        """Whether the text is a code or a name, even of several entries."""
        return key(text) in self._codes

    def find(self, text: str) -> str:
        """The code that a code or name means. SheetError for an unknown one, with near names, and for several."""
        if text not in self._seen:
            try:
                self._seen[text] = self._find(text)
            except SheetError as error:
                self._seen[text] = error
        found = self._seen[text]
        if isinstance(found, SheetError):
            raise found
        return found

    def _find(self, text: str) -> str:
        codes = self._codes.get(key(text), [])
        if len(codes) == 1:
            return codes[0]
        if codes:
            more = "" if len(codes) <= _CHOICES else " …"
            choices = ", ".join(self.label(c, "zh") for c in codes[:_CHOICES]) + more
            raise SheetError(f"{self.what} in doubt", value=text, choices=choices)
        near = self._near(text)
        en = ", ".join(self.label(c, "en") for c in near)
        zh = "、".join(self.label(c, "zh") for c in near)
        raise SheetError(
            f"{self.what} unknown",
            value=text,
            near_en=f"did you mean {en}?" if near else "give a code of the register",
            near_zh=f"是否为{zh}？" if near else "请填写名录中的编号",
        )

    def _near(self, text: str) -> list[str]:
        if self.hints <= 0:
            return []
        self.hints -= 1
        out: list[str] = []
        word = key(text)[:100]
        # A short form of a name first: it is unlike the whole name by its length alone.
        within = sorted((w for w in self._codes if word in w), key=len) if len(word) > 1 else []
        for name in [*within[:3], *get_close_matches(word, list(self._codes), 3, 0.6)]:
            out += [c for c in self._codes[name] if c not in out]
        return out[:3]

    def names_of(self, code: str | None) -> Collection[str]:
        """The names of an entry; none for no code."""
        return _names(self.entries[code]) if code is not None else ()

    def label(self, code: str, language: str) -> str:
        """A code with its name."""
        name = self.entries[code].get(f"name_{language}") or self.entries[code].get("name_zh") or ""
        return shown(f"{code} {name}".strip())


def _names(entry: Entry) -> list[str]:
    return [str(entry[k]) for k in ("name_zh", "name_en") if entry.get(k)]
