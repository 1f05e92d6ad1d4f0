"""The one wiring place: builds the parts of this process's monitoring once, or the ones that do nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from monitoring import conf, identifying
from monitoring.conf import MonitoringSettings
from monitoring.core.alert_rules import CLOCK_SKEW, EVICTABLE, JOURNAL_LAG, STORE_LAG
from monitoring.core.application_ping import ApplicationPing
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.hub import Hub
from monitoring.core.identification import Ask
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.paths import ALL_BELOW, Paths
from monitoring.core.recorder import ASGIApplication, Receive, Recorder, Scope, Send
from monitoring.core.wire.link import ProtectionCounters
from monitoring.exposition.otlp import OtlpPush, exporter, exporter_class
from monitoring.fleet.clock_skew import ClockSkew
from monitoring.fleet.node_name import own_name
from monitoring.fleet.relay import NoRelay, PeerReports, Relay
from monitoring.fleet.relay_layer import relay_layer
from monitoring.fleet.totals_writer import NodeTotalsSink, TotalsWriter
from monitoring.journal.spill import Spill
from monitoring.journal.writer import JournalWriter
from monitoring.servers import viewers_socket
from monitoring.servers.entrance import Entrance
from monitoring.servers.graceful_shutdown import GracefulShutdown
from monitoring.servers.guard import Guard, Linked
from monitoring.servers.lifecycle import BackgroundPart, Lifecycle, Served
from monitoring.servers.server_name import server_name
from monitoring.servers.uvicorn_ping import uvicorn_ping

logger = logging.getLogger(__name__)

JOURNAL = "journal"
"""The subject of the alert about storing: all nodes of a site share it."""

OF_GUARD, OF_VIEWERS = "guard in monitored(…)", "the viewers' socket"
"""Who sets the limits of a WebSocket, as the log names it."""

UNWATCHED = ProtectionCounters()
"""Counts that nobody reads, if monitoring is off."""

ALONE = NoRelay()


class MonitorPart:
    """The monitor as one of the parts that live as long as the server."""

    def __init__(self, monitor: PerformanceMonitor) -> None:
        self._monitor = monitor

    async def start(self) -> None:
        await self._monitor.start()

    async def stop(self) -> None:
        self._monitor.stop()


@dataclass(frozen=True, slots=True)
class Runtime:
    """What monitors this process: the parts start in order. Without a hub nothing is monitored."""

    hub: Hub | None
    monitor: PerformanceMonitor | None
    parts: tuple[BackgroundPart, ...] = ()
    journal: JournalWriter | None = None
    relay: Relay | NoRelay = ALONE

    def leave(self) -> None:
        """The clients are about to be sent away."""
        if self.monitor is not None:
            self.monitor.collector.is_leaving = True

    @property
    def protection(self) -> ProtectionCounters:
        return UNWATCHED if self.monitor is None else self.monitor.collector.protection


def build(settings: MonitoringSettings) -> Runtime:
    """Builds the monitor and the hub and, if the project has them, the journal and the relay to other nodes."""
    if not settings.enabled:
        return Runtime(hub=None, monitor=None)
    named = own_name()
    monitor = PerformanceMonitor(
        settings.metrics_interval,
        node=named.name,
        alert_thresholds=settings.alert_thresholds,
        cpu_budget=settings.monitor_cpu_budget,
    )
    journal = _journal(settings, monitor)
    skew, peers = ClockSkew(), PeerReports(monitor.reporter)
    hub = Hub(
        monitor.reporter,
        monitor.meter,
        monitor.collector.rescue,
        peers=peers,
        journal=None if journal is None else lambda: journal.state,
        clock_skew=lambda: skew.seconds,
    )
    monitor.sinks.append(hub)
    parts: list[BackgroundPart] = []
    if journal is not None:
        monitor.sinks.append(journal)
        parts.append(journal)
    relay: Relay | NoRelay = ALONE
    layer = relay_layer(settings.redis_url)
    if layer is not None:
        relay = Relay(monitor.reporter, hub, peers, layer=layer)
        monitor.sinks.append(relay)
        parts.append(relay)
    totals = NodeTotalsSink(monitor, hub, journal, place=named.place)
    monitor.sinks.append(totals)
    if settings.redis_url:
        parts.append(TotalsWriter(settings.redis_url, monitor.boot, totals, skew))
        monitor.watch(CLOCK_SKEW, monitor.host, lambda: _size(skew.seconds))
    if settings.otlp_endpoint:
        parts.append(OtlpPush(totals, exporter(settings.otlp_endpoint, monitor.identity)))
    return Runtime(hub, monitor, (*parts, MonitorPart(monitor)), journal, relay)


def _size(skew: float | None) -> float | None:
    return None if skew is None else abs(skew)


def _journal(settings: MonitoringSettings, monitor: PerformanceMonitor) -> JournalWriter | None:
    """Builds this node's journal writer and the alerts about it; without Redis there is none."""
    if not settings.redis_url:
        logger.warning("The setting REDIS_URL is missing: metrics are live only, no history is kept")
        return None
    directory = settings.spill_directory
    if directory is None:
        logger.warning("The setting AVATAR_SPILL_DIR is missing: while Redis is away, history is kept in memory only")
    spill = None if directory is None else Spill(directory, monitor.node, monitor.boot)
    journal = JournalWriter(settings.redis_url, node=monitor.node, boot=monitor.boot, host=monitor.host, spill=spill)
    monitor.watch(JOURNAL_LAG, monitor.node, lambda: journal.lag_seconds)
    monitor.watch(STORE_LAG, JOURNAL, lambda: journal.store_lag)
    monitor.watch(EVICTABLE, JOURNAL, lambda: journal.evictable_percent)
    return journal


@cache
def current() -> Runtime:
    """This process's runtime, built from the Django settings on first use."""
    return build(conf.current())


def _current_or_none() -> Runtime:
    """The same, but a failure costs a project only its monitoring."""
    try:
        return current()
    except Exception:
        logger.exception("Monitoring cannot start; the application is served without it")
        return Runtime(hub=None, monitor=None)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=current.cache_clear)


@dataclass(frozen=True, slots=True)
class Options:
    """What a project may ask of `monitored`, beside its application."""

    parts: Sequence[BackgroundPart]
    exclude: Container[str]
    identify: Ask | None
    guard: Container[str]
    ping: ApplicationPing | None


def monitored(
    app: ASGIApplication,
    *parts: BackgroundPart,
    exclude: Iterable[str] = (),
    identify: Ask | None = None,
    guard: bool | Iterable[str] = False,
    ping: ApplicationPing | None = None,
) -> ASGIApplication:
    """The monitored ASGI application: put it around the outermost application in `asgi.py`.

    It counts every WebSocket except those on the paths in `exclude`, serves the viewers' own WebSocket, and runs
    monitoring as long as the server runs. Everything else passes through unchanged, both ways. The project's own
    `parts` start before monitoring and stop after it.

    `guard` limits the size, rate and number of unread bytes of clients' messages under daphne, and tells clients with
    4012 when the server goes away: True on all WebSockets, or on these paths. A path that ends in `*` means all that
    begin so. `ping` measures round trips by a message under servers that cannot, such as `JsonPing()`.

    `identify(scope)` returns who a client is: a `Client`, an id alone, or None if it is not known; then the id is the
    one in `?client_id=`, or random. It may be a coroutine function, such as `django_user`.

    With AVATAR_MONITORING_ENABLED=false and neither parts nor guard it returns `app` itself. Raises
    ImproperlyConfigured for a bad setting; everything else is created when the server starts, in each process that it
    forks.
    """
    identifying.check(identify)
    settings = conf.current()
    if settings.otlp_endpoint:
        exporter_class(settings.otlp_endpoint)
    guarded = Paths([ALL_BELOW] if guard is True else guard or ())
    if not (settings.enabled or parts or guard):
        return app
    options = Options(parts, Paths(exclude), identify, guarded, ping)
    return Lifecycle(lambda: _served(app, options))


def _served(app: ASGIApplication, options: Options) -> Served:
    runtime = _current_or_none()
    watching = list(runtime.parts)
    recorded, linked = app, app
    is_stopping: Callable[[], bool] = bool
    if runtime.monitor is not None:
        collector = runtime.monitor.collector
        # The heartbeat wakes up anyway, so it can probe the event loop at no cost.
        heartbeat = Heartbeat(
            collector.rescue, conf.current().pings_per_second, on_wake=runtime.monitor.meter.loop_came_late
        )
        recorder = Recorder(
            app,
            collector,
            options.exclude,
            heartbeat=heartbeat,
            ping=options.ping,
            server_name=server_name,
            server_ping=uvicorn_ping,
            identification=identifying.identification(options.identify, collector.rescue),
        )
        recorded, linked = recorder, Linked(recorder, runtime.protection)
        watching += [heartbeat, recorder]
        is_stopping = recorder.is_stopping
    shutdown = GracefulShutdown(runtime.leave)

    async def viewers(scope: Scope, receive: Receive, send: Send) -> None:
        await (viewers_socket.consumer() or app)(scope, receive, send)

    entrance = Entrance(
        linked,
        untouched=app,
        exclude=options.exclude,
        viewers=shutdown.around(Guard(viewers, runtime.protection, OF_VIEWERS)),
        guarded=shutdown.around(Guard(recorded, runtime.protection, OF_GUARD)),
        guard=options.guard,
    )
    return Served(entrance, [*options.parts, *watching, shutdown], is_stopping)
