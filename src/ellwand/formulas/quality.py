"""Quality change: what part of the gap between an old price and its replacement's is quality, and what is price.

The quality ratio `g` is the price of the new specification over that of the old at one time. The pure price relative
of a replacement is `(p_new / p_old) / g`. Sources: CPI Manual 2020, chapters 6 and 7; Fox and Monette (1992) for the
variance inflation of a characteristic of several columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ellwand.formulas.donors import Movements, jevons_movements
from ellwand.formulas.panel import Array, Mask
from ellwand.formulas.textile_units import convert_price

Codes = NDArray[np.integer]

VIF_LIMIT: Final = 10.0
R2_LIMIT: Final = 0.3
PER_COEFFICIENT: Final = 5
"""Demands on a regression: variance inflation below the first, adjusted R2 of at least the second, n above 5 k."""


def quality_ratio(new_overlap: ArrayLike, old_overlap: ArrayLike) -> Array:
    """`p_new^k / p_old^k`: both specifications priced at one unit in the overlap period k."""
    return _prices(new_overlap, "new_overlap") / _prices(old_overlap, "old_overlap")


def overlap(index: ArrayLike, new_now: ArrayLike, new_overlap: ArrayLike) -> Array:
    """`I^(0:t) = I^(0:k) p_new^t / p_new^k`: the index of the overlap period carried on by the new specification."""
    return np.asarray(index, dtype=np.float64) * _prices(new_now, "new_now") / _prices(new_overlap, "new_overlap")


def pure_change(new: ArrayLike, old: ArrayLike, ratio: ArrayLike = 1.0) -> Array:
    """Price relative of a replacement, `(p_new / p_old) / g`; g = 1 is direct comparison, of equal quality."""
    return _prices(new, "new") / _prices(old, "old") / _prices(ratio, "ratio")


def class_mean(log_ratio: Array, comparable: Mask, groups: Codes, size: int | None = None) -> Movements:
    """Movement of the replaced quotes that were comparable or adjusted, for those that were neither.

    log_ratio : pure log price change of every quote. comparable : quotes replaced at this time whose pure change is
    known. groups : class of each quote. Returns one movement a group, NaN where no quote is comparable; the quality
    ratio of another replacement is then `(p_new / p_old) / movement`.
    """
    return jevons_movements(groups, np.where(comparable, log_ratio, np.nan), size)


def option_cost(old: ArrayLike, cost: ArrayLike, share: ArrayLike = 1.0) -> Array:
    """The old price as if it had the new feature, `p_old + share * cost`; cost < 0 for a feature taken away.

    share : part of the cost that buyers are held to value, 0 to 1, stated by the method (all of it unless said).
    ValueError if a share is outside 0 to 1 or an adjusted price is not above 0.
    """
    part = np.asarray(share, dtype=np.float64)
    if not ((part >= 0) & (part <= 1)).all():
        raise ValueError(f"share is {share!r}; give the part of the cost that counts, 0 to 1")
    return _prices(_prices(old, "old") + part * np.asarray(cost, dtype=np.float64), "old price + share * cost")


def size_change(
    new: ArrayLike,
    new_unit: ArrayLike,
    old: ArrayLike,
    old_unit: ArrayLike,
    per: ArrayLike,
    *,
    new_gsm: ArrayLike = np.nan,
    new_width_cm: ArrayLike = np.nan,
    new_pack: ArrayLike = np.nan,
    old_gsm: ArrayLike = np.nan,
    old_width_cm: ArrayLike = np.nan,
    old_pack: ArrayLike = np.nan,
) -> Array:
    """Price relative per unit of one measure: two widths per m2, two packs per piece, two weights per kg.

    new, old : prices per new_unit and old_unit. per : the measure in which quality is equal. Specifications as in
    `textile_units.convert_price`. ValueError that names what a specification lacks.
    """
    top = convert_price(_prices(new, "new"), new_unit, per, new_gsm, new_width_cm, new_pack)
    return top / convert_price(_prices(old, "old"), old_unit, per, old_gsm, old_width_cm, old_pack)


@dataclass(frozen=True)
class Coding:
    """Columns of a design matrix: numeric characteristics, then each categorical one without its first category.

    numeric : names. categories : of each categorical characteristic, the base first.
    """

    numeric: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> list[str]:
        """Names of the columns; those of a category are `characteristic=category`."""
        return [*self.numeric, *(f"{c}={v}" for c, levels in self.categories.items() for v in levels[1:])]

    def matrix(self, characteristics: Mapping[str, ArrayLike]) -> Array:
        """Rows x columns. An unknown category, and a missing one (empty or None), gives NaN in its columns.

        characteristics : values by name, all of one length; logs are taken before. KeyError for a name not there.
        """
        columns = [np.asarray(characteristics[c], dtype=np.float64) for c in self.numeric]
        for c, levels in self.categories.items():
            value = np.asarray(characteristics[c], dtype=object).astype(str)
            known = np.isin(value, levels)
            columns += [np.where(known, (value == v).astype(np.float64), np.nan) for v in levels[1:]]
        rows = len(np.asarray(next(iter(characteristics.values()))))
        return np.column_stack(columns) if columns else np.zeros((rows, 0))


def coding(characteristics: Mapping[str, ArrayLike]) -> Coding:
    """The coding of the characteristics of a sample: numbers as they are, texts by category.

    The base of a characteristic is its most frequent category (the first by name of equals); the others follow by name.
    """
    numeric, categories = [], {}
    for name, values in characteristics.items():
        x = np.asarray(values)
        if x.dtype.kind in "fiub":
            numeric.append(name)
            continue
        seen, count = np.unique([str(v) for v in x.tolist() if v is not None and str(v)], return_counts=True)
        base = int(np.argmax(count)) if seen.size else 0
        categories[name] = tuple(str(v) for v in [*seen[base : base + 1], *seen[:base], *seen[base + 1 :]])
    return Coding(tuple(numeric), categories)


@dataclass(frozen=True)
class Fit:
    """A regression `ln p = a + sum_k b_k z_k (+ effects of the groups) + e`.

    names : columns. coefficient, se : of each column; NaN where it does not vary. The se is NaN also where only
    differences between categories are identified (a finish that one class alone has, beside effects of the classes).
    vif : variance inflation of the column's characteristic. covariance : of the coefficients, 0 where not identified.
    unidentified : columns x columns, gives not zero times a difference of specifications that the data cannot value.
    adjusted_r2 : within the groups, where there are any. sigma : standard deviation of e. n : observations used.
    k : free coefficients, the intercept and groups not counted. absorbed : parameters taken up by intercept and groups.
    intercept : log price at zero of all columns, at the mean effect of the groups. mean : means of the columns.
    against : columns whose sign is contrary to expectation and whose |t| is 2 or more. verdict : "ok", or why to fall
    back.
    """

    names: tuple[str, ...]
    coefficient: Array
    se: Array
    vif: Array
    covariance: Array
    unidentified: Array
    adjusted_r2: float
    sigma: float
    n: int
    k: int
    absorbed: int
    intercept: float
    mean: Array
    against: tuple[str, ...]
    verdict: str

    @property
    def ok(self) -> bool:
        """True if the regression meets every demand."""
        return self.verdict == "ok"


def hedonic_fit(
    y: Array,
    X: Array,
    names: Sequence[str],
    groups: Sequence[Codes] = (),
    *,
    cluster: Codes | None = None,
    signs: Mapping[str, int] | None = None,
    least_r2: float = R2_LIMIT,
    vif_limit: float = VIF_LIMIT,
    per_coefficient: int = PER_COEFFICIENT,
) -> Fit:
    """Least squares of log prices on characteristics, with the verdict on whether it may be used.

    y : log prices. X : observations x columns of `Coding.matrix`. names : of the columns; those that share the part
    before "=" are one characteristic, whose variance inflation is judged as a whole. groups : codes of effects that are
    taken out by differences from the group means (unit, elementary aggregate, period); any number of them.
    cluster : code of what shares an unseen part (the item that several units quote); standard errors then allow for it.
    signs : expected sign of a column, 1 or -1. Observations with a NaN are left out.

    Verdicts, in this order: no column varies, singular, n <= per_coefficient * k (n less the effects of the groups),
    VIF, adjusted R2, signs. ValueError where the shapes do not fit.
    """
    if (
        X.ndim != 2
        or X.shape != (len(y), len(names))
        or any(len(g) != len(y) for g in (*groups, y if cluster is None else cluster))
    ):
        raise ValueError(
            f"y has {len(y)} rows, X {X.shape}, {len(names)} names; give one row each and one name a column"
        )
    have = np.isfinite(y) & np.isfinite(X).all(axis=1)
    y, X = y[have], X[have]
    codes = [np.unique(g[have], return_inverse=True)[1] for g in groups]
    n, columns = X.shape
    blank = np.full(columns, np.nan)
    mean = X.mean(axis=0) if n else blank
    absorbed = _parameters(codes, n)

    def failed(why: str, k: int = 0) -> Fit:
        empty, nothing = np.zeros((columns, columns)), np.eye(columns)
        nan = float("nan")
        return Fit(tuple(names), blank, blank, blank, empty, nothing, nan, nan, n, k, absorbed, nan, mean, (), why)

    both = _within(np.column_stack([y, X]), codes)
    yd, Xd = both[:, 0], both[:, 1:]
    basis = _basis(Xd, np.sqrt((X**2).sum(axis=0)), [name.partition("=")[0] for name in names])
    k = basis.Q.shape[1]
    if k == 0:
        return failed("no characteristic varies")
    freedom = n - absorbed - k
    if freedom <= 0:
        return failed(f"too few observations: {n} for {k} coefficients and {absorbed} effects", k)
    U, s, Vt = np.linalg.svd(basis.Q, full_matrices=False)
    if s[-1] < 1e-7 * s[0]:
        return failed("singular: a characteristic is a combination of others", k)
    b = Vt.T @ ((U.T @ yd) / s)
    rest = yd - basis.Q @ b
    variance = float(rest @ rest) / freedom
    inverse = (Vt.T / s**2) @ Vt
    total = float(yd @ yd)
    r2 = 1 - variance / (total / (n - absorbed)) if total > 0 else float("nan")
    middle = variance * inverse if cluster is None else _clustered(basis.Q, rest, inverse, cluster[have], freedom)
    covariance = basis.back @ middle @ basis.back.T
    varies = basis.term >= 0
    coefficient = np.where(varies, basis.back @ b, np.nan)
    alone = np.abs(basis.unidentified).max(axis=0, initial=0.0) * basis.spread < 1e-9
    se = np.where(varies & alone, np.sqrt(np.diag(covariance)), np.nan)
    vif = np.where(varies, _inflation(inverse, basis.owner)[basis.term], np.nan)
    against = tuple(
        name
        for j, name in enumerate(names)
        if signs and name in signs and coefficient[j] * signs[name] < 0 and abs(coefficient[j]) >= 2 * se[j]
    )
    worst: int = int(np.nanargmax(vif))
    effective = n - absorbed + 1
    if effective <= per_coefficient * k:
        verdict = f"too few observations: {effective} for {k} coefficients, more than {per_coefficient * k} needed"
    elif vif[worst] >= vif_limit:
        verdict = f"collinear: {names[worst]} has a variance inflation of {vif[worst]:.1f}, limit {vif_limit:g}"
    elif not r2 >= least_r2:
        verdict = f"weak: adjusted R2 {r2:.3f}, limit {least_r2:g}"
    elif against:
        verdict = f"sign: {', '.join(against)} against expectation"
    else:
        verdict = "ok"
    intercept = float(y.mean() - mean @ np.nan_to_num(coefficient))
    return Fit(
        names=tuple(names),
        coefficient=coefficient,
        se=se,
        vif=vif,
        covariance=covariance,
        unidentified=basis.unidentified,
        adjusted_r2=r2,
        sigma=float(np.sqrt(variance)),
        n=n,
        k=k,
        absorbed=absorbed,
        intercept=intercept,
        mean=mean,
        against=against,
        verdict=verdict,
    )


def hedonic_fits(
    y: Array,
    X: Array,
    names: Sequence[str],
    strata: Codes,
    groups: Sequence[Codes] = (),
    *,
    cluster: Codes | None = None,
    signs: Mapping[str, int] | None = None,
    least_r2: float = R2_LIMIT,
    vif_limit: float = VIF_LIMIT,
    per_coefficient: int = PER_COEFFICIENT,
) -> dict[int, Fit]:
    """`hedonic_fit` of every stratum by itself, by its code.

    Where strata have few quotes, one fit with `strata` among the groups is the better estimate.
    """
    order = np.argsort(strata, kind="stable")
    values, start = np.unique(strata[order], return_index=True)
    return {
        int(v): hedonic_fit(
            y[at],
            X[at],
            names,
            [g[at] for g in groups],
            cluster=None if cluster is None else cluster[at],
            signs=signs,
            least_r2=least_r2,
            vif_limit=vif_limit,
            per_coefficient=per_coefficient,
        )
        for v, at in zip(values, np.split(order, start[1:]), strict=True)
    }


@dataclass(frozen=True)
class Ratio:
    """value : ratio of predicted values. se : its standard error. log_se : that of its logarithm."""

    value: Array
    se: Array
    log_se: Array


def reprice(fit: Fit, old: Array, new: Array, *, bias_correction: bool = False) -> Ratio:
    """Quality ratio of the new specification to the old, `exp(b (z_new - z_old))`.

    old, new : specifications x columns of the fit. NaN where a characteristic that changed is unknown or has no
    coefficient; one that did not change matters not, even if unknown in both. bias_correction : times `exp(-se^2/2)`.
    The adjusted old price is `p_old * value`. Whether the fit may be used its verdict says; this does not ask.
    """
    old, new = np.atleast_2d(old), np.atleast_2d(new)
    # Both unknown is read as unchanged, because the specification does not have that characteristic (a yarn no width).
    change = np.where(np.isnan(old) & np.isnan(new), 0.0, new - old)
    return _with_error(*_value(fit, change), bias_correction)


def double_imputation(before: Fit, now: Fit, characteristics: Array, *, bias_correction: bool = False) -> Ratio:
    """Price relative of a specification seen in only one of two periods: predicted over predicted.

    before, now : fits of the two periods on the same columns. characteristics : specifications x columns.
    NaN where a characteristic is unknown, or has no coefficient and differs from all that the fit has seen.
    ValueError if the columns differ.
    """
    if before.names != now.names:
        raise ValueError(f"the fits have columns {before.names} and {now.names}; fit both periods with one coding")
    z = np.atleast_2d(characteristics)
    one, other = (_predict(f, z) for f in (before, now))
    log, variance = other[0] - one[0], other[1] + one[1]
    return _with_error(log, variance, bias_correction)


def _predict(fit: Fit, z: Array) -> tuple[Array, Array]:
    """Predicted log price and its variance, from the mean of the observations on."""
    at_mean = fit.intercept + np.nan_to_num(fit.coefficient) @ np.nan_to_num(fit.mean)
    log, variance = _value(fit, z - fit.mean)
    return at_mean + log, variance + fit.sigma**2 / max(fit.n, 1)


def _value(fit: Fit, change: Array) -> tuple[Array, Array]:
    """Log value of differences of specifications and its variance; NaN where the data cannot value them."""
    beyond = np.abs(change @ fit.unidentified.T).max(axis=1, initial=0.0)
    log = np.where(beyond < 1e-9, change @ np.nan_to_num(fit.coefficient), np.nan)
    return log, np.einsum("ij,jk,ik->i", change, fit.covariance, change)


@dataclass(frozen=True)
class _Basis:
    """Characteristics as orthonormal columns Q, those of each characteristic by themselves.

    owner : characteristic of each column of Q. term : of each column of the design, -1 where it does not vary.
    back : design columns x columns of Q, from the coefficients of Q to those of the design. spread : of the columns.
    """

    Q: Array
    owner: NDArray[np.intp]
    term: NDArray[np.intp]
    back: Array
    unidentified: Array
    spread: Array


def _basis(Xd: Array, size: Array, terms: Sequence[str]) -> _Basis:
    columns = Xd.shape[1]
    spread = np.sqrt((Xd**2).sum(axis=0))
    # What is left of a column that the groups explain is rounding.
    varies = spread > 1e-8 * np.maximum(size, 1e-300)
    unidentified = np.eye(columns)
    parts, back, owner = [np.zeros((len(Xd), 0))], [np.zeros((columns, 0))], []
    number = {t: i for i, t in enumerate(dict.fromkeys(terms))}
    term = np.where(varies, np.array([number[t] for t in terms], dtype=np.intp), -1)
    for i in number.values():
        at = np.flatnonzero(term == i)
        if not at.size:
            continue
        U, s, Vt = np.linalg.svd(Xd[:, at] / spread[at], full_matrices=False)
        free = s > 1e-7 * s[0]
        parts.append(U[:, free])
        to = np.zeros((columns, int(free.sum())))
        to[at] = Vt[free].T / s[free] / spread[at][:, None]
        back.append(to)
        owner += [i] * int(free.sum())
        known = Vt[free].T @ Vt[free]
        unidentified[np.ix_(at, at)] = np.where(np.abs(off := np.eye(len(at)) - known) < 1e-10, 0.0, off) / spread[at]
    return _Basis(np.hstack(parts), np.array(owner, dtype=np.intp), term, np.hstack(back), unidentified, spread)


def _with_error(log: Array, variance: Array, bias_correction: bool) -> Ratio:
    variance = np.maximum(variance, 0.0)
    value = np.exp(log - variance / 2 if bias_correction else log)
    return Ratio(value, value * np.sqrt(variance), np.sqrt(variance))


def _within(A: Array, codes: Sequence[NDArray[np.intp]]) -> Array:
    """Columns less the effects of every grouping: directly for one or two, by turns until nothing moves for more."""
    if not len(A):
        return A
    A = A - A.mean(axis=0)
    if len(codes) == 2:
        return _two_way(A, *sorted(codes, key=lambda c: -int(c.max())))
    size = np.maximum(np.abs(A).max(axis=0), 1e-300)
    for _ in range(10_000):
        moved = 0.0
        for c in codes:
            level = _sums(A, c) / np.bincount(c)[:, None]
            A = A - level[c]
            moved = max(moved, float((np.abs(level) / size).max()))
        if len(codes) < 2 or moved < 1e-12:
            break
    return A


def _two_way(A: Array, a: NDArray[np.intp], b: NDArray[np.intp]) -> Array:
    """Columns less both effects: the effects of `b`, the shorter, from the normal equations without those of `a`."""
    na, nb = np.bincount(a).astype(np.float64), np.bincount(b).astype(np.float64)
    both = np.bincount(a * len(nb) + b, minlength=len(na) * len(nb)).reshape(len(na), len(nb))
    level = _sums(A, a) / na[:, None]
    left = np.diag(nb) - both.T @ (both / na[:, None])
    # Singular by one for each connected part; the shortest solution serves, because only fitted values are used.
    effect = np.linalg.lstsq(left, _sums(A - level[a], b), rcond=1e-10)[0]
    A = A - effect[b]
    return np.asarray(A - (_sums(A, a) / na[:, None])[a])


def _sums(A: Array, code: NDArray[np.intp]) -> Array:
    return np.stack([np.bincount(code, column) for column in A.T], axis=1)


def _parameters(codes: Sequence[NDArray[np.intp]], n: int) -> int:
    """Parameters that intercept and group effects take up; for three or more groupings an upper bound."""
    if not codes or not n:
        return 1
    number = [int(c.max()) + 1 for c in codes]
    free = sum(number) - (len(codes) - 1)
    if len(codes) == 2:
        free = sum(number) - _connected(codes[0], codes[1])
    return free


def _connected(a: NDArray[np.intp], b: NDArray[np.intp]) -> int:
    """Connected parts of the graph that joins the groups of two groupings: each costs one parameter less."""
    label = np.arange(int(a.max()) + 1)
    while True:
        other = np.full(int(b.max()) + 1, len(label))
        np.minimum.at(other, b, label[a])
        new = label.copy()
        np.minimum.at(new, a, other[b])
        if (new == label).all():
            return len(np.unique(label))
        label = new


def _inflation(inverse: Array, owner: NDArray[np.intp]) -> Array:
    """Variance inflation of each characteristic, to the power 1/columns so that one limit fits all.

    The columns of a characteristic are orthonormal among themselves, so the determinant of their block is all of it.
    """
    out = np.ones(int(owner.max()) + 1)
    for i in np.unique(owner).tolist():
        at = np.flatnonzero(owner == i)
        out[i] = np.linalg.det(inverse[np.ix_(at, at)]) ** (1 / len(at))
    return out


def _clustered(Z: Array, rest: Array, inverse: Array, cluster: Codes, freedom: int) -> Array:
    """Covariance robust to what the observations of a cluster share (Liang and Zeger 1986, small-sample factor)."""
    code = np.unique(cluster, return_inverse=True)[1]
    number = int(code.max()) + 1
    scores = _sums(Z * rest[:, None], code)
    factor = number / max(number - 1, 1) * (len(rest) - 1) / freedom
    return np.asarray(factor * (inverse @ (scores.T @ scores) @ inverse))


def _prices(value: ArrayLike, name: str) -> Array:
    out = np.asarray(value, dtype=np.float64)
    bad = ~(np.isfinite(out) & (out > 0))
    if bad.any():
        raise ValueError(
            f"{name} has {out[bad].flat[0]} at {int(np.flatnonzero(bad.ravel())[0])}; give numbers above 0"
        )
    return out
