"""A node's own connection to Redis: callers wait half a second at most, however far away Redis is.

Setting up a connection takes five round trips. With a Redis 100 ms away, no call would ever succeed if it had to set up
its connection within that half second, was cut off, and began again. So the connection is set up separately from the
calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from monitoring.core.cancel import cancel_and_wait
from monitoring.redis_connections import CALL_SECONDS, SET_UP_SECONDS, connect_async


class NodeRedis:
    """One client, which each call may wait for; whoever makes it closes it."""

    def __init__(self, url: str) -> None:
        self._client = connect_async(url)
        self._setting_up: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[Redis]:
        """The client, for calls that together take half a second at most; before them as long for the connection.

        Raises TimeoutError or whatever the client raises. The connection continues to be set up for the next call.
        """
        async with asyncio.timeout(CALL_SECONDS):
            await asyncio.shield(self._set_up())
        try:
            async with asyncio.timeout(CALL_SECONDS):
                yield self._client
        except BaseException:
            # The connection may be closed, or in the middle of an answer that nobody waits for.
            self._setting_up = None
            raise

    async def close(self) -> None:
        if self._setting_up is not None:
            await cancel_and_wait(self._setting_up)
        await self._client.aclose()

    def _set_up(self) -> asyncio.Task[None]:
        task = self._setting_up
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._setting_up = asyncio.create_task(self._connect(), name="setting up a connection to Redis")
        return task

    async def _connect(self) -> None:
        async with asyncio.timeout(SET_UP_SECONDS):
            await self._client.ping()
