"""Nodes of earlier releases do not say when they are stopped."""

from django.db import migrations, models


def assume_left(apps, _schema_editor):
    """Otherwise those that were stopped for the upgrade would count as vanished."""
    apps.get_model("avatar_monitoring", "Node").objects.update(left=True)


class Migration(migrations.Migration):
    dependencies = [
        ("avatar_monitoring", "0015_notice_hidden"),
    ]

    operations = [
        migrations.AlterField(
            model_name="node",
            name="left",
            field=models.BooleanField(
                db_default=False,
                help_text="It was stopped and said so, or its release does not say when it is stopped.",
            ),
        ),
        migrations.RunPython(assume_left, migrations.RunPython.noop),
    ]
