"""Two names of the field's own; tables and columns keep theirs, so that nodes of the release before go on."""

from django.db import migrations, models

from monitoring.migrations._carried_over import CarriedOver

INDEX = "monitoring_session_by_octave"
HELP = "It lasted less than 2 to the power of this, in seconds."


class Migration(CarriedOver):
    dependencies = [("avatar_monitoring", "0010_node_names")]

    operations = [
        migrations.AlterModelTable("horizon", "avatar_monitoring_horizon"),
        migrations.RenameModel("Horizon", "PruneWatermark"),
        migrations.AlterField(
            "clientsession",
            "octave",
            models.PositiveSmallIntegerField(db_column="octave", null=True, editable=False, help_text=HELP),
        ),
        migrations.RenameField("clientsession", "octave", "duration_bucket"),
        # The index stays as it is, because the column does.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("clientsession", INDEX),
                migrations.AddIndex(
                    "clientsession", models.Index(fields=["duration_bucket", "connected_at"], name=INDEX)
                ),
            ]
        ),
    ]
