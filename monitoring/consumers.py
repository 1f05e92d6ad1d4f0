"""What the site's two WebSockets have in common: cheap dispatch, limits, error frames, and one place to clean up."""

from __future__ import annotations

from typing import Any

import msgspec
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from monitoring.core.bucket import TokenBucket
from monitoring.core.outbox import Outbox

CLOSE_BAD_MESSAGES, CLOSE_TOO_MANY = 4400, 4429
BAD_MESSAGES = 10


class SocketConsumer(AsyncConsumer):
    """A consumer of text frames that no thread, channel layer or database stands in the way of.

    A subclass gives `connect` and `receive`, of which the second raises ValueError for a bad message: the peer is told
    its text, and after ten of them the connection is closed with 4400. `left` is called once however it ended.
    """

    # A channel layer that is away must not end the connection.
    channel_layer_alias = "__none__"

    messages_per_second: float
    messages_at_once: float
    max_waiting: int

    outbox: Outbox | None = None

    async def connect(self) -> None:
        raise NotImplementedError

    async def receive(self, text: str) -> None:
        raise NotImplementedError

    def left(self) -> None:
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._bucket = TokenBucket(self.messages_per_second, self.messages_at_once)
        self._bad_messages = 0
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in a handler of disconnects, because a server that stops cancels without one.
            self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels', but without its hop to a thread for each message."""
        kind = message["type"]
        if kind == "websocket.receive":
            if self.outbox is not None:
                await self._receive(message.get("text") or "")
        elif kind == "websocket.connect":
            await self.connect()
        elif kind == "websocket.disconnect":
            raise StopConsumer

    def open_outbox(self) -> None:
        """From now on `offer` sends and messages are heard."""
        self.outbox = Outbox(self.send_text, self.max_waiting)

    def offer(self, text: str) -> bool:
        """Sends a text without waiting; False when the peer is behind and an older one had to go, or it has left."""
        return self.outbox is not None and self.outbox.offer(text)

    async def accept(self) -> None:
        await self.send({"type": "websocket.accept"})

    async def send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def send_error(self, code: str, message: str) -> None:
        """Says what was wrong and what is allowed."""
        await self.send_text(msgspec.json.encode({"type": "error", "code": code, "message": message}).decode())

    async def close(self, code: int) -> None:
        self._leave()
        await self.send({"type": "websocket.close", "code": code})

    async def _receive(self, text: str) -> None:
        if not self._bucket.take():
            await self.send_error("too_many_messages", f"allowed are {self.messages_per_second:.0f} messages a second")
            await self.close(CLOSE_TOO_MANY)
            return
        try:
            await self.receive(text)
        except ValueError as error:
            self._bad_messages += 1
            await self.send_error("bad_message", str(error))
            if self._bad_messages >= BAD_MESSAGES:
                await self.close(CLOSE_BAD_MESSAGES)

    def _leave(self) -> None:
        if self.outbox is not None:
            self.outbox.close()
            self.outbox = None
            self.left()
