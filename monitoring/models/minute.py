"""One node's samples of one minute."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self

from django.db import models

from monitoring.columns import timestamp
from monitoring.models.aggregate import MEASURED, Aggregate, in_range

UNIQUE = ["node", "boot", "minute"]


class MinuteQuerySet(models.QuerySet["Minute"]):
    def between(self, start: datetime, end: datetime) -> Self:
        """Minutes that begin at or after `start` and before `end`."""
        return self.filter(minute__gte=start, minute__lt=end)

    def of_nodes(self, nodes: Collection[str]) -> Self:
        return self.filter(node__in=nodes)

    def of_stretches(self, keys: Collection[tuple[str, int]]) -> Self:
        """The minutes of these boots that begin at these epoch seconds, and perhaps a few more."""
        starts = {timestamp(epoch) for _, epoch in keys}
        return self.filter(boot__in={boot for boot, _ in keys}, minute__in=starts)

    def upsert(self, rows: Iterable[Minute]) -> None:
        """Inserts the rows or replaces those of the same node, boot and minute."""
        self.bulk_create(rows, update_conflicts=True, unique_fields=UNIQUE, update_fields=MEASURED)

    def sketches(self, column: str) -> models.QuerySet[Minute, tuple[int, bytes]]:
        """Start and encoded distribution of each minute that has one."""
        return self.order_by().exclude(**{column: b""}).values_list("epoch", column)

    def in_order(self) -> Self:
        return self.order_by("minute", "node", "boot")


class Minute(Aggregate):
    """Made of all the samples that begin in the minute; `coverage` says how many of its 60 seconds were measured."""

    SECONDS = 60
    TIME_FIELD = "minute"

    minute = models.DateTimeField()

    objects = MinuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=UNIQUE, name="monitoring_minute_once_per_boot"),
            *in_range("monitoring_minute", 60),
        ]
        indexes = [models.Index(fields=["minute", "node"], name="monitoring_minute_by_time")]
        get_latest_by = "minute"
        permissions = [("view_live", "Can watch the live pages")]
