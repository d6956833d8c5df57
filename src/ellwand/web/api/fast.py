"""Many observations as JSON: the text that `json.dumps` makes of `query.observations`, in a third of the time."""

import json
from functools import lru_cache

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


def points_json(seen: Moment, found: list[Point]) -> str:
    """A JSON list of observations."""
    fixed = corrected(seen)
    tails: dict[int, str] = {}
    out: list[str] = []
    add, text, form = out.append, _text, FORM
    for row, given, revised in found:
        tail = tails.get(given.key)
        if tail is None:
            words = (given.method, given.code, write_instant(given.since))
            tail = tails[given.key] = TAIL % tuple(text(w) for w in words)
        # Published figures are digits, a point and a sign, which need no care.
        values = [
            text(row[0]), text(row[1]), *['"' + v + '"' if v else "null" for v in row[HEAD:WORDS]],
            text(row[WORDS]), text(row[WORDS + 1]),
            *["null" if v is None else f'"{v!r}"' for v in row[FIGURES:NUMBERS]], *row[NUMBERS:],
        ]  # fmt: skip
        number = fixed.get((given.code, row[0], row[1])) if fixed else None
        end = f'{"true" if revised else "false"},"correction":{"null" if number is None else number}}}'
        add(form % tuple(values) + tail + end)
    return f"[{','.join(out)}]"


assert POINT[-len(ENDS) :] == ENDS
assert len(COUNTS) + NUMBERS + len(ENDS) == len(POINT)
