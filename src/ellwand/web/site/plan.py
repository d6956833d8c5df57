"""A plan of the market: where its prices come from, every collecting source as a plot of the size of its quotes.

Where the register gives every source its place (columns x and y, in any unit), the plots lie as the sources do; else
the plan is a scheme, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from ellwand.production.report import svg
from ellwand.production.report.markup import Markup, join, tag

WIDE, NARROW = 1040.0, 342.0
GAP, HEAD = 3.0, 22.0
"""Room between plots; height of the name of a kind."""


@dataclass(frozen=True)
class Plot:
    """A source on the plan. quotes : due in a week. place : of the register, None for none."""

    name: str
    kind: str
    quotes: int
    units: int
    place: tuple[float, float] | None = None


def has_places(plots: Sequence[Plot]) -> bool:
    """Whether every source has its place."""
    return bool(plots) and all(plot.place is not None for plot in plots)


def plan(plots: Sequence[Plot], width: float, title: str, simulated: str) -> Markup:
    """The plan in a width."""
    shown = [plot for plot in plots if plot.quotes > 0]
    if not shown:
        return Markup("")
    drawn, height = (_placed if has_places(shown) else _scheme)(shown, width)
    if simulated:
        drawn = join(drawn, svg.simulated_band(0, height + 4, width, simulated))
        height += 4 + svg.BAND
    return svg.picture(width, height, "plan", title, drawn)


def _scheme(plots: Sequence[Plot], width: float) -> tuple[Markup, float]:
    """Kinds below one another, each a block of rows of plots; areas are in proportion to the quotes."""
    parts: list[Markup] = []
    whole = sum(plot.quotes for plot in plots)
    area = width * (300.0 if width > NARROW else 520.0) / whole
    per_row = 6 if width > NARROW else 3
    y = 0.0
    for kind in dict.fromkeys(plot.kind for plot in plots):
        own = sorted((p for p in plots if p.kind == kind), key=lambda p: -p.quotes)
        parts.append(svg.text(0, y + 15, kind, "soft"))
        y += HEAD
        rows = max(1, round(len(own) / per_row))
        for k in range(rows):
            row = own[k * len(own) // rows : (k + 1) * len(own) // rows]
            total = sum(p.quotes for p in row)
            tall = max(40.0, area * total / width)
            x = 0.0
            for one in row:
                wide = width * one.quotes / total
                parts.append(_plot(one, x, y, wide - GAP, tall - GAP))
                x += wide
            y += tall
        y += 8
    return join(*parts), y


def _plot(one: Plot, x: float, y: float, wide: float, tall: float) -> Markup:
    """A plot with its name and its quotes, as much of them as there is room for."""
    note = f"{one.name}: {one.quotes}"
    letters = [one.name]
    if sum(13.0 if ord(c) > 0x2E7F else 6.6 for c in one.name) > wide - 12:
        letters = _short(one.name, wide - 12)
    lines = [svg.text(x + 7, y + 17 + 15 * k, line, "ink") for k, line in enumerate(letters) if 15 * k + 22 < tall]
    below = 15 * len(lines) + 17
    if lines and below + 4 < tall and wide > 44:
        lines.append(svg.text(x + 7, y + below, str(one.quotes), "soft"))
    ground = svg.rectangle(x, y, max(wide, 1.0), tall, "plot", "#E7ECF7", tag("title", note))
    return join(ground, *lines)


def _short(name: str, wide: float) -> list[str]:
    """A name in lines; empty where not even a word finds room."""
    pieces = name.split(" ") if " " in name else list(name)
    gap = " " if " " in name else ""
    lines: list[str] = []
    line = ""
    for piece in pieces:
        longer = f"{line}{gap}{piece}" if line else piece
        if sum(13.0 if ord(c) > 0x2E7F else 6.6 for c in longer) <= wide:
            line = longer
            continue
        if line:
            lines.append(line)
        line = piece
        if sum(13.0 if ord(c) > 0x2E7F else 6.6 for c in piece) > wide:
            return []
    return [*lines, line]


def _placed(plots: Sequence[Plot], width: float) -> tuple[Markup, float]:
    """Plots where the sources lie, as circles whose areas are in proportion to the quotes."""
    places = [plot.place for plot in plots if plot.place is not None]
    left, right = min(x for x, _ in places), max(x for x, _ in places)
    low, high = min(y for _, y in places), max(y for _, y in places)
    side = 48.0
    across = svg.Scale(left, right if right > left else left + 1, side, width - side)
    height = (high - low) / max(right - left, 1e-9) * (width - 2 * side) + 2 * side
    height = min(max(height, 220.0), 2 * width)
    down = svg.Scale(low, high if high > low else low + 1, height - side, side)
    largest = max(plot.quotes for plot in plots)
    parts: list[Markup] = []
    for one in sorted(plots, key=lambda p: -p.quotes):
        if one.place is not None:
            x, y = across(one.place[0]), down(one.place[1])
            size = 6 + 30 * sqrt(one.quotes / largest)
            note = tag("title", f"{one.name}: {one.quotes}")
            parts.append(
                tag("circle", note, cx=x, cy=y, r=size, class_="plot", fill="#E7ECF7", stroke=svg.LIGHT["rule"])
            )
            parts.append(svg.text(x, y + 4.5, one.name, "ink", "middle"))
    return join(*parts), height
