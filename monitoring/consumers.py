"""What the site's two WebSockets have in common: cheap dispatch, limits, error frames, and one place to clean up."""

from __future__ import annotations

from typing import Any

import msgspec
from channels.consumer import AsyncConsumer

from monitoring import runtime
from monitoring.core.limit_log import limit_acted
from monitoring.core.monitored import connection_of
from monitoring.core.wire.decoding import size_of_text
from monitoring.core.wire.link import Link, link_of
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.socket_outbox import LinkedOutbox, Outbox, QueuedOutbox
from monitoring.core.wire.token_bucket import TokenBucket

CLOSE_BAD_MESSAGES, CLOSE_TOO_MANY = 4400, 4429
BAD_MESSAGES = 10


class SocketConsumer(AsyncConsumer):
    """A consumer of JSON, in text or binary frames, without a thread, channel layer, database or task in its way.

    A subclass provides `connect` and `receive`. `receive` raises ValueError for a bad message: the peer is told its
    text, and after ten of them the connection is closed with 4400. `left` is called once, however the connection ended.
    """

    # A channel layer that is away must not end the connection.
    channel_layer_alias = "__none__"

    messages_per_second: float
    messages_at_once: float
    bytes_per_second: float
    bytes_at_once: float
    max_waiting: int
    is_droppable: bool
    """Whether each message replaces the previous one, so that a slow peer may miss some."""

    outbox: Outbox | None = None

    async def connect(self) -> None:
        raise NotImplementedError

    async def receive(self, text: str) -> None:
        raise NotImplementedError

    def left(self) -> None:
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.base_send = send
        self.connection = connection_of(scope)
        self._bucket = TokenBucket(self.messages_per_second, self.messages_at_once)
        self._bytes = TokenBucket(self.bytes_per_second, self.bytes_at_once)
        self._protection = runtime.current().protection
        self._bad_messages = 0
        self.connection.refused(0)
        try:
            # Channels would create a task for each message, which costs more than handling it.
            while (message := await receive())["type"] != "websocket.disconnect":
                await self.dispatch(message)
        finally:
            # Here and not at the disconnect, because a server that stops cancels without a disconnect.
            self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Like Channels' dispatch, but without a hop to a thread for each message."""
        if message["type"] == "websocket.connect":
            await self.connect()
        elif self.outbox is not None:
            text = message.get("text")
            await self._receive(message.get("bytes") or b"" if text is None else text)

    def open_outbox(self) -> None:
        """From now on `offer` sends, and messages are received."""
        link = link_of(self.scope)
        if link is None:
            self.outbox = QueuedOutbox(self.send_offered, self.max_waiting)
        else:
            self.outbox = self.linked_outbox(link)

    def linked_outbox(self, link: Link) -> LinkedOutbox:
        """Used if the server offers a link; a subclass may compress its messages."""
        return LinkedOutbox(link, self.connection.sent_bytes, droppable=self.is_droppable)

    async def send_offered(self, message: Outgoing) -> None:
        """Sends an offered message by ASGI; a subclass may compress it."""
        await self._send_text(message)

    def offer(self, message: Outgoing) -> bool:
        """Sends a message without waiting; False if the peer is behind, or has left."""
        return self.outbox is not None and self.outbox.offer(message)

    async def send(self, message: dict[str, Any]) -> None:
        try:
            await super().send(message)
        except OSError:
            # ASGI's exception for a peer that has left; its disconnect is the next message.
            self._leave()

    async def accept(self, subprotocol: str | None = None) -> None:
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})

    async def send_error(self, code: str, message: str) -> None:
        """Says what was wrong and what is allowed."""
        await self._send_text(Outgoing(msgspec.json.encode({"type": "error", "code": code, "message": message})))

    async def refuse(self, cause: str, code: int, why: str) -> None:
        """Refuses the connection and says why; it is counted under a cause of REFUSALS and not recorded."""
        self.turn_away(cause)
        await self.accept()
        await self.send_error("refused", why)
        await self.close(code)

    def turn_away(self, cause: str) -> None:
        """Counts the connection as refused and records nothing of it; call it before accepting or closing."""
        self._protection.refuse(cause)
        self.connection.turned_away()

    async def close(self, code: int) -> None:
        self._leave()
        await self.send({"type": "websocket.close", "code": code})

    async def _receive(self, payload: str | bytes) -> None:
        if not self._bucket.take():
            allowed = f"{self.messages_per_second:.0f} messages a second"
            await self._too_many("too_many_messages", allowed, f"{type(self).__name__}.messages_per_second")
            return
        if not self._bytes.spend(size_of_text(payload) if isinstance(payload, str) else len(payload)):
            allowed = f"{self.bytes_per_second:.0f} bytes a second"
            await self._too_many("too_many_bytes", allowed, f"{type(self).__name__}.bytes_per_second")
            return
        try:
            text = payload if isinstance(payload, str) else utf8(payload)
            # Some engines send the byte order mark of their files, and C's end of a string.
            await self.receive(text.removeprefix("\ufeff").rstrip("\0"))
        except ValueError as error:
            self._count_refused()
            self._bad_messages += 1
            await self.send_error("bad_message", str(error))
            if self._bad_messages >= BAD_MESSAGES:
                self.limited(f"closed with {CLOSE_BAD_MESSAGES} after {BAD_MESSAGES} bad messages", type(self).__name__)
                await self.close(CLOSE_BAD_MESSAGES)

    def limited(self, limit: str, setting: str) -> None:
        """Says in the log that a limit has acted, and what sets it."""
        limit_acted(self.scope, limit, setting)

    async def _too_many(self, code: str, allowed: str, setting: str) -> None:
        self._count_refused()
        self.limited(f"closed with {CLOSE_TOO_MANY}, because at most {allowed} are allowed", setting)
        await self.send_error(code, f"at most {allowed} are allowed")
        await self.close(CLOSE_TOO_MANY)

    def _count_refused(self) -> None:
        self._protection.refused_messages += 1
        self.connection.refused()

    async def _send_text(self, message: Outgoing) -> None:
        await self.send({"type": "websocket.send", "text": message.text})

    def _leave(self) -> None:
        if self.outbox is not None:
            self.outbox.close()
            self.outbox = None
            self.left()


def utf8(payload: bytes) -> str:
    """The text of a binary frame, because some engines can send no other frames. Raises ValueError."""
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"a binary message must be JSON in UTF-8: byte {error.start} is not") from None
