"""The minutes that one boot has sent, so that setting the clock back does not send a minute twice."""

from __future__ import annotations

import math
from collections import deque

import msgspec

from monitoring.core.sample import Sample

MINUTE = 60
MOST_RUNS = 50


class Told:
    """The minutes of this boot, as runs without a jump of the clock; the last fifty of them."""

    def __init__(self) -> None:
        self._runs: deque[list[int]] = deque(maxlen=MOST_RUNS)
        self._until = -math.inf

    def place(self, sample: Sample, *, jumped: bool) -> tuple[Sample, int | None]:
        """The sample as it is to be sent, and the minute's start if it occurs again and what was sent about it is void.

        If the clock was set back within a minute, no second of it is covered twice: repeated seconds are counted after
        the sent ones.
        """
        minute = math.floor(sample.start / MINUTE)
        within = bool(self._runs) and minute == self._runs[-1][1]
        if within and sample.start < self._until - 1e-3:
            length = max(0.0, sample.until - self._until)
            start = self._until if length else min(self._until, (minute + 1) * MINUTE - 1e-3)
            self._until = max(self._until, sample.until)
            return msgspec.structs.replace(sample, start=round(start, 3), seconds=round(length, 3), end=None), None
        self._until = sample.until
        if within:
            return sample, None
        again = any(first <= minute <= last for first, last in self._runs)
        if self._runs and not jumped and minute >= self._runs[-1][1]:
            self._runs[-1][1] = minute
        else:
            self._runs.append([minute, minute])
        return sample, minute * MINUTE if again else None
