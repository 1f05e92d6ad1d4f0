"""Sends this node's reports to the other nodes' hubs and takes theirs; nothing is sent while nobody watches."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from monitoring.core.client_order import LONG_KNOWN_KEYS
from monitoring.core.collector import HISTORY
from monitoring.core.groups import GroupedView, wants_groups, with_groups
from monitoring.core.hub import Hub
from monitoring.core.message import Report, view_key
from monitoring.core.reporter import Reporter
from monitoring.core.tick import Tick
from monitoring.core.view import View
from monitoring.fleet.bus import Bus

VERSION = 1
"""Version of reports, of their contents, and of who watches. New optional keys do not change it."""

WATCH_SECONDS = 5.0
"""A watching node says so twice as often, unless its interval is longer than that."""


class Watch(msgspec.Struct, tag=True):
    """Somebody watches here, at these pages of clients and at these clients' own pages: send reports.

    It is repeated within `interval` seconds.
    """

    views: list[View]
    interval: float = 1.0
    clients: list[str] = []
    judged: list[dict[str, Any]] = []
    """The views that not every release knows, which are about verdicts, states or newer orders, or whose search is
    masked. Older nodes would refuse all views with one of these among them; one that this node does not know is no
    reason to refuse the others."""
    groups: bool = False
    """Whether a viewer is shown the groups of clients; nodes of an older release report none."""

    @property
    def seconds(self) -> float:
        """How many seconds it holds."""
        return WATCH_SECONDS * max(1.0, self.interval / 2)


def is_long_known(view: View) -> bool:
    """Whether nodes of every release know such a view."""
    newer = view.verdict, view.state, view.masked
    return view.key in LONG_KNOWN_KEYS and all(value is msgspec.UNSET for value in newer)


def known_views(raw: Iterable[Any]) -> Iterator[View]:
    """The views of these that this release knows."""
    for one in raw:
        with suppress(msgspec.ValidationError):
            yield msgspec.convert(one, View)


class News(msgspec.Struct, tag=True):
    """The newest report, or the past ones if a node has just begun to watch, each with its age in seconds."""

    reports: list[Report]
    ages: list[float]
    are_past: bool = False


class Received(NamedTuple):
    """A report of another node, and its time by this process's monotonic clock."""

    moment: float
    report: Report


Item = Watch | News


class PeerReports:
    """The hub's source of the other nodes' reports: those of the last minute, which the relay puts in.

    Nodes are identified by their member of the bus, because two may have one name. Their reports are placed in time by
    when they arrived and how old they were then, because two hosts' clocks may differ.
    """

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._reports: dict[str, deque[Received]] = {}

    def at(self, moment: float) -> Iterable[Report]:
        """The last report of each other node up to that moment, if it is not older than three of its intervals."""
        return self.by_member(moment).values()

    def by_member(self, moment: float) -> dict[str, Report]:
        newest = moment + self._reporter.interval / 2
        found = {}
        for member, received in self._reports.items():
            fitting = [one.report for one in received if moment - 3 * one.report.interval <= one.moment <= newest]
            if fitting:
                found[member] = fitting[-1]
        return found

    def add(self, member: str, news: Iterable[Received]) -> None:
        # The past goes to all nodes when one begins to watch; a report that is known already also has clients' rows.
        by_seq = {one.report.seq: one for one in (*news, *self._reports.get(member, ()))}
        self._reports[member] = deque(sorted(by_seq.values(), key=lambda one: one.report.seq), maxlen=HISTORY)

    def forget(self, now: float) -> None:
        """Forgets nodes that have been silent for longer than the history is long."""
        self._reports = {
            member: kept
            for member, kept in self._reports.items()
            if kept[-1].moment >= now - HISTORY * max(self._reporter.interval, kept[-1].report.interval)
        }


class Relay:
    """A sink of the monitor that sends this node's reports to the other nodes, and puts theirs into `peers`.

    They go through the channel layer `layer`, by default the project's own.
    """

    def __init__(
        self, reporter: Reporter, hub: Hub, peers: PeerReports, group: str = "relay", *, layer: Any = None
    ) -> None:
        self._reporter = reporter
        self._hub = hub
        self._peers = peers
        self._now = reporter.now
        self._bus = Bus(group, self._take, name=reporter.node, version=VERSION, layer=layer)
        self._watchers: dict[str, tuple[float, Watch]] = {}
        self._said: tuple[float, set[View], set[str]] = (0.0, set(), set())

    async def start(self) -> None:
        await self._bus.start()

    async def stop(self) -> None:
        await self._bus.stop()

    def publish(self, tick: Tick) -> None:
        """Says that somebody watches here, and reports to the nodes where somebody does."""
        self._peers.forget(tick.steady)
        self.look()
        views = self._watched_views()
        if views is not None:
            self._send(News([self._hub.report(tick, views)], [self._now() - tick.steady]))

    def missing(self, view: View, moment: float) -> list[str]:
        """The names of recently heard nodes whose rows for these pages are unknown at that moment."""
        key = view_key(view)
        grouped = isinstance(view, GroupedView)
        known = {
            member
            for member, report in self._peers.by_member(moment).items()
            if key in report.rows and not (grouped and report.groups is None)
        }
        return sorted(name for member, name in self._bus.others.items() if member not in known)

    def look(self) -> None:
        """Asks the other nodes for what somebody watches here, unless that has just been asked."""
        said_at, *said = self._said
        views, clients = self._hub.views, self._hub.looked_at
        now = self._now()
        if self._hub.watched and (now - said_at >= WATCH_SECONDS / 2 or [views, clients] != said):
            plain = [view for view in views if is_long_known(view)]
            judged = [view for view in views if not is_long_known(view)]
            self._send(
                Watch(
                    plain,
                    self._reporter.interval,
                    clients=list(clients),
                    judged=msgspec.to_builtins(judged),
                    groups=wants_groups(views),
                )
            )
            self._said = now, views, clients

    def _watched_views(self) -> set[View] | None:
        """The views of all nodes that watch, None if none does."""
        now = self._now()
        self._watchers = {
            member: (said_at, watch)
            for member, (said_at, watch) in self._watchers.items()
            if now - said_at < watch.seconds
        }
        if not self._watchers:
            return None
        watches = [watch for _, watch in self._watchers.values()]
        views = {view for watch in watches for view in (*watch.views, *known_views(watch.judged))}
        return {*map(with_groups, views)} if any(watch.groups for watch in watches) else views

    def _send(self, item: Item) -> None:
        self._bus.send(msgspec.to_builtins(item))

    def _take(self, member: str, raw: Any) -> None:
        item = msgspec.convert(raw, Item)
        now = self._now()
        if isinstance(item, Watch):
            if member not in self._watchers:
                past = list(self._hub.past)
                self._send(News([one.report for one in past], [now - one.moment for one in past], are_past=True))
            self._watchers[member] = now, item
            self._reporter.look_at(item.clients, item.seconds)
            return
        if not item.reports:
            return
        news = [Received(now - age, report) for report, age in zip(item.reports, item.ages, strict=True)]
        self._peers.add(member, news)
        if item.are_past:
            self._hub.resend_history()


class NoRelay:
    """Used when this node is the only one."""

    def look(self) -> None:
        """There is nobody to ask."""

    def missing(self, view: View, moment: float) -> list[str]:  # noqa: ARG002
        return []
