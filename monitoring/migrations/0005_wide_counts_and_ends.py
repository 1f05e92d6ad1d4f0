from django.db import migrations, models

from monitoring.migrations._carried_over import CarriedOver

TIERS = ("minute", "hour", "day")
GAUGES = (
    "connections",
    "message_rate",
    "cpu_percent",
    "memory_percent",
    "memory_used_mb",
    "network_sent_rate",
    "network_recv_rate",
    "latency_ms",
    "fps",
)


def alter_counts(schema_editor, kind):
    """One statement per table. SQLite's integers already have 64 bits, and it would rewrite each table."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for tier in TIERS:
        columns = ", ".join(f'ALTER COLUMN "{name}_count" TYPE {kind}' for name in GAUGES)
        schema_editor.execute(f'ALTER TABLE "avatar_monitoring_{tier}" {columns}')


def widen(apps, schema_editor):
    alter_counts(schema_editor, "bigint")


def narrow(apps, schema_editor):
    alter_counts(schema_editor, "integer")


class Migration(CarriedOver):
    dependencies = [
        ("avatar_monitoring", "0004_session_octave"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(widen, narrow)],
            state_operations=[
                migrations.AlterField(tier, f"{name}_count", models.PositiveBigIntegerField(default=0))
                for tier in TIERS
                for name in GAUGES
            ],
        ),
        migrations.AddIndex("alert", models.Index(fields=["ended_at"], name="monitoring_alert_by_end")),
        migrations.AddIndex("clientsession", models.Index(fields=["disconnected_at"], name="monitoring_session_by_end")),
        migrations.AddIndex("node", models.Index(fields=["boot"], name="monitoring_node_by_boot")),
        migrations.AddIndex("node", models.Index(fields=["last_seen"], name="monitoring_node_by_last_seen")),
    ]
