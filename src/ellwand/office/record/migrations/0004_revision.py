"""Figures of earlier periods that a correction's release carries."""

import django.db.models.deletion
from django.db import migrations, models

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    dependencies = [("record", "0003_seals")]

    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.CharField(max_length=20)),
                (
                    "compilation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revision",
                        to="record.compilation",
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="revisions", to="record.release"
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        protection("record", "Revision"),
    ]
