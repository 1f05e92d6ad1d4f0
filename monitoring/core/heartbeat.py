"""Pings every connection in turn, at most twenty at a time, so that round trips are measured without bursts.

Each is pinged every five seconds, as long as that makes no more than `pings_per_second`; with more connections each
waits longer, up to a minute. A ping and its answer cost a server about as much as a message does, and twenty
measurements a second say as much about the whole as two thousand. Waking a sleeping process costs more than a ping, so
all pings of a second are sent together, halfway between two ticks, when no answer waits for a frame to be encoded.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from monitoring.core.grid import until_next
from monitoring.core.rescue import Rescue

AT_A_TIME = 20
MOST_TURNS = 20
"""Per second; above four hundred pings a second more than twenty are sent at a time."""

SHORTEST_PERIOD, LONGEST_PERIOD = 5.0, 60.0
LOST_SECONDS = LONGEST_PERIOD
"""A ping that was not answered for this long will not be answered."""

PINGS_PER_SECOND = 20.0

OFTEN = 2.0
"""Seconds between two pings of a connection of which somebody waits to be told. A verdict about the network needs two
slow ones, and should be there within ten seconds."""


class Pinged(Protocol):
    def ping(self) -> None:
        """Sends a ping without waiting."""


def period(connections: int, pings_per_second: float = PINGS_PER_SECOND) -> float:
    """Seconds from one ping of a connection to its next."""
    return min(max(connections / pings_per_second, SHORTEST_PERIOD), LONGEST_PERIOD)


def turns(pings_per_second: float) -> int:
    """The number of equal parts of a second."""
    return min(max(1, math.ceil(pings_per_second / AT_A_TIME)), MOST_TURNS)


class Heartbeat:
    """The node's one pinging task; an exception in a ping is counted and affects no other connection.

    `on_wake` is called at each turn with the seconds by which the event loop was late (below 0: early).
    """

    def __init__(
        self,
        rescue: Rescue,
        pings_per_second: float = PINGS_PER_SECOND,
        on_wake: Callable[[float], object] = lambda _late: None,
    ) -> None:
        self._pings_per_second = pings_per_second
        self._on_wake = on_wake
        self._rescue = rescue
        self._known: OrderedDict[Pinged, float] = OrderedDict()
        self._new: OrderedDict[Pinged, None] = OrderedDict()
        self._again: dict[Pinged, None] = {}
        self._often: dict[Pinged, None] = {}
        self._passed = self._due = 0.0
        self._task: asyncio.Task[None] | None = None

    def period(self) -> float:
        """Seconds from one ping of a connection to its next, with the current number of connections."""
        return period(len(self._known) + len(self._new), self._pings_per_second)

    @property
    def is_running(self) -> bool:
        """Whether anybody is pinged."""
        return self._task is not None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="heartbeat")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def add(self, pinged: Pinged) -> None:
        """Pings it from now on; the first time soon, because nothing is known about it."""
        self._new[pinged] = None

    def soon(self, pinged: Pinged) -> None:
        """Pings it at the next turn too, because what was measured needs a second look; one that is not pinged at all
        is ignored."""
        if pinged in self._known:
            self._again[pinged] = None

    def often(self, pinged: Pinged) -> None:
        """Pings it again two seconds after its last ping, if second looks leave room: somebody waits for what is said
        about it. This holds once; whoever goes on waiting says so again."""
        if pinged in self._known:
            self._often[pinged] = None

    def remove(self, pinged: Pinged) -> None:
        self._often.pop(pinged, None)
        self._again.pop(pinged, None)
        self._new.pop(pinged, None)
        self._known.pop(pinged, None)

    async def _run(self) -> None:
        while True:
            seconds = self._turn()
            pause = until_next(time.time() - seconds / 2, seconds)
            due = time.monotonic() + pause
            await asyncio.sleep(pause)
            self._on_wake(time.monotonic() - due)

    def _turn(self) -> float:
        """Pings the connections whose turn it is, and returns the seconds to the next turn.

        Newcomers come first, but however many there are, every other ping is for a connection whose turn has come
        again. Second looks come on top, half as many as there may be pings at most.
        """
        members = len(self._known) + len(self._new)
        every = period(members, self._pings_per_second)
        seconds = 1 / turns(members / every)
        self._passed += seconds
        self._due += members / every * seconds
        for number in range(min(int(self._due), members)):
            is_time = bool(self._known) and self._passed - next(iter(self._known.values())) >= every
            queue: OrderedDict[Pinged, Any] = self._known
            if self._new and (number % 2 == 0 or not is_time):
                queue = self._new
            elif not self._known or self._passed - next(iter(self._known.values())) < every - seconds:
                break  # all were pinged again meanwhile, or a ping has ended connections
            pinged, _ = queue.popitem(last=False)
            self._ping(pinged)
        self._due %= 1
        due = (pinged for pinged in self._often if self._passed - self._known[pinged] >= OFTEN)
        for pinged in [*self._again, *due][: math.ceil(self._pings_per_second * seconds / 2)]:
            # A ping may end connections.
            if self._known.pop(pinged, None) is not None:
                self._ping(pinged)
        return seconds

    def _ping(self, pinged: Pinged) -> None:
        self._again.pop(pinged, None)
        self._often.pop(pinged, None)
        self._known[pinged] = self._passed
        with self._rescue.guarding("a ping"):
            pinged.ping()
