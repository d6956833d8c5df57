"""Conspicuous reporting: identical prices of many units, changes just before the cut-off, units that move alone. Pure.

An alert proves nothing; it opens a case that somebody decides (rule 38), with the quotes behind it. The limits stand in
the office's settings, which nobody outside reads: who knows them could stay below.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from ellwand.engine.errors import DataError

IDENTICAL, PUSH, LONE = "identical", "push", "lone"
KINDS = {
    IDENTICAL: ("多家单位同时报出同一新价格", "several units gave one new price"),
    PUSH: ("截止前改价", "changed just before the cut-off"),
    LONE: ("独自变动", "moved alone"),
}
CODES = {
    "explained": ("已查明，有正常原因", "explained"),
    "watch": ("继续观察", "watched further"),
    "unit_spoken_to": ("已与样本单位谈话", "unit was spoken to"),
    "escalated": ("上报", "passed on"),
}


@dataclass(frozen=True)
class Limits:
    """From when on reporting is conspicuous.

    units : so many give one new price. moved, still : share of the price from which on it moved, and up to which it
    stands still. minutes, pushed : a change by more than this share so shortly before the cut-off. items : in so many a
    unit moves one way while nobody else moves them.
    """

    units: int = 4
    moved: float = 0.02
    still: float = 0.002
    minutes: int = 30
    pushed: float = 0.1
    items: int = 3

    @classmethod
    def read(cls, where: str, given: object) -> "Limits":
        """From the table `alerts` of a settings file; what it does not state is as here. DataError names the key."""
        if not isinstance(given, Mapping):
            raise DataError(f"{where}, alerts: is {given!r}; it must be a table")
        known = {f.name: f.type for f in fields(cls)}
        out: dict[str, Any] = {}
        for name, value in given.items():
            if name not in known:
                raise DataError(f"{where}, alerts.{name}: no such limit; there are {', '.join(known)}")
            whole = known[name] is int
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value <= 0:
                kind = "a whole number" if whole else "a share"
                raise DataError(f"{where}, alerts.{name}: {value!r}; it is {kind} above 0")
            out[name] = value if whole else float(value)
        made = cls(**out)
        if made.units < 2 or made.still >= made.moved:
            raise DataError(f"{where}, alerts: units must be 2 or more, and still below moved")
        return made


@dataclass(frozen=True)
class Line:
    """A quote for the screen: unit, item, price before and now, when and in which version it came."""

    unit: str
    item: str
    before: float
    now: float
    at: datetime
    version: int

    @property
    def move(self) -> float:
        """Log change."""
        return math.log(self.now / self.before)


@dataclass(frozen=True)
class Alert:
    """Something conspicuous. subject : the item or unit. lines : the quotes behind it."""

    kind: str
    subject: str
    lines: tuple[Line, ...]


def find(lines: Sequence[Line], cutoff: datetime | None, limits: Limits = Limits()) -> list[Alert]:
    """All alerts of a round, in a fixed order. lines : its quotes with a price now and before, both above 0."""
    out: list[Alert] = []
    moved, still, pushed = (math.log1p(share) for share in (limits.moved, limits.still, limits.pushed))
    window = timedelta(minutes=limits.minutes)
    ordered = sorted(lines, key=lambda q: (q.item, q.unit))
    by_item = _by(ordered, lambda q: q.item)
    by_unit = _by(ordered, lambda q: q.unit)
    for item, quotes in by_item.items():
        for price, same in sorted(_by([q for q in quotes if abs(q.move) > moved], lambda q: f"{q.now:.4f}").items()):
            if len(same) >= limits.units and len({round(q.before, 4) for q in same}) > 1:
                out.append(Alert(IDENTICAL, f"{item} {price}", tuple(same)))
    for unit, quotes in by_unit.items():
        if cutoff is None:
            continue
        late = [q for q in quotes if q.version > 1 and cutoff - window <= q.at <= cutoff and abs(q.move) > pushed]
        if late:
            out.append(Alert(PUSH, unit, tuple(late)))
    for unit, quotes in by_unit.items():
        for way in (1, -1):
            alone = [
                q for q in quotes
                if way * q.move > moved
                and len(by_item[q.item]) > 2
                and all(abs(o.move) < still for o in by_item[q.item] if o.unit != unit)
            ]  # fmt: skip
            if len(alone) >= limits.items:
                out.append(Alert(LONE, f"{unit} {'+' if way > 0 else '-'}", tuple(alone)))
    return out


def _by(lines: Sequence[Line], key: Callable[[Line], str]) -> dict[str, list[Line]]:
    out: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        out[key(one)].append(one)
    return dict(out)
