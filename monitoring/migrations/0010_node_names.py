"""Nodes are no longer called by the numbers of their processes; what was stored keeps its names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0009_marker_kind")]

    operations = [
        migrations.AlterField(
            tier, "node", models.CharField(help_text="The name of one server process.", max_length=255)
        )
        for tier in ("minute", "hour", "day")
    ]
