"""Puts together what a node says of its server now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitoring.core.metrics import ServerMetrics
from monitoring.core.stats.sketch import PERCENTILES

if TYPE_CHECKING:
    from monitoring.core.collector import MetricsCollector


def server_reading(collector: MetricsCollector, *, uptime: float, messages_per_second: float) -> ServerMetrics:
    """The server's current state: latency and frame rate are those of the clients that are there."""
    latency, sketch = collector.latency()
    p50, p95, p99 = sketch.quantiles(*PERCENTILES.values())
    return ServerMetrics(
        uptime_seconds=uptime,
        active_connections=collector.active_connections,
        total_messages=collector.total_messages,
        messages_per_second=messages_per_second,
        average_latency_ms=latency.average or 0.0,
        p50_latency_ms=p50,
        p95_latency_ms=p95,
        p99_latency_ms=p99,
        fps=collector.now.fps.mean().average,
        bytes_sent=collector.bytes_sent,
        bytes_received=collector.bytes_received,
        errors=collector.rescue.errors + collector.sessions.dropped,
        protection=collector.protection,
        sessions_left_out=collector.sessions.left_out,
        round_trips=collector.round_trips.as_text(),
    )
