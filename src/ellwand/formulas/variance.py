"""Variance of indices: formulas for one aggregate, and replicates of the sample carried through the chain and the tree.

A sample unit is drawn, or left out, with all of its quotes and for all periods at once. Replicates are deviations of
log levels from the point estimate; each aggregate is a matrix product (periods x units)(units x replicates).
Sources: CPI Manual 2020, chapter 4; Rao and Wu (1988) for the rescaled bootstrap; Wolter (2007) for the jackknife.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ellwand.formulas.panel import Array

Codes = NDArray[np.integer]
Positions = NDArray[np.intp]

REPLICATES: Final = 1000


def jevons_se(log_ratio: Array, groups: Codes, size: int | None = None) -> tuple[Array, Array, Positions]:
    """Jevons index of every group, its standard error `I sd(ln r)/sqrt(n)` and n, for simple random samples.

    log_ratio : NaN where missing. groups : group of each element, -1 for none. The error is NaN for fewer than two.
    """
    have = np.isfinite(log_ratio) & (groups >= 0)
    at, x = groups[have], log_ratio[have]
    g = int(groups.max(initial=-1)) + 1 if size is None else size
    n = np.bincount(at, minlength=g)
    with np.errstate(all="ignore"):
        mean = np.bincount(at, x, g) / n
        square = np.bincount(at, (x - mean[at]) ** 2, g) / (n - 1)
        index = np.exp(mean)
        se = np.where(n > 1, index * np.sqrt(square / n), np.nan)
    return index, se, n


def jackknife_se(leave_one_out: Array) -> float:
    """`sqrt((n-1)/n sum (I_(-i) - mean)^2)` of the n estimates that each leave out one element; NaN for n < 2."""
    x = np.asarray(leave_one_out, dtype=np.float64)
    n = len(x)
    if n < 2:
        return float("nan")
    return float(np.sqrt((n - 1) / n * ((x - x.mean()) ** 2).sum()))


def jackknife_jevons(log_ratio: Array) -> Array:
    """Jevons index without each element in turn, for `jackknife_se`."""
    x = np.asarray(log_ratio, dtype=np.float64)
    return np.asarray(np.exp((x.sum() - x) / (len(x) - 1)))


def independent_variance(weights: Array, se: Array) -> float:
    """Variance of `sum w_c I_c`, `sum w_c^2 var(I_c)`: only if no sample unit quotes in two aggregates."""
    return float((np.asarray(weights) ** 2 * np.asarray(se) ** 2).sum())


@dataclass(frozen=True)
class Draws:
    """Replicates of the sample.

    weight : replicates x units, by what each unit counts (1 in the sample itself). factor : of the squared deviation
    of each replicate in the variance. collapsed : units that were alone in their stratum and were put together with
    others. centred : deviations are taken from the mean of the replicates (bootstrap), else from the point estimate.
    """

    weight: Array
    factor: Array
    collapsed: Positions
    centred: bool


def collapse(unit_stratum: Codes) -> tuple[Positions, Positions]:
    """Strata without singles, numbered from 0, and the units that were alone.

    Units alone in their stratum form one stratum together; a single one of them joins the next stratum by code (the one
    before, for the last).
    """
    code = np.unique(unit_stratum, return_inverse=True)[1].astype(np.intp)
    count = np.bincount(code)
    alone = np.flatnonzero(count[code] == 1)
    if len(alone) > 1:
        code[alone] = len(count)
    elif len(alone) == 1 and len(count) > 1:
        code[alone] += 1 if code[alone[0]] + 1 < len(count) else -1
    return np.unique(code, return_inverse=True)[1], alone


def bootstrap_draws(unit_stratum: Codes, replicates: int, seed: int, *, rescaled: bool = True) -> Draws:
    """Units drawn with replacement within their stratum.

    unit_stratum : stratum of each unit. rescaled : n-1 of n units are drawn and weighted n/(n-1), so that the variance
    is not too small in small strata; False draws n with weight 1. Strata of one unit are collapsed (`collapse`).
    ValueError for fewer than two units or two replicates.
    """
    units = len(unit_stratum)
    if units < 2 or replicates < 2:
        raise ValueError(f"{units} units and {replicates} replicates; a bootstrap needs at least 2 of both")
    code, alone = collapse(unit_stratum)
    rng = np.random.default_rng(seed)
    weight = np.empty((replicates, units))
    for members in _members(code):
        n = len(members)
        drawn = n - 1 if rescaled else n
        picks = rng.integers(n, size=(replicates, drawn)) + n * np.arange(replicates)[:, None]
        times = np.bincount(picks.ravel(), minlength=n * replicates).reshape(replicates, n)
        weight[:, members] = times * (n / drawn)
    return Draws(weight, np.full(replicates, 1 / (replicates - 1)), alone, centred=True)


def jackknife_draws(unit_stratum: Codes) -> Draws:
    """Each unit left out in turn, the others of its stratum weighted n/(n-1): as many replicates as units."""
    units = len(unit_stratum)
    if units < 2:
        raise ValueError(f"{units} units; a jackknife needs at least 2")
    code, alone = collapse(unit_stratum)
    n = np.bincount(code)[code].astype(np.float64)
    weight = np.where(code[:, None] == code[None, :], (n / (n - 1))[:, None], 1.0)
    np.fill_diagonal(weight, 0.0)
    return Draws(weight, (n - 1) / n, alone, centred=False)


def delete_group_draws(unit_stratum: Codes, groups: int, seed: int) -> Draws:
    """Delete-one-group jackknife: units dealt at random, stratum by stratum, into groups that are left out in turn.

    ValueError if there are fewer than 2 groups or fewer units than groups.
    """
    units = len(unit_stratum)
    if not 2 <= groups <= units:
        raise ValueError(f"groups is {groups}; give 2 to {units}, the number of units")
    code, alone = collapse(unit_stratum)
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(m) for m in _members(code)])
    group = np.empty(units, dtype=np.intp)
    group[order] = np.arange(units) % groups
    weight = np.empty((groups, units))
    n = np.bincount(code).astype(np.float64)
    for g in range(groups):
        left = n - np.bincount(code[group == g], minlength=len(n))
        # A stratum that lies wholly in one group cannot stand in for itself: it keeps its weight.
        scale = np.where(left > 0, n / np.maximum(left, 1), 1.0)
        weight[g] = np.where((group == g) & (left[code] > 0), 0.0, scale[code])
    return Draws(weight, np.full(groups, (groups - 1) / groups), alone, centred=False)


@dataclass
class Report:
    """How the variance was had; counts of pair-periods unless said otherwise.

    own : residual about the mean of the item (or of the aggregate, where not conditional). aggregate : items with one
    unit, about the mean of their aggregate. coarser : aggregates with one pair, about that of a coarser class.
    none : without any variance, because nothing to compare with was there. borrowed : aggregate-periods without a pair,
    which took the deviations of a coarser class. still : aggregate-periods without a pair and without such a class,
    deviation of the change 0. undrawn : replicate-aggregate-periods with pairs but none drawn, likewise.
    """

    own: int = 0
    aggregate: int = 0
    coarser: int = 0
    none: int = 0
    borrowed: int = 0
    still: int = 0
    undrawn: int = 0


@dataclass
class Pairs:
    """Matched pairs of an item and a unit, with what is needed to replicate their aggregates.

    relatives : pairs x periods, log price relative on the period before, NaN where missing.
    ea, unit : aggregate and unit of each pair, numbered from 0. item : of each pair; None where items are no matter.
    coarser : classes of each pair above its aggregate, from below, to borrow from where an aggregate has too little.
    weights : of each pair, > 0; None for equal.
    """

    relatives: Array
    ea: Codes
    unit: Codes
    item: Codes | None = None
    coarser: Sequence[Codes] = ()
    weights: Array | None = None
    report: Report = field(default_factory=Report)

    def __post_init__(self) -> None:
        pairs = len(self.relatives)
        parts = {"ea": self.ea, "unit": self.unit, "item": self.item, "weights": self.weights}
        parts |= {f"coarser[{k}]": c for k, c in enumerate(self.coarser)}
        for name, part in parts.items():
            if part is not None and len(part) != pairs:
                raise ValueError(f"{name} has {len(part)} elements and there are {pairs} pairs; give one for each pair")


def deviations(
    sample: Pairs,
    draws: Draws,
    *,
    conditional_on_items: bool = False,
    cautious: bool = False,
    periods: Positions | None = None,
) -> Iterator[tuple[int, Array]]:
    """Deviations of log levels of one aggregate after the other: its number, and periods x replicates.

    Not conditional: the log change of a replicate is the weighted mean of the log relatives with the units' weights.
    Conditional: items are chosen on purpose and only units are a sample, so that differences between items are no
    error. Each pair's residual about its item's mean of the period, times `sqrt(n/(n-1))`, stands for it, and the
    deviation of the change is `sum (weight - 1) residual / n`. What could not be compared is counted in the report.
    cautious : times `n/(n-1)` instead, the residual about the item's other units. The plain factor is right where
    quotes of a unit move by themselves; where they move together and items have few units, the error is too small.
    Changes are cumulated over the periods, so that the level of the period before the first stands firm.
    periods : the periods wanted, in order (None: all); the others are passed through, and where nothing has to be
    borrowed they cost next to nothing.
    """
    if conditional_on_items and sample.item is None:
        raise ValueError("conditional_on_items needs the item of each pair; give item")
    units = draws.weight.shape[1]
    if len(sample.unit) and not 0 <= int(sample.unit.min()) <= int(sample.unit.max()) < units:
        raise ValueError(f"unit has codes {sample.unit.min()} to {sample.unit.max()} and {units} units were drawn")
    weight = np.ascontiguousarray(draws.weight.T)
    sample.report = report = Report()
    classes = [by_code(c) for c in sample.coarser]
    residual = residuals(sample, cautious) if conditional_on_items else None
    for ea, pairs in by_code(sample.ea).items():
        empty = np.flatnonzero(~np.isfinite(sample.relatives[pairs]).any(axis=0))
        if residual is not None and periods is not None and not empty.size:
            # Linear in the weights: cumulated by unit first, so that only the periods wanted are multiplied.
            by_unit, mine = _by_unit(sample, residual, pairs)
            part = np.cumsum(by_unit, axis=1)[:, periods]
            yield ea, np.asarray(part.T @ weight[mine] - part.sum(axis=0)[:, None])
            continue
        change = _changes(sample, residual, pairs, weight, report)
        for c, members in zip(sample.coarser, classes, strict=True):
            if not empty.size:
                break
            near = members[int(c[pairs[0]])]
            some = np.isfinite(sample.relatives[np.ix_(near, empty)]).any(axis=0)
            at = empty[some]
            if at.size:
                change[at] = _changes(sample, residual, near, weight, Report(), at)
                report.borrowed += at.size
            empty = empty[~some]
        report.still += empty.size
        level = np.cumsum(change, axis=0, out=change)
        yield ea, level if periods is None else level[periods]


def bootstrap_levels(
    relatives_log: Array,
    ea: Codes,
    unit: Codes,
    unit_stratum: Codes,
    item: Codes | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    *,
    conditional_on_items: bool = False,
    cautious: bool = False,
    coarser: Sequence[Codes] = (),
) -> tuple[Array, Report, Draws]:
    """Deviations of log levels, replicates x aggregates x periods, with the report and the draws.

    Arguments as in `Pairs`, `bootstrap_draws` and `deviations`, which give one aggregate at a time where the whole is
    too much to hold (8 bytes a figure). An aggregate without pairs has NaN.
    """
    draws = bootstrap_draws(unit_stratum, replicates, seed)
    sample = Pairs(relatives_log, ea, unit, item, coarser)
    out = np.full((int(ea.max(initial=-1)) + 1, relatives_log.shape[1], replicates), np.nan)
    for e, level in deviations(sample, draws, conditional_on_items=conditional_on_items, cautious=cautious):
        out[e] = level
    return out.transpose(2, 0, 1), sample.report, draws


def carry(
    stream: Iterable[tuple[int, Array]], log_levels: Array, members: Array, links: Sequence[tuple[int, Array]]
) -> Array:
    """Index levels of classes in every replicate, classes x periods x replicates.

    stream : as of `deviations`, one aggregate at a time; one that does not come has no deviation. log_levels :
    aggregates x periods, of the point estimate; where its first column is the reference period, before the first
    change, the deviations need a first row of 0 (`with_base`). members : classes x aggregates, 1 where the aggregate
    lies in the class, at any level. links : (position of the link period, weights of the aggregates at its prices), in
    order, the first at 0. From each, `I_g(t) = I_g(k) sum w_c I_c(t)/I_c(k) / sum w_c` until the next link period,
    included. A class starts at 1 in its first link with weight; NaN before, and from a later link without weight on.
    ValueError for a weight that is negative, or above 0 where the aggregate has no level.
    """
    E, T = log_levels.shape
    spans = _spans(log_levels, links)
    share = [_shares(members, w) for _, w in links]
    inside = [np.flatnonzero(members[:, e]) for e in range(E)]
    total: Array | None = None
    seen = np.zeros(E, dtype=bool)
    for e, deviation in stream:
        if total is None:
            total = np.zeros((len(members), T, deviation.shape[1]))
        seen[e] = True
        for (k, stop), s in zip(spans, share, strict=True):
            if s[:, e].any():
                part = deviation[k + 1 : stop + 1] - deviation[k]
                part += (log_levels[e, k + 1 : stop + 1] - log_levels[e, k])[:, None]
                np.exp(part, out=part)
                for g in inside[e]:
                    total[g, k + 1 : stop + 1] += s[g, e] * part
    if total is None:
        raise ValueError("the stream of deviations is empty; give at least one aggregate")
    for (k, stop), s in zip(spans, share, strict=True):
        quiet = np.flatnonzero(~seen & s.any(axis=0))
        move = np.exp(log_levels[quiet, k + 1 : stop + 1] - log_levels[quiet, k : k + 1])
        total[:, k + 1 : stop + 1] += (s[:, quiet] @ move)[:, :, None]
    begun = np.zeros(len(members), dtype=bool)
    total[:, 0] = np.nan
    for (k, stop), s in zip(spans, share, strict=True):
        live = s.any(axis=1)
        total[live & ~begun, k] = 1.0
        begun |= live
        total[~live, k + 1 : stop + 1] = np.nan
        total[:, k + 1 : stop + 1] *= total[:, k][:, None]
    return total


def with_base(stream: Iterable[tuple[int, Array]]) -> Iterator[tuple[int, Array]]:
    """The stream with a first row of 0: the reference period before the first change."""
    for e, deviation in stream:
        yield e, np.concatenate([np.zeros((1, deviation.shape[1])), deviation])


def standard_error(replicates: Array, draws: Draws, point: Array | float | None = None) -> Array:
    """Standard error over the last axis, by the draws' own rule; a jackknife needs the point estimate."""
    if draws.centred:
        middle: Array | float = replicates.mean(axis=-1)
    elif point is None:
        raise ValueError("a jackknife takes deviations from the point estimate; give point")
    else:
        middle = point
    return np.asarray(np.sqrt(((replicates - np.asarray(middle)[..., None]) ** 2) @ draws.factor))


def normal_interval(point: Array | float, se: Array | float, level: float = 0.95) -> tuple[Array, Array]:
    """`point -+ z se`."""
    z = NormalDist().inv_cdf(0.5 + _level(level) / 2)
    half = z * np.asarray(se, dtype=np.float64)
    return np.asarray(point - half), np.asarray(point + half)


def percentile_interval(replicates: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Quantiles of bootstrap replicates over the last axis, by linear interpolation."""
    tail = (1 - _level(level)) / 2
    low, high = np.quantile(replicates, (tail, 1 - tail), axis=-1)
    return np.asarray(low), np.asarray(high)


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; give a probability between 0 and 1, such as 0.95")
    return level


def _members(code: Positions) -> list[Positions]:
    return list(by_code(code).values())


def by_code(code: Codes) -> dict[int, Positions]:
    """Positions of every code, ascending."""
    if not len(code):
        return {}
    order = np.argsort(code, kind="stable")
    values, start = np.unique(code[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, start[1:]), strict=True))


def group_sums(X: Array, pairs: Positions, code: Codes) -> tuple[Array, Positions]:
    """Row sums of X by code, and the row of each pair's code."""
    values, at = np.unique(code[pairs], return_inverse=True)
    order = np.argsort(at, kind="stable")
    starts = np.searchsorted(at[order], np.arange(len(values)))
    return np.add.reduceat(X[order], starts, axis=0), at


def residuals(sample: Pairs, cautious: bool) -> Array:
    """Residuals about the mean of the item; where it has one unit, of the aggregate; then of the coarser classes.

    Each is times sqrt(n/(n-1)), or n/(n-1), n the pairs of the period that the mean is of. NaN where the relative is
    missing.
    """
    R = sample.relatives
    have = np.isfinite(R)
    filled = np.where(have, R, 0.0)
    M = have.astype(np.float64)
    W = M if sample.weights is None else M * sample.weights[:, None]
    out = np.full_like(R, np.nan)
    everything = np.arange(len(R))
    report = sample.report
    rungs = [sample.item, sample.ea, *sample.coarser]
    for level, code in enumerate(rungs):
        open_ = have & np.isnan(out)
        if code is None or not open_.any():
            continue
        number, at = group_sums(M, everything, code)
        total, _ = group_sums(W, everything, code)
        value, _ = group_sums(W * filled, everything, code)
        mean = np.divide(value, total, out=np.zeros_like(value), where=total > 0)
        scale = np.divide(number, number - 1, out=np.zeros_like(number), where=number > 1)
        scale = scale if cautious else np.sqrt(scale)
        take = open_ & (number[at] > 1)
        out[take] = ((filled - mean[at]) * scale[at])[take]
        count = int(take.sum())
        if level == 0:
            report.own = count
        elif level == 1:
            report.aggregate = count
        else:
            report.coarser += count
    none = have & np.isnan(out)
    report.none = int(none.sum())
    out[none] = 0.0
    return out


def _changes(
    sample: Pairs,
    residual: Array | None,
    pairs: Positions,
    weight: Array,
    report: Report,
    at: Positions | slice = slice(None),
) -> Array:
    """Deviations of the log change of a set of pairs, periods x replicates; 0 where no pair is."""
    if residual is not None:
        by_unit, mine = _by_unit(sample, residual, pairs, at)
        # (weight - 1) times the sums, without a copy of the weights.
        return np.asarray(by_unit.T @ weight[mine] - by_unit.sum(axis=0)[:, None])
    R = sample.relatives[pairs][:, at]
    have = np.isfinite(R)
    N = have.astype(np.float64)
    if sample.weights is not None:
        N *= sample.weights[pairs][:, None]
    n = N.sum(axis=0)
    mean = np.divide((N * np.where(have, R, 0.0)).sum(axis=0), n, out=np.zeros_like(n), where=n > 0)
    x = N * np.where(have, R - mean, 0.0)
    count = have.sum(axis=0)
    report.own += int(count[count > 1].sum())
    report.none += int((count == 1).sum())
    by_unit, _ = group_sums(x, pairs, sample.unit)
    mine = np.unique(sample.unit[pairs])
    W = weight[mine]
    number, _ = group_sums(N, pairs, sample.unit)
    below = number.T @ W
    drawn = below > 0
    report.undrawn += int((~drawn[n > 0]).sum())
    return np.divide(by_unit.T @ W, below, out=np.zeros_like(below), where=drawn)


def _by_unit(
    sample: Pairs, residual: Array, pairs: Positions, at: Positions | slice = slice(None)
) -> tuple[Array, Positions]:
    """What each unit adds to the log change of a set of pairs, units x periods, and which units these are."""
    have = np.isfinite(sample.relatives[pairs][:, at])
    N = have.astype(np.float64)
    if sample.weights is not None:
        N *= sample.weights[pairs][:, None]
    n = N.sum(axis=0)
    by_unit, _ = group_sums(N * np.where(have, residual[pairs][:, at], 0.0), pairs, sample.unit)
    return by_unit / np.where(n > 0, n, 1.0), np.unique(sample.unit[pairs])


def _spans(log_levels: Array, links: Sequence[tuple[int, Array]]) -> list[tuple[int, int]]:
    """First and last period of every link, with the checks of `carry`."""
    E, T = log_levels.shape
    at = [k for k, _ in links]
    if not at or at[0] != 0 or at != sorted(set(at)) or at[-1] >= T:
        raise ValueError(f"links stand at {at}; give ascending positions from 0 to {T - 1}, the first 0")
    spans = [(k, min(stop, T - 1)) for k, stop in zip(at, [*at[1:], T - 1], strict=True)]
    for (k, stop), (_, weights) in zip(spans, links, strict=True):
        w = np.asarray(weights, dtype=np.float64)
        if w.shape != (E,) or not (np.isfinite(w) & (w >= 0)).all():
            raise ValueError(f"link at {k}: weights have shape {w.shape}; give {E} numbers, 0 or more")
        lacking = np.flatnonzero((w > 0) & ~np.isfinite(log_levels[:, k : stop + 1]).all(axis=1))
        if lacking.size:
            raise ValueError(f"link at {k}: aggregate {lacking[0]} has a weight and no level in periods {k} to {stop}")
    return spans


def _shares(members: Array, weights: Array) -> Array:
    """Share of each aggregate in each class; 0 in a class without weight."""
    w = np.asarray(members, dtype=np.float64) * np.asarray(weights, dtype=np.float64)
    total = w.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(w, total, out=np.zeros_like(w), where=total > 0))
