"""One interval's outcome, what takes it, and the summary of several."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from monitoring.core.client_steps import StepGroup
from monitoring.core.meter import Cost
from monitoring.core.metrics import ServerMetrics, SystemMetrics
from monitoring.core.own_gauges import GaugeReading
from monitoring.core.records import AlertRecord, SessionRecord
from monitoring.core.stats.sample import Sample

SYSTEM = ("cpu_percent", "memory_percent", "memory_used_mb")
SERVER = ("active_connections", "messages_per_second")
LATENCY = "average_latency_ms"


class Tick(msgspec.Struct, frozen=True):
    """One interval's outcome: `alerts` are the changes of alerts, `sessions` the connections opened and closed in it.

    `timestamp` is the moment by the host's clock, `steady` by the process's monotonic one. `peaks` are alerts that are
    still firing, with their last value and peak; each is reported every few seconds. `gauges` are the project's own.
    `steps` are those of the clients whose turn it was. The `last` tick is a stop's.
    """

    seq: int
    timestamp: float
    sample: Sample
    system: SystemMetrics
    server: ServerMetrics
    alerts: list[AlertRecord]
    sessions: list[SessionRecord]
    cost: Cost = Cost()
    steady: float = 0.0
    peaks: list[AlertRecord] = []
    gauges: list[GaugeReading] = []
    jumped: float = 0.0  # the wall clock was set by this many seconds in it
    last: bool = False
    steps: StepGroup | None = None


class Sink(Protocol):
    """Takes ticks. It must not wait; its exceptions are counted and logged, and the other sinks go on."""

    def publish(self, tick: Tick) -> None: ...


class SummaryHistory:
    """What the summary shows of the last `kept` ticks, as plain numbers: a tick takes 48 bytes instead of 3 KB."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._figures = {name: array("d") for name in (*SYSTEM, *SERVER, LATENCY)}

    def add(self, tick: Tick) -> None:
        """The newest tick takes the place of the oldest."""
        system, server, figures = tick.system, tick.server, self._figures
        for name in SYSTEM:
            _append(figures[name], getattr(system, name), self._kept)
        for name in SERVER:
            _append(figures[name], getattr(server, name), self._kept)
        _append(figures[LATENCY], _latency(server), self._kept)

    def __len__(self) -> int:
        return len(self._figures[LATENCY])

    def summary(self, server: ServerMetrics, alerts_firing: int) -> dict[str, Any]:
        """Average, lowest and highest of each metric; one that was never read has None three times."""
        return {
            "samples": len(self),
            "uptime_seconds": round(server.uptime_seconds, 1),
            "active_connections_now": server.active_connections,
            "total_messages": server.total_messages,
            "alerts_firing": alerts_firing,
            **{name: _shown(figures) for name, figures in self._figures.items()},
        }


def _append(figures: array[float], value: float | None, kept: int) -> None:
    if len(figures) == kept:
        del figures[0]
    figures.append(math.nan if value is None else value)


def _latency(server: ServerMetrics) -> float | None:
    """SPEC.md's average is 0.0 while no round trip was measured."""
    return None if server.p50_latency_ms is None else server.average_latency_ms


def _shown(figures: Iterable[float]) -> dict[str, float | None]:
    known = [value for value in figures if not math.isnan(value)]
    if not known:
        return {"average": None, "minimum": None, "maximum": None}
    return {
        "average": round(sum(known) / len(known), 2),
        "minimum": round(min(known), 2),
        "maximum": round(max(known), 2),
    }
