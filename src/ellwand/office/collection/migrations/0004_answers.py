"""The answers of the interface, kept so that a request that comes twice gets the same."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Make the table, and protect it."""

    dependencies = [
        ("collection", "0003_message_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("body", models.CharField(max_length=64)),
                ("said", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        protection("collection", "Answer"),
    ]
