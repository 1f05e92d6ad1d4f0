"""A node's knowledge of the rules in force and of people's answers: it reads them from Redis whenever they change."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from monitoring.core.alert_instructions import LiveState, decode
from monitoring.core.wire.other_formats import OtherFormatError, SaidOnce
from monitoring.fleet.subscription import LOOK_SECONDS, ChannelFollower
from monitoring.node_redis import NodeRedis
from monitoring.site import key_of

logger = logging.getLogger(__name__)
said = SaidOnce(logger)


class LiveStateReader:
    """Applies the state at the start, after every change and after every reconnection.

    While Redis is away, or holds nothing or something that this release cannot read, the last state remains.
    """

    def __init__(self, redis_url: str, apply: Callable[[LiveState], None]) -> None:
        self._apply = apply
        self._redis = NodeRedis(redis_url)
        self._data: bytes | None = None
        self._changes = ChannelFollower(
            redis_url,
            "alerting",
            self._follow,
            away="Changes of rules and answers do not arrive; the last ones remain in force",
            again="Changes of rules and answers arrive again",
        )

    async def start(self) -> None:
        self._changes.start()

    async def stop(self) -> None:
        await self._changes.stop()
        await self._redis.close()

    async def _follow(self, subscription: Any, name: str) -> None:
        key = key_of(name, "alerting")
        await self._read(key)
        self._changes.works()
        while True:
            is_announced = await self._is_announced(subscription)
            if await self._read(key) and not is_announced:
                logger.debug("A change of the rules was not announced; subscribing again")
                return

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
