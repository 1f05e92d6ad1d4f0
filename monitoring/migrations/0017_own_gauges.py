"""Minutes, hours and days hold the event loop's lag, two lags of storing, and the project's own gauges."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TIERS = ("minute", "hour", "day")
LEVELS = ("loop_lag_ms", "journal_lag_seconds", "store_lag_seconds")


def columns():
    yield "gauges", models.JSONField(blank=True, null=True, verbose_name="the project's own gauges")
    for level in LEVELS:
        yield f"{level}_count", models.PositiveBigIntegerField(db_default=0, default=0)
        yield f"{level}_sum", models.FloatField(db_default=0.0, default=0.0)
        yield f"{level}_min", models.FloatField(null=True)
        yield f"{level}_max", models.FloatField(null=True)


def add_columns(apps, schema_editor):
    """For a column with a default Django rewrites the whole table of SQLite, which can do without."""
    for tier in TIERS:
        model = apps.get_model("avatar_monitoring", tier)
        for name, field in columns():
            field.set_attributes_from_name(name)
            field.model = model
            BaseDatabaseSchemaEditor.add_field(schema_editor, model, field)


def drop_columns(_apps, schema_editor):
    for tier in TIERS:
        for name, _ in columns():
            schema_editor.execute(f'ALTER TABLE "avatar_monitoring_{tier}" DROP COLUMN "{name}"')


class Migration(migrations.Migration):
    dependencies = [
        ("avatar_monitoring", "0016_nodes_that_left"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_columns, drop_columns)],
            state_operations=[migrations.AddField(tier, name, field) for tier in TIERS for name, field in columns()],
        ),
        migrations.CreateModel(
            name="OwnGauge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64, unique=True)),
                ("label", models.CharField(blank=True, max_length=64)),
                ("unit", models.CharField(blank=True, max_length=16)),
                (
                    "added",
                    models.BooleanField(
                        default=False, help_text="Otherwise they are averaged.", verbose_name="added over nodes"
                    ),
                ),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
            ],
        ),
    ]
