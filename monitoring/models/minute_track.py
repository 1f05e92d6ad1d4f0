"""The single seconds of a node's minute, kept for as long as late data may have to be added to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self

from django.db import models

UNIQUE = ["epoch", "node", "boot"]


class MinuteTrackQuerySet(models.QuerySet["MinuteTrack"]):
    def at(self, epochs: Collection[int]) -> Self:
        """The tracks of the minutes that begin at these epoch seconds."""
        return self.filter(epoch__in=epochs)

    def ended_before(self, moment: datetime) -> Self:
        """The tracks to which nothing was added since the moment."""
        return self.filter(written_at__lt=moment)

    def upsert(self, rows: Iterable[MinuteTrack]) -> None:
        """Inserts the rows or replaces those with the same node, boot and minute."""
        self.bulk_create(rows, update_conflicts=True, unique_fields=UNIQUE, update_fields=["data", "written_at"])


class MinuteTrack(models.Model):
    """A node's levels in each second of a minute, encoded as in `core/stats/track.py`.

    It is stored beside the minute and not in it, so that no chart and no export reads it.
    """

    node = models.CharField(max_length=255)
    boot = models.CharField(max_length=32)
    epoch = models.BigIntegerField("start of the minute, UTC epoch seconds")
    data = models.BinaryField()
    written_at = models.DateTimeField()

    objects = MinuteTrackQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=UNIQUE, name="monitoring_track_once_per_boot")]
        indexes = [models.Index(fields=["written_at"], name="monitoring_track_by_writing")]

    def __str__(self) -> str:
        return f"{self.node} from {self.epoch}"
