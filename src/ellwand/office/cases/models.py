"""Matters of conduct: declarations of interest."""

from django.db import models

from ellwand.office.accounts.models import User
from ellwand.office.append_only import AppendOnly


class Declaration(AppendOnly):
    """What somebody declared of his interests, and when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="declarations")
    interests = models.TextField()
    at = models.DateTimeField()
