"""One connection as the recorder counts it."""

from __future__ import annotations

from math import inf
from typing import Any

from monitoring.core.application_errors import described
from monitoring.core.cause_of_leaving import (
    ABNORMAL,
    APPLICATION_FAILED,
    CLIENT_CLOSED,
    CONNECTION_LOST,
    NOT_TOLD,
    SERVER_CLOSED,
    cause_of,
)
from monitoring.core.causes import Cause
from monitoring.core.collector import Counting, MetricsCollector
from monitoring.core.heartbeat import Heartbeat, Pinged
from monitoring.core.idle_losses import is_forwarded
from monitoring.core.monitored import Scope, connection_of
from monitoring.core.named import Named, rescued
from monitoring.core.records import SERVER_STOPPED
from monitoring.core.signal_reading import LastReading
from monitoring.core.wire.decoding import size_of_text
from monitoring.core.wire.link import Link, link_of, nobody_listens

# Projects import `connection_of` from here too.
__all__ = ["Connection", "connection_of"]

FAREWELL_KEY = "avatar_monitoring.farewell"
"""The key in the scope where the code that stops the server finds what it must report about its close frames."""

NO_STATUS = 1005
"""Closed by a frame without a code (RFC 6455, 7.4.1)."""

SERVICE_RESTART = 1012
"""The code with which uvicorn sends its clients away when it stops."""


class Connection(Named):
    """Counts one connection, and never raises.

    `Named` says what its client is called.
    """

    __slots__ = (
        "_heartbeat", "_is_forwarded", "_is_measured", "_link", "_path", "_pinged", "_remote", "_server", "_told",
        "_was_turned_away", "close_code", "ended", "error", "is_unheard", "last_reading", "received_bytes",
        "refused_messages", "sent_bytes",
    )  # fmt: skip

    def __init__(self, scope: Scope, collector: MetricsCollector, heartbeat: Heartbeat | None = None) -> None:
        super().__init__(scope, collector)
        self._was_turned_away = False
        # These two run for every message: they are the collector's own, without a call in between.
        self.received_bytes: Counting = nobody_listens
        self.sent_bytes: Counting = nobody_listens
        self.close_code: int | None = None
        self.ended = SERVER_STOPPED
        self.error = ""
        self._is_forwarded = is_forwarded(scope.get("headers"))
        self._told = False
        self.is_unheard = False
        self._heartbeat = heartbeat or Heartbeat(collector.rescue)
        self._server = link = link_of(scope)
        self._link = link if link is not None and link.tells else None
        self._pinged: Pinged | None = link if link is not None and link.measures else None
        self._is_measured = self._pinged is not None
        self.last_reading = LastReading(collector.clock())
        self.refused_messages: int | None = None
        self._path = str(scope.get("path", ""))
        self._remote = str((scope.get("client") or ("",))[0])

    @rescued("counting a connection")
    def accepted(self) -> None:
        if self.open or self._was_turned_away:
            return
        # The id may be free since the handshake: a returning client takes its old connection's place.
        self.choose_id()
        self.open = True
        self._collector.track_client_connection(self.client_id, self._path, self._remote, self.user, self.room)
        if self.client_id in self._collector.client_metrics:
            self._collector.connections.add(self)
        self.received_bytes = self._collector.counting_received(self.client_id)
        self.sent_bytes = self._collector.counting_sent(self.client_id)
        if self._link is not None:
            self._link.on_message = self.received_bytes
        if self._server is not None and self._server.measures:
            self._server.on_round_trip = self.latency
        if self._pinged is not None:
            self._heartbeat.add(self._pinged)

    @property
    def link(self) -> Link | None:
        """The server's side of it, None under a server that offers none."""
        return self._server

    def turned_away(self) -> None:
        self._was_turned_away = True

    @rescued("counting a refusal")
    def rejected(self) -> None:
        """The application closed it, perhaps before accepting it; whatever refused it has counted that itself."""
        if not self.open and not self._was_turned_away:
            self._was_turned_away = True
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
        self._pinged = pinged
        self._is_measured = True

    @rescued("counting a latency")
    def latency(self, milliseconds: float) -> None:
        self._collector.track_client_latency(self.client_id, milliseconds)

    @rescued("counting a client's frames")
    def frames(self, fps: float, frame_time_ms: float, **more: Any) -> None:
        self._collector.track_client_rendered_frames(self.client_id, fps, frame_time_ms, **more)

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
            if self._pinged is not None:
                self._heartbeat.remove(self._pinged)
            self._collector.remove_client(self.client_id, self.close_code, self.ended, self._cause(), self.error)

    @rescued("describing an application's exception")
    def failed(self, error: BaseException) -> None:
        """The application has raised: because the client had left, if the server said so to its `send` and it had not
        received that yet, or for a reason of its own."""
        if not self.is_unheard:
            if not self._told:
                self.error = described(error)
            self.closing(1011, APPLICATION_FAILED)
        elif (told := None if self._server is None else self._server.not_received()) is not None:
            self.disconnected(told)
        else:
            self.closing(None, NOT_TOLD)

    def returned(self) -> None:
        """The application has ended without an exception: if nobody closed the connection, that did."""
        self.closing(None, SERVER_CLOSED)

    def miscounted(self) -> None:
        """The application sent something that the server, not the monitor, has to judge."""
        self._collector.rescue.failed("counting a sent message")

    def end(self, code: int, ended: str) -> None:
        self.closing(code, ended)
        self.gone()

    def left(self, code: int | None) -> None:
        """The client has left: by a close frame, or because its connection broke or was dropped by its link."""
        dropped = self._server.dropped if self._server is not None else ""
        if dropped:
            self.closing(code, dropped)
        elif code == ABNORMAL:
            lost = self._server.lost if self._server is not None else ""
            self.closing(code, f"{CONNECTION_LOST}: {lost}" if lost else CONNECTION_LOST)
        else:
            self.closing(NO_STATUS if code is None else code, CLIENT_CLOSED)

    def disconnected(self, message: Scope) -> None:
        """The client has left, as ASGI reports it.

        uvicorn gives the reason of every received close frame, even an empty one: without a reason the connection
        broke, or uvicorn itself closed it. granian never gives one, so the two cases look the same.
        """
        code = message.get("code")
        if "reason" in message or code not in (NO_STATUS, SERVICE_RESTART):
            self.left(code)
        elif code == SERVICE_RESTART:
            self.closing(code, SERVER_STOPPED)
        elif self._server is not None:
            self.left(ABNORMAL)
        else:
            self.closing(None, NOT_TOLD)

    def _cause(self) -> Cause:
        cause = cause_of(self.ended, self.close_code)
        return Cause.PROXY_TIMEOUT if cause is Cause.CLIENT_LOST and self._was_cut_by_proxy() else cause

    def _was_cut_by_proxy(self) -> bool:
        collector = self._collector
        client = collector.client_metrics.get(self.client_id)
        if client is None:
            return False
        now = collector.clock()
        idle = now - max(client.last_message_time, client.last_sent_time)
        if idle >= self._ping_period():
            return False  # Pings went to and fro meanwhile.
        return collector.by_path.departures.is_cut_by_proxy(self._path, idle, now, forwarded=self._is_forwarded)

    def _ping_period(self) -> float:
        """Seconds after which something is sent even if nobody says anything: by us, or by the server itself."""
        by_us = self._heartbeat.period() if self._pinged is not None and self._heartbeat.is_running else inf
        by_server = None if self._server is None else self._server.own_ping_seconds
        return min(by_us, by_server or inf)

    def closing(self, code: int | None, ended: str) -> None:
        """The first to close decides how the connection ended."""
        if not self._told:
            self._told = True
            self.close_code = code
            self.ended = ended


def size_of(message: Scope) -> int:
    """The bytes in an ASGI message's payload."""
    text = message.get("text")
    if text is None:
        return len(message.get("bytes") or b"")
    return size_of_text(text)
