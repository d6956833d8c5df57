"""The algebra of edit rules: the examples of the handbook, and oracles that try everything."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ellwand.formulas.conditions import (
    FALSE,
    TRUE,
    All,
    Among,
    Any,
    Same,
    atoms,
    equal,
    fields,
    holds,
    implies,
    less,
    more,
    negate,
)
from ellwand.formulas.edits import (
    Edit,
    conflict,
    contradicting,
    feasible,
    fixed,
    is_value,
    redundant,
    solution,
    violated,
)
from ellwand.formulas.localise import deduce, localise
from ellwand.formulas.simplex import Linear, linear, witness

ONE = Fraction(1)


def F(x):
    return Fraction(x)


def le(terms: dict, bound) -> Linear:
    return less({f: F(c) for f, c in terms.items()}, F(bound))


def lt(terms: dict, bound) -> Linear:
    return less({f: F(c) for f, c in terms.items()}, F(bound), strict=True)


def ge(terms: dict, bound) -> Linear:
    return more({f: F(c) for f, c in terms.items()}, F(bound))


def gt(terms: dict, bound) -> Linear:
    return more({f: F(c) for f, c in terms.items()}, F(bound), strict=True)


def eq(terms: dict, bound) -> Linear:
    return equal({f: F(c) for f, c in terms.items()}, F(bound))


def code(field: str, *codes: str) -> Among:
    return Among(field, frozenset(codes))


# --- oracles ----------------------------------------------------------------------------------------------------------


def eliminate(constraints: Sequence[Linear]) -> bool:
    """Whether linear constraints can hold, by Fourier and Motzkin's elimination."""
    rows = []
    for c in constraints:
        rows.append((dict(c.terms), c.bound, c.op == "<"))
        if c.op == "==":
            rows.append(({f: -k for f, k in c.terms}, -c.bound, False))
    for v in sorted({f for r in rows for f in r[0]}):
        up = [r for r in rows if r[0].get(v, 0) > 0]
        down = [r for r in rows if r[0].get(v, 0) < 0]
        rows = [r for r in rows if not r[0].get(v, 0)]
        for a, b in itertools.product(up, down):
            i, j = 1 / a[0][v], -1 / b[0][v]
            terms = {f: i * a[0].get(f, 0) + j * b[0].get(f, 0) for f in a[0].keys() | b[0].keys()}
            rows.append(({f: k for f, k in terms.items() if k}, i * a[1] + j * b[1], a[2] or b[2]))
    return all(b > 0 if strict else b >= 0 for _, b, strict in rows)


CODES = ("a", "b", "c", "x1", "x2", "x3")
"""Codes that tests name, and some that no rule names."""


def alternatives(condition) -> list[tuple]:
    """A condition as a list of conjunctions of comparisons."""
    if isinstance(condition, Any):
        return [a for p in condition.parts for a in alternatives(p)]
    if isinstance(condition, All):
        return [sum(c, ()) for c in itertools.product(*(alternatives(p) for p in condition.parts))]
    return [(condition,)]


def possible(conditions) -> bool:
    """Feasibility by trying every combination of cases and every code."""
    texts = sorted({f for c in conditions for a in atoms(c) if not isinstance(a, Linear) for f in fields(a)})
    for choice in itertools.product(*(alternatives(c) for c in conditions)):
        flat = [a for part in choice for a in part]
        if not eliminate([a for a in flat if isinstance(a, Linear)]):
            continue
        words = [a for a in flat if not isinstance(a, Linear)]
        for values in itertools.product(CODES, repeat=len(texts)):
            record = dict(zip(texts, values, strict=True))
            if all(holds(a, record) for a in words):
                return True
    return False


small = st.integers(-3, 3)
linears = st.builds(
    lambda terms, op, b: linear({f: F(c) for f, c in terms.items()}, op, F(b)),
    st.dictionaries(st.sampled_from("xyz"), small, min_size=1, max_size=3),
    st.sampled_from(["<=", "<", "=="]),
    st.integers(-6, 6),
)
amongs = st.builds(
    lambda f, c, inside: Among(f, frozenset(c), inside),
    st.sampled_from(["k", "l"]),
    st.sets(st.sampled_from("abc"), min_size=1, max_size=2),
    st.booleans(),
)
sames = st.builds(lambda e: Same("k", "l", e), st.booleans())
simple = st.one_of(linears, linears, amongs, sames)
conditions = st.one_of(
    simple,
    st.builds(lambda a, b: Any((a, b)), simple, simple),
    st.builds(lambda a, b: All((a, b)), simple, simple),
    st.builds(implies, simple, simple),
)


# --- exact linear inequalities ----------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(st.lists(linears, max_size=8))
def test_simplex_against_elimination(constraints: list[Linear]) -> None:
    got = witness(constraints)
    assert (got is not None) == eliminate(constraints)
    if got is not None:
        for c in constraints:
            assert c.holds({f: got.get(f, F(0)) for f, _ in c.terms})


def test_strict_bounds_are_strict() -> None:
    assert witness([gt({"x": 1}, 0), lt({"x": 1}, Fraction(1, 10**30))]) is not None
    assert witness([gt({"x": 1}, 0), le({"x": 1}, 0)]) is None
    assert witness([gt({"x": 1, "y": 1}, 2), le({"x": 1}, 1), le({"y": 1}, 1)]) is None
    assert witness([ge({"x": 1, "y": 1}, 2), le({"x": 1}, 1), le({"y": 1}, 1)]) == {"x": 1, "y": 1}
    assert witness([lt({}, 0)]) is None
    assert witness([]) == {}


def test_pivots_end_where_they_could_run_in_a_circle() -> None:
    """Beale's example, as a feasibility problem with its best value as a bound."""
    rows = [
        le({"a": Fraction(1, 4), "b": -60, "c": Fraction(-1, 25), "d": 9}, 0),
        le({"a": Fraction(1, 2), "b": -90, "c": Fraction(-1, 50), "d": 3}, 0),
        le({"c": 1}, 1),
        *(ge({v: 1}, 0) for v in "abcd"),
    ]
    gain = {"a": Fraction(3, 4), "b": -150, "c": Fraction(1, 50), "d": -6}
    assert witness([*rows, ge(gain, Fraction(1, 20))]) is not None
    assert witness([*rows, gt(gain, Fraction(1, 20))]) is None


# --- conditions -------------------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(conditions, st.lists(st.integers(-4, 4), min_size=3, max_size=3), st.sampled_from(CODES), st.sampled_from(CODES))
def test_negation_is_the_contrary(condition, numbers, k, l) -> None:
    record = {**dict(zip("xyz", map(Fraction, numbers), strict=True)), "k": k, "l": l}
    assert holds(negate(condition), record) != holds(condition, record)
    assert holds(TRUE, record)
    assert not holds(FALSE, record)


def test_a_field_is_a_number_or_a_text() -> None:
    with pytest.raises(ValueError, match="'x' is compared both"):
        solution([le({"x": 1}, 1), code("x", "a")])
    with pytest.raises(TypeError, match="compared as a number"):
        holds(le({"x": 1}, 1), {"x": "a"})


# --- feasibility, conflicts, redundancy -------------------------------------------------------------------------------


@settings(max_examples=250, deadline=None)
@given(st.lists(conditions, max_size=5))
def test_feasible_against_trying_everything(some: list) -> None:
    got = solution(some)
    assert (got is not None) == possible(some)
    assert feasible(some) == (got is not None)
    if got is not None:
        assert all(holds(c, got) for c in some)


@settings(max_examples=120, deadline=None)
@given(st.lists(conditions, min_size=2, max_size=6))
def test_a_conflict_is_one_and_none_of_it_is_to_spare(some: list) -> None:
    edits = [Edit(f"r{k}", c) for k, c in enumerate(some)]
    by_name = {e.name: e.must for e in edits}
    names = conflict(edits)
    assert bool(names) != possible(some)
    if names:
        assert not possible([by_name[n] for n in names])
        for n in names:
            assert possible([by_name[m] for m in names if m != n])


@settings(max_examples=120, deadline=None)
@given(st.lists(conditions, min_size=2, max_size=5))
def test_redundant_rules_follow_from_those_that_are_named(some: list) -> None:
    edits = [Edit(f"r{k}", c) for k, c in enumerate(some)]
    if conflict(edits):
        return
    by_name = {e.name: e.must for e in edits}
    got = redundant(edits)
    for name, because in got.items():
        assert not set(because) & got.keys()
        assert not possible([negate(by_name[name]), *(by_name[b] for b in because)])
        for b in because:
            assert possible([negate(by_name[name]), *(by_name[o] for o in because if o != b)])
    kept = [e for e in edits if e.name not in got]
    for e in kept:
        assert possible([negate(e.must), *(o.must for o in kept if o is not e)])


def test_infeasible_rules_are_named_and_innocent_ones_are_not() -> None:
    edits = [
        Edit("price above zero", gt({"price": 1}, 0)),
        Edit("cost at least price", ge({"cost": 1, "price": -1}, 0)),
        Edit("width", ge({"width": 1}, 100)),
        Edit("cost below zero", lt({"cost": 1}, 0)),
    ]
    assert conflict(edits) == ("price above zero", "cost at least price", "cost below zero")
    assert conflict(edits[:3]) == ()
    with pytest.raises(ValueError, match="cannot hold, whatever"):
        conflict(edits, [FALSE])


def test_redundant_of_equals_the_first_is_kept() -> None:
    edits = [
        Edit("a", ge({"x": 1}, 0)),
        Edit("b", ge({"x": 2}, 0)),
        Edit("c", ge({"x": 1}, -5)),
        Edit("d", Any((le({"y": 1}, 1), ge({"y": 1}, 1)))),
        Edit("e", le({"x": 1, "y": 1}, 9)),
    ]
    assert redundant(edits) == {"b": ("a",), "c": ("a",), "d": ()}


def test_contradicting_conditionals() -> None:
    """The set can hold, but in no record with the code: the conditionals contradict each other."""
    case = code("kind", "yarn")
    edits = [
        Edit("yarn has a count", ge({"count": 1}, 5), when=case),
        Edit("yarn is thin", le({"count": 1}, 3), when=case),
        Edit("price", gt({"price": 1}, 0)),
    ]
    assert conflict(edits) == ()
    assert contradicting(edits) == {
        "yarn has a count": ("yarn has a count", "yarn is thin"),
        "yarn is thin": ("yarn has a count", "yarn is thin"),
    }
    assert contradicting(edits[:1]) == {}
    assert contradicting([Edit("never", FALSE, when=All((le({"x": 1}, 0), gt({"x": 1}, 0))))]) == {}


def test_fixed_fields() -> None:
    edits = [
        Edit("sum", eq({"x": 1, "y": 1}, 0)),
        Edit("x", ge({"x": 1}, 0)),
        Edit("y", ge({"y": 1}, 0)),
        Edit("z", ge({"z": 1}, 0)),
        Edit("unit", code("unit", "m", "kg")),
        Edit("not kg", Among("unit", frozenset(("kg",)), inside=False)),
    ]
    assert fixed(edits) == {"x": 0, "y": 0, "unit": "m"}
    assert fixed(edits[:1]) == {}
    with pytest.raises(ValueError, match="cannot hold together with the values"):
        fixed(edits, [is_value("x", F(1))])


def test_equal_texts() -> None:
    same = Edit("unit of the item", Same("unit", "item_unit"))
    lists = [Edit("a", code("unit", "m")), Edit("b", code("item_unit", "kg"))]
    assert conflict([same, *lists]) == ("unit of the item", "a", "b")
    assert fixed([same, lists[0]]) == {"unit": "m", "item_unit": "m"}
    three = [Same("p", "q", False), Same("q", "r", False), Same("p", "r", False)]
    two_codes = [code(f, "a", "b") for f in "pqr"]
    assert feasible([*three, *two_codes[:2]])
    assert not feasible([*three, *two_codes])
    assert not feasible([Same("p", "p", False)])
    assert not feasible([code("p", "a"), code("q", "a"), Same("p", "q", False)])


def test_a_set_with_too_many_cases_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ellwand.formulas.edits.MOST", 50)
    holes = range(5)
    # Six pigeons in five holes: no short proof by cases.
    pigeons = [Any(tuple(eq({f"p{i}": 1}, h) for h in holes)) for i in range(6)]
    apart = [negate(eq({f"p{i}": 1, f"p{j}": -1}, 0)) for i in range(6) for j in range(i)]
    with pytest.raises(ValueError, match="combinations of cases"):
        solution([*pigeons, *apart])


# --- error localisation -----------------------------------------------------------------------------------------------

XY = [Edit("sum", ge({"X": 1, "Y": 1}, 6)), Edit("X", le({"X": 1}, 4)), Edit("Y", le({"Y": 1}, 5))]


@pytest.mark.parametrize(("x", "y", "wrong"), [(2, 3, ("Y",)), (4, 1, ("Y",)), (5, 6, ("X", "Y")), (3, 4, ())])
def test_the_localisation_of_the_handbook(x: int, y: int, wrong: tuple[str, ...]) -> None:
    got = localise(XY, {"X": x, "Y": y}, weights={"X": 2, "Y": 1})
    assert got.fields == wrong
    assert got.weight == sum({"X": 2, "Y": 1}[f] for f in wrong)
    assert (got.violated == ()) == (wrong == ())


def test_ties_are_broken_by_a_recorded_seed() -> None:
    """(2, 3) can be mended by either field; the seed draws, and equal seeds draw alike."""
    drawn = [localise(XY, {"X": 2, "Y": 3}, seed=s) for s in range(20)]
    assert all(d.alternatives == (("X",), ("Y",)) for d in drawn)
    assert [d.seed for d in drawn] == list(range(20))
    assert {d.fields for d in drawn} == {("X",), ("Y",)}
    assert drawn == [localise(XY, {"X": 2, "Y": 3}, seed=s) for s in range(20)]
    # The handbook's choice, with the default seed.
    assert localise(XY, {"X": 2, "Y": 3}).fields == ("Y",)
    only = localise(XY, {"X": 4, "Y": 1})
    assert only.alternatives == (("Y",),)


def test_empty_fields_are_free() -> None:
    got = localise(XY, {"X": None, "Y": 6})
    assert (got.fields, got.empty) == (("Y",), ("X",))
    assert localise(XY, {"X": float("nan"), "Y": 5}).fields == ()


def test_numbers_are_the_decimals_that_they_are_written_as() -> None:
    balance = [Edit("balance", eq({"a": 1, "b": 1, "total": -1}, 0))]
    assert localise(balance, {"a": 0.1, "b": 0.2, "total": 0.3}).fields == ()
    assert localise(balance, {"a": Decimal("0.10"), "b": np.float64(0.2), "total": Fraction(3, 10)}).fields == ()
    assert localise(balance, {"a": np.int64(1), "b": 2, "total": 3}).fields == ()


def test_texts_and_conditionals_are_localised() -> None:
    edits = [
        Edit("kilogram of yarn", code("unit", "kg"), when=code("kind", "yarn")),
        Edit("yarn is dear", ge({"price": 1}, 10), when=code("kind", "yarn")),
        Edit("kinds", code("kind", "yarn", "cloth")),
    ]
    got = localise(edits, {"unit": "m", "kind": "yarn", "price": 3})
    assert got.fields == ("kind",)
    assert got.violated == ("kilogram of yarn", "yarn is dear")
    sure = localise(edits, {"unit": "m", "kind": "yarn", "price": 3}, weights={"kind": 3})
    assert sure.fields == ("price", "unit")


@pytest.mark.parametrize(
    ("edits", "record", "weights", "message"),
    [
        (XY, {"X": 1}, None, "no field 'Y'"),
        (XY, {"X": "one", "Y": 1}, None, "'X' is 'one'"),
        (XY, {"X": np.inf, "Y": 1}, None, "finite number"),
        (XY, {"X": 1, "Y": 1}, {"X": 0}, "weight of field 'X'"),
        ([*XY, Edit("no", FALSE)], {"X": 1, "Y": 1}, None, "contradict themselves"),
        ([Edit("k", code("k", "a"))], {"k": 1}, None, "give a text"),
    ],
)
def test_wrong_records_are_refused(edits, record, weights, message) -> None:
    with pytest.raises(ValueError, match=message):
        localise(edits, record, weights=weights)


record_values = st.fixed_dictionaries(
    {**{f: st.one_of(st.integers(-4, 4), st.none()) for f in "xyz"}, **{f: st.sampled_from(CODES[:4]) for f in "kl"}}
)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(conditions, min_size=1, max_size=4),
    record_values,
    st.fixed_dictionaries({f: st.integers(1, 3) for f in "xyzkl"}),
    st.integers(0, 99),
)
def test_localisation_against_every_set_of_fields(some, record, weights, seed) -> None:
    if not possible(some):
        return
    edits = [Edit(f"r{k}", c) for k, c in enumerate(some)]
    named = sorted(frozenset().union(*(fields(c) for c in some)))
    present = [f for f in named if record[f] is not None]
    value = {f: record[f] if isinstance(record[f], str) else F(record[f]) for f in present}
    best: tuple[int, list] | None = None
    for size in range(len(present) + 1):
        for chosen in itertools.combinations(present, size):
            total = sum(weights[f] for f in chosen)
            if best is not None and total > best[0]:
                continue
            if possible([*some, *(is_value(f, value[f]) for f in present if f not in chosen)]):
                best = (total, [chosen]) if best is None or total < best[0] else (total, [*best[1], chosen])
    assert best is not None
    got = localise(edits, {f: record[f] for f in named}, weights=weights, seed=seed)
    assert got.weight == best[0]
    assert list(got.alternatives) == sorted(best[1])
    assert got.fields in got.alternatives


# --- deductive imputation ---------------------------------------------------------------------------------------------

QUARTERS = [Edit("year", eq({"Q1": 1, "Q2": 1, "Q3": 1, "Q4": 1, "TOTAL": -1}, 0))]


@pytest.mark.parametrize(
    ("quarters", "total", "filled"),
    [((10, 15, None, 20), 50, {"Q3": 5}), ((400, 555, 600, None), 2500, {"Q4": 945})],
)
def test_the_deduction_of_the_handbook(quarters, total, filled) -> None:
    record = {**{f"Q{k + 1}": q for k, q in enumerate(quarters)}, "TOTAL": total}
    assert deduce(QUARTERS, record) == filled


def test_deduction_uses_all_rules_together_and_fills_nothing_that_is_open() -> None:
    positive = [Edit(f"Q{k}", ge({f"Q{k}": 1}, 0)) for k in (1, 2, 3, 4)]
    record = {"Q1": 10, "Q2": None, "Q3": None, "Q4": 20, "TOTAL": 30}
    assert deduce([*QUARTERS, *positive], record) == {"Q2": 0, "Q3": 0}
    assert deduce(QUARTERS, record) == {}
    with pytest.raises(ValueError, match=r"break the rules .*localise"):
        deduce([*QUARTERS, *positive], {**record, "TOTAL": 20})
    kinds = [
        Edit("units", code("unit", "m", "kg")),
        Edit("cloth", code("unit", "m"), when=code("kind", "cloth")),
    ]
    assert deduce(kinds, {"unit": None, "kind": "cloth"}) == {"unit": "m"}
    assert deduce(kinds, {"unit": None, "kind": "yarn"}) == {}
    assert deduce(kinds, {"unit": "kg", "kind": None}) == {}


def test_violated_leaves_rules_on_lacking_fields_alone() -> None:
    assert violated(XY, {"X": F(5)}) == ("X",)
    assert violated(XY, {"X": F(1), "Y": F(1)}) == ("sum",)
