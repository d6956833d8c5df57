"""One stratum in several pieces: what each piece of its products adds, and the index from the sum.

Every method here is a solve on matrices that are sums over products (`formulas/parts.py`, `time_dummy.py`,
`geary_khamis.py`). A piece gives one vector of doubles; vectors of all pieces add, in the order of the pieces, so the
result does not depend on which machine came first. Methods that compare whole price vectors have no such form.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ellwand.engine.plan import Plan, Series, matched_in_window
from ellwand.formulas.composition import Formula
from ellwand.formulas.geary_khamis import KhamisParts
from ellwand.formulas.monomial import Term
from ellwand.formulas.panel import Array, Mask, Panel
from ellwand.formulas.parts import Parts
from ellwand.formulas.splice import Estimate, Levels
from ellwand.formulas.time_dummy import DummyParts
from ellwand.formulas.window import PairEstimator, WindowEstimator

SHARE_DUMMY = ("wtpd", "rao_multilateral")
DUMMY = (*SHARE_DUMMY, "tpd_unweighted")
KHAMIS = ("gk",)


def separable(plan: Plan) -> bool:
    """Whether the method's index follows from sums over products."""
    method = plan.method
    if method.kind == "geks":
        made: Formula = method.build(**plan.formula_params)
        return made.terms() is not None
    return method.name in DUMMY + KHAMIS


def windows(plan: Plan, active: Mask) -> list[tuple[int, int]]:
    """First and last period of every window that the plan estimates: those of `formulas.splice.extend`."""
    T = len(active)
    length = min(plan.window or T, T)
    out = [(0, length - 1)]
    for t in np.flatnonzero(active[length:]) + length:
        start = (t - 1) // (length - 1) * (length - 1) if plan.splice == "fbew" else t - length + 1
        out.append((int(start), int(t)))
    return out


@dataclass(frozen=True)
class Pieces:
    """How the pieces of a stratum are computed and summed.

    active : periods of the stratum with data, over all pieces.
    """

    plan: Plan
    active: Mask

    @property
    def needs_totals(self) -> bool:
        """Whether a piece must know the value of each period over all pieces beforehand."""
        return self.plan.method.name in SHARE_DUMMY

    @cached_property
    def formula(self) -> Formula:
        made: Formula = self.plan.method.build(**self.plan.formula_params)
        return made

    @cached_property
    def terms(self) -> list[Term]:
        """The matrices of a GEKS, in the order of the vector."""
        return sorted(self.formula.terms() or ()) if self.plan.method.kind == "geks" else []

    @cached_property
    def stretches(self) -> list[tuple[int, int]]:
        """Stretches of periods whose matrices a piece gives.

        The pairs of a GEKS do not depend on the window (unless the formula uses its unit values): once is enough.
        """
        if self.terms and not any(term.m for term in self.terms):
            return [(0, len(self.active) - 1)]
        return windows(self.plan, self.active)

    def at(self, first: int, last: int) -> NDArray[np.intp]:
        """The periods with data of a window, as columns of the stratum."""
        return np.flatnonzero(self.active[first : last + 1]) + first

    def totals(self, panel: Panel) -> Array:
        """First pass, where `needs_totals`: the value of each period over this piece."""
        return panel.totals

    def vector(self, panel: Panel, totals: Array | None) -> Array:
        """What the products of a piece add. `panel` has all periods of the stratum; `totals` is of all pieces."""
        return np.concatenate([part.ravel() for part in self._parts(panel, totals)])

    def _parts(self, panel: Panel, totals: Array | None) -> Iterator[Array]:
        valued = panel._Q is not None if self.terms else self.plan.method.quantities
        yield WindowEstimator(panel, lambda p: p.P[0], valued).counts
        yield matched_in_window(panel, self.plan.window).astype(np.float64)
        yield np.zeros(panel.periods) if panel._Q is None else panel.totals
        with np.errstate(all="ignore"):
            for first, last in self.stretches:
                if self.terms:
                    parts = Parts.of(panel.columns(slice(first, last + 1)), self.formula)
                    yield from (parts.matrices[term] for term in self.terms)
                    continue
                at = self.at(first, last)
                window = panel.columns(at)
                if self.plan.method.name in KHAMIS:
                    khamis = KhamisParts.of(window)
                    yield from (khamis.K, khamis.values)
                else:
                    dummy = DummyParts.of(window, None if totals is None else totals[at])
                    yield from (dummy.G, dummy.diagonal, dummy.right)

    def series(self, vector: Array, base: int | None) -> Series:
        """The stratum's index from the sum of its pieces' vectors. base : column of the stratum; None: the first."""
        summed = Summed(self, vector)
        # One product sold in every period with data stands for the stratum; the plan asks its panel no more than that.
        outline = Panel(self.active[None, :].astype(np.float64), np.ones((1, len(self.active))))
        outline.totals = summed.totals
        plan = _SummedPlan(**{name: getattr(self.plan, name) for name in self.plan.__dataclass_fields__})
        object.__setattr__(plan, "summed", summed)
        series = plan.run(outline, base, None)
        computed = self.active.sum() > 1 and (base is None or (0 <= base < len(self.active) and self.active[base]))
        return Series(series.index, summed.matched if computed else series.matched, series.status)


class Summed:
    """The summed vector of a stratum, taken apart.

    counts : products shared by each pair of periods. matched : as the result's column. totals : value of each period.
    matrices : by window or stretch, in the order in which a piece gives them.
    """

    def __init__(self, pieces: Pieces, vector: Array) -> None:
        self.pieces = pieces
        self._vector, self._used = vector, 0
        T = len(pieces.active)
        self.counts = self._take(T, T)
        self.matched = np.rint(self._take(T)).astype(np.int64)
        self.totals = self._take(T)
        self.matrices: dict[tuple[int, int], list[Array]] = {}
        for first, last in pieces.stretches:
            if pieces.terms:
                n = last - first + 1
                self.matrices[first, last] = [self._take(n, n) for _ in pieces.terms]
            else:
                n = len(pieces.at(first, last))
                vectors = 1 if pieces.plan.method.name in KHAMIS else 2
                self.matrices[first, last] = [self._take(n, n), *(self._take(n) for _ in range(vectors))]
        assert self._used == len(vector), "the pieces and the sum disagree on the layout"

    def _take(self, *shape: int) -> Array:
        size = int(np.prod(shape))
        out = self._vector[self._used : self._used + size].reshape(shape)
        self._used += size
        return out

    def estimator(self, panel: Panel, window: int) -> Estimate:
        """The estimator of windows of this stratum; `panel` is its outline."""
        estimate: _SummedPairs | _SummedWindows
        if self.pieces.terms:
            links = self.pieces.plan.params["links"]
            estimate = _SummedPairs(panel, self.pieces.formula, window, self.pieces.plan.method.weighted, links)
        else:
            estimate = _SummedWindows(panel, lambda p: p.P[0])
        estimate.counts = self.counts
        estimate.summed = self
        return estimate


class _SummedPairs(PairEstimator):
    """GEKS whose pairs come from summed matrices."""

    summed: Summed

    def pairs(self, first: int, last: int) -> Array:
        stretch = (first, last) if self.window_dependent else (0, self.panel.periods - 1)
        if self.window_dependent or self._X is None:
            matrices = dict(zip(self.summed.pieces.terms, self.summed.matrices[stretch], strict=True))
            parts = Parts(matrices, self.summed.totals[stretch[0] : stretch[1] + 1])
            with np.errstate(all="ignore"):
                self._X = self.formula.matrix(parts)
        a = first - stretch[0]
        return self._X[a : a + last - first + 1, a : a + last - first + 1]


class _SummedWindows(WindowEstimator):
    """Windows solved from summed matrices."""

    summed: Summed

    def __call__(self, first: int, last: int) -> Levels:
        reason = self.unusable(first, last)
        out = np.full(last - first + 1, np.nan)
        if reason:
            return Levels(out, reason)
        matrices = self.summed.matrices[first, last]
        khamis = self.summed.pieces.plan.method.name in KHAMIS
        levels = KhamisParts(*matrices).solve() if khamis else DummyParts(*matrices).solve()
        if not np.isfinite(levels).all():
            return Levels(out, "the system of equations has no solution")
        out[self.summed.pieces.at(first, last) - first] = levels
        return Levels(out)


class _SummedPlan(Plan):
    """The plan with estimates from sums; everything else (base, splice, reasons) is the plan's own."""

    summed: Summed

    def estimator(self, panel: Panel, window: int, rows: object = None) -> Estimate:
        return self.summed.estimator(panel, window)
