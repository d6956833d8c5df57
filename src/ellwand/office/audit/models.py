"""The table of the audit trail."""

from datetime import datetime

from django.db import models

from ellwand.office.append_only import AppendOnly
from ellwand.office.audit import chain


class Entry(AppendOnly):
    """An entry of the trail. People are named by id, so that forgetting a name does not break the chain."""

    sequence = models.BigIntegerField(primary_key=True)
    at = models.CharField(max_length=40)
    actor = models.BigIntegerField()
    role = models.CharField(max_length=20, blank=True)
    act = models.CharField(max_length=60)
    object = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    request = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    @property
    def when(self) -> datetime:
        """The instant, which is kept as it was hashed."""
        return datetime.fromisoformat(self.at)

    def content(self) -> chain.Entry:
        """What is hashed."""
        return chain.Entry(
            sequence=self.sequence,
            at=self.at,
            actor=self.actor,
            role=self.role,
            act=self.act,
            object=self.object,
            before=self.before,
            after=self.after,
            reason=self.reason,
            request=self.request,
        )


class SelfTest(AppendOnly):
    """A self-test of the office. version : of the program. passed, failed : numbers of features. lines : see
    `selftest.Line`.
    """

    at = models.DateTimeField()
    version = models.CharField(max_length=40)
    passed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    lines = models.JSONField()
