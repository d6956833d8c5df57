"""Estimators of a window: connectivity is tested first, then the method's own system is solved."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.composition import Formula
from ellwand.formulas.geks import transitive, transitive_available
from ellwand.formulas.graph import components
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.parts import pairwise
from ellwand.formulas.splice import Levels

Solver = Callable[[Panel], Array]
"""Log levels of a panel whose periods all have data and are connected; the first is 0."""


def not_connected(groups: NDArray[np.intp]) -> str:
    """Reason text: the components as ranges of positions, counted from 1 within the window."""
    texts = []
    for g in np.unique(groups):
        positions = (np.flatnonzero(groups == g) + 1).tolist()
        runs: list[list[int]] = []
        for p in positions:
            if runs and p == runs[-1][1] + 1:
                runs[-1][1] = p
            else:
                runs.append([p, p])
        texts.append(",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs))
    return "disconnected: no product joins the periods " + " and ".join(texts) + " of the window"


class WindowEstimator:
    """Estimates windows of one stratum by a solver. `valued`: products count only where their value is positive."""

    def __init__(self, panel: Panel, solve: Solver, valued: bool = True) -> None:
        self.panel = panel
        self.solve = solve
        self.valued = valued
        self.active = np.asarray(panel.sold.any(axis=0))

    @cached_property
    def counts(self) -> Array:
        """Products shared by each pair of periods."""
        out = np.zeros((self.panel.periods,) * 2)
        for block in self.panel.blocks():
            M = (block.V > 0).astype(np.float64) if self.valued else block.M
            out += M.T @ M
        return out

    def unusable(self, first: int, last: int) -> str:
        """Why a window cannot be estimated; "" if it can."""
        at = np.flatnonzero(self.active[first : last + 1]) + first
        if len(at) == 0:
            return "empty window"
        if len(at) == 1:
            return "only one period with data"
        if (np.diag(self.counts)[at] == 0).any():
            return "nothing was sold in a period of the window (all quantities are 0)"
        groups = components(self.counts[np.ix_(at, at)])
        return not_connected(groups) if groups.max() > 0 else ""

    def __call__(self, first: int, last: int) -> Levels:
        reason = self.unusable(first, last)
        out = np.full(last - first + 1, np.nan)
        if reason:
            return Levels(out, reason)
        at = np.flatnonzero(self.active[first : last + 1])
        whole = len(at) == self.panel.periods
        levels = self.solve(self.panel if whole else self.panel.columns(at + first))
        if not np.isfinite(levels).all():
            return Levels(out, "the system of equations has no solution")
        out[at] = levels
        return Levels(out)


class PairEstimator(WindowEstimator):
    """GEKS: the bilateral indices of all pairs are computed once for a stretch of periods and cut for each window."""

    def __init__(self, panel: Panel, formula: Formula, window: int, weighted: bool, links: str) -> None:
        super().__init__(panel, lambda p: p.P[0], valued=panel._Q is not None)
        self.formula = formula
        self.weighted = weighted
        self.links = links
        self.stretch = panel.periods if panel.periods <= 4 * window else 2 * window
        self.start = 0
        terms = formula.terms()
        self.window_dependent = terms is not None and any(term.m for term in terms)
        self._X: Array | None = None

    def pairs(self, first: int, last: int) -> Array:
        """Log bilateral indices of the window's pairs, [k, t]."""
        if self.window_dependent:
            return pairwise(self.panel.columns(slice(first, last + 1)), self.formula)
        if self._X is None or first < self.start or last >= self.start + len(self._X):
            stop = min(max(first + self.stretch, last + 1), self.panel.periods)
            self.start = first
            whole = first == 0 and stop == self.panel.periods
            self._X = pairwise(self.panel if whole else self.panel.columns(slice(first, stop)), self.formula)
        a = first - self.start
        return self._X[a : a + last - first + 1, a : a + last - first + 1]

    def __call__(self, first: int, last: int) -> Levels:
        n = last - first + 1
        out = np.full(n, np.nan)
        at = np.flatnonzero(self.active[first : last + 1])
        if len(at) < 2:
            return Levels(out, self.unusable(first, last))
        X = self.pairs(first, last)
        if len(at) < n:
            X = X[np.ix_(at, at)]
        missing = ~np.isfinite(X)
        if missing.any():
            reason = self.unusable(first, last)
            if not reason and self.links == "all":
                k, t = np.argwhere(missing)[0]
                reason = (
                    f"no link between periods {at[k] + 1} and {at[t] + 1} of the window "
                    f"({int(missing.sum()) // 2} such pairs); links='available' uses the others"
                )
            if reason:
                return Levels(out, reason)
            out[at] = transitive_available(X)
            return Levels(out)
        share = None
        if self.weighted:
            share = self.panel.totals[first : last + 1][at]
            share = share / share.sum()
        out[at] = transitive(X, share)
        return Levels(out)
