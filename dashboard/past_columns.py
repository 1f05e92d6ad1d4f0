"""Measurements as the columns of the live page's charts; unknown values are None. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from monitoring.core.metrics import rounded
from monitoring.core.stats.latest_values import WINDOW_SECONDS
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import PERCENTILES, Sketch
from monitoring.history.series import StoredSeries

Columns = dict[str, list[Any]]

DIGITS = {
    "cpu_percent": 1,
    "memory_percent": 1,
    "memory_used_mb": 1,
    "network_sent_rate": 6,
    "network_recv_rate": 6,
    "active_connections": 1,
    "messages_per_second": 1,
    "average_latency_ms": 2,
    "p50_latency_ms": 2,
    "p95_latency_ms": 2,
    "p99_latency_ms": 2,
    "fps": 1,
    "connects": 0,
    "disconnects": 0,
}
"""The columns besides `time`, and their number of digits."""

READ_BEFORE = math.ceil(WINDOW_SECONDS) - 1
"""This many seconds before the first one contribute to its latency."""

SERIES = {
    "cpu_percent": ("cpu_percent", "average"),
    "memory_percent": ("memory_percent", "average"),
    "network_sent_rate": ("network_sent_rate", "average"),
    "network_recv_rate": ("network_recv_rate", "average"),
    "active_connections": ("connections", "average"),
    "messages_per_second": ("messages_per_second", "average"),
    "average_latency_ms": ("latency_ms", "average"),
    "p50_latency_ms": ("latency_ms", "p50"),
    "p95_latency_ms": ("latency_ms", "p95"),
    "p99_latency_ms": ("latency_ms", "p99"),
    "fps": ("fps", "average"),
}
"""The columns that stored series provide: metric and line of each."""


class LatencyWindow:
    """The readings of the last ten seconds. A step costs as much as what comes and goes, not as what is held."""

    def __init__(self) -> None:
        self.sketch = Sketch()
        self._held: deque[tuple[int, Gauge, Sketch]] = deque()
        self._count = 0
        self._sum = 0.0

    @property
    def average(self) -> float | None:
        return self._sum / self._count if self._count else None

    def add(self, second: int, gauge: Gauge, sketch: Sketch) -> None:
        """Adds a second and removes those that are more than ten seconds old."""
        while self._held and self._held[0][0] <= second - WINDOW_SECONDS:
            _, old, old_sketch = self._held.popleft()
            self._count, self._sum = self._count - old.count, self._sum - old.sum
            self.sketch.remove(old_sketch)
        if gauge.count:
            self._held.append((second, gauge, sketch))
            self._count, self._sum = self._count + gauge.count, self._sum + gauge.sum
            self.sketch.merge(sketch)


def of_samples(samples: Iterable[Sample], first: int) -> Columns:
    """A row for each second from `first` on, by its start in UTC epoch seconds.

    Latencies and frame rates cover the ten seconds that end with it, so earlier samples contribute to them.
    """
    latency, frames = LatencyWindow(), LatencyWindow()
    columns: Columns = {name: [] for name in ("time", *DIGITS)}
    for sample in samples:
        second = math.floor(sample.start)
        latency.add(second, sample.latency_ms, sample.latency_sketch)
        frames.add(second, sample.fps, Sketch())
        if second >= first:
            columns["time"].append(second)
            row = _row(sample) | _latency(latency) | {"fps": frames.average}
            for name, digits in DIGITS.items():
                columns[name].append(rounded(row[name], digits))
    return columns


def of_series(series: Mapping[str, StoredSeries]) -> Columns:
    """A row for each bucket that has any data, by its start; values that series do not provide are None everywhere."""
    any_series = next(iter(series.values()))
    known = [index for index, coverage in enumerate(any_series.coverage) if coverage]
    columns: Columns = {"time": [any_series.times[index] for index in known]}
    for name, digits in DIGITS.items():
        metric, line = SERIES.get(name, ("", ""))
        values = getattr(series[metric], line) if metric else [None] * len(any_series.times)
        columns[name] = [rounded(values[index], digits) for index in known]
    return columns


def _row(sample: Sample) -> dict[str, float | None]:
    return {
        "cpu_percent": sample.cpu_percent.average,
        "memory_percent": sample.memory_percent.average,
        "memory_used_mb": sample.memory_used_mb.average,
        "network_sent_rate": sample.network_sent_rate.average,
        "network_recv_rate": sample.network_recv_rate.average,
        "active_connections": sample.connections.average,
        "messages_per_second": sample.messages / sample.seconds if sample.seconds else None,
        "connects": sample.connects,
        "disconnects": sample.disconnects,
    }


def _latency(window: LatencyWindow) -> dict[str, float | None]:
    p50, p95, p99 = window.sketch.quantiles(*PERCENTILES.values())
    return {
        "average_latency_ms": window.average,
        "p50_latency_ms": p50,
        "p95_latency_ms": p95,
        "p99_latency_ms": p99,
    }
