"""Counts what the server does. Every `track_*` call is a few additions and runs on the event loop's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monitoring.core.address_masks import Mask
from monitoring.core.cause_of_leaving import REPLACED, cause_of
from monitoring.core.causes import Cause
from monitoring.core.client_verdicts import ClientVerdicts
from monitoring.core.clock import Clock, steady_utc
from monitoring.core.departures import CountsByPath
from monitoring.core.host_readings import HostReadings
from monitoring.core.kernel_watch import Watchable
from monitoring.core.looked_at import LookedAt
from monitoring.core.loop_lags import LoopLags
from monitoring.core.metrics import LONGEST_LATENCY_MS, ClientMetrics, ServerMetrics, SystemMetrics, can_be_drawn
from monitoring.core.open_connections import OpenConnections
from monitoring.core.probe import Probe, SystemProbe
from monitoring.core.rescue import Rescue
from monitoring.core.round_trips import RoundTrips
from monitoring.core.server_reading import server_reading
from monitoring.core.sessions import SessionLog
from monitoring.core.stats.latest_values import ClientsNow
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.wire.link import ProtectionCounters

Counting = Callable[[int], None]
"""Takes the bytes of one message."""

HISTORY = 60
MAX_CLIENTS = 20_000


class MetricsCollector:
    """Collects the metrics of the host, the server and its clients.

    `clock` returns UTC epoch seconds that never jump. At most `max_clients` clients are kept individually; further ones
    count only in the totals. No call raises for an unknown client: it may have been removed a moment ago.
    """

    def __init__(
        self, *, probe: Probe | None = None, clock: Clock | None = None, max_clients: int = MAX_CLIENTS
    ) -> None:
        self.clock = clock or steady_utc()
        self.client_metrics: dict[str, ClientMetrics] = {}
        self.now, self.sessions, self.connections = ClientsNow(), SessionLog(), OpenConnections()
        self.total_messages = self.bytes_received = self.bytes_sent = 0
        self.rescue, self.protection, self.loop_lags = Rescue(), ProtectionCounters(), LoopLags()
        self.by_path = CountsByPath()
        self.round_trips, self.looked_at, self.verdicts = RoundTrips(), LookedAt(), ClientVerdicts()
        self._host = HostReadings(probe or SystemProbe(), self.clock, self.rescue, kept=HISTORY)
        self.system_metrics_history = self._host.history
        self._max_clients, self._untracked = max_clients, 0
        self._started_at = self._sampled_at = self.clock()
        self.address_mask: Mask = str  # what is kept of clients' addresses
        self.kernel_watches = Watchable.REMOTE
        self.ping_period: Callable[[], float] = lambda: 0.0  # seconds between two pings of a client
        self.is_leaving = False  # while clients are sent away, the number left does not show how many there were
        self._interval, self._messages_per_second = Sample(start=0), 0.0
        self._messages_sampled = self._received_sampled = self._sent_sampled = 0

    # System

    def collect_system_metrics(self) -> SystemMetrics:
        """Reads the host once and keeps the reading in `system_metrics_history` (the last 60)."""
        return self._host.read_into(self._interval)

    def prime(self) -> None:
        """Reads the host so that the next reading can give shares and rates; this one counts nowhere."""
        self._host.prime()

    # Clients

    def track_client_connection(
        self, client_id: str, path: str = "", remote: str = "", user: str | None = None, room: str | None = None
    ) -> None:
        """A client connected; one that is already known starts over."""
        self._interval.connects += 1
        if client_id not in self.client_metrics and len(self.client_metrics) >= self._max_clients:
            self._untracked += 1
            return
        if client_id in self.client_metrics:
            self.remove_client(client_id, ended=REPLACED)
        now = self.clock()
        client = ClientMetrics(client_id, now, last_message_time=now, path=path, remote=remote, user=user, room=room)
        self.client_metrics[client_id] = client
        self.sessions.opened(client)

    def track_client_message(self, client_id: str, bytes_sent: int = 0, bytes_recv: int = 0) -> None:
        """A client sent a message of `bytes_recv` bytes and was sent `bytes_sent` bytes."""
        self.bytes_sent += bytes_sent
        self.bytes_received += bytes_recv
        client = self.client_metrics.get(client_id)
        if client is not None:
            client.message_count += 1
            client.bytes_sent += bytes_sent
            client.bytes_received += bytes_recv
            client.last_message_time = self.clock()

    def counting_received(self, client_id: str) -> Counting:
        """Does for each message of this client what `track_message` and `track_client_message` do, in one call."""
        client = self.client_metrics.get(client_id)
        sizes = self.by_path.message_sizes.of("" if client is None else client.path)

        def received(size: int) -> None:
            self.total_messages += 1
            self.bytes_received += size
            sizes[size.bit_length()] += 1
            if client is not None:
                client.message_count += 1
                client.bytes_received += size
                client.last_message_time = self.clock()

        return received

    def counting_sent(self, client_id: str) -> Counting:
        """Does the same for `track_client_sent`."""
        client = self.client_metrics.get(client_id)

        def sent(size: int) -> None:
            self.bytes_sent += size
            self._interval.messages_sent += 1
            if client is not None:
                client.sent_count += 1
                client.bytes_sent += size
                client.last_sent_time = self._sampled_at  # which costs no look at the clock

        return sent

    def track_client_sent(self, client_id: str, bytes_sent: int) -> None:
        """A client was sent a message."""
        self.bytes_sent += bytes_sent
        self._interval.messages_sent += 1
        client = self.client_metrics.get(client_id)
        if client is not None:
            client.sent_count += 1
            client.bytes_sent += bytes_sent
            client.last_sent_time = self._sampled_at

    def track_client_latency(self, client_id: str, latency_ms: float) -> None:
        """A round trip to the client took `latency_ms` milliseconds; impossible values are ignored."""
        if not 0 <= latency_ms <= LONGEST_LATENCY_MS:
            return
        self.now.latencies.put(client_id, latency_ms)
        client = self.client_metrics.get(client_id)
        if client is not None:
            client.measured(latency_ms, self.clock(), self.now.window)
            self.verdicts.answered(client_id, latency_ms)

    def track_client_rendered_frames(
        self,
        client_id: str,
        fps: float,
        frame_time_ms: float,
        *,
        low_fps: float | None = None,
        long_frames: int | None = None,
        hidden: bool = False,
    ) -> None:
        """A client reports how it draws: frames per second and the mean time of a frame.

        `low_fps` is the rate of its slowest frames, `long_frames` how many took too long since its last report. A
        `hidden` client does not draw, so its rate counts nowhere. Impossible reports are ignored.
        """
        if not can_be_drawn(fps, frame_time_ms, long_frames):
            return
        self.now.draw(client_id, fps, frame_time_ms, hidden=hidden)
        client = self.client_metrics.get(client_id)
        if client is not None:
            client.drew(fps, frame_time_ms, low_fps, long_frames, hidden=hidden, now=self.clock())

    def remove_client(
        self,
        client_id: str,
        close_code: int | None = None,
        ended: str = "",
        cause: Cause | None = None,
        error: str = "",
    ) -> None:
        """A client is gone; its session is kept for the next sample. Without a `cause`, how it `ended` says why."""
        client = self.client_metrics.pop(client_id, None)
        self.connections.remove(client_id)
        if client is None and not self._untracked:
            return
        cause = cause or cause_of(ended, close_code)
        self.by_path.departures.count(cause, "" if client is None else client.path)
        if client is None:
            self._untracked -= 1
        else:
            self.sessions.closed(client, self.clock(), close_code, ended, cause, error)
            self.verdicts.left(client)
        self.now.forget(client_id)
        self._interval.disconnects += 1

    # Server

    def track_message(self) -> None:
        """The server received one more message."""
        self.total_messages += 1

    @property
    def active_connections(self) -> int:
        return len(self.client_metrics) + self._untracked

    def server_metrics(self) -> ServerMetrics:
        """The server's current state; throughput covers the last whole interval, latency and frame rate are `now`'s."""
        now = self.clock()
        return server_reading(self, uptime=now - self._started_at, messages_per_second=self._throughput(now))

    def get_server_metrics(self) -> dict[str, Any]:
        """`server_metrics` as SPEC.md's dictionary: uptime_seconds, active_connections, total_messages, …"""
        return self.server_metrics().as_dict()

    def latency(self) -> tuple[Gauge, Sketch]:
        """The last round trip of each client, once per client, and as shares in a distribution."""
        return self.now.latency()

    def take_sample(self, start: float, seconds: float, *, last: bool = False) -> Sample:
        """What was counted since the last call, as the sample of `seconds` seconds from `start`; counting goes on.

        The last sample has no reading of connected clients: they have been sent away.
        """
        now = self.clock()
        sample = self._interval
        sample.start, sample.seconds = start, seconds
        sample.messages = self.total_messages - self._messages_sampled
        sample.bytes_received = self.bytes_received - self._received_sampled
        sample.bytes_sent = self.bytes_sent - self._sent_sampled
        if not (last or self.is_leaving):
            sample.connections.add(self.active_connections)
            self.verdicts.count_into(sample, len(self.client_metrics))
        sample.message_rate = Gauge.of(sample.messages / seconds if seconds else None)
        self._messages_per_second = sample.messages / max(now - self._sampled_at, 1e-3)
        self.by_path.take(sample.breakdowns, now)
        sample.repeat_levels()
        self.now.take(sample, now, 2 * self.ping_period())
        self._sampled_at = now
        self._messages_sampled = self.total_messages
        self._received_sampled = self.bytes_received
        self._sent_sampled = self.bytes_sent
        self._interval = Sample(start=0)
        return sample

    def _throughput(self, now: float) -> float:
        if self._sampled_at == self._started_at:
            return self.total_messages / max(now - self._started_at, 1.0)
        return self._messages_per_second
