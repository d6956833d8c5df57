"""Quotes that a unit reported through its own link have nobody of the office as their author."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ellwand.office.append_only import protection_again


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
        protection_again("quotes", "Quote"),
    ]
