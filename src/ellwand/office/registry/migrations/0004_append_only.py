"""Triggers that keep the rows of the append-only tables as they are."""

from django.db import migrations

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Protect the tables."""

    dependencies = [("registry", "0003_decisions")]
    operations = [
        protection(
            "registry",
            "Holiday",
            "Rotation",
            "BasketDraft",
            "BasketEffect",
            "BasketDecision",
            "MethodProposal",
            "MethodComment",
            "ParallelRun",
            "MethodDecision",
            "MethodReview",
            "Cessation",
        )
    ]
