"""Tables of the room: links, receipts and what was delivered, pictures, routes, messages, trial runs, tokens.

All rows are only ever added. Of links and tokens the record holds digests, never what opens them.
"""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly
from ellwand.office.quotes.models import Quote
from ellwand.office.registry.models import Item, Unit
from ellwand.office.rounds.models import Round


class Link(AppendOnly):
    """A signed link of a unit in a round. digest : SHA-256 of its token. number : 1, 2, ... of the unit in the round.

    purpose : report (until the cut-off), or answer (quotes that the review sent back, after it).
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="links")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="links")
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=10, default="report")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["round", "unit", "number"], name="link_number"),
        ]


class Revocation(AppendOnly):
    """A link that is no longer good, by whom and why."""

    link = models.OneToOneField(Link, models.PROTECT, related_name="revocation")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class Opening(AppendOnly):
    """A phone on which a link was opened. confirmed : "digits" of the unit's telephone, or "none": it has no number."""

    link = models.ForeignKey(Link, models.PROTECT, related_name="openings")
    confirmed = models.CharField(max_length=10)
    at = models.DateTimeField()


class Receipt(AppendOnly):
    """What the office gives for entries that arrived together. number : told to the sender.

    way : link, collector, sheet, odk or api. by : null for a unit, which has no account; then link, and the opening of
    it (the phone) that sent them. key : of the submission as a whole, where it has one of its own.
    """

    number = models.CharField(max_length=20, unique=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="receipts")
    way = models.CharField(max_length=10)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="receipts", null=True)
    link = models.ForeignKey(Link, models.PROTECT, related_name="receipts", null=True)
    opening = models.ForeignKey(Opening, models.PROTECT, related_name="receipts", null=True)
    key = models.CharField(max_length=64, unique=True, null=True)
    at = models.DateTimeField()


class Delivery(AppendOnly):
    """An entry as it arrived, and what became of it; one that arrives again finds itself here by its key.

    key : SHA-256 of who sends and of the key that the sending machine made. made_at : when it was entered, by the
    sender's clock, never later than it arrived. outcome : see `entry.OUTCOMES`. quote : the version that it made, or
    that already said the same. said : the entry as texts. findings : names of the rules that it met.
    """

    key = models.CharField(max_length=64, unique=True)
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="deliveries")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=12)
    conflict = models.BooleanField(default=False)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="deliveries", null=True)
    said = models.JSONField()
    findings = models.JSONField()


class Admission(AppendOnly):
    """What a supervisor decided of an entry that came after the cut-off. made : the delivery by which it came in."""

    delivery = models.OneToOneField(Delivery, models.PROTECT, related_name="admission")
    admitted = models.BooleanField()
    made = models.OneToOneField(Delivery, models.PROTECT, related_name="admitted_by", null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class Picture(AppendOnly):
    """A photograph of a swatch or an invoice; its bytes are in the archive under their hash, see `pictures`.

    digest : SHA-256 of the bytes as they are kept. kind : jpeg, png or webp. size : bytes. by : null for a unit.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="pictures")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pictures")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    size = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["round", "unit", "item", "digest"], name="picture_once"),
        ]


class Stop(AppendOnly):
    """Who collects at a unit from now on, and its place on his way; the last row of a unit counts.

    collector : null where nobody calls, because the unit reports by its link.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="stops")
    collector = models.ForeignKey(User, models.PROTECT, related_name="stops", null=True)
    position = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Message(AppendOnly):
    """A message to a unit. kind : link, remind or answer, one of each a day that goes out. attempt : of the day.

    text : without the link itself.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="messages")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="messages")
    day = models.DateField()
    attempt = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, default="remind")
    sender = models.CharField(max_length=10)
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["unit", "day", "attempt"], name="message_attempt"),
        ]


class Dispatch(AppendOnly):
    """Whether a message went out. said : what the sender answered where it did not."""

    message = models.OneToOneField(Message, models.PROTECT, related_name="dispatch")
    sent = models.BooleanField()
    said = models.TextField(blank=True)
    at = models.DateTimeField()


class Trial(AppendOnly):
    """A trial run of a price sheet. digest : of the file; fingerprint : of the whole result. content : the file."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="trials")
    name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    content = models.BinaryField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class ApiToken(AppendOnly):
    """A token of a machine. digest : SHA-256 of it. user : who acts with it. scopes : what it may do."""

    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="api_tokens")
    scopes = models.JSONField()
    expires_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class TokenRevocation(AppendOnly):
    """A token that is no longer good."""

    token = models.OneToOneField(ApiToken, models.PROTECT, related_name="revocation")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Answer(AppendOnly):
    """What a request of the interface was answered, so that its key always gets the same. digest, body : SHA-256 of who
    sent and of the key; of the batch. said : the answer as JSON, without floats.
    """

    digest = models.CharField(max_length=64, unique=True)
    body = models.CharField(max_length=64)
    said = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()


class Instance(AppendOnly):
    """A submission of ODK or KoBo as it came, so that nothing of it is lost, whatever became of its entries.

    key : id of the instance. number : 1, 2, ... where it was tried again. content : the XML, or of an export its
    entries as JSON. said : the answer, as of a batch. open : entries that were not taken in.
    """

    key = models.CharField(max_length=200)
    number = models.PositiveIntegerField()
    round = models.ForeignKey(Round, models.PROTECT, related_name="instances")
    form = models.CharField(max_length=200)
    version = models.CharField(max_length=200, blank=True)
    content = models.TextField()
    said = models.JSONField()
    open = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["key", "number"], name="instance_number"),
        ]
