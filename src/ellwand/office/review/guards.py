"""What the review tells the state machine and the production: the queue, who had a hand in it, what was decided."""

from collections.abc import Collection, Mapping

from ellwand.office.accounts.models import User
from ellwand.office.review import acts, queue, standing
from ellwand.office.review.models import Case, Decision
from ellwand.office.rounds import providers, snapshot, states
from ellwand.office.rounds.models import Round


@providers.guard("queue")
def empty(found: Round, by: User | None, target: str) -> str | None:
    """Every flagged quote of a check that is up to date has a coded decision, and every case too."""
    return queue.objection(found)


def hands(found: Round) -> Mapping[str, Collection[int]]:
    """Who decided of quotes or cases of the round, and who changed a price."""
    rows = list(Decision.objects.filter(round=found).values_list("by", "act").distinct())
    decided = {pk for pk, _ in rows} | set(
        Case.objects.filter(round=found, decisions__isnull=False).values_list("decisions__by", flat=True)
    )
    edits = (acts.CORRECT, acts.JUDGE, acts.COUNTERSIGN, acts.UNDO)
    return {"reviewed": decided, "edited": {pk for pk, act in rows if act in edits}}


def after(found: Round, source: str, target: str, by: User | None, reason: str) -> None:
    """A round that comes into review is checked by the worker."""
    if target == states.REVIEWING:
        queue.check_round.enqueue(found.code)


providers.HANDS["review"] = hands
providers.AFTER["review"] = after
if standing.reviews not in snapshot.REVIEWS:
    snapshot.REVIEWS.append(standing.reviews)
    snapshot.STAMPED.append(Decision)
