"""Compilations of earlier periods that a correction made."""

import django.db.models.deletion
from django.db import migrations, models

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_append_only"), ("record", "0004_revision")]

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "compilation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="share", to="record.compilation"
                    ),
                ),
                (
                    "recomputation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="approvals.recomputation",
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        protection("approvals", "Share"),
    ]
