"""What this node says of itself: its report at a tick, the frame that nodes' reports make, and SPEC.md's current
metrics."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from monitoring.core.adaptive_interval import AdaptiveInterval
from monitoring.core.alerts import AlertBook
from monitoring.core.client_second import ClientSecond, second_of
from monitoring.core.client_states import NOISY_PER_SECOND, StateLimits
from monitoring.core.clock import Ahead
from monitoring.core.collector import MetricsCollector
from monitoring.core.groups import Grouping, wants_groups
from monitoring.core.identity import Identified, Identity
from monitoring.core.message import Frame, Report, view_key
from monitoring.core.meter import Cost
from monitoring.core.own_gauges import GaugeReading
from monitoring.core.standing import Standing
from monitoring.core.stats.sample import Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.tick import Tick
from monitoring.core.view import Rows, View, select
from monitoring.core.wire.outgoing import Outgoing

LOOK_SECONDS = 5.0
"""How long looking at a client once holds. A node whose viewer goes on looking says so at each tick."""


class Reporter(Identified):
    """Puts into words what the collector counts and the alert book holds.

    It keeps nothing but counts of the clients while somebody looks, and changes nothing but which clients are looked
    at: by their pages, and by the rows it reports.
    """

    def __init__(
        self,
        identity: Identity,
        collector: MetricsCollector,
        alerts: AlertBook,
        pace: AdaptiveInterval,
        ahead: Ahead,
    ) -> None:
        self.identity = identity
        self._collector = collector
        self._alerts = alerts
        self._pace = pace
        self._ahead = ahead
        self._grouping = Grouping(collector)
        self._standing = Standing()
        self.noisy_per_second = NOISY_PER_SECOND  # who sends more messages is a noisy client

    @property
    def interval(self) -> float:
        """Seconds from one report to the next."""
        return self._pace.interval

    def now(self) -> float:
        """The moment by this process's monotonic clock, as in `Tick.steady`."""
        return self._collector.clock()

    def report(self, tick: Tick, views: Collection[View], *, alone: bool = False) -> Report:
        """This node's report at a tick, with the clients' rows that these views need."""
        now = self.now()
        latency, sketch = self._collector.latency()
        rows = self._rows(views, now, tick.seq, alone=alone)
        return Report(
            node=self.node,
            boot=self.boot,
            host=self.host,
            timestamp=tick.timestamp,
            seq=tick.seq,
            system=tick.system.as_dict(),
            server={**tick.server.as_dict(), "monitor": tick.cost.as_dict()},
            alerts=self._alerts.messages(self.host, self.node, tick.timestamp),
            alerts_total=self._alerts.total,
            latency=latency,
            latency_sketch=sketch,
            interval=tick.cost.interval,
            drawing=self._collector.now.fps.mean(),
            gauges=tick.gauges,
            groups=self._grouping.at(tick.seq) if wants_groups(views) else None,
            looked_at=self._looked_at(now, tick.timestamp),
            frame_rates=self._collector.now.fps.now()[1] if self._collector.looked_at else Sketch(),
            rows=rows,
            verdicts=self._collector.verdicts.now(len(self._collector.client_metrics)),
            states=self._standing.counts.counted if views else {},
        )

    def _rows(self, views: Collection[View], now: float, seq: int, *, alone: bool) -> dict[str, Rows]:
        """The clients' rows that these views need, by their keys; who is in one is judged at the next tick."""
        if not views:
            return {}
        clients, ahead, standing = self._collector.client_metrics, self._ahead.seconds, self._standing
        standing.turn(clients, {view.key for view in views}, self._limits(), now, seq)
        rows = {
            view_key(view): select(clients, view, now, self.node, alone=alone, ahead=ahead, standing=standing)
            for view in views
        }
        self._collector.verdicts.look_at(row["client_id"] for shown in rows.values() for row in shown.rows)
        return rows

    def _limits(self) -> StateLimits:
        """Those of the rules in force, and the usual ones for rules that are off."""
        rules, usual = self._alerts.rules, StateLimits()
        stale, slow = rules.get("stale_client_seconds"), rules.get("latency_ms")
        return StateLimits(
            usual.stale_seconds if stale is None else stale.threshold,
            usual.slow_ms if slow is None else slow.threshold,
            self.noisy_per_second,
        )

    def look_at(self, client_ids: Iterable[str], seconds: float = LOOK_SECONDS) -> None:
        """Somebody looks at these clients for so long, three ticks at least: reports contain their seconds."""
        self._collector.looked_at.look(client_ids, self.now() + max(seconds, 3 * self.interval))

    def _looked_at(self, now: float, timestamp: float) -> dict[str, ClientSecond]:
        ahead = self._ahead.seconds
        found = {
            client_id: second_of(self._collector, client_id, timestamp, self.node, ahead)
            for client_id in self._collector.looked_at.at(now)
        }
        return {client_id: second for client_id, second in found.items() if second is not None}

    def frame(self, reports: Sequence[Report], beside: Mapping[str, Any] | None = None) -> Frame:
        """The message that these reports make, this node's first; `beside` holds the counts of nodes that are gone."""
        pace = self._pace
        return Frame(
            reports,
            epoch=self.boot,
            interval=pace.interval,
            stretched=pace.stretched,
            beside=beside,
            rules_version=self._alerts.rules_version,
        )

    def for_client(self, frame: Frame, client_id: str) -> Outgoing | None:
        """The frame for one of this node's clients, which sees only itself; None if it is not tracked."""
        client = self._collector.client_metrics.get(client_id)
        return None if client is None else frame.for_client(client, self.now(), self.node, self._ahead.seconds)

    def get_current_metrics(self, seq: int, timestamp: float, cost: Cost, gauges: list[GaugeReading]) -> dict[str, Any]:
        """SPEC.md's "metrics" message as it would be sent now; `clients` holds at most 100 rows."""
        history = self._collector.system_metrics_history
        system = history[-1] if history else self._collector.collect_system_metrics()
        server = self._collector.server_metrics()
        now = Tick(seq, timestamp, Sample(start=0), system, server, [], [], cost, gauges=gauges)
        return self.frame([self.report(now, [View()])]).as_dict(View())
