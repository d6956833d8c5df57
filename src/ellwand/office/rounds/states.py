"""The states of a round, and what moves it from one to another: who, and what stands in the way. Pure.

The table is that of the governance of the office; a move that is not in it does not exist.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ellwand.engine.errors import DataError
from ellwand.office.accounts.roles import (
    ADMIN,
    CLERK,
    COMPILER,
    REVIEWER,
    STAT_APPROVER,
    SUPERVISOR,
    TEXT_APPROVER,
    WRITER,
)

PLANNED, COLLECTING, CLOSED, REVIEWING, COMPILED, DRAFTED = (
    "planned", "collecting", "closed", "reviewing", "compiled", "drafted",
)  # fmt: skip
STAT_APPROVED, TEXT_APPROVED, SCHEDULED, PUBLIC, POSTPONED, WITHDRAWN = (
    "stat_approved", "text_approved", "scheduled", "public", "postponed", "withdrawn",
)  # fmt: skip
ORDER = (
    PLANNED, COLLECTING, CLOSED, REVIEWING, COMPILED, DRAFTED, STAT_APPROVED, TEXT_APPROVED, SCHEDULED, PUBLIC,
)  # fmt: skip
"""The states in the order of the work."""

GUARDS: Mapping[str, str] = {
    "metadata": "the market, a classification, a method and a basket in force are in the registers",
    "assignments": "quotes are assigned for the period",
    "calendar": "the issue and its instant are in the calendar, and it is not skipped",
    "minimum": "every elementary aggregate with weight has the units that the method asks for",
    "cutoff": "the cut-off has passed",
    "response": "the response has reached the target",
    "queue": "no quote is in query",
    "cells": "no series is suppressed for want of units, or by the imputed share or the dominance of a unit",
    "recompute": "today's inputs, program and method give the figures of the last issues",
    "figures": "the period has an issue and its figures are stored",
    "text": "the texts are there in both languages and agree with the figures",
    "rationale": "the rationale and the quality sheet are not empty",
    "four_eyes": "the approver did no part of the work, has declared interests and used a second factor",
    "previewed": "the approver opened the preview and completed the checklist",
    "hashes": "the hashes that were approved are those of the content",
    "clock": "the clock is synchronised",
    "sealed": "the release is sealed and verified",
    "cessation": "the plan for the end of the index is stated in both languages",
    "due": "the instant of the release has come",
    "notice": "reason and notice are there in both languages",
    "reason": "a reason is given",
}
"""What must hold, by the name of the guard."""

SIGNS: Mapping[str, str] = {
    "minimum": SUPERVISOR,
    "response": SUPERVISOR,
    "late": SUPERVISOR,
    "cells": SUPERVISOR,
    "queue": REVIEWER,
    "recompute": SUPERVISOR,
}
"""Who may sign an exception from a guard; of the others there is none. late : a quote after the cut-off."""


@dataclass(frozen=True)
class Rule:
    """A move: roles that may make it (none: time alone) and its guards, in the order in which they are looked at."""

    source: str
    target: str
    roles: frozenset[str]
    guards: tuple[str, ...]


def _rule(source: str, target: str, roles: Collection[str], *guards: str) -> Rule:
    return Rule(source, target, frozenset(roles), guards)


FORWARD = (
    _rule(PLANNED, COLLECTING, (CLERK,), "metadata", "calendar", "assignments", "minimum"),
    _rule(COLLECTING, CLOSED, (), "cutoff"),
    _rule(CLOSED, REVIEWING, (SUPERVISOR,), "response"),
    _rule(REVIEWING, COMPILED, (COMPILER,), "figures", "queue", "cells", "recompute"),
    _rule(COMPILED, DRAFTED, (WRITER,), "text", "rationale"),
    _rule(DRAFTED, STAT_APPROVED, (STAT_APPROVER,), "four_eyes", "previewed"),
    _rule(STAT_APPROVED, TEXT_APPROVED, (TEXT_APPROVER,), "four_eyes", "previewed"),
    _rule(TEXT_APPROVED, SCHEDULED, (CLERK, STAT_APPROVER, TEXT_APPROVER), "cessation", "hashes", "clock", "sealed"),
    _rule(SCHEDULED, PUBLIC, (), "due"),
)
BACKWARD = tuple(
    _rule(source, target, (REVIEWER, COMPILER, WRITER, STAT_APPROVER, TEXT_APPROVER), "reason")
    for i, source in enumerate(ORDER[:-1])
    for target in ORDER[:i]
)
POSTPONE = tuple(
    _rule(state, POSTPONED, (STAT_APPROVER, TEXT_APPROVER, ADMIN), "reason", "notice") for state in ORDER[:-1]
)
RESUME = tuple(
    _rule(POSTPONED, state, (STAT_APPROVER, TEXT_APPROVER, ADMIN), "reason", "calendar", "notice")
    for state in ORDER[:-1]
)
WITHDRAW = (_rule(PUBLIC, WITHDRAWN, (STAT_APPROVER, TEXT_APPROVER), "reason", "notice"),)
TABLE: Mapping[tuple[str, str], Rule] = {
    (r.source, r.target): r for r in (*FORWARD, *BACKWARD, *POSTPONE, *RESUME, *WITHDRAW)
}
STATES = (*ORDER, POSTPONED, WITHDRAWN)


def rule_of(source: str, target: str) -> Rule:
    """The rule of a move. DataError for one that does not exist, with those that do."""
    found = TABLE.get((source, target))
    if found is None:
        there = sorted(t for s, t in TABLE if s == source)
        raise DataError(
            f"no move leads from {source} to {target}; from {source} there are {', '.join(there) or 'none'}"
        )
    return found


def objections(
    rule: Rule, roles: Collection[str], facts: Mapping[str, str | None], signed: Collection[str] = ()
) -> list[str]:
    """What stands in the way of a move; empty if nothing does.

    roles : of who moves; empty for the clock. facts : by guard, None where it holds, else why it does not. A guard of
    which nothing is known does not hold. signed : guards with an exception signed by somebody who may.
    """
    out = []
    if rule.roles and rule.roles.isdisjoint(roles):
        out.append(f"needs the role {' or '.join(sorted(rule.roles))}")
    if not rule.roles and roles:
        out.append("time alone makes this move")
    for guard in rule.guards:
        if guard not in facts:
            out.append(f"{guard}: nothing shows that {GUARDS[guard]}")
        elif (why := facts[guard]) is not None and not (guard in SIGNS and guard in signed):
            remedy = f" (a {SIGNS[guard]} may sign an exception)" if guard in SIGNS else ""
            out.append(f"{guard}: {why}{remedy}")
    return out


def voided(target: str) -> list[str]:
    """Approvals that a return to a state takes back."""
    return [s for s in (STAT_APPROVED, TEXT_APPROVED) if ORDER.index(target) < ORDER.index(s)]
