"""How many HTTP requests are worked on at a time: each has a thread, and descriptors for its database and Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from avatar_site.addresses import Network, is_unlimited, source_of

AT_ONCE, OF_ONE_ADDRESS = 20, 8
"""Together they open no more than `descriptors.RESERVE`; what comes beyond waits in the order in which it came."""


class Lanes:
    """Those of one process. Only addresses behind which many may stand may have them all."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self.trusted = tuple(trusted)
        self.all = asyncio.Semaphore(AT_ONCE)
        self.of_address: dict[str, tuple[asyncio.Semaphore, set[Turn]]] = {}


class Turn:
    """One request's: taken when all of its body is here, and left once its answer begins.

    So neither who sends slowly nor who reads slowly keeps others waiting.
    """

    def __init__(self, lanes: Lanes, address: str | None) -> None:
        self._lanes = lanes
        self._address = None if is_unlimited(address, lanes.trusted) else source_of(address)
        self._held: list[asyncio.Semaphore] = []
        self._asked = False

    async def take(self) -> None:
        """Waits for it; the second time it does nothing."""
        if self._asked:
            return
        self._asked = True
        if self._address is not None:
            own, turns = self._lanes.of_address.setdefault(self._address, (asyncio.Semaphore(OF_ONE_ADDRESS), set()))
            turns.add(self)
            await self._hold(own)
        await self._hold(self._lanes.all)

    def leave(self) -> None:
        """May be called again, and by one that was given up while it waited."""
        while self._held:
            self._held.pop().release()
        if self._address in self._lanes.of_address:
            _, turns = self._lanes.of_address[self._address]
            turns.discard(self)
            if not turns:
                del self._lanes.of_address[self._address]

    async def _hold(self, lane: asyncio.Semaphore) -> None:
        await lane.acquire()
        self._held.append(lane)
