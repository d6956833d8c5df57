"""Declarations of interest: everybody who works on a release declares his interests once a year."""

from datetime import timedelta

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.cases.models import Declaration

LASTS = timedelta(days=366)
"""How long a declaration is in force."""


def in_force(user: User) -> bool:
    """Whether somebody's last declaration is in force now."""
    last = Declaration.objects.filter(user=user).order_by("-pk").values_list("at", flat=True).first()
    return last is not None and clock.now() < last + LASTS


def declare(user: User, interests: str) -> Declaration:
    """Declare one's interests. DataError for an empty text; who has none writes that he has none."""
    if not interests.strip():
        raise DataError("interests: empty; write down your interests, or that you have none")
    with transaction.atomic():
        made = Declaration(user=user, interests=interests.strip(), at=clock.now())
        made.save()
        # The trail names the declaration, not its text: that is personal.
        trail.append(user, "interests.declare", f"user/{user.pk}", after={"declaration": made.pk})
    return made
