"""Giving an approval: the approver has looked at the preview, completed the checklist, and signs the hash.

Nobody stands above the four eyes: roles and declarations are read from the record here, and the one thing that the
record can't know, a second factor, must come with the person who signs.
"""

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.four_eyes import Kind, Person, objections
from ellwand.office.accounts.models import User
from ellwand.office.approvals import checklists, content, corrections, previews, standing
from ellwand.office.approvals.models import STATISTICS, TEXT, Approval, Correction
from ellwand.office.audit import trail
from ellwand.office.cases import declarations
from ellwand.office.editorial import texts as editorial
from ellwand.office.rounds import providers, states, work
from ellwand.office.rounds.models import Round

STATE: Mapping[str, str] = {STATISTICS: states.STAT_APPROVED, TEXT: states.TEXT_APPROVED}


def approve(
    found: Round,
    kind: Kind,
    person: Person,
    checklist: Mapping[str, bool],
    comment: str = "",
    *,
    signed: str = "",
    correction: Correction | None = None,
) -> Approval:
    """Approve the statistics or the text of a round, or of a correction of its release.

    person : who signs, and whether with a second factor. checklist : answers by key, see `checklists`. signed : the
    hash that the approver saw; another one than that of the content is refused. DataError says what stands in the way;
    nothing has changed then.
    """
    user = User.objects.get(pk=person.id)
    if not user.is_active:
        raise DataError(f"user {user.username!r} has left the office")
    answers = checklists.completed(kind, checklist)
    now = content.of(found, correction)
    hash_ = now.hash_of(kind)
    if signed and signed != hash_:
        raise DataError(f"the content has changed since you opened it: you saw {signed}, it is {hash_}; look again")
    with transaction.atomic():
        work.lock(found)
        # While the round is locked nothing of it is decided elsewhere; quotes may still come in.
        if not content.inputs_stand(found, now.compilation, now.candidate.stamp):
            raise DataError(content.changed_words(found))
        if kind == TEXT and content.text_hash(now.candidate, editorial.texts_of(found)) != hash_:
            raise DataError("a text was changed while you approved; look at it again")
        told = why_not(found, kind, person, correction)
        if not previews.opened(found, user, kind, hash_):
            told.append(f"did not open the preview of what the {kind} approval signs ({hash_[:16]}); open it first")
        if told:
            raise DataError(f"{user.username} can't approve the {kind} of {found.code}: " + "; ".join(told))
        row = Approval(
            round=found, correction=correction, compilation=now.compilation, kind=kind, hash=hash_, checklist=answers,
            comment=comment.strip(), by=user, at=clock.now(),
        )  # fmt: skip
        row.save()
        if correction is None:
            work.move(found, STATE[kind], user, known={"four_eyes": None, "previewed": None}, inputs=hash_)
        trail.append(
            user, f"approve.{kind}", f"round/{found.code}",
            after={"hash": hash_, "correction": correction.number if correction else None}, reason=comment.strip(),
        )  # fmt: skip
    return row


def why_not(found: Round, kind: Kind, person: Person, correction: Correction | None = None) -> list[str]:
    """What stands in the way of an approval by the rule of four eyes; empty if nothing does."""
    user = User.objects.get(pk=person.id)
    # What somebody says of himself does not count where the record knows it.
    actual = replace(person, roles=user.roles, declared=declarations.in_force(user))
    held = standing.approvals(found, correction)
    out = [] if correction is None else corrections.lacks(correction)
    if kind in held:
        out.append(f"the {kind} was approved by {held[kind].by.username} already")
    if kind == TEXT and STATISTICS not in held:
        out.append("the statistics are not approved yet")
    if kind == TEXT and correction is None:
        # A text may have been mended since the writer handed it over.
        told = [providers.GUARDS[name](found, None, "") for name in ("text", "rationale")]
        out += [why for why in told if why is not None]
    other = held.get(TEXT if kind == STATISTICS else STATISTICS)
    done = providers.work_of(found) if correction is None else corrections.work_of(correction)
    return out + objections(kind, actual, done, other.by_id if other else None)
