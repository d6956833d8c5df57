"""Where every key and every value of a TOML text stands.

The standard library reads TOML and forgets the places. This walk finds them again; it judges nothing but depth, the
length of numbers and keys that stand twice, stops where it does not understand, and leaves the verdict to the parser.
Source of the grammar: TOML 1.0.
"""

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NoReturn

DEPTH = 50
"""Most tables and arrays inside one another. Without a bound, a file of one long line exhausts stack and memory."""
DIGITS = 100
"""Most characters of a number."""

BLANK = re.compile(r"(?:[ \t\n]++|#[^\n]*+)*+")
SPACE = re.compile(r"[ \t]*+")
REST = re.compile(r"[ \t]*+(?:#[^\n]*+)?+")
BARE = re.compile(r"[A-Za-z0-9_-]++")
QUOTED = re.compile(r"""\"(?:[^"\\\n]++|\\.)*+\"|'[^'\n]*+'""")
TEXT = re.compile(
    r'''"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}'''
    r"""|'''(?:[^']++|'(?!''))*+'{3,5}"""
    r"""|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+'""",
    re.DOTALL,
)
PLAIN = re.compile(r"(?:\d{4}-\d\d-\d\d (?=\d\d:))?+[^ \t\n,\[\]{}#=\"']++")


@dataclass(slots=True)
class Place:
    """Offsets of one key and its value, and the places inside of it.

    key : first character of the name (of the element itself in an array). value : first character of the value; for a
    table the bracket of its header or the brace, for one that only dotted keys make the first of these keys.
    inside : by name in a table, by number from 0 in an array. array : whether it is one. headed : has a header.
    """

    key: int
    value: int
    inside: dict[str | int, "Place"] = field(default_factory=dict)
    array: bool = False
    headed: bool = False


@dataclass(frozen=True)
class Fault:
    """A fault that the walk finds: where, and what."""

    at: int
    message: str


class StopError(Exception):
    """The walk ends here: it does not understand the text, or refuses it."""


class Positions:
    """The places of a text. root : the whole document. whole : whether the walk came to its end.

    twice : the first key that stands twice. refused : why the text is not to be given to the parser, which is nesting
    deeper than DEPTH or a number longer than DIGITS. None where there is nothing to say.
    """

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.root = Place(0, 0)
        self.whole = False
        self.twice: Fault | None = None
        self.refused: Fault | None = None
        self._at = 0
        self._lines = [0, *(m.end() for m in re.finditer("\n", self.text))]
        self._statements: list[int] = []
        try:
            self._document()
            self.whole = True
        except StopError:
            pass  # Where the text is not refused, the parser finds the same fault and names it.

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset; a column is one character, a tab too."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column."""
        return self._lines[line - 1] + column - 1

    def statement(self, offset: int) -> int:
        """Where the statement (a header or a key with its value) begins that holds an offset."""
        n = bisect_right(self._statements, offset)
        return self._statements[n - 1] if n else 0

    def _document(self) -> None:
        table, depth = self.root, 0
        while True:
            self._skip(BLANK)
            if self._at == len(self.text):
                return
            self._statements.append(self._at)
            if self.text.startswith("[", self._at):
                table, depth = self._header()
            else:
                self._pair(table, depth)
            self._skip(REST)
            if self._at < len(self.text):
                self._take("\n")

    def _header(self) -> tuple[Place, int]:
        start = self._at
        many = self.text.startswith("[[", start)
        self._at += 2 if many else 1
        self._skip(SPACE)
        parts = self._key(0)
        self._take("]]" if many else "]")
        table = self._enter(self.root, parts[:-1], start)
        name, at = parts[-1]
        place = table.inside.setdefault(name, Place(at, start, array=many))
        if many:
            element = Place(at, start, headed=True)
            place.inside[len(place.inside)] = element
            return element, len(parts) + 1
        if place.headed:
            self._repeat(at, place, f"table {name!r}")
        else:
            # A header below it may have come first; the place of a table is its own header.
            place.key, place.value, place.headed = at, start, True
        return place, len(parts)

    def _pair(self, table: Place, depth: int) -> None:
        parts = self._key(depth)
        self._take("=")
        self._skip(SPACE)
        table = self._enter(table, parts[:-1])
        name, at = parts[-1]
        place = Place(at, self._at)
        if name in table.inside:
            self._repeat(at, table.inside[name], f"key {name!r}")
        else:
            table.inside[name] = place
        self._value(place, depth + len(parts))

    def _enter(self, table: Place, parts: list[tuple[str, int]], start: int | None = None) -> Place:
        for name, at in parts:
            table = table.inside.setdefault(name, Place(at, at if start is None else start))
            if table.array:
                if not table.inside:
                    raise StopError
                table = table.inside[len(table.inside) - 1]
        return table

    def _key(self, depth: int) -> list[tuple[str, int]]:
        """Names and offsets of the parts of a dotted key; goes on behind the white space after it."""
        parts = []
        while True:
            at = self._at
            if bare := BARE.match(self.text, at):
                name, self._at = bare.group(), bare.end()
            elif quoted := QUOTED.match(self.text, at):
                name, self._at = _unquoted(quoted.group()), quoted.end()
            else:
                raise StopError
            parts.append((name, at))
            self._deep(depth + len(parts), at)
            self._skip(SPACE)
            if not self._found("."):
                return parts
            self._skip(SPACE)

    def _value(self, place: Place, depth: int) -> None:
        if self._found("["):
            place.array = True
            self._deep(depth + 1, place.value)
            while not self._end_of_list("]", first=not place.inside):
                element = Place(self._at, self._at)
                place.inside[len(place.inside)] = element
                self._value(element, depth + 1)
        elif self._found("{"):
            self._deep(depth + 1, place.value)
            while not self._end_of_list("}", first=not place.inside):
                self._pair(place, depth)
        elif text := TEXT.match(self.text, self._at):
            self._at = text.end()
        elif plain := PLAIN.match(self.text, self._at):
            if plain.end() - self._at > DIGITS and plain.group()[0] in "+-.0123456789":
                size = plain.end() - self._at
                self._refuse(self._at, f"a number of {size} characters; write it with at most {DIGITS}")
            self._at = plain.end()
        else:
            raise StopError

    def _end_of_list(self, close: str, *, first: bool) -> bool:
        """Whether an array or inline table ends here; else stands before its next element."""
        self._skip(BLANK)
        if self._found(close):
            return True
        if not first:
            self._take(",")
            self._skip(BLANK)
        return self._found(close)

    def _deep(self, depth: int, at: int) -> None:
        if depth > DEPTH:
            self._refuse(at, f"tables and arrays lie more than {DEPTH} deep inside one another; write it flatter")

    def _refuse(self, at: int, message: str) -> NoReturn:
        self.refused = Fault(at, message)
        raise StopError

    def _repeat(self, at: int, first: Place, what: str) -> None:
        if self.twice is None:
            line, column = self.line_column(first.key)
            self.twice = Fault(
                at, f"the {what} stands twice, first at line {line}, column {column}; leave one of them out"
            )

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self._at)
        self._at = match.end() if match else self._at

    def _found(self, sign: str) -> bool:
        if not self.text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _take(self, sign: str) -> None:
        if not self._found(sign):
            raise StopError


def _unquoted(raw: str) -> str:
    """The name that a quoted key means."""
    if raw[0] == "'" or "\\" not in raw:
        return raw[1:-1]
    try:
        return str(tomllib.loads(f"key = {raw}")["key"])
    except tomllib.TOMLDecodeError:
        raise StopError from None
