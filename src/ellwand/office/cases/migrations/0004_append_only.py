"""Triggers that keep the rows of the append-only tables as they are."""

from django.db import migrations

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Protect the tables."""

    dependencies = [("cases", "0003_complaints")]
    operations = [protection("cases", "Complaint", "ComplaintEvent", "Drill")]
