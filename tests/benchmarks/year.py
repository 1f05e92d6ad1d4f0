"""A year of minutes of a few nodes: one day generated as the site does it, which the database then copies."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.models import Hour, Minute, Pending
from monitoring.models.aggregate import MEASURED, Aggregate
from monitoring.models.tiers import TIERS
from monitoring.storage.roll_up import roll_up
from monitoring.storage.rows import store_fleet

DAY = 86_400
ROUND_TRIPS = 3_000
"""How many latencies a minute of a node holds."""

STARTS = {"sqlite": "datetime(epoch + %s, 'unixepoch')", "postgresql": "to_timestamp(epoch + %s)"}


def generate(start: datetime, *, days: int = 365, nodes: int = 4) -> int:
    """Fills all tiers of an empty database from a midnight UTC on; returns the number of minutes of nodes.

    Two nodes share a host. Each minute has readings of every gauge and 3 000 latencies, more by day than by night.
    """
    first = round(start.timestamp())
    assert first % DAY == 0, f"{start}: must be a midnight UTC"
    _make_day(first, [f"web-{number // 2 + 1}:{4_000 + number}" for number in range(nodes)])
    roll_up()
    for tier in TIERS.values():
        _copy(tier, days)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return nodes * days * DAY // 60


@transaction.atomic
def _make_day(start: int, nodes: list[str]) -> None:
    rows = [Minute.from_sample(node, f"boot-{node}", node.partition(":")[0], one) for node, one in _day(start, nodes)]
    Minute.objects.bulk_create(rows)
    store_fleet(rows)
    Pending.objects.mark("hour", range(start, start + DAY, Hour.SECONDS))


def _day(start: int, nodes: list[str]) -> Iterator[tuple[str, Sample]]:
    source = random.Random(start)
    distributions = [_readings(source, 2.2 + 0.1 * step, 0.5, ROUND_TRIPS) for step in range(12)]
    frames = [_readings(source, 2.8 + 0.03 * step, 0.2, 120) for step in range(12)]
    for epoch in range(start, start + DAY, 60):
        for node in nodes:
            yield node, _minute(epoch, source, distributions, frames)


def _minute(
    epoch: int, source: random.Random, distributions: list[tuple[Gauge, Sketch]], frames: list[tuple[Gauge, Sketch]]
) -> Sample:
    load = (0.55 - 0.45 * math.cos(2 * math.pi * (epoch % DAY) / DAY)) * source.uniform(0.9, 1.1)
    clients = round(100 * load)
    latency, latency_sketch = distributions[min(11, int(load * 10))]
    _, frame_times = frames[min(11, int(load * 10))]
    messages = clients * 120 + source.randrange(200)
    return Sample(
        start=float(epoch),
        seconds=60.0,
        messages=messages,
        messages_sent=messages * 3,
        bytes_received=messages * 90,
        bytes_sent=messages * 300,
        connects=source.randrange(9),
        disconnects=source.randrange(9),
        connections=_spread(source, clients, 0.1),
        message_rate=_spread(source, messages / 60, 0.4),
        cpu_percent=_spread(source, 10 + 50 * load, 0.3),
        memory_percent=_spread(source, 40 + 10 * load, 0.02),
        memory_used_mb=_spread(source, 3_000 + 500 * load, 0.02),
        network_sent_rate=_spread(source, 2 * load, 0.5),
        network_recv_rate=_spread(source, load, 0.5),
        latency_ms=latency,
        latency_sketch=latency_sketch,
        fps=_spread(source, 60 - 8 * load, 0.1),
        frame_time_sketch=frame_times,
    )


def _spread(source: random.Random, value: float, share: float) -> Gauge:
    width = share * source.random()
    return Gauge(60, value * 60, value * (1 - width), min(99.9, value * (1 + width)) if value < 99 else value)


def _readings(source: random.Random, middle: float, spread: float, count: int) -> tuple[Gauge, Sketch]:
    values = [source.lognormvariate(middle, spread) for _ in range(count)]
    return Gauge(count, sum(values), min(values), max(values)), Sketch.of(values)


def _copy(tier: type[Aggregate], days: int) -> None:
    """Repeats the tier's one day on the days that follow."""
    table, plain = tier._meta.db_table, ["node", "boot", "host", *(set(MEASURED) - {"began", "ended"})]
    last = tier.objects.latest("pk").pk
    sql = (
        f"INSERT INTO {table} ({tier.TIME_FIELD}, epoch, began, ended, {', '.join(plain)}) "
        f"SELECT {STARTS[connection.vendor]}, epoch + %s, began + %s, ended + %s, {', '.join(plain)} "
        f"FROM {table} WHERE id <= %s ORDER BY id"
    )
    for day in range(1, days):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [day * DAY] * 4 + [last])
