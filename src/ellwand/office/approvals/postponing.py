"""Postponing, resuming and withdrawing a release, each with its notice in both languages; and the drill of it.

A postponed release can't appear: its seal is broken. It returns to the state that it left with a new instant, whose
reason is public; approvals hold, and it is sealed anew.
"""

from datetime import datetime

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.four_eyes import ROLE, Kind, Person
from ellwand.office.accounts.models import User
from ellwand.office.approvals import seals, standing
from ellwand.office.approvals.models import STATISTICS, TEXT, Consent, Notice
from ellwand.office.audit import trail
from ellwand.office.record.models import Release, Withdrawal
from ellwand.office.registry import calendar
from ellwand.office.registry.models import Issue
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Move, Round


def require_notice(zh: str, en: str, reason: str) -> None:
    """DataError where the notice lacks a language, or the reason is empty."""
    for name, text in (("notice in Chinese", zh), ("notice in English", en), ("reason", reason)):
        if not text.strip():
            raise DataError(f"{name}: empty; the public is told in both languages, and why")


def postpone(found: Round, by: User, reason: str, zh: str, en: str) -> Notice:
    """Hold a round before its instant; its seal is broken, whatever the hour. DataError for one that is public."""
    role = people.require(by, "release.postpone")
    require_notice(zh, en, reason)
    work.settle(found)
    with transaction.atomic():
        issue = found.issue
        work.move(found, states.POSTPONED, by, reason=reason, known={"notice": None})
        row = _notice(found, Notice.POSTPONED, by, reason, zh, en, old_at=issue.release_at if issue else None)
        trail.append(by, "release.postpone", f"round/{found.code}", role=role, after={"notice": row.pk}, reason=reason)
        transaction.on_commit(seals.tidy_quietly)
    return row


def resume(found: Round, by: User, at: datetime, reason: str, zh: str, en: str) -> Move:
    """Take a postponed round back to the state that it left, with a new instant in the calendar."""
    role = people.require(by, "release.postpone")
    require_notice(zh, en, reason)
    if at <= clock.now():
        raise DataError(f"new instant {at.isoformat()}: lies in the past; give one ahead")
    with transaction.atomic():
        work.lock(found)
        if found.state != states.POSTPONED:
            raise DataError(f"round {found.code}: is {found.state}; only a postponed one resumes")
        left = standing.postponed_from(found)
        old = found.issue
        if old is None:
            raise DataError(f"round {found.code}: {found.period} is not in the calendar")
        Issue(
            family=found.family, period=found.period, number=old.number + 1, cutoff_at=old.cutoff_at, release_at=at,
            by=by, at=clock.now(), reason=calendar.noticed(zh, en),
        ).save()  # fmt: skip
        row = _notice(found, Notice.RESUMED, by, reason, zh, en, old_at=old.release_at, new_at=at)
        # A new instant needs a new seal, and no new approval.
        target = states.TEXT_APPROVED if left == states.SCHEDULED else left
        made = work.move(found, target, by, reason=reason, known={"notice": None})
        trail.append(
            by, "release.resume", f"round/{found.code}", role=role, before={"release_at": old.release_at.isoformat()},
            after={"release_at": at.isoformat(), "notice": row.pk}, reason=reason,
        )  # fmt: skip
    return made


def withdraw(found: Round, kind: Kind, person: Person, reason: str, zh: str, en: str) -> Withdrawal | None:
    """One approver's word that a public release is withdrawn; the second one's withdraws it. None while one is missing.

    The notice of the second approver stands. DataError says what stands in the way.
    """
    user = User.objects.get(pk=person.id)
    require_notice(zh, en, reason)
    if ROLE[kind] not in user.roles:
        raise people.RefusedError(f"{user.username}: withdrawing needs the role {ROLE[kind]} for the {kind}")
    if not person.second_factor:
        raise DataError(f"{user.username}: signed in without a second factor (rule 41)")
    work.settle(found)
    with transaction.atomic():
        work.lock(found)
        last = seals.last_release(found)
        if last is None or found.state != states.PUBLIC:
            raise DataError(f"round {found.code}: is {found.state}; only a public release is withdrawn")
        given = {c.kind: c for c in last.consents.all()}
        if kind in given:
            raise DataError(
                f"release {last.code}: the {kind} approver wants it withdrawn already; the other one must too"
            )
        if any(c.by_id == user.pk for c in given.values()):
            raise DataError(f"release {last.code}: two people must withdraw it (rule 2)")
        Consent(release=last, kind=kind, zh=zh, en=en, reason=reason, by=user, at=clock.now()).save()
        trail.append(
            user, "release.consent", f"release/{last.code}", role=ROLE[kind], after={"kind": kind}, reason=reason
        )
        if not given:
            return None
        out = None
        # Every vintage of the period goes: what a correction replaced must not come back as the latest.
        for one in Release.objects.all().standing().filter(compilation__round=found).order_by("number"):
            out = Withdrawal(release=one, zh=zh, en=en, reason=reason, by=user, at=clock.now())
            out.save()
        _notice(found, Notice.WITHDRAWN, user, reason, zh, en, release=last)
        work.move(found, states.WITHDRAWN, user, reason=reason, known={"notice": None})
        return out


def drill(found: Round, by: User, zh: str, en: str) -> Notice:
    """Try the emergency stop: postpone the round, see that it can't appear, and take all of it back; the trial is kept.

    DataError where the stop would not have worked.
    """
    role = people.require(by, "release.postpone")
    before = found.state
    with transaction.atomic():
        point = transaction.savepoint()
        postpone(found, by, "drill", zh, en)
        issue = found.issue
        open_ = issue is not None and seals.last_release(found) is not None
        stopped = found.state == states.POSTPONED and not open_
        transaction.savepoint_rollback(point)
        if not stopped or found.state != before:
            raise DataError(f"round {found.code}: the emergency stop did not hold; call whoever keeps the system")
        row = _notice(found, Notice.DRILL, by, "drill", zh, en)
        trail.append(by, "release.drill", f"round/{found.code}", role=role, after={"state": before}, reason="drill")
    return row


def _notice(
    found: Round,
    kind: str,
    by: User,
    reason: str,
    zh: str,
    en: str,
    *,
    release: Release | None = None,
    old_at: datetime | None = None,
    new_at: datetime | None = None,
) -> Notice:
    row = Notice(
        round=found, release=release, kind=kind, zh=zh.strip(), en=en.strip(), reason=reason.strip(), old_at=old_at,
        new_at=new_at, by=by, at=clock.now(),
    )  # fmt: skip
    row.save()
    return row


APPROVERS: tuple[Kind, ...] = (STATISTICS, TEXT)  # type: ignore[assignment]
