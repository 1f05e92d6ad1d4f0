from django.db import models


class Node(models.Model):
    """A machine. Other software has models of this name too."""

    name = models.CharField(max_length=50, unique=True)

    class Meta:
        permissions = [("view_live", "Can watch the machines")]

    def __str__(self):
        return self.name


class Minute(models.Model):
    node = models.ForeignKey(Node, models.CASCADE)
    temperature = models.FloatField()

    def __str__(self):
        return f"{self.node}: {self.temperature}"
