"""Compiling on the screen and the texts of a round: runs of the compiler, what a compilation leaves, drafts.

All rows are only ever added: an edited text is a new draft, a mark that is taken back is a new row that says so.
"""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly
from ellwand.office.record.models import Compilation
from ellwand.office.rounds.models import Round

PRICE, RATIONALE = "price", "rationale"
KINDS = (PRICE, RATIONALE)
"""The texts of a release: the price comment, and the rationale with the quality sheet."""


class Run(AppendOnly):
    """A compilation that somebody started on the screen. sign : reason with which he signs what he may sign."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="runs")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sign = models.TextField(blank=True)


class Step(AppendOnly):
    """How far a run has come. state : running, done or refused; of the last two a run has one, its last step.

    done, total : periods. words : what is worked on, or what stood in the way.
    """

    run = models.ForeignKey(Run, models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    done = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    words = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="step_number")]  # noqa: RUF012


class Sheet(AppendOnly):
    """What a compilation knew beside its observations.

    past : pairs of an earlier period and the total's level in it, null where there was no issue. checks : of each of
    the last issues its period, the number of its compilation, and the figure that came out otherwise, "" for none.
    concentrated : pairs of a series and the largest share of one unit in its weight, where a warning is due (rule 28).
    counts : quotes by class of input, of units without a signed code of conduct, and changed after they came in.
    drill : Parquet, every price series of the period with names, prices, status and contribution.
    """

    compilation = models.OneToOneField(Compilation, models.PROTECT, related_name="sheet")
    past = models.JSONField()
    checks = models.JSONField()
    concentrated = models.JSONField()
    counts = models.JSONField()
    drill = models.BinaryField()


class Draft(AppendOnly):
    """A text of a round in one language, as somebody saved it. kind : price or rationale.

    marked : the text with its spans written into it (`Bound.marked`). own : of a rationale the writer's paragraph,
    which is part of the text. compilation : whose figures the text was written with.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="drafts")
    compilation = models.ForeignKey(Compilation, models.PROTECT, related_name="drafts")
    kind = models.CharField(max_length=10)
    language = models.CharField(max_length=2)
    number = models.PositiveIntegerField()
    marked = models.TextField()
    own = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        constraints = [  # noqa: RUF012
            # Two writers who save at once can't both succeed.
            models.UniqueConstraint(fields=["round", "kind", "language", "number"], name="draft_number"),
        ]


class Outside(AppendOnly):
    """A passage of the price comment that tells what the office did not measure, with its source, by name.

    text : the passage as it stands in the text. It counts while the text holds it with this source.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="outside")
    language = models.CharField(max_length=2)
    text = models.TextField()
    source = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Override(AppendOnly):
    """A finding of the guard that somebody lets stand, by name and with his reason (feature 33).

    It holds for this finding (kind, words) in this sentence, and for the figures of this compilation.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="overrides")
    compilation = models.ForeignKey(Compilation, models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    finding = models.CharField(max_length=20)
    text = models.TextField()
    sentence = models.TextField()
    message = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()


class Statement(AppendOnly):
    """What the public is told of the index (feature 47): one of `metadata.NAMES` in both languages; the last counts."""

    name = models.CharField(max_length=20)
    zh = models.TextField()
    en = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
