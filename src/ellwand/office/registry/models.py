"""The registers of the office.

Classifications, baskets and methods are versions: they are added and never changed. Sources, units, items, assignments
and closures are rows in force; every change of one is kept in `Change`, with who, when and why. Columns that the office
has no name for (yarn, finish, zone ...) are kept as they were given in `more`.
"""

from typing import Any

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly

Row = dict[str, str]


class Market(models.Model):
    """The market of the office: one row. simulated : whether its figures are invented."""

    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    simulated = models.BooleanField()
    more = models.JSONField(default=dict)


class Change(AppendOnly):
    """A change of a row of a register. before : null for a new row."""

    register = models.CharField(max_length=20)
    code = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        indexes = [models.Index(fields=["register", "code"], name="change_of")]  # noqa: RUF012


class Classification(AppendOnly):
    """A version of the tree of classes. digest : SHA-256 of its rows and its correspondence."""

    number = models.PositiveIntegerField(unique=True)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)


class Class(AppendOnly):
    """A class of a version."""

    classification = models.ForeignKey(Classification, models.PROTECT, related_name="classes")
    position = models.PositiveIntegerField()
    code = models.CharField(max_length=60)
    parent = models.CharField(max_length=60, blank=True)
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    valid_from = models.CharField(max_length=20, blank=True)
    valid_to = models.CharField(max_length=20, blank=True)
    more = models.JSONField(default=dict)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["classification", "code"], name="class_code"),
        ]

    COLUMNS = ("code", "parent", "name_zh", "name_en", "valid_from", "valid_to")


class Correspondence(AppendOnly):
    """A class of an earlier version (old), and what it became (new)."""

    classification = models.ForeignKey(Classification, models.PROTECT, related_name="correspondence")
    old = models.CharField(max_length=60)
    new = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, default="rename")
    more = models.JSONField(default=dict)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["classification", "old", "new"], name="correspondence_pair"),
        ]

    COLUMNS = ("old", "new", "kind")


class Source(models.Model):
    """A collecting stop."""

    code = models.CharField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    more = models.JSONField(default=dict)

    COLUMNS = ("source", "name_zh", "name_en", "kind")


class Unit(models.Model):
    """A sample unit. conduct_signed : date of the code of conduct.

    consent : when and how it agreed that the public reads its name; a unit without is only counted.
    """

    code = models.CharField(max_length=60, unique=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="units", null=True)
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    valid_from = models.CharField(max_length=20, blank=True)
    valid_to = models.CharField(max_length=20, blank=True)
    consent = models.CharField(max_length=200, blank=True)
    conduct_signed = models.CharField(max_length=20, blank=True)
    more = models.JSONField(default=dict)

    COLUMNS = ("unit", "source", "name_zh", "name_en", "valid_from", "valid_to", "consent", "conduct_signed")

    @property
    def may_be_named(self) -> bool:
        """Whether it agreed to be named in public; that it agreed to report is another thing."""
        return bool(str(self.more.get("named") or "").strip())


class Item(models.Model):
    """A representative product. replaces : code of the item that it follows. more : further specification."""

    code = models.CharField(max_length=60, unique=True)
    ea = models.CharField(max_length=60)
    name_zh = models.CharField(max_length=300, blank=True)
    name_en = models.CharField(max_length=300, blank=True)
    composition = models.CharField(max_length=200, blank=True)
    gsm = models.CharField(max_length=30, blank=True)
    width_cm = models.CharField(max_length=30, blank=True)
    unit_of_measure = models.CharField(max_length=30)
    valid_from = models.CharField(max_length=20, blank=True)
    valid_to = models.CharField(max_length=20, blank=True)
    replaces = models.CharField(max_length=60, blank=True)
    more = models.JSONField(default=dict)

    COLUMNS = (
        "item", "ea", "name_zh", "name_en", "composition", "gsm", "width_cm", "unit_of_measure", "valid_from",
        "valid_to", "replaces",
    )  # fmt: skip


class Assignment(models.Model):
    """A quote that is due: an item at a unit, from and to a period (both included)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="assignments")
    item = models.ForeignKey(Item, models.PROTECT, related_name="assignments")
    valid_from = models.CharField(max_length=20, blank=True)
    valid_to = models.CharField(max_length=20, blank=True)
    more = models.JSONField(default=dict)

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["unit", "item", "valid_from"], name="assignment_of"),
        ]

    COLUMNS = ("unit", "item", "valid_from", "valid_to")


class Closure(models.Model):
    """A period in which a unit is closed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="closures")
    period = models.CharField(max_length=20)
    reason = models.CharField(max_length=200, blank=True)
    more = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "period"], name="closure_of")]  # noqa: RUF012

    COLUMNS = ("unit", "period", "reason")


class Basket(AppendOnly):
    """A version of the basket that is in force from a period; of several, the last number counts."""

    valid_from = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["valid_from", "number"], name="basket_version"),
        ]


class Weight(AppendOnly):
    """The weight of an elementary aggregate in a basket, as text: no digit is lost. References are periods or years."""

    basket = models.ForeignKey(Basket, models.PROTECT, related_name="weights")
    ea = models.CharField(max_length=60)
    weight = models.CharField(max_length=40)
    weight_reference = models.CharField(max_length=20, blank=True)
    price_reference = models.CharField(max_length=20, blank=True)
    more = models.JSONField(default=dict)

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["basket", "ea"], name="weight_of")]  # noqa: RUF012

    COLUMNS = ("ea", "weight", "weight_reference", "price_reference")


class MethodVersion(AppendOnly):
    """A method file. digest : of its content, as the production gives it; comments and layout do not count."""

    name = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["name", "version"], name="method_version"),
        ]


class Issue(AppendOnly):
    """An issue of the calendar. A change is a new number with its public reason; the old date is kept."""

    family = models.CharField(max_length=20)
    period = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    cutoff_at = models.DateTimeField()
    release_at = models.DateTimeField()
    skipped = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["family", "period", "number"], name="issue_version"),
        ]


class Holiday(AppendOnly):
    """A period without an issue, announced beforehand with its public reason. number : the last one counts.

    called_off : the period has its issue after all.
    """

    period = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    reason_zh = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=200)
    called_off = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["period", "number"], name="holiday_version")]  # noqa: RUF012


class Rotation(AppendOnly):
    """An entry into the sample, an exit from it, or a replacement, with its reason (rule 45).

    kind : entry, exit or replacement. item, replaced : codes; replaced only of a replacement. period : the first one of
    an entry or replacement, the last one of an exit. link : overlap or a way of the method to link without one, "" for
    an exit. overlap_price : of the new item in the last period of the old one, as text, where link is overlap.
    """

    kind = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rotations")
    item = models.CharField(max_length=60)
    replaced = models.CharField(max_length=60, blank=True)
    period = models.CharField(max_length=20, blank=True)
    link = models.CharField(max_length=20, blank=True)
    overlap_price = models.CharField(max_length=30, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class BasketDraft(AppendOnly):
    """A basket that is prepared beside the one in force. rows : weights, as the columns of `Weight`."""

    valid_from = models.CharField(max_length=20)
    rows = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class BasketEffect(AppendOnly):
    """What the index of the last issues would have been with a drafted basket.

    inputs : SHA-256 of the snapshot. figures : for each class and period, levels with both baskets as texts, null where
    there is none. Empty for an office that has compiled nothing yet.
    """

    draft = models.ForeignKey(BasketDraft, models.PROTECT, related_name="effects")
    inputs = models.CharField(max_length=64, blank=True)
    figures = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class BasketDecision(AppendOnly):
    """Whether a drafted basket comes into force, decided by somebody else than who prepared it."""

    draft = models.OneToOneField(BasketDraft, models.PROTECT, related_name="decision")
    effect = models.ForeignKey(BasketEffect, models.PROTECT, related_name="+", null=True)
    basket = models.OneToOneField(Basket, models.PROTECT, related_name="decision", null=True)
    accepted = models.BooleanField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class MethodProposal(AppendOnly):
    """A method file that is put up for comment. comments_until : its last day. effective_from : first period."""

    name = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    summary_zh = models.TextField()
    summary_en = models.TextField()
    comments_until = models.DateField()
    effective_from = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["name", "version"], name="proposed_version"),
        ]


class MethodComment(AppendOnly):
    """A comment on a proposal, or the office's reply to one. author : who commented, in his own words."""

    proposal = models.ForeignKey(MethodProposal, models.PROTECT, related_name="comments")
    answers = models.ForeignKey("self", models.PROTECT, related_name="replies", null=True)
    author = models.CharField(max_length=200)
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class ParallelRun(AppendOnly):
    """The last issues by the method in force and by a proposed one. figures : as of `BasketEffect`."""

    proposal = models.ForeignKey(MethodProposal, models.PROTECT, related_name="runs")
    method = models.ForeignKey(MethodVersion, models.PROTECT, related_name="+")
    inputs = models.CharField(max_length=64, blank=True)
    figures = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class MethodDecision(AppendOnly):
    """The end of a proposal: a method in force from a period, or none."""

    proposal = models.OneToOneField(MethodProposal, models.PROTECT, related_name="decision")
    method = models.OneToOneField(MethodVersion, models.PROTECT, related_name="decision", null=True)
    accepted = models.BooleanField()
    effective_from = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class MethodReview(AppendOnly):
    """A yearly review of the method in force, and what it found."""

    method = models.ForeignKey(MethodVersion, models.PROTECT, related_name="reviews")
    findings = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Cessation(AppendOnly):
    """The plan for the end of an index and what its users go over to, in both languages (rule 43); the last counts."""

    family = models.CharField(max_length=20)
    zh = models.TextField()
    en = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


def texts(row: Any, columns: tuple[str, ...], key: str = "") -> Row:
    """The columns of a row as texts. key : the column that holds the row's own code."""
    out = {}
    for name in columns:
        value = getattr(row, "code" if name == key else name)
        if isinstance(value, models.Model):
            value = value.code  # type: ignore[attr-defined]
        out[name] = "" if value is None else str(value)
    # Sorted, because a database keeps the names of a JSON object in an order of its own.
    return {**out, **dict(sorted(row.more.items()))}
