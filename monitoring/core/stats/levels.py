"""The levels of a sample: what is there at any moment, such as clients and the host's CPU, read once an interval."""

from __future__ import annotations

from monitoring.core.metrics import SystemMetrics
from monitoring.core.stats.sample import Gauge, Sample

LEVELS = (
    "connections",
    "message_rate",
    "cpu_percent",
    "memory_percent",
    "memory_used_mb",
    "network_sent_rate",
    "network_recv_rate",
)


SHORTEST_SECONDS = 0.1
"""Minimum time between two readings of the network's counters that give a rate."""


def add_system(sample: Sample, before: SystemMetrics | None, now: SystemMetrics) -> SystemMetrics | None:
    """Takes a reading of the host into the sample; the previous one gives the rates.

    Returns the reading for the next rates, None if nothing is known of the network.
    """
    for name in ("cpu_percent", "memory_percent", "memory_used_mb"):
        value = getattr(now, name)
        if value is not None:
            getattr(sample, name).add(value)
    if now.network_sent_mb is None or now.network_recv_mb is None:
        return None
    if before is None or before.network_sent_mb is None or before.network_recv_mb is None:
        return now
    seconds = now.timestamp - before.timestamp
    if seconds < SHORTEST_SECONDS * 0.9:
        return before
    # A counter that went back was reset with its network card: nothing is known about that interval.
    if now.network_sent_mb >= before.network_sent_mb and now.network_recv_mb >= before.network_recv_mb:
        sample.network_sent_rate.add((now.network_sent_mb - before.network_sent_mb) / seconds)
        sample.network_recv_rate.add((now.network_recv_mb - before.network_recv_mb) / seconds)
    return now


def count_each_second(sample: Sample) -> None:
    """Makes a level that was read once in several seconds count for each of them, beside others read every second."""
    seconds = round(sample.seconds)
    if seconds > 1:
        for name in LEVELS:
            gauge: Gauge = getattr(sample, name)
            gauge.count *= seconds
            gauge.sum *= seconds
