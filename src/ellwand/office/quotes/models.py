"""Quotes and the files that they came from."""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly, AppendOnlyQuerySet
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds.models import Round


class Import(AppendOnly):
    """A file of quotes that was taken in. digest : SHA-256 of its bytes; a round takes a file once."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="imports")
    name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["round", "digest"], name="file_once")]  # noqa: RUF012


class QuoteQuerySet(AppendOnlyQuerySet["Quote"]):
    """Quotes."""

    def current(self) -> "QuoteQuerySet":
        """The version in force of each quote."""
        return self.filter(successor__isnull=True)


class Quote(AppendOnly):
    """One price of one item at one unit in the period of a round, in one version.

    supersedes : the version before this one; a version has one successor at most, so that two people who change a quote
    at once can't both succeed. code : the quote's own name in the file, if it has one. price : per `unit_of_measure`;
    null where `status` says why. reported, reported_measure : as the sheet had them. kind : deal, firm_offer, asking or
    "" if not said. more : further columns of the file, as texts. who, when, why : by, at, reason; by is null where the
    unit itself reported through its link.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="quotes")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="quotes")
    item = models.ForeignKey(Item, models.PROTECT, related_name="quotes")
    version = models.PositiveIntegerField()
    supersedes = models.OneToOneField("self", models.PROTECT, related_name="successor", null=True)
    code = models.CharField(max_length=60, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    unit_of_measure = models.CharField(max_length=30, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    collected_on = models.CharField(max_length=20, blank=True)
    collection_method = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    remark = models.TextField(blank=True)
    reported = models.CharField(max_length=60, blank=True)
    reported_measure = models.CharField(max_length=30, blank=True)
    more = models.JSONField(default=dict)
    source = models.ForeignKey(Import, models.PROTECT, related_name="quotes", null=True)
    row = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    objects = QuoteQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["round", "unit", "item", "version"], name="quote_version"),
        ]
