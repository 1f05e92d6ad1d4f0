"""Batches as nodes append them, and the rows that they become."""

from __future__ import annotations

import random
from typing import Any

from redis import Redis

from monitoring.core.records import VERSION, AlertRecord, Batch, SessionRecord
from monitoring.core.stats.sample import GAUGES, Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.journal import stream
from monitoring.models import Hour, Minute, Pending
from monitoring.storage.rows import Arrival, store_fleet

MINUTE = 1_700_000_040
"""The start of a minute, UTC epoch seconds."""

NESTED = b"\x81\xa5later" + b"\x91" * 100_000 + b"\xc0"
"""A map of msgpack whose only value is nested too deeply to be read or passed over."""


def gauge(*values: float) -> Gauge:
    total = Gauge()
    for value in values:
        total.add(value)
    return total


def sample(start: float = MINUTE, seconds: float = 1.0, **values: Any) -> Sample:
    """A sample in which a gauge given as a number was read once."""
    read = {name: Gauge.of(float(values.pop(name))) for name in GAUGES if isinstance(values.get(name), int | float)}
    return Sample(start=start, seconds=seconds, **read, **values)


def random_sample(start: float, source: random.Random) -> Sample:
    latencies = [source.lognormvariate(2.5, 0.5) for _ in range(10)]
    return sample(
        start,
        messages=source.randrange(50),
        bytes_sent=source.randrange(9_000),
        connections=source.randrange(20),
        cpu_percent=source.uniform(0, 100),
        latency_ms=gauge(*latencies),
        latency_sketch=Sketch.of(latencies),
    )


def batch(*samples: Sample, seq: int = 1, boot: str = "boot1", node: str = "web:1", **more: Any) -> Batch:
    return Batch(node, boot, more.pop("host", "web"), seq, list(samples), **{"version": VERSION, **more})


def arrived(*batches: Batch, at: float = MINUTE + 60) -> list[Arrival]:
    return [Arrival(at, one) for one in batches]


def append(redis: Redis, *batches: Batch, at: float | None = None) -> list[str]:
    """Appends to the journal as a node does, at this moment (UTC epoch seconds) or now; the entries' ids."""
    which = "*" if at is None else f"{at * 1_000:.0f}-*"
    return [redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(one)}, id=which).decode() for one in batches]


def minute(start: float = MINUTE, *, node: str = "web:1", boot: str = "", host: str = "web", **values: Any) -> Minute:
    """A node's completely measured minute, stored with the fleet's and waiting to be rolled up."""
    values.setdefault("seconds", 60)
    row = Minute.from_sample(node, boot or node, host, sample(start, **values))
    row.save()
    store_fleet(Minute.objects.at([row.epoch]).of_each_node())
    Pending.objects.mark("hour", [Hour.start_of(row.epoch)])
    return row


def session(session_id: str = "s1", **values: Any) -> SessionRecord:
    return SessionRecord(session_id, "avatar-1", "/ws/avatar/", "127.0.0.1:5000", connected_at=MINUTE + 1.0, **values)


def alert(
    state: str,
    at: float = MINUTE + 5.0,
    metric: str = "cpu_percent",
    subject: str = "web",
    peak: float = 91.0,
    since: float | None = None,
    ended: str = "",
    value: float = 90.0,
    threshold: float = 80.0,
    severity: str = "warning",
    **more: Any,
) -> AlertRecord:
    told = severity, "High CPU usage: 90.0%", value, threshold
    return AlertRecord(metric, subject, state, at, *told, peak, since, ended, **more)
