"""The grid of intervals that samples fall on: whole multiples of the interval in UTC."""

from __future__ import annotations

import math

EARLY_SHARE = 0.1
"""A tick that comes this share of an interval too early still counts for the interval's end."""


class Grid:
    """Says which seconds a tick's sample covers, so that sixty seconds make a minute with nothing twice or missing."""

    def __init__(self, interval: float, now: float, steady: float) -> None:
        self._interval = interval
        self._end = self._number(now)
        self._steady = steady

    def until_next(self, now: float) -> float:
        """Seconds to the next tick; ticks that were missed are not made up for."""
        return max(0.0, (self._number(now) + 1) * self._interval - now)

    def span(self, now: float, steady: float) -> tuple[float, float]:
        """Start and length, in seconds, of what passed since the last call.

        The length is 0 when the interval has not ended yet. After a jump of the wall clock only the time that really
        passed, by `steady`, is covered.
        """
        end = max(self._number(now), self._end)
        passed = math.ceil((steady - self._steady) / self._interval)
        intervals = min(end - self._end, passed)
        self._end = end
        self._steady = steady
        return round((end - intervals) * self._interval, 3), round(intervals * self._interval, 3)

    def _number(self, now: float) -> int:
        """How many whole intervals ended by `now`."""
        return math.floor(now / self._interval + EARLY_SHARE)
