"""All exported measures. Names follow Prometheus' rules; no label grows with the number of clients."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from monitoring.core.journal_state import JournalState
from monitoring.core.meter import Cost
from monitoring.core.metrics import MB, SystemMetrics
from monitoring.core.stats.breakdowns import DEPARTURES, VERDICTS
from monitoring.core.stats.fields import FACTS, Counter
from monitoring.core.verdicts import Verdict
from monitoring.exposition.instrument import (
    MILLISECOND,
    HistogramBuckets,
    Instrument,
    InstrumentKind,
    Reading,
    Scope,
    distribution,
    fine_bounds,
)
from monitoring.fleet.totals import HOST_ALERTS, NodeTotals, ServerTotals

PERCENT = 1e-2

LATENCY_BOUNDS = fine_bounds(
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 60.0
)
FRAME_TIME_BOUNDS = fine_bounds(
    0.001, 0.0025, 0.005, 0.0075, 0.0085, 0.0115, 0.0175, 0.025, 0.035, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0
)
"""Some lie just above the frame times at 144, 120, 90, 60 and 30 frames per second."""

Read = Callable[[NodeTotals], Reading]


def counter(name: str, meaning: str, read: Read, unit: str = "", scope: Scope = Scope.NODE) -> Instrument:
    return Instrument(name, InstrumentKind.COUNTER, meaning, read, unit, scope)


def gauge(name: str, meaning: str, read: Read, unit: str = "", scope: Scope = Scope.NODE) -> Instrument:
    return Instrument(name, InstrumentKind.GAUGE, meaning, read, unit, scope)


def histogram(name: str, meaning: str, read: Callable[[NodeTotals], HistogramBuckets], unit: str) -> Instrument:
    return Instrument(name, InstrumentKind.HISTOGRAM, meaning, read, unit)


def firing(scope: Scope, meaning: str) -> Instrument:
    def read(totals: NodeTotals) -> Reading:
        alerts = [alert for alert in totals.alerts if (alert.metric in HOST_ALERTS) == (scope is Scope.HOST)]
        return {(alert.metric, alert.severity): alert.firing for alert in alerts}

    return Instrument(f"{scope}_alerts_firing", InstrumentKind.GAUGE, meaning, read, "", scope, ("metric", "severity"))


def server(read: Callable[[ServerTotals], float | None], scale: float = 1) -> Read:
    """A figure of the node's server, in the measure's unit."""
    return lambda totals: _scaled(read(totals.server), scale)


def monitor(read: Callable[[Cost], float | None], scale: float = 1) -> Read:
    """A figure of the node's monitor."""
    return server(lambda server: None if server.monitor is None else read(server.monitor), scale)


def refused(totals: NodeTotals) -> Reading:
    """Refused connections, by cause."""
    return {(cause,): count for cause, count in totals.server.refused.items()}


def verdict_seconds(totals: NodeTotals) -> Reading:
    """Client-seconds, by verdict; every verdict has a series, so that a rate can be told from the first second on."""
    counts = totals.breakdowns.get(VERDICTS)
    return None if counts is None else {(verdict,): counts.get(verdict, 0) for verdict in Verdict}


def clients_by_verdict(totals: NodeTotals) -> Reading:
    """Connected clients, by verdict."""
    counts = totals.server.verdicts
    return None if counts is None else {(verdict,): counts.get(verdict, 0) for verdict in Verdict}


def own(totals: NodeTotals) -> Reading:
    """The project's own gauges, by name."""
    return {(gauge.name,): gauge.value for gauge in totals.gauges if gauge.value is not None}


def departures(totals: NodeTotals) -> Reading:
    """Clients that left, by cause and path."""
    counts = totals.breakdowns.get(DEPARTURES, {})
    return {(cause, path): float(count) for label, count in counts.items() for cause, _, path in [label.partition(" ")]}


def system(read: Callable[[SystemMetrics], float | None], scale: float = 1) -> Read:
    """The host's last reading."""
    return lambda totals: None if totals.system is None else _scaled(read(totals.system), scale)


def journal(read: Callable[[JournalState], float]) -> Read:
    """What has not reached the journal."""
    return lambda totals: None if totals.journal is None else read(totals.journal)


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


SERVER = (
    gauge("connections", "Connected clients.", server(lambda server: server.active_connections)),
    *(
        counter(fact.measure, fact.meaning, attrgetter(name), fact.counts)
        for name, fact in FACTS.items()
        if isinstance(fact, Counter)
    ),
    histogram(
        "latency",
        "Round-trip time to clients; each client's last one counts once a second.",
        lambda node: distribution(node.latency_sketch, LATENCY_BOUNDS, node.latency_ms),
        "seconds",
    ),
    histogram(
        "client_frame_time",
        "Time that clients take to draw a frame; each client's last report counts once a second.",
        lambda node: distribution(node.frame_time_sketch, FRAME_TIME_BOUNDS),
        "seconds",
    ),
    gauge("client_frame_rate", "Frames per second that clients draw, averaged over their last reports.",
          server(lambda server: server.fps)),
    gauge("uptime", "Time since the node started.", server(lambda server: server.uptime_seconds), "seconds"),
    counter("paused_reads", "Times that reading from a connection paused until its messages were handled.",
            server(lambda server: server.paused_reads)),
    counter("slow_connections_closed", "Connections dropped because the peer did not read.",
            server(lambda server: server.closed_slow)),
    counter("refused_messages", "Messages that were too many, too long or not understood.",
            server(lambda server: server.refused_messages)),
    Instrument("connections_refused", InstrumentKind.COUNTER, "Refused connections.", refused, labels=("cause",)),
    Instrument("clients", InstrumentKind.GAUGE, "Connected clients by what explains how they are doing.",
               clients_by_verdict, labels=("verdict",)),
    Instrument("client_time", InstrumentKind.COUNTER, "Seconds of clients by what explains how they were doing.",
               verdict_seconds, "seconds", labels=("verdict",)),
    Instrument("departures", InstrumentKind.COUNTER, "Clients that left, by cause and by the path of their consumer.",
               departures, labels=("cause", "path")),
    counter("sessions_left_out", "Sessions that were not recorded because the node had too many in that minute.",
            server(lambda server: server.sessions_left_out)),
    firing(Scope.NODE, "Firing alerts about the node and its clients."),
    Instrument("project_value", InstrumentKind.GAUGE, "The project's own gauges, each in its own unit.", own,
               labels=("name",)),
)  # fmt: skip

HOST = (
    gauge("host_cpu", "CPU in use, as a share of the host or of the container's limit.",
          system(lambda host: host.cpu_percent, PERCENT),
          "ratio", Scope.HOST),
    gauge("host_memory", "Memory in use, as a share of the host or of the container's limit.",
          system(lambda host: host.memory_percent, PERCENT), "ratio", Scope.HOST),
    gauge("host_memory_used", "Memory in use.", system(lambda host: host.memory_used_mb, MB), "bytes", Scope.HOST),
    gauge("host_memory_size", "Total memory of the host, or the container's limit.",
          system(lambda host: host.memory_total_mb, MB), "bytes", Scope.HOST),
    counter("host_network_sent", "Bytes sent by the host.",
            system(lambda host: host.network_sent_mb, MB), "bytes", Scope.HOST),
    counter("host_network_received", "Bytes received by the host.",
            system(lambda host: host.network_recv_mb, MB), "bytes",
            Scope.HOST),
    firing(Scope.HOST, "Firing alerts about the host."),
)  # fmt: skip

MONITORING = (
    gauge("monitor_viewers", "Connected dashboards.", server(lambda server: server.viewers)),
    counter("monitor_skipped_frames", "Frames skipped because a viewer was too slow.",
            server(lambda server: server.skipped_frames)),
    counter("monitor_broadcast", "Bytes of frames sent to viewers.", lambda node: node.bytes_broadcast, "bytes"),
    counter("monitor_cpu", "CPU time used by the monitor's ticks.", lambda node: node.cpu_ms * MILLISECOND,
            "seconds"),
    gauge("monitor_cpu_budget", "Share of a core that ticks may use before the monitor measures less often.",
          monitor(lambda cost: cost.budget_percent, PERCENT), "ratio"),
    gauge("monitor_interval", "Time between two ticks.", monitor(lambda cost: cost.interval), "seconds"),
    gauge("monitor_tick_lag", "Delay of the last tick.",
          monitor(lambda cost: cost.tick_lag_ms, MILLISECOND), "seconds"),
    gauge("event_loop_lag", "Longest time that anything waited for the event loop in the last interval.",
          monitor(lambda cost: cost.loop_lag_ms, MILLISECOND), "seconds"),
    counter("monitor_errors", "Failures of the monitor; none reaches the application.",
            server(lambda server: server.errors)),
    gauge("monitor_last_tick_timestamp", "Time of the monitor's last tick, UTC epoch.", lambda node: node.ticked_at,
          "seconds"),
    counter("journal_batches_appended", "Batches that the journal accepted.", lambda node: node.journal_appended),
    counter("journal_batches_dropped", "Batches lost because there was no room for them.",
            journal(lambda state: state.dropped)),
    counter("journal_batches_set_aside", "Batches that were unreadable on disk.",
            journal(lambda state: state.set_aside)),
    gauge("journal_batches_waiting", "Batches waiting in memory for the journal.",
          journal(lambda state: state.backlog)),
    gauge("journal_batches_spilled", "Batches waiting on disk for the journal.", journal(lambda state: state.spilled)),
    gauge("journal_spill", "Disk space used by batches waiting for the journal.",
          journal(lambda state: state.spilled_bytes), "bytes"),
    gauge("journal_lag", "How long the oldest batch has been waiting for the journal.",
          journal(lambda state: state.lag_seconds),
          "seconds"),
    gauge("store_lag", "For how long what the journal holds has not been stored.", lambda node: node.store_lag_seconds,
          "seconds"),
    gauge("journal_up", "1 while the journal accepts batches, 0 while Redis is away or the journal is full.",
          lambda node: None if node.journal is None else int(not node.journal.waits_for)),
)  # fmt: skip

MEASURES = (*SERVER, *HOST, *MONITORING)

for _name, _fact in FACTS.items():
    if _fact.measure not in {measure.name for measure in MEASURES}:
        raise TypeError(f"{_name}: FACTS says that the measure {_fact.measure} shows it: add that to {__name__}")
