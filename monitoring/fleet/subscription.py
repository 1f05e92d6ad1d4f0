"""A channel of the site on Redis that a node follows for as long as it runs, whatever happens to Redis meanwhile."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from monitoring.core.cancel import cancel_and_wait
from monitoring.redis_connections import SET_UP_SECONDS, connect_async
from monitoring.site import channel_of, known_name

logger = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
"""How long a follower may wait for a message before it looks whether the subscription is dead: nothing shows that."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0

Follow = Callable[[Any, str], Awaitable[None]]
"""Takes a new subscription, from whose beginning on no message is missed, and the site's name. It returns to be given
another one at once; what it raises is a failure."""


class ChannelFollower:
    """Subscribes to a channel and hands each subscription to `follow`.

    Failures are counted; the first in a row is logged as `away`, and that it works again, which `follow` says by
    `works`, as `again`.
    """

    def __init__(self, redis_url: str, channel: str, follow: Follow, *, away: str, again: str) -> None:
        self._url, self._channel, self._follow = redis_url, channel, follow
        self._away, self._again = away, again
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"following {self._channel}")

    async def stop(self) -> None:
        if self._task is not None:
            await cancel_and_wait(self._task)

    def works(self) -> None:
        """The subscription has proved to work."""
        if self._failures:
            logger.info(self._again)
        self._failures = 0

    async def _run(self) -> None:
        while True:
            try:
                await self._subscribe()
            except Exception as error:  # whatever a client raises: if this task died, nothing would be heard any more
                await asyncio.sleep(self._failed(error))

    async def _subscribe(self) -> None:
        name = await known_name()
        # It waits for as long as nothing comes, and the calls of another connection notice that Redis is away.
        client = connect_async(self._url, None)
        try:
            async with client.pubsub() as subscription:
                async with asyncio.timeout(SET_UP_SECONDS):
                    await subscription.subscribe(channel_of(name, self._channel))
                    # From this answer on, no message is missed.
                    await subscription.get_message(timeout=SET_UP_SECONDS)
                await self._follow(subscription, name)
        finally:
            await client.aclose()

    def _failed(self, error: Exception) -> float:
        """How long to wait before the next attempt; nodes that lost Redis together do not come back together."""
        self._failures += 1
        if self._failures == 1:
            logger.warning("%s: %s", self._away, str(error) or type(error).__name__)
        pause = min(FIRST_PAUSE * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1.2)
