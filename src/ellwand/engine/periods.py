"""The calendar of a table: its distinct periods in the order of time."""

import re
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ellwand.engine.errors import DataError

_DIGITS = re.compile(r"(\d+)")


def natural_key(label: str) -> tuple[Any, ...]:
    """Order of text labels: runs of digits count as numbers, so that t2 < t10 and 2024-W5 < 2024-W10."""
    pieces = _DIGITS.split(label.strip())
    return tuple(int(x) if i % 2 else x for i, x in enumerate(pieces))


def calendar(labels: pa.Array) -> NDArray[np.intp]:
    """Order of distinct period labels: positions that sort them.

    Numbers and dates sort as such, text by `natural_key`. DataError where two texts name one period.
    """
    if not (pa.types.is_string(labels.type) or pa.types.is_large_string(labels.type)):
        return np.asarray(pc.sort_indices(labels).to_numpy(zero_copy_only=False), dtype=np.intp)
    texts = labels.to_pylist()
    keys = [natural_key(text) for text in texts]
    order = sorted(range(len(texts)), key=lambda i: keys[i])
    for a, b in pairwise(order):
        if keys[a] == keys[b]:
            raise DataError(
                f"field period: {texts[a]!r} and {texts[b]!r} name the same period in two ways; write it in one way"
            )
    return np.asarray(order, dtype=np.intp)


def find(labels: list[Any], wanted: Any, what: str) -> int:
    """Position of a period in the calendar, given as its value or its text. ValueError if it is not there."""
    if wanted in labels:
        return labels.index(wanted)
    texts = [text_of(label) for label in labels]
    if text_of(wanted) in texts:
        return texts.index(text_of(wanted))
    keys = [natural_key(text) for text in texts]
    if natural_key(text_of(wanted)) in keys:
        return keys.index(natural_key(text_of(wanted)))
    raise ValueError(f"{what} {wanted!r} is not a period of the data; they run from {texts[0]} to {texts[-1]}")


def text_of(label: Any) -> str:
    """A period as people write it."""
    if isinstance(label, datetime):
        return label.date().isoformat() if label.time() == datetime.min.time() else label.isoformat()
    if isinstance(label, date):
        return label.isoformat()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    return str(label)
