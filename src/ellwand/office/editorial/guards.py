"""What the texts of a round tell the state machine: whether they may go to the approvers, and who wrote them."""

from collections.abc import Collection, Mapping

from ellwand.engine.errors import DataError
from ellwand.office.accounts.models import User
from ellwand.office.editorial import sheets
from ellwand.office.editorial.judging import judge
from ellwand.office.editorial.rationale import faults
from ellwand.office.rounds import providers
from ellwand.office.rounds.models import Round


@providers.guard("text")
def text(found: Round, by: User | None, target: str) -> str | None:
    """Both languages are there, of the last compilation, and no finding stands that nobody let stand by name."""
    try:
        state = judge(found)
    except DataError as error:
        return str(error)
    if state.lacks:
        return f"the price comment in {' and '.join(state.lacks)} is not written"
    if state.stale:
        return f"the text in {' and '.join(state.stale)} is of an earlier compilation; take over the new figures"
    if state.silent:
        return f"the text in {' and '.join(state.silent)} does not state the level of the total"
    blocking = state.blocking
    if not blocking:
        return None
    first = blocking[0]
    return f"{len(blocking)} findings in the texts, the first: {first.language} {first.finding}"


@providers.guard("rationale")
def rationale(found: Round, by: User | None, target: str) -> str | None:
    """The rationale is there in both languages, of the last compilation, and the public metadata are complete."""
    try:
        told = faults(found)
    except DataError as error:
        return str(error)
    return "; ".join(told) or None


def hands(found: Round) -> Mapping[str, Collection[int]]:
    """Who compiled the round, and who wrote its texts, vouched for outside knowledge or let a finding stand."""
    wrote = {
        pk
        for rows in (found.drafts, found.outside, found.overrides)
        for pk in rows.values_list("by", flat=True).distinct()
    }
    return {"compiled": set(found.compilations.values_list("by", flat=True)), "wrote": wrote}


providers.HANDS["editorial"] = hands
providers.COMPILED["editorial"] = sheets.keep
