"""An index for readers of a few series over all periods."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("record", "0004_revision")]

    operations = [
        migrations.AddIndex("observation", models.Index(fields=["code", "period"], name="observation_code")),
    ]
