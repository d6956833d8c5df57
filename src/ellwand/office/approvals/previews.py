"""Who may look at a release before its instant, and the log of who did.

The approvers and the auditor may; of everybody else only those who stand on the list of early access, which is public
and empty unless somebody is put on it.
"""

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import AUDITOR, STAT_APPROVER, TEXT_APPROVER
from ellwand.office.approvals import content
from ellwand.office.approvals.models import Correction, EarlyAccess, PreviewView
from ellwand.office.audit import trail
from ellwand.office.rounds.models import Round

BY_OFFICE = frozenset((STAT_APPROVER, TEXT_APPROVER, AUDITOR))
"""Roles that see a release before its instant because of their work."""


def listed(period: str = "") -> list[EarlyAccess]:
    """The list of early access as it stands (of a period): the last word on each person counts."""
    last: dict[tuple[int, str], EarlyAccess] = {}
    for row in EarlyAccess.objects.select_related("person", "by").order_by("pk"):
        last[row.person_id, row.period] = row
    return [row for row in last.values() if row.held and (not period or row.period in ("", period))]


def may_see(user: User, found: Round) -> bool:
    """Whether somebody may look at the release of a round before its instant."""
    if not BY_OFFICE.isdisjoint(user.roles):
        return True
    return any(row.person_id == user.pk for row in listed(found.period))


def grant(person: User, name: str, by: User, reason: str, *, period: str = "", held: bool = True) -> EarlyAccess:
    """Put a person on the list of early access, or take him off it. DataError without a name or a reason."""
    role = people.require(by, "users.change")
    if not name.strip() or not reason.strip():
        raise DataError("early access: give the person's name and the reason; both are public")
    with transaction.atomic():
        row = EarlyAccess(
            person=person, name=name.strip(), period=period, held=held, reason=reason.strip(), by=by, at=clock.now()
        )
        row.save()
        trail.append(
            by, "early.grant" if held else "early.revoke", f"user/{person.pk}", role=role, after={"period": period},
            reason=reason,
        )  # fmt: skip
    return row


def watermark(user: User) -> str:
    """What stands over every page of a preview: who looks, and when."""
    return f"{user.username} · {clock.now().strftime('%Y-%m-%d %H:%M')} UTC"


def log(now: content.Content, user: User, file: str = "") -> PreviewView:
    """Log that somebody looks at a preview, or takes a file of it. RefusedError for somebody who may not."""
    if not may_see(user, now.round):
        raise people.RefusedError(
            f"{user.username} is not on the list of early access for {now.round.period}; nobody else sees it before"
        )
    with transaction.atomic():
        row = PreviewView(
            round=now.round, by=user, at=clock.now(), stat_hash=now.stat_hash, text_hash=now.text_hash,
            watermark=watermark(user), file=file,
        )  # fmt: skip
        row.save()
        trail.append(
            user, "preview.open", f"round/{now.round.code}",
            after={"stat_hash": now.stat_hash, "text_hash": now.text_hash, "file": file},
        )  # fmt: skip
    return row


def look(found: Round, user: User, correction: Correction | None = None) -> content.Content:
    """What would be released, for somebody who may see it; the look is logged."""
    if not may_see(user, found):
        raise people.RefusedError(
            f"{user.username} is not on the list of early access for {found.period}; nobody else sees it before"
        )
    now = content.of(found, correction)
    log(now, user)
    return now


def opened(found: Round, user: User, kind: str, hash_: str) -> bool:
    """Whether somebody looked at the preview of what a hash is of."""
    column = "stat_hash" if kind == "statistics" else "text_hash"
    return PreviewView.objects.filter(round=found, by=user, **{column: hash_}).exists()
