"""Declarations of interest: everybody who works on a release declares his interests once a year."""

from datetime import datetime, timedelta

from django.db import transaction

from ellwand.engine.errors import DataError
from ellwand.office import clock
from ellwand.office.accounts.models import User
from ellwand.office.audit import trail
from ellwand.office.cases.models import Declaration

LASTS = timedelta(days=366)
"""How long a declaration is in force."""
REMINDED = timedelta(days=30)
"""How long before its end the desk reminds of it."""


def in_force(user: User) -> bool:
    """Whether somebody's last declaration is in force now."""
    last = Declaration.objects.filter(user=user).order_by("-pk").values_list("at", flat=True).first()
    return last is not None and clock.now() < last + LASTS


def expires(user: User) -> datetime | None:
    """When somebody's last declaration ends, or ended; None if he never declared."""
    last = Declaration.objects.filter(user=user).order_by("-pk").values_list("at", flat=True).first()
    return None if last is None else last + LASTS


def is_due(user: User) -> bool:
    """Whether somebody should declare now: never did, or within the month his declaration ends."""
    ends = expires(user)
    return ends is None or clock.now() >= ends - REMINDED


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
