from django.db import migrations, models

from monitoring.migrations._carried_over import CarriedOver

AT_A_TIME = 500
TOLD = ("severity", "message", "value", "threshold", "peak")


def describe(apps, schema_editor):
    """Alerts that fire, or ended with their node, get a report for each boot known to have reported them.

    For all others the row itself is the report.
    """
    alert = apps.get_model("avatar_monitoring", "Alert")
    names = dict(apps.get_model("avatar_monitoring", "Node").objects.values_list("boot", "node"))
    rows = []
    for row in alert.objects.exclude(reporters=[]).iterator(AT_A_TIME):
        row.reports = [
            {
                "boot": boot,
                "node": row.node if boot == row.boot else names.get(boot, row.node),
                "host": row.host,
                "since": row.started_at.timestamp(),
                "until": None if row.ended_at is None else row.ended_at.timestamp(),
                "ended": row.ended,
                **{name: getattr(row, name) for name in TOLD},
            }
            for boot in row.reporters
        ]
        rows.append(row)
    alert.objects.bulk_update(rows, ["reports"], batch_size=AT_A_TIME)


def name_reporters(apps, schema_editor):
    """The alerts that still fire, or fired when their reporters were last heard."""
    alert = apps.get_model("avatar_monitoring", "Alert")
    rows = []
    for row in alert.objects.filter(models.Q(ended_at__isnull=True) | models.Q(ended="node gone")).iterator(AT_A_TIME):
        last = [report["boot"] for report in row.reports if report["until"] is None or report["ended"] == "node gone"]
        row.reporters = last or [row.boot]
        rows.append(row)
    alert.objects.bulk_update(rows, ["reporters"], batch_size=AT_A_TIME)


class Migration(CarriedOver):
    dependencies = [
        ("avatar_monitoring", "0005_wide_counts_and_ends"),
    ]

    operations = [
        migrations.AddField(
            "alert",
            "reports",
            models.JSONField(default=list, help_text="Each node's alert; empty in rows of older releases."),
        ),
        migrations.RunPython(describe, name_reporters),
        migrations.RemoveField("alert", "reporters"),
        migrations.AlterField(
            "alert",
            "ended",
            models.CharField(blank=True, help_text="Why, when its value did not come down.", max_length=32),
        ),
    ]
