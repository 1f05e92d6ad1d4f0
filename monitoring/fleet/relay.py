"""This node's reports to the other nodes' hubs, and theirs to ours; nothing is sent while nobody looks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from monitoring.core.collector import HISTORY
from monitoring.core.hub import Hub
from monitoring.core.message import Report, view_key
from monitoring.core.monitor import PerformanceMonitor, Tick
from monitoring.core.view import View
from monitoring.fleet.bus import Bus

VERSION = 1
"""Of reports, of what is in them, and of who watches. New keys that may be missing do not change it."""

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
    """The newest report; or the past ones, when a node has just begun to watch. Each is so many seconds old."""

    reports: list[Report]
    ages: list[float]
    are_past: bool = False


class Received(NamedTuple):
    """A report of another node, and when that was by this process's monotonic clock."""

    moment: float
    report: Report


Item = Watch | News


class Relay:
    """A sink of the monitor and the hub's source of the other nodes' reports.

    Nodes are told apart by their member of the bus, because two may have one name. Their reports are placed in time by
    when they came and how old they were then, because two hosts may have clocks that differ.
    """

    def __init__(self, monitor: PerformanceMonitor, hub: Hub, group: str = "relay") -> None:
        self._monitor = monitor
        self._hub = hub
        self._now = monitor.collector.clock
        self._bus = Bus(group, self._take, name=monitor.node, version=VERSION)
        self._watchers: dict[str, tuple[float, Watch]] = {}
        self._reports: dict[str, deque[Received]] = {}
        self._said: tuple[float, set[View]] = (0.0, set())
        hub.peers = self

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    def publish(self, tick: Tick) -> None:
        """Says that somebody looks here, and reports to the nodes where somebody does."""
        self._forget(tick.steady)
        self.look()
        views = self._watched_views()
        if views is not None:
            self._send(News([self._hub.report(tick, views)], [self._now() - tick.steady]))

    def at(self, moment: float) -> Iterable[Report]:
        """Of each other node its last report up to that moment, if it is not older than three of its intervals."""
        return self._at(moment).values()

    def missing(self, view: View, moment: float) -> list[str]:
        """The nodes heard lately of which these rows are not known, by name."""
        key = view_key(view)
        known = {member for member, report in self._at(moment).items() if key in report.rows}
        return sorted(name for member, name in self._bus.others.items() if member not in known)

    def _at(self, moment: float) -> dict[str, Report]:
        newest = moment + self._monitor.pace.interval / 2
        found = {}
        for member, received in self._reports.items():
            fitting = [one.report for one in received if moment - 3 * one.report.interval <= one.moment <= newest]
            if fitting:
                found[member] = fitting[-1]
        return found

    def _forget(self, now: float) -> None:
        """Lets go of nodes that have been silent for longer than the history is long."""
        self._reports = {
            member: kept
            for member, kept in self._reports.items()
            if kept[-1].moment >= now - HISTORY * max(self._monitor.pace.interval, kept[-1].report.interval)
        }

    def look(self) -> None:
        """Says that somebody looks here, unless that has just been said."""
        said_at, said_views = self._said
        views = self._hub.views
        now = self._now()
        if self._hub.watched and (now - said_at >= WATCH_SECONDS / 2 or views != said_views):
            self._send(Watch(list(views), self._monitor.pace.interval))
            self._said = now, views

    def _watched_views(self) -> set[View] | None:
        """The views of all nodes that watch, None when none does."""
        now = self._now()
        self._watchers = {
            member: (said_at, watch)
            for member, (said_at, watch) in self._watchers.items()
            if now - said_at < watch.seconds
        }
        if not self._watchers:
            return None
        return {view for _, watch in self._watchers.values() for view in watch.views}

    def _send(self, item: Item) -> None:
        self._bus.send(msgspec.to_builtins(item))

    def _take(self, member: str, raw: Any) -> None:
        item = msgspec.convert(raw, Item)
        now = self._now()
        if isinstance(item, Watch):
            if member not in self._watchers:
                past = self._hub.past
                self._send(News([one.report for one in past], [now - one.moment for one in past], are_past=True))
            self._watchers[member] = now, item
            return
        if not item.reports:
            return
        news = [Received(now - age, report) for report, age in zip(item.reports, item.ages, strict=True)]
        # The past is told to all nodes when one begins to watch; what is known already has clients' rows besides.
        by_seq = {one.report.seq: one for one in (*news, *self._reports.get(member, ()))}
        self._reports[member] = deque(sorted(by_seq.values(), key=lambda one: one.report.seq), maxlen=HISTORY)
        if item.are_past:
            self._hub.resend_history()
