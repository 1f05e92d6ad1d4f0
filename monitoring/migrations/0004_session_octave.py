from datetime import timedelta

from django.db import migrations, models
from django.db.models import F

from monitoring.migrations._carried_over import CarriedOver


def fill(apps, schema_editor):
    """Gives ended sessions their octave, the shortest first."""
    over = apps.get_model("avatar_monitoring", "ClientSession").objects.filter(disconnected_at__isnull=False)
    for octave in range(1, 30):
        until = F("connected_at") + timedelta(seconds=2**octave)
        over.filter(octave__isnull=True, disconnected_at__lt=until).update(octave=octave)
    over.filter(octave__isnull=True).update(octave=30)


class Migration(CarriedOver):
    dependencies = [
        ("avatar_monitoring", "0003_marker"),
    ]

    operations = [
        migrations.AddField(
            model_name="clientsession",
            name="octave",
            field=models.PositiveSmallIntegerField(
                editable=False, help_text="It lasted less than 2 to the power of this, in seconds.", null=True
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="clientsession",
            index=models.Index(fields=["octave", "connected_at"], name="monitoring_session_by_octave"),
        ),
    ]
