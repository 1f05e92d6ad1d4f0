"""Questions about stored sessions, and what pages sort them by."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.models.functions import Greatest

from monitoring.core.causes import Cause
from monitoring.core.client_names import all_numbered
from monitoring.core.records import NODE_GONE

if TYPE_CHECKING:
    from monitoring.models.session import ClientSession

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
    "cause",
    "error",
    "user_agent",
]


class SortKey(NamedTuple):
    """A session, and the value it is sorted by; `pk` is None while it is not stored, `value` while that is unknown."""

    pk: int | None
    session_id: str
    client_id: str
    user: str | None
    room: str | None
    user_agent: str
    path: str
    remote: str
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

    def ended_between(self, start: datetime | None, end: datetime | None) -> Self:
        """Departures in the range, whose limits may be missing."""
        found = self.closed()
        if start is not None:
            found = found.filter(disconnected_at__gte=start)
        return found if end is None else found.filter(disconnected_at__lt=end)

    def ended_by_place(self, before: tuple[datetime, int] | None) -> Self:
        """The departures after the one with that place, with the latest end first."""
        if before is None:
            return self
        moment, number = before
        same = models.Q(disconnected_at=moment, pk__lt=number)
        return self.filter(models.Q(disconnected_at__lt=moment) | same, disconnected_at__lte=moment)

    def ended_after(self, place: tuple[datetime, int]) -> Self:
        """The departures before the one with that place, with the latest end first."""
        moment, number = place
        return self.filter(disconnected_at__gte=moment) if number == 0 else self.filter(disconnected_at__gt=moment)

    def latest_ends_first(self) -> Self:
        return self.order_by("-disconnected_at", "-id")

    def personal(self) -> Self:
        """Those that have an address, a user or a user agent."""
        return self.exclude(remote="", user__isnull=True, user_agent="")

    def blank(self) -> None:
        """Takes address, user and user agent from them."""
        self.update(remote="", user=None, user_agent="")

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
        names = "client_id", "user", "room", "user_agent", "path", "remote"
        rows = self.order_by().values_list("pk", "session_id", *names, "node", "connected_at", value)
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

    def of_cause(self, cause: str) -> Self:
        return self.filter(cause=cause)

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
        self.update(disconnected_at=over, duration_bucket=bucket, ended=NODE_GONE, cause=Cause.SERVER_KILLED)

    def reopen(self) -> None:
        self.update(disconnected_at=None, duration_bucket=None, ended="", cause="")

    def by_path(self) -> dict[str, int]:
        """How many there are on each path."""
        counted = self.order_by().values_list("path").annotate(models.Count("pk"))
        return dict(counted)

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
