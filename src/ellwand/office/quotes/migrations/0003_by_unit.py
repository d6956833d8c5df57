"""Quotes that a unit reported through its own link have nobody of the office as their author."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from ellwand.office.append_only import protect


def protect_again(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite changes a column by making the table anew, and the triggers do not come along."""
    if editor.connection.vendor == "sqlite":
        protect(editor, apps.get_model("quotes", "Quote"))


class Migration(migrations.Migration):
    """The author may be absent."""

    dependencies = [("quotes", "0002_append_only"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AlterField(
            "quote",
            "by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(protect_again, migrations.RunPython.noop),
    ]
