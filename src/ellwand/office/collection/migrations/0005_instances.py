"""Submissions of ODK and KoBo as they came."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Make the table, and protect it."""

    dependencies = [
        ("collection", "0004_answers"),
        ("rounds", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Instance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("number", models.PositiveIntegerField()),
                ("form", models.CharField(max_length=200)),
                ("version", models.CharField(blank=True, max_length=200)),
                ("content", models.TextField()),
                ("said", models.JSONField()),
                ("open", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="instances", to="rounds.round"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("key", "number"), name="instance_number")],
            },
        ),
        protection("collection", "Instance"),
    ]
