"""Nodes are no longer named after their process ids; stored rows keep their names."""

from django.db import migrations, models

from monitoring.migrations._carried_over import CarriedOver


class Migration(CarriedOver):
    dependencies = [("avatar_monitoring", "0009_marker_kind")]

    operations = [
        migrations.AlterField(
            tier, "node", models.CharField(help_text="The name of one server process.", max_length=255)
        )
        for tier in ("minute", "hour", "day")
    ]
