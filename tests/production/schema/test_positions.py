"""The line and column of a key or value, in every way in which TOML can write it."""

import pytest

from ellwand.production.toml_positions import DEPTH, DIGITS, Place, Positions

THREE = '"' * 3


def find(root: Place, path: tuple) -> Place:
    for part in path:
        root = root.inside[part]
    return root


SHAPES = {
    "plain": ("a = 1", ("a",), (1, 1), (1, 5)),
    "indented": ("\n \ta\t=\t1", ("a",), (2, 3), (2, 7)),
    "after a text that looks like a key": ('x = "a = 1"\na = 2', ("a",), (2, 1), (2, 5)),
    "after a comment that looks like a key": ("# a = 1\n  # a = 2\na = 3 # b = 4\n", ("a",), (3, 1), (3, 5)),
    "comment sign in a text": ('x = "#"\na = 1', ("a",), (2, 1), (2, 5)),
    "bracket in a text": ('x = ["]", \'[\', "\\"]"]\na = 1', ("a",), (2, 1), (2, 5)),
    "quoted": ('"a b.c" = 1', ("a b.c",), (1, 1), (1, 11)),
    "literally quoted": ("'a\\b' = 1", ("a\\b",), (1, 1), (1, 9)),
    "quoted with escapes": ('"\\u00e9\\"" = 1', ('é"',), (1, 1), (1, 14)),
    "empty name": ('"" = 1', ("",), (1, 1), (1, 6)),
    "number as a name": ("3.14 = 1", ("3", "14"), (1, 3), (1, 8)),
    "dotted": ("a.b.c = 1", ("a", "b", "c"), (1, 5), (1, 9)),
    "table made by dots": ("x = 0\na.b.c = 1\na.b.d = 2", ("a", "b"), (2, 3), (2, 3)),
    "dotted with spaces and quotes": ("a . 'b' .\t\"c\" = 1", ("a", "b", "c"), (1, 11), (1, 17)),
    "dotted under a header": ("[t]\na.b = 1", ("t", "a", "b"), (2, 3), (2, 7)),
    "header": ("x = 1\n\n[a]\nb = 2", ("a",), (3, 2), (3, 1)),
    "header with spaces": ("  [ a . b ] # c\nb = 2", ("a", "b"), (1, 9), (1, 3)),
    "key under a header": ("[a]\n[a.b]\nc = 2", ("a", "b", "c"), (3, 1), (3, 5)),
    "header that another implies": ("[a.b]\nc = 2", ("a",), (1, 2), (1, 1)),
    "header after one that implied it": ("[a.b]\nc = 2\n[a]\nd = 3", ("a",), (3, 2), (3, 1)),
    "quoted header": ('["a.b"."c]"]\nd = 1', ("a.b", "c]", "d"), (2, 1), (2, 5)),
    "inline table": ("a = { b = 1, c.d = 2 }", ("a",), (1, 1), (1, 5)),
    "key of an inline table": ("a = { b = 1, c.d = 2 }", ("a", "c", "d"), (1, 16), (1, 20)),
    "inline table in another": ("a={b={c=1},d=2}", ("a", "d"), (1, 12), (1, 14)),
    "array": ("a = [1, 2]", ("a",), (1, 1), (1, 5)),
    "element": ("a = [1, 2]", ("a", 1), (1, 9), (1, 9)),
    "element on its own line": ("a = [\n  1, # 9,\n  # 8\n  2,\n]", ("a", 1), (4, 3), (4, 3)),
    "element after a comma that leads": ("a = [ 1\n    , 2 ]", ("a", 1), (2, 7), (2, 7)),
    "array in an array": ("a = [[1], [2, 3]]", ("a", 1, 1), (1, 15), (1, 15)),
    "inline table in an array": ("a = [{b = 1},\n {b = 2}]", ("a", 1, "b"), (2, 3), (2, 7)),
    "array of tables": ("[[a]]\n[[a]]", ("a",), (1, 3), (1, 1)),
    "element of an array of tables": ("[[a]]\nb = 1\n [[a]]\nb = 2", ("a", 1), (3, 4), (3, 2)),
    "key of the second table": ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), (4, 1), (4, 5)),
    "table in the last of an array": ("[[a]]\n[[a]]\n[a.b]\nc = 1", ("a", 1, "b", "c"), (4, 1), (4, 5)),
    "array of tables in another": (
        "[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[[a.b]]\nc = 1",
        ("a", 1, "b", 1, "c"),
        (6, 1),
        (6, 5),
    ),
    "after a text of many lines": (f"x = {THREE}\na = 1\n[b]\n{THREE} # {THREE}\na = 2", ("a",), (5, 1), (5, 5)),
    "text of many lines": (f"\na = {THREE}b\nc{THREE}", ("a",), (2, 1), (2, 5)),
    "after quotes at the end of a text": (f'x = {THREE}y""{THREE}\na = 2', ("a",), (2, 1), (2, 5)),
    "after an empty text": ("x = ''''''\ny = ''\nz = \"\"\na = 2", ("a",), (4, 1), (4, 5)),
    "after a literal text of many lines": ("x = '''\na = '1'\n\\'''\na = 2", ("a",), (4, 1), (4, 5)),
    "line ends of Windows": ("x = 1\r\n# y\r\n[a]\r\nb = [\r\n 1,\r\n 2]\r\n", ("a", "b", 1), (6, 2), (6, 2)),
    "text of many lines with those": (f"x = {THREE}1\r\n2{THREE}\r\na = 2\r\n", ("a",), (3, 1), (3, 5)),
    "wide characters": ('"布" = "𝒳é" # 绸\n["柯"]\na = "布"', ("柯", "a"), (3, 1), (3, 5)),
    "after a wide character": ('"布" = 1', ("布",), (1, 1), (1, 7)),
    "date with a space": ("a = [1979-05-27 07:32:00, 2]", ("a", 1), (1, 27), (1, 27)),
    "numbers of all kinds": ("x = [+1, -0.5e-3, 0xff, inf, 1_000, nan]\na = 1", ("a",), (2, 1), (2, 5)),
    "no line end at the end": ("x = 1\na = true", ("a",), (2, 1), (2, 5)),
}


@pytest.mark.parametrize(("text", "path", "key", "value"), SHAPES.values(), ids=SHAPES.keys())
def test_where_it_stands(text: str, path: tuple, key: tuple[int, int], value: tuple[int, int]) -> None:
    positions = Positions(text)
    place = find(positions.root, path)
    assert positions.whole
    assert positions.line_column(place.key) == key
    assert positions.line_column(place.value) == value


@pytest.mark.parametrize(
    "text", ["a = ", "= 1", "a = 1 b = 2", "a = [1, 2", '"a', "[a", "[[a]", "a = {b}", "a = 'b\n'"]
)
def test_the_walk_stops_where_it_does_not_understand(text: str) -> None:
    assert not Positions(text).whole


@pytest.mark.parametrize(
    ("text", "at", "first"),
    [
        ("a = 1\nb = 2\na = 3", (3, 1), "key 'a' stands twice, first at line 1, column 1"),
        ("a.b = 1\n'a'.\"b\" = 3", (2, 5), "key 'b' stands twice, first at line 1, column 3"),
        ("x = { a = 1, a = {b = 2} }", (1, 14), "key 'a' stands twice, first at line 1, column 7"),
        ("[t]\na = 1\n[u]\n[t]", (4, 2), "table 't' stands twice, first at line 1, column 2"),
        ("[[t]]\n[t.u]\n[t.u]", (3, 4), "table 'u' stands twice, first at line 2, column 4"),
    ],
)
def test_what_stands_twice(text: str, at: tuple[int, int], first: str) -> None:
    positions = Positions(text)
    assert positions.twice
    assert positions.line_column(positions.twice.at) == at
    assert first in positions.twice.message


@pytest.mark.parametrize("text", ["[[t]]\na = 1\n[[t]]\na = 1", "[[t]]\n[t.u]\n[[t]]\n[t.u]", "[a.b]\n[a]\n[a.c]"])
def test_what_does_not_stand_twice(text: str) -> None:
    positions = Positions(text)
    assert positions.whole
    assert positions.twice is None


@pytest.mark.parametrize(
    ("deepest", "deeper"),
    [
        ("a = " + "[" * (DEPTH - 1) + "]" * (DEPTH - 1), "a = " + "[" * DEPTH + "]" * DEPTH),
        (".".join("a" * DEPTH) + " = 1", ".".join("a" * (DEPTH + 1)) + " = 1"),
        ("[" + ".".join("a" * DEPTH) + "]", "[" + ".".join("a" * (DEPTH + 1)) + "]"),
        ("[" + ".".join("a" * (DEPTH - 1)) + "]\nb = 1", "[" + ".".join("a" * (DEPTH - 1)) + "]\nb.c = 1"),
        ("a = " + "9" * DIGITS, "a = " + "9" * (DIGITS + 1)),
        ("a = 0." + "9" * (DIGITS - 2), "a = -0." + "9" * (DIGITS - 2)),
    ],
)
def test_depth_and_length_are_bounded(deepest: str, deeper: str) -> None:
    assert Positions(deepest).whole
    assert Positions(deepest).refused is None
    assert Positions(deeper).refused
