"""Lets through what there is room for and keeps the newest of the rest until there is room again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from avatar_site.conflation import ConflatedQueue, Item
from monitoring.core.wire.token_bucket import TokenBucket

TURN_SECONDS = 0.02
MESSAGE_COSTS = 1024
"""Bytes that each message counts in addition to its own, because relaying a short one costs about as much as a long
one."""

PORTION = 64 * 1024


class Flowing(Protocol):
    def flow(self) -> bool:
        """Lets through what there is room for; False if nothing waits any more."""


class Pump:
    """A node's one timer for everything that waits; it runs while something does."""

    def __init__(self) -> None:
        self._flowing: dict[Flowing, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, flowing: Flowing) -> None:
        """Calls its `flow` fifty times a second until it returns that nothing waits."""
        self._flowing[flowing] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TURN_SECONDS, self._tick)

    def turn(self) -> None:
        """Calls each once."""
        for flowing in list(self._flowing):
            if not flowing.flow():
                self._flowing.pop(flowing, None)

    def stop(self) -> None:
        self._flowing.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        try:
            self.turn()
        finally:
            if self._flowing and self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(TURN_SECONDS, self._tick)


class Valve:
    """Delivers at most as many bytes a second as its bucket has; `price` gives the cost of an item.

    Nothing is lost except what a newer message replaces, and speech that is too fast for `Waiting`. Bytes are taken
    from the bucket in portions of `portion`, so a message costs next to nothing while there is enough.
    """

    def __init__(
        self,
        bucket: TokenBucket,
        price: Callable[[Item], int],
        deliver: Callable[[Item], None],
        pump: Pump,
        portion: int = PORTION,
    ) -> None:
        self._bucket = bucket
        self._price = price
        self._deliver = deliver
        self._pump = pump
        self._portion = portion
        self._credit = 0
        self._waiting = ConflatedQueue()

    def offer(self, item: Item) -> None:
        if not self._waiting.items and self._pays(self._price(item)):
            self._deliver(item)
        else:
            self.put((item,))

    def put(self, items: Iterable[Item]) -> None:
        """Queues them for delivery in the next turns."""
        for item in items:
            self._waiting.put(item)
        self._pump.add(self)

    def flow(self) -> bool:
        while self._waiting.items:
            if not self._pays(self._price(self._waiting.first())):
                return True
            self._deliver(self._waiting.take())
        return False

    def flush(self) -> None:
        """Delivers everything at once, whatever it costs."""
        while self._waiting:
            self._deliver(self._waiting.take())

    def _pays(self, price: int) -> bool:
        """Takes the price from what the bucket has given."""
        if self._credit < price:
            portion = max(self._portion, price - self._credit)
            if not self._bucket.spend(portion):
                return False
            self._credit += portion
        self._credit -= price
        return True
