"""One connection as the recorder counts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import inf
from typing import Any

from monitoring.core.browser_family import user_agent_of
from monitoring.core.causes import Cause
from monitoring.core.collector import Counting, MetricsCollector
from monitoring.core.ending import Ending
from monitoring.core.heartbeat import Heartbeat, Pinged
from monitoring.core.kernel_view import SCOPE_KEY as SOCKET_KEY
from monitoring.core.kernel_view import SocketView, TcpInfo
from monitoring.core.kernel_watch import WatchedClient, is_direct, rare_period
from monitoring.core.message_times import SCOPE_KEY as ARRIVALS_KEY
from monitoring.core.message_times import Arrivals, MessageTimes
from monitoring.core.monitored import Scope, connection_of
from monitoring.core.named import rescued
from monitoring.core.signal_reading import LastReading
from monitoring.core.wire.decoding import size_of_text
from monitoring.core.wire.link import Link, nobody_listens

# Projects import `connection_of` from here too.
__all__ = ["Connection", "connection_of"]

FAREWELL_KEY = "avatar_monitoring.farewell"
"""The key in the scope where the code that stops the server finds what it must report about its close frames."""

Send = Callable[[Any], Awaitable[None]]


class Connection(Ending):
    """Counts one connection, and never raises; `Named` says what its client is called, `Ending` how it ended."""

    __slots__ = (
        "_arrivals", "_heartbeat", "_is_decided", "_is_direct", "_is_measured", "_link", "_path", "_pinged", "_remote",
        "_user_agent", "last_reading", "received_bytes", "refused_messages", "send", "sent_bytes", "socket", "times",
        "was_cut", "watched",
    )  # fmt: skip

    def __init__(self, scope: Scope, collector: MetricsCollector, heartbeat: Heartbeat | None = None) -> None:
        super().__init__(scope, collector)
        self._is_decided = False  # whether it became a client, or was refused
        # These two run for every message: they are the collector's own, without a call in between.
        self.received_bytes: Counting = nobody_listens
        self.sent_bytes: Counting = nobody_listens
        self.send: Send | None = None  # what an operator closes it with; the recorder sets it
        self.was_cut = False
        self._heartbeat = heartbeat or Heartbeat(collector.rescue)
        link = self._server
        self._link = link if link is not None and link.tells else None
        self.socket: SocketView | None = scope.get(SOCKET_KEY)
        self.watched: WatchedClient | None = None
        self._is_direct = is_direct(scope, collector.kernel_watches)
        self._pinged: Pinged | None = self._watched(link) if link is not None and link.measures else None
        self._is_measured = self._pinged is not None
        self.last_reading = LastReading(collector.clock())
        self.refused_messages: int | None = None
        self.times = MessageTimes()
        self._arrivals: Arrivals | None = scope.get(ARRIVALS_KEY)
        self._path = str(scope.get("path", ""))
        self._user_agent = user_agent_of(scope)
        self._remote = collector.address_mask(str((scope.get("client") or ("",))[0] or ""))

    @rescued("counting a connection")
    def accepted(self) -> None:
        if self._is_decided:
            return
        self._is_decided = True
        # The id may be free since the handshake: a returning client takes its old connection's place.
        self.choose_id()
        self.open = True
        self._collector.track_client_connection(self.client_id, self._path, self._remote, self.user, self.room)
        client = self._collector.client_metrics.get(self.client_id)
        if client is not None:
            self._collector.connections.add(self)
            if self._user_agent:
                client.user_agent = self._user_agent
                self._collector.sessions.changed(client)
        self.received_bytes = self._collector.counting_received(self.client_id)
        self.sent_bytes = self._collector.counting_sent(self.client_id)
        if self._link is not None:
            self._link.on_message = self.times.counting(self.received_bytes)
        elif self._arrivals is not None:
            self._arrivals.watch(self.times.arrived)
        if self._server is not None and self._server.measures:
            self._server.on_round_trip = self.latency
        if self._pinged is not None:
            self._heartbeat.add(self._pinged)

    @property
    def link(self) -> Link | None:
        """The server's side of it, None under a server that offers none."""
        return self._server

    def turned_away(self) -> None:
        self._is_decided = True

    @rescued("counting a refusal")
    def rejected(self) -> None:
        """The application closed it, perhaps before accepting it; whatever refused it has counted that itself."""
        if not self._is_decided:
            self._is_decided = True
            self._collector.protection.refuse("application")

    @rescued("pinging a client")
    def pinged_by(self, pinged: Pinged) -> None:
        if self._is_measured:
            return
        if self._pinged is not None:
            self._heartbeat.remove(self._pinged)
        self._pinged = pinged
        self._collector.round_trips.by_application()
        if self.open:
            self._heartbeat.add(pinged)

    def pinged_by_server(self, pinged: Pinged) -> None:
        """The server has a ping of its own, so nobody else needs to ask the client."""
        self._pinged = self._watched(pinged)
        self._is_measured = True

    def _watched(self, pinged: Pinged) -> Pinged:
        self.watched = WatchedClient(pinged, self, self._collector, self._heartbeat) if self._is_direct else None
        return self.watched or pinged

    @rescued("pinging a client")
    def ping_often(self) -> None:
        """Somebody looks at the client."""
        if self.open and self._pinged is not None:
            self._heartbeat.often(self._pinged)

    @rescued("pinging a client")
    def ping_soon(self) -> None:
        """One slow round trip accuses nobody: the next one tells."""
        if self.open and self._pinged is not None:
            self._heartbeat.soon(self._pinged)

    def kernel(self) -> TcpInfo | None:
        """What the kernel knows of the client's TCP connection; None if that is not known."""
        return None if self.socket is None else self.socket.kernel()

    def unanswered_ms(self) -> float | None:
        """For how long the server's ping has been waiting for its answer; None if none is, or if that is not known."""
        ask: Callable[[], float | None] | None = getattr(self._pinged, "unanswered_ms", None)
        return None if ask is None else ask()

    @rescued("counting a refused message")
    def refused(self, messages: int = 1) -> None:
        self.refused_messages = (self.refused_messages or 0) + messages

    @rescued("counting a disconnect")
    def gone(self) -> None:
        if self.open:
            self.open = False
            # daphne still reports messages that nobody handles; the session's record does not include them.
            self.received_bytes = nobody_listens
            if self._server is not None:
                self._server.on_message = self._server.on_round_trip = nobody_listens
            if self._arrivals is not None:
                self._arrivals.stop()
            if self._pinged is not None:
                self._heartbeat.remove(self._pinged)
            cause = Cause.UNKNOWN
            with self._collector.rescue.guarding("finding out why a client left"):
                cause = self.cause(self._path, self._ping_period())
            self._collector.remove_client(self.client_id, self.close_code, self.ended, cause, self.error)

    def miscounted(self) -> None:
        """The application sent something that the server, not the monitor, has to judge."""
        self._collector.rescue.failed("counting a sent message")

    def end(self, code: int, ended: str) -> None:
        self.closing(code, ended)
        self.gone()

    def _ping_period(self) -> float:
        """Seconds after which something is sent even if nobody says anything: by us, or by the server itself."""
        by_us = self._heartbeat.period() if self._pinged is not None and self._heartbeat.is_running else inf
        if self.watched is not None and by_us < inf:
            by_us = rare_period(by_us)
        by_server = None if self._server is None else self._server.own_ping_seconds
        return min(by_us, by_server or inf)


def size_of(message: Scope) -> int:
    """The bytes in an ASGI message's payload."""
    text = message.get("text")
    if text is None:
        return len(message.get("bytes") or b"")
    return size_of_text(text)
