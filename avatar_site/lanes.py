"""Limits how many HTTP requests run at a time: each takes a thread, and descriptors for its database and Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from avatar_site.addresses import Network, is_unlimited, source_of

AT_ONCE, OF_ONE_ADDRESS = 20, 8
"""Together they open at most `descriptors.RESERVE` descriptors; further requests wait in order of arrival."""


class Lanes:
    """The lanes of one process. Only addresses that many people may share can use all of them."""

    def __init__(self, trusted: Iterable[Network] = ()) -> None:
        self.trusted = tuple(trusted)
        self.all = asyncio.Semaphore(AT_ONCE)
        self.of_address: dict[str, tuple[asyncio.Semaphore, set[Turn]]] = {}


class Turn:
    """One request's turn: taken when its whole body has arrived, and released when its answer begins.

    So neither a slow sender nor a slow reader keeps others waiting.
    """

    def __init__(self, lanes: Lanes, address: str | None) -> None:
        self._lanes = lanes
        self._address = None if is_unlimited(address, lanes.trusted) else source_of(address)
        self._held: list[asyncio.Semaphore] = []
        self._asked = False

    async def take(self) -> None:
        """Waits for the turn; does nothing the second time."""
        if self._asked:
            return
        self._asked = True
        if self._address is not None:
            own, turns = self._lanes.of_address.setdefault(self._address, (asyncio.Semaphore(OF_ONE_ADDRESS), set()))
            turns.add(self)
            await self._hold(own)
        await self._hold(self._lanes.all)

    def leave(self) -> None:
        """May be called again, and by a request that was abandoned while it waited."""
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
