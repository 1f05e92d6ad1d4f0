"""Round trips of the last few seconds, kept by adding each interval and taking it out again."""

from __future__ import annotations

from collections import deque

from monitoring.core.sample import Gauge
from monitoring.core.sketch import Sketch

WINDOW_SECONDS = 10.0
"""Twice the pause between two pings of a client, where there are no more than a hundred."""


class LatencyWindow:
    """A sliding distribution; its cost follows what is added, not what it holds."""

    def __init__(self, seconds: float = WINDOW_SECONDS) -> None:
        self._seconds = seconds
        self._intervals: deque[tuple[float, Gauge, Sketch]] = deque()
        self._sketch = Sketch()

    def add(self, now: float, latency: Gauge, sketch: Sketch) -> None:
        """Takes in one interval and lets go of those that ended longer ago than the window."""
        while self._intervals and self._intervals[0][0] <= now - self._seconds:
            self._sketch.remove(self._intervals.popleft()[2])
        if latency.count:
            self._intervals.append((now, latency, sketch))
            self._sketch.merge(sketch)

    def with_interval(self, latency: Gauge, sketch: Sketch) -> tuple[Gauge, Sketch]:
        """The window and a running interval together, as copies: a report keeps them while counting goes on."""
        total = Gauge()
        for _, gauge, _ in self._intervals:
            total.merge(gauge)
        total.merge(latency)
        return total, self._sketch + sketch
