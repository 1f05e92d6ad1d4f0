"""This node's viewers: one frame a tick, encoded once per distinct view, never waiting for anybody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

import msgspec

from monitoring.core import message
from monitoring.core.collector import HISTORY
from monitoring.core.message import Frame, Report
from monitoring.core.monitor import PerformanceMonitor, Tick
from monitoring.core.outgoing import Outgoing
from monitoring.core.view import View

SENDS_AT_A_TIME = 50


class Viewer(Protocol):
    """Somebody who watches. Offered messages are taken without waiting; False says that the viewer is behind."""

    view: View
    deflated: bool
    """Whether it takes messages compressed."""

    def offer_frame(self, frame: Outgoing, seq: int) -> bool: ...

    def offer(self, message: Outgoing) -> bool: ...


class Peers(Protocol):
    """The other nodes' reports."""

    def at(self, timestamp: float) -> Iterable[Report]:
        """One report of each node that has one of that moment, at most an interval or so away."""


class NoPeers:
    """Stands in where this node is the only one."""

    def at(self, timestamp: float) -> Iterable[Report]:  # noqa: ARG002
        return ()


Subscriber = Callable[[Outgoing], bool]
"""A client that takes frames like a viewer, but sees only itself."""


class Hub:
    """Serves the viewers and subscribed clients of this node.

    A viewer that is behind is skipped, which `skipped_frames` counts; the next frame it takes is the newest. What a
    viewer raises is counted and harms no other. `peers` knows the other nodes' reports.
    """

    def __init__(self, monitor: PerformanceMonitor) -> None:
        self._monitor = monitor
        self._viewers: set[Viewer] = set()
        self._subscribers: dict[str, Subscriber] = {}
        self._past: deque[Report] = deque(maxlen=HISTORY)
        self.peers: Peers = NoPeers()
        self.skipped_frames = 0

    @property
    def watched(self) -> bool:
        return bool(self._viewers or self._subscribers)

    @property
    def views(self) -> set[View]:
        """The distinct views of this node's viewers."""
        return {viewer.view for viewer in self._viewers}

    @property
    def past(self) -> list[Report]:
        """This node's last 60 reports, without clients' rows and alerts, oldest first."""
        return list(self._past)

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def join(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)

    def subscribe(self, client_id: str, subscriber: Subscriber) -> None:
        self._subscribers[client_id] = subscriber

    def unsubscribe(self, client_id: str) -> None:
        self._subscribers.pop(client_id, None)

    def report(self, tick: Tick, views: Iterable[View]) -> Report:
        """What this node says of itself at a tick, its viewers included."""
        report = self._monitor.report(tick, views)
        report.server |= {"viewers": self.viewers, "skipped_frames": self.skipped_frames}
        return report

    def history(self) -> Outgoing:
        """A viewer's first message: what the last 60 frames showed."""
        moments = [self._monitor.frame([own, *self.peers.at(own.timestamp)]).moment for own in self._past]
        return message.history(moments, epoch=self._monitor.boot, interval=self._monitor.pace.interval)

    def resend_history(self) -> None:
        """Another node has told its past: everybody who watches gets the history that includes it."""
        history = self.history()
        for viewer in list(self._viewers):
            self._send(viewer.offer, history)

    def publish(self, tick: Tick) -> None:
        """Sends the tick's frame to everybody who watches, and remembers it for those who will."""
        own = self.report(tick, self.views)
        self._past.append(msgspec.structs.replace(own, rows={}, alerts=[]))
        if not self.watched:
            return
        frame = self._monitor.frame([own, *self.peers.at(own.timestamp)])
        texts = {view: frame.for_view(view) for view in self.views}
        self._deliver(self._deliveries(frame, texts, tick.seq))

    def _deliveries(self, frame: Frame, texts: dict[View, Outgoing], seq: int) -> Iterator[None]:
        """Sends one frame at each step."""
        meter = self._monitor.meter
        for viewer in list(self._viewers):
            # A viewer who has just turned to another page gets it with the next frame.
            if viewer.view in texts:
                frame_of_view = texts[viewer.view]
                if self._send(viewer.offer_frame, frame_of_view, seq):
                    meter.broadcast(frame_of_view.size(deflated=viewer.deflated))
                yield
        clients = self._monitor.collector.client_metrics
        now = self._monitor.collector.clock()
        for client_id, offer in list(self._subscribers.items()):
            if client_id in clients:
                own = frame.for_client(clients[client_id], now, self._monitor.node)
                if self._send(offer, own):
                    meter.broadcast(own.size())
                yield

    def _deliver(self, deliveries: Iterator[None]) -> None:
        """Fifty at a time, so that clients' messages are handled in between."""
        sent = sum(1 for _ in islice(deliveries, SENDS_AT_A_TIME))
        if sent == SENDS_AT_A_TIME:
            asyncio.get_running_loop().call_soon(self._deliver_later, deliveries)

    def _deliver_later(self, deliveries: Iterator[None]) -> None:
        with self._monitor.meter.metering():
            self._deliver(deliveries)

    def _send(self, offer: Callable[..., bool], *frame: object) -> bool:
        try:
            taken = offer(*frame)
        except Exception:
            self._monitor.collector.rescue.failed("sending a frame")
            return False
        self.skipped_frames += not taken
        return taken
