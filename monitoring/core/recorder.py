"""The ASGI wrapper that counts every WebSocket connection of any consumer, without changes to the consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from monitoring.core.application_ping import ApplicationPing, AskedClient
from monitoring.core.asgi_types import ASGIApplication, Message, Receive, Scope, Send
from monitoring.core.cause_of_leaving import SERVER_CLOSED
from monitoring.core.collector import MetricsCollector
from monitoring.core.connection import FAREWELL_KEY, Connection, size_of
from monitoring.core.ending import SERVICE_RESTART
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.identification import Identification
from monitoring.core.message_times import MessageTimes
from monitoring.core.monitored import SCOPE_KEY
from monitoring.core.records import SERVER_STOPPED
from monitoring.core.wire.link import Link, link_of


class ServerPing(Protocol):
    """A server's own way to ping one client."""

    on_round_trip: Callable[[float], None]

    def ping(self) -> None:
        """Pings without waiting."""

    def stop(self) -> None:
        """The connection has ended."""


class Recorder:
    """Wraps an ASGI application and counts its WebSockets' connections, messages, bytes and disconnects.

    A connection counts once it is accepted; one that is closed before that was
    refused, and only the refusal is counted. Round trips are measured while `heartbeat` runs, by `ping` if the server
    cannot. What the application and the server tell each other passes unchanged, exceptions too.
    """

    def __init__(
        self,
        app: ASGIApplication,
        collector: MetricsCollector,
        *,
        heartbeat: Heartbeat | None = None,
        identification: Identification | None = None,
        ping: ApplicationPing | None = None,
        server_name: Callable[[Send], str] = lambda _: "this server",
        server_ping: Callable[[Send], ServerPing | None] = lambda _: None,
    ) -> None:
        self.app = app
        self.collector = collector
        self.heartbeat = heartbeat or Heartbeat(collector.rescue)
        self.identification = identification
        self.ping = ping
        self._server_name = server_name
        self._server_ping = server_ping
        self._open: set[Connection] = set()
        self._is_stopping = False
        collector.ping_period = self.heartbeat.period

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        connection = Connection(scope, self.collector, self.heartbeat)
        connection.send = send
        asking = None if self.identification is None else self.identification.begin(scope, connection)
        scope.get(FAREWELL_KEY, []).append(connection.closing)
        link = link_of(scope)
        pinged = self._pinged(connection, link, send)
        if isinstance(pinged, AskedClient):
            receive = pinged.receiving(receive)
        if link is None or not link.tells:
            receive = _receiving(connection, receive, link)
        else:
            # The server itself reports messages and the end, which saves a coroutine per message.
            link.on_closed = connection.left
            receive = _asking(connection.times, receive)
        self._open.add(connection)
        try:
            await self.app({**scope, SCOPE_KEY: connection}, receive, _sending(connection, send))
        except BaseException as error:
            if _is_its_own(error):
                connection.failed(error)
            raise
        else:
            connection.returned()
        finally:
            if asking is not None:
                asking.cancel()
            self._open.discard(connection)
            if (connection.close_code, connection.ended) == (SERVICE_RESTART, SERVER_STOPPED):
                # A client may send this code too, which other servers pass on as they get it.
                self._is_stopping |= self._server_name(send) == "uvicorn"
            connection.gone()
            if pinged is not None:
                pinged.stop()

    def is_stopping(self) -> bool:
        """Whether the server has sent a client away because it stops, as uvicorn tells applications."""
        return self._is_stopping

    async def start(self) -> None:
        """It tracks clients from the first connection."""
        self._is_stopping = False

    async def stop(self) -> None:
        """The server stops: whoever is still connected counts as sent away by that, however the server does it."""
        for connection in list(self._open):
            connection.gone()

    def _pinged(self, connection: Connection, link: Link | None, send: Send) -> AskedClient | ServerPing | None:
        """What measures round trips beside the link: the server's own ping, or messages if the project wants them."""
        round_trips = self.collector.round_trips
        if link is not None and link.measures:
            round_trips.by_server()
            return None
        own = self._server_ping(send)
        if own is not None:
            round_trips.by_server()
            own.on_round_trip = connection.latency
            connection.pinged_by_server(own)
            return own
        if self.ping is not None:
            asked = AskedClient(self.ping, send, self.collector.rescue)
            asked.on_round_trip = connection.latency
            asked.on_answer = connection.times.skipped
            connection.pinged_by(asked)
            return asked
        round_trips.not_by(self._server_name(send))
        return None


def _is_its_own(error: BaseException) -> bool:
    """Whether the application failed with it; otherwise its task was cancelled, or the process ends."""
    if isinstance(error, asyncio.CancelledError):
        # Whoever awaits a task that was cancelled gets this exception, too.
        task = asyncio.current_task()
        return task is not None and not task.cancelling()
    return not isinstance(error, GeneratorExit | KeyboardInterrupt | SystemExit)


def _asking(times: MessageTimes, receive: Receive) -> Receive:
    """The connection's `receive`, which notes when its consumer asks; only messages that are timed cost more."""

    asks = times.asks

    async def timed_receive() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            times.took()
        return message

    def asked_receive() -> Awaitable[Message]:
        return timed_receive() if asks() else receive()

    return asked_receive


def _receiving(connection: Connection, receive: Receive, link: Link | None) -> Receive:
    taking = getattr(link, "taking", None)
    times = connection.times

    async def counted_receive() -> Message:
        if taking is not None:
            taking()
        is_timed = times.asks()
        message = await receive()
        if message["type"] == "websocket.receive":
            if is_timed:
                times.took()
            connection.received_bytes(size_of(message))
        elif message["type"] == "websocket.disconnect":
            connection.disconnected(message)
        return message

    return counted_receive


def _sending(connection: Connection, send: Send) -> Send:
    async def counted_send(message: Message) -> None:
        try:
            kind = message["type"]
            if kind == "websocket.send":
                connection.sent_bytes(size_of(message))
            elif kind == "websocket.accept":
                connection.accepted()
            elif kind == "websocket.http.response.start":
                connection.rejected()
            elif kind == "websocket.close":
                connection.rejected()
                connection.closing(message.get("code", 1000), SERVER_CLOSED)
        except Exception:
            connection.miscounted()
        try:
            await send(message)
        except OSError:
            connection.is_unheard = True
            raise
        except Exception:
            # Some servers object to what is sent after a close, but this close is the monitor's.
            if not connection.was_cut:
                raise

    return counted_send
