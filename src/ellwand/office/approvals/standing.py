"""The approvals of a round that hold, and taking them back where what they signed is no more."""

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.approvals import content, seals
from ellwand.office.approvals.models import STATISTICS, TEXT, Approval, Correction, Void
from ellwand.office.audit import trail
from ellwand.office.editorial import texts as editorial
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round

APPROVED = (states.STAT_APPROVED, states.TEXT_APPROVED, states.SCHEDULED)
"""States of a round above an approval."""


def approval(found: Round, kind: str, correction: Correction | None = None) -> Approval | None:
    """The approval of a kind that holds; of a correction the one of its own."""
    rows = found.approvals.filter(kind=kind, correction=correction, void__isnull=True)
    return rows.select_related("by").order_by("-pk").first()


def approvals(found: Round, correction: Correction | None = None) -> dict[str, Approval]:
    """The approvals that hold, by kind."""
    rows = {kind: approval(found, kind, correction) for kind in (STATISTICS, TEXT)}
    return {kind: row for kind, row in rows.items() if row is not None}


def void(row: Approval, reason: str, by: User | None) -> None:
    """Take an approval back; inside a transaction. Never deleted: the row stays, and one more says why."""
    Void(approval=row, reason=reason, by=by, at=clock.now()).save()
    trail.append(
        by, "approval.void", f"round/{row.round.code}", before={"kind": row.kind, "hash": row.hash}, reason=reason
    )


def check(found: Round, by: User | None = None) -> str:
    """Compare what was signed with what is there now; void what does not hold, with the round's move. Why, "" if all.

    A change of the statistics voids both approvals and takes the round back to drafted; a change of a text voids that
    of the text and takes it back to stat_approved. A new instant voids none.
    """
    if found.state not in APPROVED or not approvals(found):
        return ""
    stat, text, why = faults(found)
    if not stat and not text:
        return ""
    return why if take_back(found, stat, why, by) else ""


def take_back(found: Round, stat: bool, why: str, by: User | None, correction: Correction | None = None) -> bool:
    """Void what was signed, of a round with its move back. stat : both approvals; else that of the text only."""
    with transaction.atomic():
        work.lock(found)
        held = approvals(found, correction)
        if not held or (correction is None and found.state not in APPROVED):
            return False
        target = states.DRAFTED if stat else states.STAT_APPROVED
        for kind, row in held.items():
            if stat or kind == TEXT:
                void(row, why, by)
        if correction is None and _forward(target, found.state):
            # The content changed under the approvals: nobody's move, and the reason is in the trail.
            work.record_move(found, target, None, reason=why)
    return True


def faults(found: Round, correction: Correction | None = None) -> tuple[bool, bool, str]:
    """Whether the statistics and the text differ from what was signed, and why. Nothing is prepared for it."""
    held = approvals(found, correction)
    stat, text = held.get(STATISTICS), held.get(TEXT)
    if stat is None:
        return False, False, ""
    last = content.compilation_of(found)
    if stat.compilation_id != last.pk:
        return True, True, f"round {found.code}: was compiled anew (compilation {last.number}) after it was approved"
    kept = last.candidates.filter(stat_hash=stat.hash).order_by("-pk").first()
    if kept is None or not content.inputs_stand(found, last, kept.stamp):
        return True, True, content.changed_words(found)
    if text is not None:
        try:
            now = content.text_hash(kept, editorial.texts_of(found))
        except DataError as error:
            return False, True, str(error)
        if now != text.hash:
            return False, True, f"a text was changed after it was approved: its hash is {now} now"
    return False, False, ""


def follow(found: Round, source: str, target: str, by: User | None, reason: str) -> None:
    """What a move of a round takes with it: approvals above the state that it returns to, and the seal.

    Called inside the transaction of every move.
    """
    if source == states.POSTPONED:
        left = postponed_from(found)
        if target != (states.TEXT_APPROVED if left == states.SCHEDULED else left):
            raise DataError(
                f"round {found.code}: left {left} when it was postponed and returns there, a scheduled one to "
                "text_approved, because a new instant needs a new seal"
            )
    if target == states.PUBLIC:
        transaction.on_commit(lambda: _enqueue(found), robust=True)
    elif target == states.DRAFTED:
        transaction.on_commit(lambda: _prepare(found), robust=True)
    if target in (states.PUBLIC, states.WITHDRAWN):
        return
    if source == states.SCHEDULED:
        seals.break_seal(found, by, reason or f"moved to {target}")
    if target not in states.ORDER or source not in states.ORDER or _forward(source, target):
        return
    gone = states.voided(target)
    for kind, state in ((STATISTICS, states.STAT_APPROVED), (TEXT, states.TEXT_APPROVED)):
        row = approval(found, kind)
        if state in gone and row is not None:
            void(row, reason or f"moved back to {target}", by)


def _enqueue(found: Round) -> None:
    """Have the worker do what follows a release; if it can't, the release is public all the same."""
    from ellwand.office.approvals import tasks

    if (last := seals.last_release(found)) is not None:
        tasks.after.enqueue(last.pk)


def _prepare(found: Round) -> None:
    """Have the worker prepare what is to be approved; if it can't, the first look does."""
    from ellwand.office.approvals import tasks

    tasks.prepare.enqueue(found.code)


def postponed_from(found: Round) -> str:
    """The state that a round left when it was postponed last. DataError for one that never was."""
    last = found.moves.filter(target=states.POSTPONED).order_by("-number").first()
    if last is None:
        raise DataError(f"round {found.code}: was never postponed")
    return last.source


def _forward(source: str, target: str) -> bool:
    return states.ORDER.index(target) > states.ORDER.index(source)
