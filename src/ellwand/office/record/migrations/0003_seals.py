"""Releases that are sealed anew for another instant, broken seals, and withdrawals."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from ellwand.office.append_only import protection


def unprotect(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the triggers away while the table changes; they come back with the constraints of the new one."""
    table = apps.get_model("record", "Release")._meta.db_table
    on = f' ON "{table}"' if editor.connection.vendor == "postgresql" else ""
    for what in ("change", "truncate", "update", "delete", "replace"):
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{what}{on}", params=None)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("record", "0002_append_only"),
    ]

    operations = [
        migrations.RunPython(unprotect, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="release", name="release_number"),
        migrations.AddField(
            model_name="release", name="revised_from", field=models.CharField(blank=True, max_length=20)
        ),
        migrations.AddField(model_name="release", name="seal", field=models.PositiveIntegerField(default=1)),
        migrations.AddField(
            model_name="release",
            name="sealed_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AlterField(model_name="release", name="code", field=models.CharField(max_length=80)),
        migrations.AlterField(
            model_name="release",
            name="supersedes",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="record.release",
            ),
        ),
        migrations.AddIndex(
            model_name="release", index=models.Index(fields=["family", "release_at"], name="release_instant")
        ),
        migrations.AddConstraint(
            model_name="release", constraint=models.UniqueConstraint(fields=("code", "seal"), name="release_seal")
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("family", "period", "number", "seal"), name="release_number"),
        ),
        migrations.CreateModel(
            name="Broken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
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
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="broken", to="record.release"
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("zh", models.TextField()),
                ("en", models.TextField()),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "release",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="withdrawal", to="record.release"
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        protection("record", "Release", "Broken", "Withdrawal"),
    ]
