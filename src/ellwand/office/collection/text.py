"""Characters: bytes into text by their encoding, and full-width signs into those that a number is written with.

An encoding is never assumed: bytes are decoded strictly, and what comes out must be plausible for a price sheet in
Chinese or in a western language. Sources: GB 18030 (2022), GB 2312 (1980), The Unicode Standard.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ellwand.office.collection.messages import SheetError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from a text. raw : the text as it stood. value : what it means. rule : how it was read."""

    raw: str
    value: T
    rule: str


MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Bytes that some programs put before a text to say its encoding."""

WESTERN = frozenset("²³°×·±µ½¼¾®©™€£¥§–—‘’“”…éèêëáàâäãåæçíìîïñóòôöõøœúùûüýÿßÉÈÊÀÂÄÅÆÇÎÏÑÓÔÖØŒÚÙÛÜ")
"""Signs beyond ASCII that sheets in western languages hold."""

RARE_ALLOWED, RARE_SHARE = 2, 0.1
"""In GB18030, so many hanzi outside of GB 2312 (names have some), or such a share of all, are still plausible."""

_LONE_HANZI = re.compile(r"[a-z][㐀-鿿][a-z]")
_SPACES = re.compile(r"[ \t\r\n\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
_FOLD = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    0xFFE5: "¥",
    0xFFE1: "£",
    0xFFE0: "¢",
    0x2212: "-",
    0x2010: "-",
    0x2011: "-",
    0x2013: "-",
    0xFE63: "-",
    0xFF61: "。",
}


def fold(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones; nothing else is changed."""
    return text.translate(_FOLD)


def normalise(text: str) -> str:
    """Full-width letters, digits, signs and spaces as half-width ones; invisible signs gone; spaces single.

    Nothing that may mean something else is folded: a raised 2 stays one, and so do fractions and circled digits.
    """
    if text.isascii():
        return " ".join(text.split())
    return _SPACES.sub(" ", _INVISIBLE.sub("", fold(text))).strip()


def key(text: str) -> str:
    """A name for comparing: normalised, without spaces, upper and lower case alike."""
    return normalise(text).casefold().replace(" ", "")


def _refuse(content: bytes, position: int, rule: str = "encoding") -> SheetError:
    line = content.count(b"\n", 0, position) + 1
    return SheetError(rule, value=content[position : position + 1].hex().upper(), position=position + 1, line=line)


def _odd(text: str) -> Iterator[int]:
    """Positions of characters that no price sheet holds: control signs, private or unassigned ones.

    So is the sign that programs put where they lost a character.
    """
    plain = frozenset("\t\r\n")
    for c in set(text) - plain:
        if c == "\ufffd" or unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs"):
            yield text.index(c)


def _common(c: str) -> bool:
    """Whether a character belongs to GB 2312."""
    try:
        return len(c.encode("gb2312")) > 0
    except UnicodeEncodeError:
        return False


def _strict(content: bytes, encoding: str, start: int = 0) -> str:
    try:
        text = content[start:].decode(encoding)
    except UnicodeDecodeError as error:
        raise _refuse(content, start + error.start) from error
    odd = min(_odd(text), default=-1)
    if odd >= 0:
        # The byte where the strange character begins.
        raise _refuse(content, min(start + len(text[:odd].encode(encoding)), len(content) - 1))
    return text


def _gb18030(content: bytes) -> str:
    """The text in GB18030, if it is plausible as Chinese. SheetError else."""
    text = _strict(content, "gb18030")
    lone = _LONE_HANZI.search(text)
    if lone:
        # One hanzi inside of a word in small letters: a letter with an accent, in a western encoding.
        raise _refuse(content, len(text[: lone.start() + 1].encode("gb18030")))
    beyond = [c for c in text if ord(c) > 0x7F]
    common = {c: _common(c) for c in set(beyond)}
    rare = sum(not common[c] for c in beyond)
    if rare > max(RARE_ALLOWED, RARE_SHARE * len(beyond)) or (rare and rare == len(beyond)):
        first = next(i for i, c in enumerate(text) if ord(c) > 0x7F and not common[c])
        raise _refuse(content, len(text[:first].encode("gb18030")))
    return text


def _utf16(content: bytes) -> tuple[str, str]:
    """UTF-16 without a mark: one of the two orders must be plausible, and the other not."""
    found = []
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = _strict(content, encoding)
        except SheetError:
            continue
        beyond = [c for c in text if ord(c) > 0x7F]
        rare = sum(not _common(c) and c not in WESTERN for c in beyond)
        ascii_lines = "\n" in text or "\t" in text or "," in text
        if ascii_lines and rare <= max(RARE_ALLOWED, RARE_SHARE * len(beyond)):
            found.append((text, encoding))
    if len(found) != 1:
        raise _refuse(content, content.index(0))
    return found[0]


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and its encoding: utf-8, utf-16-le, utf-16-be or gb18030.

    SheetError "encoding" names the first byte that cannot be read, counted from 1; "encoding in doubt" where two
    encodings give a plausible text.
    """
    if not content:
        raise SheetError("empty file")
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise _refuse(content, content.index(0))
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return _strict(content, encoding, len(mark)), encoding
    if 0 in content:
        return _utf16(content)
    if content.isascii():
        return _strict(content, "utf-8"), "utf-8"
    try:
        text = _strict(content, "utf-8")
    except SheetError as no_utf8:
        try:
            return _gb18030(content), "gb18030"
        except SheetError:
            # Mostly UTF-8 with a wrong byte, or neither: name the byte at which the stricter of the two stopped.
            raise no_utf8 from None
    beyond = {c for c in text if ord(c) > 0x7F}
    if any("一" <= c <= "鿿" for c in beyond) or beyond <= WESTERN:
        return text, "utf-8"
    try:
        _gb18030(content)
    except SheetError:
        return text, "utf-8"
    raise _refuse(content, next(i for i, b in enumerate(content) if b > 0x7F), "encoding in doubt")
