"""Messages that wait to be sent on one connection: bounded, and only its own task waits for them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from monitoring.core.wire.link import Link
from monitoring.core.wire.outgoing import Compress, Compressed, Outgoing

logger = logging.getLogger(__name__)

BEHIND_BYTES = 64 * 1024
DROP_BYTES = 1024 * 1024

Send = Callable[[Outgoing], Awaitable[None]]


class Outbox(Protocol):
    """Sends messages in order. `offer` never waits; it is False if the peer is behind and a message was dropped."""

    def offer(self, message: Outgoing) -> bool: ...

    def close(self) -> None:
        """Drops everything that waits."""


class QueuedOutbox:
    """For servers whose `send` may wait for a slow reader: a task of its own waits.

    At most `limit` messages wait, and the oldest makes room for the newest.
    """

    def __init__(self, send: Send, limit: int) -> None:
        self._send = send
        self._waiting: deque[Outgoing] = deque(maxlen=limit)
        self._filled = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="Outbox")

    def offer(self, message: Outgoing) -> bool:
        room = len(self._waiting) < (self._waiting.maxlen or 0)
        self._waiting.append(message)
        self._filled.set()
        return room

    def close(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._waiting:
                    await self._send(self._waiting.popleft())
        except Exception as error:
            # The connection is gone; the server tells its consumer, which closes this outbox.
            logger.debug("A connection accepts no more data: %s", error)


class LinkedOutbox:
    """For connections with a link: the link shows what the peer does not read, so nothing has to wait here.

    `droppable` messages are left out while 64 KB are unsent, because the next one replaces them; other messages are
    sent until a megabyte is unsent, and then the connection is dropped. `count` gets the bytes of each sent message.
    """

    def __init__(
        self, link: Link, count: Callable[[int], None], *, droppable: bool, compress: Compress | None = None
    ) -> None:
        self._link = link
        self._count = count
        self._most_unsent = BEHIND_BYTES if droppable else DROP_BYTES
        self._compress = compress
        self._closed = False

    def offer(self, message: Outgoing) -> bool:
        unsent = self._link.unsent()
        if unsent > self._most_unsent or self._closed:
            if unsent > DROP_BYTES:
                self._link.abort()
            return False
        form: Outgoing | Compressed = message if self._compress is None else self._compress(message)
        self._count(len(form.payload))
        self._link.write(form.ws_frame)
        return True

    def close(self) -> None:
        self._closed = True
