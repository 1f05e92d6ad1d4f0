"""This node's viewers: one frame per tick, encoded once per distinct view, never waiting for anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol

from monitoring.core import message
from monitoring.core.address_masks import Mask
from monitoring.core.client_second import newest_second
from monitoring.core.collector import HISTORY
from monitoring.core.departed_counts import DepartedCounts
from monitoring.core.journal_state import JournalState
from monitoring.core.message import Frame, Report
from monitoring.core.meter import Meter
from monitoring.core.past_reports import Past, PastReports
from monitoring.core.reporter import Reporter
from monitoring.core.rescue import Rescue
from monitoring.core.tick import Tick
from monitoring.core.view import View
from monitoring.core.wire.outgoing import Outgoing

SENDS_AT_A_TIME = 50


class Viewer(Protocol):
    """Somebody who watches. Offered messages are taken without waiting; False means that the viewer is behind.

    `client_id` is the client whose page is open, empty for other pages, and `address_mask` what the viewer sees of its
    address.
    """

    view: View
    client_id: str
    address_mask: Mask

    def offer_frame(self, frame: Outgoing, seq: int) -> bool: ...

    def offer(self, message: Outgoing) -> bool: ...


class Peers(Protocol):
    """The other nodes' reports."""

    def at(self, moment: float) -> Iterable[Report]:
        """One report of each node that has one for that moment of this process's monotonic clock.

        It is at most about an interval away. Timestamps do not help here: the clocks of two hosts may differ.
        """


class NoPeers:
    """Used when this node is the only one."""

    def at(self, moment: float) -> Iterable[Report]:  # noqa: ARG002
        return ()


Watched = tuple[View, str, Mask]
"""A page of clients, the client whose own page is open, if any, and what is shown of its address."""

Subscriber = Callable[[Outgoing], bool]
"""A client that takes frames like a viewer, but sees only itself."""


class Hub:
    """Serves the viewers and subscribed clients of this node.

    A viewer that is behind is skipped, which `skipped_frames` counts; the next frame it takes is the newest. A viewer's
    exception is counted and affects no other. `peers` knows the other nodes' reports, `journal` the state of this
    node's journal writer, None if there is none, and `clock_skew` how far the host's clock is ahead of that of Redis.
    """

    def __init__(
        self,
        reporter: Reporter,
        meter: Meter,
        rescue: Rescue,
        *,
        peers: Peers | None = None,
        journal: Callable[[], JournalState] | None = None,
        clock_skew: Callable[[], float | None] | None = None,
    ) -> None:
        self._reporter = reporter
        self._meter = meter
        self._rescue = rescue
        self._peers = peers or NoPeers()
        self._journal = journal
        self._clock_skew = clock_skew
        self._viewers: set[Viewer] = set()
        self._subscribers: dict[str, Subscriber] = {}
        self.past = PastReports(HISTORY)
        self.counts_groups = False  # whether the last report counts clients by path and browser
        self._pages: dict[Watched, Outgoing] = {}
        self.skipped_frames = 0
        self._departed = DepartedCounts()

    @property
    def watched(self) -> bool:
        return bool(self._viewers or self._subscribers)

    @property
    def views(self) -> set[View]:
        """The distinct views of this node's viewers."""
        return {viewer.view for viewer in self._viewers}

    @property
    def looked_at(self) -> set[str]:
        """The clients whose pages this node's viewers have open."""
        return {viewer.client_id for viewer in self._viewers if viewer.client_id}

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def join(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)
        self._reporter.look_at(self.looked_at)

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)

    def subscribe(self, client_id: str, subscriber: Subscriber) -> None:
        self._subscribers[client_id] = subscriber

    def unsubscribe(self, client_id: str) -> None:
        self._subscribers.pop(client_id, None)

    def report(self, tick: Tick, views: Collection[View], *, alone: bool = False) -> Report:
        """This node's report at a tick, including its viewers."""
        report = self._reporter.report(tick, views, alone=alone)
        journal = self._journal and self._journal().as_dict()
        report.server |= {"viewers": self.viewers, "skipped_frames": self.skipped_frames, "journal": journal}
        report.clock_skew_seconds = self._clock_skew and self._clock_skew()
        return report

    def count_broadcast(self, size: int) -> None:
        """A viewer was sent this many bytes."""
        self._meter.count_broadcast(size)

    def history(self, client_id: str = "", mask: Mask = str, *, restamped: bool = False) -> Outgoing:
        """A viewer's first message: what the last 60 frames showed, of one client too if the viewer looks at it."""
        reports = self._with_peers(self.past)
        moments = [self._frame(some, moment).past for moment, some in reports]
        seconds = [newest_second(some, client_id, mask) for _, some in reports] if client_id else None
        client = None if seconds is None else [second for second in seconds if second is not None]
        epoch, interval = self._reporter.boot, self._reporter.interval
        return message.history(moments, epoch=epoch, interval=interval, restamped=restamped, client=client)

    def latest(self, count: int) -> dict[str, Any]:
        """`epoch` and `samples` of a history that holds the last `count` samples only."""
        reports = self._with_peers(self.past.latest(count))
        return {
            "epoch": self._reporter.boot,
            "samples": [self._frame(some, moment).past for moment, some in reports],
        }

    def resend_history(self, *, restamped: bool = False) -> None:
        """Another node has sent its past, or the clock was set: sends every viewer the current history."""
        histories: dict[tuple[str, Mask], Outgoing] = {}
        for viewer in list(self._viewers):
            looked_at = viewer.client_id, viewer.address_mask
            if looked_at not in histories:
                histories[looked_at] = self.history(*looked_at, restamped=restamped)
            self._send(viewer.offer, histories[looked_at])

    def publish(self, tick: Tick) -> None:
        """Sends the tick's frame to everybody who watches, and remembers it for later viewers."""
        if tick.jumped:
            self.past.move(tick.jumped)
            self.resend_history(restamped=True)
        self._reporter.look_at(self.looked_at)
        audiences = self._audiences()
        others = list(self._peers.at(tick.steady))
        own = self.report(tick, {view for view, _, _ in audiences}, alone=not others)
        self.counts_groups = own.groups is not None
        self.past.add(tick.steady, own)
        if not self.watched:
            self._pages = {}
            return
        self._departed.note([own, *others], tick.steady)
        frame = self._frame([own, *others], tick.steady)
        pages = {watched: frame.for_view(*watched) for watched in audiences}
        for watched, page in pages.items():
            page.follow(self._pages.get(watched))
        self._pages = pages
        self._deliver(self._deliveries(frame, zip(pages.values(), audiences.values(), strict=True), tick.seq))

    def _with_peers(self, past: Iterable[Past]) -> list[tuple[float, list[Report]]]:
        return [(moment, [own, *self._peers.at(moment)]) for moment, own in past]

    def _frame(self, reports: Sequence[Report], moment: float) -> Frame:
        return self._reporter.frame(reports, self._departed.beside(reports, moment))

    def _audiences(self) -> dict[Watched, list[Viewer]]:
        """Who watches what: one pass, because hashing a view costs half as much as sending."""
        audiences: dict[Watched, list[Viewer]] = {}
        for viewer in self._viewers:
            # Only the page of one client shows an address.
            mask = viewer.address_mask if viewer.client_id else str
            audiences.setdefault((viewer.view, viewer.client_id, mask), []).append(viewer)
        return audiences

    def _deliveries(self, frame: Frame, pages: Iterable[tuple[Outgoing, list[Viewer]]], seq: int) -> Iterator[int]:
        """Sends at most SENDS_AT_A_TIME frames per step, and yields how many."""
        for page, viewers in pages:
            for start in range(0, len(viewers), SENDS_AT_A_TIME):
                some = viewers[start : start + SENDS_AT_A_TIME]
                self._send_frames(some, page, seq)
                yield len(some)
        for client_id, offer in list(self._subscribers.items()):
            own = self._reporter.for_client(frame, client_id)
            if own is not None:
                if self._send(offer, own):
                    self._meter.count_broadcast(len(own.payload))
                yield 1

    def _deliver(self, deliveries: Iterator[int]) -> None:
        """Sends about fifty at a time, so that clients' messages are handled in between."""
        sent = 0
        for some in deliveries:
            sent += some
            if sent >= SENDS_AT_A_TIME:
                asyncio.get_running_loop().call_soon(self._deliver_later, deliveries)
                return

    def _deliver_later(self, deliveries: Iterator[int]) -> None:
        with self._meter:
            self._deliver(deliveries)

    def _send_frames(self, viewers: Iterable[Viewer], frame: Outgoing, seq: int) -> None:
        for viewer in viewers:
            try:
                taken = viewer.offer_frame(frame, seq)
            except Exception:
                self._rescue.failed("sending a frame")
                continue
            self.skipped_frames += not taken

    def _send(self, offer: Callable[[Outgoing], bool], message: Outgoing) -> bool:
        try:
            taken = offer(message)
        except Exception:
            self._rescue.failed("sending a frame")
            return False
        self.skipped_frames += not taken
        return taken
