"""A text as blocks for editing: headings and paragraphs, those of both languages side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ellwand.production.comment import Bound, Span
from ellwand.production.report.texts import Language


@dataclass(frozen=True)
class Block:
    """A heading or paragraph. number : of it in its language. start : where it begins in the text."""

    language: Language
    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)

    @property
    def heading(self) -> int:
        """1 for a title, 2 for a heading, 0 for a paragraph."""
        return len(self.text) - len(self.text.lstrip("#")) if self.text.startswith("#") else 0


def split(text: str, language: Language) -> list[Block]:
    """The blocks of a text: what blank lines part, and every heading for itself. Joined they give the text again."""
    out: list[Block] = []
    at = 0
    for piece in text.split("\n\n"):
        body = piece.strip("\n")
        begin = at + len(piece) - len(piece.lstrip("\n"))
        if body:
            out.append(Block(language, len(out), begin, body))
        at += len(piece) + 2
    return out


def join(blocks: Sequence[str]) -> str:
    """The text of blocks; empty ones are left out."""
    kept = [b for b in (one.replace("\r\n", "\n").replace("\r", "\n").strip("\n \t") for one in blocks) if b]
    return "\n\n".join(kept) + "\n" if kept else ""


def rows(zh: Sequence[Block], en: Sequence[Block]) -> list[tuple[Block | None, Block | None]]:
    """Blocks of both languages side by side: section by section, and in order within a section."""
    out: list[tuple[Block | None, Block | None]] = []
    sections = [_sections(zh), _sections(en)]
    for k in range(max(len(s) for s in sections)):
        left, right = (s[k] if k < len(s) else [] for s in sections)
        for i in range(max(len(left), len(right))):
            out.append((left[i] if i < len(left) else None, right[i] if i < len(right) else None))
        if all(len(part) < 2 for part in (left, right)) and any(b.heading > 1 for b in (*left, *right)):
            out.append((None, None))  # a section without a paragraph has room for one
    return out


def _sections(blocks: Sequence[Block]) -> list[list[Block]]:
    out: list[list[Block]] = []
    for block in blocks:
        if block.heading or not out:
            out.append([])
        out[-1].append(block)
    return out


@dataclass(frozen=True)
class Piece:
    """A piece of a block to be shown. kind : of the fact that it is bound to, "" for none. found : of a finding."""

    text: str
    kind: str
    fact: str
    found: bool


def pieces(block: Block, bound: Bound, marks: Sequence[tuple[int, int]]) -> list[Piece]:
    """A block in pieces: what is bound, and what a finding points at. marks : start and end of findings in the text."""
    spans = [s for s in bound.spans if block.start <= s.start and s.end <= block.end]
    cuts = {block.start, block.end}
    for s in spans:
        cuts |= {s.start, s.end}
    for a, b in marks:
        cuts |= {max(a, block.start), min(b, block.end)} if a < block.end and block.start < b else set()
    order = sorted(cuts)
    out = []
    for a, b in pairwise(order):
        span: Span | None = next((s for s in spans if s.start <= a and b <= s.end), None)
        found = any(x <= a and b <= y for x, y in marks)
        text = bound.text[a:b]
        out.append(Piece(text, span.kind if span else "", span.fact if span else "", found))
    return out
