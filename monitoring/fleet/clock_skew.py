"""How far this host's clock is ahead of another one, as far as asking that one for the time can tell."""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple

from monitoring.core.clock import Clock

READINGS = 4
"""Few, so that a clock that is set is believed after twenty seconds; of four, one is rarely delayed."""

OLDEST_SECONDS = 60.0


class ClockReading(NamedTuple):
    """How far ahead the clock was, give or take half of the `seconds` that the answer took; `at` is monotonic."""

    ahead: float
    seconds: float
    at: float


class ClockSkew:
    """The fastest answer counts: a delayed one says less about the clock than about the delay."""

    def __init__(self, steady: Clock = time.monotonic) -> None:
        self._steady = steady
        self._readings: deque[ClockReading] = deque(maxlen=READINGS)

    def read(self, theirs: float, asked: float, seconds: float) -> None:
        """Their clock said `theirs`, `seconds` after it was asked when ours said `asked`; UTC epoch seconds."""
        self._readings.append(ClockReading(asked + seconds / 2 - theirs, seconds, self._steady()))

    @property
    def seconds(self) -> float | None:
        """How far ahead our clock is, negative if it is behind; None if nothing was heard for a minute."""
        oldest = self._steady() - OLDEST_SECONDS
        fresh = [reading for reading in self._readings if reading.at >= oldest]
        return min(fresh, key=lambda reading: reading.seconds).ahead if fresh else None
