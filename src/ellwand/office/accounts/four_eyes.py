"""Four eyes: who may approve a release. Pure rules, and nobody stands above them: no argument says "superuser".

Rules 1 and 2 (nobody approves his own work; two people approve), 36 (a declaration of interest in force) and 41 (a
second factor).
"""

from dataclasses import dataclass
from typing import Literal

from ellwand.office.accounts.roles import STAT_APPROVER, TEXT_APPROVER

Kind = Literal["statistics", "text"]
WORK = ("compiled", "edited", "reviewed", "wrote")
"""Work on a release that bars from approving it."""

ROLE = {"statistics": STAT_APPROVER, "text": TEXT_APPROVER}


@dataclass(frozen=True)
class Person:
    """Who wants to approve. roles : held now. declared : declaration of interest in force. second_factor : used."""

    id: int
    roles: frozenset[str]
    declared: bool
    second_factor: bool


@dataclass(frozen=True)
class Work:
    """Who did what for a release: user ids by the kinds of `WORK`."""

    compiled: frozenset[int] = frozenset()
    edited: frozenset[int] = frozenset()
    reviewed: frozenset[int] = frozenset()
    wrote: frozenset[int] = frozenset()


def own_work(person: int, work: Work) -> list[str]:
    """What somebody did for the release himself."""
    return [kind for kind in WORK if person in getattr(work, kind)]


def objections(kind: Kind, person: Person, work: Work, other: int | None = None) -> list[str]:
    """Why somebody may not give an approval; empty if he may.

    other : who gave the other approval, None if it is not given yet.
    """
    out = []
    if ROLE[kind] not in person.roles:
        out.append(f"holds no role {ROLE[kind]}")
    if done := own_work(person.id, work):
        out.append(f"did part of the work ({', '.join(done)}); somebody who did none must approve (rule 1)")
    if other is not None and other == person.id:
        out.append("gave the other approval; two people must approve (rule 2)")
    if not person.declared:
        out.append("has no declaration of interest in force (rule 36)")
    if not person.second_factor:
        out.append("signed in without a second factor (rule 41)")
    return out
