"""The grid of intervals that samples fall on: whole multiples of the interval in UTC."""

from __future__ import annotations

import math

EARLY_SHARE = 0.1
"""A tick that comes this share of an interval too early still counts for the interval's end."""

ROUNDING = 1e-3


def until_next(now: float, interval: float) -> float:
    """Seconds to the next whole multiple of the interval; what comes a tenth of it too early counts as in time."""
    return max(0.0, (_number(now, interval) + 1) * interval - now)


def _number(now: float, interval: float) -> int:
    """How many whole intervals ended by `now`."""
    return math.floor(now / interval + EARLY_SHARE)


class Grid:
    """Says which seconds a tick's sample covers, so that sixty seconds make a minute with nothing twice or missing."""

    def __init__(self, interval: float, now: float, steady: float) -> None:
        self.interval = interval
        self._end = self._last_end(now)
        self._steady_end = steady - (now - self._end)

    def until_next(self, now: float) -> float:
        """Seconds to the next tick; ticks that were missed are not made up for."""
        return until_next(now, self.interval)

    def span(self, now: float, steady: float) -> tuple[float, float]:
        """Start and length, in seconds, of what passed since the last call.

        The length is 0 when the interval has not ended yet. After a jump of the wall clock only the time that really
        passed, by `steady`, is covered.
        """
        end = max(self._last_end(now), self._end)
        passed = math.ceil((steady - self._steady_end) / self.interval - ROUNDING) * self.interval
        seconds = min(end - self._end, max(0.0, passed))
        self._end = end
        self._steady_end = steady - (now - end)
        return round(end - seconds, 3), round(seconds, 3)

    def change(self, interval: float) -> None:
        """From the last sample's end on another interval counts; the next sample begins there, and may be shorter."""
        self.interval = interval

    def _last_end(self, now: float) -> float:
        return _number(now, self.interval) * self.interval
