"""The algebra of edit rules: whether a set of rules can hold, which rules conflict, which say nothing new.

Rules are conditions on one record, its numbers real and its texts of any code that no rule forbids. All answers are
exact. The search takes a record that satisfies the single comparisons, and branches only where it breaks an "or".
Sources: Fellegi and Holt (1976); de Waal, Pannekoek and Scholtus (2011); Chinneck (2008) for irreducible conflicts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count

from ellwand.formulas.conditions import (
    TRUE,
    All,
    Among,
    Any,
    Condition,
    Same,
    equal,
    fields,
    holds,
    implies,
    less,
    more,
    negate,
    numeric,
)
from ellwand.formulas.simplex import Linear, witness

OTHER = "\0"
"""Begins the texts that stand for any code that no rule names."""
MOST = 50_000
"""Branches that are looked at before a rule set is given up as too intricate."""


@dataclass(frozen=True)
class Edit:
    """A named rule: `must` holds wherever `when` does."""

    name: str
    must: Condition
    when: Condition = TRUE

    @property
    def condition(self) -> Condition:
        """The rule as one condition."""
        return self.must if self.when == TRUE else implies(self.when, self.must)


def solution(conditions: Iterable[Condition]) -> dict[str, Fraction | str] | None:
    """A record that satisfies all conditions, over the fields that they name; None if there is none.

    A text that begins with OTHER stands for any code that no condition names.
    ValueError where a field is compared both as a number and as a text, or the conditions are too intricate.
    """
    given = tuple(conditions)
    numbers = numeric(given)
    texts = frozenset().union(*(fields(c) for c in given)) - numbers
    for atom in _text_atoms(given):
        for field in fields(atom) & numbers:
            raise ValueError(f"field {field!r} is compared both as a number and as a text")
    base: dict[str, Fraction | str] = {f: Fraction(0) for f in numbers}
    base |= dict.fromkeys(texts, OTHER)
    return _search(_State((), (), ()), given, base, count())


def _text_atoms(conditions: Iterable[Condition]) -> Iterator[Among | Same]:
    for c in conditions:
        if isinstance(c, All | Any):
            yield from _text_atoms(c.parts)
        elif not isinstance(c, Linear):
            yield c


@dataclass(frozen=True)
class _State:
    """Comparisons that must hold, and the "or"s that are still open."""

    linear: tuple[Linear, ...]
    text: tuple[Among | Same, ...]
    open: tuple[Any, ...]

    def with_conditions(self, conditions: Iterable[Condition]) -> "_State":
        linears, texts, open_ = list(self.linear), list(self.text), list(self.open)
        stack = list(conditions)[::-1]
        while stack:
            c = stack.pop()
            if isinstance(c, All):
                stack += c.parts[::-1]
            elif isinstance(c, Any):
                if len(c.parts) == 1:
                    stack.append(c.parts[0])
                else:
                    open_.append(c)
            elif isinstance(c, Linear):
                linears.append(c)
            else:
                texts.append(c)
        return _State(tuple(linears), tuple(texts), tuple(open_))


def _search(
    state: _State, new: Iterable[Condition], base: dict[str, Fraction | str], steps: "count[int]"
) -> dict[str, Fraction | str] | None:
    if next(steps) >= MOST:
        raise ValueError(f"the rules have more than {MOST} combinations of cases; state them with fewer 'or'")
    now = state.with_conditions(new)
    if any(not c.parts for c in now.open):
        return None
    found = _texts(now.text)
    if found is None:
        return None
    numbers = witness(now.linear)
    if numbers is None:
        return None
    record = {**base, **numbers, **found}
    broken = [c for c in now.open if not holds(c, record)]
    if not broken:
        return record
    chosen = min(broken, key=lambda c: len(c.parts))
    rest = _State(now.linear, now.text, tuple(c for c in now.open if c is not chosen))
    for part in chosen.parts:
        got = _search(rest, (part,), base, steps)
        if got is not None:
            return got
    return None


def _texts(atoms: Sequence[Among | Same]) -> dict[str, str] | None:
    """Texts that satisfy code lists and equalities, or None."""
    root: dict[str, str] = {}

    def find(f: str) -> str:
        while root.setdefault(f, f) != f:
            f = root[f]
        return f

    for atom in atoms:
        for f in fields(atom):
            find(f)
        if isinstance(atom, Same) and atom.equal:
            root[find(atom.left)] = find(atom.right)
    inside: dict[str, frozenset[str]] = {}
    outside: dict[str, frozenset[str]] = {}
    apart: dict[str, set[str]] = {}
    for atom in atoms:
        if isinstance(atom, Among):
            f = find(atom.field)
            if atom.inside:
                inside[f] = inside.get(f, atom.codes) & atom.codes
            else:
                outside[f] = outside.get(f, frozenset()) | atom.codes
        elif not atom.equal:
            a, b = find(atom.left), find(atom.right)
            if a == b:
                return None
            apart.setdefault(a, set()).add(b)
            apart.setdefault(b, set()).add(a)
    roots = sorted({find(f) for f in root})
    value: dict[str, str] = {}
    for f in roots:
        allowed = inside.get(f)
        if allowed is not None and not allowed - outside.get(f, frozenset()):
            return None
    # A field without a code list can always take a text of its own; only those with one can run out of codes.
    listed = sorted((f for f in roots if f in inside), key=lambda f: (len(inside[f]), f))

    def assign(k: int) -> bool:
        if k == len(listed):
            return True
        f = listed[k]
        taken = {value[g] for g in apart.get(f, ()) if g in value}
        for code in sorted(inside[f] - outside.get(f, frozenset()) - taken):
            value[f] = code
            if assign(k + 1):
                return True
            del value[f]
        return False

    if not assign(0):
        return None
    for n, f in enumerate(g for g in roots if g not in inside):
        value[f] = OTHER if f not in apart else f"{OTHER}{n}"
    return {f: value[find(f)] for f in root}


def feasible(conditions: Iterable[Condition]) -> bool:
    """Whether one record can satisfy all conditions."""
    return all(solution(part) is not None for part in _components(tuple(conditions)))


def _components(conditions: Sequence[Condition]) -> list[list[Condition]]:
    """Conditions that share fields, directly or through others."""
    groups: list[tuple[set[str], list[Condition]]] = []
    for c in conditions:
        mine, names = [c], set(fields(c))
        rest = []
        for group in groups:
            if group[0] & names:
                names |= group[0]
                mine = group[1] + mine
            else:
                rest.append(group)
        groups = [*rest, (names, mine)]
    return [conditions for _, conditions in groups]


def _near(edits: Sequence[Edit], start: Condition) -> list[Edit]:
    """The edits that share fields with a condition, directly or through others."""
    names = set(fields(start))
    left, near = list(edits), []
    while True:
        got = [e for e in left if fields(e.condition) & names]
        if not got:
            return [e for e in edits if e in near]
        near += got
        left = [e for e in left if e not in got]
        for e in got:
            names |= fields(e.condition)


def conflict(edits: Sequence[Edit], given: Sequence[Condition] = ()) -> tuple[str, ...]:
    """Names of rules that cannot hold together, not one of them to spare; empty if all can.

    given : conditions that are beyond doubt, such as the case that is looked at; ValueError if they alone cannot hold.
    """
    if feasible([*given, *(e.condition for e in edits)]):
        return ()
    if not feasible(given):
        raise ValueError("the conditions given cannot hold, whatever the rules")
    kept = list(edits)
    for edit in edits:
        less_one = [e for e in kept if e is not edit]
        if not feasible([*given, *(e.condition for e in less_one)]):
            kept = less_one
    return tuple(e.name for e in kept)


def redundant(
    edits: Sequence[Edit], may: Callable[[Edit, Edit], bool] = lambda edit, other: True
) -> dict[str, tuple[str, ...]]:
    """Rules that say nothing new, each with the rules, themselves kept, that already say it; the last ones go first.

    Of equal rules the first is kept. A rule that always holds is redundant by nothing: (). may : whether the other rule
    may stand for the edit (if a may for b, and b for c, then a for c). The rules must be able to hold together.
    """
    kept, spare = list(edits), list[Edit]()
    for edit in reversed(edits):
        others = [e for e in kept if e is not edit and may(edit, e)]
        denied = negate(edit.condition)
        if not feasible([denied, *(e.condition for e in _near(others, denied))]):
            spare.insert(0, edit)
            kept = [e for e in kept if e is not edit]
    out: dict[str, tuple[str, ...]] = {}
    for edit in spare:
        denied = negate(edit.condition)
        others = _near([e for e in kept if may(edit, e)], denied)
        out[edit.name] = conflict(others, [denied]) if feasible([denied]) else ()
    return out


def contradicting(edits: Sequence[Edit]) -> dict[str, tuple[str, ...]]:
    """Conditional rules whose case can never pass: the rule's `when` excludes the rules named, taken together.

    Each rule of the set may be needed; the set is irreducible. The rules must be able to hold together.
    """
    out = {}
    for edit in edits:
        if edit.when == TRUE or not feasible([edit.when]):
            continue
        names = conflict(_near(edits, edit.when), [edit.when])
        if names:
            out[edit.name] = names
    return out


def fixed(edits: Sequence[Edit], given: Sequence[Condition] = ()) -> dict[str, Fraction | str]:
    """Fields that can take one value only, with it. Empty values and open fields are not among them.

    ValueError if the rules and the conditions given cannot hold.
    """
    conditions = [*given, *(e.condition for e in edits)]
    out: dict[str, Fraction | str] = {}
    for part in _components(conditions):
        record = solution(part)
        if record is None:
            raise ValueError("the rules cannot hold together with the values given: no field can be filled from them")
        for field, value in record.items():
            if isinstance(value, Fraction):
                one = {field: Fraction(1)}
                others: Condition = Any((less(one, value, strict=True), more(one, value, strict=True)))
            elif value.startswith(OTHER):
                continue
            else:
                others = Among(field, frozenset((value,)), inside=False)
            if not feasible([*part, others]):
                out[field] = value
    return out


def is_value(field: str, value: Fraction | str) -> Condition:
    """The condition that a field has a value."""
    if isinstance(value, Fraction):
        return equal({field: Fraction(1)}, value)
    return Among(field, frozenset((value,)))


def violated(edits: Iterable[Edit], record: Mapping[str, Fraction | str]) -> tuple[str, ...]:
    """Names of the rules that a record breaks. A rule on a field that the record lacks is not broken."""
    return tuple(e.name for e in edits if fields(e.condition) <= record.keys() and not holds(e.condition, record))
