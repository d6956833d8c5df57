"""Who decides what somebody else prepared, and from when: what baskets and methods have in common.

Nothing is changed backwards: a decision holds from a period that nobody has compiled yet.
"""

from ellwand.engine.errors import DataError
from ellwand.engine.periods import natural_key
from ellwand.office.accounts import people
from ellwand.office.accounts.models import User
from ellwand.office.accounts.roles import may
from ellwand.office.rounds.instants import last_day

DECIDE = ("registers.change", "approve.statistics")
"""Acts of which one is needed to decide what somebody else prepared."""
LONGEST = 5000
"""Characters of a text."""


def decider(by: User, prepared: User, what: str) -> str:
    """The role by which somebody decides what another one prepared. DataError for his own work."""
    act = next((a for a in DECIDE if may(by.roles, a)), DECIDE[0])
    role = people.require(by, act)
    if by.pk == prepared.pk:
        raise DataError(f"{by.username}: prepared this {what}; somebody else decides it")
    return role


def not_begun(period: str, name: str = "valid_from") -> None:
    """DataError for a period by which figures are compiled already."""
    from ellwand.office.record.models import Compilation

    last_day(period)
    compiled = Compilation.objects.order_by().values_list("round__period", flat=True).distinct()
    last = max(compiled, key=natural_key, default="")
    if last and natural_key(period) <= natural_key(last):
        raise DataError(f"{name} {period}: {last} is compiled already; give a later period")


def text(given: str, what: str, most: int = LONGEST) -> str:
    """A text without the blanks around it. DataError for none, or for a longer one than is allowed."""
    plain = given.strip()
    if not plain or len(plain) > most:
        raise DataError(f"{what}: {len(plain)} characters; write 1 to {most}")
    return plain
