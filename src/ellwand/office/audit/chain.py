"""The chain of the audit trail: hash = SHA-256(previous hash + canonical entry). Pure functions."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ellwand.engine.errors import DataError
from ellwand.office.releases.canonical import canonical

START = "0" * 64
"""The previous hash of the first entry."""


@dataclass(frozen=True)
class Entry:
    """An act: instant in UTC as text, actor (user id, 0 for the clock), role, act, object, before, after, reason."""

    sequence: int
    at: str
    actor: int
    role: str
    act: str
    object: str
    before: Any
    after: Any
    reason: str
    request: str


def hash_of(previous: str, entry: Entry) -> str:
    """The hash of an entry that follows another one."""
    return hashlib.sha256(previous.encode("ascii") + canonical(asdict(entry))).hexdigest()


def fault(entries: Iterable[tuple[Entry, str, str]], head: tuple[int, str] | None = None) -> str | None:
    """The first thing that is wrong with a chain of (entry, previous hash, hash); None if nothing is.

    head : sequence and hash of an entry known from elsewhere (a manifest, a print), by which a truncated trail shows.
    """
    before, expected, seen = START, 1, head is None
    for entry, previous, own in entries:
        if entry.sequence != expected:
            return f"entry {expected} is missing: entry {entry.sequence} follows {expected - 1}"
        if previous != before:
            return f"entry {expected}: follows hash {previous[:16]}, but entry {expected - 1} has {before[:16]}"
        try:
            found = hash_of(previous, entry)
        except (DataError, ValueError) as error:
            return f"entry {expected}: can't be hashed: {error}"
        if found != own:
            return f"entry {expected}: was changed: its content gives hash {found[:16]}, not {own[:16]}"
        if head is not None and entry.sequence == head[0]:
            if own != head[1]:
                return f"entry {expected}: has hash {own[:16]}; the head known from elsewhere has {head[1][:16]}"
            seen = True
        before, expected = own, expected + 1
    if not seen:
        return f"entry {expected} is missing: the trail ends with {expected - 1}, and the known head is {head[0]}"  # type: ignore[index]
    return None
