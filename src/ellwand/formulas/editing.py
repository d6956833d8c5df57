"""Outlier rules on price ratios inside cells: bounds for every quote, so that a reader sees why one was flagged.

A rule is a row of OUTLIER_RULES: its parameters with their defaults, the scale it works on, and a function from a
Sample to lower and upper bounds of every element. A plug-in adds a row with `add_outlier_rule`.

Quartiles are by linear interpolation (type 7), bounds belong to the accepted interval. Sources: CPI Manual 2020,
chapter 5; Tukey (1977); Hidiroglou and Berthelot (1986); Kimber (1990); Hutton (2018).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ellwand.formulas.panel import Array, Mask
from ellwand.formulas.pooling import NONE, Positions, Sample, pooled

Scale = Literal["ratio", "log"]
Limits = tuple[Array, Array]

SAME = 1e-12
"""Ratios within so much (log) of 1 are unchanged prices."""


def quartile_method(sample: Sample, C: float, A: float) -> Limits:
    """Outside `med - C max(med-Q1, A) .. med + C max(Q3-med, A)`."""
    q1, q2, q3 = sample.quantile(0.25), sample.quantile(0.5), sample.quantile(0.75)
    return sample.of(q2 - C * np.maximum(q2 - q1, A)), sample.of(q2 + C * np.maximum(q3 - q2, A))


def tukey_fences(sample: Sample, k: float, floor: float) -> Limits:
    """Outside `Q1 - k IQR .. Q3 + k IQR`, with IQR at least `floor`."""
    q1, q3 = sample.quantile(0.25), sample.quantile(0.75)
    spread = np.maximum(q3 - q1, floor)
    return sample.of(q1 - k * spread), sample.of(q3 + k * spread)


def kimber(sample: Sample, k: float, floor: float) -> Limits:
    """Outside `Q1 - k (med-Q1) .. Q3 + k (Q3-med)`, with each distance at least `floor`."""
    q1, q2, q3 = sample.quantile(0.25), sample.quantile(0.5), sample.quantile(0.75)
    return sample.of(q1 - k * np.maximum(q2 - q1, floor)), sample.of(q3 + k * np.maximum(q3 - q2, floor))


def robust_z(sample: Sample, k: float, floor: float) -> Limits:
    """Further from the median than `k max(1.4826 MAD, floor)`."""
    med = sample.quantile(0.5)
    mad = sample.with_values(np.abs(sample.values - med[sample.owner])).quantile(0.5)
    reach = k * np.maximum(1.4826 * mad, floor)
    return sample.of(med - reach), sample.of(med + reach)


def tukey_algorithm(sample: Sample, k: float, trim: float, floor: float) -> Limits:
    """Outside `AM - k (AM-AML) .. AM + k (AMU-AM)`: the mid-mean and the means of the values below and above it.

    Values beyond the `trim` and 1 - `trim` quantiles do not enter the means, and unchanged prices are not in the
    sample. Each distance is at least `floor`.
    """
    owner = sample.owner
    keep = (sample.values >= sample.quantile(trim)[owner]) & (sample.values <= sample.quantile(1 - trim)[owner])
    mid = sample.mean(keep)
    below = mid - sample.mean(keep & (sample.values <= mid[owner]))
    above = sample.mean(keep & (sample.values >= mid[owner])) - mid
    # Rounding can leave no value on one side of the mean of equal values: the distance is zero then, and so the floor.
    below, above = np.nan_to_num(below), np.nan_to_num(above)
    return sample.of(mid - k * np.maximum(below, floor)), sample.of(mid + k * np.maximum(above, floor))


def hidiroglou_berthelot(sample: Sample, U: float, A: float, C: float, q: float, least: float) -> Limits:
    """Effects `E = s max(p', p)^U` outside `Emed - C max(Emed-Eq, |A Emed|) .. Emed + C max(E1-q - Emed, |A Emed|)`.

    s is `r/m - 1` at or above the cell's median ratio m and `1 - m/r` below it, so a fall weighs as much as the rise
    that undoes it, and by U a dear article needs less of a change. The bounds on E are turned into bounds on r, which
    are at least `least` (log) from m: with sticky prices the distances of E may be zero, and so is A Emed.
    """
    if sample.size is None:
        raise ValueError("hidiroglou_berthelot: give the prices of the previous period (`previous`), it weighs by size")
    m = sample.quantile(0.5)
    of, r = sample.entry, sample.values
    s = np.where(r < m[sample.owner], 1 - m[sample.owner] / r, r / m[sample.owner] - 1)
    effects = sample.with_values(s * (sample.size[of] * np.maximum(r, 1.0)) ** U)
    low, mid, high = effects.quantile(q), effects.quantile(0.5), effects.quantile(1 - q)
    least_effect = np.abs(A * mid)
    low, high = mid - C * np.maximum(mid - low, least_effect), mid + C * np.maximum(high - mid, least_effect)
    weight, centre = sample.size**U, sample.of(m)
    return (
        np.minimum(_ratio_of_effect(sample.of(low) / weight, centre, U), centre * np.exp(-least)),
        np.maximum(_ratio_of_effect(sample.of(high) / weight, centre, U), centre * np.exp(least)),
    )


def _ratio_of_effect(effect: Array, m: Array, U: float) -> Array:
    """The ratio r whose `s max(1, r)^U` is `effect`: it grows with r for 0 <= U <= 1.

    Above m it is convex and the start is right of the root, between m and 1 concave and the start is left of it: so
    Newton's steps go one way. Below 1 and m it is a formula.
    """
    r = np.where(effect >= 0, m * (1 + effect), m / (1 - np.minimum(effect, 0.0)))
    steep = np.flatnonzero((effect > 0) & (r > 1))
    x, e, c = r[steep], effect[steep], m[steep]
    for _ in range(60):
        power = np.maximum(x, 1.0) ** U
        slope = power / c + np.where(x > 1, U * (x / c - 1) * power / x, 0.0)
        step = ((x / c - 1) * power - e) / slope
        x = x - step
        if not (np.abs(step) > 1e-15 * x).any():
            break
    r[steep] = x
    between = np.flatnonzero((effect < 0) & (r > 1))
    z, e, c = 1 / m[between], -effect[between], m[between]
    for _ in range(60):
        step = ((c * z - 1) * z**-U - e) / (c * z**-U - U * (c * z - 1) * z ** (-U - 1))
        z = z - step
        if not (np.abs(step) > 1e-15 * z).any():
            break
    r[between] = 1 / z
    return np.asarray(r)


@dataclass(frozen=True)
class OutlierRule:
    """A row of the table of outlier rules.

    bounds : from a sample and the parameters to lower and upper bounds of every element, on the rule's scale.
    parameters : names and defaults. scale : what the sample holds, ratios or their logarithms. changed : unchanged
    prices never enter the sample. previous : the rule needs the prices of the previous period.
    """

    name: str
    bounds: Callable[..., Limits]
    parameters: Mapping[str, float]
    formula: str
    scale: Scale = "ratio"
    scales: tuple[Scale, ...] = ("ratio", "log")
    changed: bool = False
    previous: bool = False


FIXED = "fixed"
"""The rule that needs no sample; it also stands in where a cell is too small for any other."""
DEFAULT_C = 0.5

_ROWS = (
    OutlierRule(FIXED, lambda sample: (sample.x, sample.x), {}, "outside 1/(1+c) .. 1+c", scale="log"),
    OutlierRule(
        "quartile",
        quartile_method,
        {"C": 3.0, "A": 0.02},
        "outside med - C max(med-Q1, A) .. med + C max(Q3-med, A)",
    ),
    OutlierRule("tukey", tukey_fences, {"k": 3.0, "floor": 0.02}, "outside Q1 - k IQR .. Q3 + k IQR (hard)"),
    OutlierRule("tukey_soft", tukey_fences, {"k": 1.5, "floor": 0.02}, "outside Q1 - k IQR .. Q3 + k IQR (soft)"),
    OutlierRule("kimber", kimber, {"k": 3.0, "floor": 0.02}, "outside Q1 - k (med-Q1) .. Q3 + k (Q3-med)"),
    OutlierRule(
        "robust_z", robust_z, {"k": 3.5, "floor": 0.02}, "|ln r - med| > k max(1.4826 MAD, floor)", scale="log"
    ),
    OutlierRule(
        "tukey_algorithm",
        tukey_algorithm,
        {"k": 2.5, "trim": 0.05, "floor": 0.02},
        "outside AM - k (AM-AML) .. AM + k (AMU-AM)",
        changed=True,
    ),
    OutlierRule(
        "hidiroglou_berthelot",
        hidiroglou_berthelot,
        {"U": 0.5, "A": 0.05, "C": 20.0, "q": 0.1, "least": 0.05},
        "E = s max(p', p)^U outside Emed - C max(Emed-Eq, |A Emed|) .. Emed + C max(E1-q - Emed, |A Emed|)",
        scales=("ratio",),
        previous=True,
    ),
)

OUTLIER_RULES: dict[str, OutlierRule] = {row.name: row for row in _ROWS}
"""The outlier rules by name."""


def add_outlier_rule(rule: OutlierRule) -> OutlierRule:
    """Add a rule. ValueError for a name that is taken or a scale that the rule itself does not allow."""
    if rule.name in OUTLIER_RULES:
        raise ValueError(f"outlier rule {rule.name!r} is there already; choose another name")
    if rule.scale not in rule.scales:
        raise ValueError(f"outlier rule {rule.name!r}: scale {rule.scale!r} is not among its scales {rule.scales}")
    OUTLIER_RULES[rule.name] = rule
    return rule


@dataclass(frozen=True)
class Outliers:
    """What an outlier rule says of every element; arrays of the length of the input.

    low, high : bounds of the accepted interval, as ratios. flag : outside of it. n : values in the sample. cell : code
    of the cell that the sample is of, -1 where there were too few values and the fixed bounds stood in.
    tested : False where there was no ratio, or an unchanged price was left alone. rule, parameters : what was asked.
    """

    low: Array
    high: Array
    flag: Mask
    tested: Mask
    n: NDArray[np.int64]
    cell: Positions
    rule: str
    parameters: Mapping[str, float | str | bool]


def outlier_rule(name: str) -> OutlierRule:
    """A rule by name. ValueError, with the nearest name, for another."""
    if name not in OUTLIER_RULES:
        near = get_close_matches(str(name), OUTLIER_RULES, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"outlier rule {name!r} is not known; {hint}allowed: {', '.join(OUTLIER_RULES)}")
    return OUTLIER_RULES[name]


def outliers(
    rule: str | OutlierRule,
    ratio: ArrayLike,
    cell: ArrayLike,
    *,
    parent: ArrayLike | None = None,
    previous: ArrayLike | None = None,
    c: ArrayLike = DEFAULT_C,
    changed_only: bool = True,
    scale: Scale | None = None,
    pool_below: int = 10,
    fixed_below: int = 5,
    **parameters: float,
) -> Outliers:
    """Bounds and flags of one outlier rule, for all cells at once.

    rule : name in OUTLIER_RULES, or a row that need not be there.
    ratio : price over the previous price (or another reference), > 0, NaN where there is none: such an element gets
    bounds and is never flagged. cell : code of each element's cell, 0 .. G-1, in any order. parent : code of the cell
    above each of the G codes, -1 at the top; without it nothing is pooled. previous : prices of the previous period
    for rules that weigh by size. c : reach of the fixed bounds `1/(1+c) .. 1+c`, one number or one for each code.
    changed_only : unchanged prices are neither sampled nor tested; with sticky prices the rules are void otherwise.
    scale : "ratio" or "log" in place of the rule's own. pool_below, fixed_below : see `pooling.pooled`.
    parameters : the rule's own, by the names in OUTLIER_RULES.
    ValueError for an unknown rule or parameter, and for ratios, prices, codes that cannot be.
    """
    row = rule if isinstance(rule, OutlierRule) else outlier_rule(rule)
    chosen = _parameters(row, parameters)
    at: Scale = row.scale if scale is None else scale
    if at not in row.scales:
        raise ValueError(f"outlier rule {row.name!r}: scale {at!r} is not possible; allowed: {', '.join(row.scales)}")
    r, codes, above = _elements(ratio, cell, parent)
    size = _prices(previous, r) if row.previous or previous is not None else None
    limit = _reach(c, above.size if above is not None else (int(codes.max()) + 1 if codes.size else 0))
    have = np.isfinite(r)
    if size is not None and row.previous:
        have &= np.isfinite(size)
    same = np.zeros(r.size, dtype=bool)
    same[have] = np.abs(np.log(r[have])) <= SAME
    tested = have & ~same if changed_only else have
    use = have & ~same if changed_only or row.changed else have
    low, high = 1 / limit[codes], limit[codes].copy()
    n, judged = np.zeros(r.size, dtype=np.int64), np.full(r.size, NONE, dtype=np.intp)
    if row.name != FIXED and r.size:
        x = r.copy()
        if at == "log":
            x[have] = np.log(r[have])
        sample = pooled(x, codes, above, use, pool_below=pool_below, fixed_below=fixed_below, size=size)
        own = sample.node != NONE
        n[own], judged[own] = sample.n[sample.node[own]], sample.cell[sample.node[own]]
        bottom, top = row.bounds(sample, **chosen)
        if at == "log":
            bottom, top = np.exp(bottom), np.exp(top)
        own &= np.isfinite(bottom) & np.isfinite(top)
        low[own], high[own] = bottom[own], top[own]
    # Bounds pass through exp and roots: a ratio that lies on one is inside, whatever the last bit says.
    slack = 1e-12
    flag = np.zeros(r.size, dtype=bool)
    flag[tested] = (r[tested] < low[tested] * (1 - slack)) | (r[tested] > high[tested] * (1 + slack))
    told: dict[str, float | str | bool] = {**chosen, "scale": at, "changed_only": changed_only}
    if np.ndim(c) == 0:
        told["c"] = float(np.asarray(c))
    return Outliers(low, high, flag, tested, n, judged, row.name, MappingProxyType(told))


def _parameters(row: OutlierRule, given: Mapping[str, float]) -> dict[str, float]:
    allowed = ", ".join(f"{k} = {v:g}" for k, v in row.parameters.items()) or "none"
    for name, value in given.items():
        if name not in row.parameters:
            near = get_close_matches(name, row.parameters, 1, 0.0)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"outlier rule {row.name!r} has no parameter {name!r}{hint} Its parameters: {allowed}")
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not np.isfinite(value) or value < 0:
            raise ValueError(f"outlier rule {row.name!r}, parameter {name}: {value!r} must be a number >= 0")
        if name in ("U", "q", "trim") and value > (1 if name == "U" else 0.5):
            most = 1 if name == "U" else 0.5
            raise ValueError(f"outlier rule {row.name!r}, parameter {name}: {value!r} must be at most {most}")
    return {**row.parameters, **given}


def _elements(ratio: ArrayLike, cell: ArrayLike, parent: ArrayLike | None) -> tuple[Array, Positions, Positions | None]:
    r = np.asarray(ratio, dtype=np.float64)
    codes = np.asarray(cell)
    if r.ndim != 1 or codes.shape != r.shape:
        raise ValueError(f"ratio and cell must be of one dimension and equal length, not {r.shape} and {codes.shape}")
    if codes.size and not np.issubdtype(codes.dtype, np.integer):
        raise ValueError(f"cell: codes must be whole numbers, not {codes.dtype}")
    codes = codes.astype(np.intp)
    bad = np.flatnonzero((r <= 0) | np.isinf(r))
    if bad.size:
        raise ValueError(f"ratio at position {bad[0]} is {r[bad[0]]}: it must be finite and > 0, or NaN for none")
    above = None
    if parent is not None:
        above = np.asarray(parent).astype(np.intp)
        wrong = np.flatnonzero((above < NONE) | (above >= above.size))
        if wrong.size:
            raise ValueError(f"parent of cell {wrong[0]} is {above[wrong[0]]}: give a code below {above.size}, or -1")
    if codes.size and (codes.min() < 0 or (above is not None and codes.max() >= above.size)):
        worst = int(codes.min()) if codes.min() < 0 else int(codes.max())
        raise ValueError(f"cell: code {worst} is not among the cells; codes begin at 0, and each needs a parent or -1")
    return r, codes, above


def _prices(previous: ArrayLike | None, r: Array) -> Array:
    if previous is None:
        raise ValueError("previous: this rule weighs by size and needs the prices of the previous period")
    p = np.asarray(previous, dtype=np.float64)
    if p.shape != r.shape:
        raise ValueError(f"previous must have the length of ratio, {r.size}, not {p.shape}")
    bad = np.flatnonzero((p <= 0) | np.isinf(p))
    if bad.size:
        raise ValueError(f"previous at position {bad[0]} is {p[bad[0]]}: it must be finite and > 0, or NaN for none")
    return p


def _reach(c: ArrayLike, cells: int) -> Array:
    value = np.asarray(c, dtype=np.float64)
    if value.ndim == 1 and value.size != cells:
        raise ValueError(f"c has {value.size} values for {cells} cells; give one number or one for each cell")
    if not (np.isfinite(value) & (value > 0)).all():
        raise ValueError("c: the reach of the fixed bounds must be > 0 (0.5 accepts 1/1.5 .. 1.5)")
    return np.broadcast_to(1 + value, (cells,))
