"""The connections of a process that are not WebSockets, and those that have not sent a request yet."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from avatar_site.front import door
from avatar_site.front.addresses import is_unlimited, source_of
from avatar_site.front.door import Door, Refusal, too_many_of_address

NEAR = door.RESERVE + 16
"""Below this many free descriptors, idle connections are closed before an avatar is refused."""

AT_THE_END = door.RESERVE // 2
IDLE_SECONDS = 1.0
"""Anything that has a request to make sends it sooner."""


class IdleConnection(Protocol):
    """A connection without a request."""

    address: str

    def drop_at_once(self) -> None:
        """Closes the connection; its descriptor is free when this returns."""


class Hall:
    """Counts connections by address, and drops idle ones when descriptors run out."""

    def __init__(self, door: Door, clock: Callable[[], float] = time.monotonic) -> None:
        self.door = door
        self._clock = clock
        self._waiting: dict[str, dict[IdleConnection, float]] = {}
        self._of_address: Counter[str] = Counter()

    def enter(self, address: str) -> Refusal | None:
        """Counts a connection, which must `leave` later; returns the reason if it is refused."""
        key = source_of(address) or ""
        self._of_address[key] += 1
        limits = self.door.limits
        if self._of_address[key] > limits.per_address and not is_unlimited(address, limits.trusted):
            return too_many_of_address(limits)
        return None

    def leave(self, address: str) -> None:
        key = source_of(address) or ""
        self._of_address[key] -= 1
        if not self._of_address[key]:
            del self._of_address[key]

    def wait(self, connection: IdleConnection) -> None:
        """Adds a connection without a request. If descriptors are short, another waiting one is closed for it.

        The oldest connection of the address with the most waiting ones is closed, so an address that opens many
        connections closes only its own.
        """
        of_source = self._waiting.setdefault(source_of(connection.address) or "", {})
        of_source.pop(connection, None)
        of_source[connection] = self._clock()
        left = door.left()
        if left < NEAR and (len(self._waiting) > 1 or len(of_source) > 1):
            oldest, since = next(iter(max(self._waiting.values(), key=len).items()))
            if left < AT_THE_END or self._clock() - since > IDLE_SECONDS:
                self.stop_waiting(oldest)
                self.door.refused(Refusal(0, "descriptors", "the process is almost out of descriptors"), oldest.address)
                oldest.drop_at_once()

    def stop_waiting(self, connection: IdleConnection) -> None:
        key = source_of(connection.address) or ""
        of_source = self._waiting.get(key, {})
        of_source.pop(connection, None)
        if not of_source:
            self._waiting.pop(key, None)
