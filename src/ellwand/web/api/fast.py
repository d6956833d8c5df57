"""Many observations as JSON: the text that `json.dumps` makes of `query.observations`, in a third of the time."""

import json
from functools import lru_cache
from typing import Any

from ellwand.office.releases.canonical import write_instant
from ellwand.production.observations import COUNTS
from ellwand.web.moments import Moment
from ellwand.web.query import EXACT, POINT, PUBLISHED, Point, corrected

ENDS = ("method", "vintage", "issued", "revised", "correction")
"""Fields that follow from the release of an observation."""
FORM = "{" + ",".join(f'"{name}":%s' for name in POINT[: -len(ENDS)])
TAIL = ',"method":%s,"vintage":%s,"issued":%s,"revised":'
HEAD = 2
WORDS = HEAD + len(PUBLISHED)
FIGURES = WORDS + 2
NUMBERS = FIGURES + len(EXACT)


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _published(value: str) -> str:
    """A published figure: digits, a point and a sign, which need no care."""
    return f'"{value}"' if value else "null"


def _exact(value: float | None) -> str:
    return "null" if value is None else f'"{value!r}"'


def points_json(seen: Moment, found: list[Point]) -> str:
    """A JSON list of observations."""
    fixed = corrected(seen)
    tails: dict[int, str] = {}
    out: list[str] = []
    for row, given, revised in found:
        tail = tails.get(given.key)
        if tail is None:
            words = (given.method, given.code, write_instant(given.since))
            tail = tails[given.key] = TAIL % tuple(_text(w) for w in words)
        values: tuple[Any, ...] = (
            _text(row[0]), _text(row[1]), *map(_published, row[HEAD:WORDS]), _text(row[WORDS]), _text(row[WORDS + 1]),
            *map(_exact, row[FIGURES:NUMBERS]), *row[NUMBERS:],
        )  # fmt: skip
        number = fixed.get((given.code, row[0], row[1])) if fixed else None
        end = f'{"true" if revised else "false"},"correction":{"null" if number is None else number}}}'
        out.append(FORM % values + tail + end)
    return f"[{','.join(out)}]"


assert POINT[-len(ENDS) :] == ENDS
assert len(COUNTS) + NUMBERS + len(ENDS) == len(POINT)
