"""The metrics of single clients that rules may be about, and a quick way to find the clients that are in breach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from monitoring.core.alert_rules import PER_CLIENT, Rule
from monitoring.core.breakdown_metrics import PERCENT, verdict_metric
from monitoring.core.collector import MetricsCollector
from monitoring.core.metrics import ClientMetrics
from monitoring.core.stats.latest_values import LatestValues
from monitoring.core.verdicts import Verdict

LOOKED_AT = 2_000
"""Clients whose computed values are looked at in one tick: ten thousand clients take five of them."""

Reader = Callable[[ClientMetrics], float | None]


def _share_of(verdict: Verdict, client: ClientMetrics) -> float | None:
    """All of a single client or nothing of it, in percent."""
    if client.judgement is None:
        return None
    return PERCENT if client.judgement.verdict == verdict else 0.0


COMPUTED: Mapping[str, Reader] = {
    "average_latency_ms": lambda client: client.latency_samples.average if len(client.latency_samples) else None,
    "p95_latency_ms": lambda client: client.latency_samples.p95,
    "slow_frames_percent": lambda client: client.slow_frames_percent,
    **{verdict_metric(verdict): partial(_share_of, verdict) for verdict in Verdict},
}
"""Each looks at a client's own readings, which costs too much for all clients in each tick."""


class ClientValues:
    """Reads the clients of one collector; `moment` is by its clock.

    A client's silence counts from `heard_since` at the earliest: while the whole process stood still, nobody could hear
    it.
    """

    def __init__(self, collector: MetricsCollector) -> None:
        self.heard_since = 0.0
        self._collector = collector
        self._latest: Mapping[str, LatestValues] = {
            "latency_ms": collector.now.latencies,
            "fps": collector.now.fps,
            "frame_time_ms": collector.now.frame_times,
        }
        self._waiting: dict[str, list[ClientMetrics]] = {}
        self._found: dict[str, dict[str, None]] = {}

    def value(self, metric: str, client: ClientMetrics, moment: float) -> float | None:
        if metric == PER_CLIENT:
            return max(0.0, moment - max(client.last_message_time, self.heard_since))
        latest = self._latest.get(metric)
        if latest is not None:
            return latest.value(client.client_id)
        return COMPUTED[metric](client) if metric in COMPUTED else None

    def in_breach(self, rule: Rule, moment: float) -> list[str]:
        """The clients whose value is on the wrong side of the threshold."""
        clients = self._collector.client_metrics
        if rule.metric == PER_CLIENT and rule.is_above:
            latest = moment - rule.threshold
            if self.heard_since >= latest:
                return []
            return [client.client_id for client in clients.values() if client.last_message_time < latest]
        values = self._latest.get(rule.metric)
        if values is not None:
            return [name for name in values.beyond(rule.threshold, above=rule.is_above) if name in clients]
        return self._looked_up(rule, moment)

    def forget(self, key: str) -> None:
        """The rule of this key is no longer in force."""
        self._waiting.pop(key, None)
        self._found.pop(key, None)

    def _looked_up(self, rule: Rule, moment: float) -> list[str]:
        """Looks at the clients whose turn it is, and remembers what was found of the others."""
        clients = self._collector.client_metrics
        waiting = self._waiting.get(rule.key) or list(clients.values())
        now, self._waiting[rule.key] = waiting[:LOOKED_AT], waiting[LOOKED_AT:]
        found = self._found.setdefault(rule.key, {})
        for client in now:
            value = self.value(rule.metric, client, moment)
            if value is not None and rule.is_breach(value):
                found[client.client_id] = None
            else:
                found.pop(client.client_id, None)
        for name in [name for name in found if name not in clients]:
            del found[name]
        return list(found)
