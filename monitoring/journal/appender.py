"""A node's connection to the journal: appends batches, all or none, and tells how far behind storing is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from monitoring.core.counted import counted
from monitoring.core.records import BEGINNING
from monitoring.journal.stream import (
    FIELD,
    FULL_ENTRIES,
    FULL_MEMORY,
    MAX_ENTRIES,
    Keys,
    keys_of,
    may_evict,
    memory_share,
    written_at,
)
from monitoring.node_redis import NodeRedis
from monitoring.site import known_name

APPENDS_BETWEEN_LOOKS = 12
"""Once a minute: reading how full Redis's memory is takes an INFO."""


class JournalFullError(Exception):
    """The journal has no room, because it is not being stored. Its entries must not make room for new ones."""


class Appender:
    """Appends to this site's journal; each call answers or raises JournalFullError or a client error.

    Each of its two or three waits takes half a second at most, except the very first, when the database has to tell
    which journal this is.
    """

    def __init__(self, redis_url: str) -> None:
        self.store_lag: float | None = None
        """How many seconds of the journal since this node's first batch are not stored yet; None before that."""
        self.evictable_percent: float | None = None
        """How full Redis is, if it deletes the journal when full; 0 if it does not, None while unknown."""
        self._redis = NodeRedis(redis_url)
        self._until_look = 0
        self._first_id = ""

    async def append(self, batches: Sequence[bytes]) -> None:
        """Appends the batches in order. After an error, either all or none of them are in the journal."""
        keys = keys_of(await known_name())
        try:
            if self._until_look <= 0:
                async with self._redis.calling() as redis:
                    await self._look_for_room(redis, keys)
            async with self._redis.calling() as redis:
                *ids, length, stored = await self._append(redis, keys, batches)
        except OutOfMemoryError as error:
            raise JournalFullError("Redis has no memory left") from error
        self._until_look = 0 if length >= FULL_ENTRIES else self._until_look - len(batches)
        self._note_stored(ids[-1].decode(), (stored or b"").decode())

    async def close(self) -> None:
        await self._redis.close()

    async def _append(self, redis: Redis, keys: Keys, batches: Sequence[bytes]) -> list[Any]:
        # Several are appended all or none: readers would take a batch that comes after its successor for a copy.
        async with redis.pipeline(transaction=len(batches) > 1) as pipe:
            for data in batches:
                pipe.xadd(keys.stream, {FIELD: data}, maxlen=MAX_ENTRIES, approximate=True)
            pipe.xlen(keys.stream)
            pipe.get(keys.stored)
            return await pipe.execute()

    async def _look_for_room(self, redis: Redis, keys: Keys) -> None:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.xlen(keys.stream)
            pipe.info("memory")
            length, memory = await pipe.execute()
        share = memory_share(memory)
        self.evictable_percent = share * 100 if may_evict(memory) else 0.0
        if length >= FULL_ENTRIES or share >= FULL_MEMORY:
            raise JournalFullError(
                f"{counted(length, 'batch', 'batches')} waiting to be stored, Redis uses {share:.0%} of its memory"
            )
        self._until_look = APPENDS_BETWEEN_LOOKS

    def _note_stored(self, last_id: str, stored: str) -> None:
        # What was stored last may be from before everything was stopped; nothing has waited while no node ran.
        self._first_id = self._first_id or last_id
        waits_since = max(written_at(stored or BEGINNING), written_at(self._first_id))
        self.store_lag = max(0.0, written_at(last_id) - waits_since)
