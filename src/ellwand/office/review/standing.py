"""What stands of the decisions of a round: the version in force of each quote, and what was last decided of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ellwand.office.quotes.models import Quote
from ellwand.office.review import acts
from ellwand.office.review.models import Decision, Flag
from ellwand.office.rounds.models import Round
from ellwand.production.validate import RIGHT, WRONG

Cell = tuple[int, int]
"""A unit and an item, by their ids."""

OPEN, SETTLED, RETURNED, JUDGED, REPLACED = "open", "settled", "returned", "judged", "replaced"
"""What a flag is: waits for a reviewer; is decided; waits for the collector; waits for a second reader; is of a version
that a newer report took the place of, so that the next check judges that one."""


@dataclass(frozen=True)
class Standing:
    """Where a flagged quote stands. now : id of the version in force. last : last decision, None for nothing."""

    flag: Flag
    state: str
    now: int
    last: Decision | None


def last_decisions(found: Round) -> dict[Cell, Decision]:
    """The last decision of each item at a unit."""
    rows = Decision.objects.filter(round=found).order_by("pk")
    return {(d.unit_id, d.item_id): d for d in rows}


def holds(last: Decision | None, now: int) -> bool:
    """Whether a decision is of the version in force."""
    return last is not None and now in (last.quote_id, last.made_id)


def state_of(last: Decision | None, now: int) -> str:
    """What a quote that the rules flagged is, by its last decision."""
    if last is None or not holds(last, now) or last.act == acts.UNDO:
        return OPEN
    if last.act in acts.SETTLING:
        return SETTLED
    return RETURNED if last.act == acts.SEND_BACK else JUDGED


def standings(found: Round, flags: Sequence[Flag]) -> list[Standing]:
    """Where the flagged quotes of a round stand, in the order of the flags (with their quotes)."""
    chosen = {f.quote_id: (f.quote.unit_id, f.quote.item_id) for f in flags}
    last = last_decisions(found)
    ours = set(Decision.objects.filter(round=found, made__isnull=False).values_list("made", flat=True))
    # Only flagged quotes have successors to look for; the versions that decisions made follow each other.
    after = dict(Quote.objects.filter(supersedes__in=[*chosen, *ours]).values_list("supersedes", "pk"))
    out = []
    for flag in flags:
        now = flag.quote_id
        foreign = False
        while now in after:
            now = after[now]
            foreign = foreign or now not in ours
        decided = last.get(chosen[flag.quote_id])
        out.append(Standing(flag, REPLACED if foreign else state_of(decided, now), now, decided))
    return out


def reviews(rounds: Sequence[int]) -> Mapping[int, str]:
    """What the production is told: the decision that stands of each quote, see `snapshot.REVIEWS`."""
    out: dict[Cell | tuple[int, int, int], tuple[int, str] | None] = {}
    names = ("round", "unit", "item", "act", "quote", "made")
    for round_, unit, item, act, quote, made in (
        Decision.objects.filter(round__in=rounds).order_by("pk").values_list(*names)
    ):
        word: tuple[int, str] | None = None
        if act == acts.ACCEPT:
            word = (quote, RIGHT)
        elif act in (acts.CORRECT, acts.COUNTERSIGN):
            word = (made, RIGHT)
        elif act in (acts.EXCLUDE, acts.MISSING):
            word = (quote, WRONG)
        out[round_, unit, item] = word
    return dict(found for found in out.values() if found is not None)
