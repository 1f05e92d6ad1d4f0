"""Round trips under uvicorn with `--ws websockets`, its older releases' default: that protocol can ping by itself.

It has no link, because a frame that is written past it before its handshake is complete would be lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from monitoring.core.heartbeat import LOST_SECONDS
from monitoring.core.wire.link import nobody_listens

ATTRIBUTES = ("ping", "open", "messages", "max_queue", "transport")


class UvicornPing:
    """Pings one client by the protocol's own public `ping`, one at a time."""

    def __init__(self, protocol: Any) -> None:
        self.on_round_trip: Callable[[float], None] = nobody_listens
        self._protocol = protocol
        self._task: asyncio.Task[None] | None = None
        self._sent_at = 0.0

    def ping(self) -> None:
        if self._protocol.open and not self._is_full() and self._is_writable() and not self._is_awaited():
            self._sent_at = time.perf_counter()
            self._task = asyncio.ensure_future(self._measure())

    def unanswered_ms(self) -> float | None:
        """For how long a ping has been waiting for its answer; None if none is, or if the answer may wait here."""
        return (time.perf_counter() - self._sent_at) * 1000 if self._is_awaited() and not self._is_full() else None

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _measure(self) -> None:
        try:
            async with asyncio.timeout(LOST_SECONDS):
                seconds = await (await self._protocol.ping())
        except Exception:
            # The client has left, or does not answer: its disconnect comes, or the next ping will tell.
            return
        if not self._is_full():
            self.on_round_trip(seconds * 1000)

    def _is_awaited(self) -> bool:
        return self._task is not None and not self._task.done()

    def _is_writable(self) -> bool:
        """Whether nothing waits unsent: the protocol lets one at a time wait for that, and fails the other one."""
        return not self._protocol.transport.get_write_buffer_size()

    def _is_full(self) -> bool:
        """Whether reading is paused, so that an answer waits here."""
        protocol = self._protocol
        return protocol.max_queue is not None and len(protocol.messages) >= protocol.max_queue


def uvicorn_ping(send: Any) -> UvicornPing | None:
    """The connection's own ping under that implementation of uvicorn's, None under any other server."""
    protocol = getattr(send, "__self__", None)
    if not type(protocol).__module__.startswith("uvicorn.") or not all(hasattr(protocol, one) for one in ATTRIBUTES):
        return None
    return UvicornPing(protocol)
