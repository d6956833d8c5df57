"""What other rooms of the office know of a round: guards of its moves, and who had a hand in it.

The state machine knows no texts, approvals or seals; the rooms that do register here when the office starts.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ellwand.office.accounts.four_eyes import WORK, Work
from ellwand.office.accounts.models import User
from ellwand.office.rounds.models import Round

Guard = Callable[[Round, User | None, str], str | None]
"""Of a round, who moves it (None: time) and the state it shall move to: None if the guard holds, else why not."""
Hands = Callable[[Round], Mapping[str, Collection[int]]]
"""Of a round: ids of users by kind of work, see `four_eyes.WORK`."""
After = Callable[[Round, str, str, User | None, str], None]
"""Called inside the transaction of a move with its round, source, target, who, and reason."""

GUARDS: dict[str, Guard] = {}
HANDS: dict[str, Hands] = {}
AFTER: dict[str, After] = {}
COMPILED: dict[str, Callable[[Any, Any, Any], object]] = {}
"""Called inside the transaction of a compilation with its row, what was produced (`producing.Produced`), and the
observations by period."""


def guard(name: str) -> Callable[[Guard], Guard]:
    """Register what tells whether a guard holds. ValueError for a guard that has one already."""

    def keep(found: Guard) -> Guard:
        if GUARDS.get(name, found).__qualname__ != found.__qualname__:
            raise ValueError(f"guard {name} is told by {GUARDS[name].__qualname__} already")
        GUARDS[name] = found
        return found

    return keep


def work_of(found: Round) -> Work:
    """Everybody who had a hand in a round, by kind of work."""
    out: dict[str, set[int]] = {kind: set() for kind in WORK}
    for hands in HANDS.values():
        for kind, people in hands(found).items():
            out[kind] |= set(people)
    return Work(**{kind: frozenset(people) for kind, people in out.items()})
