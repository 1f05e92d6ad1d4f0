"""Client sessions: one row for each connection of a client."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.cause_words import WORDS
from monitoring.core.cause_of_leaving import cause_of
from monitoring.core.stats.sketch import PERCENTILES
from monitoring.core.stats.sketch_bytes import quantiles_of
from monitoring.models.session_queries import UNIQUE, ClientSessionQuerySet, SortKey

OF_CAUSES = {"cause", "ended", "close_code", "disconnected_at"}


class ClientSession(models.Model):
    """One connection. Bytes and messages are counted from the server's side.

    `user` and `room` are the last ones that the project named, null if it named none. The counts are null while it is
    open, and stay null if its node was gone before it could report them. Round trips and frame times are in
    milliseconds and cover its whole life, their sketches encoded like those of the tiers; averages and `latency_p95_ms`
    are null if nothing was measured. `cause` is empty while it is open; rows of older
    releases get theirs when they are read, and by and by in the table.
    """

    node = models.CharField(max_length=255)
    boot = models.CharField(max_length=32)
    session_id = models.CharField(max_length=64)
    client_id = models.CharField(max_length=255)
    # Null, so that nodes of the release before can insert rows, and the columns are added without copying all rows.
    user = models.CharField(max_length=255, null=True, blank=True)
    room = models.CharField(max_length=255, null=True, blank=True)
    path = models.CharField(max_length=255)
    remote = models.CharField(max_length=255)
    connected_at = models.DateTimeField()
    disconnected_at = models.DateTimeField(null=True, blank=True)
    duration_bucket = models.PositiveSmallIntegerField(
        db_column="octave",
        null=True,
        editable=False,
        help_text=_("It lasted less than 2 to the power of this, in seconds."),
    )
    messages = models.BigIntegerField(null=True, blank=True)
    bytes_received = models.BigIntegerField(null=True, blank=True)
    bytes_sent = models.BigIntegerField(null=True, blank=True)
    latency_average_ms = models.FloatField(null=True, blank=True)
    latency_p95_ms = models.FloatField(null=True, blank=True)
    latency_sketch = models.BinaryField(default=bytes)
    fps_average = models.FloatField(null=True, blank=True)
    frame_time_sketch = models.BinaryField(default=bytes)
    close_code = models.PositiveIntegerField(null=True, blank=True)
    ended = models.CharField(max_length=32, blank=True, help_text=_("How the connection ended."))

    cause = models.CharField(
        max_length=32, blank=True, db_default="", choices=[(one.value, words) for one, words in WORDS.items()]
    )
    error = models.CharField(
        max_length=255, blank=True, db_default="", help_text=_("Which exception the application raised, and where.")
    )
    user_agent = models.CharField(max_length=255, blank=True, db_default="")

    totals_at: datetime | None = None
    """When the totals of an open session were read from its node; never stored."""

    objects = ClientSessionQuerySet.as_manager()

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        """A row of an older release gets its cause as it is read, from how it ended."""
        row = super().from_db(db, field_names, values, **more)
        if set(field_names) >= OF_CAUSES and not row.cause and row.disconnected_at is not None:
            row.cause = cause_of(row.ended, row.close_code)
        return row

    class Meta:
        constraints = [models.UniqueConstraint(fields=UNIQUE, name="monitoring_session_once_per_boot")]
        indexes = [
            models.Index(fields=["client_id", "-connected_at"], name="monitoring_session_by_client"),
            models.Index(
                fields=["user", "-connected_at"],
                condition=models.Q(user__isnull=False),
                name="monitoring_session_by_user",
            ),
            models.Index(
                fields=["room", "-connected_at"],
                condition=models.Q(room__isnull=False),
                name="monitoring_session_by_room",
            ),
            models.Index(fields=["-connected_at"], name="monitoring_session_by_start"),
            models.Index(fields=["disconnected_at"], name="monitoring_session_by_end"),
            models.Index(fields=["cause", "-disconnected_at"], name="monitoring_session_by_cause"),
            models.Index(fields=["duration_bucket", "connected_at"], name="monitoring_session_by_octave"),
            models.Index(
                fields=["boot"], condition=models.Q(disconnected_at__isnull=True), name="monitoring_session_open"
            ),
            models.Index(
                fields=["-connected_at"],
                condition=models.Q(disconnected_at__isnull=True),
                name="monitoring_session_open_start",
            ),
        ]
        get_latest_by = "connected_at"
        permissions = [
            ("disconnect_client", "Can disconnect clients"),
            ("forget_client", "Can forget clients"),
            ("view_addresses", "Can see whole addresses of clients"),
        ]

    def __str__(self) -> str:
        since = f"{self.connected_at:%Y-%m-%d %H:%M:%S} UTC"
        return gettext("%(client)s since %(time)s") % {"client": self.client_id, "time": since}

    @property
    def place(self) -> tuple[datetime, int]:
        return self.connected_at, self.pk

    @property
    def is_open(self) -> bool:
        return self.disconnected_at is None

    def was_open_at(self, moment: datetime) -> bool:
        return self.connected_at <= moment and (self.disconnected_at is None or self.disconnected_at > moment)

    def sort_key(self, column: str) -> SortKey:
        names = self.client_id, self.user, self.room, self.user_agent, self.path, self.remote
        return SortKey(self.pk, self.session_id, *names, self.node, self.connected_at, getattr(self, column))

    @property
    def duration(self) -> timedelta:
        """How long it lasted, until now while it is open."""
        return (self.disconnected_at or timezone.now()) - self.connected_at

    @property
    def latency(self) -> list[float | None]:
        """p50, p95 and p99 of its round trips."""
        return quantiles_of(bytes(self.latency_sketch), *PERCENTILES.values())

    @property
    def frame_time(self) -> list[float | None]:
        """p50, p95 and p99 of the mean frame times that it reported."""
        return quantiles_of(bytes(self.frame_time_sketch), *PERCENTILES.values())
