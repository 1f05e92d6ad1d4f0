"""The connections of a process that are not WebSockets, and those of them that have yet to say what they want."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Protocol

from avatar_site import descriptors
from avatar_site.addresses import is_unlimited, source_of
from avatar_site.door import Door, Refusal, too_many_of_address

NEAR = descriptors.RESERVE + 16
"""So few descriptors left, idle connections go before an avatar is kept out."""

AT_THE_END = descriptors.RESERVE // 2
IDLE_SECONDS = 1.0
"""Whoever asks for anything asks sooner."""


class Waiting(Protocol):
    """A connection without a request."""

    address: str

    def drop_at_once(self) -> None:
        """Closes it, so that its descriptor is free when this returns."""


class Hall:
    """Counts connections by address, and drops idle ones when descriptors end."""

    def __init__(self, door: Door, clock: Callable[[], float] = time.monotonic) -> None:
        self.door = door
        self._clock = clock
        self._waiting: OrderedDict[Waiting, float] = OrderedDict()
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

    def wait(self, connection: Waiting) -> None:
        """It has to say what it wants; while few descriptors are left, who has waited longest gives way to it."""
        self._waiting[connection] = self._clock()
        left = descriptors.left()
        if left < NEAR and len(self._waiting) > 1:
            oldest, since = next(iter(self._waiting.items()))
            if left < AT_THE_END or self._clock() - since > IDLE_SECONDS:
                self.stop_waiting(oldest)
                self.door.refused(Refusal(0, "descriptors", "few descriptors are left"), oldest.address)
                oldest.drop_at_once()

    def stop_waiting(self, connection: Waiting) -> None:
        self._waiting.pop(connection, None)
