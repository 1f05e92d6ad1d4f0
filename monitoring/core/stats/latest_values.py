"""What each client measured last, so that every client counts the same, however often it is measured.

Clients on a full node are pinged less often than those on an empty one, a slow answer comes late, and some programs
measure with every message. Counting readings would weigh all of these differently. Here a client's value is a step
function of time: it keeps the value of its last interval with a reading (the mean, if there were several) until the
next one, until the client leaves, or until it has been silent for too long. A second's sample holds each client's value
once; added up, a minute holds each client for as long as it was there.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterable

from monitoring.core.stats.log_bins import bin_of
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch

WINDOW_SECONDS = 10.0
"""Twice the pause between two pings of a client, if there are at most a hundred."""

RENDERED_FRAMES_SECONDS = 60.0
"""A client that has not reported for this long how it draws is taken not to draw."""

SHARES = 100
"""How many times a client counts in the distribution of `now`, so that several readings may share it."""

MOST_SEVERAL = 100
"""If at most this many clients have several readings in an interval, all are kept; otherwise only their means."""


class LatestValues:
    """The last value of each client; each call costs a few additions, whatever it holds."""

    __slots__ = (
        "_bins", "_held", "_highest", "_left", "_lowest", "_several", "_total", "_turn", "_turns", "_values", "version",
    )  # fmt: skip

    def __init__(self) -> None:
        self.version = 0
        self._values: dict[
            str, tuple[int, float, int, int]
        ] = {}  # interval, mean, its bin and readings; longest silent first
        self._several: dict[str, array[float]] = {}
        self._left: list[float] = []
        self._bins: dict[int, int] = {}
        self._total = 0.0
        self._lowest, self._highest = math.inf, -math.inf
        self._held: tuple[float, float] | None = (
            None  # lowest and highest value of any client; None: unknown, must be looked for
        )
        self._turn = 0
        self._turns: deque[tuple[int, float]] = deque()

    def put(self, client_id: str, value: float) -> None:
        """A client was measured."""
        before = self._values.get(client_id)
        if value < self._lowest:
            self._lowest = value
        if value > self._highest:
            self._highest = value
        mean, number = value, 1
        if before is not None and before[0] == self._turn and before[3]:
            number = before[3] + 1
            mean = before[1] + (value - before[1]) / number
            self._keep(client_id, before[1], value, number)
        else:
            self._several.pop(client_id, None)
        if before is not None:
            self._forget(client_id, instead=mean)
        if self._held is not None and not self._held[0] <= mean <= self._held[1]:
            self._held = min(self._held[0], mean), max(self._held[1], mean)
        index = bin_of(mean)
        self._values[client_id] = self._turn, mean, index, number
        self._total += mean
        self._bins[index] = self._bins.get(index, 0) + 1
        self.version += 1

    def confirm(self, client_id: str) -> None:
        """The client's last value still holds: it is kept for as long as a new one would be, and counts no reading."""
        before = self._values.pop(client_id, None)
        if before is not None:
            _, mean, index, readings = before
            self._values[client_id] = self._turn, mean, index, readings if before[0] == self._turn else 0

    def remove(self, client_id: str) -> None:
        """A client has left, or fell silent; its readings in this interval still count once."""
        before = self._values.get(client_id)
        if before is not None:
            if before[0] == self._turn and before[3]:
                self._left.append(before[1])
            self._forget(client_id)
            self._several.pop(client_id, None)

    def take(self, now: float, seconds: int, window: float) -> tuple[Gauge, Sketch]:
        """Each client's value once for each of `seconds` whole seconds that ended; clients that left meanwhile count
        once.

        Lowest and highest come from the new readings, and from the values that clients have had since before. Clients
        that were silent for the `window`, in seconds, are forgotten. While no second has ended, the interval continues.
        """
        gauge = Gauge(len(self._values) * seconds, self._total * seconds)
        sketch = Sketch({index: count * seconds for index, count in self._bins.items()} if seconds else {})
        for value in self._left:
            gauge.count, gauge.sum = gauge.count + 1, gauge.sum + value
            sketch.add(value)
        self._left = []
        if gauge.count:
            average = gauge.sum / gauge.count
            low, high = self._extremes() if seconds else (average, average)
            gauge.min, gauge.max = min(self._lowest, low), max(self._highest, high)
        if seconds:
            self._lowest, self._highest = math.inf, -math.inf
            self._turns.append((self._turn, now))
            self._turn += 1
            self._expire(now - window)
        return gauge, sketch

    def mean(self) -> Gauge:
        """Each client's value once; lowest and highest are unknown and set to the mean."""
        count = len(self._values)
        average = self._total / count if count else 0.0
        return Gauge(count, self._total, average, average) if count else Gauge()

    def now(self) -> tuple[Gauge, Sketch]:
        """The `mean`, and each client SHARES times in a distribution, shared by its readings if it has several."""
        shares = Sketch({index: number * SHARES for index, number in self._bins.items()})
        for client_id, readings in self._several.items():
            shares.remove(Sketch({self._values[client_id][2]: SHARES}))
            count, begin = len(readings), 0
            for number, value in enumerate(sorted(readings), 1):
                end = -(-SHARES * number // count)
                index = bin_of(value)
                shares.bins[index] = shares.bins.get(index, 0) + end - begin
                begin = end
        return self.mean(), shares

    def value(self, client_id: str) -> float | None:
        """The value that the client has now."""
        found = self._values.get(client_id)
        return None if found is None else found[1]

    def values_of(self, client_ids: Iterable[str]) -> list[float | None]:
        """The value of each of these clients, in their order."""
        values = self._values
        return [values[client_id][1] if client_id in values else None for client_id in client_ids]

    def beyond(self, limit: float, *, above: bool) -> list[str]:
        """The clients with a value above the limit, or below it. While there is none, it costs little."""
        edge = bin_of(limit)
        if above:
            if not any(index >= edge for index in self._bins):
                return []
            return [client_id for client_id, (_, value, *_) in self._values.items() if value > limit]
        if not any(index <= edge for index in self._bins):
            return []
        return [client_id for client_id, (_, value, *_) in self._values.items() if value < limit]

    def _keep(self, client_id: str, before: float, value: float, number: int) -> None:
        """Keeps this interval's readings of a client, from the second one on, if there is room."""
        readings = self._several.get(client_id)
        if readings is None:
            if number > 2 or len(self._several) >= MOST_SEVERAL:
                return
            readings = self._several[client_id] = array("d", (before,))
        readings.append(value)
        del readings[:-SHARES]

    def _extremes(self) -> tuple[float, float]:
        """The extreme values of all clients, searched for only if a client that had one of them has changed."""
        if self._held is None:
            values = [value for _, value, *_ in self._values.values()]
            self._held = min(values, default=math.inf), max(values, default=-math.inf)
        return self._held

    def _forget(self, client_id: str, instead: float | None = None) -> None:
        _, value, index, _ = self._values.pop(client_id)
        if self._held is not None and value in self._held and instead != value:
            self._held = None
        if self._bins[index] > 1:
            self._bins[index] -= 1
        else:
            del self._bins[index]
        # Rounding errors must not accumulate.
        self._total = self._total - value if self._values else 0.0
        self.version += 1

    def _expire(self, before: float) -> None:
        last = -1
        while self._turns and self._turns[0][1] <= before:
            last = self._turns.popleft()[0]
        while self._values:
            client_id, (turn, *_) = next(iter(self._values.items()))
            if turn > last:
                break
            self._forget(client_id)
            self._several.pop(client_id, None)


class ClientsNow:
    """The current values of all of a collector's clients."""

    def __init__(self) -> None:
        self.latencies, self.fps, self.frame_times = LatestValues(), LatestValues(), LatestValues()
        self._latency: tuple[int, tuple[Gauge, Sketch]] = -1, (Gauge(), Sketch())
        self.window = WINDOW_SECONDS
        """For how many seconds a latency holds that is not measured again."""

    def draw(self, client_id: str, fps: float, frame_time_ms: float, *, hidden: bool = False) -> None:
        """A client reports how it draws; it draws nothing while it is hidden."""
        if hidden:
            self._draws_no_more(client_id)
        else:
            self.fps.put(client_id, fps)
            self.frame_times.put(client_id, frame_time_ms)

    def forget(self, client_id: str) -> None:
        """The client has left."""
        self.latencies.remove(client_id)
        self._draws_no_more(client_id)

    def _draws_no_more(self, client_id: str) -> None:
        self.fps.remove(client_id)
        self.frame_times.remove(client_id)

    def latency(self) -> tuple[Gauge, Sketch]:
        """`latencies.now()`, computed once per change; callers change neither value."""
        if self._latency[0] != self.latencies.version:
            self._latency = self.latencies.version, self.latencies.now()
        return self._latency[1]

    def take(self, sample: Sample, now: float, window: float) -> None:
        """Gives a sample each client's values, once for each whole second that ended, whatever the interval is.

        Latencies hold for the `window`, in seconds, but for WINDOW_SECONDS at least.
        """
        seconds = math.floor(round(sample.start + sample.seconds, 3)) - math.floor(round(sample.start, 3))
        self.window = max(WINDOW_SECONDS, window)
        found = self.latencies.take(now, seconds, self.window)
        sample.latency_ms, sample.latency_sketch = found
        sample.fps, _ = self.fps.take(now, seconds, RENDERED_FRAMES_SECONDS)
        _, sample.frame_time_sketch = self.frame_times.take(now, seconds, RENDERED_FRAMES_SECONDS)
