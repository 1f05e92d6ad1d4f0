"""Tells those who asked which rooms there are, and how many avatars are in each, on all nodes together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from heapq import nsmallest
from typing import Protocol

from avatar_site.conflation import Item, ItemKind
from avatar_site.protocol import encode
from monitoring.core.wire.outgoing import Outgoing

MOST_ROOMS = 100
"""The fullest of more."""

TELL_SECONDS = 1.0
"""Whatever changes meanwhile is told at once at the end."""

UNLISTED = "."
"""A room whose name begins like this is told to nobody; whoever knows its name can join it."""

Occupants = Callable[[], Mapping[str, int]]


class Asker(Protocol):
    """An avatar that asked for the list."""

    def tell(self, item: Item, /) -> object: ...


class RoomList:
    """The list costs nothing until somebody asks for it, and then once for all who asked."""

    def __init__(self, occupants: Occupants) -> None:
        self._occupants = occupants
        self._askers: dict[Asker, None] = {}
        self._message: Outgoing | None = None
        self._made_at = 0.0
        self._is_outdated = False
        self._due: asyncio.TimerHandle | None = None

    def subscribe(self, asker: Asker) -> None:
        """It gets the list now, and again whenever somebody joins or leaves, at most once a second.

        However many ask while many come and go, the list is made once a second.
        """
        self._askers[asker] = None
        if self._message is None or (self._is_outdated and time.monotonic() - self._made_at >= TELL_SECONDS):
            self._make()
        elif self._is_outdated:
            self._tell_soon()
        self._tell([asker])

    def unsubscribe(self, asker: Asker) -> None:
        self._askers.pop(asker, None)

    def changed(self) -> None:
        """Somebody has joined or left a room of any node."""
        self._is_outdated = True
        if self._askers:
            self._tell_soon()

    def stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._askers.clear()

    def _tell_soon(self) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell_all)

    def _tell_all(self) -> None:
        self._due = None
        if self._is_outdated:
            self._make()
        self._tell(list(self._askers))

    def _make(self) -> None:
        self._message = _encoded(self._occupants())
        self._made_at = time.monotonic()
        self._is_outdated = False

    def _tell(self, askers: Iterable[Asker]) -> None:
        assert self._message is not None
        for asker in askers:
            asker.tell(Item(ItemKind.ROOMS, "", self._message))


def _encoded(occupants: Mapping[str, int]) -> Outgoing:
    """The fullest rooms first, those of equal size by name."""
    listed = [(-count, name) for name, count in occupants.items() if not name.startswith(UNLISTED)]
    rooms = [{"room": name, "avatars": -count} for count, name in nsmallest(MOST_ROOMS, listed)]
    return encode("rooms", rooms=rooms, rooms_total=len(listed))
