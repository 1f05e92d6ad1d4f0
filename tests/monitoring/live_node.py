"""A node whose clock and readings a test sets, and whose batches go into a real journal."""

from __future__ import annotations

from typing import Any

from redis import Redis

from monitoring.core.records import Batch
from monitoring.core.tick import Tick
from monitoring.journal.batcher import Batcher
from tests.fakes import FakeClock, FakeProbe, fake_monitor, ticked
from tests.monitoring.batches import MINUTE, append


class LiveNode:
    """Nothing of it runs by itself: `tick` is the next second."""

    def __init__(self, redis: Redis, start: float = MINUTE, **options: Any) -> None:
        self._redis = redis
        self._probe = FakeProbe()
        self.clock = FakeClock(float(start))
        self.monitor = fake_monitor(self.clock, self._probe, **options)
        self._batcher = Batcher(self.monitor.node, "boot1", self.monitor.identity.host)

    def tick(self, **readings: float | None) -> Tick:
        self._probe.set(**readings)
        tick = ticked(self.monitor, self.clock)
        self._append(self._batcher.add(tick))
        return tick

    def flush(self) -> None:
        """Appends what the last batch still waits for."""
        self._append(self._batcher.close())

    def _append(self, batch: Batch | None) -> None:
        if batch is not None:
            append(self._redis, batch, at=self.clock())
