"""What one node measured in one interval; `a + b` is again a sample.

Everything stored is made of these: a minute is the sum of its seconds, an hour of its minutes, a fleet of its nodes.
"""

from __future__ import annotations

import math

import msgspec

from monitoring.core.stats.sketch import Sketch


class Gauge(msgspec.Struct, array_like=True):
    """Readings of a quantity that goes up and down; nothing was read while count is 0."""

    count: int = 0
    sum: float = 0.0
    min: float = math.inf
    max: float = -math.inf

    @classmethod
    def of(cls, value: float | None) -> Gauge:
        return cls() if value is None else cls(1, value, value, value)

    def add(self, value: float) -> None:
        self.count += 1
        self.sum += value
        if value < self.min:
            self.min = value
        if value > self.max:
            self.max = value

    def merge(self, other: Gauge) -> None:
        """Adds the other's readings."""
        self.count += other.count
        self.sum += other.sum
        if other.min < self.min:
            self.min = other.min
        if other.max > self.max:
            self.max = other.max

    @property
    def average(self) -> float | None:
        return self.sum / self.count if self.count else None

    def __add__(self, other: Gauge) -> Gauge:
        total = Gauge(self.count, self.sum, self.min, self.max)
        total.merge(other)
        return total


COUNTERS = ("messages", "messages_sent", "bytes_received", "bytes_sent", "connects", "disconnects")
"""The fields of a sample that are plain counts."""


class Sample(msgspec.Struct):
    """One node in one interval.

    `start` is the first second's UTC epoch time, `seconds` how many seconds the counters cover; they lie before `end`,
    which is given only if they do not simply follow the start. Bytes and messages are counted from the server's side:
    received from clients, sent to clients. `message_rate` is the messages received per second of each interval. System
    gauges are the host's, in percent, MB (1024 * 1024 bytes) and MB per second; latency and frame times of clients are
    in milliseconds, and each client counts once a second. `bounded` says that the lowest and highest of additive values
    (`ADDED` of `fold`) were not measured: the true values lie between them.
    """

    start: float
    seconds: float = 0.0
    messages: int = 0
    messages_sent: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    connects: int = 0
    disconnects: int = 0
    connections: Gauge = msgspec.field(default_factory=Gauge)
    message_rate: Gauge = msgspec.field(default_factory=Gauge)
    cpu_percent: Gauge = msgspec.field(default_factory=Gauge)
    memory_percent: Gauge = msgspec.field(default_factory=Gauge)
    memory_used_mb: Gauge = msgspec.field(default_factory=Gauge)
    network_sent_rate: Gauge = msgspec.field(default_factory=Gauge)
    network_recv_rate: Gauge = msgspec.field(default_factory=Gauge)
    latency_ms: Gauge = msgspec.field(default_factory=Gauge)
    latency_sketch: Sketch = msgspec.field(default_factory=Sketch)
    fps: Gauge = msgspec.field(default_factory=Gauge)
    frame_time_sketch: Sketch = msgspec.field(default_factory=Sketch)
    end: float | None = None
    bounded: bool = False

    @property
    def until(self) -> float:
        """The end of its last second, UTC epoch seconds."""
        return self.start + self.seconds if self.end is None else self.end

    def __add__(self, other: Sample) -> Sample:
        return Sample(
            min(self.start, other.start),
            end=max(self.until, other.until),
            bounded=self.bounded or other.bounded,
            **{name: getattr(self, name) + getattr(other, name) for name in _ADDED},
        )


_ADDED = [name for name in Sample.__struct_fields__ if name not in ("start", "end", "bounded")]
