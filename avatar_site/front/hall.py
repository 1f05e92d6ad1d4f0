"""The connections of a process that are not WebSockets, and those of them that have yet to say what they want."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from avatar_site.front import door
from avatar_site.front.addresses import is_unlimited, source_of
from avatar_site.front.door import Door, Refusal, too_many_of_address

NEAR = door.RESERVE + 16
"""So few descriptors left, idle connections go before an avatar is kept out."""

AT_THE_END = door.RESERVE // 2
IDLE_SECONDS = 1.0
"""Whoever asks for anything asks sooner."""


class IdleConnection(Protocol):
    """A connection without a request."""

    address: str

    def drop_at_once(self) -> None:
        """Closes it, so that its descriptor is free when this returns."""


class Hall:
    """Counts connections by address, and drops idle ones when descriptors end."""

    def __init__(self, door: Door, clock: Callable[[], float] = time.monotonic) -> None:
        self.door = door
        self._clock = clock
        self._waiting: dict[str, dict[IdleConnection, float]] = {}
        self._of_address: Counter[str] = Counter()

    def enter(self, address: str) -> Refusal | None:
        """Counts a connection, which has to `leave`; why it is not let in, if so."""
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
        """It has to say what it wants; while few descriptors are left, another one that waits gives way to it.

        Of the address of which most wait the oldest goes: whoever opens many closes nobody else's.
        """
        of_source = self._waiting.setdefault(source_of(connection.address) or "", {})
        of_source.pop(connection, None)
        of_source[connection] = self._clock()
        left = door.left()
        if left < NEAR and (len(self._waiting) > 1 or len(of_source) > 1):
            oldest, since = next(iter(max(self._waiting.values(), key=len).items()))
            if left < AT_THE_END or self._clock() - since > IDLE_SECONDS:
                self.stop_waiting(oldest)
                self.door.refused(Refusal(0, "descriptors", "few descriptors are left"), oldest.address)
                oldest.drop_at_once()

    def stop_waiting(self, connection: IdleConnection) -> None:
        key = source_of(connection.address) or ""
        of_source = self._waiting.get(key, {})
        of_source.pop(connection, None)
        if not of_source:
            self._waiting.pop(key, None)
