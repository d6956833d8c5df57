"""Conditions as the algebra of edit rules takes them: linear inequalities, code lists, and, or."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

from ellwand.formulas import conditions as logic
from ellwand.formulas.conditions import Condition
from ellwand.production.expressions import (
    MISSING,
    Amount,
    And,
    Arithmetic,
    Member,
    Missing,
    Node,
    Not,
    Number,
    NumberField,
    Or,
    SameText,
)

YES = frozenset(("yes",))
Sum: TypeAlias = tuple[dict[str, Fraction], Fraction]
"""Coefficients and a constant."""


def surely(node: Node, true: bool = True) -> Condition:
    """The condition, for the algebra of edits, that a node is surely true (or surely false) in a complete record.

    A quotient compared with a number is made linear by cases of its denominator's sign; where that is zero the
    comparison is neither true nor false. Other products and quotients of fields are taken as quantities of their own:
    then what the algebra finds is right, and it may find less.
    """
    if isinstance(node, Not):
        return surely(node.part, not true)
    if isinstance(node, And | Or):
        parts = tuple(surely(p, true) for p in node.parts)
        return logic.All(parts) if isinstance(node, And) == true else logic.Any(parts)
    if isinstance(node, Member):
        return logic.Among(node.field, node.codes, true)
    if isinstance(node, SameText):
        return logic.Same(node.left, node.right, true)
    if isinstance(node, Missing):
        return logic.Among(f"{MISSING}({node.field})", YES, true)
    for top, other, sign in ((node.left, node.right, 1), (node.right, node.left, -1)):
        if isinstance(top, Arithmetic) and top.op == "/" and isinstance(other, Number):
            below, constant = _sum(top.right)
            if below:
                above, start = _sum(top.left)
                # (above - other * below) compared with 0 where below > 0, turned over where below < 0.
                terms, rest = _add((above, start), (below, constant), -other.value)
                return logic.Any(
                    tuple(
                        logic.All(
                            (
                                logic.more({f: side * c for f, c in below.items()}, -side * constant, strict=True),
                                _against_zero(node.op, terms, rest, sign * side, true),
                            )
                        )
                        for side in (1, -1)
                    )
                )
    terms, rest = _add(_sum(node.left), _sum(node.right), Fraction(-1))
    return _against_zero(node.op, terms, rest, 1, true)


def _against_zero(
    op: Literal["<", "<=", "=="], terms: Mapping[str, Fraction], rest: Fraction, sign: int, true: bool
) -> Condition:
    """`sign * (terms + rest) op 0`, or its contrary."""
    signed = {f: sign * c for f, c in terms.items()}
    bound = -sign * rest
    condition = logic.equal(signed, bound) if op == "==" else logic.less(signed, bound, strict=op == "<")
    return condition if true else logic.negate(condition)


def _sum(node: Amount) -> Sum:
    """An amount as coefficients and a constant."""
    if isinstance(node, Number):
        return {}, node.value
    if isinstance(node, NumberField):
        return {node.name: Fraction(1)}, Fraction(0)
    left, right = _sum(node.left), _sum(node.right)
    if node.op in "+-":
        return _add(left, right, Fraction(1 if node.op == "+" else -1))
    if not right[0] and (node.op == "*" or right[1]):
        k = right[1] if node.op == "*" else 1 / right[1]
        return {f: c * k for f, c in left[0].items() if c * k}, left[1] * k
    if node.op == "*" and not left[0]:
        return {f: c * left[1] for f, c in right[0].items() if c * left[1]}, right[1] * left[1]
    return {written(node): Fraction(1)}, Fraction(0)


def _add(a: Sum, b: Sum, k: Fraction) -> Sum:
    terms = dict(a[0])
    for f, c in b[0].items():
        terms[f] = terms.get(f, Fraction(0)) + k * c
    return {f: c for f, c in terms.items() if c}, a[1] + k * b[1]


def written(node: Amount) -> str:
    """An amount as text, equal for equal amounts."""
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, NumberField):
        return node.name
    parts = [written(node.left), written(node.right)]
    if node.op in "+*":
        parts.sort()
    return f"({parts[0]} {node.op} {parts[1]})"
