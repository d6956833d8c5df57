"""Whether linear inequalities over real numbers can hold together: exact, with rational numbers.

The general simplex method of Dutertre and de Moura (2006): every expression of several variables gets a variable of its
own, then only bounds are left, and pivots by Bland's rule end. A strict bound is a bound moved by an infinitesimal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Value = tuple[Fraction, Fraction]
"""A rational number and its infinitesimal part."""

ZERO = Fraction(0)


@dataclass(frozen=True)
class Linear:
    """`sum of coefficient x field  op  bound`. terms : (field, coefficient) sorted by field, no coefficient is 0."""

    terms: tuple[tuple[str, Fraction], ...]
    op: Literal["<=", "<", "=="]
    bound: Fraction

    def holds(self, values: Mapping[str, Fraction]) -> bool:
        """Whether the values satisfy it."""
        left = sum((c * values[f] for f, c in self.terms), ZERO)
        return left == self.bound if self.op == "==" else left < self.bound if self.op == "<" else left <= self.bound


def linear(terms: Mapping[str, Fraction], op: Literal["<=", "<", "=="], bound: Fraction) -> Linear:
    """A constraint in its normal form."""
    return Linear(tuple(sorted((f, c) for f, c in terms.items() if c)), op, bound)


class _Tableau:
    """Bounds on all variables, and the basic ones as sums of the others."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.index: dict[object, int] = {}
        self.low: list[Value | None] = []
        self.high: list[Value | None] = []
        self.rows: dict[int, dict[int, Fraction]] = {}

    def variable(self, key: object) -> int:
        if key not in self.index:
            self.index[key] = len(self.low)
            self.low.append(None)
            self.high.append(None)
        return self.index[key]

    def add(self, constraint: Linear) -> bool:
        """Take up a constraint; False if the bounds already exclude one another."""
        op, bound = constraint.op, constraint.bound
        if not constraint.terms:
            return constraint.holds({})
        lead = constraint.terms[0][1]
        bound = bound / lead
        if len(constraint.terms) == 1:
            v = self.variable(constraint.terms[0][0])
        else:
            key = tuple((f, c / lead) for f, c in constraint.terms)
            fresh = key not in self.index
            v = self.variable(key)
            if fresh:
                self.rows[v] = {self.variable(f): c for f, c in key}
        strict = Fraction(1) if op == "<" else ZERO
        if op == "==" or lead > 0:
            self._limit(v, None, (bound, -strict))
        if op == "==" or lead < 0:
            self._limit(v, (bound, strict), None)
        low, high = self.low[v], self.high[v]
        return low is None or high is None or low <= high

    def _limit(self, v: int, low: Value | None, high: Value | None) -> None:
        if low is not None:
            old = self.low[v]
            self.low[v] = low if old is None else max(old, low)
        if high is not None:
            old = self.high[v]
            self.high[v] = high if old is None else min(old, high)

    def solve(self) -> dict[str, Fraction] | None:
        """Values of the fields, or None."""
        value: list[Value] = [(ZERO, ZERO)] * len(self.low)
        for v in range(len(value)):
            low, high = self.low[v], self.high[v]
            if v not in self.rows:
                value[v] = low if low is not None and low > value[v] else value[v]
                value[v] = high if high is not None and high < value[v] else value[v]
        for b, row in self.rows.items():
            value[b] = (
                sum((c * value[v][0] for v, c in row.items()), ZERO),
                sum((c * value[v][1] for v, c in row.items()), ZERO),
            )
        while True:
            wrong = min((b for b in self.rows if self._bound_broken(b, value) is not None), default=None)
            if wrong is None:
                return self._concrete(value)
            goal = self._bound_broken(wrong, value)
            assert goal is not None
            up = value[wrong] < goal
            row = self.rows[wrong]
            enter = min((v for v, c in row.items() if self._can_move(v, (c > 0) == up, value)), default=None)
            if enter is None:
                return None
            self._pivot(wrong, enter, goal, value)

    def _bound_broken(self, v: int, value: list[Value]) -> Value | None:
        low, high = self.low[v], self.high[v]
        if low is not None and value[v] < low:
            return low
        return high if high is not None and value[v] > high else None

    def _can_move(self, v: int, up: bool, value: list[Value]) -> bool:
        limit = self.high[v] if up else self.low[v]
        return limit is None or (value[v] < limit if up else value[v] > limit)

    def _pivot(self, leave: int, enter: int, goal: Value, value: list[Value]) -> None:
        row = self.rows.pop(leave)
        c = row.pop(enter)
        step = ((goal[0] - value[leave][0]) / c, (goal[1] - value[leave][1]) / c)
        for b, other in self.rows.items():
            if enter in other:
                k = other[enter]
                value[b] = (value[b][0] + k * step[0], value[b][1] + k * step[1])
        value[leave] = goal
        value[enter] = (value[enter][0] + step[0], value[enter][1] + step[1])
        new = {v: -k / c for v, k in row.items()}
        new[leave] = 1 / c
        for other in self.rows.values():
            k = other.pop(enter, ZERO)
            if k:
                for v, a in new.items():
                    total = other.get(v, ZERO) + k * a
                    if total:
                        other[v] = total
                    else:
                        other.pop(v, None)
        self.rows[enter] = new

    def _concrete(self, value: list[Value]) -> dict[str, Fraction]:
        """The infinitesimal replaced by a number small enough for every bound."""
        small = Fraction(1)
        for v, (a, k) in enumerate(value):
            for bound, sign in ((self.low[v], 1), (self.high[v], -1)):
                if bound is not None:
                    gap, rate = sign * (a - bound[0]), sign * (k - bound[1])
                    if rate < 0 < gap:
                        small = min(small, gap / -rate)
        return {f: value[v][0] + small * value[v][1] for f, v in self.index.items() if isinstance(f, str)}


def witness(constraints: Iterable[Linear]) -> dict[str, Fraction] | None:
    """Values that satisfy all constraints, of the fields in them; None if there are none."""
    tableau = _Tableau()
    for constraint in constraints:
        if not tableau.add(constraint):
            return None
    return tableau.solve()
