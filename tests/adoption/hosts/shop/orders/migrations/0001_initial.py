from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Shelf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("goods", models.CharField(max_length=50)),
                ("left", models.PositiveIntegerField(default=0)),
                ("restocked", models.PositiveIntegerField(default=0)),
            ],
            options={"verbose_name_plural": "shelves"},
        ),
    ]
