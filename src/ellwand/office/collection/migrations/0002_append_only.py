"""Triggers that keep the rows of the append-only tables as they are."""

from django.db import migrations

from ellwand.office.append_only import protection

TABLES = (
    "Link", "Revocation", "Opening", "Receipt", "Delivery", "Admission", "Picture", "Stop", "Message", "Dispatch",
    "Trial", "ApiToken", "TokenRevocation",
)  # fmt: skip


class Migration(migrations.Migration):
    """Protect the tables."""

    dependencies = [("collection", "0001_initial")]
    operations = [protection("collection", *TABLES)]
