"""The levels of a sample: what is there at any moment, such as clients and the host's CPU, read once an interval."""

from __future__ import annotations

from monitoring.core.metrics import SystemMetrics
from monitoring.core.sample import Gauge, Sample

LEVELS = (
    "connections",
    "message_rate",
    "cpu_percent",
    "memory_percent",
    "memory_used_mb",
    "network_sent_rate",
    "network_recv_rate",
)


def add_system(sample: Sample, before: SystemMetrics | None, now: SystemMetrics) -> None:
    """Takes a reading of the host into the sample; the one before it tells the rates."""
    for name in ("cpu_percent", "memory_percent", "memory_used_mb"):
        value = getattr(now, name)
        if value is not None:
            getattr(sample, name).add(value)
    if before is None or before.network_sent_mb is None or now.network_sent_mb is None:
        return
    seconds = now.timestamp - before.timestamp
    if seconds <= 0:
        return
    assert before.network_recv_mb is not None
    assert now.network_recv_mb is not None
    # A counter that went back was reset with its network card: nothing is known of that interval.
    if now.network_sent_mb >= before.network_sent_mb and now.network_recv_mb >= before.network_recv_mb:
        sample.network_sent_rate.add((now.network_sent_mb - before.network_sent_mb) / seconds)
        sample.network_recv_rate.add((now.network_recv_mb - before.network_recv_mb) / seconds)


def count_each_second(sample: Sample) -> None:
    """Has a level that was read once in several seconds count for each of them, beside others that were read each."""
    seconds = round(sample.seconds)
    if seconds > 1:
        for name in LEVELS:
            gauge: Gauge = getattr(sample, name)
            gauge.count *= seconds
            gauge.sum *= seconds
