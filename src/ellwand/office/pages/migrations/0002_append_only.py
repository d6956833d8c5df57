"""Triggers that keep articles, drafts, pictures and editions as they are."""

from django.db import migrations

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Protect the tables."""

    dependencies = [("pages", "0001_initial")]
    operations = [protection("pages", "Article", "Picture", "Draft", "Edition")]
