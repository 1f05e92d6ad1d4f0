"""The ASGI wrapper that counts every WebSocket connection of any consumer, without changes to the consumer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, MutableMapping
from typing import Any

from monitoring.core.collector import MetricsCollector
from monitoring.core.connection import FAREWELL_KEY, Connection, size_of
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.identification import Identification
from monitoring.core.monitored import SCOPE_KEY
from monitoring.core.wire.link import link_of

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]


class Recorder:
    """Wraps an ASGI application and counts its WebSockets' connections, messages, bytes and disconnects.

    Paths in `exclude` are not clients, such as the viewers' own socket. A connection counts once it is accepted; one
    that is closed before that was refused, and only the refusal is counted. Round trips are measured while `heartbeat`
    runs.
    """

    def __init__(
        self,
        app: ASGIApplication,
        collector: MetricsCollector,
        exclude: Container[str] = (),
        *,
        heartbeat: Heartbeat | None = None,
        identification: Identification | None = None,
    ) -> None:
        self.app = app
        self.collector = collector
        self.exclude = exclude
        self.heartbeat = heartbeat or Heartbeat(collector.rescue)
        self.identification = identification
        collector.ping_period = self.heartbeat.period

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope.get("path") in self.exclude:
            await self.app(scope, receive, send)
            return
        connection = Connection(scope, self.collector, self.heartbeat)
        asking = None if self.identification is None else self.identification.begin(scope, connection)
        scope.get(FAREWELL_KEY, []).append(connection.closing)
        link = link_of(scope)
        if link is None or not link.tells:
            receive = _receiving(connection, receive)
        else:
            # The server itself reports messages and the end, which saves a coroutine per message.
            link.on_closed = connection.left
        try:
            await self.app({**scope, SCOPE_KEY: connection}, receive, _sending(connection, send))
        except Exception:
            connection.closing(1011, "application failed")
            raise
        finally:
            if asking is not None:
                asking.cancel()
            connection.gone()


def _receiving(connection: Connection, receive: Receive) -> Receive:
    async def counted_receive() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            connection.received_bytes(size_of(message))
        elif message["type"] == "websocket.disconnect":
            connection.disconnected(message)
        return message

    return counted_receive


def _sending(connection: Connection, send: Send) -> Send:
    async def counted_send(message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.send":
            connection.sent_bytes(size_of(message))
        elif kind == "websocket.accept":
            connection.accepted()
        elif kind == "websocket.close":
            connection.rejected()
            connection.closing(message.get("code", 1000), "server closed")
        await send(message)

    return counted_send
