"""Roles of an office and what each may do. What is not listed is refused."""

from collections.abc import Collection
from types import MappingProxyType

COLLECTOR, SUPERVISOR, REVIEWER, CLERK, COMPILER, WRITER = (
    "collector", "supervisor", "reviewer", "clerk", "compiler", "writer",
)  # fmt: skip
STAT_APPROVER, TEXT_APPROVER, AUDITOR, ADMIN, UNIT = "stat_approver", "text_approver", "auditor", "admin", "unit"

ROLES = (
    COLLECTOR, SUPERVISOR, REVIEWER, CLERK, COMPILER, WRITER, STAT_APPROVER, TEXT_APPROVER, AUDITOR, ADMIN, UNIT,
)  # fmt: skip
"""All roles. A unit reports by a signed link and has no account."""

READERS = frozenset((STAT_APPROVER, TEXT_APPROVER, AUDITOR))
"""Who reads the work of others without doing it."""

WORKERS = frozenset(ROLES) - {UNIT}

MAY = MappingProxyType(
    {
        "quotes.enter": frozenset((COLLECTOR,)),
        "quotes.report": frozenset((UNIT,)),
        "registers.change": frozenset((CLERK,)),
        "registers.read": frozenset((CLERK,)) | READERS,
        "assignments.route": frozenset((SUPERVISOR, CLERK)),
        "exceptions.sign": frozenset((SUPERVISOR,)),
        "exceptions.read": frozenset((SUPERVISOR,)) | READERS,
        "review.decide": frozenset((REVIEWER,)),
        "review.read": frozenset((REVIEWER,)) | READERS,
        "round.compile": frozenset((COMPILER,)),
        "round.read": frozenset((COMPILER,)) | READERS,
        "texts.write": frozenset((WRITER,)),
        "texts.read": frozenset((WRITER, COMPILER, STAT_APPROVER, TEXT_APPROVER, AUDITOR)),
        "texts.comment": frozenset((TEXT_APPROVER,)),
        "pages.edit": frozenset((WRITER,)),
        "pages.publish": frozenset((WRITER,)),
        "pages.read": frozenset((WRITER,)) | READERS,
        "approve.statistics": frozenset((STAT_APPROVER,)),
        "approve.text": frozenset((TEXT_APPROVER,)),
        "release.schedule": frozenset((CLERK, STAT_APPROVER, TEXT_APPROVER)),
        "release.postpone": frozenset((STAT_APPROVER, TEXT_APPROVER, ADMIN)),
        "correction.open": frozenset((SUPERVISOR, REVIEWER, CLERK, COMPILER, WRITER, STAT_APPROVER, TEXT_APPROVER)),
        "correction.request": frozenset((UNIT,)),
        "complaints.read": frozenset((CLERK, ADMIN, AUDITOR)),
        "complaints.answer": frozenset((CLERK,)),
        "complaints.appeal": frozenset((ADMIN,)),
        "interests.declare": WORKERS - {AUDITOR},
        "users.change": frozenset((ADMIN,)),
        "users.read": frozenset((ADMIN, AUDITOR)),
        "audit.own": WORKERS - READERS,
        "audit.release": READERS,
        "audit.all": frozenset((AUDITOR,)),
    }
)
"""Who may do what: the matrix of roles."""


def may(held: Collection[str], act: str) -> bool:
    """Whether somebody with these roles may do an act. ValueError for an act that is in no matrix."""
    if act not in MAY:
        raise ValueError(f"act {act!r} is not in the matrix of roles; it has {', '.join(sorted(MAY))}")
    return not MAY[act].isdisjoint(held)
