"""The values that alerts check in each tick: the host, the node's latency and each client's silence."""

from __future__ import annotations

from monitoring.core.alerts import NOTHING, AlertBook
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import SystemMetrics
from monitoring.core.sample import Sample
from monitoring.core.stale_clients import observe_clients


class Observing:
    """Shows the alert book what one node has just measured."""

    def __init__(self, book: AlertBook, collector: MetricsCollector) -> None:
        self._book = book
        self._collector = collector

    def observe(self, system: SystemMetrics, sample: Sample, steady: float, at: float, *, host: str, node: str) -> None:
        """`steady` is for durations, `at` is the UTC timestamp."""
        observe = self._book.observe
        observe("cpu_percent", host, system.cpu_percent, steady, at)
        observe("memory_percent", host, system.memory_percent, steady, at)
        observe("latency_ms", node, self._latency(sample), steady, at)
        observe_clients(self._book, self._collector.client_metrics, steady, at)

    def _latency(self, sample: Sample) -> float | None:
        """The mean of each client's last value; NOTHING once no client is left, whatever the clients that left had."""
        if not self._collector.active_connections and not sample.latency_ms.count:
            return NOTHING
        return self._collector.latency()[0].average
