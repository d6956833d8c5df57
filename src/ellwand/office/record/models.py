"""What was compiled and what was released: rows that are only ever added."""

from datetime import datetime

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly, AppendOnlyQuerySet
from ellwand.office.registry.models import MethodVersion
from ellwand.office.rounds.models import Round


class Compilation(AppendOnly):
    """A compilation of a round. inputs : SHA-256 of the snapshot. versions : of program and libraries."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="compilations")
    number = models.PositiveIntegerField()
    method = models.ForeignKey(MethodVersion, models.PROTECT, related_name="+")
    method_digest = models.CharField(max_length=64)
    inputs = models.CharField(max_length=64)
    versions = models.JSONField()
    quality = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="compilation_number")]  # noqa: RUF012


class Observation(AppendOnly):
    """One series in one period, as one compilation found it.

    index, changes, interval, contribution, weight : at full precision, null where there is none. published ... : as
    texts, rounded once by the rule of the method. The counts are of quotes and units.
    """

    compilation = models.ForeignKey(Compilation, models.PROTECT, related_name="observations")
    series = models.CharField(max_length=200)
    code = models.CharField(max_length=60)
    parent = models.CharField(max_length=60, blank=True)
    level = models.PositiveIntegerField()
    name_zh = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    period = models.CharField(max_length=20)
    index = models.FloatField(null=True)
    change_previous = models.FloatField(null=True)
    change_year_start = models.FloatField(null=True)
    change_last_year = models.FloatField(null=True)
    se = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    change_se = models.FloatField(null=True)
    change_low = models.FloatField(null=True)
    change_high = models.FloatField(null=True)
    contribution = models.FloatField(null=True)
    weight = models.FloatField(null=True)
    grade = models.CharField(max_length=1)
    imputed_share = models.FloatField(null=True)
    carried_share = models.FloatField(null=True)
    matched = models.PositiveIntegerField()
    units = models.PositiveIntegerField()
    due = models.PositiveIntegerField()
    quotes = models.PositiveIntegerField()
    observed = models.PositiveIntegerField()
    corrected = models.PositiveIntegerField()
    replaced = models.PositiveIntegerField()
    imputed = models.PositiveIntegerField()
    carried = models.PositiveIntegerField()
    not_collected = models.PositiveIntegerField()
    excluded = models.PositiveIntegerField()
    queried = models.PositiveIntegerField()
    status = models.CharField(max_length=20)
    simulated = models.BooleanField()
    published = models.CharField(max_length=30, blank=True)
    published_change_previous = models.CharField(max_length=30, blank=True)
    published_change_year_start = models.CharField(max_length=30, blank=True)
    published_change_last_year = models.CharField(max_length=30, blank=True)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["compilation", "series", "period"], name="observation_of"),
        ]
        # A reader asks for a few series over all periods.
        indexes = [models.Index(fields=["code", "period"], name="observation_code")]  # noqa: RUF012


class ReleaseQuerySet(AppendOnlyQuerySet["Release"]):
    """Releases behind the gate of time."""

    def standing(self) -> "ReleaseQuerySet":
        """Releases whose seal was not broken; one that is broken before its instant never becomes public."""
        return self.filter(broken__isnull=True)

    def public(self, now: datetime) -> "ReleaseQuerySet":
        """Releases that everybody may see: approved and sealed, and their instant has come. The one gate."""
        return self.standing().filter(release_at__lte=now, sealed_at__lte=now)


class Release(AppendOnly):
    """A sealed release. A row is added only when both approvals are there and the folder is written and verified.

    seal : how often this release was sealed; a new instant needs a new seal. supersedes : the release that this one
    corrects. revised_from : first period whose published figures it replaces, "" if only the issue is new. manifest :
    SHA-256 of the manifest. sealed_at : when it was sealed; nobody could see it before, whatever `release_at` says.
    """

    code = models.CharField(max_length=80)
    seal = models.PositiveIntegerField(default=1)
    compilation = models.ForeignKey(Compilation, models.PROTECT, related_name="releases")
    family = models.CharField(max_length=20)
    period = models.CharField(max_length=20)
    number = models.PositiveIntegerField()
    release_at = models.DateTimeField()
    stat_hash = models.CharField(max_length=64)
    text_hash = models.CharField(max_length=64)
    manifest = models.CharField(max_length=64, unique=True)
    folder = models.CharField(max_length=200)
    supersedes = models.ForeignKey("self", models.PROTECT, related_name="successors", null=True)
    revised_from = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    sealed_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["code", "seal"], name="release_seal"),
            models.UniqueConstraint(fields=["family", "period", "number", "seal"], name="release_number"),
        ]
        indexes = [models.Index(fields=["family", "release_at"], name="release_instant")]  # noqa: RUF012


class Revision(AppendOnly):
    """A compilation of an earlier period whose figures a correction's release carries beside those of its own."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="revisions")
    period = models.CharField(max_length=20)
    compilation = models.OneToOneField(Compilation, models.PROTECT, related_name="revision")


class Broken(AppendOnly):
    """A seal that was broken before its instant: the release was taken back, and its folder set aside by name."""

    release = models.OneToOneField(Release, models.PROTECT, related_name="broken")
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()


class Withdrawal(AppendOnly):
    """A public release that was withdrawn: it stays readable and flagged, and is never the latest."""

    release = models.OneToOneField(Release, models.PROTECT, related_name="withdrawal")
    zh = models.TextField()
    en = models.TextField()
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
