from django.db import migrations, models

from monitoring.migrations._carried_over import CarriedOver

TIERS = ("minute", "hour", "day")
TOTALS = ("messages", "bytes_received", "bytes_sent")


def add_bounded(apps, schema_editor):
    """One statement per table: SQLite would rewrite each table for the sake of a default."""
    kind, false, true = ("boolean", "false", "true") if schema_editor.connection.vendor == "postgresql" else ("bool", 0, 1)
    for tier in TIERS:
        table = f"avatar_monitoring_{tier}"
        schema_editor.execute(f'ALTER TABLE "{table}" ADD COLUMN "bounded" {kind} NOT NULL DEFAULT {false}')
        # Until now the fleet's extremes were added up from those of its nodes, wherever there were two.
        schema_editor.execute(
            f'UPDATE "{table}" SET "bounded" = {true} WHERE "node" = \'\' AND EXISTS (SELECT 1 FROM "{table}" AS one '
            f'WHERE one."{tier}" = "{table}"."{tier}" AND one."node" <> \'\' LIMIT 1 OFFSET 1)'
        )


def drop_bounded(apps, schema_editor):
    for tier in TIERS:
        schema_editor.execute(f'ALTER TABLE "avatar_monitoring_{tier}" DROP COLUMN "bounded"')


def forget_zeros(apps, schema_editor):
    """The totals of sessions that are open, or whose node was killed, were never reported."""
    sessions = apps.get_model("avatar_monitoring", "ClientSession").objects
    untold = models.Q(disconnected_at__isnull=True) | models.Q(ended="node gone")
    sessions.filter(untold).update(**dict.fromkeys(TOTALS))
    sessions.filter(ended="client closed", close_code=1006).update(ended="connection lost")


def restore_zeros(apps, schema_editor):
    sessions = apps.get_model("avatar_monitoring", "ClientSession").objects
    for name in TOTALS:
        sessions.filter(**{f"{name}__isnull": True}).update(**{name: 0})
    sessions.filter(ended="connection lost", close_code=1006).update(ended="client closed")


class Migration(CarriedOver):
    dependencies = [
        ("avatar_monitoring", "0006_alert_reports"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_bounded, drop_bounded)],
            state_operations=[
                migrations.AddField(
                    tier,
                    "bounded",
                    models.BooleanField(db_default=False, default=False, verbose_name="extremes are bounds"),
                )
                for tier in TIERS
            ],
        ),
        migrations.CreateModel(
            name="MinuteTrack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("node", models.CharField(max_length=255)),
                ("boot", models.CharField(max_length=32)),
                ("epoch", models.BigIntegerField(verbose_name="start of the minute, UTC epoch seconds")),
                ("data", models.BinaryField()),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["written_at"], name="monitoring_track_by_writing")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("epoch", "node", "boot"), name="monitoring_track_once_per_boot"
                    )
                ],
            },
        ),
        *(
            migrations.AlterField("clientsession", name, models.BigIntegerField(blank=True, null=True))
            for name in TOTALS
        ),
        migrations.RunPython(forget_zeros, restore_zeros),
    ]
