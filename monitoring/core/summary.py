"""Average, minimum and maximum of recent measurements."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from monitoring.core.metrics import ServerMetrics
from monitoring.core.tick import Tick

SYSTEM = ("cpu_percent", "memory_percent", "memory_used_mb")
SERVER = ("active_connections", "messages_per_second")


def summary(history: Collection[Tick], server: ServerMetrics, alerts_firing: int) -> dict[str, Any]:
    """Figures over the ticks of `history`; a metric that was never read has None three times."""
    return {
        "samples": len(history),
        "uptime_seconds": round(server.uptime_seconds, 1),
        "active_connections_now": server.active_connections,
        "total_messages": server.total_messages,
        "alerts_firing": alerts_firing,
        **{name: _figures(getattr(tick.system, name) for tick in history) for name in SYSTEM},
        **{name: _figures(getattr(tick.server, name) for tick in history) for name in SERVER},
        "average_latency_ms": _figures(_latency(tick.server) for tick in history),
    }


def _latency(server: ServerMetrics) -> float | None:
    """SPEC.md's average is 0.0 while no round trip was measured."""
    return None if server.p50_latency_ms is None else server.average_latency_ms


def _figures(values: Iterable[float | None]) -> dict[str, float | None]:
    known = [value for value in values if value is not None]
    if not known:
        return {"average": None, "minimum": None, "maximum": None}
    return {
        "average": round(sum(known) / len(known), 2),
        "minimum": round(min(known), 2),
        "maximum": round(max(known), 2),
    }
