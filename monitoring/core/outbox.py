"""What waits to be sent on one connection: bounded, and nobody waits for it but its own task."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

Send = Callable[[str], Awaitable[None]]


class Outbox:
    """Sends texts in order from a task of its own; at most `limit` wait, and the oldest makes room for the newest.

    A server's `send` may wait for a slow reader. Whoever offers a text does not.
    """

    def __init__(self, send: Send, limit: int) -> None:
        self._send = send
        self._waiting: deque[str] = deque(maxlen=limit)
        self._filled = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="Outbox")

    def offer(self, text: str) -> bool:
        """Queues the text; False when another had to go for it."""
        room = len(self._waiting) < (self._waiting.maxlen or 0)
        self._waiting.append(text)
        self._filled.set()
        return room

    def close(self) -> None:
        """Drops what waits and ends the task."""
        self._task.cancel()

    async def _run(self) -> None:
        try:
            while True:
                await self._filled.wait()
                self._filled.clear()
                while self._waiting:
                    await self._send(self._waiting.popleft())
        except Exception as error:
            # The connection is gone; its consumer is told so by the server and closes this outbox.
            logger.debug("A connection takes nothing more: %s", error)
