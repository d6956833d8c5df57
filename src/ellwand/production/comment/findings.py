"""What the guard finds, and the kinds of it."""

from dataclasses import dataclass

KINDS = {
    "figure": "a figure that isn't the published one",
    "no_fact": "a figure, or a word for one, that no fact supports",
    "direction": "a direction word against the sign or the interval",
    "size": "a size word against the thresholds, or without one",
    "basis": "a change on another basis than the text says",
    "period": "a period, date or distance that isn't that of the issue",
    "unit": "a figure in another unit, or without one",
    "name": "a figure or word given to another class",
    "parts": "a class outside the range of its parts",
    "status": "an imputed class not softened, or a status that the class doesn't have",
    "stale": "a figure of another issue, or one that a later compilation changed",
    "heading": "a heading that is missing, twice, out of order or over another class's text",
    "language": "words of the other language",
    "parity": "the two languages disagree",
    "outside": "an outside statement without a source, or about the index itself",
    "unreadable": "words that the guard can't read as a fact",
    "binding": "a span whose text no longer says what it stands for",
}
"""The kinds of finding."""


@dataclass(frozen=True, order=True)
class Finding:
    """A fault of a text: where it is (line and column from 1), what it is, and what the facts say."""

    start: int
    length: int
    line: int
    column: int
    kind: str
    text: str
    message: str
    fact: str = ""

    def __str__(self) -> str:
        """One line for a reader."""
        return f"{self.line}:{self.column}: {self.kind}: {self.text!r}: {self.message}"
