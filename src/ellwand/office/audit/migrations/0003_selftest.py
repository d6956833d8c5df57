"""The self-tests of the office, which are kept."""

from django.db import migrations, models

from ellwand.office.append_only import protection


class Migration(migrations.Migration):
    """Make the table and protect it."""

    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="SelfTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("version", models.CharField(max_length=40)),
                ("passed", models.PositiveIntegerField()),
                ("failed", models.PositiveIntegerField()),
                ("lines", models.JSONField()),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        protection("audit", "SelfTest"),
    ]
