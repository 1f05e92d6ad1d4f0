"""The core's two clocks: one for durations, one for stamps."""

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
    """UTC stamps for what is stored: they follow the wall clock forwards and never go backwards.

    A wall clock set back is ignored until it has caught up, so that no second of a boot is measured twice; one set
    forward is followed at once, because the gap that it leaves is real.
    """

    def __init__(self, wall: Clock = time.time, steady: Clock = time.monotonic) -> None:
        self._wall = wall
        self._steady = steady
        self._last = wall()
        self._last_steady = steady()
        self._behind = False

    def __call__(self) -> float:
        steady, wall = self._steady(), self._wall()
        expected = self._last + steady - self._last_steady
        drift = wall - expected
        if abs(drift) > JUMP_SECONDS and not self._behind:
            logger.warning("The clock jumped by %+.1f s", drift)
        self._behind = drift < -JUMP_SECONDS
        self._last = expected if self._behind else max(wall, self._last)
        self._last_steady = steady
        return self._last
