"""What to compute: a method with its checked arguments, and how one stratum is computed by it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.catalogue import Method, get, suggest
from ellwand.formulas.composition import Pairs
from ellwand.formulas.dissimilarity import similarity_linked
from ellwand.formulas.panel import Array, Panel
from ellwand.formulas.splice import SPLICES, Estimate, Levels, extend
from ellwand.formulas.window import PairEstimator, WindowEstimator

OUTPUTS = ("chained", "fixedbase")
NO_DATA = "no data in this period"


@dataclass(frozen=True)
class Series:
    """Index of one stratum: levels (NaN where not computable), matched products and a reason or "ok" for each."""

    index: Array
    matched: NDArray[np.int64]
    status: list[str]


@dataclass(frozen=True)
class Plan:
    """A method and its arguments, checked."""

    method: Method
    params: dict[str, Any]
    output: str = "chained"
    window: int | None = None
    splice: str | None = None
    base: Any = None
    formula_params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        method: str,
        *,
        output: str = "chained",
        base: Any = None,
        window: int | None = None,
        splice: str | None = None,
        **params: Any,
    ) -> "Plan":
        """Check everything that can be checked without data. ValueError names what was given and what is allowed."""
        found = get(method)
        checked = found.parameters(params)
        if output not in OUTPUTS:
            raise ValueError(f"output is {output!r}; " + suggest(str(output), OUTPUTS))
        if found.family == "bilateral":
            if window is not None or splice is not None:
                raise ValueError(
                    f"{found.name} is bilateral and takes no window or splice; they belong to multilateral methods"
                )
        elif output != "chained":
            raise ValueError(f"{found.name} is {found.family}; output='fixedbase' belongs to bilateral methods")
        if splice is not None and splice not in SPLICES:
            raise ValueError(f"splice is {splice!r}; " + suggest(str(splice), SPLICES))
        if splice is not None and window is None:
            raise ValueError("splice needs a window: the number of periods in each estimate")
        if window is not None and (isinstance(window, bool | str) or int(window) != window or window < 2):
            raise ValueError(f"window is {window!r}; it must be a whole number of periods, 2 or more")
        formula = {k: v for k, v in checked.items() if k not in ("chain_method", "links")}
        return cls(found, checked, output, window and int(window), splice, base, formula)

    def check_periods(self, periods: int) -> None:
        """ValueError if the window needs a splice, or the method cannot be extended."""
        if self.window is None or self.window >= periods:
            return
        if self.method.kind == "linked":
            raise ValueError(
                f"{self.method.name} links each period to an earlier one and needs no window; leave window out"
            )
        if self.splice is None:
            raise ValueError(
                f"the data has {periods} periods and the window {self.window}: say how later windows are linked, "
                f"splice = one of {', '.join(SPLICES)}; or leave window out to estimate all periods at once"
            )

    def run(self, panel: Panel, base: int | None, weight_base: int | None, rows: Any = None) -> Series:
        """Index of one stratum. base, weight_base : columns of the panel; base None: the first period.

        rows : for a hedonic method, its observations.
        """
        if base is not None and not (0 <= base < panel.periods and panel.sold[:, base].any()):
            return _empty(panel, "the base period has no data")
        active = np.asarray(panel.sold.any(axis=0))
        if active.sum() == 1:
            return _empty(panel, "only one period with data: nothing to compare it with")
        with np.errstate(all="ignore"):
            if self.method.family == "bilateral" and not self.params.get("chain_method"):
                return self._bilateral(panel, active, base or 0, weight_base)
            log, reasons = self._levels(panel, active, rows)
        return _finish(log, reasons, base, matched_in_window(panel, self.window))

    # -- bilateral ---------------------------------------------------------------------------------------------------
    def _bilateral(self, panel: Panel, active: NDArray[np.bool_], base: int, weight_base: int | None) -> Series:
        at = np.flatnonzero(active)
        P, Q = panel.P[:, at], None if panel._Q is None else panel._Q[:, at]
        b = int(np.searchsorted(at, base))
        pb = qb = None
        if "weight_base_period" in self.params:
            if weight_base is None or not active[weight_base]:
                return _empty(panel, "the weight base period has no data")
            assert panel._Q is not None
            pb, qb = panel.P[:, [weight_base]], panel._Q[:, [weight_base]]
        formula = self.method.build(**self.formula_params)
        log = np.full(panel.periods, np.nan)
        matched = np.zeros(panel.periods, dtype=np.int64)
        reasons = [NO_DATA] * panel.periods
        if self.output == "fixedbase":
            pairs = Pairs(P[:, [b]], None if Q is None else Q[:, [b]], P, Q, pb, qb)
            values, n = formula.log(pairs), pairs.n
            values[b] = 0.0
            for j, t in enumerate(at):
                log[t], matched[t] = values[j], n[j]
                reasons[t] = _why(values[j], int(n[j]), "the base period")
            return _finish(log, reasons, None, matched)
        pairs = Pairs(P[:, :-1], None if Q is None else Q[:, :-1], P[:, 1:], None if Q is None else Q[:, 1:], pb, qb)
        steps = formula.log(pairs)
        log[at[0]], reasons[at[0]] = 0.0, ""
        matched[at[0]] = int(panel.sold[:, at[0]].sum())
        for j in range(1, len(at)):
            t, n_matched = at[j], int(pairs.n[j - 1])
            log[t], matched[t] = log[at[j - 1]] + steps[j - 1], n_matched
            if np.isfinite(log[at[j - 1]]):
                reasons[t] = _why(float(steps[j - 1]), n_matched, "the previous period")
            else:
                reasons[t] = "the chain is broken at an earlier period"
        if base != at[0] and not np.isfinite(log[base]):
            return _empty(panel, "the chain is broken between the first and the base period")
        return _finish(log, reasons, base, matched)

    # -- multilateral ------------------------------------------------------------------------------------------------
    def _levels(self, panel: Panel, active: NDArray[np.bool_], rows: Any) -> tuple[Array, list[str]]:
        if self.method.kind == "linked" or self.method.family == "bilateral":
            return self._linked(panel, active)
        window = min(self.window or panel.periods, panel.periods)
        estimate = self.estimator(panel, window, rows)
        if window == panel.periods:
            levels = estimate(0, panel.periods - 1)
            reasons = [levels.reason or ("" if np.isfinite(x) else NO_DATA) for x in levels.log]
            return levels.log, reasons
        assert self.splice is not None
        return extend(estimate, active.tolist(), window, self.splice)

    def _linked(self, panel: Panel, active: NDArray[np.bool_]) -> tuple[Array, list[str]]:
        at = np.flatnonzero(active)
        part = panel.columns(at)
        if self.method.kind == "linked":
            values = self.method.build()(part)
        else:
            formula = self.method.build(**self.formula_params)
            values = similarity_linked(part, formula, self.params["chain_method"])
        log = np.full(panel.periods, np.nan)
        log[at] = values
        reasons = [NO_DATA] * panel.periods
        for t, value in zip(at, values, strict=True):
            reasons[t] = "" if np.isfinite(value) else "no overlap with an earlier period"
        return log, reasons

    def estimator(self, panel: Panel, window: int, rows: Any = None) -> Estimate:
        """The estimator of windows of this stratum."""
        if self.method.kind == "hedonic":
            return rows.estimator(self.params, panel)  # type: ignore[no-any-return]
        if self.method.kind == "geks":
            formula = self.method.build(**self.formula_params)
            return PairEstimator(panel, formula, window, self.method.weighted, self.params["links"])
        return WindowEstimator(panel, self.method.build(**self.formula_params), valued=self.method.quantities)


def matched_in_window(panel: Panel, window: int | None) -> NDArray[np.int64]:
    """Products of each period that are sold in another period of its window too."""
    T = panel.periods
    sold = panel.sold
    w = min(window or T, T)
    before = np.cumsum(sold, axis=1, dtype=np.int32)
    out = np.zeros(T, dtype=np.int64)
    out[:w] = (sold[:, :w] & (before[:, [w - 1]] > 1)).sum(axis=0)
    if w < T:
        earlier = before[:, w - 1 : T - 1].copy()
        earlier[:, 1:] -= before[:, : T - w - 1]
        out[w:] = (sold[:, w:] & (earlier > 0)).sum(axis=0)
    return out


def _why(value: float, matched: int, other: str) -> str:
    if np.isfinite(value):
        return ""
    if matched == 0:
        return f"no overlap with {other}"
    return "the formula has no value on the matched products (their quantities are 0 or out of its range)"


def _empty(panel: Panel, reason: str) -> Series:
    T = panel.periods
    active = np.asarray(panel.sold.any(axis=0))
    return Series(np.full(T, np.nan), np.zeros(T, dtype=np.int64), [reason if a else NO_DATA for a in active])


def _finish(log: Array, reasons: list[str], base: int | None, matched: NDArray[np.int64]) -> Series:
    if base is not None and np.isfinite(log).any():
        if not np.isfinite(log[base]):
            reasons = [r or "the base period has no level" for r in reasons]
            log = np.full(len(log), np.nan)
        else:
            log = log - log[base]
    index = np.exp(log)
    # A level of 0 (nothing was bought, or an underflow) is no level.
    lost = ~((index > 0) & (index < np.inf))
    status = [
        (r or "the level is out of the range of numbers") if gone else "ok"
        for r, gone in zip(reasons, lost.tolist(), strict=True)
    ]
    return Series(np.where(lost, np.nan, index), matched, status)


__all__ = ["OUTPUTS", "Levels", "Plan", "Series"]
