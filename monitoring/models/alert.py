"""Alerts as episodes: one row from the moment one begins to fire to the moment it is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from monitoring.models.node import NODE_GONE, Node


class AlertQuerySet(models.QuerySet["Alert"]):
    def firing(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def resolved(self) -> Self:
        return self.filter(ended_at__isnull=False)

    def ended_before(self, moment: datetime) -> Self:
        # Whatever ended by then began by then, and of that there is an index.
        return self.filter(ended_at__lt=moment, started_at__lt=moment)

    def between(self, start: datetime, end: datetime) -> Self:
        """Episodes of which any part lies in the range."""
        return self.filter(models.Q(ended_at__isnull=True) | models.Q(ended_at__gt=start), started_at__lt=end)

    def numbered(self, number: int) -> Self:
        return self.filter(pk=number)

    def of_client(self, client_id: str) -> Self:
        return self.filter(client_id=client_id)

    def of_metric(self, metric: str) -> Self:
        return self.filter(metric=metric)

    def of_severity(self, severity: str) -> Self:
        return self.filter(severity=severity)

    def of_metrics(self, metrics: Collection[str]) -> Self:
        return self.filter(metric__in=metrics)

    def of_node(self, node: str) -> Self:
        """Those of the node itself, of its clients and of the host on which it runs."""
        hosts = Node.objects.named(node).values("host")
        of_its_clients = models.Q(node=node, client_id__gt="")
        return self.filter(models.Q(subject=node) | models.Q(subject__in=hosts) | of_its_clients)

    def about(self, metric: str, subject: str) -> Self:
        return self.filter(metric=metric, subject=subject)

    def running_at(self, moment: datetime, slack: timedelta) -> Self:
        """Episodes that had begun by the moment, give or take `slack`, and were not over before it."""
        return self.filter(started_at__lte=moment + slack, ended_at__gte=moment)

    def firing_at(self, moment: datetime) -> Self:
        """Episodes that had begun by the moment and were not over, be it that they still fire."""
        return self.between(moment, moment + timedelta.resolution)

    def cut_off(self) -> Self:
        """Episodes that were closed because their node was no longer heard."""
        return self.filter(ended=NODE_GONE)

    def ended_since(self, moment: datetime) -> Self:
        return self.filter(ended_at__gte=moment)

    def latest_first(self) -> Self:
        return self.order_by("-started_at", "-id")

    def older_than(self, began: datetime, number: int) -> Self:
        """Those that come after the one with that `place` when the latest is first."""
        same = models.Q(started_at=began, pk__lt=number)
        return self.filter(models.Q(started_at__lt=began) | same, started_at__lte=began)


class Alert(models.Model):
    """One episode. A host's alert is one row however many of its nodes report it: `node` is the first of them.

    `value` is what it fired with, `peak` the highest since; both are in the metric's own unit. `reporters` are the
    boots for which it fires still; it is over when the last of them says so or is no longer heard.
    """

    metric = models.CharField(max_length=64)
    subject = models.CharField(max_length=255, help_text="The host, node or client that it is about.")
    severity = models.CharField(max_length=16)
    message = models.CharField(max_length=255)
    value = models.FloatField()
    threshold = models.FloatField()
    peak = models.FloatField()
    host = models.CharField(max_length=255)
    node = models.CharField(max_length=255)
    boot = models.CharField(max_length=32)
    client_id = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended = models.CharField(max_length=32, blank=True, help_text="Why, when the alert did not end by itself.")
    reporters = models.JSONField(default=list)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "subject"],
                condition=models.Q(ended_at__isnull=True),
                name="monitoring_alert_fires_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-started_at"], name="monitoring_alert_by_start"),
            models.Index(fields=["ended_at"], name="monitoring_alert_by_end"),
            models.Index(fields=["metric", "subject", "-started_at"], name="monitoring_alert_by_subject"),
            models.Index(fields=["client_id", "-started_at"], name="monitoring_alert_by_client"),
        ]
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"{self.metric} of {self.subject}, {self.state}"

    @property
    def place(self) -> tuple[datetime, int]:
        return self.started_at, self.pk

    @property
    def state(self) -> str:
        return "firing" if self.ended_at is None else "resolved"

    @property
    def duration(self) -> timedelta:
        """How long it fired, until now while it still does."""
        return (self.ended_at or timezone.now()) - self.started_at

    def cut_off_at(self, moment: datetime) -> None:
        """Closes it as one of a node that was last heard at the moment."""
        self.ended_at, self.ended = max(moment, self.started_at), NODE_GONE
        self.save(update_fields=["ended_at", "ended"])

    def reopen(self) -> None:
        self.ended_at, self.ended = None, ""
        self.save(update_fields=["ended_at", "ended"])
