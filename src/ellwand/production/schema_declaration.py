"""What a frozen dataclass declares about a table of a file: its keys, what each may hold, and within which limits."""

import dataclasses
import keyword
import math
import re
import types
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ellwand.formulas.catalogue import suggest

Kind = Literal["text", "whole", "number", "flag", "any", "array", "map", "table"]

LEAVES: dict[Any, Kind] = {str: "text", int: "whole", float: "number", bool: "flag", Any: "any"}
WORDS: dict[Kind, str] = {
    "text": "a text in quotes",
    "whole": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "any": "any value",
    "map": "a table",
    "table": "a table",
}
PLURALS: dict[Kind, str] = {
    "text": "texts",
    "whole": "whole numbers",
    "number": "numbers",
    "flag": "true or false",
    "any": "any values",
    "array": "arrays",
    "map": "tables",
    "table": "tables",
}
BOUNDS = {"low": (">=", "at least"), "above": (">", "above"), "high": ("<=", "at most"), "below": ("<", "below")}
METADATA = {"about", "choices", "pattern", *BOUNDS}
SHOWN = 60
"""Most characters of a given text that a message repeats."""


@dataclass(frozen=True)
class Limits:
    """Bounds (low and high inclusive, above and below exclusive), choices and pattern of a value."""

    low: float | None = None
    above: float | None = None
    high: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] | Callable[[], Iterable[Any]] | None = None
    pattern: str | None = None

    def allowed(self) -> tuple[Any, ...]:
        """The choices as they are now; plug-ins may have added some."""
        return tuple(self.choices() if callable(self.choices) else self.choices or ())

    def texts(self) -> list[str]:
        """The limits as a reader of the reference needs them."""
        out = [f"{sign} {getattr(self, n)!r}" for n, (sign, _) in BOUNDS.items() if getattr(self, n) is not None]
        if self.choices is not None:
            out.append("one of " + ", ".join(f"`{c}`" for c in self.allowed()))
        if self.pattern is not None:
            out.append(f"matches `{self.pattern}`")
        return out

    def fault(self, value: Any) -> str | None:
        """What a value of the right type breaks, None if nothing."""
        if self.choices is not None and value not in (allowed := self.allowed()):
            return f"unknown {shown(value)}; " + suggest(str(value)[:SHOWN], map(str, allowed))
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return f"{shown(value)} does not match the pattern {self.pattern}"
        inside = {
            "low": self.low is None or value >= self.low,
            "above": self.above is None or value > self.above,
            "high": self.high is None or value <= self.high,
            "below": self.below is None or value < self.below,
        }
        if all(inside.values()):
            return None
        rules = [f"{word} {getattr(self, n)!r}" for n, (_, word) in BOUNDS.items() if getattr(self, n) is not None]
        return f"{shown(value)} is out of bounds; it must be {' and '.join(rules)}"


@dataclass(frozen=True)
class Shape:
    """What a value may be. item : of what an array or map consists. into : dataclass of a table. limits : of a leaf."""

    kind: Kind
    item: "Shape | None" = None
    into: type | None = None
    limits: Limits = Limits()

    @property
    def leaf(self) -> "Shape":
        """The shape at the end of arrays and maps."""
        return self.item.leaf if self.item else self

    def wanted(self, key: str) -> str:
        """In words, for the value of a key."""
        if self.kind == "array" and self.item:
            if self.item.kind == "table":
                return f"an array of tables ([[{key}]])"
            return f"an array of {PLURALS[self.item.kind]} in brackets"
        return WORDS[self.kind] + (f" ([{key}])" if self.kind in ("table", "map") else "")

    def plain(self) -> str:
        """In words, for the reference."""
        if self.kind == "array" and self.item:
            return f"array of {PLURALS[self.item.kind]}"
        if self.kind == "map" and self.item:
            return "table of " + ("any keys" if self.item.kind == "any" else f"names with {self.item.plain()}")
        words = {"text": "text", "whole": "whole number", "flag": "true or false", "any": "any value"}
        return words.get(self.kind, self.kind)


@dataclass(frozen=True)
class Entry:
    """One key of a table. name : the field of the dataclass; key : its name in the file; default : MISSING if required.

    A trailing underscore, which keeps a name apart from Python's own words, is not part of the key: `if_` is `if`.
    """

    name: str
    key: str
    shape: Shape
    about: str
    default: Any

    @property
    def required(self) -> bool:
        """Whether the file must hold it."""
        return self.default is MISSING


@cache
def entries(into: type) -> tuple[Entry, ...]:
    """The keys of a table in the order of the dataclass.

    TypeError for a class that is no dataclass, a type that no file can hold, or metadata that mean nothing here.
    """
    if not dataclasses.is_dataclass(into):
        raise TypeError(f"{into!r} is no dataclass")
    hints = get_type_hints(into)
    return tuple(_entry(into, f, hints[f.name]) for f in dataclasses.fields(into) if f.init)


def _entry(into: type, f: "dataclasses.Field[Any]", hint: Any) -> Entry:
    where = f"{into.__name__}.{f.name}"
    metadata = dict(f.metadata)
    if strange := sorted(set(metadata) - METADATA):
        raise TypeError(f"{where}: unknown metadata {strange[0]!r}; {suggest(strange[0], METADATA)}")
    about = metadata.pop("about", "")
    if get_origin(hint) in (Union, types.UnionType) and types.NoneType in get_args(hint):
        rest = [a for a in get_args(hint) if a is not types.NoneType]
        hint = rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007 - refused below, with its name
    shape = _shape(hint, Limits(**metadata), where)
    default = f.default_factory() if f.default_factory is not MISSING else f.default
    return Entry(f.name, _key(f.name), shape, about, default)


def _key(name: str) -> str:
    return name[:-1] if name.endswith("_") and keyword.iskeyword(name[:-1]) else name


def _shape(hint: Any, limits: Limits, where: str) -> Shape:
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple and len(args) == 2 and args[1] is ...:
        return Shape("array", _shape(args[0], limits, where))
    if origin is dict and args[0] is str:
        return Shape("map", _shape(args[1], limits, where))
    if origin is Literal and len(kinds := {type(a) for a in args}) == 1 and kinds <= {str, int}:
        if limits != Limits():
            raise TypeError(f"{where}: a Literal is its own limit; leave the other limits out")
        return Shape(LEAVES[kinds.pop()], limits=Limits(choices=args))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        shape = Shape("table", into=hint)
    elif hint in LEAVES:
        shape = Shape(LEAVES[hint], limits=limits)
    else:
        raise TypeError(f"{where}: a file cannot hold {hint!r}")
    bounded = any(getattr(limits, n) is not None for n in BOUNDS)
    if (
        (bounded and shape.kind not in ("whole", "number"))
        or (limits.pattern is not None and shape.kind != "text")
        or (limits.choices is not None and shape.kind not in ("text", "whole", "number"))
    ):
        raise TypeError(f"{where}: its limits do not fit {shape.plain()}")
    return shape


def shown(value: Any) -> str:
    """A value in one short line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return repr(value) if len(value) <= SHOWN else f"{value[:SHOWN]!r}..."
    if isinstance(value, int | float):
        return repr(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def given(value: Any) -> str:
    """A value with its type, in words."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, bool):
        return shown(value)
    words = {str: "the text", int: "the whole number", float: "the number"}
    return f"{words.get(type(value), 'the date or time')} {shown(value)}"


def remedy(shape: Shape, value: Any, key: str) -> str:
    """What to write instead of a value of the wrong type, empty where nothing can be said."""
    kind = shape.kind
    if kind == "array" and not isinstance(value, list):
        if isinstance(value, dict):
            return f"; write [[{key}]] in two brackets" if shape.leaf.kind == "table" else ""
        return "" if shape.leaf.kind == "table" else "; put it in brackets"
    if kind in ("table", "map") and isinstance(value, list):
        return f"; write [{key}] in one pair of brackets, once"
    if kind == "text" and not isinstance(value, list | dict):
        return "; put it in quotes"
    if kind == "whole" and isinstance(value, float) and math.isfinite(value) and value == int(value):
        return f"; write {int(value)}"
    unquoted = {"flag": r"true|false", "whole": r"[+-]?\d+", "number": r"[+-]?\d+(\.\d+)?"}
    if isinstance(value, str) and kind in unquoted and re.fullmatch(unquoted[kind], value[:SHOWN]):
        return "; leave the quotes out"
    return ""
