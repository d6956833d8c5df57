"""Conditions on the fields of a record: linear comparisons, code lists, equal texts, and their and, or, not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import TypeAlias

from ellwand.formulas.simplex import Linear, linear

Record = Mapping[str, Fraction | str]
"""Values of the fields of one record: numbers exact, texts as they are."""


@dataclass(frozen=True)
class Among:
    """A text field whose value is in the codes (inside) or is not."""

    field: str
    codes: frozenset[str]
    inside: bool = True


@dataclass(frozen=True)
class Same:
    """Two text fields that are equal, or are not."""

    left: str
    right: str
    equal: bool = True


@dataclass(frozen=True)
class All:
    """Every part holds; without parts it is true."""

    parts: "tuple[Condition, ...]" = ()


@dataclass(frozen=True)
class Any:
    """Some part holds; without parts it is false."""

    parts: "tuple[Condition, ...]" = ()


Condition: TypeAlias = Linear | Among | Same | All | Any

TRUE, FALSE = All(), Any()


def less(terms: Mapping[str, Fraction], bound: Fraction, *, strict: bool = False) -> Linear:
    """`sum <= bound`, or `< bound`."""
    return linear(terms, "<" if strict else "<=", bound)


def more(terms: Mapping[str, Fraction], bound: Fraction, *, strict: bool = False) -> Linear:
    """`sum >= bound`, or `> bound`."""
    return linear({f: -c for f, c in terms.items()}, "<" if strict else "<=", -bound)


def equal(terms: Mapping[str, Fraction], bound: Fraction) -> Linear:
    """`sum == bound`."""
    return linear(terms, "==", bound)


@singledispatch
def negate(condition: Condition) -> Condition:
    """The condition that holds exactly where this one does not."""
    raise TypeError(f"{condition!r} is no condition")


@negate.register
def _(condition: Linear) -> Condition:
    terms, bound = dict(condition.terms), condition.bound
    if condition.op == "==":
        return Any((less(terms, bound, strict=True), more(terms, bound, strict=True)))
    return more(terms, bound, strict=condition.op == "<=")


@negate.register
def _(condition: Among) -> Condition:
    return Among(condition.field, condition.codes, not condition.inside)


@negate.register
def _(condition: Same) -> Condition:
    return Same(condition.left, condition.right, not condition.equal)


@negate.register
def _(condition: All) -> Condition:
    return Any(tuple(negate(p) for p in condition.parts))


@negate.register
def _(condition: Any) -> Condition:
    return All(tuple(negate(p) for p in condition.parts))


def implies(when: Condition, must: Condition) -> Condition:
    """`must` holds wherever `when` does."""
    return Any((negate(when), must))


@singledispatch
def holds(condition: Condition, record: Record) -> bool:
    """Whether a complete record satisfies a condition."""
    raise TypeError(f"{condition!r} is no condition")


@holds.register
def _(condition: Linear, record: Record) -> bool:
    return condition.holds({f: _number(record, f) for f, _ in condition.terms})


@holds.register
def _(condition: Among, record: Record) -> bool:
    return (record[condition.field] in condition.codes) == condition.inside


@holds.register
def _(condition: Same, record: Record) -> bool:
    return (record[condition.left] == record[condition.right]) == condition.equal


@holds.register
def _(condition: All, record: Record) -> bool:
    return all(holds(p, record) for p in condition.parts)


@holds.register
def _(condition: Any, record: Record) -> bool:
    return any(holds(p, record) for p in condition.parts)


def _number(record: Record, field: str) -> Fraction:
    value = record[field]
    if not isinstance(value, Fraction):
        raise TypeError(f"field {field!r} is compared as a number, and its value is the text {value!r}")
    return value


def atoms(condition: Condition) -> Iterator[Linear | Among | Same]:
    """The comparisons in a condition."""
    if isinstance(condition, All | Any):
        for part in condition.parts:
            yield from atoms(part)
    else:
        yield condition


def fields(condition: Condition) -> frozenset[str]:
    """The fields that a condition speaks of."""
    out: set[str] = set()
    for atom in atoms(condition):
        if isinstance(atom, Linear):
            out.update(f for f, _ in atom.terms)
        elif isinstance(atom, Among):
            out.add(atom.field)
        else:
            out.update((atom.left, atom.right))
    return frozenset(out)


def numeric(conditions: Iterable[Condition]) -> frozenset[str]:
    """The fields that are compared as numbers."""
    return frozenset(f for c in conditions for a in atoms(c) if isinstance(a, Linear) for f, _ in a.terms)
