"""Rounds, their moves and the exceptions that were signed in them."""

from django.db import connection, models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly
from ellwand.office.registry.models import Issue


class Round(AppendOnly):
    """The production run of one family for one period. code : as price-2026-W05. Its state is that of its last move."""

    code = models.CharField(max_length=60, unique=True)
    family = models.CharField(max_length=20)
    period = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["family", "period"], name="round_of")]  # noqa: RUF012

    @property
    def state(self) -> str:
        """The state now."""
        # Asked by every request, often more than once: the plain statement takes a fifth of the time of a query set.
        with connection.cursor() as cursor:
            cursor.execute("SELECT target FROM rounds_move WHERE round_id = %s ORDER BY number DESC LIMIT 1", [self.pk])
            found = cursor.fetchone()
        return str(found[0]) if found else "planned"

    @property
    def issue(self) -> Issue | None:
        """The issue of the calendar, in its last version."""
        return Issue.objects.filter(family=self.family, period=self.period).order_by("-number").first()


class Move(AppendOnly):
    """A move of a round from a state to another. by : null for the clock."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    inputs = models.CharField(max_length=64, blank=True)

    class Meta(AppendOnly.Meta):
        # Two people who move a round at once can't both succeed.
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="move_number")]  # noqa: RUF012


class SignedException(AppendOnly):
    """An exception from a guard, signed by somebody who may, with the reason and what was wrong."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="exceptions")
    guard = models.CharField(max_length=20)
    what = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()
