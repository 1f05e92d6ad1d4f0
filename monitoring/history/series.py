"""Stored history as the lines of a chart: any metric over any range, for one node, some or all.

The work is bounded whatever the range: the finest tier that holds it in about 1 600 rows answers, in at most `points`
buckets. Their averages cover all readings, and their percentiles are accurate to 1 % because distributions are merged,
not percentiles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitoring.core.stats.sketch import PERCENTILES
from monitoring.history.chart_buckets import ChartBucket, Metric, metrics_of_samples
from monitoring.history.own_metrics import own_metrics
from monitoring.history.stretches import Stretches, read_range

MOST_POINTS = 1_500

METRICS = metrics_of_samples()


@dataclass(frozen=True, slots=True)
class Whole:
    """A metric over a whole range, all readings together; unknown values are None."""

    average: float | None
    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One metric in buckets of equal width; all lists have one length, except for a metric without percentiles.

    `times` are the buckets' starts in UTC epoch seconds, empty buckets included; unknown values are None there. `start`
    and `end`, UTC epoch seconds, are the range that was counted: the requested one, widened to whole rows of the tier,
    but not beyond now. `tier` names the rows it is made of: second, minute, hour or day. `count` is the number of
    readings in each bucket, or for a rate the count itself. `coverage` (0..1) is the measured share of the seconds in
    the bucket and in this range. `bounded` marks buckets whose minimum and maximum were not measured because single
    seconds of the nodes are no longer kept: the true values lie between them. Values have six digits.
    """

    metric: str
    label: str
    unit: str
    tier: str
    bucket_seconds: int
    start: float
    end: float
    times: list[int]
    average: list[float | None]
    minimum: list[float | None]
    maximum: list[float | None]
    p50: list[float | None]
    p95: list[float | None]
    p99: list[float | None]
    count: list[int]
    coverage: list[float]
    bounded: list[bool]
    whole: Whole


def series(
    metric: str,
    start: datetime,
    end: datetime,
    *,
    nodes: Collection[str] | None = None,
    points: int = MOST_POINTS,
) -> StoredSeries:
    """The metric from `start` to `end` (exclusive), for these nodes or for all, in at most `points` buckets.

    Counts and rates are added over nodes, network rates over hosts; CPU and memory are averaged over hosts; latency and
    frame rate cover all clients in all seconds. The first and the last row of the tier (second, minute, hour or day)
    count as a whole. The project's own gauges are metrics by their names, and are averaged or added as it said. Raises
    ValueError for an unknown metric, an empty range or fewer than one point.
    """
    return series_of([metric], start, end, nodes=nodes, points=points)[metric]


def series_of(
    metrics: Collection[str],
    start: datetime,
    end: datetime,
    *,
    nodes: Collection[str] | None = None,
    points: int = MOST_POINTS,
) -> dict[str, StoredSeries]:
    """Several metrics over one range, read together and with the same buckets; otherwise like `series`."""
    known = {**METRICS, **own_metrics([name for name in metrics if name not in METRICS])}
    for name in metrics:
        if name not in known:
            raise ValueError(f"metric={name}: must be one of {', '.join(METRICS)}, or a gauge of the project")
    chosen = {name: known[name] for name in metrics}
    return read_range(start, end, nodes, points, lambda stretches: _read(chosen, stretches))


def _read(metrics: Mapping[str, Metric], stretches: Stretches) -> dict[str, StoredSeries]:
    buckets: dict[str, defaultdict[int, ChartBucket]] = {name: defaultdict(ChartBucket) for name in metrics}
    measured: defaultdict[int, float] = defaultdict(float)
    fields = {name for metric in metrics.values() for name in metric.fields}
    for epoch, sample, sketches in stretches.rows(fields):
        bucket = stretches.bucket_of(epoch)
        measured[bucket] += sample.seconds
        for name, metric in metrics.items():
            buckets[name][bucket].take(metric, sample, sketches)
    for name, metric in metrics.items():
        if metric.is_read_from_sketch:
            for one in buckets[name].values():
                one.read_distribution()
    coverage = stretches.coverage(measured)
    return {name: _line((name, one), stretches, buckets[name], coverage) for name, one in metrics.items()}


def _line(
    named: tuple[str, Metric],
    stretches: Stretches,
    buckets: dict[int, ChartBucket],
    coverage: list[float],
) -> StoredSeries:
    nothing = ChartBucket()
    times = stretches.times
    shown = [buckets.get(start, nothing) for start in times]
    name, metric = named
    p50, p95, p99 = _percentiles(shown) if metric.sketch else ([], [], [])
    return StoredSeries(
        metric=name,
        label=metric.label,
        unit=metric.unit,
        tier=stretches.chosen.tier,
        bucket_seconds=stretches.chosen.width,
        start=stretches.start,
        end=stretches.end,
        times=times,
        average=[_rounded(bucket.average) for bucket in shown],
        minimum=[_rounded(bucket.low) for bucket in shown],
        maximum=[_rounded(bucket.high) for bucket in shown],
        p50=p50,
        p95=p95,
        p99=p99,
        count=[bucket.count for bucket in shown],
        coverage=coverage,
        bounded=[bucket.bounded for bucket in shown],
        whole=_whole(shown),
    )


def _whole(buckets: Iterable[ChartBucket]) -> Whole:
    whole = ChartBucket()
    for bucket in buckets:
        whole.merge(bucket)
    return Whole(_rounded(whole.average), *map(_rounded, whole.distribution.quantiles(*PERCENTILES.values())))


def _percentiles(buckets: Iterable[ChartBucket]) -> list[list[float | None]]:
    found = [bucket.distribution.quantiles(*PERCENTILES.values()) for bucket in buckets]
    return [[_rounded(quantiles[index]) for quantiles in found] for index in range(len(PERCENTILES))]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
