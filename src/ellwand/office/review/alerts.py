"""Conspicuous reporting: identical prices of many units, changes just before the cut-off, units that move alone. Pure.

An alert proves nothing; it opens a case that somebody decides (rule 38). The limits are stated here, and each case
carries the quotes behind it.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
UNITS, MOVED, STILL = 4, math.log(1.02), math.log(1.002)
"""Units that agree on one new price; what counts as a move, and as standing still (logs)."""
WINDOW, PUSHED = timedelta(minutes=30), math.log(1.1)
ITEMS = 3
"""Items in which a unit moves one way while nobody else moves them."""


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


def find(lines: Sequence[Line], cutoff: datetime | None) -> list[Alert]:
    """All alerts of a round, in a fixed order. lines : its quotes with a price now and before, both above 0."""
    out: list[Alert] = []
    ordered = sorted(lines, key=lambda q: (q.item, q.unit))
    by_item = _by(ordered, lambda q: q.item)
    by_unit = _by(ordered, lambda q: q.unit)
    for item, quotes in by_item.items():
        for price, same in sorted(_by([q for q in quotes if abs(q.move) > MOVED], lambda q: f"{q.now:.4f}").items()):
            if len(same) >= UNITS and len({round(q.before, 4) for q in same}) > 1:
                out.append(Alert(IDENTICAL, f"{item} {price}", tuple(same)))
    for unit, quotes in by_unit.items():
        if cutoff is None:
            continue
        late = [q for q in quotes if q.version > 1 and cutoff - WINDOW <= q.at <= cutoff and abs(q.move) > PUSHED]
        if late:
            out.append(Alert(PUSH, unit, tuple(late)))
    for unit, quotes in by_unit.items():
        for way in (1, -1):
            alone = [
                q for q in quotes
                if way * q.move > MOVED
                and len(by_item[q.item]) > 2
                and all(abs(o.move) < STILL for o in by_item[q.item] if o.unit != unit)
            ]  # fmt: skip
            if len(alone) >= ITEMS:
                out.append(Alert(LONE, f"{unit} {'+' if way > 0 else '-'}", tuple(alone)))
    return out


def _by(lines: Sequence[Line], key: Callable[[Line], str]) -> dict[str, list[Line]]:
    out: dict[str, list[Line]] = defaultdict(list)
    for one in lines:
        out[key(one)].append(one)
    return dict(out)
