from django.db import models


class Job(models.Model):
    bench = models.CharField(max_length=50)
    letters = models.PositiveIntegerField()

    def __str__(self):
        return f"{self.letters} letters at {self.bench}"
