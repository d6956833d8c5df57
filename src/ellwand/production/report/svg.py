"""Our own SVG: line with band, sparkline, woven band of contributions, bar from zero.

A picture carries its colours as attributes and so keeps them when it is cut out of the page; in the page the style
sheet replaces them by class, for dark screens and for the reader's colours of rise and fall. A picture of a simulated
market carries its amber band between the marks and the axis, where it cannot be cropped away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

import numpy as np

from ellwand.production.report.facts import Flags, Floats, Integers
from ellwand.production.report.markup import Markup, join, number, tag

LIGHT = {
    "ground": "#FBFAF7",
    "ink": "#1B2430",
    "soft": "#55606E",
    "rule": "#DAD7CF",
    "indigo": "#23448C",
    "madder": "#B3261E",
    "leaf": "#1E7145",
    "amber": "#8A5A00",
    "amber-ground": "#F7EBD0",
}
HUES = {
    "c1": ("#23448C", ""), "c2": ("#A34A00", "7 4"), "c3": ("#0F766E", "2 3"), "c4": ("#86338F", "10 3 2 3"),
    "c5": ("#55606E", "5 2"), "c6": ("#7A5C00", "1 4"),
}  # fmt: skip
"""Kinds of lines that stand for several series: colour, and dashes that tell them apart without it."""
FONT = "ui-sans-serif, 'Segoe UI', Roboto, 'PingFang SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif"
BAND = 18.0  # height of the amber band in a chart


@dataclass(frozen=True)
class Line:
    """One line of a chart; `name` is its direct label and `kind` its style: main, other, faint or one of `HUES`."""

    name: str
    values: Floats
    kind: str = "main"


@dataclass(frozen=True)
class Mark:
    """Something that a reader must know of a period. kind : corrected (on the first line), method (a new one)."""

    position: int
    kind: str
    words: str


@dataclass(frozen=True)
class Scale:
    """A linear scale from figures to coordinates."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Coordinate of a figure."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def steps(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers that cover low to high in about `wanted` steps of 1, 2 or 5 times a power of ten."""
    width = max(high - low, 1e-9) / wanted
    power = 10.0 ** floor(log10(width))
    step = next(power * factor for factor in (1, 2, 5, 10) if width <= power * factor * 1.0000001)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * i, 10) for i in range(first, last + 1)]


def runs(days: Integers, values: Floats) -> list[list[int]]:
    """Positions of the values in pieces without a hole: a missing period is a gap and is never joined."""
    # Months and quarters differ by a few days; half a period more than the shortest is a hole.
    longest = 1.5 * float(np.diff(days).min()) if len(days) > 1 else np.inf
    pieces: list[list[int]] = []
    previous = None
    when = days.tolist()
    for position in np.flatnonzero(np.isfinite(values)).tolist():
        if previous is None or position != previous + 1 or when[position] - when[previous] > longest:
            pieces.append([])
        pieces[-1].append(position)
        previous = position
    return pieces


def path(days: Integers, values: Floats, across: Scale, down: Scale) -> str:
    """The `d` of a line; a point between two gaps becomes a dot."""
    drawn, x, y = [], days.tolist(), values.tolist()
    for piece in runs(days, values):
        points = [f"{number(across(x[i]))} {number(down(y[i]))}" for i in piece]
        drawn.append("M" + "L".join(points) + ("h0" if len(points) == 1 else ""))
    return "".join(drawn)


def area(days: Integers, low: Floats, high: Floats, across: Scale, down: Scale) -> str:
    """The `d` of a band between two limits."""
    drawn, x, above, below = [], days.tolist(), high.tolist(), low.tolist()
    for piece in runs(days, low + high):
        upper = [f"{number(across(x[i]))} {number(down(above[i]))}" for i in piece]
        lower = [f"{number(across(x[i]))} {number(down(below[i]))}" for i in reversed(piece)]
        drawn.append("M" + "L".join(upper + lower) + "Z")
    return "".join(drawn)


def text(
    x: float, y: float, words: str, kind: str = "soft", anchor: str = "start", size: int = 13, fill: str = "",
) -> Markup:  # fmt: skip
    """A label; `kind` is the class, and names the colour of a picture that stands alone if `fill` does not."""
    colour = fill or LIGHT.get(kind, LIGHT["ink"])
    return tag("text", words, x=x, y=y, class_=kind, fill=colour, text_anchor=anchor, font_size=size)


def rectangle(x: float, y: float, width: float, height: float, kind: str, fill: str, *inside: str | None) -> Markup:
    """A filled rectangle."""
    return tag("rect", *inside, x=x, y=y, width=width, height=height, class_=kind, fill=fill)


def simulated_band(x: float, y: float, width: float, words: str, height: float = BAND) -> Markup:
    """The amber band; its words stand as often as they fit, and not at all when the band is a bare stripe."""
    strip = rectangle(x, y, width, height, "amber-ground" if height >= 13 else "amber", LIGHT["amber-ground"])
    if height < 13:
        return tag("rect", x=x, y=y, width=width, height=height, class_="amber", fill=LIGHT["amber"])
    length = sum(13.5 if ord(letter) > 0x2E7F else 7.2 for letter in words) + 40
    times = max(1, int(width // length))
    labels = [
        text(x + width * (2 * i + 1) / (2 * times), y + height - 4.5, words, "amber", "middle") for i in range(times)
    ]
    return join(strip, *labels)


def picture(width: float, height: float, kind: str, title: str, *inside: str | None, **more: str | float) -> Markup:
    """The outer element; an empty title makes a decoration that a table beside it already says in words."""
    return tag(
        "svg", tag("title", title) if title else None, *inside,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {number(width)} {number(height)}", width=width,
        height=height, class_=kind, font_family=FONT, role="img" if title else None,
        aria_hidden=None if title else "true", **more,
    )  # fmt: skip


SHORT = 430
"""Days of a span whose months are named."""


def _rod(days: Integers, across: Scale, y: float, year_word: str, months: Sequence[str] = ()) -> Markup:
    """The time axis as a measuring rod: a short tick a month, a long one a year with its number.

    months : words of the twelve months; on a short span they stand at their ticks.
    """
    marks: list[str] = []
    first, last = date.fromordinal(int(days[0])), date.fromordinal(int(days[-1]))
    labels: list[Markup] = []
    for year in range(first.year, last.year + 1):
        for month in range(1, 13):
            day = date(year, month, 1).toordinal()
            if days[0] <= day <= days[-1]:
                marks.append(f"M{number(across(day))} {number(y)}v{9 if month == 1 else 4}")
        begin, end = max(date(year, 1, 1), first).toordinal(), min(date(year, 12, 31), last).toordinal()
        if across(end) - across(begin) > 34:
            labels.append(text(across((begin + end) / 2), y + 20, year_word.format(year=year), "soft", "middle"))
    if months and days[-1] - days[0] <= SHORT:
        labels = _months(days, across, y, year_word, months)
    marks.append(f"M{number(across.start)} {number(y)}H{number(across.end)}")
    rod = tag("path", d="".join(marks), class_="rod", fill="none", stroke=LIGHT["soft"], stroke_width=1)
    return join(rod, *labels)


def _months(days: Integers, across: Scale, y: float, year_word: str, months: Sequence[str]) -> list[Markup]:
    """Words below the ticks of the months, the year beside the first one of each; those that find no room are left."""
    labels: list[Markup] = []
    free, year = across.start - 40.0, 0
    for day in range(int(days[0]), int(days[-1]) + 1):
        when = date.fromordinal(day)
        if when.day != 1 and day != days[0]:
            continue
        words = months[when.month - 1]
        if when.year != year:
            words = year_word.format(year=when.year) + ("" if ord(words[-1]) > 0x2E7F else " ") + words
        x, wide = across(day), _letters(words)
        if x >= free and x + wide / 2 <= across.end + 40:
            labels.append(text(x, y + 20, words, "soft", "start" if day == days[0] else "middle"))
            free, year = x + wide + 12, when.year
    return labels


def _spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Push labels apart until none is nearer than `gap` to the next, keeping their order."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = dict.fromkeys(order, 0.0)
    floor_at = low
    for i in order:
        placed[i] = max(wanted[i], floor_at)
        floor_at = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return [placed[i] for i in range(len(wanted))]


def line_chart(
    days: Integers,
    lines: Sequence[Line],
    *,
    width: float,
    height: float,
    title: str,
    key: str = "",
    simulated: str = "",
    year_word: str = "{year}",
    months: Sequence[str] = (),
    weak: Flags | None = None,
    marks: Sequence[Mark] = (),
    limits: tuple[float, float] | None = None,
    band: tuple[Floats, Floats] | None = None,
    digits: int = 2,
    ticks: int = 4,
) -> Markup:
    """Lines over periods with direct labels, few grid lines and an optional interval band.

    Parameters:
        days: ordinals of the periods' first days, shape (T,).
        lines: values of shape (T,) each; NaN is a gap.
        title: what the picture shows, for readers who do not see it.
        key: code of the first line's series; the page's cursor looks its figures up by it.
        simulated: words of the amber band; empty for a real market.
        months: words of the twelve months, for the axis of a short span.
        weak: where the first line's figure has low reliability, shape (T,); there it is dashed.
        marks: what a reader must know of a period.
        limits: lowest and highest figure of the scale, to share it between charts; else from the lines.
        band: lower and upper limit, shape (T,) each.
        digits: decimals of the label at the last point.
    """
    seen = np.concatenate([line.values for line in lines] + (list(band) if band else []))
    seen = seen[np.isfinite(seen)]
    low, high = limits or ((float(seen.min()), float(seen.max())) if seen.size else (99.0, 101.0))
    if high - low < 0.1:
        low, high = low - 0.05, high + 0.05
    grid = steps(low, high, ticks)
    places = max(0, -floor(log10(grid[1] - grid[0]) + 1e-9))
    named = max((sum(13 if ord(letter) > 0x2E7F else 6.8 for letter in line.name) for line in lines), default=0)
    left, right, top = 14 + 7.2 * max(len(f"{tick:.{places}f}") for tick in grid), width - max(54, named + 12), 12.0
    foot = 26 + (BAND if simulated else 0)
    across = Scale(float(days[0]), float(max(days[-1], days[0] + 1)), left, right)
    down = Scale(grid[0], grid[-1], height - foot, top)
    parts: list[Markup] = [
        tag("path", d="".join(f"M{number(left)} {number(down(tick))}H{number(right)}" for tick in grid),
            class_="grid", fill="none", stroke=LIGHT["rule"], stroke_width=1),
        *(text(left - 8, down(tick) + 4.5, f"{tick:.{places}f}", "soft", "end") for tick in grid),
    ]  # fmt: skip
    if simulated:
        parts.append(simulated_band(left, height - foot + 1, right - left, simulated))
    parts.append(_rod(days, across, height - 26 + 1, year_word, months))
    if band:
        parts.append(tag("path", d=area(days, *band, across, down), class_="interval", fill="#23448C", opacity=0.15))
    for mark in marks:
        if mark.kind == "method":
            x = across(float(days[mark.position]))
            parts.append(tag("path", tag("title", mark.words), d=f"M{number(x)} {number(top)}V{number(height - foot)}",
                             class_="rod", fill="none", stroke=LIGHT["soft"], stroke_dasharray="1 3"))  # fmt: skip
            parts.append(text(x + 4, top + 10, mark.words, "soft"))
    ends: list[tuple[Line, int]] = []
    for line in reversed(lines):
        hue, dashes = HUES.get(line.kind, ("", ""))
        stroke, wide = {"main": (LIGHT["indigo"], 2), "other": (LIGHT["soft"], 1.5)}.get(line.kind, (LIGHT["rule"], 1))
        if hue:
            stroke, wide = hue, 2
        firm, soft = line.values, None
        if weak is not None and line is lines[0] and weak.any():
            beside = weak | np.r_[weak[1:], False] | np.r_[False, weak[:-1]]
            firm, soft = np.where(weak, np.nan, firm), np.where(beside, firm, np.nan)
        for values, broken in ((firm, dashes), (soft, "4 4")):
            if values is not None:
                parts.append(tag("path", d=path(days, values, across, down), class_=f"line {line.kind}", fill="none",
                                 stroke=stroke, stroke_width=wide, stroke_linejoin="round",
                                 stroke_linecap="butt" if broken else "round",
                                 stroke_dasharray=broken or None))  # fmt: skip
        present = np.flatnonzero(np.isfinite(line.values))
        if present.size and line.kind != "faint":
            ends.append((line, int(present[-1])))
    for mark in marks:
        value = float(lines[0].values[mark.position]) if lines else np.nan
        if mark.kind == "corrected" and np.isfinite(value):
            x, y = across(float(days[mark.position])), down(value)
            parts.append(tag("circle", tag("title", mark.words), cx=x, cy=y, r=5, class_="corrected",
                             fill=LIGHT["ground"], stroke=LIGHT["amber"], stroke_width=2))  # fmt: skip
    heights = _spread([down(float(line.values[i])) + 4.5 for line, i in ends], 34.0, top + 8, height - foot)
    for (line, i), y in zip(ends, heights, strict=True):
        value = float(line.values[i])
        colour = "indigo" if line.kind == "main" else line.kind if line.kind in HUES else "soft"
        fill = HUES[colour][0] if colour in HUES else LIGHT[colour]
        x = across(float(days[i]))
        parts.append(tag("circle", cx=x, cy=down(value), r=3.5, class_=colour, fill=fill))
        parts.append(text(x + 9, y, f"{value:.{digits}f}", f"{colour} strong", fill=fill))
        if line.name:
            parts.append(text(x + 9, y + 16, line.name, colour, fill=fill))
    cursor = tag(
        "g",
        tag("path", d=f"M0 {number(top)}V{number(height - foot)}", class_="cursor-line", stroke=LIGHT["ink"]),
        tag("circle", r=5, class_="cursor-dot", fill=LIGHT["ground"], stroke=LIGHT["indigo"], stroke_width=2),
        class_="cursor", visibility="hidden",
    )  # fmt: skip
    scale = {
        "data_x": f"{number(left)} {number(right)} {int(days[0])} {int(days[-1])}",
        "data_y": f"{number(down.start)} {number(down.end)} {down.low!r} {down.high!r}",
        "data_series": key,
    }
    return picture(width, height, "chart", title, *parts, cursor, **scale)


def sparkline(
    days: Integers, values: Floats, limits: tuple[float, float], *, simulated: bool, width: float = 132
) -> Markup:
    """A line without words beside its figures; all of one table share `limits`, which the table states."""
    height = 32.0
    across = Scale(float(days[0]), float(max(days[-1], days[0] + 1)), 2, width - 6)
    down = Scale(min(limits[0], limits[1] - 1e-6), limits[1], height - 7, 4)
    present = np.flatnonzero(np.isfinite(values))
    parts = [tag("path", d=path(days, values, across, down), class_="line main", fill="none", stroke=LIGHT["indigo"],
                 stroke_width=1.5, stroke_linejoin="round")]  # fmt: skip
    if limits[0] < 100 < limits[1]:
        parts.insert(0, tag("path", d=f"M2 {number(down(100))}H{number(width - 6)}", class_="grid", fill="none",
                            stroke=LIGHT["rule"]))  # fmt: skip
    if present.size:
        end = int(present[-1])
        parts.append(tag("circle", cx=across(float(days[end])), cy=down(float(values[end])), r=2.5, class_="indigo",
                         fill=LIGHT["indigo"]))  # fmt: skip
    if simulated:
        parts.append(simulated_band(2, height - 3, width - 8, "", 2))
    return picture(width, height, "spark", "", *parts)


def grade(change: float, limits: tuple[float, float, float] = (0.005, 0.1, 0.5)) -> int:
    """Strength of a change in seven steps, -3 to +3; 0 stands for a change that rounds to 0.00."""
    size = abs(change)
    if not np.isfinite(size) or size < limits[0]:
        return 0
    strength = 1 + (size >= limits[1]) + (size >= limits[2])
    return int(strength if change > 0 else -strength)


STEP_FILL = {-3: "#1E7145", -2: "#93C8AC", -1: "#D0E6DA", 0: "#ECE9E1", 1: "#F3D5D1", 2: "#E9A9A2", 3: "#B3261E"}


def step_class(strength: int) -> str:
    """Class of a block: `flat`, `rise-1` to `rise-3`, `fall-1` to `fall-3`."""
    return "flat" if strength == 0 else f"{'rise' if strength > 0 else 'fall'}-{abs(strength)}"


def block(x: float, y: float, width: float, height: float, strength: int, note: str = "") -> Markup:
    """A piece of the woven band. A rise has its selvedge (the firm edge) above, a fall below: colour is not needed."""
    kind = step_class(strength)
    parts = [rectangle(x, y, width, height, f"step {kind}", STEP_FILL[strength], tag("title", note) if note else None)]
    if strength and width >= 1.5:
        edge = 1.0 + abs(strength)
        top = y if strength > 0 else y + height - edge
        kind = "rise" if strength > 0 else "fall"
        fill = STEP_FILL[3 if strength > 0 else -3]
        if abs(strength) == 3:
            # The ground is as strong as the edge would be: a light thread is set in from the border.
            top, edge, kind, fill = (y + 2 if strength > 0 else y + height - 4), 2.0, "on-strong", "#FFFFFF"
        parts.append(rectangle(x, top, width, edge, f"selvedge {kind}", fill))
    return join(*parts)


@dataclass(frozen=True)
class Piece:
    """A class in the woven band: width is its weight, colour its change, `note` its words, children below it."""

    name: str
    figure: str
    note: str
    weight: float
    change: float
    children: tuple["Piece", ...] = ()


def _letters(words: str) -> float:
    return sum(13.4 if ord(letter) > 0x2E7F else 6.9 for letter in words)


def woven_band(pieces: Sequence[Piece], *, width: float, title: str, simulated: str = "") -> Markup:
    """The contribution strip of a tree: one row a level, every class above its own parts.

    Width is weight and colour is change, so the coloured surface is what pulls and what restrains. Names stand where
    they fit; the table beside the band has them all.
    """
    heights = (52.0, 30.0, 22.0)
    parts: list[Markup] = []

    def lay(row: Sequence[Piece], x: float, room: float, level: int, y: float) -> None:
        whole = sum(piece.weight for piece in row)
        if level >= len(heights) or whole <= 0:
            return
        tall = heights[level]
        for piece in row:
            wide = room * piece.weight / whole
            inner = max(wide - (1.5 if wide > 4 else 0.4), 0.3)
            strength = grade(piece.change)
            parts.append(block(x, y, inner, tall - 1.5, strength, piece.note))
            kind = f"on-{step_class(strength)}"
            fill = "#FFFFFF" if abs(strength) == 3 else LIGHT["ink"]
            if level < 2 and inner > _letters(piece.name) + 10:
                base = y + (22 if level == 0 else 19.5)
                parts.append(tag("text", piece.name, x=x + 6, y=base, class_=kind, fill=fill, font_size=13))
                if level == 0 and inner > _letters(piece.figure) + 10:
                    parts.append(tag("text", piece.figure, x=x + 6, y=base + 18, class_=kind + " strong", fill=fill,
                                     font_size=13))  # fmt: skip
            lay(piece.children, x, wide, level + 1, y + tall)
            x += wide

    lay(pieces, 0, width, 0, 0)
    tall = sum(heights)
    if simulated:
        parts.append(simulated_band(0, tall, width - 1.5, simulated))
    return picture(width, tall + (BAND if simulated else 0), "weave", title, *parts)


def zero_bar(value: float, limit: float, *, simulated: bool, width: float = 112) -> Markup:
    """A bar from the middle: right for a contribution above zero, left below. `limit` is the column's largest."""
    height, middle = 20.0, width / 2
    length = 0.0 if not np.isfinite(value) or limit <= 0 else min(abs(value) / limit, 1.0) * (middle - 3)
    kind = "rise" if value > 0 else "fall"
    parts = [
        tag("path", d=f"M{number(middle)} 1V{number(height - 3)}", class_="rod", fill="none", stroke=LIGHT["soft"])
    ]
    if length > 0:
        parts.append(rectangle(middle if value > 0 else middle - length, 4, max(length, 0.6), 10, kind,
                               LIGHT["madder" if value > 0 else "leaf"]))  # fmt: skip
    if simulated:
        parts.append(simulated_band(2, height - 2, width - 4, "", 2))
    return picture(width, height, "bar", "", *parts)


def range_bar(low: float, value: float, high: float, *, simulated: bool, width: float = 240) -> Markup:
    """A thin rule from the lowest to the highest level with a mark where the level stands now."""
    across = Scale(low, max(high, low + 1e-9), 4, width - 4)
    x = across(value)
    parts = [
        tag("path", d=f"M4 4v10M{number(width - 4)} 4v10M4 9H{number(width - 4)}", class_="rod", fill="none",
            stroke=LIGHT["soft"]),
        rectangle(x - 2, 2, 4, 14, "indigo", LIGHT["indigo"]),
    ]  # fmt: skip
    if simulated:
        parts.append(simulated_band(4, 18, width - 8, "", 2))
    return picture(width, 21, "range", "", *parts)


def interval_bar(
    low: float,
    value: float,
    high: float,
    limits: tuple[float, float],
    *,
    simulated: bool,
    rule: bool = False,
    width: float = 160,
) -> Markup:
    """An interval as a thin bar with a mark at the figure; an upright stands at 0 where the limits hold it.

    An interval that holds 0 is drawn in soft ink, another in indigo. `limits` are those of the scale, to share it
    within a column; `rule` draws it.
    """
    across = Scale(limits[0], max(limits[1], limits[0] + 1e-9), 4, width - 4)
    parts: list[Markup] = []
    if rule:
        parts.append(tag("path", d=f"M4 5v8M{number(width - 4)} 5v8M4 9H{number(width - 4)}", class_="rod", fill="none",
                         stroke=LIGHT["soft"]))  # fmt: skip
    if limits[0] <= 0 <= limits[1]:
        parts.append(tag("path", d=f"M{number(across(0))} 1V17", class_="rod", fill="none", stroke=LIGHT["soft"]))
    if np.isfinite(low) and np.isfinite(high) and np.isfinite(value):
        kind = "soft" if low <= 0 <= high else "indigo"
        left, right = across(low), across(high)
        parts.append(rectangle(left, 7.5, max(right - left, 1.0), 3, kind, LIGHT[kind]))
        parts.append(tag("circle", cx=across(value), cy=9, r=3.5, class_=kind, fill=LIGHT[kind]))
    if simulated:
        parts.append(simulated_band(4, 18, width - 8, "", 2))
    return picture(width, 21, "range", "", *parts)
