"""One interval's outcome, and what takes it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from monitoring.core.meter import Cost
from monitoring.core.metrics import ServerMetrics, SystemMetrics
from monitoring.core.records import AlertRecord, SessionRecord
from monitoring.core.stats.sample import Sample


class Tick(msgspec.Struct, frozen=True):
    """One interval's outcome: `alerts` are the changes of alerts, `sessions` the connections opened and closed in it.

    `timestamp` is the moment by the host's clock, `steady` by the process's monotonic one. `peaks` are alerts that are
    still firing with a higher peak than was reported before.
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
    jumped: float = 0.0  # the wall clock was set by this many seconds in it


class Sink(Protocol):
    """Takes ticks. It must not wait; its exceptions are counted and logged, and the other sinks go on."""

    def publish(self, tick: Tick) -> None: ...
