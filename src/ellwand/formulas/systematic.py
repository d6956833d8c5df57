"""Systematic errors: a price that is wrong by a known factor, or by a slip of its digits.

A hit proposes a price; a person or a recorded rule accepts it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ellwand.formulas.panel import Array

YARD = 0.9144
"""Metres in a yard, exactly."""

FACTORS: Mapping[str, float] = {
    "ten times": 10.0,
    "a tenth": 0.1,
    "hundred times": 100.0,
    "a hundredth": 0.01,
    "thousand times": 1000.0,
    "a thousandth": 0.001,
    "per yard for per metre": YARD,
    "per metre for per yard": 1 / YARD,
    "double": 2.0,
    "half": 0.5,
    "per dozen for per piece": 12.0,
    "per piece for per dozen": 1 / 12,
}
"""Factors by which reported prices are wrong: reported price = true price x factor."""

NO_FACTOR = -1


@dataclass(frozen=True)
class Systematic:
    """What the test of factors says of every element.

    code : position in `names`, -1 for no hit. factor, proposed : the factor and the price without it (NaN for no hit).
    distance : log distance of the ratio from the factor. hits : how many factors lie within the tolerance; two or more
    mean that the figures alone cannot tell which. names : of the factors.
    """

    code: NDArray[np.intp]
    factor: Array
    proposed: Array
    distance: Array
    hits: NDArray[np.int64]
    names: tuple[str, ...]


def systematic_errors(
    ratio: ArrayLike,
    price: ArrayLike,
    *,
    own: Mapping[str, ArrayLike] | None = None,
    tolerance: float = 0.004,
    factors: Mapping[str, float] = FACTORS,
) -> Systematic:
    """The factor that explains each ratio of a price to its reference, the nearest where several do.

    ratio : reported price over reference price, > 0, or NaN. price : reported prices, of which a proposal is made.
    own : further factors, one number or one for each element (NaN where it has none), such as the kg of a metre, the
    tax factor, the exchange rate; each is tested as it is and turned over. tolerance : log distance, 0.4 %.
    A factor within twice the tolerance of 1 explains nothing and is passed over.
    ValueError for ratios, factors that are not > 0, or lengths that differ.
    """
    r, p = np.asarray(ratio, dtype=np.float64), np.asarray(price, dtype=np.float64)
    if r.ndim != 1 or p.shape != r.shape:
        raise ValueError(f"ratio and price must be of one dimension and equal length, not {r.shape} and {p.shape}")
    if not tolerance > 0:
        raise ValueError(f"tolerance is {tolerance!r}: it must be > 0 (0.004 is 0.4 %)")
    x = _logs(r, "ratio")
    names: list[str] = []
    rows: list[Array] = []
    for name, factor in factors.items():
        names.append(name)
        rows.append(np.broadcast_to(_logs(np.asarray(factor, dtype=np.float64), f"factor {name!r}"), r.shape))
    for name, values in (own or {}).items():
        f = np.asarray(values, dtype=np.float64)
        if f.shape not in ((), r.shape):
            raise ValueError(f"factor {name!r} has the shape {f.shape}; give one number or {r.size}")
        log = np.broadcast_to(_logs(f, f"factor {name!r}"), r.shape)
        names += [name, f"1 / {name}"]
        rows += [log, -log]
    best = np.full(r.shape, np.inf)
    code = np.full(r.shape, NO_FACTOR, dtype=np.intp)
    log_factor = np.full(r.shape, np.nan)
    hits = np.zeros(r.shape, dtype=np.int64)
    for k, log in enumerate(rows):
        d = np.abs(x - log)
        near = (d <= tolerance * (1 + 1e-9)) & (np.abs(log) > 2 * tolerance)
        hits += near
        better = near & (d < best)
        best[better], code[better], log_factor[better] = d[better], k, log[better]
    hit = code != NO_FACTOR
    factor_of = np.exp(log_factor)
    return Systematic(code, factor_of, p / factor_of, np.where(hit, best, np.nan), hits, tuple(names))


def _logs(values: Array, name: str) -> Array:
    bad = np.flatnonzero((values <= 0) | np.isinf(values))
    if bad.size:
        raise ValueError(f"{name} at position {bad[0]} is {np.ravel(values)[bad[0]]}: it must be finite and > 0")
    return np.asarray(np.log(values))


SLIPS: Sequence[str] = ("swapped digits", "wrong digit")


@dataclass(frozen=True)
class Slips:
    """What the test of digits says of every element.

    code : position in SLIPS, -1 for none. proposed : the price without the slip (NaN for none). distance : its log
    distance from the reference.
    """

    code: NDArray[np.intp]
    proposed: Array
    distance: Array


def digit_slips(
    price: ArrayLike, reference: ArrayLike, *, tolerance: float = 0.01, apart: float = 0.05, decimals: int = 4
) -> Slips:
    """Prices that one slip of the digits takes to their reference: neighbouring digits swapped, or one digit wrong.

    price, reference : > 0, or NaN where there is none. tolerance : the corrected price is so near (log). apart : prices
    nearer than this to their reference are not examined. decimals : places of the reported price after the point.
    A swap is preferred, since a price has few of them; of several slips of a kind the nearest to the reference counts.
    A first digit is never 0. One digit in ten replaced brings many a price near, so examine quotes that another rule
    has flagged.
    ValueError for a price that is not > 0 or has more places than `decimals`.
    """
    p, ref = np.asarray(price, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if p.ndim != 1 or ref.shape != p.shape:
        raise ValueError(f"price and reference must be of one dimension and equal length: {p.shape}, {ref.shape}")
    target = _logs(ref, "reference")
    far = np.abs(_logs(p, "price") - target)
    scale = 10.0**decimals
    look = np.flatnonzero(far > max(apart, tolerance))
    value = np.rint(p[look] * scale).astype(np.int64)
    fine = np.flatnonzero(np.abs(value - p[look] * scale) > 1e-9 * p[look] * scale + 1e-6)
    if fine.size:
        at = look[fine[0]]
        raise ValueError(f"price at position {at} is {p[at]!r}, with more than {decimals} places; raise `decimals`")
    goal = ref[look] * scale
    places = int(value.max(initial=0)).bit_length() * 30103 // 100000 + 1
    first = 10 ** np.floor(np.log10(np.maximum(value, 1)) + 1e-12).astype(np.int64)
    best = np.full((2, look.size), np.inf)
    found = np.zeros((2, look.size), dtype=np.int64)

    def offer(kind: int, candidate: NDArray[np.int64], allowed: NDArray[np.bool_]) -> None:
        good = allowed & (candidate != value) & (candidate >= first)
        d = np.full(look.size, np.inf)
        d[good] = np.abs(np.log(candidate[good] / goal[good]))
        better = d < best[kind]
        best[kind][better], found[kind][better] = d[better], candidate[better]

    for k in range(places):
        unit = 10**k
        digit = value // unit % 10
        inside = first >= unit
        above = value // (10 * unit) % 10
        offer(0, value + 9 * (digit - above) * unit, first >= 10 * unit)
        # Of ten digits only the two about the reference can be the nearest on either side.
        rest = value - digit * unit
        exact = np.floor((goal - rest) / unit)
        for step in (0, 1):
            wanted = np.clip(exact + step, 0, 9).astype(np.int64)
            offer(1, rest + wanted * unit, inside)
    code = np.full(p.shape, NO_FACTOR, dtype=np.intp)
    proposed, distance = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    for kind in (1, 0):
        hit = best[kind] <= tolerance * (1 + 1e-9)
        code[look[hit]], proposed[look[hit]] = kind, found[kind][hit] / scale
        distance[look[hit]] = best[kind][hit]
    return Slips(code, proposed, distance)
