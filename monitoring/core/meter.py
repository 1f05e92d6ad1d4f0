"""The cost of monitoring for the server: the monitor measures it itself, tick by tick."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from monitoring.core.clock import Clock
from monitoring.core.metrics import rounded

MILLISECONDS = 1e3
ADDED = ("cpu_ms", "cpu_percent", "budget_percent", "bytes_broadcast")


class Cost(msgspec.Struct, frozen=True):
    """One node's cost of monitoring, as frames carry it.

    `cpu_ms` and `bytes_broadcast` are from the last whole tick, `cpu_percent` is the mean share of one core over the
    last ticks. `tick_lag_ms` is how late the tick came, `loop_lag_ms` the longest time that anything waited for the
    event loop since the previous tick. `interval` is the actual one, in seconds; `stretched` is true if it is longer
    than the requested one. Unmeasured values, as in a monitor's first tick, are None.
    """

    cpu_ms: float | None = None
    cpu_percent: float | None = None
    budget_percent: float = 0.0
    tick_lag_ms: float | None = None
    loop_lag_ms: float | None = None
    bytes_broadcast: int = 0
    interval: float = 1.0
    stretched: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "cpu_ms": rounded(self.cpu_ms, 3),
            "cpu_percent": rounded(self.cpu_percent, 3),
            "budget_percent": self.budget_percent,
            "tick_lag_ms": rounded(self.tick_lag_ms, 3),
            "loop_lag_ms": rounded(self.loop_lag_ms, 3),
            "bytes_broadcast": self.bytes_broadcast,
            "interval": self.interval,
            "stretched": self.stretched,
        }


def merged(costs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fleet's cost from its nodes' `Cost.as_dict()`: work is added, the longest lag and interval count."""
    if not costs:
        return Cost().as_dict()
    known = {name: [cost[name] for cost in costs if cost[name] is not None] for name in costs[0]}
    return {
        name: (round(sum(values), 3) if name in ADDED else max(values)) if values else None
        for name, values in known.items()
    }


class CostReading(msgspec.Struct, frozen=True):
    """What was measured from one tick to the next; None for unmeasured values."""

    cpu_ms: float | None = None
    bytes_broadcast: int = 0
    tick_lag_ms: float | None = None
    loop_lag_ms: float | None = None


class Meter:
    """Sums up one tick's work until the next begins; `cpu` returns the CPU seconds of this thread.

    A tick's work is everything inside `with meter:`, which must neither await nor be nested: reading the host, alerts,
    encoding, compressing and sending, including the sends that come later in the same interval. Not measured is what
    waits for the network (journal, relay), and counting messages, which `make bench` measures.
    """

    def __init__(self, cpu: Clock = time.thread_time) -> None:
        self._cpu = cpu
        self._began = 0.0
        self._seconds: float | None = None
        self._bytes = 0
        self._tick_lag: float | None = None
        self._loop_lag: float | None = None

    def __enter__(self) -> None:
        self._began = self._cpu()

    def __exit__(self, *_: object) -> None:
        self._seconds = (self._seconds or 0.0) + self._cpu() - self._began

    def count_broadcast(self, size: int) -> None:
        """A viewer was sent this many bytes."""
        self._bytes += size

    def tick_came_late(self, seconds: float) -> None:
        self._tick_lag = max(self._tick_lag or 0.0, seconds)
        self.loop_came_late(seconds)

    def loop_came_late(self, seconds: float) -> None:
        """The event loop ran a callback this long after it was due; early counts as on time."""
        self._loop_lag = max(self._loop_lag or 0.0, seconds)

    def turn(self) -> CostReading:
        """What was measured since the last call; measuring starts over."""
        reading = CostReading(
            _milliseconds(self._seconds), self._bytes, _milliseconds(self._tick_lag), _milliseconds(self._loop_lag)
        )
        self._seconds, self._bytes, self._tick_lag, self._loop_lag = None, 0, None, None
        return reading


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * MILLISECONDS
