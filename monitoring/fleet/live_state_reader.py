"""A node's knowledge of the rules in force and of people's answers: it reads them from Redis whenever they change."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from monitoring.core.alert_instructions import LiveState, decode
from monitoring.core.cancel import cancel_and_wait
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce
from monitoring.node_redis import NodeRedis
from monitoring.redis_connections import SET_UP_SECONDS, connect_async
from monitoring.site import channel_of, key_of, known_name

logger = logging.getLogger(__name__)
said = SaidOnce(logger)

LOOK_SECONDS = 15.0
"""How often to read what nobody has announced: a subscription may be dead without a sign of it."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0


class UnannouncedError(Exception):
    """The key has changed, and the subscription did not say so: it is to be made anew."""


class LiveStateReader:
    """Applies the state at the start, after every change and after every reconnection.

    While Redis is away, or holds nothing or something that this release cannot read, the last state remains.
    """

    def __init__(self, redis_url: str, apply: Callable[[LiveState], None]) -> None:
        self._url, self._apply = redis_url, apply
        self._redis = NodeRedis(redis_url)
        self._data: bytes | None = None
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="LiveStateReader")

    async def stop(self) -> None:
        if self._task is not None:
            await cancel_and_wait(self._task)
        await self._redis.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except UnannouncedError:
                logger.debug("A change of the rules was not announced; subscribing again")
            except Exception as error:  # whatever a client raises: if this task died, rules would stay as they are
                await asyncio.sleep(self._failed(error))

    async def _follow(self) -> None:
        name = await known_name()
        # It waits for as long as nothing changes, and the calls of another connection notice that Redis is away.
        client = connect_async(self._url, None)
        try:
            async with client.pubsub() as subscription:
                async with asyncio.timeout(SET_UP_SECONDS):
                    await subscription.subscribe(channel_of(name, "alerting"))
                    # From this answer on, no change is missed.
                    await subscription.get_message(timeout=SET_UP_SECONDS)
                await self._read(key_of(name, "alerting"))
                self._works()
                while True:
                    is_announced = await self._is_announced(subscription)
                    if await self._read(key_of(name, "alerting")) and not is_announced:
                        raise UnannouncedError
        finally:
            await client.aclose()

    async def _is_announced(self, subscription: Any) -> bool:
        """Waits for the next announcement, or until it is time to look anyway."""
        if await subscription.get_message(timeout=LOOK_SECONDS) is None:
            return False
        while await subscription.get_message(timeout=0.0) is not None:
            pass  # One reading is enough for all that have come.
        return True

    async def _read(self, key: str) -> bool:
        """Applies the key's content if it has changed; returns whether it has."""
        async with self._redis.calling() as redis:
            data: Any = await redis.get(key)
        if data is None or data == self._data:
            return False
        self._data = data
        try:
            state = decode(data)
        except OtherFormatError as error:
            said.warn("Rules and answers", str(error), "the last ones remain in force")
        except ValueError as error:
            said.warn("Rules and answers", "Redis", f"they cannot be read, so the last ones remain in force: {error}")
        else:
            self._apply(state)
        return True

    def _works(self) -> None:
        if self._failures:
            logger.info("Changes of rules and answers arrive again")
        self._failures = 0

    def _failed(self, error: Exception) -> float:
        """How long to wait before the next attempt."""
        self._failures += 1
        if self._failures == 1:
            text = str(error) or type(error).__name__
            logger.warning("Changes of rules and answers do not arrive; the last ones remain in force: %s", text)
        pause = min(FIRST_PAUSE * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1.2)
