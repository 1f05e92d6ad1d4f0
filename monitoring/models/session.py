"""Client sessions: one row for each connection of a client."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Greatest
from django.utils import timezone

from monitoring.models.node import NODE_GONE

UNIQUE = ["boot", "session_id"]
REPLACED = [
    "disconnected_at",
    "messages",
    "bytes_received",
    "bytes_sent",
    "latency_average_ms",
    "latency_p95_ms",
    "fps_average",
    "close_code",
    "ended",
]


class ClientSessionQuerySet(models.QuerySet["ClientSession"]):
    def open(self) -> Self:
        return self.filter(disconnected_at__isnull=True)

    def closed(self) -> Self:
        return self.filter(disconnected_at__isnull=False)

    def between(self, start: datetime, end: datetime) -> Self:
        """Sessions of which any part lies in the range."""
        over = models.Q(disconnected_at__isnull=True) | models.Q(disconnected_at__gt=start)
        return self.filter(over, connected_at__lt=end)

    def of_client(self, client_id: str) -> Self:
        return self.filter(client_id=client_id)

    def of_boot(self, boot: str) -> Self:
        return self.filter(boot=boot)

    def cut_off(self) -> Self:
        """Sessions that were closed because their node was no longer heard."""
        return self.filter(ended=NODE_GONE)

    def cut_off_at(self, moment: datetime) -> None:
        """Closes them as those of a node that was last heard at the moment."""
        self.update(disconnected_at=Greatest("connected_at", models.Value(moment)), ended=NODE_GONE)

    def reopen(self) -> None:
        self.update(disconnected_at=None, ended="")

    def upsert(self, rows: Iterable[ClientSession]) -> None:
        """Inserts the rows or replaces those of the same boot and session."""
        self.bulk_create(rows, update_conflicts=True, unique_fields=UNIQUE, update_fields=REPLACED)

    def latest_first(self) -> Self:
        return self.order_by("-connected_at", "-id")


class ClientSession(models.Model):
    """One connection. Bytes and messages are counted from the server's side, while it is open they are those at its
    start; `latency_*` are in milliseconds over its last 100 round trips, null when none was measured.
    """

    node = models.CharField(max_length=255)
    boot = models.CharField(max_length=32)
    session_id = models.CharField(max_length=64)
    client_id = models.CharField(max_length=255)
    path = models.CharField(max_length=255)
    remote = models.CharField(max_length=255)
    connected_at = models.DateTimeField()
    disconnected_at = models.DateTimeField(null=True, blank=True)
    messages = models.BigIntegerField(default=0)
    bytes_received = models.BigIntegerField(default=0)
    bytes_sent = models.BigIntegerField(default=0)
    latency_average_ms = models.FloatField(null=True, blank=True)
    latency_p95_ms = models.FloatField(null=True, blank=True)
    fps_average = models.FloatField(null=True, blank=True)
    close_code = models.PositiveIntegerField(null=True, blank=True)
    ended = models.CharField(max_length=32, blank=True, help_text="How the connection ended.")

    objects = ClientSessionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=UNIQUE, name="monitoring_session_once_per_boot")]
        indexes = [
            models.Index(fields=["client_id", "-connected_at"], name="monitoring_session_by_client"),
            models.Index(fields=["-connected_at"], name="monitoring_session_by_start"),
            models.Index(
                fields=["boot"], condition=models.Q(disconnected_at__isnull=True), name="monitoring_session_open"
            ),
        ]
        get_latest_by = "connected_at"

    def __str__(self) -> str:
        return f"{self.client_id} since {self.connected_at:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def is_open(self) -> bool:
        return self.disconnected_at is None

    @property
    def duration(self) -> timedelta:
        """How long it lasted, until now while it is open."""
        return (self.disconnected_at or timezone.now()) - self.connected_at
