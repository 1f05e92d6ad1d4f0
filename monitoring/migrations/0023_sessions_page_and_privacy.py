from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("avatar_monitoring", "0019_clients_that_explain_themselves"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="clientsession",
            index=models.Index(
                condition=models.Q(("disconnected_at__isnull", True)),
                fields=["-connected_at"],
                name="monitoring_session_open_start",
            ),
        ),
        migrations.AddField(
            model_name="site",
            name="blanked_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
