"""Units of measure of the textile trade: a price per kilogram, yard or dozen said per metre, square metre or piece.

One yard is 0.9144 m. `price per m2 = price per kg * gsm / 1000`, `price per m = price per m2 * width in m`. Nothing
joins a count of pieces to a length or a weight. Sources: CPI Manual 2020, chapter 7 (packages and sizes); the yard is
that of the international agreement of 1959.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ellwand.formulas.panel import Array

YARD: Final = 0.9144
"""Metres in a yard."""

MEASURES: Final[dict[str, tuple[str, float]]] = {
    "m": ("length", 1.0),
    "yd": ("length", YARD),
    "kg": ("mass", 1.0),
    "t": ("mass", 1000.0),
    "m2": ("area", 1.0),
    "piece": ("count", 1.0),
    "dozen": ("count", 12.0),
}
"""Dimension of a unit of measure and how much of its dimension's first unit (m, kg, m2, piece) it holds.

Also allowed: `pack`, whose number of pieces comes with the specification, and `pack n` with the number n written out.
"""

_ONE: Final = {"length": "m", "mass": "kg", "area": "m2", "count": "piece"}
_NEEDS: Final = {
    frozenset(("mass", "area")): ("gsm",),
    frozenset(("area", "length")): ("width_cm",),
    frozenset(("mass", "length")): ("gsm", "width_cm"),
}
_MEANING: Final = {
    "gsm": "gsm (grams per square metre)",
    "width_cm": "width_cm (usable width in cm)",
    "pack": "pack (pieces in a pack)",
}

Texts = NDArray[np.object_]


def measure(unit: str) -> tuple[str, float]:
    """Dimension and amount of a unit of measure; the amount of a plain `pack` is NaN. ValueError if not known."""
    if unit in MEASURES:
        return MEASURES[unit]
    if unit == "pack":
        return "count", float("nan")
    head, _, number = unit.partition(" ")
    if head == "pack" and number.isdecimal() and int(number) > 0:
        return "count", float(number)
    raise ValueError(
        f"unknown unit of measure {unit!r}; allowed: {', '.join(MEASURES)}, pack, pack n (as in 'pack 10')"
    )


def conversion_factors(
    source: ArrayLike,
    target: ArrayLike,
    gsm: ArrayLike = np.nan,
    width_cm: ArrayLike = np.nan,
    pack: ArrayLike = np.nan,
) -> tuple[Array, Texts]:
    """Factors by which prices per `source` become prices per `target`, and why where there is none.

    source, target : units of measure. gsm : grams per square metre. width_cm : usable width. pack : pieces in a plain
    `pack`. Each is one value or an array; they are broadcast together. NaN, or a figure that is not above 0, counts as
    missing. Returns the factors, NaN where one cannot be had, and a text for each element, empty where one can.
    ValueError for a unit of measure that is not known.
    """
    source, target = np.asarray(source, dtype=object), np.asarray(target, dtype=object)
    g, w, k = (np.asarray(v, dtype=np.float64) for v in (gsm, width_cm, pack))
    shape = np.broadcast_shapes(source.shape, target.shape, g.shape, w.shape, k.shape)
    given = {n: np.broadcast_to(v, shape).ravel() for n, v in (("gsm", g), ("width_cm", w), ("pack", k))}
    known = {n: np.isfinite(v) & (v > 0) for n, v in given.items()}
    size = int(np.prod(shape))
    out, why = np.full(size, np.nan), np.full(size, "", dtype=object)
    names, code = np.unique(
        np.stack(
            [np.broadcast_to(source, shape).ravel().astype(str), np.broadcast_to(target, shape).ravel().astype(str)]
        ),
        axis=1,
        return_inverse=True,
    )
    for j, (a, b) in enumerate(names.T.tolist()):
        at = np.flatnonzero(code.ravel() == j)
        if a == b:
            measure(a)
            out[at] = 1.0
            continue
        (one, much), (other, many) = measure(a), measure(b)
        if one != other and frozenset((one, other)) not in _NEEDS:
            why[at] = f"a price per {a} cannot be said per {b}: nothing joins {one} and {other}"
            continue
        needs = [*_NEEDS.get(frozenset((one, other)), ()), *(["pack"] if "pack" in (a, b) else [])]
        value = {n: given[n][at] for n in needs}
        # From the price of one of its own dimension's first unit to that of the other dimension, by way of the area.
        per_area = {"mass": lambda v=value: v["gsm"] / 1000, "length": lambda v=value: 100 / v["width_cm"]}
        with np.errstate(all="ignore"):
            factor = (value["pack"] if np.isnan(many) else many) / (value["pack"] if np.isnan(much) else much)
            factor = factor * np.ones(at.size)
            if one != other:
                factor = factor * (per_area[one]() if one in per_area else 1.0)
                factor = factor / (per_area[other]() if other in per_area else 1.0)
        lacking = np.zeros(at.size, dtype=bool)
        for n in needs:
            lacking |= ~known[n][at]
        out[at] = np.where(lacking, np.nan, factor)
        for i in at[lacking]:
            missing = " and ".join(_MEANING[n] for n in needs if not known[n][i])
            why[i] = f"a price per {a} said per {b} needs {missing}, a number above 0; add it to the specification"
    return out.reshape(shape), why.reshape(shape)


def convert_price(
    price: ArrayLike,
    source: ArrayLike,
    target: ArrayLike,
    gsm: ArrayLike = np.nan,
    width_cm: ArrayLike = np.nan,
    pack: ArrayLike = np.nan,
) -> Array:
    """Prices per `source` as prices per `target`; arguments as in `conversion_factors`.

    ValueError that names the first element that cannot be converted and what it lacks.
    """
    factor, why = conversion_factors(source, target, gsm, width_cm, pack)
    bad = np.flatnonzero(np.isnan(factor))
    if bad.size:
        more = f" (and {bad.size - 1} more)" if bad.size > 1 else ""
        raise ValueError(f"element {bad[0]}: {why.flat[bad[0]]}{more}")
    return np.asarray(np.asarray(price, dtype=np.float64) * factor)
