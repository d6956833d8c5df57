"""Who asked to be told, of what, and the messages to them.

An address is personal, so these rows are deleted when who asked has had enough; the record names him by his number only
(`Told.address` of approvals), so that nothing is left of him but the fact that somebody was told.
"""

from django.db import models

from ellwand.office.record.models import Release

EMAIL, WEBHOOK = "email", "webhook"
KINDS = [(k, k) for k in (EMAIL, WEBHOOK)]
RELEASE, CORRECTION, THRESHOLD = "release", "correction", "threshold"
TOPICS = [(t, t) for t in (RELEASE, CORRECTION, THRESHOLD)]
VALUE, CHANGE = "value", "change_previous"
MEASURES = [(m, m) for m in (VALUE, CHANGE)]
ABOVE, BELOW = "above", "below"
WAYS = [(w, w) for w in (ABOVE, BELOW)]
WAITING, SENT, FAILED = "waiting", "sent", "failed"
STATES = [(s, s) for s in (WAITING, SENT, FAILED)]


class Subscriber(models.Model):
    """Somebody, or a program, that asked to be told. key : what his links are signed over.

    address : of e-mail, or of the webhook. secret : what messages to a webhook are signed with. confirmed_at : null
    until he showed that the address is his. failed : messages in a row that could not be brought. why : the last fault.
    """

    kind = models.CharField(max_length=20, choices=KINDS)
    address = models.CharField(max_length=500)
    language = models.CharField(max_length=2)
    key = models.CharField(max_length=40, unique=True)
    secret = models.CharField(max_length=100, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    failed = models.PositiveIntegerField(default=0)
    why = models.TextField(blank=True)

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(
                fields=["kind", "address"], condition=models.Q(confirmed_at__isnull=False), name="alert_address"
            ),
        ]


class Subscription(models.Model):
    """One thing of which a subscriber is told. series : code of a class; "" for all corrections.

    measure, way, level : of a threshold; level is met by a published figure at or beyond it.
    """

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="subscriptions")
    topic = models.CharField(max_length=20, choices=TOPICS)
    series = models.CharField(max_length=60, blank=True)
    measure = models.CharField(max_length=20, choices=MEASURES, blank=True)
    way = models.CharField(max_length=10, choices=WAYS, blank=True)
    level = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(
                fields=["subscriber", "topic", "series", "measure", "way"], name="alert_subscription"
            ),
        ]


class Delivery(models.Model):
    """A message to a subscriber of a release, and what became of it. payload : what a webhook gets."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    event = models.CharField(max_length=20, choices=TOPICS)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    payload = models.JSONField()
    state = models.CharField(max_length=20, choices=STATES, default=WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    why = models.TextField(blank=True)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        # A task that runs again tells nobody twice.
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["subscriber", "release"], name="alert_once"),
        ]
