"""Sessions know who used a client, and in which room it was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("avatar_monitoring", "0012_own_label")]

    operations = [
        migrations.AddField("clientsession", "user", models.CharField(max_length=255, null=True, blank=True)),
        migrations.AddField("clientsession", "room", models.CharField(max_length=255, null=True, blank=True)),
        migrations.AddIndex(
            "clientsession",
            models.Index(
                fields=["user", "-connected_at"],
                condition=models.Q(user__isnull=False),
                name="monitoring_session_by_user",
            ),
        ),
        migrations.AddIndex(
            "clientsession",
            models.Index(
                fields=["room", "-connected_at"],
                condition=models.Q(room__isnull=False),
                name="monitoring_session_by_room",
            ),
        ),
    ]
