"""A declared file: TOML read into frozen dataclasses, with every fault named by line and column.

The dataclass is the schema: its fields are the keys, their types and defaults those of the values. What else a key
must obey stands in the field's metadata: `about` (one sentence), `low` and `high` (inclusive), `above` and `below`
(exclusive), `choices` (names, or a function that gives them), `pattern` (of the whole text). Limits of an array or of
a table of names hold for each element. A `__post_init__` that raises ValueError is a rule over several keys.
"""

import hashlib
import json
import re
import tomllib
from ast import literal_eval
from collections.abc import Sequence
from math import isfinite
from typing import Any, NamedTuple, TypeVar

from ellwand.formulas.catalogue import suggest
from ellwand.production.schema_declaration import SHOWN, Shape, entries, given, remedy, shown
from ellwand.production.schema_reference import reference
from ellwand.production.toml_positions import BARE, Place, Positions

__all__ = ["LARGEST", "Problem", "SchemaError", "digest", "load", "reference"]

T = TypeVar("T")
Path = tuple[str | int, ...]

LARGEST = 1_000_000
"""Most bytes of a file."""
NEAREST = 100
"""Number of problems of a file up to which the nearest name is looked for, which takes time."""
WORD = 1 << 63
"""Whole numbers of TOML are those of 64 bits."""

_WRONG: Any = object()
"""Stands for a value that has a problem."""


class Problem(NamedTuple):
    """One fault of a file. line, column : from 1, in characters. key : dotted, elements counted from 1; '' for all."""

    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: " + (f"{self.key}: " if self.key else "") + self.message


class SchemaError(ValueError):
    """A file that breaks its schema. problems : all of them in the order of position. Its text: one line for each."""

    def __init__(self, problems: Sequence[Problem], name: str = "method file") -> None:
        super().__init__(problems, name)
        self.problems = tuple(sorted(problems))
        self.name = name

    def __str__(self) -> str:
        return "\n".join(f"{self.name}:{p}" for p in self.problems)


def load(text: str, into: type[T], *, name: str = "method file") -> T:
    """Read a file into a dataclass.

    text : TOML. into : a frozen dataclass whose fields are of the types str, int, float (a whole number is taken too),
    bool, Literal of texts or of whole numbers, Any, a dataclass (a table), `tuple[X, ...]` (an array, or an array of
    tables), `dict[str, X]` (a table of any names), or one of these `| None`; a field without default is required.
    name : what messages call the file.
    SchemaError with all problems; TypeError for a dataclass that declares what no file can hold.
    """
    values, positions = _parse(text, name)
    reader = _Reader(positions)
    out = reader.table(into, values, positions.root, ())
    if reader.problems:
        raise SchemaError(reader.problems, name)
    return out  # type: ignore[no-any-return]


def digest(text: str) -> str:
    """SHA-256 (hex) of what a file says: comments, layout, order of keys and ways of quoting do not change it.

    A key that states its default does, and so does 1.0 for 1: they are other content. SchemaError where it is no TOML.
    """
    return hashlib.sha256(_canonical(_parse(text, "method file")[0]).encode()).hexdigest()


def _canonical(value: Any) -> str:
    """JSON with sorted keys and without spaces; what JSON has not (dates, nan, inf) stands without quotes."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{_canonical(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, str | bool):
        return json.dumps(value)
    return repr(value) if isinstance(value, int | float) else str(value.isoformat())


class _Parsed(NamedTuple):
    values: dict[str, Any]
    positions: Positions


def _parse(text: str, name: str) -> _Parsed:
    """The values and places of a TOML text. SchemaError for what is none, and for a text that is too large."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        message = f"{size:,} bytes; the file may hold at most {LARGEST:,}; put data into files of their own"
        raise SchemaError([Problem(1, 1, "", message)], name)
    # Some editors of Windows put a byte order mark before the text.
    text = text.removeprefix("\ufeff")
    positions = Positions(text)
    if positions.refused:
        line, column = positions.line_column(positions.refused.at)
        raise SchemaError([Problem(line, column, "", positions.refused.message)], name)
    try:
        return _Parsed(tomllib.loads(text), positions)
    except tomllib.TOMLDecodeError as error:
        raise SchemaError([_syntax(str(error), positions)], name) from None


def _syntax(error: str, positions: Positions) -> Problem:
    """The parser's error as a problem; a key that stands twice is told by the walk, which knows both places."""
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", error)
    end = len(positions.text)
    at = positions.offset(int(match[1]), int(match[2])) if match and match[1] else end
    message = error[: match.start()] if match else error
    if positions.twice and positions.twice.at <= at:
        at, message = positions.twice.at, positions.twice.message
    else:
        start = positions.statement(at)
        if message.startswith("Cannot"):
            # The parser stands behind the key and value that it refuses, and writes the key as Python does.
            at = start
            message = re.sub(r"\(['\"].*\)", lambda m: _dotted(literal_eval(m[0])), message)
        begun, (line, column) = positions.line_column(start), positions.line_column(at)
        message = "no valid TOML: " + " ".join(f"{message[:1].lower()}{message[1:]}".split())
        if message.endswith("invalid value"):
            message += "; a text stands in quotes, true and false in small letters"
        if at == end:
            message += " at the end of the file"
        if begun[0] != line:
            message += f"; what is not finished begins at line {begun[0]}, column {begun[1]}"
    line, column = positions.line_column(at)
    return Problem(line, column, "", message)


class _Reader:
    """Builds dataclasses from parsed values and gathers the problems on the way."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.problems: list[Problem] = []

    def wrong(self, at: int, path: Path, message: str) -> Any:
        """Note a problem."""
        line, column = self.positions.line_column(at)
        self.problems.append(Problem(line, column, _dotted(path), message))
        return _WRONG

    def table(self, into: type, values: dict[str, Any], place: Place, path: Path) -> Any:
        """An instance of a dataclass."""
        known = {e.key: e for e in entries(into)}
        for key in values:
            if key not in known:
                near = suggest(key[:SHOWN], known) if len(self.problems) < NEAREST else "allowed: " + ", ".join(known)
                self.wrong(place.inside[key].key, (*path, key), f"unknown key; {near}")
        arguments: dict[str, Any] = {}
        complete = True
        for key, entry in known.items():
            if key in values:
                value = self.value(entry.shape, values[key], place.inside[key], (*path, key))
                complete &= value is not _WRONG
                arguments[entry.name] = value
            elif entry.required:
                complete = False
                wanted = f"{entry.shape.wanted(_dotted((*path, key)))} is required"
                self.wrong(
                    place.value, (*path, key), f"missing; {wanted}" + (f": {entry.about}" if entry.about else "")
                )
        if not complete:
            return _WRONG
        try:
            return into(**arguments)
        except ValueError as error:
            return self.wrong(place.value, path, " ".join(str(error).split()))

    def value(self, shape: Shape, value: Any, place: Place, path: Path) -> Any:
        """A value of a shape."""
        if shape.kind == "any":
            return value
        if shape.kind == "table" and shape.into and isinstance(value, dict):
            return self.table(shape.into, value, place, path)
        if shape.kind == "array" and shape.item and isinstance(value, list):
            array = [self.value(shape.item, v, place.inside[i], (*path, i)) for i, v in enumerate(value)]
            return _WRONG if any(v is _WRONG for v in array) else tuple(array)
        if shape.kind == "map" and shape.item and isinstance(value, dict):
            names = {k: self.value(shape.item, v, place.inside[k], (*path, k)) for k, v in value.items()}
            return _WRONG if any(v is _WRONG for v in names.values()) else names
        if shape.item is None and shape.into is None:
            return self.leaf(shape, value, place, path)
        return self.mistyped(shape, value, place, path)

    def leaf(self, shape: Shape, value: Any, place: Place, path: Path) -> Any:
        """A text, number or flag within its limits."""
        types: dict[str, tuple[type, ...]] = {"text": (str,), "flag": (bool,), "whole": (int,), "number": (int, float)}
        # Not isinstance: to Python, true and false are whole numbers.
        if type(value) not in types[shape.kind]:
            return self.mistyped(shape, value, place, path)
        if type(value) is int and not -WORD <= value < WORD:
            return self.wrong(place.value, path, f"{shown(value)} is out of bounds; whole numbers have 64 bits")
        if shape.kind == "number":
            if not isfinite(value):
                return self.wrong(place.value, path, f"{shown(value)} is given, a finite number is wanted")
            if int(float(value)) != int(value):
                return self.wrong(place.value, path, f"{value} has more digits than a number can hold")
        if fault := shape.limits.fault(value):
            return self.wrong(place.value, path, fault)
        return float(value) if shape.kind == "number" else value

    def mistyped(self, shape: Shape, value: Any, place: Place, path: Path) -> Any:
        """Note a value of the wrong type."""
        key = _dotted(tuple(p for p in path if isinstance(p, str)))
        message = f"{given(value)} is given, {shape.wanted(key)} is wanted{remedy(shape, value, key)}"
        return self.wrong(place.value, path, message)


def _dotted(path: Path) -> str:
    """A path as a reader writes it: names with dots, quoted where they need quotes, elements counted from 1."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part + 1}]"
        else:
            out += ("." if out else "") + (part if BARE.fullmatch(part) and len(part) <= SHOWN else shown(part))
    return out
