"""Pictures of the review queue as SVG: the history of a price, the accepted interval, the changes of a group. Pure.

Colours are classes of the style sheet, because pages carry no style of their own. All figures are made here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 190, 8, 76, 14, 24
Points = Sequence[float | None]


@dataclass(frozen=True)
class Scale:
    """A log scale from a price to a pixel."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float) -> "Scale":
        """Of the values, with some room at both ends."""
        low, high = math.log(min(values)), math.log(max(values))
        room = max(0.06 * (high - low), 0.01)
        return cls(low - room, high + room, start, end)

    def at(self, value: float) -> float:
        """Where a value stands."""
        return round(self.start + (math.log(value) - self.low) / (self.high - self.low) * (self.end - self.start), 1)


def price(value: float) -> str:
    """A price with as many digits as it needs."""
    return f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


def history(own: Points, others: Sequence[Points], periods: Sequence[str], label: str) -> SafeString:
    """Prices of the series and of the item's other units, on a log scale; a gap where there is none.

    The last point is the quote itself. "" where there is no price at all.
    """
    known = [v for line in (own, *others) for v in line if v is not None and v > 0]
    if not known or not periods:
        return SafeString("")
    y = Scale.of(known, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / max(len(periods) - 1, 1)
    x = [round(LEFT + k * step, 1) for k in range(len(periods))]
    parts = [f'<path class="peer" d="{_path(line, x, y)}"/>' for line in others]
    parts.append(f'<path class="own" d="{_path(own, x, y)}"/>')
    last = own[-1]
    if last is not None and last > 0:
        at = y.at(last)
        parts.append(f'<circle class="now" cx="{x[-1]}" cy="{at}" r="4"/>')
        parts.append(f'<text class="value" x="{x[-1] + 9}" y="{at + 4}">{price(last)}</text>')
    before = next((v for v in reversed(own[:-1]) if v is not None and v > 0), None)
    if before is not None and (last is None or abs(y.at(before) - y.at(last or before)) > 14):
        parts.append(f'<text x="{x[-1] + 9}" y="{y.at(before) + 4}">{price(before)}</text>')
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - 18}" y2="{HEIGHT - 18}"/>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 4}">{escape(periods[0])}</text>')
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(periods[-1])}</text>')
    return _svg(WIDTH, HEIGHT, parts, label, "history")


def interval(low: float, high: float, reference: float, quoted: float, label: str) -> SafeString:
    """The accepted interval as a band, the price before as a tick and the quoted price as a dot."""
    x = Scale.of([low, high, reference, quoted], 8, WIDTH - 8)
    inside = low <= quoted <= high
    wide = max(round(x.at(high) - x.at(low), 1), 1)
    parts = [
        f'<line class="axis" x1="8" x2="{WIDTH - 8}" y1="14" y2="14"/>',
        f'<rect class="accepted" x="{x.at(low)}" y="10" width="{wide}" height="8"/>',
        f'<line class="tick" x1="{x.at(reference)}" x2="{x.at(reference)}" y1="5" y2="23"/>',
        f'<circle class="{"now" if inside else "now out"}" cx="{x.at(quoted)}" cy="14" r="5"/>',
    ]
    return _svg(WIDTH, 28, parts, label, "interval")


def strip(changes: Sequence[float], own: float | None, label: str) -> SafeString:
    """Changes of a group (logs) as dots on one line, the quote's own marked; far ones stand at the edge."""
    if not changes and own is None:
        return SafeString("")
    sizes = sorted(abs(c) for c in changes) or [0.0]
    limit = max(0.05, 1.5 * sizes[min(int(0.9 * len(sizes)), len(sizes) - 1)])
    middle, half = WIDTH / 2, WIDTH / 2 - 44

    def at(change: float) -> float:
        return round(middle + max(-1.0, min(1.0, change / limit)) * half, 1)

    parts = [
        f'<line class="axis" x1="44" x2="{WIDTH - 44}" y1="30" y2="30"/>',
        f'<line class="tick" x1="{middle}" x2="{middle}" y1="12" y2="36"/>',
    ]
    seen: dict[int, int] = {}
    for change in sorted(changes):
        place = round(at(change) / 5)
        seen[place] = seen.get(place, 0) + 1
        # Equal changes are stacked, so that many that stand still are seen to be many.
        parts.append(f'<circle class="peer" cx="{at(change)}" cy="{max(30 - 4 * (seen[place] - 1), 6)}" r="3"/>')
    if own is not None:
        parts.append(f'<circle class="{"now out" if abs(own) > limit else "now"}" cx="{at(own)}" cy="30" r="5"/>')
        shown = f"{100 * math.expm1(own):+.0f} %".replace("-", "\u2212")
        arrow = " ▸" if own > limit else ""
        back = "◂ " if own < -limit else ""
        under = min(max(at(own), 40), WIDTH - 40)
        parts.append(f'<text class="value" x="{under}" y="50" text-anchor="middle">{back}{shown}{arrow}</text>')
    for side, edge in ((44, -limit), (WIDTH - 44, limit)):
        if own is None or abs(at(own) - side) > 70:
            words = f"{100 * math.expm1(edge):+.0f} %".replace("-", "\u2212")
            parts.append(f'<text x="{side}" y="50" text-anchor="middle">{words}</text>')
    return _svg(WIDTH, 56, parts, label, "dots")


def _path(line: Points, x: Sequence[float], y: Scale) -> str:
    out, pen = [], "M"
    for k, value in enumerate(line):
        if value is None or value <= 0:
            pen = "M"
            continue
        out.append(f"{pen}{x[k]} {y.at(value)}")
        if pen == "M":
            # A lone price between two gaps is still a mark.
            out.append("h0.1")
        pen = "L"
    return "".join(out)


def _svg(width: int, height: int, parts: Sequence[str], label: str, kind: str) -> SafeString:
    body = "".join(parts)
    return SafeString(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{body}</svg>'
    )
