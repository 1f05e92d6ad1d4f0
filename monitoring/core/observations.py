"""The values that alerts check in each tick: the host, the node's latency, each client's silence, and what is
watched besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from monitoring.core.alert_rules import PER_CLIENT, Rule
from monitoring.core.alerts import NOTHING, AlertBook
from monitoring.core.collector import MetricsCollector
from monitoring.core.identity import Identity
from monitoring.core.metrics import ClientMetrics, SystemMetrics
from monitoring.core.stats.sample import Sample

MOST_ALERTS = 200
"""At once per node; further clients are only counted, or an idle crowd would fill frames, pages and the database."""


class Observations:
    """Shows the alert book what one node has just measured, and any further values that are watched."""

    def __init__(self, book: AlertBook, collector: MetricsCollector, identity: Identity) -> None:
        self._book = book
        self._collector = collector
        self._identity = identity
        self._watched: list[tuple[str, str, Callable[[], float | None]]] = []

    def watch(self, rule: Rule, subject: str, read: Callable[[], float | None]) -> None:
        """Checks one more value in each tick, None while unknown; `read` must not wait."""
        self._book.rules[rule.metric] = rule
        self._watched.append((rule.metric, subject, read))

    def observe(self, system: SystemMetrics, sample: Sample, steady: float, at: float) -> None:
        """`steady` is for durations, `at` is the UTC timestamp."""
        observe, host, node = self._book.observe, self._identity.host, self._identity.node
        observe("cpu_percent", host, system.cpu_percent, steady, at)
        observe("memory_percent", host, system.memory_percent, steady, at)
        observe("latency_ms", node, self._latency(sample), steady, at)
        observe_clients(self._book, self._collector.client_metrics, steady, at)
        for metric, subject, read in self._watched:
            value = None
            with self._collector.rescue.guarding(f"reading {metric}"):
                value = read()
            observe(metric, subject, value, steady, at)

    def _latency(self, sample: Sample) -> float | None:
        """The mean of each client's last value; NOTHING once no client is left, whatever the clients that left had."""
        if not self._collector.active_connections and not sample.latency_ms.count:
            return NOTHING
        return self._collector.latency()[0].average


def observe_clients(book: AlertBook, clients: Mapping[str, ClientMetrics], now: float, at: float) -> None:
    """Checks when each client was last heard; `now` is for durations, `at` is the UTC timestamp."""
    subjects = book.subjects(PER_CLIENT)
    room = MOST_ALERTS
    for client_id in subjects:
        if client_id not in clients:
            book.end(PER_CLIENT, client_id, at)
            continue
        book.observe(PER_CLIENT, client_id, now - clients[client_id].last_message_time, now, at)
        room -= (PER_CLIENT, client_id) in book.firing
    latest = now - book.rules[PER_CLIENT].threshold
    beyond = 0
    for client in clients.values():
        if client.last_message_time < latest and (PER_CLIENT, client.client_id) not in book.firing:
            if room > 0:
                book.observe(PER_CLIENT, client.client_id, now - client.last_message_time, now, at)
                room -= (PER_CLIENT, client.client_id) in book.firing
            else:
                beyond += 1
    book.beyond = beyond
