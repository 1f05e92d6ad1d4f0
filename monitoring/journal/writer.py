"""A node's end of the journal: takes the monitor's ticks and appends them in batches, whatever Redis does."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from monitoring.core.cancel import cancel_and_wait
from monitoring.core.counted import counted
from monitoring.core.journal_state import JournalState
from monitoring.core.records import AlertRecord, Batch
from monitoring.core.tick import Tick
from monitoring.journal.appender import Appender, JournalFullError
from monitoring.journal.backlog import Backlog, Storage
from monitoring.journal.batcher import BATCH_SECONDS, Batcher
from monitoring.journal.spill import Spill
from monitoring.journal.stream import pack
from monitoring.site import SiteUnknownError

logger = logging.getLogger(__name__)

STOP_SECONDS = 2.0
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0

ADOPT_SECONDS = 60.0
"""How often to look for files that others left on disk when they were stopped or killed while Redis was away."""

REPLAY_PAUSE = 0.05
"""Pause between fifty batches and the next, so that the event loop and Redis have time for live data."""

MERGE_AFTER_SECONDS = 7200.0
"""By default the pages can show single seconds for this long. If the journal is away for longer, nobody needs them."""


class JournalWriter:
    """A sink of the monitor that appends to the journal from a task of its own; `publish` never waits.

    Batches that the journal does not accept are kept in the `spill`, each as soon as it is full, and follow in order
    once it accepts them again. An append whose answer was lost is repeated; readers recognise it by its number.
    `told` is called after an append with which the journal has the beginning or the end of an alert, `versions` until
    it says of which versions this process is.
    """

    def __init__(
        self,
        redis_url: str,
        node: str,
        boot: str,
        host: str,
        *,
        spill: Spill | None = None,
        batch_seconds: float = BATCH_SECONDS,
        told: Callable[[], None] = lambda: None,
        versions: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.appended = 0
        self._told = told
        self._holds_change = False
        self._batcher = Batcher(node, boot, host, batch_seconds, versions)
        self._backlog = Backlog(spill)
        self._appender = Appender(redis_url)
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._since: float | None = None
        self._waits_for = ""
        self._error = ""

    @property
    def backlog(self) -> int:
        """How many batches wait to be appended, in memory and on disk."""
        return self._backlog.in_memory + self._backlog.on_disk[0]

    @property
    def dropped(self) -> int:
        """How many batches found no room and are lost."""
        return self._backlog.dropped

    @property
    def lag_seconds(self) -> float:
        """How long the oldest batch that the journal has not accepted has been waiting."""
        return self._backlog.lag_seconds

    @property
    def store_lag(self) -> float | None:
        """How many seconds of the journal are not stored yet; None while unknown."""
        return self._appender.store_lag if self._since is None else None

    @property
    def evictable_percent(self) -> float | None:
        """How full Redis is, if it deletes the journal when full; 0 if it does not, None while unknown."""
        return self._appender.evictable_percent

    @property
    def state(self) -> JournalState:
        spilled, spilled_bytes = self._backlog.on_disk
        return JournalState(
            backlog=self._backlog.in_memory,
            spilled=spilled,
            spilled_bytes=spilled_bytes,
            dropped=self.dropped,
            set_aside=self._backlog.set_aside,
            lag_seconds=self.lag_seconds,
            waits_for=self._waits_for,
            since=self._since,
            on_disk=self._backlog.has_disk,
            last_error=self._error or self._backlog.disk_error,
        )

    def publish(self, tick: Tick) -> None:
        away_for = 0.0 if self._since is None else time.time() - self._since
        if tick.steps is not None and (self.store_lag or 0.0) > MERGE_AFTER_SECONDS:
            # A journal that nobody stores must not fill Redis with what no page shows any more.
            tick = msgspec.structs.replace(tick, steps=None)
        self._add(self._batcher.add(tick, merge=away_for > MERGE_AFTER_SECONDS))

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="JournalWriter")

    async def stop(self) -> None:
        """Appends everything that is left, or keeps it on disk; each takes two seconds at most."""
        self._add(self._batcher.close())
        if self._task is not None:
            await cancel_and_wait(self._task)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._append_all()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._backlog.keep()
                await self._backlog.close()
        if lost := self._backlog.in_memory:
            logger.error("Lost the last %s: %s", counted(lost, "batch", "batches"), self.state.last_error)
        await self._appender.close()

    def _add(self, batch: Batch | None) -> None:
        if batch is not None:
            self._holds_change |= any(map(_is_change, batch.alerts))
            self._backlog.add(batch.seq, pack(batch))
            self._filled.set()

    async def _run(self) -> None:
        adopted_at = -ADOPT_SECONDS
        while True:
            was_away = self._failures > 0
            if time.monotonic() >= self._retry_at:
                await self._append_all()
            if self._failures:
                await self._backlog.keep()
            elif was_away or time.monotonic() >= adopted_at + ADOPT_SECONDS:
                await self._backlog.adopt()
                adopted_at = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_retry()):
                    await self._filled.wait()
            self._filled.clear()

    def _until_retry(self) -> float | None:
        return max(0.0, self._retry_at - time.monotonic()) if self._backlog else None

    async def _append_all(self) -> None:
        """Appends waiting batches until nothing is left or the journal refuses."""
        while head := await self._backlog.first():
            if not await self._append(head.batches):
                return
            await self._backlog.take(head)
            self.appended += len(head.batches)
            self._tell()
            if head.place is not Storage.MEMORY:
                await asyncio.sleep(REPLAY_PAUSE)

    def _tell(self) -> None:
        if self._holds_change:
            # While others wait, the next ones may hold it.
            self._holds_change = bool(self._backlog.in_memory)
            self._told()

    async def _append(self, batches: list[bytes]) -> bool:
        try:
            await self._appender.append(batches)
        except Exception as error:  # whatever a client raises: if this task died, recording would end
            self._failed(error)
            return False
        if self._failures:
            logger.info("The journal accepts batches again")
            self._failures, self._retry_at = 0, 0.0
            self._since, self._waits_for, self._error = None, "", ""
        return True

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self._since = self._since or time.time()
        self._waits_for = _missing(error)
        # The rest of a pipeline's error is the command, with the batch in it.
        self._error = str(error).rpartition(" caused error: ")[2] or type(error).__name__
        pause = min(FIRST_PAUSE * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE)
        self._retry_at = time.monotonic() + pause * random.uniform(0.8, 1.2)
        if self._failures == 1:
            where = "on disk" if self._backlog.has_disk else "in memory"
            logger.warning("The journal accepts no batches; keeping them %s: %s", where, self._error)


def _is_change(alert: AlertRecord) -> bool:
    """Whether it says that an alert began or ended, not how it goes on."""
    return alert.state == "resolved" or alert.since in (None, alert.at)


def _missing(error: Exception) -> str:
    """What the journal waits for, in the words of `JournalState`."""
    if isinstance(error, JournalFullError):
        return "room"
    return "database" if isinstance(error, SiteUnknownError) else "redis"
