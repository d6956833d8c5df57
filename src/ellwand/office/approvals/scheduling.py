"""Scheduling a release: it is sealed, and from then on time alone makes it public."""

from ellwand.office.accounts.models import User
from ellwand.office.approvals import sealing
from ellwand.office.record.models import Release
from ellwand.office.rounds import states
from ellwand.office.rounds.models import Round


def schedule(found: Round, by: User) -> Release:
    """The sealed and scheduled release of a round; sealed now if it is not yet. DataError says why it can't be."""
    return sealing.seal(found, by)


def is_waiting(found: Round) -> bool:
    """Whether a round waits for its instant."""
    return found.state == states.SCHEDULED
