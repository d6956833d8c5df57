"""Sealing: the folder of a release from exactly what two people approved, its row, and the move to scheduled.

Folder first, row and move together afterwards: a fall in between leaves a folder without a row, which is of no effect
and is set aside at the next start (`seals.tidy`). The archive is held all the time, so that two can't seal at once.
"""

from datetime import datetime

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock, releases, setup
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import STAT_APPROVER, TEXT_APPROVER
from ellwand.office.approvals import content, ntp, seals, standing
from ellwand.office.approvals.models import STATISTICS, TEXT, Approval, Correction, Share
from ellwand.office.audit import trail
from ellwand.office.audit.models import Entry
from ellwand.office.editorial import metadata
from ellwand.office.record.models import Release, Revision
from ellwand.office.registry import cessation
from ellwand.office.releases.canonical import digest_file
from ellwand.office.releases.manifest import NAME
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

ROLE = {STATISTICS: STAT_APPROVER, TEXT: TEXT_APPROVER}


def seal(
    found: Round,
    by: User,
    *,
    correction: Correction | None = None,
    at: datetime | None = None,
    maker: releases.Preparer | None = None,
    thorough: bool = True,
    progress: content.Progress | None = None,
) -> Release:
    """Seal the release of a round that both approved, and schedule it: a folder in the archive, a row of the record.

    correction : seal the release that carries it; its round stays public. at : instant of a correction, None for now;
    that of a round is the calendar's. maker : see `content.prepared`. thorough : recompute the sealed folder from its
    own inputs; without it, files, hashes and signature are checked only. Doing it again gives what is there already.
    DataError says what stands in the way; record and archive then are as before.
    """
    role = people.require(by, "release.schedule")
    if (there := _again(found, correction)) is not None:
        return there
    _admit(found, correction)
    if why := standing.check(found, by):
        raise DataError(f"round {found.code}: {why}")
    try:
        with content.prepared(found, correction=correction, maker=maker, progress=progress) as made:
            if (there := _again(found, correction)) is not None:
                return there
            held = approved(found, made.stat_hash, made.text_hash, correction, by)
            instant = _instant(found, correction, at)
            head = Entry.objects.order_by("-sequence").values_list("hash", flat=True).first()
            folder = releases.seal(
                made,
                at=instant,
                key=releases.read_private(setup.current().keys),
                approvals=[releases.Approval(ROLE[kind], row.hash) for kind, row in held.items()],
                audit_head=head,
                licence=metadata.licence(found),
            )
            try:
                if thorough:
                    checked = releases.verify_release(folder, [releases.read_public(setup.current().keys)])
                    if checked.fault is not None:
                        raise DataError(f"release {made.release} does not verify: {checked.fault}")
                row = store(found, by, role, made, digest_file(folder / NAME), instant, correction)
            except BaseException:
                seals.tidy()
                raise
            _follow(row)
            return row
    except OSError as error:
        raise DataError(
            f"round {found.code}: the release could not be written ({error.strerror or error}); make room on the disk "
            "and try again; record and archive are as before"
        ) from error


def _follow(one: Release) -> None:
    """Have the worker do at the instant what follows the release. Publication does not need it."""
    from ellwand.office.approvals import tasks

    tasks.plan_due(one)


def _again(found: Round, correction: Correction | None) -> Release | None:
    """The release that was sealed of this very compilation already; None if there is none."""
    last = seals.last_release(found)
    if last is None or last.compilation_id != content.compilation_of(found).pk:
        return None
    return last if correction is not None or found.state in (states.SCHEDULED, states.PUBLIC) else None


def _admit(found: Round, correction: Correction | None) -> None:
    """DataError for a round that can't be sealed now, before the work."""
    wanted = states.PUBLIC if correction else states.TEXT_APPROVED
    if found.state != wanted:
        raise DataError(f"round {found.code}: is {found.state}; it is sealed while it is {wanted}")
    if why := ntp.fault():
        raise DataError(f"round {found.code}: {why}")
    if (why := cessation.fault(found.family)) is not None:
        raise DataError(f"round {found.code}: {why}")


def _instant(found: Round, correction: Correction | None, at: datetime | None) -> datetime:
    """The instant of the release, at full seconds as the manifest has it. DataError where the calendar has none."""
    now = clock.now().replace(microsecond=0)
    if correction is not None:
        instant = at or now
        if at is not None and at < now:
            raise DataError(f"instant {at.isoformat()}: lies in the past; a correction is public at once or later")
        return instant.replace(microsecond=0)
    issue = found.issue
    if issue is None or issue.skipped:
        raise DataError(f"round {found.code}: {found.period} has no instant in the calendar")
    return issue.release_at


def approved(
    found: Round, stat_hash: str, text_hash: str, correction: Correction | None, by: User
) -> dict[str, Approval]:
    """Both approvals, which sign exactly these hashes. Else they are void, and DataError says so."""
    held = standing.approvals(found, correction)
    if set(held) != {STATISTICS, TEXT}:
        raise DataError(f"round {found.code}: needs both approvals; it has {', '.join(held) or 'none'}")
    if held[STATISTICS].by_id == held[TEXT].by_id:
        raise DataError(f"round {found.code}: two people must approve (rule 2)")
    told = []
    for kind, hash_ in ((STATISTICS, stat_hash), (TEXT, text_hash)):
        if held[kind].hash != hash_:
            told.append(f"the {kind} approval signs {held[kind].hash}, the content has {hash_}")
    if told:
        why = "; ".join(told)
        standing.take_back(found, held[STATISTICS].hash != stat_hash, why, by, correction)
        raise DataError(f"round {found.code}: {why}; approve it anew")
    return held


def store(
    found: Round,
    by: User,
    role: str,
    made: releases.Prepared,
    manifest: str,
    instant: datetime,
    correction: Correction | None,
) -> Release:
    """The row of the release and the move of its round, in one transaction; all is looked at once more."""
    with transaction.atomic():
        work.lock(found)
        _admit(found, correction)
        held = standing.approvals(found, correction)
        if {kind: row.hash for kind, row in held.items()} != {STATISTICS: made.stat_hash, TEXT: made.text_hash}:
            raise DataError(f"round {found.code}: an approval was taken back meanwhile")
        if correction is None and _instant(found, None, None) != instant:
            raise DataError(f"round {found.code}: the calendar was changed meanwhile; seal it again")
        seal_number = Release.objects.filter(code=made.release).count() + 1
        row = Release(
            code=made.release,
            seal=seal_number,
            compilation=content.compilation_of(found),
            family=found.family,
            period=found.period,
            number=made.terms.number,
            release_at=instant,
            stat_hash=made.stat_hash,
            text_hash=made.text_hash,
            manifest=manifest,
            folder=made.release,
            supersedes=seals.last_release(found) if correction else None,
            revised_from=made.terms.revised_from or "",
            reason=f"correction {correction.number}" if correction else "",
            sealed_at=clock.now(),
        )
        row.save()
        for share in _shares(correction):
            Revision(release=row, period=share.compilation.round.period, compilation=share.compilation).save()
        trail.append(
            by, "release.seal", f"release/{row.code}", role=role,
            after={"manifest": manifest, "release_at": instant.isoformat(), "seal": seal_number,
                   "stat_hash": row.stat_hash, "text_hash": row.text_hash},
        )  # fmt: skip
        if correction is None:
            work.move(found, states.SCHEDULED, by, inputs=row.text_hash)
    return row


def _shares(correction: Correction | None) -> list[Share]:
    """The compilations of earlier periods that a correction's release carries."""
    last = correction.recomputations.order_by("-number").first() if correction else None
    return list(last.shares.order_by("pk")) if last else []
