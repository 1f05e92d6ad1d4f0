"""A node's end of the journal: takes the monitor's ticks and appends them in batches, whatever Redis does."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from typing import NamedTuple

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from monitoring.core.cancel import cancel_and_wait
from monitoring.core.monitor import Tick
from monitoring.core.records import AlertRecord, Batch, SessionRecord
from monitoring.core.sample import Sample
from monitoring.journal import CALL_SECONDS, FIELD, MAX_ENTRIES, STREAM, pack

logger = logging.getLogger(__name__)

MAX_WAITING = 720
"""An hour of batches, while Redis is away."""

MAX_SESSIONS = 1_000
MINUTE = 60
STOP_SECONDS = 2.0
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 5.0


class Waiting(NamedTuple):
    seq: int
    data: bytes


class JournalWriter:
    """A sink of the monitor that appends to the journal from a task of its own; `publish` never waits.

    A batch is closed after `batch_seconds`, at the end of each minute, so that the minute can be stored three seconds
    later, and at once when an alert begins or ends. Batches that Redis does not take wait, the oldest makes room: of
    those `dropped` counts how many. An append whose answer was lost is repeated; readers know it by its number.
    """

    def __init__(self, redis_url: str, node: str, boot: str, host: str, *, batch_seconds: float = 5.0) -> None:
        self.appended = 0
        self.dropped = 0
        self.last_error = ""
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=CALL_SECONDS,
            socket_connect_timeout=CALL_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._node, self._boot, self._host = node, boot, host
        self._batch_seconds = batch_seconds
        self._seq = 0
        self._samples: list[Sample] = []
        self._sessions: list[SessionRecord] = []
        self._alerts: list[AlertRecord] = []
        self._waiting: deque[Waiting] = deque()
        self._filled = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    @property
    def backlog(self) -> int:
        """How many batches wait to be appended."""
        return len(self._waiting)

    def publish(self, tick: Tick) -> None:
        self._samples.append(tick.sample)
        self._sessions += tick.sessions
        self._alerts += tick.alerts
        if self._is_due(tick.sample):
            self._close_batch()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="JournalWriter")

    async def stop(self) -> None:
        """Appends all that is left, for at most two seconds, and lets Redis go."""
        if self._samples:
            self._close_batch()
        if self._task is not None:
            await cancel_and_wait(self._task)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                self._failures = 0
                await self._append_all()
        except TimeoutError:
            logger.error("The journal could not take the last %d batches: %s", self.backlog, self.last_error)
        await self._redis.aclose()

    def _is_due(self, sample: Sample) -> bool:
        end = round(sample.start + sample.seconds, 3)
        return (
            bool(self._alerts)
            or end % MINUTE == 0
            or end - self._samples[0].start >= self._batch_seconds
            or len(self._sessions) >= MAX_SESSIONS
        )

    def _close_batch(self) -> None:
        self._seq += 1
        batch = Batch(self._node, self._boot, self._host, self._seq, self._samples, self._sessions, self._alerts)
        self._samples, self._sessions, self._alerts = [], [], []
        if len(self._waiting) == MAX_WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(Waiting(self._seq, pack(batch)))
        self._filled.set()

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            await self._append_all()

    async def _append_all(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            if await self._append(first.data):
                self._taken(first)
            else:
                await asyncio.sleep(self._pause())

    async def _append(self, data: bytes) -> bool:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._redis.xadd(STREAM, {FIELD: data}, maxlen=MAX_ENTRIES, approximate=True)
        except Exception as error:  # whatever a client raises, a task that dies would end the record
            self._failed(error)
            return False
        if self._failures:
            logger.info("The journal takes batches again, %d wait", self.backlog)
        self._failures = 0
        self.last_error = ""
        return True

    def _taken(self, first: Waiting) -> None:
        self.appended += 1
        # While Redis answered, a full queue may have dropped the very batch that it took.
        if self._waiting and self._waiting[0].seq == first.seq:
            self._waiting.popleft()

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        self.last_error = str(error) or type(error).__name__
        if self._failures == 1:
            logger.warning("The journal is out of reach, batches wait in memory: %s", self.last_error)

    def _pause(self) -> float:
        pause = min(FIRST_PAUSE * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE)
        return pause * random.uniform(0.8, 1.2)
