"""The monitor: once an interval it takes one sample and hands it to its sinks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from monitoring.core.adaptive_interval import (
    CPU_BUDGET,
    LEAST_BUDGET,
    LONGEST_INTERVAL,
    METRICS_INTERVAL,
    MOST_BUDGET,
    SHORTEST_INTERVAL,
    AdaptiveInterval,
)
from monitoring.core.alert_handling import AlertHandler, Handling
from monitoring.core.alert_messages import as_message
from monitoring.core.alert_rules import LONGEST_FOR, Rule, default_rules
from monitoring.core.alerts import AlertBook
from monitoring.core.client_steps import StepGroup
from monitoring.core.clock import Ahead, Clock, Stamps
from monitoring.core.collector import HISTORY, MAX_CLIENTS, MetricsCollector
from monitoring.core.grid import Grid
from monitoring.core.identity import Identified, Identity
from monitoring.core.judging import Judging
from monitoring.core.meter import CostReading, Meter
from monitoring.core.observations import Observations
from monitoring.core.own_gauges import GaugeDescription, GaugeReading, OwnGauges
from monitoring.core.probe import NoProbe, SystemProbe
from monitoring.core.records import AlertRecord
from monitoring.core.reporter import Reporter
from monitoring.core.sessions import stamped
from monitoring.core.signal_reading import read_signals
from monitoring.core.step_taker import StepTaker
from monitoring.core.tick import Sink, SummaryHistory, Tick
from monitoring.core.verdict_rules import LEAST_SLOW_MS


class PerformanceMonitor(Identified):
    """Watches a server: collects every `metrics_interval` seconds (0.1 to 60), detects alerts, hands ticks to sinks.

    `alert_thresholds` replaces any of cpu_percent, memory_percent, latency_ms and stale_client_seconds. `start` needs a
    running event loop; `tick` does not. CPU, memory and latency must be above their thresholds for `alert_for_seconds`.
    Raises ValueError for an interval, a time or a threshold name that is not allowed. While its ticks take more than
    `cpu_budget` percent of one core, it measures less often than requested.
    """

    def __init__(
        self,
        metrics_interval: float = METRICS_INTERVAL,
        enable_system_metrics: bool = True,
        enable_client_metrics: bool = True,
        alert_thresholds: Mapping[str, float] | None = None,
        *,
        collector: MetricsCollector | None = None,
        stamps: Clock | None = None,
        node: str | None = None,
        cpu_budget: float = CPU_BUDGET,
        alert_for_seconds: float = 0.0,
        meter: Meter | None = None,
    ) -> None:
        _check_ranges(metrics_interval, cpu_budget, alert_for_seconds)
        self.metrics_interval = metrics_interval
        self.identity = Identity(node)
        self.collector = collector or MetricsCollector(
            probe=SystemProbe() if enable_system_metrics else NoProbe(),
            max_clients=MAX_CLIENTS if enable_client_metrics else 0,
        )
        self.alerts = AlertBook(default_rules(alert_thresholds or {}, alert_for_seconds))
        self.own_gauges = OwnGauges(self.collector.rescue)
        self.collector.verdicts.slow_ms = max(self.alerts.rules["latency_ms"].threshold, LEAST_SLOW_MS)
        self._judging = Judging(self.collector, read_signals)
        self._observations = Observations(self.alerts, self.collector, self.identity, self.own_gauges)
        self._readings: list[GaugeReading] = []
        self.alert_handler: AlertHandler | None = None
        self.sinks: list[Sink] = []
        self.step_taker: StepTaker | None = None  # who records what clients do sets it
        self.history = SummaryHistory(HISTORY)
        self.meter = meter or Meter()
        self.pace = AdaptiveInterval(metrics_interval, cpu_budget)
        self._cost = self.pace.settle(CostReading())
        self.own_gauges.measure("loop_lag_ms", lambda: self._cost.loop_lag_ms)
        self._stamps = stamps or Stamps()
        self._grid = Grid(metrics_interval, self._stamps(), self.collector.clock())
        self.ahead = Ahead()  # of the collector's clock, which setting the wall clock does not move
        self._seq = 0
        self._task: asyncio.Task[None] | None = None
        self._handling = Handling(self.collector.rescue)
        self.reporter = Reporter(self.identity, self.collector, self.alerts, self.pace, self.ahead)

    # Running

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Ticks in the background until `stop`; does nothing if it is already running."""
        if not self.is_running:
            self.collector.is_leaving = False
            self.collector.prime()
            self._grid = Grid(self.pace.interval, self._stamps(), self.collector.clock())
            self._task = asyncio.create_task(self._run(), name="PerformanceMonitor")

    def stop(self) -> None:
        """Stops, after one last tick that hands over what was counted since the previous one and ends all alerts."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            with self.collector.rescue.guarding("the last tick"):
                self.tick(last=True)

    async def _run(self) -> None:
        while True:
            pause = self._grid.until_next(self._stamps())
            due = time.monotonic() + pause
            await asyncio.sleep(pause)
            self.meter.tick_came_late(time.monotonic() - due)
            with self.collector.rescue.guarding("a tick"):
                self.tick()

    def tick(self, now: float | None = None, *, last: bool = False) -> Tick:
        """Takes one sample at `now` (UTC epoch seconds, by default the clock's) and hands it to every sink.

        The last tick ends all alerts instead of looking for new ones.
        """
        self._cost = self.pace.settle(self.meter.turn())
        self.collector.loop_lags.add(self.collector.clock(), self._cost.loop_lag_ms)
        with self.meter:
            tick = self._take(now, last=last)
            self.history.add(tick)
            for sink in self.sinks:
                try:
                    sink.publish(tick)
                except Exception:
                    self.collector.rescue.failed(f"handing a tick to {type(sink).__name__}")
        self._handle(tick.alerts)
        return tick

    def _take(self, now: float | None, *, last: bool) -> Tick:
        timestamp = self._stamps() if now is None else now
        steady = self.collector.clock()
        jumped = self.ahead.follow(timestamp - steady) if now is None else 0.0
        self._observations.move(jumped)
        system = self.collector.collect_system_metrics()
        self._judging.turn(steady)
        sample = self.collector.take_sample(*self._grid.span(timestamp, steady), last=last)
        self._readings = self.own_gauges.read_into(sample)
        self._grid.change(self.pace.interval)
        if last:
            self._observations.end_all(timestamp)
        else:
            self._observations.observe(sample, steady, self.pace.interval)
        self._seq += 1
        return Tick(
            seq=self._seq,
            timestamp=timestamp,
            sample=sample,
            system=system,
            server=self.collector.server_metrics(),
            alerts=self.alerts.take_changes(),
            sessions=stamped(self.collector.sessions.take(), timestamp - steady),
            cost=self._cost,
            steady=steady,
            peaks=self.alerts.take_reports(),
            jumped=jumped,
            gauges=self._readings,
            last=last,
            steps=None if last else self._steps(timestamp, steady),
        )

    def _steps(self, timestamp: float, steady: float) -> StepGroup | None:
        with self.collector.rescue.guarding("taking the steps of clients"):
            if self.step_taker is not None:
                return self.step_taker.take(timestamp, steady, self.pace.interval)
        return None

    # Reading

    def get_current_metrics(self) -> dict[str, Any]:
        """SPEC.md's "metrics" message as it would be sent now; `clients` holds at most 100 rows."""
        return self.reporter.get_current_metrics(self._seq, self._stamps(), self._cost, self._readings)

    def get_performance_summary(self) -> dict[str, Any]:
        """Average, minimum and maximum of each metric over the last 60 intervals, and the firing alerts."""
        return self.history.summary(self.collector.server_metrics(), self.alerts.total)

    # Gauges and alerts

    def gauge(
        self, name: str, function: Callable[[], float | None], unit: str = "", label: str = "", *, added: bool = False
    ) -> None:
        """Reads a number of the project once a tick: it gets a chart, a history, a series in /metrics, and rules.

        `function` returns it, None while unknown; it is called on the event loop and must not wait. `name` has small
        letters, digits and underscores, at most 64; `label` (by default made of the name) and `unit` are what people
        read. The values of several nodes are averaged, or `added`. The same name again replaces the function.

        Raises ValueError for a name, label or unit that is not allowed, a name of the monitor's own, or more than 50
        gauges, and TypeError for a coroutine function.
        """
        label = label or name.replace("_", " ").capitalize()
        self.own_gauges.register(GaugeDescription(name, label, unit, added), function)

    def watch(self, rule: Rule, subject: str, read: Callable[[], float | None]) -> None:
        """Makes each tick check one more value, None while unknown; `read` must not wait."""
        self._observations.watch(rule, subject, read)

    def _handle(self, changes: Iterable[AlertRecord]) -> None:
        for alert in changes:
            if self.alert_handler is not None and alert.state == "firing":
                rule = self.alerts.rules.get(alert.rule)
                message = as_message(alert, self.node, alert.at, rule.runbook if rule else "")
                self._handling.call(self.alert_handler, message)


def _check_ranges(metrics_interval: float, cpu_budget: float, alert_for_seconds: float) -> None:
    if not SHORTEST_INTERVAL <= metrics_interval <= LONGEST_INTERVAL:
        raise ValueError(f"metrics_interval={metrics_interval}: must be {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} s")
    if not LEAST_BUDGET <= cpu_budget <= MOST_BUDGET:
        raise ValueError(f"cpu_budget={cpu_budget}: must be {LEAST_BUDGET} to {MOST_BUDGET} percent of a core")
    if not 0 <= alert_for_seconds <= LONGEST_FOR:
        raise ValueError(f"alert_for_seconds={alert_for_seconds}: must be 0 to {LONGEST_FOR:g} s")
