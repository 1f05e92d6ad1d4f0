"""Batches that wait to be appended to the journal, in order: on disk first, then in memory."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from enum import Enum, auto
from typing import NamedTuple

from monitoring.core.counted import counted
from monitoring.journal.spill import Spill

logger = logging.getLogger(__name__)

MAX_WAITING = 720
"""One hour of batches, if there is no disk."""

AT_A_TIME = 50


class WaitingBatch(NamedTuple):
    seq: int
    data: bytes
    since: float


class Storage(Enum):
    OWN_FILE = auto()
    MEMORY = auto()
    ADOPTED_FILES = auto()


class OldestBatches(NamedTuple):
    """The oldest batches and where they are; `last_seq` is the number of the last one in memory."""

    batches: list[bytes]
    place: Storage
    last_seq: int = 0


class Backlog:
    """Batches leave in the order in which they came, because readers take an older one after a newer one for a copy.

    At most 720 wait in memory; beyond that the oldest makes room. `dropped` counts the lost ones. Whatever the disk
    does, no call raises, and only a thread waits for it.
    """

    def __init__(self, spill: Spill | None = None) -> None:
        self.disk_error = ""
        self._spill = spill
        self._waiting: deque[WaitingBatch] = deque()
        self._dropped = 0

    def __bool__(self) -> bool:
        return bool(self._waiting or (self._spill and self._spill.files))

    @property
    def in_memory(self) -> int:
        return len(self._waiting)

    @property
    def on_disk(self) -> tuple[int, int]:
        """How many batches are on disk, and their bytes."""
        files = self._spill.files if self._spill else []
        return sum(file.records for file in files), sum(file.waiting_bytes for file in files)

    @property
    def has_disk(self) -> bool:
        """Whether waiting batches will survive the process."""
        return self._spill is not None and not self.disk_error

    @property
    def dropped(self) -> int:
        return self._dropped + (self._spill.dropped if self._spill else 0)

    @property
    def set_aside(self) -> int:
        return self._spill.set_aside if self._spill else 0

    @property
    def lag_seconds(self) -> float:
        """How long the oldest has been waiting; for batches of a dead process, since they were found."""
        since = [file.since for file in self._spill.files] if self._spill else []
        if self._waiting:
            since.append(self._waiting[0].since)
        return time.monotonic() - min(since) if since else 0.0

    def add(self, seq: int, data: bytes) -> None:
        if len(self._waiting) == MAX_WAITING:
            self._waiting.popleft()
            self._dropped += 1
        self._waiting.append(WaitingBatch(seq, data, time.monotonic()))

    async def adopt(self) -> None:
        """Takes over what dead processes left on the disk."""
        if self._spill is not None:
            found = await asyncio.to_thread(self._spill.adopt)
            if found:
                logger.warning(
                    "Appending %s that killed processes left behind to the journal", counted(found, "batch", "batches")
                )

    async def keep(self) -> None:
        """Moves waiting batches from memory to the disk; without a disk, or if it fails, they stay in memory."""
        waiting = list(self._waiting)
        if self._spill is None or not waiting:
            return
        try:
            await asyncio.to_thread(self._spill.append, [one.data for one in waiting])
        except OSError as error:
            if not self.disk_error:
                logger.error("Cannot keep history on disk, keeping only an hour of it in memory: %s", error)
            self.disk_error = str(error)
            return
        if self.disk_error:
            logger.info("History is kept on disk again")
            self.disk_error = ""
        self._forget(waiting[-1].seq)

    async def first(self) -> OldestBatches | None:
        """The oldest batches, about fifty at most; None if none wait."""
        if self._spill is not None and self._spill.has_own:
            await self.keep()
            if batches := await asyncio.to_thread(self._spill.first, own=True):
                return OldestBatches(batches, Storage.OWN_FILE)
        if self._waiting:
            waiting = list(self._waiting)[:AT_A_TIME]
            return OldestBatches([one.data for one in waiting], Storage.MEMORY, waiting[-1].seq)
        if self._spill is not None and self._spill.has_adopted:
            if batches := await asyncio.to_thread(self._spill.first, own=False):
                return OldestBatches(batches, Storage.ADOPTED_FILES)
            await self.adopt()
            return await self.first()
        return None

    async def take(self, head: OldestBatches) -> None:
        """Releases what `first` returned, because the journal has it."""
        if head.place is Storage.MEMORY:
            self._forget(head.last_seq)
        elif self._spill is not None:
            await asyncio.to_thread(self._spill.take_first, own=head.place is Storage.OWN_FILE)
            if head.place is Storage.ADOPTED_FILES and not self._spill.has_adopted:
                await self.adopt()

    async def close(self) -> None:
        if self._spill is not None:
            await asyncio.to_thread(self._spill.close)

    def _forget(self, seq: int) -> None:
        # Meanwhile a full queue may have dropped the very batches that were taken.
        while self._waiting and self._waiting[0].seq <= seq:
            self._waiting.popleft()
