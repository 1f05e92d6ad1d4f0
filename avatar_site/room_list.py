"""Tells those who asked which rooms there are, and how many avatars are in each, on all nodes together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
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
        self._due: asyncio.TimerHandle | None = None

    def subscribe(self, asker: Asker) -> None:
        """It gets the list now, and again whenever somebody joins or leaves, at most once a second."""
        self._askers[asker] = None
        self._tell([asker])

    def unsubscribe(self, asker: Asker) -> None:
        self._askers.pop(asker, None)

    def changed(self) -> None:
        """Somebody has joined or left a room of any node."""
        self._message = None
        if self._askers and self._due is None:
            self._due = asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell_all)

    def stop(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._askers.clear()

    def _tell_all(self) -> None:
        self._due = None
        self._tell(list(self._askers))

    def _tell(self, askers: Iterable[Asker]) -> None:
        if self._message is None:
            self._message = _encoded(self._occupants())
        for asker in askers:
            asker.tell(Item(ItemKind.ROOMS, "", self._message))


def _encoded(occupants: Mapping[str, int]) -> Outgoing:
    """The fullest rooms first, those of equal size by name."""
    listed = sorted((-count, name) for name, count in occupants.items() if not name.startswith(UNLISTED))
    rooms = [{"room": name, "avatars": -count} for count, name in listed[:MOST_ROOMS]]
    return encode("rooms", rooms=rooms, rooms_total=len(listed))
