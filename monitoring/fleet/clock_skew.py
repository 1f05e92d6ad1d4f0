"""By how much this host's clock is ahead of another one's, as far as can be told from asking what time it is there."""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple

from monitoring.core.clock import Clock

READINGS = 4
"""Few, so that a clock that is set is believed after twenty seconds; of four one is seldom kept waiting."""

OLDEST_SECONDS = 60.0


class ClockReading(NamedTuple):
    """How far ahead the clock was, give or take half of the `seconds` that the answer took; `at` is monotonic."""

    ahead: float
    seconds: float
    at: float


class ClockSkew:
    """The answer that came soonest counts: what was kept waiting says less of the clock than of the wait."""

    def __init__(self, steady: Clock = time.monotonic) -> None:
        self._steady = steady
        self._readings: deque[ClockReading] = deque(maxlen=READINGS)

    def read(self, theirs: float, asked: float, seconds: float) -> None:
        """Their clock said `theirs`, `seconds` after it was asked when ours said `asked`; UTC epoch seconds."""
        self._readings.append(ClockReading(asked + seconds / 2 - theirs, seconds, self._steady()))

    @property
    def seconds(self) -> float | None:
        """How far ahead our clock is, negative when it is behind; None when nothing was heard for a minute."""
        oldest = self._steady() - OLDEST_SECONDS
        fresh = [reading for reading in self._readings if reading.at >= oldest]
        return min(fresh, key=lambda reading: reading.seconds).ahead if fresh else None
