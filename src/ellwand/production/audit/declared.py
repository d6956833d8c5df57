"""Declared composites: which parts a parent has, with which weights."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.production.audit.figures import figure

_KEYS = {"parent", "parts", "weights", "from", "until", "linked"}


@dataclass(frozen=True, slots=True)
class Composite:
    """Declared: these are all the parts of the parent.

    weights: in the order of the parts, sum 1, at the level of the index (sum of weight times level = parent); None if
    not published, then constant ones are sought. first, last: periods, as labels, between which the declaration holds;
    several declarations of one parent with other weights or parts follow one another so. linked: the levels are
    chained, so that only changes are compared.
    """

    parent: str
    parts: tuple[str, ...]
    weights: tuple[float, ...] | None = None
    first: str | None = None
    last: str | None = None
    linked: bool = False

    def __post_init__(self) -> None:
        where = f"composite {self.parent!r}"
        if len(self.parts) < 2 or len(set(self.parts)) < len(self.parts) or self.parent in self.parts:
            raise DataError(f"{where}, field parts: {list(self.parts)}; name at least two different other series")
        if self.weights is None:
            return
        if len(self.weights) != len(self.parts) or any(w < 0 for w in self.weights):
            raise DataError(f"{where}, field weights: give one weight, 0 or more, for each of {len(self.parts)} parts")
        if abs(sum(self.weights) - 1) > 1e-9:
            raise DataError(f"{where}, field weights: the sum is {float(sum(self.weights)):g}; it must be 1")


def read_composites(path: str | Path) -> list[Composite]:
    """Declarations from a TOML file of `[[composite]]` tables with parent, parts, weights, from, until, linked."""
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {error}; correct the file") from error
    tables = data.pop("composite", None)
    if data or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise DataError(f"{path}: declares {sorted(data) or 'nothing'}; it holds [[composite]] tables only")
    return [_composite(table, f"{path}: composite {i + 1}") for i, table in enumerate(tables)]


def _composite(table: dict[str, Any], where: str) -> Composite:
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise DataError(f"{where}: unknown field {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}")

    def take(name: str, ok: Callable[[Any], bool], rule: str, needed: bool = False) -> Any:
        value = table.get(name)
        if (value is None and needed) or (value is not None and not ok(value)):
            raise DataError(f"{where}, field {name}: {value!r}; {rule}")
        return value

    def texts(value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(v, str) and v for v in value)

    def numbers(value: Any) -> bool:
        kind = isinstance(value, list) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        return kind and all(figure(str(v)) is not None for v in value)

    def text(value: Any) -> bool:
        return isinstance(value, str) and bool(value)

    given = take("weights", numbers, "a list of finite numbers that sum to 1")
    return Composite(
        take("parent", text, "the code of a series in quotation marks", needed=True),
        tuple(take("parts", texts, "a list of series codes", needed=True)),
        tuple(float(v) for v in given) if given is not None else None,
        take("from", text, "a period in quotation marks"),
        take("until", text, "a period in quotation marks"),
        bool(take("linked", lambda v: isinstance(v, bool), "true or false")),
    )
