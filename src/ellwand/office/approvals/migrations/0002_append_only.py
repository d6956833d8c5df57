"""Triggers that keep the rows of the append-only tables as they are."""

from django.db import migrations

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Protect the tables."""

    dependencies = [("approvals", "0001_initial")]
    operations = [
        protection(
            "approvals",
            "Correction",
            "Recomputation",
            "Candidate",
            "PreviewView",
            "Approval",
            "Void",
            "Notice",
            "Consent",
            "EarlyAccess",
            "Lateness",
            "Told",
            "Recomputed",
        ),
    ]
