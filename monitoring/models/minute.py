"""One node's samples of one minute."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Self

from django.db import models

from monitoring.models.aggregate import Aggregate, in_range


class MinuteQuerySet(models.QuerySet["Minute"]):
    def between(self, start: datetime, end: datetime) -> Self:
        """Minutes that begin at or after `start` and before `end`."""
        return self.filter(minute__gte=start, minute__lt=end)

    def of_nodes(self, nodes: Collection[str]) -> Self:
        return self.filter(node__in=nodes)

    def with_keys_like(self, rows: Iterable[Minute]) -> Self:
        """The stored rows of the same boots and minutes, and perhaps a few more."""
        rows = list(rows)
        return self.filter(boot__in={row.boot for row in rows}, minute__in={row.minute for row in rows})

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
            models.UniqueConstraint(fields=["node", "boot", "minute"], name="minute_once_per_boot"),
            *in_range("minute", 60),
        ]
        indexes = [models.Index(fields=["minute", "node"], name="minute_by_time")]
        get_latest_by = "minute"
        permissions = [("view_live", "Can watch the live pages")]
