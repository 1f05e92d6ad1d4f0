"""This node's reports to the other nodes' hubs, and theirs to ours; nothing is sent while nobody looks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from monitoring.bus import Bus
from monitoring.core.collector import HISTORY
from monitoring.core.hub import Hub
from monitoring.core.message import Report, view_key
from monitoring.core.monitor import PerformanceMonitor, Tick
from monitoring.core.view import View

WATCH_SECONDS = 5.0
"""A node that watches says so twice as often, unless its interval is longer than that."""


class Watch(msgspec.Struct, tag=True):
    """ "Somebody looks here, at these pages of clients; send reports. In `interval` seconds I may say so again." """

    views: list[View]
    interval: float = 1.0

    @property
    def seconds(self) -> float:
        """How long it holds."""
        return WATCH_SECONDS * max(1.0, self.interval / 2)


class News(msgspec.Struct, tag=True):
    """The newest report; or the past ones, when a node has just begun to watch."""

    reports: list[Report]
    are_past: bool = False


Item = Watch | News


class Relay:
    """A sink of the monitor and the hub's source of the other nodes' reports."""

    def __init__(self, monitor: PerformanceMonitor, hub: Hub, group: str = "monitoring.relay") -> None:
        self._monitor = monitor
        self._hub = hub
        self._bus = Bus(group, monitor.node, self._take)
        self._watchers: dict[str, tuple[float, Watch]] = {}
        self._reports: dict[str, deque[Report]] = {}
        self._said: tuple[float, set[View]] = (0.0, set())
        hub.peers = self

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    def publish(self, tick: Tick) -> None:
        """Says that somebody looks here, and reports to the nodes where somebody does."""
        self._forget(tick.timestamp)
        self.look()
        views = self._watched_views()
        if views is not None:
            self._send(News([self._hub.report(tick, views)]))

    def at(self, timestamp: float) -> Iterable[Report]:
        """Of each other node its last report up to that moment, if it is not older than three of its intervals."""
        newest = timestamp + self._monitor.pace.interval / 2
        for reports in self._reports.values():
            fitting = [one for one in reports if timestamp - 3 * one.interval <= one.timestamp <= newest]
            if fitting:
                yield fitting[-1]

    def missing(self, view: View, timestamp: float) -> list[str]:
        """The nodes heard lately of which these rows are not known, by name."""
        key = view_key(view)
        return sorted(self._bus.others - {report.node for report in self.at(timestamp) if key in report.rows})

    def _forget(self, now: float) -> None:
        """Lets go of nodes that have been silent for longer than the history is long."""
        self._reports = {
            node: kept
            for node, kept in self._reports.items()
            if kept[-1].timestamp >= now - HISTORY * max(self._monitor.pace.interval, kept[-1].interval)
        }

    def look(self) -> None:
        """Says that somebody looks here, unless that has just been said."""
        said_at, said_views = self._said
        views = self._hub.views
        now = time.monotonic()
        if self._hub.watched and (now - said_at >= WATCH_SECONDS / 2 or views != said_views):
            self._send(Watch(list(views), self._monitor.pace.interval))
            self._said = now, views

    def _watched_views(self) -> set[View] | None:
        """The views of all nodes that watch, None when none does."""
        now = time.monotonic()
        self._watchers = {
            node: (said_at, watch) for node, (said_at, watch) in self._watchers.items() if now - said_at < watch.seconds
        }
        if not self._watchers:
            return None
        return {view for _, watch in self._watchers.values() for view in watch.views}

    def _send(self, item: Item) -> None:
        self._bus.send(msgspec.to_builtins(item))

    def _take(self, node: str, raw: Any) -> None:
        item = msgspec.convert(raw, Item)
        if isinstance(item, Watch):
            if node not in self._watchers:
                self._send(News(self._hub.past, are_past=True))
            self._watchers[node] = time.monotonic(), item
            return
        if not item.reports:
            return
        # The past is told to all nodes when one begins to watch; what is known already has clients' rows besides.
        by_time = {report.timestamp: report for report in (*item.reports, *self._reports.get(node, ()))}
        self._reports[node] = deque(sorted(by_time.values(), key=lambda report: report.timestamp), maxlen=HISTORY)
        if item.are_past:
            self._hub.resend_history()
