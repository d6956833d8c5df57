"""What a file may hold, what it is refused for, and how that is said."""

import datetime
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from ellwand.production.schema import LARGEST, Problem, SchemaError, load

DONORS = ["class", "market"]


@dataclass(frozen=True)
class Step:
    """A step of a ladder."""

    donor: str = field(metadata={"choices": lambda: DONORS, "about": "Where the change comes from."})
    least: int = field(default=3, metadata={"low": 1, "high": 99})
    if_: str | None = None


@dataclass(frozen=True)
class Impute:
    """How a missing price is filled."""

    ladder: tuple[Step, ...] = (Step("class"),)
    share: float = field(default=0.5, metadata={"above": 0, "below": 1})
    span: float | None = field(default=None, metadata={"low": 0.0})
    low: float = 0.0
    high: float = 9.0

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise ValueError("low must be\nbelow high")


@dataclass(frozen=True)
class Rule:
    """A rule."""

    code: str = field(metadata={"pattern": "[A-Z]{2}"})
    kind: Literal["hard", "soft"] = "soft"
    order: Literal[1, 2] = 1
    ratios: tuple[float, ...] = field(default=(), metadata={"above": 0})
    fields: tuple[str, ...] = field(default=(), metadata={"choices": ("price", "unit")})
    grid: tuple[tuple[int, ...], ...] = ()
    with_: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)
    active: bool = True


@dataclass(frozen=True)
class Method:
    """A method."""

    name: str = "x"
    impute: Impute = field(default_factory=Impute)
    rules: tuple[Rule, ...] = ()
    groups: dict[str, Rule] = field(default_factory=dict)
    extra: Impute | None = None


@dataclass(frozen=True)
class Needy:
    """A table with what must be there."""

    name: str = field(metadata={"about": "Name of the method."})
    rules: tuple[Rule, ...]
    impute: Impute


def problems(text: str, into: type = Method) -> list[str]:
    with pytest.raises(SchemaError) as error:
        load(text, into, name="m.toml")
    return str(error.value).split("\n")


def test_an_empty_file_has_the_defaults() -> None:
    assert load("", Method) == Method()
    assert load("\n# nothing\n", Method) == Method()


def test_everything_is_read() -> None:
    text = """
        name = "布"
        extra.span = 2
        [impute]
        share = 0.25
        ladder = [{ donor = "market" }, { donor = "class", least = 99, if = "p" }]
        [[rules]]
        code = "AA"
        kind = "hard"
        order = 2
        ratios = [1, 2.5]
        fields = ["unit", "price"]
        grid = [[1], []]
        with.any = [1, { at = 2026-01-05, x = nan }]
        weights = { "a b" = 1, c = 0.5 }
        active = false
        [[rules]]
        code = "BB"
        [groups."x.y"]
        code = "CC"
    """
    method = load(text, Method)
    assert method.impute == Impute((Step("market"), Step("class", 99, "p")), 0.25)
    assert method.extra == Impute(span=2.0)
    first, second = method.rules
    assert (first.code, first.kind, first.order, first.active) == ("AA", "hard", 2, False)
    assert (first.ratios, first.fields, first.grid) == ((1.0, 2.5), ("unit", "price"), ((1,), ()))
    assert (type(first.ratios[0]), type(method.extra.span)) == (float, float)
    assert first.with_["any"][1]["at"] == datetime.date(2026, 1, 5)
    assert first.weights == {"a b": 1.0, "c": 0.5}
    assert second == Rule("BB")
    assert method.groups == {"x.y": Rule("CC")}
    assert method.name == "布"


def test_a_byte_order_mark_is_no_text() -> None:
    assert load("\ufeffname = 'y'", Method).name == "y"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nam = 1", "1:1: nam: unknown key; did you mean 'name'? allowed: extra, groups, impute, name, rules"),
        ("zzzz = 1", "1:1: zzzz: unknown key; allowed: extra, groups, impute, name, rules"),
        ("'a b' = 1", "1:1: 'a b': unknown key; allowed: extra"),
        (
            "[impute]\nladder = [{donor='class', if_='x'}]",
            "2:27: impute.ladder[1].if_: unknown key; did you mean 'if'?",
        ),
        ("name = 3", "1:8: name: the whole number 3 is given, a text in quotes is wanted; put it in quotes"),
        ("name = true", "1:8: name: true is given, a text in quotes is wanted; put it in quotes"),
        (
            "name = 2026-01-05",
            "1:8: name: the date or time 2026-01-05 is given, a text in quotes is wanted; put it in q",
        ),
        ("name = ['x']", "1:8: name: an array is given, a text in quotes is wanted"),
        ("name.x = 1", "1:1: name: a table is given, a text in quotes is wanted"),
        (
            "impute.share = '0.5'",
            "1:16: impute.share: the text '0.5' is given, a number is wanted; leave the quotes out",
        ),
        ("impute.share = 'half'", "1:16: impute.share: the text 'half' is given, a number is wanted"),
        ("impute.share = true", "1:16: impute.share: true is given, a number is wanted"),
        ("impute.span = nan", "1:15: impute.span: nan is given, a finite number is wanted"),
        ("impute.span = 1e999", "1:15: impute.span: inf is given, a finite number is wanted"),
        (
            "impute.span = 9007199254740993",
            "1:15: impute.span: 9007199254740993 has more digits than a number can hold",
        ),
        ("impute.share = 1", "1:16: impute.share: 1 is out of bounds; it must be above 0 and below 1"),
        ("impute.share = 0", "1:16: impute.share: 0 is out of bounds; it must be above 0 and below 1"),
        ("impute.span = -0.5", "1:15: impute.span: -0.5 is out of bounds; it must be at least 0.0"),
        (
            "impute.ladder = [{donor = 'class', least = 0}]",
            "1:44: impute.ladder[1].least: 0 is out of bounds; it must be at least 1 and at most 99",
        ),
        (
            "[[impute.ladder]]\ndonor = 'class'\nleast = 3.0",
            "3:9: impute.ladder[1].least: the number 3.0 is given, a whole number is wanted; write 3",
        ),
        (
            "[[impute.ladder]]\ndonor = 'class'\n[[impute.ladder]]\ndonor = 'markt'",
            "4:9: impute.ladder[2].donor: unknown 'markt'; did you mean 'market'? allowed: class, market",
        ),
        ("[[impute.ladder]]\ndonor = 'class'\nleast = 99999999999999999999", "3:9: impute.ladder[1].least: 9999"),
        ("rules = 'x'", "1:9: rules: the text 'x' is given, an array of tables ([[rules]]) is wanted"),
        ("[rules]\n", "1:1: rules: a table is given, an array of tables ([[rules]]) is wanted; write [[rules]] in two"),
        ("[[impute]]\n", "1:1: impute: an array is given, a table ([impute]) is wanted; write [impute] in one pair of"),
        ("[[groups]]\n", "1:1: groups: an array is given, a table ([groups]) is wanted; write [groups] in one pair of"),
        ("rules = [{code = 'Aa'}]", "1:18: rules[1].code: 'Aa' does not match the pattern [A-Z]{2}"),
        ("rules = [{code = 'AAA'}]", "1:18: rules[1].code: 'AAA' does not match the pattern [A-Z]{2}"),
        ("rules = [{code = 'AA', kind = 'Hard'}]", "1:31: rules[1].kind: unknown 'Hard'; did you mean 'hard'? allowed"),
        ("rules = [{code = 'AA', order = 3}]", "1:32: rules[1].order: unknown 3; allowed: 1, 2"),
        ("rules = [{code = 'AA', order = true}]", "1:32: rules[1].order: true is given, a whole number is wanted"),
        ("rules = [{code = 'AA', active = 1}]", "1:33: rules[1].active: the whole number 1 is given, true or false"),
        (
            "rules = [{code = 'AA', active = 'true'}]",
            "1:33: rules[1].active: the text 'true' is given, true or false is",
        ),
        (
            "rules = [{code = 'AA', ratios = 2}]",
            "1:33: rules[1].ratios: the whole number 2 is given, an array of number",
        ),
        (
            "rules = [{code = 'AA', ratios = [1, 0]}]",
            "1:37: rules[1].ratios[2]: 0 is out of bounds; it must be above 0",
        ),
        (
            "rules = [{code = 'AA', fields = ['pric']}]",
            "1:34: rules[1].fields[1]: unknown 'pric'; did you mean 'price'?",
        ),
        (
            "rules = [{code = 'AA', grid = [[1], [1, '2']]}]",
            "1:41: rules[1].grid[2][2]: the text '2' is given, a whole",
        ),
        (
            "rules = [{code = 'AA', with = 1}]",
            "1:31: rules[1].with: the whole number 1 is given, a table ([rules.with])",
        ),
        ("rules = [{code = 'AA', weights = {'a b' = 'x'}}]", "1:43: rules[1].weights.'a b': the text 'x' is given, a"),
        ("[groups.a]\ncode = 1", "2:8: groups.a.code: the whole number 1 is given"),
        ("[groups.a]\n", "1:1: groups.a.code: missing; a text in quotes is required"),
        ("groups = {a = {}}", "1:15: groups.a.code: missing"),
        ("x=1\n[impute]\nlow = 9", "2:1: impute: low must be below high"),
        ("rules = [\n {kind = 'hard'}]", "2:2: rules[1].code: missing"),
    ],
)
def test_one_problem(text: str, found: str) -> None:
    assert [line for line in problems(text) if line.startswith(f"m.toml:{found}")], problems(text)


def test_what_is_missing_points_at_its_table() -> None:
    assert problems("# c\n", Needy) == [
        "m.toml:1:1: impute: missing; a table ([impute]) is required",
        "m.toml:1:1: name: missing; a text in quotes is required: Name of the method.",
        "m.toml:1:1: rules: missing; an array of tables ([[rules]]) is required",
    ]
    found = problems("[impute]\n[[impute.ladder]]\ndonor = 'class'\n  [[impute.ladder]]\nleast = 1")
    assert found == [
        "m.toml:4:3: impute.ladder[2].donor: missing; a text in quotes is required: Where the change comes from."
    ]


def test_all_problems_at_once_in_the_order_of_the_file() -> None:
    text = """
name = 1
[impute]
low = 10
[groups.a]
kode = "AA"
[[rules]]
code = "aa"
kind = "hart"
[[rules]]
ratios = ["1", 0, 2, true]
[impute.extra]
[extra]
low = 10
high = "x"
"""
    with pytest.raises(SchemaError) as error:
        load(text, Method)
    # A rule over several keys is asked where each key is right by itself: of [impute], not of [extra].
    assert [(p.line, p.column, p.key) for p in error.value.problems] == [
        (2, 8, "name"),
        (3, 1, "impute"),
        (5, 1, "groups.a.code"),
        (6, 1, "groups.a.kode"),
        (8, 8, "rules[1].code"),
        (9, 8, "rules[1].kind"),
        (10, 1, "rules[2].code"),
        (11, 11, "rules[2].ratios[1]"),
        (11, 16, "rules[2].ratios[2]"),
        (11, 22, "rules[2].ratios[4]"),
        (12, 9, "impute.extra"),
        (15, 8, "extra.high"),
    ]


def test_an_unknown_key_leaves_the_rule_over_the_others() -> None:
    assert problems("[impute]\nlow = 10\nlov = 1") == [
        "m.toml:1:1: impute: low must be below high",
        "m.toml:3:1: impute.lov: unknown key; did you mean 'low'? allowed: high, ladder, low, share, span",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name = 'x", '1:10: no valid TOML: expected "\'" at the end of the file'),
        ('name = "x\ny = 1', "1:10: no valid TOML: illegal character '\\n'"),
        ("name = yes", "1:8: no valid TOML: invalid value; a text stands in quotes, true and false in small letters"),
        ("name = 1 2", "1:10: no valid TOML: expected newline or end of document after a statement"),
        ("name", "1:5: no valid TOML: expected '=' after a key in a key/value pair at the end of the file"),
        ("a = 1\n\n[impute\nb = 1", "3:8: no valid TOML: expected ']' at the end of a table declaration"),
        (
            "rules = [1,\n2\n[impute]\n",
            "3:1: no valid TOML: unclosed array; what is not finished begins at line 1, column 1",
        ),
        (
            'a = 1\nb = """\n\n',
            "4:1: no valid TOML: unterminated string at the end of the file; what is not finished begins ",
        ),
        (
            "a = 1\r\nb = 1\r\nb = 2\r\n",
            "3:1: the key 'b' stands twice, first at line 2, column 1; leave one of them out",
        ),
        ("[impute]\n[rules]\n[impute]\n", "3:2: the table 'impute' stands twice, first at line 1, column 2"),
        ("a.b.c = 1\n [a.b]\n", "2:2: no valid TOML: cannot declare a.b twice"),
        ("a = 1\n[a.b]\n", "2:1: no valid TOML: cannot overwrite a value"),
        ("a = 'b' c\na = 1", "1:9: no valid TOML: expected newline"),
        ("布 = 1", "1:1: no valid TOML: invalid statement"),
        ("'布' = 柯", "1:7: no valid TOML: invalid value"),
        ("a = 1979-02-30", "1:5: no valid TOML: invalid date or datetime"),
        ("a = " + "[" * 5000, "1:54: tables and arrays lie more than 50 deep inside one another; write it flatter"),
        (".".join("a" * 9000) + "=1", "1:101: tables and arrays lie more than 50 deep"),
        ("\na = " + "7" * 5000, "2:5: a number of 5000 characters; write it with at most 100"),
    ],
)
def test_what_is_no_toml(text: str, found: str) -> None:
    (line,) = problems(text)
    assert line.startswith(f"m.toml:{found}"), line


def test_a_huge_file_is_refused() -> None:
    row = "# " + "布" * 332 + "\n"
    assert load(row * (LARGEST // len(row.encode())), Method) == Method()
    found = problems(row * (LARGEST // len(row.encode()) + 1))
    assert found == [
        "m.toml:1:1: 1,000,998 bytes; the file may hold at most 1,000,000; put data into files of their own"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "rules = [" + "0," * 60_000 + "]",
        "".join(f"a{n} = 1\n" for n in range(20_000)),
        "".join(f"[groups.a{n}]\n" for n in range(15_000)),
        '"' * 900_001,
        "a" * 900_000,
        "name = '" + "x" * 900_000,
        "name = [" + "{a.b.c.d.e = [1]}," * 15_000 + "]",
        'name = """' + '""x' * 300_000 + '"""',
        "[[rules]]\ncode='" + "x" * 900_000 + "'",
        "\n" * 999_999,
    ],
    ids=lambda t: t[:12],
)
def test_time_grows_with_the_size_only(text: str) -> None:
    began = time.process_time()
    try:
        load(text, Method)
    except SchemaError as error:
        assert error.problems
        assert all(len(p.message) < 500 and len(p.key) < 200 for p in error.problems)
    assert time.process_time() - began < 10


def test_the_error_is_a_value_error_and_can_be_sent_on() -> None:
    with pytest.raises(ValueError, match="name") as error:
        load("name = 1", Method)
    copy = pickle.loads(pickle.dumps(error.value))
    assert isinstance(copy, SchemaError)
    assert str(copy) == str(error.value).replace("m.toml", "method file")
    assert copy.problems == (Problem(1, 8, "name", copy.problems[0].message),)


def test_each_problem_is_one_line() -> None:
    text = "\"a\\nb\\u2028\" = 1\nname = 1\n[impute]\nlow = 10\n[[impute.ladder]]\ndonor = '''x\ny\u2028\u0085'''"
    assert len(str(problems(text)).splitlines()) == 1
    found = problems(text)
    assert len(found) == 3
    assert all(len(line.splitlines()) == 1 for line in found)


def test_choices_are_asked_when_the_file_is_read() -> None:
    text = "impute.ladder = [{donor = 'house'}]"
    assert problems(text)
    DONORS.append("house")
    try:
        assert load(text, Method).impute.ladder == (Step("house"),)
    finally:
        DONORS.remove("house")


def declared(hint: Any, **metadata: Any) -> type:
    return dataclass(frozen=True)(
        type("Bad", (), {"__annotations__": {"x": hint}, "x": field(default=None, metadata=metadata)})
    )


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: declared(set), "Bad.x: a file cannot hold"),
        (lambda: declared(int | str), "Bad.x: a file cannot hold"),
        (lambda: declared(int | str | None), "Bad.x: a file cannot hold"),
        (lambda: declared(dict[int, str]), "Bad.x: a file cannot hold"),
        (lambda: declared(tuple[int, str]), "Bad.x: a file cannot hold"),
        (lambda: declared(Literal["a", 1]), "Bad.x: a file cannot hold"),
        (lambda: declared(int, lowest=1), "Bad.x: unknown metadata 'lowest'; did you mean 'low'"),
        (lambda: declared(str, low=1), "Bad.x: its limits do not fit text"),
        (lambda: declared(bool, choices=(True,)), "Bad.x: its limits do not fit true or false"),
        (lambda: declared(float, pattern="x"), "Bad.x: its limits do not fit number"),
        (lambda: declared(Step, low=1), "Bad.x: its limits do not fit table"),
        (lambda: declared(Literal["a"], choices=("a",)), "Bad.x: a Literal is its own limit"),
        (lambda: int, "<class 'int'> is no dataclass"),
    ],
)
def test_a_schema_that_no_file_can_follow(make: Callable[[], type], found: str) -> None:
    with pytest.raises(TypeError, match=found):
        load("", make())
