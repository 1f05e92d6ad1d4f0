"""The one wiring place: builds the parts of this process's monitoring once, or the ones that do nothing."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache

from django.conf import settings as django_settings

from monitoring import conf, environment
from monitoring.command_lines import folder
from monitoring.conf import MonitoringSettings
from monitoring.core.address_masks import HASH, Mask, mask_of
from monitoring.core.alert_rules import CLOCK_SKEW, EVICTABLE, JOURNAL_LAG, STORE_LAG
from monitoring.core.hub import Hub
from monitoring.core.kernel_watch import Watchable
from monitoring.core.limit_log import mask_addresses
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.step_taker import StepTaker
from monitoring.core.versions import OwnVersions
from monitoring.core.wire.link import ProtectionCounters
from monitoring.exposition.otlp import OtlpPush, exporter
from monitoring.fleet.clock_skew import ClockSkew
from monitoring.fleet.live_state_reader import LiveStateReader
from monitoring.fleet.node_answers import answers
from monitoring.fleet.node_calls import NodeCalls
from monitoring.fleet.node_name import own_name
from monitoring.fleet.prompt_storing import PromptStoring
from monitoring.fleet.relay import NoRelay, PeerReports, Relay
from monitoring.fleet.relay_layer import relay_layer
from monitoring.fleet.totals_writer import NodeTotalsSink, TotalsWriter
from monitoring.journal.spill import Spill
from monitoring.journal.writer import JournalWriter
from monitoring.servers.lifecycle import BackgroundPart

logger = logging.getLogger(__name__)

JOURNAL = "journal"
"""The subject of the alert about storing: all nodes of a site share it."""

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
    calls: NodeCalls | None = None

    def leave(self) -> None:
        """The clients are about to be sent away."""
        if self.monitor is not None:
            self.monitor.collector.is_leaving = True

    @property
    def protection(self) -> ProtectionCounters:
        return UNWATCHED if self.monitor is None else self.monitor.collector.protection


def build(settings: MonitoringSettings) -> Runtime:
    """Builds the monitor and the hub and, if the project has them, the journal and the relay to other nodes."""
    mask = address_mask(settings)
    mask_addresses(mask)
    if not settings.enabled:
        return Runtime(hub=None, monitor=None)
    named = own_name()
    monitor = _monitor(settings, named.name)
    versions = OwnVersions(folder(), settings.release, environment.hosted_release())
    monitor.collector.kernel_watches = Watchable(settings.kernel_watch)
    monitor.collector.address_mask = mask
    monitor.reporter.noisy_per_second = settings.noisy_client_messages
    storing = PromptStoring(settings.redis_url) if settings.redis_url else None
    journal = _journal(settings, monitor, storing, versions)
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
    # Parts stop in reverse order: the last alerts of this node are stored at once too.
    parts: list[BackgroundPart] = [versions] if storing is None else [versions, storing]
    if journal is not None:
        monitor.sinks.append(journal)
        parts.append(journal)
    relay: Relay | NoRelay = ALONE
    layer = relay_layer(settings.redis_url)
    if layer is not None:
        relay = Relay(monitor.reporter, hub, peers, layer=layer)
        monitor.sinks.append(relay)
        parts.append(relay)
    calls = NodeCalls(settings.redis_url, monitor.node, answers(monitor))
    parts.append(calls)
    node_totals = NodeTotalsSink(monitor, hub, journal, place=named.place, versions=lambda: versions.found)
    monitor.sinks.append(node_totals)
    parts += _exchanged(settings, monitor, node_totals, skew)
    return Runtime(hub, monitor, (*parts, MonitorPart(monitor)), journal, relay, calls)


def address_mask(settings: MonitoringSettings) -> Mask:
    """What is kept of clients' addresses; hashes are the project's own, and with AVATAR_SITE the site's."""
    key = f"avatar_monitoring {settings.site} {django_settings.SECRET_KEY}" if settings.client_addresses == HASH else ""
    return mask_of(settings.client_addresses, key.encode())


def _monitor(settings: MonitoringSettings, name: str) -> PerformanceMonitor:
    return PerformanceMonitor(
        settings.metrics_interval,
        node=name,
        alert_thresholds=settings.alert_thresholds,
        cpu_budget=settings.monitor_cpu_budget,
        alert_for_seconds=settings.alert_for_seconds,
    )


def _exchanged(
    settings: MonitoringSettings, monitor: PerformanceMonitor, node_totals: NodeTotalsSink, skew: ClockSkew
) -> list[BackgroundPart]:
    """What tells Redis and an OTLP receiver this node's totals, and what learns the rules and the time from Redis."""
    parts: list[BackgroundPart] = []
    if settings.redis_url:
        parts.append(LiveStateReader(settings.redis_url, monitor.alerts.apply))
        parts.append(TotalsWriter(settings.redis_url, monitor.boot, node_totals, skew))
        monitor.watch(CLOCK_SKEW, monitor.host, lambda: _size(skew.seconds))
    if settings.otlp_endpoint:
        parts.append(OtlpPush(node_totals, exporter(settings.otlp_endpoint, monitor.identity)))
    return parts


def _size(skew: float | None) -> float | None:
    return None if skew is None else abs(skew)


def _journal(
    settings: MonitoringSettings, monitor: PerformanceMonitor, storing: PromptStoring | None, versions: OwnVersions
) -> JournalWriter | None:
    """Builds this node's journal writer and the alerts about it; without Redis there is none."""
    if storing is None:
        logger.warning("The setting REDIS_URL is missing: metrics are live only, no history is kept")
        return None
    directory = settings.spill_directory
    if directory is None:
        logger.warning("The setting AVATAR_SPILL_DIR is missing: while Redis is away, history is kept in memory only")
    spill = None if directory is None else Spill(directory, monitor.node, monitor.boot)
    journal = JournalWriter(
        settings.redis_url,
        node=monitor.node,
        boot=monitor.boot,
        host=monitor.host,
        spill=spill,
        told=storing.ask,
        versions=lambda: versions.found,
    )
    if settings.keep_seconds:
        monitor.step_taker = StepTaker(monitor.collector)
    monitor.own_gauges.measure(JOURNAL_LAG.metric, lambda: journal.lag_seconds)
    monitor.own_gauges.measure(STORE_LAG.metric, lambda: journal.store_lag)
    monitor.watch(JOURNAL_LAG, monitor.node, lambda: journal.lag_seconds)
    monitor.watch(STORE_LAG, JOURNAL, lambda: journal.store_lag)
    monitor.watch(EVICTABLE, JOURNAL, lambda: journal.evictable_percent)
    return journal


@cache
def current() -> Runtime:
    """This process's runtime, built from the Django settings on first use."""
    return build(conf.current())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=current.cache_clear)


def current_monitor() -> PerformanceMonitor | None:
    """This server process's monitor, None while monitoring is off.

    A forked process has another one, so ask for it when the server has started: in `start` of a part of `monitored`.
    """
    return current().monitor
