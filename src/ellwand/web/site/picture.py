"""A chart as a file of its own: title, picture, and below it source, issue, vintage and licence, all selectable."""

from collections.abc import Sequence

from ellwand.production.report import svg
from ellwand.production.report.markup import Markup, join, number, tag

WIDTH, HEIGHT, SIDE = 1040.0, 420.0, 24.0


def room(words: str, size: int) -> float:
    """About how wide a text stands, in units of the picture."""
    return sum(size if ord(letter) > 0x2E7F else size * 0.54 for letter in words)


def wrapped(words: str, wide: float, size: int) -> list[str]:
    """A text in lines that are no wider than there is room; Chinese breaks anywhere, other words at blanks."""
    lines, line = [], ""
    pieces: list[str] = []
    for letter in words:
        if (
            pieces
            and letter != " "
            and ord(letter) <= 0x2E7F
            and pieces[-1][-1] != " "
            and ord(pieces[-1][-1]) <= 0x2E7F
        ):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    for piece in pieces:
        if line and room(line + piece, size) > wide:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def sheet(drawn: Markup, title: str, sub: str, notes: Sequence[str], language: str) -> str:
    """The file: SVG that stands alone, on its own ground, light. drawn : a picture `WIDTH` - 2 `SIDE` wide."""
    wide = WIDTH - 2 * SIDE
    parts, y = [], SIDE + 20
    for size, words, kind in ((21, title, "ink strong"), (13, sub, "soft")):
        for line in wrapped(words, wide, size):
            weight = "650" if size == 21 else None
            parts.append(
                tag("text", line, x=SIDE, y=y, font_size=size, fill=svg.LIGHT[kind.split()[0]], font_weight=weight)
            )
            y += size * 1.4
    parts.append(tag("g", drawn, transform=f"translate({number(SIDE)} {number(y)})"))
    y += HEIGHT + 24
    for note in notes:
        for line in wrapped(note, wide, 13):
            parts.append(tag("text", line, x=SIDE, y=y, font_size=13, fill=svg.LIGHT["soft"]))
            y += 18
    ground = tag("rect", width=WIDTH, height=y + 6, fill=svg.LIGHT["ground"])
    body = tag(
        "svg", tag("title", title), ground, join(*parts), xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(WIDTH)} {number(y + 6)}", width=WIDTH, height=y + 6, font_family=svg.FONT, lang=language,
        role="img",
    )  # fmt: skip
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + body
