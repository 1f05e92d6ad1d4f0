"""A marker says whether somebody made it or a clock was set."""

from django.db import migrations, models

from monitoring.migrations._carried_over import CarriedOver


class Migration(CarriedOver):
    dependencies = [("avatar_monitoring", "0008_site")]

    operations = [
        migrations.AddField(
            "marker",
            "kind",
            models.CharField(
                choices=[("deploy", "marked by somebody"), ("clock", "a clock that was set")],
                default="deploy",
                max_length=16,
            ),
        )
    ]
