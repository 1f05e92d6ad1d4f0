"""The server processes that were heard in the journal."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Self

from django.db import models

ONLY = 1


class NodeQuerySet(models.QuerySet["Node"]):
    def heard_before(self, moment: datetime) -> Self:
        """Nodes silent since then that are not yet known to be gone."""
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
        """Nodes that were heard at any time of the range."""
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
    """One start of one server process. Times are the journal's, which is one clock for all nodes.

    `last_seq` is the number of the last batch stored, `missed` how many before it never came.
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


class SiteQuerySet(models.QuerySet["Site"]):
    def own_name(self) -> str:
        """The site's name, made by whichever process asks first."""
        found = self._found()
        if found is None:
            # Several may come here at once: the row's key lets one in, and all read what that one has written.
            self.bulk_create([Site(pk=ONLY, name=secrets.token_hex(4))], ignore_conflicts=True)
            found = self._found()
            assert found is not None
        return found

    def _found(self) -> str | None:
        return self.filter(pk=ONLY).values_list("name", flat=True).first()


class Site(models.Model):
    """One row: all processes that share the database are one site."""

    name = models.CharField(max_length=32)

    objects = SiteQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=ONLY), name="monitoring_site_once")]

    def __str__(self) -> str:
        return self.name
