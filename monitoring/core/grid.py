"""The grid of intervals that samples fall on: it starts over each UTC minute, so that none crosses a minute's edge."""

from __future__ import annotations

import math

MINUTE = 60.0
EARLY_SHARE = 0.1
"""A tick that comes too early by this share of an interval still counts as the interval's end."""

ROUNDING = 1e-3


def until_next(now: float, interval: float) -> float:
    """Seconds to the interval's end; up to a tenth of an interval too early counts as on time."""
    minute, number = _place(now, interval)
    return max(0.0, _start(minute, number + 1, interval) - now)


def last_end(now: float, interval: float) -> float:
    """Where the last interval ended by `now`, UTC epoch seconds."""
    return _start(*_place(now, interval), interval)


def in_a_minute(interval: float) -> int:
    """How many intervals a minute has: the last one takes what is left, and is longer if little would be left."""
    return max(1, math.floor(MINUTE / interval + 0.5))


def _place(now: float, interval: float) -> tuple[float, int]:
    """The minute, and how many of its intervals ended by `now`."""
    reached = now + interval * EARLY_SHARE
    minute = math.floor(reached / MINUTE) * MINUTE
    return minute, min(math.floor((reached - minute) / interval), in_a_minute(interval) - 1)


def _start(minute: float, number: int, interval: float) -> float:
    return minute + (MINUTE if number >= in_a_minute(interval) else number * interval)


class Grid:
    """Determines which seconds a tick's sample covers, so that sixty seconds make a minute without gap or overlap.

    The first sample begins `now`, when the watch began.
    """

    def __init__(self, interval: float, now: float, steady: float) -> None:
        self.interval = interval
        self._end = now
        self._steady_end = steady

    def until_next(self, now: float) -> float:
        """Seconds to the next tick; missed ticks are not made up for.

        A tick less than half an interval after the watch began is skipped: its rates would mean nothing.
        """
        pause = until_next(now, self.interval)
        return pause + until_next(now + pause, self.interval) if now + pause - self._end < self.interval / 2 else pause

    def span(self, now: float, steady: float) -> tuple[float, float]:
        """Start and length, in seconds, of the time since the last call. The length is 0 if the interval has not ended
        yet.

        After a jump of the wall clock only the time that really passed, by `steady`, is covered; a clock that was set
        back by more than an interval is followed.
        """
        end = last_end(now, self.interval)
        passed = math.ceil((steady - self._steady_end) / self.interval - ROUNDING) * self.interval
        if end > self._end - self.interval:
            end = max(end, self._end)
            seconds = min(end - self._end, max(0.0, passed))
        else:
            seconds = min(max(0.0, passed), max(0.0, steady - self._steady_end))
        self._end = end
        self._steady_end = steady - (now - end)
        return round(end - seconds, 3), round(seconds, 3)

    def change(self, interval: float) -> None:
        """Uses another interval from the last sample's end on; the next sample begins there, and may be shorter."""
        self.interval = interval
