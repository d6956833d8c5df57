"""Many observations as JSON: the text that `json.dumps` makes of `query.observations`, in a fraction of the time.

The observations of a series stay in the process as texts, one a period, named by the releases that they were read from.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

from ellwand.office.record import reading
from ellwand.office.releases.canonical import write_instant
from ellwand.production.observations import COUNTS
from ellwand.web import query
from ellwand.web.moments import Moment
from ellwand.web.query import COLUMNS, EXACT, POINT, PUBLISHED, Asked, Point, codes_of, corrected

ENDS = ("method", "vintage", "issued", "revised", "correction")
"""Fields that follow from the release of an observation."""
FIGURES = (*PUBLISHED, *EXACT)
"""Fields that may be empty."""
TEXTUAL = tuple(POINT.index(name) for name in ("series", "period", "status", "grade"))
"""Places of the fields whose texts need care."""
FEW = 60
"""Series up to which their texts are kept; who asks for more reads in bulk, and seldom twice."""


@lru_cache(maxsize=4096)
def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=1024)
def _form(absent: tuple[bool, ...]) -> str:
    """The text of an observation up to its release, from its columns. absent : of each column, whether it is empty."""
    parts = []
    for name, gone in zip(POINT[: -len(ENDS)], absent, strict=True):
        # Published figures are digits, a point and a sign, exact ones what Python writes of a number: safe as they are.
        value = "%s" if name in COUNTS else "null%.0s" if gone and name in FIGURES else '"%s"'
        parts.append(f'"{name}":{value}')
    return "{" + ",".join(parts)


def points_json(seen: Moment, found: list[Point]) -> str:
    """A JSON list of observations."""
    return f"[{','.join(_texts(seen, found))}]"


def _texts(seen: Moment, found: list[Point]) -> list[str]:
    """Each observation as JSON."""
    rows = [row for row, _, _ in found]
    for place in TEXTUAL:
        if any(_text(value) != f'"{value}"' for value in {row[place] for row in rows}):
            rows = [(*row[:place], _text(row[place])[1:-1], *row[place + 1 :]) for row in rows]
    fixed = corrected(seen)
    ends: dict[tuple[int, bool], str] = {}
    full = _form((False,) * len(COLUMNS))
    out: list[str] = []
    for row, (own, given, revised) in zip(rows, found, strict=True):
        end = ends.get((given.key, revised))
        if end is None:
            told = json.dumps(dict(zip(ENDS[:-1], (given.method, given.code, write_instant(given.since), revised),
                                       strict=True)), ensure_ascii=False, separators=(",", ":"))  # fmt: skip
            end = ends[given.key, revised] = f',{told[1:-1]},"correction":'
        form = full if None not in row and "" not in row else _form(tuple([v is None or v == "" for v in row]))
        number = fixed.get((given.code, own[0], own[1])) if fixed else None
        out.append(f"{form % row}{end}{'null' if number is None else number}}}")
    return out


def asked_json(seen: Moment, asked: Asked) -> str:
    """The JSON list of the observations that are asked for. ProblemError as `query.points` tells it."""
    if asked.history or asked.codes is None or len(asked.codes) > FEW:
        return points_json(seen, query.points(seen, asked))
    query.known(seen, asked.codes)
    wanted = set(asked.codes)
    held = _held(seen, [code for code in codes_of(seen) if code in wanted])
    among = None if asked.periods is None else set(asked.periods)
    out: list[str] = []
    for texts in held:
        own = [text for period, text in texts.items() if among is None or period in among]
        out += own[: asked.first] if asked.first else own[-asked.last :] if asked.last else own
    query.few_enough(len(out))
    return f"[{','.join(out)}]"


@dataclass
class Texts:
    """The texts of the series that were asked for last. most : so many bytes of them."""

    most: int
    size: int = 0
    series: "OrderedDict[tuple[Any, ...], dict[str, str]]" = field(default_factory=OrderedDict)
    lock: Any = field(default_factory=Lock)

    def get(self, mark: tuple[Any, ...], codes: list[str]) -> dict[str, dict[str, str]]:
        """Those that are there."""
        with self.lock:
            found = {code: self.series[mark, code] for code in codes if (mark, code) in self.series}
            for code in found:
                self.series.move_to_end((mark, code))
            return found

    def keep(self, mark: tuple[Any, ...], made: dict[str, dict[str, str]]) -> None:
        """Keep those that were made; those that were asked for longest ago give way."""
        with self.lock:
            for code, texts in made.items():
                if (mark, code) not in self.series:
                    self.series[mark, code] = texts
                    self.size += self.weight(texts)
            while self.size > self.most:
                self.size -= self.weight(self.series.popitem(last=False)[1])

    @staticmethod
    def weight(texts: dict[str, str]) -> int:
        """About how many bytes the texts of a series take."""
        return sum(map(len, texts.values())) + 200 * len(texts)


TEXTS = Texts(32 << 20)
"""The texts of this process."""


def _held(seen: Moment, codes: list[str]) -> list[dict[str, str]]:
    """Of each series its observations as JSON, by period in the order of time."""
    mark = seen.standing.mark
    found = TEXTS.get(mark, codes)
    if missing := [code for code in codes if code not in found]:
        rows = reading.points(seen.standing, COLUMNS, missing)
        made: dict[str, dict[str, str]] = {code: {} for code in missing}
        for (row, _, _), text in zip(rows, _texts(seen, rows), strict=True):
            made[row[0]][row[1]] = text
        TEXTS.keep(mark, made)
        found |= made
    return [found[code] for code in codes]


assert POINT[-len(ENDS) :] == ENDS
assert len(COLUMNS) == len(POINT) - len(ENDS)
