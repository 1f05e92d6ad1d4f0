"""The viewers' WebSocket: frames out; the chosen page of clients and acknowledgements in."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

import msgspec
from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from django.db import DatabaseError

from dashboard.access import refusal
from monitoring import conf, runtime
from monitoring.core.bucket import TokenBucket
from monitoring.core.outbox import Outbox
from monitoring.core.view import View
from monitoring.origins import origin_allowed

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 60.0
OUTSTANDING_FRAMES = 3
MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 10.0, 40.0
BAD_MESSAGES = 10
MAX_MESSAGE = 4096

CLOSE_BAD_MESSAGES, CLOSE_TOO_MANY = 4400, 4429


class ViewMessage(View, tag="view", frozen=True, forbid_unknown_fields=True):
    """Choose a page of the clients' list."""


class AckMessage(msgspec.Struct, tag="ack", forbid_unknown_fields=True):
    """The frame with this number has arrived."""

    seq: int


_decode = msgspec.json.Decoder(ViewMessage | AckMessage).decode


class MetricsConsumer(AsyncConsumer):
    """One viewer, who needs the permission `monitoring.view_live`; the hub serves it.

    A viewer that acknowledges frames is behind while three are outstanding; one that never does is served all the same.
    """

    # No channel layer: dashboards are not in channel groups, and a layer that is away must not end them.
    channel_layer_alias = "__none__"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.view = View()
        self._hub = runtime.current().hub
        self._bucket = TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        self._bad_messages = 0
        self._acknowledges = False
        self._outstanding: deque[int] = deque(maxlen=OUTSTANDING_FRAMES)
        self._outbox: Outbox | None = None
        self._recheck: asyncio.Task[None] | None = None
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in a handler of disconnects, because a server that stops cancels without one.
            self._leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels', but without its hop to a thread for each message."""
        kind = message["type"]
        if kind == "websocket.receive":
            await self._receive(message.get("text") or "")
        elif kind == "websocket.connect":
            await self._connect()
        elif kind == "websocket.disconnect":
            raise StopConsumer

    def offer(self, frame: str, seq: int) -> bool:
        """Takes a frame, unless three are outstanding."""
        if self._acknowledges and len(self._outstanding) == OUTSTANDING_FRAMES:
            return False
        self._outstanding.append(seq)
        return self.offer_history(frame)

    def offer_history(self, history: str) -> bool:
        return self._outbox is not None and self._outbox.offer(history)

    async def _connect(self) -> None:
        if not origin_allowed(self.scope, conf.current().allowed_origins):
            await self._close(CLOSE_BAD_MESSAGES)
            return
        code = await database_sync_to_async(refusal)(self.scope)
        await self.send({"type": "websocket.accept"})
        if code is not None:
            await self._close(code)
        elif self._hub is None:
            await self._error("disabled", "Monitoring is switched off: AVATAR_MONITORING_ENABLED=false")
            await self._close(1000)
        else:
            await self._text(self._hub.history())
            self._outbox = Outbox(self._text, limit=2)
            self._hub.join(self)
            self._recheck = asyncio.create_task(self._check_again(), name="viewer's permission")

    async def _receive(self, text: str) -> None:
        if not self._bucket.take():
            await self._close(CLOSE_TOO_MANY)
            return
        try:
            if len(text) > MAX_MESSAGE:
                raise ValueError(f"a message has {len(text)} characters: allowed are {MAX_MESSAGE}")
            message = _decode(text)
        except (ValueError, RecursionError) as error:
            await self._bad_message(str(error))
            return
        if isinstance(message, AckMessage):
            self._acknowledges = True
            while self._outstanding and self._outstanding[0] <= message.seq:
                self._outstanding.popleft()
        else:
            self.view = View(message.sort, message.search, message.offset, message.limit)

    async def _bad_message(self, why: str) -> None:
        self._bad_messages += 1
        await self._error("bad_message", why)
        if self._bad_messages >= BAD_MESSAGES:
            await self._close(CLOSE_BAD_MESSAGES)

    async def _check_again(self) -> None:
        """Ends the connection within a minute of a sign-out or a permission taken away."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                code = await database_sync_to_async(refusal)(self.scope)
            except DatabaseError as error:
                logger.warning("A viewer's permission could not be checked: %s", error)
                continue
            if code is not None:
                await self._close(code)
                return

    async def _text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _error(self, code: str, message: str) -> None:
        await self._text(msgspec.json.encode({"type": "error", "code": code, "message": message}).decode())

    async def _close(self, code: int) -> None:
        self._leave()
        await self.send({"type": "websocket.close", "code": code})

    def _leave(self) -> None:
        if self._hub is not None:
            self._hub.leave(self)
        if self._outbox is not None:
            self._outbox.close()
        if self._recheck is not None and self._recheck is not asyncio.current_task():
            self._recheck.cancel()
