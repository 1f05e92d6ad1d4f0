"""The value of a rule's metric in a sample: the same live, where fleet rules are evaluated, and in backtests."""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import attrgetter

from monitoring.core.alert_rules import Comparison, Rule
from monitoring.core.alert_state import Observation
from monitoring.core.breakdown_metrics import BREAKDOWN_METRICS, LEFT_METRICS
from monitoring.core.stats.log_bins import bin_of
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import PERCENTILES, Sketch

Reading = Callable[[Sample], float | None]

MILLISECONDS, PERCENT = 1e3, 100.0

OF_CLIENTS = frozenset({
    "latency_ms", "p50_latency_ms", "p95_latency_ms", "p99_latency_ms",
    "fps", "frame_time_ms", "p50_frame_time_ms", "p95_frame_time_ms", "p99_frame_time_ms",
    *BREAKDOWN_METRICS,
})  # fmt: skip
"""The metrics that clients measure, and shares of what is counted of them: they have no values while no client is
there, and in no part of a second."""


def value_of(rule: Rule, sample: Sample) -> float | None:
    """The value of a host's, a node's or the fleet's rule in this sample; None if it was not measured, or if the
    metric is not in samples.

    Use `observation_of` for the state machine: it also knows when there was nothing to measure.
    """
    if rule.each_threshold is not None:
        return _share(rule, rule.each_threshold, sample)
    reading = READINGS.get(rule.metric)
    return sample.gauge(rule.metric).average if reading is None else reading(sample)


def observation_of(rule: Rule, sample: Sample, interval: float = 1.0) -> Observation | None:
    """What this sample says about the rule; None if it says nothing because no whole second of it has ended yet.

    Step with it at `sample.until`. Samples come every `interval` seconds.
    """
    value = value_of(rule, sample)
    if value is None and rule.metric in OF_CLIENTS:
        if sample.connections.count and not sample.connections.max:
            return Observation(interval=interval, gone=True)
        if math.floor(round(sample.until, 3)) == math.floor(round(sample.start, 3)):
            return None
    return Observation(value, interval=interval)


def _share(rule: Rule, limit: float, sample: Sample) -> float | None:
    """The share of clients on the wrong side of a limit, in percent.

    A client within a percent of the limit counts as at it, for distributions tell no finer; so it is not on the wrong
    side.
    """
    is_above = rule.comparison is Comparison.ABOVE
    if rule.metric == "fps":
        # Distributions hold times of frames: fewer frames a second are longer ones.
        sketch, limit, is_above = sample.frame_time_sketch, MILLISECONDS / limit, not is_above
    else:
        sketch = sample.latency_sketch if rule.metric == "latency_ms" else sample.frame_time_sketch
    total = sketch.count
    if not total:
        return None
    edge = bin_of(limit)
    wrong = sum(count for index, count in sketch.bins.items() if (index > edge if is_above else index < edge))
    return PERCENT * wrong / total


def _average(name: str) -> Reading:
    gauge: Callable[[Sample], Gauge] = attrgetter(name)
    return lambda sample: gauge(sample).average


def _rate(name: str) -> Reading:
    count: Callable[[Sample], int] = attrgetter(name)
    return lambda sample: count(sample) / sample.seconds if sample.seconds else None


def _quantile(name: str, share: float) -> Reading:
    sketch: Callable[[Sample], Sketch] = attrgetter(name)
    return lambda sample: sketch(sample).quantile(share)


def _mean_frame_time(sample: Sample) -> float | None:
    sketch = sample.frame_time_sketch
    total = sketch.count
    return sum(value * count for value, count in sketch.values()) / total if total else None


def _coverage(sample: Sample) -> float | None:
    """How many of the seconds were measured, in percent; beyond a millisecond's rounding it may not pass 100."""
    length = sample.until - sample.start
    return min(PERCENT, round(PERCENT * sample.seconds / length, 1)) if length > 0 else None


_GAUGES = (
    "cpu_percent", "memory_percent", "memory_used_mb", "network_sent_rate", "network_recv_rate", "connections",
    "loop_lag_ms", "journal_lag_seconds", "store_lag_seconds", "latency_ms", "fps",
)  # fmt: skip

READINGS: dict[str, Reading] = {
    **{name: _average(name) for name in _GAUGES},
    **{name: _rate(name) for name in ("connects", "disconnects", "messages_sent", "bytes_received", "bytes_sent")},
    "messages_per_second": _rate("messages"),
    **{f"{name}_latency_ms": _quantile("latency_sketch", share) for name, share in PERCENTILES.items()},
    **{f"{name}_frame_time_ms": _quantile("frame_time_sketch", share) for name, share in PERCENTILES.items()},
    "frame_time_ms": _mean_frame_time,
    "coverage_percent": _coverage,
    **{name: share.of for name, share in (BREAKDOWN_METRICS | LEFT_METRICS).items()},
}
"""How each metric is read from a sample."""
