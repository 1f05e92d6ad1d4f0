"""Pings every connection in turn, evenly over time, so that round trips are measured without a burst.

Each is pinged every five seconds, as long as that makes no more than `pings_per_second`; more connections wait longer,
up to a minute. A ping and its answer cost a server about as much as a message does, and twenty measurements a second
say as much of the whole as two thousand.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from monitoring.core.rescue import Rescue

TURN_SECONDS = 0.5
SHORTEST_PERIOD, LONGEST_PERIOD = 5.0, 60.0
PINGS_PER_SECOND = 20.0


class Pinged(Protocol):
    def ping(self) -> None:
        """Sends a ping without waiting."""


def period(connections: int, pings_per_second: float = PINGS_PER_SECOND) -> float:
    """Seconds from one ping of a connection to its next."""
    return min(max(connections / pings_per_second, SHORTEST_PERIOD), LONGEST_PERIOD)


class Heartbeat:
    """The node's one pinging task; what a ping raises is counted and harms no other."""

    def __init__(self, rescue: Rescue) -> None:
        self.pings_per_second = PINGS_PER_SECOND
        self.on_wake: Callable[[float], object] = _nobody_asks
        """Called each half second with the seconds by which the event loop was late (below 0: early)."""
        self._rescue = rescue
        self._members: set[Pinged] = set()
        self._queue: deque[Pinged] = deque()
        self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="heartbeat")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def add(self, pinged: Pinged) -> None:
        """From now on it is pinged; the first time soon, because nothing is known of it."""
        self._members.add(pinged)
        self._queue.appendleft(pinged)

    def remove(self, pinged: Pinged) -> None:
        self._members.discard(pinged)

    async def _run(self) -> None:
        while True:
            self._turn()
            due = time.monotonic() + TURN_SECONDS
            await asyncio.sleep(TURN_SECONDS)
            self.on_wake(time.monotonic() - due)

    def _turn(self) -> None:
        """Pings those whose turn it is; those that left are dropped when their turn comes."""
        self._due += len(self._members) * TURN_SECONDS / period(len(self._members), self.pings_per_second)
        while self._due >= 1 and self._queue:
            pinged = self._queue.popleft()
            if pinged in self._members:
                self._due -= 1
                self._queue.append(pinged)
                with self._rescue.guarding("a ping"):
                    pinged.ping()
        self._due = min(self._due, 1.0)


def _nobody_asks(late: float) -> None:
    """Nobody wants to know how late the loop is."""
