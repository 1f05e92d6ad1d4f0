"""Alerts name their rule and their latest value; rules, silences, channels and notices are rows."""

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

OF_HOSTS = ["cpu_percent", "memory_percent", "clock_skew_seconds"]
OF_CLIENTS = ["stale_client_seconds"]


def name_rules(apps, _schema_editor):
    """The rules of earlier releases have the names of their metrics."""
    alerts = apps.get_model("avatar_monitoring", "Alert").objects
    alerts.update(rule=F("metric"), scope="node")
    alerts.filter(metric__in=OF_HOSTS).update(scope="host")
    alerts.filter(metric__in=OF_CLIENTS).update(scope="client")


class Migration(migrations.Migration):
    dependencies = [
        ("avatar_monitoring", "0013_users_and_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlertChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=64, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("apprise", "apprise"),
                            ("email", "email"),
                            ("webhook", "webhook"),
                            ("alertmanager", "alertmanager"),
                        ],
                        max_length=16,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("target", models.TextField(blank=True)),
                ("secret", models.TextField(blank=True)),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                (
                    "severity",
                    models.CharField(
                        choices=[("critical", "critical"), ("warning", "warning"), ("info", "info")],
                        default="warning",
                        max_length=16,
                    ),
                ),
                ("matchers", models.JSONField(blank=True, default=dict)),
                ("tells_resolved", models.BooleanField(default=True)),
                ("group_minutes", models.PositiveIntegerField(default=15)),
                ("repeat_minutes", models.PositiveIntegerField(default=240)),
                ("escalates_after_minutes", models.PositiveIntegerField(default=0)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_reason", models.CharField(blank=True, max_length=255)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                ("changed_by", models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name="AlertEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by", models.CharField(blank=True, max_length=150)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("acknowledged", "acknowledged"),
                            ("unacknowledged", "unacknowledged"),
                            ("commented", "commented"),
                            ("resolved", "resolved"),
                            ("silenced", "silenced"),
                            ("worse", "worse"),
                            ("expired", "expired"),
                        ],
                        max_length=16,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=1000)),
                ("until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="AlertRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=64,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9_]{0,63}\\Z", "must be 1 to 64 small letters, digits and underscores"
                            )
                        ],
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("metric", models.CharField(max_length=64)),
                (
                    "scope",
                    models.CharField(
                        choices=[("host", "host"), ("node", "node"), ("fleet", "fleet"), ("client", "client")],
                        max_length=16,
                    ),
                ),
                (
                    "comparison",
                    models.CharField(choices=[("above", "above"), ("below", "below")], default="above", max_length=8),
                ),
                ("threshold", models.FloatField()),
                ("exit_threshold", models.FloatField(blank=True, null=True)),
                ("each_threshold", models.FloatField(blank=True, null=True)),
                ("for_seconds", models.FloatField(default=10.0)),
                ("keep_firing_seconds", models.FloatField(default=5.0)),
                (
                    "no_data",
                    models.CharField(
                        choices=[("resolve", "resolve"), ("keep", "keep"), ("fire", "fire")],
                        default="resolve",
                        max_length=8,
                    ),
                ),
                ("no_data_seconds", models.FloatField(default=60.0)),
                (
                    "severity",
                    models.CharField(
                        choices=[("critical", "critical"), ("warning", "warning"), ("info", "info")],
                        default="warning",
                        max_length=16,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=200)),
                ("runbook", models.URLField(blank=True, max_length=500)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                ("changed_by", models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.CreateModel(
            name="FleetWatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.CharField(max_length=64, unique=True)),
                ("until", models.BigIntegerField(default=0)),
                ("state", models.JSONField(default=dict)),
                ("definition", models.JSONField(default=dict, help_text="The rule that the state belongs to.")),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("firing", "firing"),
                            ("resolved", "resolved"),
                            ("repeated", "repeated"),
                            ("escalated", "escalated"),
                            ("test", "test"),
                        ],
                        max_length=16,
                    ),
                ),
                ("group", models.CharField(blank=True, max_length=320)),
                ("content", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("given_up_at", models.DateTimeField(blank=True, null=True)),
                ("answers", models.JSONField(blank=True, default=list)),
            ],
        ),
        migrations.CreateModel(
            name="NoticeAlert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=16)),
                ("severity", models.CharField(max_length=16)),
                ("peak", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="Silence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matchers", models.JSONField(default=dict)),
                ("reason", models.CharField(max_length=1000)),
                ("by", models.CharField(max_length=150)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("starts_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ends_at", models.DateTimeField()),
                (
                    "repeats",
                    models.CharField(
                        blank=True,
                        choices=[("", "once"), ("daily", "every day"), ("weekly", "every week")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by", models.CharField(blank=True, max_length=150)),
            ],
        ),
        migrations.AlterModelOptions(
            name="alert",
            options={
                "get_latest_by": "started_at",
                "permissions": [("answer_alert", "Can acknowledge, silence and resolve alerts")],
            },
        ),
        migrations.RemoveConstraint(
            model_name="alert",
            name="monitoring_alert_fires_once",
        ),
        migrations.AddField(
            model_name="alert",
            name="acknowledged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alert",
            name="acknowledged_by",
            field=models.CharField(blank=True, db_default="", max_length=150),
        ),
        migrations.AddField(
            model_name="alert",
            name="acknowledged_peak",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alert",
            name="acknowledged_severity",
            field=models.CharField(blank=True, db_default="", max_length=16),
        ),
        migrations.AddField(
            model_name="alert",
            name="acknowledged_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alert",
            name="examples",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="Some of these clients.",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="flapping",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="alert",
            name="grouped",
            field=models.BooleanField(db_default=False, help_text="About many clients: its values are how many."),
        ),
        migrations.AddField(
            model_name="alert",
            name="last",
            field=models.FloatField(blank=True, help_text="The latest value; empty while it is unknown.", null=True),
        ),
        migrations.AddField(
            model_name="alert",
            name="last_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alert",
            name="reason",
            field=models.CharField(
                blank=True, db_default="", help_text="Why, if its value was not known: no data or error.", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="rule",
            field=models.CharField(
                db_default="", help_text="The rule's name; that of a built-in rule is its metric.", max_length=64
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="scope",
            field=models.CharField(blank=True, db_default="", help_text="host, node, fleet or client.", max_length=16),
        ),
        migrations.AddField(
            model_name="node",
            name="left",
            field=models.BooleanField(db_default=False, help_text="It was stopped, and said so."),
        ),
        migrations.RunPython(name_rules, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["rule", "subject", "-started_at"], name="monitoring_alert_by_rule"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("rule", "metric", "subject"),
                name="monitoring_alert_fires_once",
            ),
        ),
        migrations.AddField(
            model_name="alertentry",
            name="alert",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="avatar_monitoring.alert"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="channel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="avatar_monitoring.alertchannel"
            ),
        ),
        migrations.AddField(
            model_name="noticealert",
            name="alert",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="avatar_monitoring.alert"
            ),
        ),
        migrations.AddField(
            model_name="noticealert",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="avatar_monitoring.notice"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="alerts",
            field=models.ManyToManyField(
                related_name="notices", through="avatar_monitoring.NoticeAlert", to="avatar_monitoring.alert"
            ),
        ),
        migrations.AddIndex(
            model_name="silence",
            index=models.Index(fields=["ends_at"], name="avatar_silence_by_end"),
        ),
        migrations.AddConstraint(
            model_name="noticealert",
            constraint=models.UniqueConstraint(fields=("notice", "alert"), name="avatar_mention_once"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("given_up_at__isnull", True), ("sent_at__isnull", True)),
                fields=["due_at"],
                name="avatar_notice_waits",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["channel", "group", "-created_at"], name="avatar_notice_by_group"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["-created_at"], name="avatar_notice_by_time"),
        ),
    ]
