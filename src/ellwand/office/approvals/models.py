"""Tables of the room: previews, approvals and what took them back, notices, lateness, corrections.

All rows are only ever added; the one exception is the progress of a sealing, which says nothing of the record.
"""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly
from ellwand.office.record.models import Compilation, Release
from ellwand.office.rounds.models import Round

STATISTICS, TEXT = "statistics", "text"
KINDS = [(STATISTICS, STATISTICS), (TEXT, TEXT)]

SIZES = [(s, s) for s in ("minor", "significant", "serious")]
CLASSES = [(c, c) for c in ("data", "method", "transcription", "system")]


class Correction(AppendOnly):
    """An error in what was published: which value, why, who found it. What it led to stands in `Recomputation`.

    found_by, found_how : who found it and how. first_seen : when it was seen first. series, period : of the value that
    was found wrong. first_value : as it was published.
    """

    number = models.PositiveIntegerField(unique=True)
    release = models.ForeignKey(Release, models.PROTECT, related_name="corrections")
    series = models.CharField(max_length=200)
    period = models.CharField(max_length=20)
    first_value = models.CharField(max_length=30, blank=True)
    kind = models.CharField(max_length=20, choices=CLASSES)
    cause_zh = models.TextField()
    cause_en = models.TextField()
    found_by = models.CharField(max_length=200)
    found_how = models.TextField()
    first_seen = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Recomputation(AppendOnly):
    """All that depends on a corrected value, computed anew.

    new_value : of the series and period of the correction. size : by what changed. revised_from : first period of which
    a figure changes. changes : list of {series, period, first, new}, all published figures that change. touched :
    releases that published one of them. files : of the releases' public files that hold them.
    """

    correction = models.ForeignKey(Correction, models.PROTECT, related_name="recomputations")
    number = models.PositiveIntegerField()
    compilation = models.OneToOneField(Compilation, models.PROTECT, related_name="recomputation")
    new_value = models.CharField(max_length=30, blank=True)
    size = models.CharField(max_length=20, choices=SIZES)
    revised_from = models.CharField(max_length=20)
    changes = models.JSONField()
    touched = models.JSONField()
    files = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["correction", "number"], name="recomputation_number"),
        ]


class Share(AppendOnly):
    """A compilation of an earlier period that a recomputation made, because a published figure of it changes."""

    recomputation = models.ForeignKey(Recomputation, models.PROTECT, related_name="shares")
    compilation = models.OneToOneField(Compilation, models.PROTECT, related_name="share")


class Candidate(AppendOnly):
    """What would be released: the hash of the statistics and the quality sheet that one preparation gave.

    stamp : what the record held before it was read (`snapshot.stamp`). previous : SHA-256 of the manifest that it
    follows, "" for the first release. number : of the release within its period.
    """

    compilation = models.ForeignKey(Compilation, models.PROTECT, related_name="candidates")
    number = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, blank=True)
    stat_hash = models.CharField(max_length=64)
    quality = models.TextField()
    stamp = models.JSONField()
    at = models.DateTimeField()


class PreviewView(AppendOnly):
    """Somebody looked at what is not public yet. watermark : what stood over every page that he saw."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="previews")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    stat_hash = models.CharField(max_length=64)
    text_hash = models.CharField(max_length=64)
    watermark = models.CharField(max_length=200)
    file = models.CharField(max_length=240, blank=True)


class Approval(AppendOnly):
    """An approval of statistics or text, bound to the hash that was signed. checklist : by item, all true."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="approvals")
    correction = models.ForeignKey(Correction, models.PROTECT, related_name="approvals", null=True)
    compilation = models.ForeignKey(Compilation, models.PROTECT, related_name="approvals")
    kind = models.CharField(max_length=20, choices=KINDS)
    hash = models.CharField(max_length=64)
    checklist = models.JSONField()
    comment = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Void(AppendOnly):
    """An approval that holds no more, and why. by : null where the content changed under it."""

    approval = models.OneToOneField(Approval, models.PROTECT, related_name="void")
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()


class Notice(AppendOnly):
    """What the public is told of a release that does not appear, or no longer stands. new_at : the new instant."""

    POSTPONED, RESUMED, WITHDRAWN, DRILL = "postponed", "resumed", "withdrawn", "drill"

    round = models.ForeignKey(Round, models.PROTECT, related_name="notices")
    release = models.ForeignKey(Release, models.PROTECT, related_name="notices", null=True)
    kind = models.CharField(max_length=20)
    zh = models.TextField()
    en = models.TextField()
    reason = models.TextField()
    old_at = models.DateTimeField(null=True)
    new_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Consent(AppendOnly):
    """One of the two approvers agrees to withdraw a release."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=KINDS)
    zh = models.TextField()
    en = models.TextField()
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["release", "kind"], name="consent_of")]  # noqa: RUF012


class EarlyAccess(AppendOnly):
    """Somebody outside of the approval who may see a release before its instant; the list is public.

    period : of the release, "" for all. held : false takes it back. The last row of a person and period counts.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="early_access")
    name = models.CharField(max_length=200)
    period = models.CharField(max_length=20, blank=True)
    held = models.BooleanField()
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Lateness(AppendOnly):
    """When a release could be seen, against the instant that was announced. seconds : 0 for one in time."""

    release = models.OneToOneField(Release, models.PROTECT, related_name="lateness")
    due_at = models.DateTimeField()
    visible_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    at = models.DateTimeField()


class Told(AppendOnly):
    """Somebody was told of a release or a correction. what : the value that he was told, with its period."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="told")
    channel = models.CharField(max_length=40)
    address = models.CharField(max_length=200)
    what = models.TextField()
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        # A task that runs again tells nobody twice.
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["release", "channel", "address"], name="told_once"),
        ]


class Recomputed(AppendOnly):
    """What the silent-change alarm found of a release with the program of the day. fault : "" if all came out."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="recomputed")
    observations = models.PositiveIntegerField()
    fault = models.TextField(blank=True)
    versions = models.JSONField()
    at = models.DateTimeField()


class SealingRun(models.Model):
    """How far the sealing of a round has come; of a round the last one. error : why it stopped, "" if it did not."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="sealings")
    correction = models.ForeignKey(Correction, models.PROTECT, related_name="sealings", null=True)
    step = models.CharField(max_length=20)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
