"""Pings every connection in turn, at most twenty at a time, so that round trips are measured without a burst.

Each is pinged every five seconds, as long as that makes no more than `pings_per_second`; more connections wait longer,
up to a minute. A ping and its answer cost a server about as much as a message does, and twenty measurements a second
say as much of the whole as two thousand. To wake a sleeping process costs more than a ping, so those of a second go
together, halfway between two ticks, when no answer waits for a frame to be encoded.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from monitoring.core.grid import until_next
from monitoring.core.rescue import Rescue

AT_A_TIME = 20
MOST_TURNS = 20
"""In a second; with more than four hundred pings in it they come more than twenty at a time."""

SHORTEST_PERIOD, LONGEST_PERIOD = 5.0, 60.0
PINGS_PER_SECOND = 20.0


class Pinged(Protocol):
    def ping(self) -> None:
        """Sends a ping without waiting."""


def period(connections: int, pings_per_second: float = PINGS_PER_SECOND) -> float:
    """Seconds from one ping of a connection to its next."""
    return min(max(connections / pings_per_second, SHORTEST_PERIOD), LONGEST_PERIOD)


def turns(pings_per_second: float) -> int:
    """Into how many equal parts a second is cut."""
    return min(max(1, math.ceil(pings_per_second / AT_A_TIME)), MOST_TURNS)


class Heartbeat:
    """The node's one pinging task; what a ping raises is counted and harms no other."""

    def __init__(self, rescue: Rescue) -> None:
        self.pings_per_second = PINGS_PER_SECOND
        self.on_wake: Callable[[float], object] = _nobody_asks
        """Called at each turn with the seconds by which the event loop was late (below 0: early)."""
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
            seconds = self._turn()
            pause = until_next(time.time() - seconds / 2, seconds)
            due = time.monotonic() + pause
            await asyncio.sleep(pause)
            self.on_wake(time.monotonic() - due)

    def _turn(self) -> float:
        """Pings those whose turn it is, and says in how many seconds the next one is.

        Those that left are dropped when their turn comes.
        """
        members = len(self._members)
        per_second = members / period(members, self.pings_per_second)
        seconds = 1 / turns(per_second)
        self._due += per_second * seconds
        while self._due >= 1 and self._queue:
            pinged = self._queue.popleft()
            if pinged in self._members:
                self._due -= 1
                self._queue.append(pinged)
                with self._rescue.guarding("a ping"):
                    pinged.ping()
        self._due = min(self._due, 1.0)
        return seconds


def _nobody_asks(late: float) -> None:
    """Nobody wants to know how late the loop is."""
