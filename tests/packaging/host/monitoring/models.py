from django.db import models


class Sensor(models.Model):
    name = models.CharField(max_length=50)

    class Meta:
        permissions = [("view_live", "Can watch sensors")]

    def __str__(self):
        return self.name
