"""Stored minutes as the lines of a chart: any metric over any range, for one node or for all.

Bounded whatever the range: at most `points` buckets, whose averages are of all readings, and whose percentiles are
right to 1 % because the minutes' distributions are merged, not their percentiles.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from monitoring.columns import timestamp
from monitoring.core.sketch import Sketch
from monitoring.fleet import Bucket, Fold, Source, buckets
from monitoring.models import Minute
from monitoring.models.minute import MinuteQuerySet

MOST_POINTS = 1_500
DAY = 86_400
WIDTHS = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY)
PERCENTILES = (0.50, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Metric:
    """What a chart says about a metric, and where its readings are; `sketch` names the column of its distribution."""

    label: str
    unit: str
    source: Source
    sketch: str | None = None


METRICS: dict[str, Metric] = {
    "cpu_percent": Metric("CPU", "%", Source("cpu_percent", "host", Fold.MEAN)),
    "memory_percent": Metric("Memory", "%", Source("memory_percent", "host", Fold.MEAN)),
    "network_sent_rate": Metric("Network sent", "MB/s", Source("network_sent_rate", "host", Fold.TOTAL)),
    "network_recv_rate": Metric("Network received", "MB/s", Source("network_recv_rate", "host", Fold.TOTAL)),
    "connections": Metric("Clients", "", Source("connections", "node", Fold.TOTAL)),
    "messages_per_second": Metric("Messages", "/s", Source("messages", "node", Fold.TOTAL, is_counter=True)),
    "latency_ms": Metric("Latency", "ms", Source("latency_ms", "node", Fold.POOLED), sketch="latency_sketch"),
    "fps": Metric("Client frame rate", "fps", Source("fps", "node", Fold.POOLED)),
}


@dataclass(frozen=True, slots=True)
class Series:
    """One metric in buckets of equal width; all lists are of one length, except that of a metric without percentiles.

    `times` are the buckets' starts in UTC epoch seconds, empty buckets included; what is not known there is None.
    `coverage` (0..1) is the share of the seconds that were measured, of those that the nodes which ran side by side
    should have measured up to the range's end. Values carry six digits.
    """

    metric: str
    label: str
    unit: str
    bucket_seconds: int
    times: list[int]
    average: list[float | None]
    minimum: list[float | None]
    maximum: list[float | None]
    p50: list[float | None]
    p95: list[float | None]
    p99: list[float | None]
    coverage: list[float]


def series(
    metric: str,
    start: datetime,
    end: datetime,
    *,
    nodes: Collection[str] | None = None,
    points: int = MOST_POINTS,
) -> Series:
    """The metric from `start` to `end` (exclusive), of these nodes or of all, in at most `points` buckets.

    Counts and rates are added over nodes, network rates over hosts; CPU and memory are averaged over hosts; latency and
    frame rate are of all their readings. Raises ValueError for an unknown metric, an empty range or fewer than one
    point.
    """
    if metric not in METRICS:
        raise ValueError(f"metric={metric}: allowed is {', '.join(METRICS)}")
    if start >= end or points < 1:
        raise ValueError(f"from {start} to {end} in {points} points: allowed is a range that ends after it starts")
    known = METRICS[metric]
    width = bucket_width(start.timestamp(), end.timestamp(), points)
    times = list(range(math.floor(start.timestamp() / width) * width, math.ceil(end.timestamp()), width))
    minutes = Minute.objects.between(timestamp(times[0]), end)
    if nodes is not None:
        minutes = minutes.of_nodes(nodes)
    found = {bucket.start: bucket for bucket in buckets(minutes, known.source, width)}
    shown = [found.get(time) or Bucket(time) for time in times]
    p50, p95, p99 = _percentiles(minutes, known.sketch, width, times) if known.sketch else ([], [], [])
    return Series(
        metric=metric,
        label=known.label,
        unit=known.unit,
        bucket_seconds=width,
        times=times,
        average=[_rounded(bucket.average) for bucket in shown],
        minimum=[_rounded(bucket.low) for bucket in shown],
        maximum=[_rounded(bucket.high) for bucket in shown],
        p50=p50,
        p95=p95,
        p99=p99,
        coverage=[_coverage(bucket, min(width, end.timestamp() - bucket.start)) for bucket in shown],
    )


def bucket_width(start: float, end: float, points: int) -> int:
    """The smallest width, in seconds, in which the range has at most so many buckets; beyond a day, whole days."""
    for width in WIDTHS:
        if _bucket_count(start, end, width) <= points:
            return width
    return next(days * DAY for days in itertools.count(2) if _bucket_count(start, end, days * DAY) <= points)


def _bucket_count(start: float, end: float, width: int) -> int:
    return math.ceil(end / width) - math.floor(start / width)


def _coverage(bucket: Bucket, seconds: float) -> float:
    # How many nodes ran side by side: after a restart two have been seen, but never more than one at a time.
    side_by_side = max(1, math.ceil(bucket.busiest / Minute.SECONDS))
    return round(min(1.0, bucket.measured / (seconds * side_by_side)), 4)


def _percentiles(minutes: MinuteQuerySet, column: str, width: int, times: Iterable[int]) -> list[list[float | None]]:
    merged: defaultdict[int, Sketch] = defaultdict(Sketch)
    for epoch, encoded in minutes.sketches(column).iterator(chunk_size=2_000):
        merged[epoch - epoch % width].merge(Sketch.decode(bytes(encoded)))
    nothing = Sketch()
    return [[_rounded(merged.get(time, nothing).quantile(q)) for time in times] for q in PERCENTILES]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
