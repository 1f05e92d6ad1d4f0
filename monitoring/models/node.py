"""The site whose database this is, and the server processes that were heard in its journal."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

ONLY = 1


class NodeQuerySet(models.QuerySet["Node"]):
    def heard_before(self, moment: datetime) -> Self:
        """Nodes that have been silent since then and are not yet known to be gone."""
        return self.filter(gone=False, last_seen__lt=moment)

    def present(self) -> Self:
        """Nodes that run, as far as is known."""
        return self.filter(gone=False, left=False)

    def vanished_between(self, start: datetime, end: datetime) -> Self:
        """Nodes that were last heard in the range and did not say that they were stopped."""
        return self.filter(left=False, last_seen__gte=start, last_seen__lt=end)

    def heard_on(self, hosts: Collection[str], since: datetime) -> Self:
        """Nodes of these hosts that were heard at the moment or later."""
        return self.filter(host__in=hosts, last_seen__gte=since)

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

    def of_known_versions(self) -> Self:
        return self.filter(versions__isnull=False)

    def started_before(self, moment: datetime) -> Self:
        return self.filter(first_seen__lt=moment)

    def on_host(self, host: str) -> Self:
        return self.filter(host=host)

    def latest_start(self) -> Node | None:
        return self.newest_first().first()

    def versions_of_starts(self, start: datetime, end: datetime) -> list[tuple[datetime, dict[str, str]]]:
        """When nodes were first heard in the range, and their versions; the latest first."""
        found = self.started_between(start, end).newest_first()
        return [(at, versions or {}) for at, versions in found.values_list("first_seen", "versions")]

    def newest_first(self) -> Self:
        return self.order_by("-first_seen", "-id")

    def older_than(self, started: datetime, number: int) -> Self:
        """The starts after the one with that `place`, with the latest first."""
        same = models.Q(first_seen=started, pk__lt=number)
        return self.filter(models.Q(first_seen__lt=started) | same, first_seen__lte=started)

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
    left = models.BooleanField(
        db_default=False, help_text=_("It was stopped and said so, or its release does not say when it is stopped.")
    )

    versions = models.JSONField(
        null=True, blank=True, help_text=_("Of its code, Python and libraries; null if its release does not say.")
    )

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

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands among starts, newest first."""
        return self.first_seen, self.pk

    @property
    def state(self) -> str:
        if self.left:
            return "stopped"
        return "gone" if self.gone else "running"


class SiteQuerySet(models.QuerySet["Site"]):
    def own_name(self) -> str:
        """The site's name, generated by whichever process asks first."""
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
    """One row: all processes that share the database are one site.

    Sessions that ended before `blanked_until` have no addresses and users any more.
    """

    name = models.CharField(max_length=32)
    blanked_until = models.DateTimeField(null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=ONLY), name="monitoring_site_once")]

    def __str__(self) -> str:
        return self.name
