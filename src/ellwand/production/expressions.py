"""The language of conditions in a method file: text in, a checked tree out. No text is ever run as a program.

`price > 0`, `currency == "CNY"`, `unit_of_measure in ("m", "kg")`, `gsm between 20 and 900`, `0.2 <= price / reference
<= 5`, `is_missing(gsm)`, and their `and`, `or`, `not`. Numbers, texts in quotes, known fields, + - * / and parentheses;
nothing else is accepted. An unknown comparison (a value is missing, or a division by zero) is neither true nor false.
"""

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Literal, TypeAlias

Kind = Literal["number", "text"]
Fields = Mapping[str, Kind]

LONGEST = 500
"""Characters of a condition."""
MISSING = "is_missing"

ALLOWED = (
    "comparisons (== != < <= > >=, in, not in, between .. and ..), and, or, not, + - * /, numbers, texts in quotes, "
    "is_missing(field), and fields"
)


class RuleError(ValueError):
    """A rule that cannot be read. The message names the rule, the key, the column and what is allowed."""


class ConditionError(ValueError):
    """A condition that cannot be read. column : of the first wrong character, from 1."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column


# --- the tree -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number:
    """A number, exact as written."""

    value: Fraction


@dataclass(frozen=True)
class NumberField:
    """A field whose values are numbers."""

    name: str


@dataclass(frozen=True)
class Arithmetic:
    """Two amounts joined by + - * or /."""

    op: Literal["+", "-", "*", "/"]
    left: "Amount"
    right: "Amount"


Amount: TypeAlias = Number | NumberField | Arithmetic


@dataclass(frozen=True)
class Compare:
    """Two amounts compared."""

    op: Literal["<", "<=", "=="]
    left: Amount
    right: Amount


@dataclass(frozen=True)
class Member:
    """A text field whose value is one of the codes."""

    field: str
    codes: frozenset[str]


@dataclass(frozen=True)
class SameText:
    """Two text fields with the same value."""

    left: str
    right: str


@dataclass(frozen=True)
class Missing:
    """A field without a value."""

    field: str


@dataclass(frozen=True)
class Not:
    """The contrary."""

    part: "Node"


@dataclass(frozen=True)
class And:
    """All parts."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True)
class Or:
    """Some part."""

    parts: "tuple[Node, ...]"


Node: TypeAlias = Compare | Member | SameText | Missing | Not | And | Or


# --- reading ------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|\w+|[<>=!]=|\S')


def parse(text: str, fields: Fields) -> Node:
    """The tree of a condition. ConditionError for anything that is not of the language."""
    if len(text) > LONGEST:
        raise ConditionError(LONGEST + 1, f"a condition has at most {LONGEST} characters; make several rules of it")
    plain = re.sub(r"\s", " ", text)
    start = len(plain) - len(plain.lstrip())
    if not plain.strip():
        raise ConditionError(1, f"the condition is empty; allowed: {ALLOWED}")
    source = _betweens(plain).lstrip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        column = min(start + (error.offset or 1), len(plain) + 1)
        raise ConditionError(column, f"the condition cannot be read here; allowed: {ALLOWED}") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise ConditionError(1, f"the condition cannot be read; allowed: {ALLOWED}") from error
    return _Reader(source, start, fields).truth(tree.body)


def _betweens(text: str) -> str:
    """`a between b and c` as `a | b | c` of equal length: | binds looser than + and tighter than a comparison."""
    out = list(text)
    depth, open_ = 0, dict[int, int]()
    for token in _TOKEN.finditer(text):
        word, at = token.group(), token.start()
        if word == "|":
            raise ConditionError(at + 1, "'|' is not of the language; write `or`")
        if word == "&":
            raise ConditionError(at + 1, "'&' is not of the language; write `and`")
        if word == "=":
            raise ConditionError(at + 1, "one '=' compares nothing; write `==`")
        if word in ("(", "[", "{"):
            depth += 1
        elif word in (")", "]", "}"):
            if depth in open_:
                raise ConditionError(open_[depth] + 1, "`between` needs two limits: x between low and high")
            depth -= 1
        elif word == "between":
            if depth in open_:
                raise ConditionError(at + 1, "`between` needs two limits: x between low and high")
            open_[depth] = at
            out[at : at + 7] = "   |   "
        elif word == "and" and depth in open_:
            del open_[depth]
            out[at : at + 3] = " | "
    if open_:
        raise ConditionError(min(open_.values()) + 1, "`between` needs two limits: x between low and high")
    return "".join(out)


_ARITHMETIC: dict[type[ast.operator], Literal["+", "-", "*", "/"]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


class _Reader:
    """From Python's syntax tree to ours, by a list of what is allowed."""

    def __init__(self, source: str, start: int, fields: Fields) -> None:
        self.bytes = source.encode()
        self.start = start
        self.fields = fields

    def wrong(self, node: ast.expr, message: str) -> ConditionError:
        before = self.bytes[: node.col_offset].decode(errors="ignore")
        return ConditionError(self.start + len(before) + 1, message)

    def truth(self, node: ast.expr) -> Node:
        """Something that is true or false."""
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.truth(v) for v in node.values)
            return And(parts) if isinstance(node.op, ast.And) else Or(parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self.truth(node.operand))
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            found = [self.compare(node, sides[k], op, sides[k + 1]) for k, op in enumerate(node.ops)]
            return found[0] if len(found) == 1 else And(tuple(found))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            inner = node.left
            if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.BitOr):
                low, x, high = (self.amount(n) for n in (inner.right, inner.left, node.right))
                return And((Compare("<=", low, x), Compare("<=", x, high)))
        if isinstance(node, ast.Call):
            return self.missing(node)
        raise self.wrong(node, f"a comparison is needed here; allowed: {ALLOWED}")

    def missing(self, node: ast.Call) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name != MISSING:
            raise self.wrong(node, f"the only function is {MISSING}(field)")
        if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Name):
            raise self.wrong(node, f"{MISSING} takes one field: {MISSING}(gsm)")
        self.kind(node.args[0])
        return Missing(node.args[0].id)

    def kind(self, node: ast.Name) -> Kind:
        if node.id not in self.fields:
            near = get_close_matches(node.id, self.fields, 1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise self.wrong(
                node, f"field {node.id!r} is not known; {hint}Fields: {', '.join(self.fields)}; texts need quotes"
            )
        return self.fields[node.id]

    def is_text(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return self.kind(node) == "text"
        return isinstance(node, ast.Constant) and isinstance(node.value, str)

    def compare(self, whole: ast.Compare, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node:
        if isinstance(op, ast.In | ast.NotIn):
            inside = self.among(left, right)
            return inside if isinstance(op, ast.In) else Not(inside)
        if self.is_text(left) or self.is_text(right):
            same = self.same(left, op, right)
            return same if isinstance(op, ast.Eq) else Not(same)
        a, b = self.amount(left), self.amount(right)
        if isinstance(op, ast.Lt):
            return Compare("<", a, b)
        if isinstance(op, ast.LtE):
            return Compare("<=", a, b)
        if isinstance(op, ast.Gt):
            return Compare("<", b, a)
        if isinstance(op, ast.GtE):
            return Compare("<=", b, a)
        if isinstance(op, ast.Eq | ast.NotEq):
            equal = Compare("==", a, b)
            return equal if isinstance(op, ast.Eq) else Not(equal)
        raise self.wrong(whole, f"this comparison is not of the language; allowed: {ALLOWED}")

    def same(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Node:
        for one, other in ((left, right), (right, left)):
            if not self.is_text(other):
                raise self.wrong(other, "a text can be compared with a text only; numbers are written without quotes")
            if not isinstance(op, ast.Eq | ast.NotEq):
                raise self.wrong(one, "texts have no order: compare them by == != in")
        if isinstance(left, ast.Name) and isinstance(right, ast.Name):
            return SameText(left.id, right.id)
        name, value = (left, right) if isinstance(left, ast.Name) else (right, left)
        if not isinstance(name, ast.Name) or not isinstance(value, ast.Constant):
            raise self.wrong(left, "two fixed texts are compared; name a field")
        return Member(name.id, frozenset((str(value.value),)))

    def among(self, left: ast.expr, right: ast.expr) -> Node:
        items = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]
        if not items:
            raise self.wrong(right, 'the list is empty; give codes: in ("m", "kg")')
        if self.is_text(left):
            if not isinstance(left, ast.Name):
                raise self.wrong(left, "`in` needs a field on its left")
            codes = []
            for item in items:
                if not (isinstance(item, ast.Constant) and isinstance(item.value, str)):
                    raise self.wrong(item, f"field {left.id!r} is a text: give texts in quotes after `in`")
                codes.append(item.value)
            return Member(left.id, frozenset(codes))
        x = self.amount(left)
        for item in items:
            if not isinstance(self.amount(item), Number):
                raise self.wrong(item, "give numbers after `in`")
        equals = tuple(Compare("==", x, self.amount(item)) for item in items)
        return equals[0] if len(equals) == 1 else Or(equals)

    def amount(self, node: ast.expr) -> Amount:
        """A number."""
        if isinstance(node, ast.Name):
            if self.kind(node) == "text":
                raise self.wrong(node, f"field {node.id!r} is a text and cannot stand where a number is needed")
            return NumberField(node.id)
        if isinstance(node, ast.Constant):
            value = node.value
            if isinstance(value, bool) or not isinstance(value, int | float) or value in (float("inf"), float("-inf")):
                raise self.wrong(node, f"{value!r} is not a number")
            return Number(Fraction(repr(value)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            inner = self.amount(node.operand)
            if isinstance(node.op, ast.UAdd):
                return inner
            return Number(-inner.value) if isinstance(inner, Number) else Arithmetic("-", Number(Fraction(0)), inner)
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            op = _ARITHMETIC[type(node.op)]
            left, right = self.amount(node.left), self.amount(node.right)
            if op == "/" and isinstance(right, Number) and right.value == 0:
                raise self.wrong(node.right, "division by zero")
            if isinstance(left, Number) and isinstance(right, Number):
                return Number(_EXACT[op](left.value, right.value))
            return Arithmetic(op, left, right)
        raise self.wrong(node, f"a number or a field of numbers is needed here; allowed: {ALLOWED}")


_EXACT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


# --- fields of a tree ---------------------------------------------------------------------------------------------


def named(node: Node | Amount) -> frozenset[str]:
    """The fields whose values a condition uses; not those that it only asks `is_missing` of."""
    if isinstance(node, NumberField):
        return frozenset((node.name,))
    if isinstance(node, Arithmetic | Compare):
        return named(node.left) | named(node.right)
    if isinstance(node, Member):
        return frozenset((node.field,))
    if isinstance(node, SameText):
        return frozenset((node.left, node.right))
    if isinstance(node, Not):
        return named(node.part)
    if isinstance(node, And | Or):
        return frozenset[str]().union(*(named(p) for p in node.parts))
    return frozenset()


def asked_missing(node: Node) -> frozenset[str]:
    """The fields that a condition asks `is_missing` of."""
    if isinstance(node, Missing):
        return frozenset((node.field,))
    if isinstance(node, Not):
        return asked_missing(node.part)
    if isinstance(node, And | Or):
        return frozenset[str]().union(*(asked_missing(p) for p in node.parts))
    return frozenset()
