from django.db import migrations, models
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from monitoring.migrations._carried_over import CarriedOver

LOADED = timezone.now()
FORMER = "avatar:journal"


def keep_to_the_former_journal(apps, schema_editor):
    """A database that is older than this run may have entries in the stream that all sites of a Redis once shared.

    The row of its cursor says that they must be stored here; a new database has none, and ignores that stream.
    """
    connection = schema_editor.connection
    recorded = MigrationRecorder(connection).migration_qs.filter(app="avatar_monitoring", name="0001_initial")
    if recorded.filter(applied__lt=LOADED).exists():
        apps.get_model("avatar_monitoring", "JournalCursor").objects.using(connection.alias).get_or_create(stream=FORMER)


def name_as_before(apps, schema_editor):
    """A site that went back to the older release and returns is the one whose journal it has a cursor for."""
    alias = schema_editor.connection.alias
    cursors = apps.get_model("avatar_monitoring", "JournalCursor").objects.using(alias).exclude(stream=FORMER)
    names = [stream.split(":")[1] for stream in cursors.order_by("-pk").values_list("stream", flat=True)
             if stream.startswith("avatar:") and stream.endswith(":journal") and stream.count(":") == 2]
    if names:
        apps.get_model("avatar_monitoring", "Site").objects.using(alias).create(pk=1, name=names[0])


def remember_the_name(apps, schema_editor):
    """Data that waits under this name is stored when the site returns to this release."""
    alias = schema_editor.connection.alias
    for site in apps.get_model("avatar_monitoring", "Site").objects.using(alias).all():
        cursors = apps.get_model("avatar_monitoring", "JournalCursor").objects.using(alias)
        cursors.get_or_create(stream=f"avatar:{site.name}:journal")


class Migration(CarriedOver):
    dependencies = [
        ("avatar_monitoring", "0007_measured_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=32)),
            ],
        ),
        migrations.AddConstraint(
            "site", models.CheckConstraint(condition=models.Q(pk=1), name="monitoring_site_once"),
        ),
        migrations.RunPython(keep_to_the_former_journal, migrations.RunPython.noop),
        migrations.RunPython(name_as_before, remember_the_name),
    ]
