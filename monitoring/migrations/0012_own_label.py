"""From here on the app's label is its own."""

from django.db import migrations

from monitoring.migrations._carried_over import forget_repeated, give_back


def reverse(_apps, schema_editor):
    give_back(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("avatar_monitoring", "0011_names")]

    operations = [migrations.RunPython(forget_repeated, reverse)]
