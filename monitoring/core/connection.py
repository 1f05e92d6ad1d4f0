"""One connection as the recorder counts it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from monitoring.core.browser_family import user_agent_of
from monitoring.core.collector import Counting, MetricsCollector
from monitoring.core.heartbeat import Heartbeat, Pinged
from monitoring.core.kernel_view import SCOPE_KEY as KERNEL_KEY
from monitoring.core.kernel_view import Kernel, nothing_known
from monitoring.core.message_times import SCOPE_KEY as ARRIVALS_KEY
from monitoring.core.message_times import Arrivals, MessageTimes
from monitoring.core.monitored import Scope, connection_of
from monitoring.core.named import rescued
from monitoring.core.own_reports import OwnReports
from monitoring.core.records import SERVER_STOPPED
from monitoring.core.signal_reading import LastReading
from monitoring.core.wire.decoding import size_of_text
from monitoring.core.wire.link import Link, link_of, nobody_listens

# Projects import `connection_of` from here too.
__all__ = ["Connection", "connection_of"]

FAREWELL_KEY = "avatar_monitoring.farewell"
"""The key in the scope where the code that stops the server finds what it must report about its close frames."""

NO_STATUS, ABNORMAL = 1005, 1006
"""Closed by a frame without a code, and without any frame (RFC 6455, 7.4.1)."""

SERVICE_RESTART = 1012
"""The code with which uvicorn sends its clients away when it stops."""

BY_OPERATOR, DISCONNECTED = 4411, "disconnected by an operator"
"""The code and the reason with which a client is closed that an operator disconnects."""

CLOSING_SECONDS = 2.0
"""How long a close may wait for a client that reads nothing; then its connection is dropped."""

Send = Callable[[Any], Awaitable[None]]

NOT_TOLD = "not told"
"""How a session ended under a server that cannot distinguish a close frame without a code from a broken connection."""


class Connection(OwnReports):
    """Counts one connection, and never raises.

    `Named` says what its client is called.
    """

    __slots__ = (
        "_arrivals", "_heartbeat", "_is_measured", "_link", "_path", "_pinged", "_remote", "_server", "_told",
        "_user_agent", "_was_turned_away", "close_code", "ended", "is_unheard", "kernel", "last_reading",
        "received_bytes", "refused_messages", "send", "sent_bytes", "times", "was_cut",
    )  # fmt: skip

    def __init__(self, scope: Scope, collector: MetricsCollector, heartbeat: Heartbeat | None = None) -> None:
        super().__init__(scope, collector)
        self._was_turned_away = False
        # These two run for every message: they are the collector's own, without a call in between.
        self.received_bytes: Counting = nobody_listens
        self.sent_bytes: Counting = nobody_listens
        self.close_code: int | None = None
        self.ended = SERVER_STOPPED
        self._told = False
        self.is_unheard = False
        # What an operator closes it with; the recorder sets it.
        self.send: Send | None = None
        self.was_cut = False
        self._heartbeat = heartbeat or Heartbeat(collector.rescue)
        self._server = link = link_of(scope)
        self._link = link if link is not None and link.tells else None
        self._pinged: Pinged | None = link if link is not None and link.measures else None
        self._is_measured = self._pinged is not None
        self.kernel: Kernel = scope.get(KERNEL_KEY, nothing_known)
        self.last_reading = LastReading(collector.clock())
        self.refused_messages: int | None = None
        self.times = MessageTimes()
        self._arrivals: Arrivals | None = scope.get(ARRIVALS_KEY)
        self._path = str(scope.get("path", ""))
        self._user_agent = user_agent_of(scope)
        self._remote = collector.address_mask(str((scope.get("client") or ("",))[0] or ""))

    @rescued("counting a connection")
    def accepted(self) -> None:
        if self.open or self._was_turned_away:
            return
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

    @rescued("pinging a client")
    def ping_soon(self) -> None:
        """One slow round trip accuses nobody: the next one tells."""
        if self.open and self._pinged is not None:
            self._heartbeat.soon(self._pinged)

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
            self._collector.remove_client(self.client_id, self.close_code, self.ended)

    def failed(self) -> None:
        """The application has raised: because the client had left, if the server said so to its `send` and it had not
        received that yet, or for a reason of its own."""
        if self.is_unheard:
            self.closing(None, NOT_TOLD)
        else:
            self.closing(1011, "application failed")

    def miscounted(self) -> None:
        """The application sent something that the server, not the monitor, has to judge."""
        self._collector.rescue.failed("counting a sent message")

    def end(self, code: int, ended: str) -> None:
        self.closing(code, ended)
        self.gone()

    def left(self, code: int | None) -> None:
        """The client has left: by a close frame, or because its connection broke or was dropped by its link."""
        if code == ABNORMAL:
            self.closing(code, (self._server.dropped if self._server is not None else "") or "connection lost")
        else:
            self.closing(NO_STATUS if code is None else code, "client closed")

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

    async def disconnect(self) -> bool:
        """Closes it for an operator, or drops it if its client reads nothing; False if neither can be done.

        The application is told as if the client had left. Whatever it sends until then goes nowhere.
        """
        self.was_cut = True
        self.closing(BY_OPERATOR, DISCONNECTED)
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                if self.send is not None:
                    await self.send({"type": "websocket.close", "code": BY_OPERATOR, "reason": DISCONNECTED})
                    return True
        except Exception:
            self._collector.rescue.failed("disconnecting a client")
        if self._server is None:
            return False
        self._server.abort()
        return True

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
