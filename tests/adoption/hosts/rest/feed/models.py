from django.conf import settings
from django.db import models


class Message(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.text[:40]
