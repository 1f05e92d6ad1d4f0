"""The viewers' WebSocket: sends frames; receives the chosen page of clients and acknowledgements."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec
from channels.db import database_sync_to_async
from django.db import DatabaseError
from msgspec.structs import replace

from dashboard.viewer_admission import NOT_SIGNED_IN, admission, recheck_seconds
from monitoring import conf, runtime
from monitoring.consumers import SocketConsumer
from monitoring.core.address_masks import Mask, masked
from monitoring.core.groups import with_groups
from monitoring.core.hub import Hub
from monitoring.core.inputs import echo, plain_text
from monitoring.core.view import View
from monitoring.core.wire.decoding import decoder
from monitoring.core.wire.link import Link, link_of
from monitoring.core.wire.outgoing import Chain, Compress, Outgoing, deflated
from monitoring.core.wire.socket_outbox import LinkedOutbox
from monitoring.origins import origin_allowed

logger = logging.getLogger(__name__)

BEHIND_SECONDS = 30.0
OUTSTANDING_FRAMES = 3
MAX_MESSAGE = 4096
COMPRESSIONS: dict[str, Callable[[], Compress]] = {
    "avatar.metrics.chained": Chain,
    "avatar.metrics.deflate": lambda: deflated,
}
"""Subprotocols that compress each message as a binary frame; the first gives the smallest messages."""

CLOSE_TOO_SLOW = 4408
CLOSING_SECONDS = 2.0


LONGEST_CLIENT_ID = 255


def looked_at_in(scope: Mapping[str, Any]) -> str:
    """The client whose page is open: `client` in the URL's query, which older releases ignore; empty if there is none.

    Raises ValueError for an id that no client can have.
    """
    client_id = parse_qs(scope.get("query_string", b"").decode("utf-8", "replace")).get("client", [""])[-1]
    try:
        return plain_text(client_id, LONGEST_CLIENT_ID)
    except ValueError as error:
        raise ValueError(f"client={echo(client_id)}: must be {error}") from None


class ViewMessage(View, tag="view", frozen=True, forbid_unknown_fields=True):
    """Chooses a page of the client list, and whether frames have the groups of clients."""

    groups: bool = False


class AckMessage(msgspec.Struct, tag="ack", forbid_unknown_fields=True):
    """The frame with this number has arrived."""

    seq: int


decode = decoder(ViewMessage | AckMessage, MAX_MESSAGE)


class MetricsConsumer(SocketConsumer):
    """One viewer, who needs the permission `avatar_monitoring.view_live`; the hub serves it.

    A viewer that acknowledges frames is behind while three are outstanding; one that never does is served anyway. A
    viewer that is behind misses frames, and is disconnected after half a minute.
    """

    messages_per_second = 30.0
    messages_at_once = 60.0
    bytes_per_second = 32 * 1024.0
    bytes_at_once = 128 * 1024.0
    max_waiting = 2
    is_droppable = True

    def __init__(self) -> None:
        self.view = View()
        self.client_id = ""
        self.address_mask: Mask = masked
        self._compress: Compress | None = None
        self._hub: Hub | None = runtime.current().hub
        self._acknowledges = False
        self._outstanding: deque[int] = deque(maxlen=OUTSTANDING_FRAMES)
        self._behind_since: float | None = None
        self._recheck: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        if not origin_allowed(self.scope, conf.current().allowed_origins):
            # Not accepted at all, so that a foreign page learns nothing.
            self.turn_away("origin")
            await self.close(1000)
            return
        code, self.address_mask = await database_sync_to_async(admission)(self.scope)
        offered = self.scope.get("subprotocols", ())
        subprotocol = next((name for name in COMPRESSIONS if name in offered), None)
        self._compress = COMPRESSIONS[subprotocol]() if subprotocol else None
        if code is not None:
            self.turn_away("not_signed_in" if code == NOT_SIGNED_IN else "not_allowed")
        await self.accept(subprotocol)
        if code is not None:
            await self.close(code)
        elif self._hub is None:
            await self.send_error("disabled", "Monitoring is switched off: AVATAR_MONITORING_ENABLED=false")
            await self.close(1000)
        else:
            try:
                self.client_id = looked_at_in(self.scope)
            except ValueError as error:
                await self.send_error("bad_client", str(error))
            self.open_outbox()
            self.offer(self._hub.history(self.client_id, self.address_mask))
            self._hub.join(self)
            self._recheck = asyncio.create_task(self._check_again(), name="viewer's permission")

    async def receive(self, text: str) -> None:
        message: Any = decode(text)
        if isinstance(message, AckMessage):
            self._acknowledges = True
            while self._outstanding and self._outstanding[0] <= message.seq:
                self._outstanding.popleft()
        else:
            view = View(*(getattr(message, name) for name in View.__struct_fields__))
            self.view = with_groups(view) if message.groups else view
            self._mask_search()

    def _mask_search(self) -> None:
        is_masked = self.view.search != "" and self.address_mask is not str
        self.view = replace(self.view, masked=is_masked or msgspec.UNSET)

    def linked_outbox(self, link: Link) -> LinkedOutbox:
        return LinkedOutbox(link, self._sent, droppable=self.is_droppable, compress=self._compress)

    async def send_offered(self, message: Outgoing) -> None:
        if self._compress is None:
            await super().send_offered(message)
            self._count_broadcast(len(message.payload))
        else:
            compressed = self._compress(message).payload
            await self.send({"type": "websocket.send", "bytes": compressed})
            self._count_broadcast(len(compressed))

    def _sent(self, size: int) -> None:
        self.connection.sent_bytes(size)
        self._count_broadcast(size)

    def _count_broadcast(self, size: int) -> None:
        if self._hub is not None:
            self._hub.count_broadcast(size)

    def offer_frame(self, frame: Outgoing, seq: int) -> bool:
        """Takes a frame, unless the viewer is behind."""
        is_full = self._acknowledges and len(self._outstanding) == OUTSTANDING_FRAMES
        if is_full or self.outbox is None or not self.outbox.offer(frame):
            self._is_behind()
            return False
        if self._acknowledges:
            self._outstanding.append(seq)
        self._behind_since = None
        return True

    def _is_behind(self) -> None:
        now = time.monotonic()
        self._behind_since = self._behind_since or now
        if now - self._behind_since >= BEHIND_SECONDS and self.outbox is not None:
            self.limited(
                f"closed with {CLOSE_TOO_SLOW}, because it was behind for {BEHIND_SECONDS:.0f} s", type(self).__name__
            )
            self._leave()
            self._closing = asyncio.create_task(self._close_or_drop(), name="closing a slow viewer")

    async def _close_or_drop(self) -> None:
        """A server's `send` may wait forever for a peer that reads nothing."""
        link = link_of(self.scope)
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.close(CLOSE_TOO_SLOW)
        except TimeoutError:
            if link is not None:
                link.abort()  # counts the dropped connection
                return
        self._protection.closed_slow += 1

    def left(self) -> None:
        if self._hub is not None:
            self._hub.leave(self)
        if self._recheck is not None and self._recheck is not asyncio.current_task():
            self._recheck.cancel()

    async def _check_again(self) -> None:
        """Ends the connection within a minute of a sign-out or of losing the permission; a screen's within seconds."""
        while True:
            await asyncio.sleep(recheck_seconds(self.scope))
            try:
                code, self.address_mask = await database_sync_to_async(admission)(self.scope)
            except DatabaseError as error:
                logger.warning("Could not check a viewer's permission: %s", error)
                continue
            except Exception:
                # Such as that of a project's own session store: who signs out later must still be found.
                logger.exception("Could not check a viewer's permission")
                continue
            if code is not None:
                await self.close(code)
                return
            self._mask_search()
