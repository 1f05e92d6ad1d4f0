"""The core's two clocks: one for durations, one for timestamps."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

Clock = Callable[[], float]

logger = logging.getLogger(__name__)

JUMP_SECONDS = 0.5


def steady_utc() -> Clock:
    """UTC epoch seconds that advance with the monotonic clock, so that their differences are true durations."""
    offset = time.time() - time.monotonic()
    monotonic = time.monotonic
    return lambda: offset + monotonic()


class Stamps:
    """UTC timestamps for stored data: the wall clock's, whichever way it is set.

    Going back by up to JUMP_SECONDS is not a setting: it is waited out. A jump is logged.
    """

    def __init__(self, wall: Clock = time.time, steady: Clock = time.monotonic) -> None:
        self._wall = wall
        self._steady = steady
        self._last = wall()
        self._last_steady = steady()

    def __call__(self) -> float:
        steady, wall = self._steady(), self._wall()
        jump = wall - (self._last + steady - self._last_steady)
        if abs(jump) > JUMP_SECONDS:
            logger.warning("The clock jumped by %+.1f s", jump)
            self._last = wall
        else:
            self._last = max(wall, self._last)
        self._last_steady = steady
        return self._last


class Ahead:
    """How many `seconds` the wall clock is ahead of a monotonic one, 0 while they agree to JUMP_SECONDS."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._offset: float | None = None

    def follow(self, offset: float) -> float:
        """Takes the two clocks' difference; returns by how many seconds the wall clock was set since the last call."""
        jump = 0.0 if self._offset is None else offset - self._offset
        self._offset = offset
        self.seconds = offset if abs(offset) > JUMP_SECONDS else 0.0
        return jump if abs(jump) > JUMP_SECONDS else 0.0
