"""Moments that people name, so that a chart shows what happened there: a deployment, a change of configuration."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

LONGEST_TEXT = 200


class MarkerQuerySet(models.QuerySet["Marker"]):
    def between(self, start: datetime, end: datetime) -> Self:
        return self.filter(at__gte=start, at__lt=end)

    def latest_first(self) -> Self:
        return self.order_by("-at", "-id")


class Marker(models.Model):
    """A moment and what to call it."""

    at = models.DateTimeField(default=timezone.now, help_text="UTC.")
    text = models.CharField(max_length=LONGEST_TEXT)

    objects = MarkerQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="monitoring_marker_by_time")]
        get_latest_by = "at"

    def __str__(self) -> str:
        return self.text
