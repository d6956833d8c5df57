"""Matters of conduct: declarations of interest, complaints and their course, drills."""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly


class Declaration(AppendOnly):
    """What somebody declared of his interests, and when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="declarations")
    interests = models.TextField()
    at = models.DateTimeField()


class Complaint(AppendOnly):
    """A complaint. receipt : the number by which who complained finds it again; nobody can guess it."""

    receipt = models.CharField(max_length=20, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=10)
    at = models.DateTimeField()


class Contact(models.Model):
    """Who complained and how he is reached. Kept apart, so that it can be forgotten while the complaint stays."""

    complaint = models.OneToOneField(Complaint, models.PROTECT, related_name="contact")
    name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=200, blank=True)


class ComplaintEvent(AppendOnly):
    """A step of a complaint after it was received. by : null for who complained. number : 1, 2, ..."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    text = models.TextField(blank=True)

    class Meta(AppendOnly.Meta):
        # Two people who answer at once can't both succeed.
        constraints = [  # noqa: RUF012
            models.UniqueConstraint(fields=["complaint", "number"], name="complaint_step"),
        ]


class Drill(AppendOnly):
    """A drill of the office, what it found, and whether all was well."""

    kind = models.CharField(max_length=20)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    passed = models.BooleanField()
    found = models.JSONField()
