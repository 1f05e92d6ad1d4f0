"""Sends to one avatar: at once while it reads, and only the newest message of each sender while it is behind."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from avatar_site.conflation import ConflatedQueue, Item, ItemKind
from avatar_site.valve import Pump
from monitoring.core.clock import Clock
from monitoring.core.wire.link import Link
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.socket_outbox import BEHIND_BYTES, Outbox, Send

logger = logging.getLogger(__name__)

SLICE_BYTES = 128 * 1024
"""Maximum sent to one avatar in one turn of the pump; others are served in between."""

STALLED_SECONDS = 15.0
"""An avatar that reads nothing for this long although something waits for it is dropped."""


class Mailbox(Outbox, Protocol):
    """`offer` sends a message that nothing replaces; like `tell` it returns whether the message went out at once."""

    def tell(self, item: Item, /) -> bool:
        """Sends a message about an avatar, or keeps it until the reader has caught up."""

    def introduce(self, items: Iterable[Item]) -> None:
        """Sends in slices what may be too much at once."""


class LinkedMailbox:
    """Uses a link, which shows what the peer has not read; `count` receives the bytes of each sent message."""

    def __init__(self, link: Link, count: Callable[[int], None], pump: Pump, clock: Clock = time.monotonic) -> None:
        self._link = link
        self._count = count
        self._pump = pump
        self._clock = clock
        self._waiting = ConflatedQueue()
        self._closed = False
        self._least_unsent, self._progress_at = 0, 0.0

    def offer(self, message: Outgoing) -> bool:
        if self._closed or self._waiting.items or self._link.unsent() > BEHIND_BYTES:
            return self.tell(Item(ItemKind.IN_ORDER, "", message))
        self._count(len(message.payload))
        self._link.write(message.ws_frame)
        return True

    def tell(self, item: Item, /) -> bool:
        if self._closed:
            return False
        if self._waiting.items or self._link.unsent() > BEHIND_BYTES:
            self._wait_for((item,))
            return False
        message = item.message
        self._count(len(message.payload))
        self._link.write(message.ws_frame)
        return True

    def introduce(self, items: Iterable[Item]) -> None:
        if not self._closed:
            self._wait_for(items)
            self.flow()

    def flow(self) -> bool:
        if self._closed:
            return False
        unsent = self._link.unsent()
        if unsent < self._least_unsent or unsent <= BEHIND_BYTES:
            self._least_unsent, self._progress_at = unsent, self._clock()
        elif self._clock() - self._progress_at > STALLED_SECONDS:
            self._link.abort()
            self.close()
            return False
        if unsent <= BEHIND_BYTES:
            self._write_slice()
        return len(self._waiting) > 0

    def close(self) -> None:
        self._closed = True
        self._waiting.clear()

    def _wait_for(self, items: Iterable[Item]) -> None:
        if not self._waiting:
            self._least_unsent, self._progress_at = self._link.unsent(), self._clock()
            self._pump.add(self)
        for item in items:
            self._waiting.put(item)

    def _write_slice(self) -> None:
        ws_frames: list[bytes] = []
        size = 0
        while self._waiting and size < SLICE_BYTES:
            message = self._waiting.take().message
            self._count(len(message.payload))
            ws_frames.append(message.ws_frame)
            size += len(message.ws_frame)
        # One system call sends all of them.
        self._link.write(b"".join(ws_frames))
        self._least_unsent = self._link.unsent()


class QueuedMailbox:
    """For servers that offer no link: a task of its own waits where their `send` waits."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting = ConflatedQueue()
        self._filled = asyncio.Event()
        self._closed = False
        self._task = asyncio.create_task(self._run(), name="Mailbox")

    def offer(self, message: Outgoing) -> bool:
        return self.tell(Item(ItemKind.IN_ORDER, "", message))

    def tell(self, item: Item, /) -> bool:
        if self._closed:
            return False
        at_once = not self._waiting
        self._waiting.put(item)
        self._filled.set()
        return at_once

    def introduce(self, items: Iterable[Item]) -> None:
        for item in items:
            self.tell(item)

    def close(self) -> None:
        self._closed = True
        self._waiting.clear()
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._waiting:
                    await self._send(self._waiting.take().message)
        except Exception as error:
            # The connection is gone; the server tells its consumer, which closes this mailbox.
            logger.debug("A connection accepts no more data: %s", error)
