"""Pings every connection each five seconds, a tenth of them at a time, so that round trips are measured evenly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import count
from typing import Protocol

from monitoring.core.rescue import Rescue

SLOTS = 10
SLOT_SECONDS = 0.5


class Pinged(Protocol):
    def ping(self) -> None:
        """Sends a ping without waiting."""


class Heartbeat:
    """The node's one pinging task; what a ping raises is counted and harms no other."""

    def __init__(self, rescue: Rescue) -> None:
        self.on_wake: Callable[[float], object] = _nobody_asks
        """Called each half second with the seconds by which the event loop was late (below 0: early)."""
        self._rescue = rescue
        self._slots: list[set[Pinged]] = [set() for _ in range(SLOTS)]
        self._next_slot = count()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="heartbeat")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def add(self, pinged: Pinged) -> None:
        self._slots[next(self._next_slot) % SLOTS].add(pinged)

    def remove(self, pinged: Pinged) -> None:
        for slot in self._slots:
            slot.discard(pinged)

    async def _run(self) -> None:
        for turn in count():
            for pinged in tuple(self._slots[turn % SLOTS]):
                with self._rescue.guarding("a ping"):
                    pinged.ping()
            due = time.monotonic() + SLOT_SECONDS
            await asyncio.sleep(SLOT_SECONDS)
            self.on_wake(time.monotonic() - due)


def _nobody_asks(late: float) -> None:
    """Nobody wants to know how late the loop is."""
