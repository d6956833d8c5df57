"""Files written at random: every place is found again, and one planted fault is named where it was planted."""

import tomllib
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ellwand.production.schema import SchemaError, digest, load
from ellwand.production.toml_positions import BARE, Place, Positions


@dataclass(frozen=True)
class Node:
    """A table with a key of every type, and itself inside."""

    name: str
    amount: float = 1.0
    runs: int = 0
    strict: bool = False
    bounds: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    inner: "Node | None" = None
    parts: tuple["Node", ...] = ()
    named: dict[str, "Node"] = field(default_factory=dict)
    free: dict[str, Any] = field(default_factory=dict)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\"'\\#=[]{},.é布𝒳 "), max_size=8)
TEXT |= st.sampled_from(['"', 'x""', 'x""""', "'", "x''", "x''''", "\\"])
NUMBER = st.floats(allow_nan=False, allow_infinity=False, width=32)
SCALAR = TEXT | NUMBER | st.integers(-(2**40), 2**40) | st.booleans()
FREE = st.recursive(SCALAR, lambda x: st.lists(x, max_size=3) | st.dictionaries(TEXT, x, max_size=3), max_leaves=6)


def node(inner: st.SearchStrategy[dict]) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(
        {"name": TEXT},
        optional={
            "amount": NUMBER | st.integers(-9, 9),
            "runs": st.integers(-9, 9),
            "strict": st.booleans(),
            "bounds": st.lists(NUMBER, max_size=3),
            "labels": st.lists(TEXT, max_size=3),
            "inner": inner,
            "parts": st.lists(inner, max_size=3),
            "named": st.dictionaries(TEXT, inner, max_size=2),
            "free": st.dictionaries(TEXT, FREE, max_size=2),
        },
    )


NODES = st.recursive(st.fixed_dictionaries({"name": TEXT}), node, max_leaves=8).filter(lambda d: len(d) > 1)


RANDOM = st.integers(0, 2**32).map(Random)


class Writer:
    """Writes data as TOML in a random manner and notes where each key and value begins."""

    def __init__(self, data: dict, random: Random) -> None:
        self.random = random
        self.out = ""
        self.places: dict[tuple, tuple[tuple[int, int], tuple[int, int]]] = {}
        self.line_end = random.choice(["\n", "\r\n"])
        self.table(data, ())
        self.text = self.out

    def here(self) -> tuple[int, int]:
        return self.out.count("\n") + 1, len(self.out) - (self.out.rfind("\n") + 1) + 1

    def chance(self, share: float = 0.5) -> bool:
        return self.random.random() < share

    def space(self) -> None:
        self.out += self.random.choice(["", " ", "\t", "  "])

    def end(self) -> None:
        self.space()
        self.out += self.random.choice(["", "# name = 1", '# """ [x] 布'])
        self.out += self.line_end
        if self.chance(0.2):
            self.out += self.random.choice(["", "  # [[parts]]", "#" + "'" * 3]) + self.line_end

    def key(self, name: str) -> None:
        if BARE.fullmatch(name) and self.chance(0.7):
            self.out += name
        elif not set(name) & set("'\n\x7f") and self.chance():
            self.out += f"'{name}'"
        else:
            self.out += self.quoted(name)

    def quoted(self, text: str) -> str:
        signs = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
        return '"' + "".join(signs.get(c, c) for c in text) + '"'

    def keys(self, names: list[str]) -> list[tuple[int, int]]:
        at = []
        for n, name in enumerate(names):
            if n:
                self.space()
                self.out += "."
                self.space()
            at.append(self.here())
            self.key(name)
        return at

    def note(self, path: tuple, key: tuple[int, int], value: tuple[int, int]) -> None:
        self.places.setdefault(path, (key, value))

    def table(self, data: dict, path: tuple) -> None:
        """The pairs of a table first, then what gets headers of its own."""
        later = []
        for name, value in self.shuffled(data):
            many = isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
            if (isinstance(value, dict) or many) and self.chance(0.6):
                later.append((name, value))
            else:
                self.pair(name, value, path, [])
        for name, value in later:
            if isinstance(value, list):
                for n, element in enumerate(value):
                    at, start = self.header((*path, name), many=True)
                    self.note((*path, name), at, start)
                    self.note((*path, name, n), at, start)
                    self.table(element, (*path, name, n))
            else:
                self.headed(value, (*path, name))

    def headed(self, data: dict, path: tuple) -> None:
        """A table with its header, before which headers of tables inside of it may stand."""
        early = [k for k, v in data.items() if isinstance(v, dict) and self.chance(0.4)]
        for name in early:
            self.headed(data[name], (*path, name))
        self.note(path, *self.header(path, many=False))
        self.table({k: v for k, v in data.items() if k not in early}, path)

    def header(self, path: tuple, *, many: bool) -> tuple[tuple[int, int], tuple[int, int]]:
        """Write the header of a table; the places of its name and of its bracket."""
        self.space()
        start = self.here()
        self.out += "[[" if many else "["
        self.space()
        at = self.keys([p for p in path if isinstance(p, str)])[-1]
        self.space()
        self.out += "]]" if many else "]"
        self.end()
        return at, start

    def shuffled(self, data: dict) -> list[tuple[str, Any]]:
        pairs = list(data.items())
        self.random.shuffle(pairs)
        return pairs

    def pair(self, name: str, value: Any, path: tuple, before: list[str], *, inline: bool = False) -> None:
        """A key and its value; `before` are names of tables that only dots make."""
        if isinstance(value, dict) and value and self.chance(0.4):
            for n, (inner, v) in enumerate(self.shuffled(value)):
                if inline and n:
                    self.out += ","
                    self.space()
                self.pair(inner, v, (*path, name), [*before, name], inline=inline)
            return
        if not inline:
            self.space()
        at = self.keys([*before, name])
        for n, place in enumerate(at[:-1]):
            self.note(path[: len(path) - len(before) + n + 1], place, place)
        self.space()
        self.out += "="
        self.space()
        self.note((*path, name), at[-1], self.here())
        self.value(value, (*path, name))
        if not inline:
            self.end()

    def value(self, value: Any, path: tuple) -> None:
        if isinstance(value, dict):
            self.out += "{"
            self.space()
            for n, (name, v) in enumerate(self.shuffled(value)):
                if n:
                    self.out += ","
                    self.space()
                self.pair(name, v, path, [], inline=True)
            self.space()
            self.out += "}"
        elif isinstance(value, list):
            self.out += "["
            for n, v in enumerate(value):
                self.gap()
                self.note((*path, n), self.here(), self.here())
                self.value(v, (*path, n))
                self.gap()
                self.out += "," if n < len(value) - 1 or self.chance() else ""
            self.gap()
            self.out += "]"
        elif isinstance(value, str):
            self.out += self.written(value)
        else:
            self.out += str(value).lower()

    def written(self, text: str) -> str:
        kind = self.random.randrange(4)
        if kind == 0 and not set(text) & set("'\n"):
            return f"'{text}'"
        if kind == 1 and "'''" not in text:
            return "'''\n" + text + "'''"
        if kind == 2:
            return '"""\n' + text.replace("\\", "\\\\").replace('"' * 3, '\\"' * 3) + ("\\\n  " * self.chance()) + '"""'
        return self.quoted(text)

    def gap(self) -> None:
        self.space()
        if self.chance(0.2):
            self.out += self.random.choice(["", "# 1, ]"]) + self.line_end
        self.space()


def walk(value: Any, place: Place, path: tuple = ()):
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        assert (
            list(place.inside) == [k for k, _ in parts] if isinstance(value, list) else set(place.inside) == set(value)
        )
        for k in place.inside:
            yield (*path, k), place.inside[k]
            yield from walk(value[k], place.inside[k], (*path, k))
    else:
        assert not place.inside


@given(NODES, RANDOM)
@settings(max_examples=200, deadline=None)
def test_every_place_is_found_again(data: dict, random: Random) -> None:
    writer = Writer(data, random)
    values = tomllib.loads(writer.text)
    assert values == data
    positions = Positions(writer.text)
    assert positions.whole
    assert positions.twice is None
    found = {p: (positions.line_column(x.key), positions.line_column(x.value)) for p, x in walk(values, positions.root)}
    assert found == writer.places


def tables(data: dict, path: tuple = ()):
    """Every Node of the data with its path."""
    yield path, data
    if "inner" in data:
        yield from tables(data["inner"], (*path, "inner"))
    for n, part in enumerate(data.get("parts", [])):
        yield from tables(part, (*path, "parts", n))
    for name, part in data.get("named", {}).items():
        yield from tables(part, (*path, "named", name))


def plant(data: dict, random: Random) -> tuple[tuple, str]:
    """Put one fault into the data. The path of its place, and whether it is of its key or its value."""
    path, table = random.choice(list(tables(data)))
    kind = random.choice(["key", "value", "element", "missing"])
    if kind == "key":
        name = random.choice(["nam", "Name", "amount ", "布", "", "a.b"])
        table[name] = random.choice([1, "x", [], {}, {"name": 1}])
        return (*path, name), "key"
    if kind == "value":
        wrong = {
            "name": [1, 0.5, True, ["x"], {}],
            "amount": ["1", True, [1.0], {}],
            "runs": ["1", 1.5, False, [1]],
            "strict": [0, "true", []],
            "bounds": [1.0, "x", {}],
            "labels": ["x", {}],
            "inner": ["x", 1, [{"name": "x"}]],
            "parts": [1, {"name": "x"}],
            "named": ["x", [{"name": "x"}]],
            "free": [0, [1]],
        }
        name = random.choice(list(wrong))
        table[name] = random.choice(wrong[name])
        return (*path, name), "value"
    if kind == "element":
        name, bad = random.choice([("bounds", "x"), ("bounds", True), ("labels", 1), ("labels", ["x"]), ("parts", 1)])
        table[name] = [x for x in table.get(name, []) for _ in range(2)]
        at = random.randrange(len(table[name]) + 1)
        table[name].insert(at, bad)
        return (*path, name, at), "value"
    del table["name"]
    return path, "value"


@given(NODES, RANDOM)
@settings(max_examples=200, deadline=None)
def test_a_planted_fault_is_named_in_its_place(data: dict, random: Random) -> None:
    sound = Writer(data, random).text
    assert isinstance(load(sound, Node), Node)
    where, what = plant(data, random)
    writer = Writer(data, random)
    key, value = writer.places.get(where, ((1, 1), (1, 1)))
    with pytest.raises(SchemaError) as error:
        load(writer.text, Node)
    assert [(p.line, p.column) for p in error.value.problems] == [key if what == "key" else value]
    assert str(error.value).count("\n") == 0


@given(NODES, RANDOM, RANDOM)
@settings(max_examples=50, deadline=None)
def test_layout_changes_neither_value_nor_digest(data: dict, one: Random, other: Random) -> None:
    first, second = Writer(data, one).text, Writer(data, other).text
    assert load(first, Node) == load(second, Node)
    assert digest(first) == digest(second)
    assert digest(first) != digest(Writer(data | {"name": data["name"] + "x"}, one).text)


FRAGMENTS = [*"[]{}=.,\"'#\\ \n\ta1-", "[[", "]]", '"""', "'''", "\r\n", "\r", "\0", "true", "布", "name = 1\n"]
FRAGMENTS += ["1979-05-27 07:32:00", "1e5", "[a]\n", "a = ", 'b."c" = ', "[[parts]]\n", "inf", "\\u00e9", "\ud800"]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
@settings(max_examples=1000, deadline=None)
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    lines = text.replace("\r\n", "\n").split("\n")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(SchemaError) as error:
            load(text, Node)
        (problem,) = error.value.problems
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    else:
        positions = Positions(text)
        assert positions.whole
        assert positions.twice is None
        list(walk(values, positions.root))
        digest(text)
