"""Guards of the moves of a round that the registers tell."""

from ellwand.office.accounts.models import User
from ellwand.office.registry import cessation as plans
from ellwand.office.rounds import providers
from ellwand.office.rounds.models import Round


@providers.guard("cessation")
def cessation(found: Round, by: User | None, target: str) -> str | None:
    """The plan for the end of the index is stated in both languages (rule 43)."""
    return plans.fault(found.family)
