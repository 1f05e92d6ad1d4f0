"""The server processes that were heard in the journal."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models


class NodeQuerySet(models.QuerySet["Node"]):
    def heard_before(self, moment: datetime) -> Self:
        """Nodes that have been silent since then and are not yet known to be gone."""
        return self.filter(gone=False, last_seen__lt=moment)

    def departed(self) -> Self:
        return self.filter(gone=True)

    def ended_before(self, moment: datetime) -> Self:
        return self.filter(last_seen__lt=moment)

    def of_boots(self, boots: set[str]) -> Self:
        return self.filter(boot__in=boots)

    def named(self, node: str) -> Self:
        return self.filter(node=node)

    def seen_between(self, start: datetime, end: datetime) -> Self:
        """Nodes that were heard at any time in the range."""
        return self.filter(first_seen__lt=end, last_seen__gte=start)

    def started_between(self, start: datetime, end: datetime) -> Self:
        """Nodes that were first heard in the range."""
        return self.filter(first_seen__gte=start, first_seen__lt=end)

    def latest_starts(self, most: int) -> list[Node]:
        """The newest of them, in the order in which they were first heard."""
        return list(self.order_by("-first_seen", "-id")[:most])[::-1]

    def names(self) -> list[str]:
        """Each node's name once, however often it started."""
        return list(self.order_by("node").values_list("node", flat=True).distinct())


class Node(models.Model):
    """One start of one server process. Times are from the journal, which is one clock for all nodes.

    `last_seq` is the number of the last stored batch, `missed` how many before it never arrived.
    """

    node = models.CharField(max_length=255)
    boot = models.CharField(max_length=32)
    host = models.CharField(max_length=255)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    last_seq = models.BigIntegerField(default=0)
    missed = models.BigIntegerField(default=0)
    gone = models.BooleanField(default=False)

    objects = NodeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "boot"], name="monitoring_node_once_per_boot")]
        indexes = [
            models.Index(fields=["boot"], name="monitoring_node_by_boot"),
            models.Index(fields=["last_seen"], name="monitoring_node_by_last_seen"),
        ]
        get_latest_by = "last_seen"

    def __str__(self) -> str:
        return self.node
