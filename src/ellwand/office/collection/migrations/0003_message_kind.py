"""What kind of message a unit got: its link, a reminder, a question about a quote that was sent back."""

from django.db import migrations, models

from ellwand.office.append_only import protection_again


class Migration(migrations.Migration):
    """Add the column."""

    dependencies = [("collection", "0002_append_only")]
    operations = [
        migrations.AddField("message", "kind", models.CharField(default="remind", max_length=10)),
        protection_again("collection", "Message"),
    ]
