"""Tables of the review: checks and their flags, what reviewers decided, and cases of conspicuous reporting.

All rows are only ever added: a decision that is taken back is followed by one that says so.
"""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds.models import Round


class Check(AppendOnly):
    """A run of the production over a round in review. inputs : SHA-256 of what it read. by : null for the worker.

    last_quote : id of the last quote of the round that it saw; a later one that no decision made calls for a new check.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="checks")
    number = models.PositiveIntegerField()
    inputs = models.CharField(max_length=64)
    last_quote = models.BigIntegerField()
    quotes = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="check_number")]  # noqa: RUF012


class Flag(AppendOnly):
    """A quote that the rules query, set aside or corrected. rank : 1 for the largest influence.

    reference : price that it was judged against. low, high : accepted interval of the ratio to it. proposal : price
    that a known error suggests. influence : on the total, in index points, if the price is used as quoted; null where
    there is nothing to compare with.
    """

    of = models.ForeignKey(Check, models.PROTECT, related_name="flags")
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="flags")
    rank = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10)
    rule = models.CharField(max_length=80)
    reference = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    proposal = models.FloatField(null=True)
    influence = models.FloatField(null=True)

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["of", "quote"], name="flag_once")]  # noqa: RUF012


class Decision(AppendOnly):
    """What somebody decided of a version of a quote; of an item at a unit in a round, the last number counts.

    quote : the version decided. act, code : see `acts`. made : the version that the decision made (correct, undo,
    countersign). price : of correct and judge. evidence, alternative : of judge. of : the judgement that a second
    reader holds right. small : decided with others below the threshold of influence. key : of the request, so that one
    sent twice counts once.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="decisions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="decisions")
    act = models.CharField(max_length=12)
    code = models.CharField(max_length=40)
    reason = models.TextField(blank=True)
    made = models.OneToOneField(Quote, models.PROTECT, related_name="made_by", null=True)
    price = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    evidence = models.TextField(blank=True)
    alternative = models.TextField(blank=True)
    of = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    small = models.BooleanField(default=False)
    key = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        # Two people who decide of one quote at once can't both succeed.
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["round", "unit", "item", "number"], name="decision_number"),
        ]


class Case(AppendOnly):
    """Conspicuous reporting that somebody must look into. kind : see `alerts`. subject : what it is about, as text.

    evidence : the quotes behind it: unit, item, price before and now, as texts.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    evidence = models.JSONField()
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["round", "kind", "subject"], name="case_once")]  # noqa: RUF012


class CaseDecision(AppendOnly):
    """What somebody decided of a case; the last one counts."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="case_decision")]  # noqa: RUF012
