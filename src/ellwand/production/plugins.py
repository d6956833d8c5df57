"""What other packages may add to the stages: outlier rules and donor sets.

Entry points: group `ellwand.outlier_rules` gives rows of the table of outlier rules (`formulas.editing.OutlierRule`),
group `ellwand.donor_sets` functions from a Book to a group code for each series (-1: in no group). docs/method-file.md
shows both.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

import numpy as np

from ellwand.formulas.editing import OUTLIER_RULES, OutlierRule
from ellwand.production.book import NONE, Book, Codes

RULES = "ellwand.outlier_rules"
DONORS = "ellwand.donor_sets"

DonorSet = Callable[[Book], Codes]


def _source(book: Book) -> Codes:
    """Elementary aggregate and group of sample units: units of one source, or all where sources are not given."""
    names = book.units.column("source")
    at = {name: k for k, name in enumerate(dict.fromkeys(names))}
    group = np.array([at[name] for name in names], dtype=np.intp)[book.unit]
    return np.asarray(book.aggregate * len(at) + group)


def _ea(book: Book) -> Codes:
    return book.aggregate


def _parent(book: Book) -> Codes:
    """The class above the elementary aggregate."""
    return np.asarray(book.parents()[0][book.aggregate]) if book.parents() else book.aggregate


def _all(book: Book) -> Codes:
    return np.zeros(book.series, dtype=np.intp)


BUILT_IN: dict[str, DonorSet] = {"source": _source, "ea": _ea, "parent": _parent, "all": _all}
LETTERS = {"source": "t", "ea": "e", "parent": "p", "all": "a"}
"""Status letters of the donor sets: I-t targeted, I-e elementary aggregate, I-p parent, I-a all; a plug-in's name."""


@lru_cache(maxsize=1)
def donor_sets() -> dict[str, DonorSet]:
    """Donor sets by name. ValueError names a plug-in whose name is taken or that gives no function."""
    return _with(dict(BUILT_IN), DONORS, callable, "a function from a Book to group codes")


@lru_cache(maxsize=1)
def outlier_rules() -> dict[str, OutlierRule]:
    """Outlier rules by name. ValueError names a plug-in whose name is taken or that gives no OutlierRule."""
    return _with(dict(OUTLIER_RULES), RULES, lambda given: isinstance(given, OutlierRule), "an OutlierRule")


def _with(known: dict[str, Any], group: str, fits: Callable[[Any], bool], what: str) -> dict[str, Any]:
    for point in sorted(entry_points(group=group), key=lambda p: p.name):
        named = f"plug-in {point.name!r} ({point.value}) of the group {group}"
        if point.name in known:
            raise ValueError(f"{named}: the name {point.name!r} is taken; choose another")
        try:
            given = point.load()
        except (ImportError, AttributeError) as error:
            raise ValueError(f"{named} cannot be loaded: {error}") from error
        if not fits(given):
            raise ValueError(f"{named} gives {given!r}; it must give {what}")
        known[point.name] = given
    return known


def groups(name: str, book: Book) -> Codes:
    """Group of each series in a donor set, -1 for none. ValueError for codes of a wrong shape."""
    codes = np.asarray(donor_sets()[name](book))
    if codes.shape != (book.series,) or not np.issubdtype(codes.dtype, np.integer) or codes.min(initial=0) < NONE:
        raise ValueError(f"donor set {name!r} must give one group code, -1 or above, for each of {book.series} series")
    return codes.astype(np.intp)
