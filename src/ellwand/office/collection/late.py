"""Entries that came after the cut-off (rule 31): a supervisor admits one by a signed exception, takes it into the next
period, or leaves it out. Each decision is on record, and the entry stays there as it was sent.
"""

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office import clock
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.collection import checks, entry
from ellwand.office.collection.checks import Said
from ellwand.office.collection.models import Admission, Delivery
from ellwand.office.quotes.models import Quote
from ellwand.office.review import queue
from ellwand.office.rounds import states, work
from ellwand.office.rounds.models import Round, SignedException


def admit(delivery: Delivery, by: User, reason: str) -> Delivery:
    """Let a late entry into its round by a signed exception (rule 31); the delivery by which it came in.

    DataError without a reason, for an entry that was decided of already, for a round that is past its review, and where
    the entry breaks a rule now.
    """
    made = _late(delivery, delivery.receipt.round, by, reason, admitted=True)
    assert made is not None
    return made


def carry(delivery: Delivery, by: User, reason: str) -> Delivery:
    """Take a late entry into the next round of its family, which collects now; the delivery by which it came in."""
    own = delivery.receipt.round
    later = [r for r in work.all_rounds(own.family) if natural_key(r.period) > natural_key(own.period)]
    following = later[-1] if later else None
    if following is not None:
        work.settle(following)
    if following is None or following.state != states.COLLECTING:
        raise DataError("the next period does not collect now; wait until it does, admit the entry, or leave it out")
    if Quote.objects.filter(round=following, unit=delivery.unit, item=delivery.item).exists():
        raise DataError(f"{delivery.unit.code} has reported {delivery.item.code} in {following.period} already")
    made = _late(delivery, following, by, reason, admitted=False)
    assert made is not None
    return made


def leave_out(delivery: Delivery, by: User, reason: str) -> None:
    """Leave a late entry out; it stays on record."""
    _late(delivery, None, by, reason, admitted=False)


def waiting(found: Round) -> list[Delivery]:
    """Late entries of a round that nobody has decided of, the oldest first."""
    rows = Delivery.objects.filter(receipt__round=found, outcome=entry.LATE, admission=None)
    return list(rows.select_related("unit", "item", "receipt", "receipt__by").order_by("pk"))


def _late(delivery: Delivery, target: Round | None, by: User, reason: str, *, admitted: bool) -> Delivery | None:
    role = people.require(by, "exceptions.sign")
    own = delivery.receipt.round
    if not reason.strip():
        raise DataError("reason: empty; say why")
    if delivery.outcome != entry.LATE:
        raise DataError(f"entry {delivery.pk}: did not come late")
    with transaction.atomic():
        work.lock(own)
        if Admission.objects.filter(delivery=delivery).exists():
            raise DataError(f"entry {delivery.pk}: somebody has decided of it already")
        if admitted and own.state not in (states.CLOSED, states.REVIEWING):
            raise DataError(f"round {own.code} is {own.state}; late entries come in until its review has ended")
        made = None
        if target is not None:
            sender = entry.Sender(
                delivery.receipt.way, delivery.receipt.by, delivery.receipt.link, delivery.receipt.opening,
                with_type=False,
            )  # fmt: skip
            line = entry.Line(Said(**delivery.said), f"late:{delivery.pk}", delivery.made_at)
            result = entry.Taking(target, sender, states.COLLECTING, role, signer=by).run([line], None)[0]
            if result.outcome not in entry.KEPT:
                told = "; ".join(checks.told(f, "en") for f in result.findings)
                raise DataError(f"entry {delivery.pk} can't come in: {told}")
            made = Delivery.objects.get(key=entry.key_of(sender, line.key))
        Admission(delivery=delivery, admitted=admitted, made=made, by=by, at=clock.now(), reason=reason.strip()).save()
        if admitted:
            what = f"quote of {delivery.item.code} at {delivery.unit.code} after the cut-off"
            SignedException(round=own, guard="late", what=what, by=by, at=clock.now(), reason=reason.strip()).save()
        trail.append(
            by, "quotes.late", f"round/{own.code}", role=role,
            after={"delivery": delivery.pk, "admitted": admitted, "round": target.code if target else None,
                   "unit": delivery.unit.code, "item": delivery.item.code},
            reason=reason.strip(),
        )  # fmt: skip
        if admitted and own.state == states.REVIEWING:
            transaction.on_commit(lambda: queue.check_round.enqueue(own.code))
    return made
