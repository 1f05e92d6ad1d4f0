"""Client sessions: one row for each connection of a client."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models.functions import Greatest
from django.utils import timezone

from monitoring.core.client_names import all_numbered
from monitoring.core.records import NODE_GONE
from monitoring.core.stats.sketch_bytes import quantiles_of

PERCENTILES = (0.50, 0.95, 0.99)
UNIQUE = ["boot", "session_id"]
DURATION_BUCKETS = range(1, 31)
"""A session of bucket 3 lasted at least 4 and less than 8 seconds; the last bucket reaches 34 years."""

REPLACED = [
    "client_id",
    "user",
    "room",
    "connected_at",
    "disconnected_at",
    "duration_bucket",
    "messages",
    "bytes_received",
    "bytes_sent",
    "latency_average_ms",
    "latency_p95_ms",
    "latency_sketch",
    "fps_average",
    "frame_time_sketch",
    "close_code",
    "ended",
]


class SortKey(NamedTuple):
    """A session, and the value it is sorted by; `pk` is None while it is not stored, `value` while that is unknown."""

    pk: int | None
    session_id: str
    client_id: str
    user: str | None
    room: str | None
    node: str
    connected_at: datetime
    value: Any


class ClientSessionQuerySet(models.QuerySet["ClientSession"]):
    def open(self) -> Self:
        return self.filter(disconnected_at__isnull=True)

    def closed(self) -> Self:
        return self.filter(disconnected_at__isnull=False)

    def ended_before(self, moment: datetime) -> Self:
        # What ended by then also began by then, and there is an index for that.
        return self.filter(disconnected_at__lt=moment, connected_at__lt=moment)

    def between(self, start: datetime, end: datetime) -> Self:
        """Sessions with any part in the range."""
        over = models.Q(disconnected_at__isnull=True) | models.Q(disconnected_at__gt=start)
        return self.filter(over, connected_at__lt=end)

    def open_at(self, moment: datetime) -> Self:
        """Sessions that had begun by the moment and were not over; it reads few other rows, however many there are."""
        # Of the sessions that lasted less than eight seconds only those need checking that began within eight seconds
        # before the moment, and so on.
        candidates = models.Q(duration_bucket__isnull=True)
        for bucket in DURATION_BUCKETS:
            candidates |= models.Q(duration_bucket=bucket, connected_at__gt=moment - timedelta(seconds=2**bucket))
        over = models.Q(disconnected_at__isnull=True) | models.Q(disconnected_at__gt=moment)
        return self.filter(over, candidates, connected_at__lte=moment)

    def sort_keys(self, column: str) -> Iterator[SortKey]:
        """The keys for sorting all sessions and choosing a page, in no order."""
        # A database that sorts and limits may instead walk through all sessions in the order of an index.
        value = models.F(column)  # the first releases of Django 5.2 leave a field out that is named twice
        rows = self.order_by().values_list(
            "pk", "session_id", "client_id", "user", "room", "node", "connected_at", value
        )
        yield from (SortKey(*row) for row in rows.iterator())

    def light(self) -> Self:
        """Without the sketches, which are most of a row."""
        return self.defer("latency_sketch", "frame_time_sketch")

    def of_client(self, client_id: str) -> Self:
        """Also those of further connections with the same id, which got a number."""
        return self.filter(client_id__in=list(all_numbered(client_id)))

    def of_user(self, user: str) -> Self:
        return self.filter(user=user)

    def with_user(self, known: bool) -> Self:
        return self.filter(user__isnull=not known)

    def of_room(self, room: str) -> Self:
        return self.filter(room=room)

    def of_nodes(self, nodes: Collection[str]) -> Self:
        return self.filter(node__in=nodes)

    def of_boot(self, boot: str) -> Self:
        return self.filter(boot=boot)

    def cut_off(self) -> Self:
        """Sessions that were closed because their node was no longer heard."""
        return self.filter(ended=NODE_GONE)

    def lost(self) -> Self:
        """Sessions that are open, or were closed because their node was no longer heard."""
        return self.open() | self.cut_off()

    def cut_off_at(self, moment: datetime) -> None:
        """Closes them as sessions of a node that was last heard at the moment."""
        begun_after = {bucket: moment - timedelta(seconds=2**bucket) for bucket in DURATION_BUCKETS}
        lasted = [models.When(connected_at__gt=begun, then=bucket) for bucket, begun in begun_after.items()]
        bucket = models.Case(*lasted, default=DURATION_BUCKETS[-1])
        over = Greatest("connected_at", models.Value(moment))
        self.update(disconnected_at=over, duration_bucket=bucket, ended=NODE_GONE)

    def reopen(self) -> None:
        self.update(disconnected_at=None, duration_bucket=None, ended="")

    def upsert(self, rows: Iterable[ClientSession]) -> None:
        """Inserts the rows or replaces those with the same boot and session."""
        rows = list(rows)
        for row in rows:
            row.duration_bucket = (
                None if row.disconnected_at is None else duration_bucket_of(row.disconnected_at - row.connected_at)
            )
        self.bulk_create(rows, update_conflicts=True, unique_fields=UNIQUE, update_fields=REPLACED)

    def latest_first(self) -> Self:
        return self.order_by("-connected_at", "-id")

    def older_than(self, began: datetime, number: int) -> Self:
        """The sessions after the one with that `place`, with the latest first."""
        same = models.Q(connected_at=began, pk__lt=number)
        return self.filter(models.Q(connected_at__lt=began) | same, connected_at__lte=began)


def duration_bucket_of(lasted: timedelta) -> int:
    """The first of DURATION_BUCKETS that fits this duration: 3 for 4 up to 8 seconds."""
    whole = max(1, math.floor(lasted.total_seconds()))
    return min(whole.bit_length(), DURATION_BUCKETS[-1])


class ClientSession(models.Model):
    """One connection. Bytes and messages are counted from the server's side.

    `user` and `room` are the last ones that the project named, null if it named none. The counts are null while it is
    open, and stay null if its node was gone before it could report them. Round trips and frame times are in
    milliseconds and cover its whole life, their sketches encoded like those of the tiers; averages and `latency_p95_ms`
    are null if nothing was measured.
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
        help_text="It lasted less than 2 to the power of this, in seconds.",
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
    ended = models.CharField(max_length=32, blank=True, help_text="How the connection ended.")

    objects = ClientSessionQuerySet.as_manager()

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
            models.Index(fields=["duration_bucket", "connected_at"], name="monitoring_session_by_octave"),
            models.Index(
                fields=["boot"], condition=models.Q(disconnected_at__isnull=True), name="monitoring_session_open"
            ),
        ]
        get_latest_by = "connected_at"

    def __str__(self) -> str:
        return f"{self.client_id} since {self.connected_at:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def place(self) -> tuple[datetime, int]:
        return self.connected_at, self.pk

    @property
    def is_open(self) -> bool:
        return self.disconnected_at is None

    def was_open_at(self, moment: datetime) -> bool:
        return self.connected_at <= moment and (self.disconnected_at is None or self.disconnected_at > moment)

    def sort_key(self, column: str) -> SortKey:
        names = self.client_id, self.user, self.room
        return SortKey(self.pk, self.session_id, *names, self.node, self.connected_at, getattr(self, column))

    @property
    def duration(self) -> timedelta:
        """How long it lasted, until now while it is open."""
        return (self.disconnected_at or timezone.now()) - self.connected_at

    @property
    def latency(self) -> list[float | None]:
        """p50, p95 and p99 of its round trips."""
        return quantiles_of(bytes(self.latency_sketch), *PERCENTILES)

    @property
    def frame_time(self) -> list[float | None]:
        """p50, p95 and p99 of the mean frame times that it reported."""
        return quantiles_of(bytes(self.frame_time_sketch), *PERCENTILES)
