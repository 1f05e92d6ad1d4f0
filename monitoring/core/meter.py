"""What monitoring costs the server that it watches: metered by itself, tick by tick."""

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

    `cpu_ms` and `bytes_broadcast` are those of the last whole tick, `cpu_percent` is the mean share of one core over
    the last ticks. `tick_lag_ms` says how late the tick came, `loop_lag_ms` the longest that the event loop kept
    anything waiting since the tick before. `interval` is the real one, in seconds; `stretched` when it is longer than
    the one that was asked for. What was not metered yet, as in a monitor's first tick, is None.
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
    """The fleet's cost of its nodes' `Cost.as_dict()`: work is added, of lags and intervals the longest counts."""
    if not costs:
        return Cost().as_dict()
    known = {name: [cost[name] for cost in costs if cost[name] is not None] for name in costs[0]}
    return {
        name: (round(sum(values), 3) if name in ADDED else max(values)) if values else None
        for name, values in known.items()
    }


class CostReading(msgspec.Struct, frozen=True):
    """What was metered from one tick to the next; None of what nothing was metered."""

    cpu_ms: float | None = None
    bytes_broadcast: int = 0
    tick_lag_ms: float | None = None
    loop_lag_ms: float | None = None


class Meter:
    """Sums up one tick's work until the next begins; `cpu` gives the seconds that this thread has computed.

    A tick's work is all that `with meter:` encloses, which must neither await nor enclose it again: reading the host,
    alerts, encoding, compressing and sending, also the sends that come later in the same interval. Not metered is what
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

    def broadcast(self, size: int) -> None:
        """A viewer was sent so many bytes."""
        self._bytes += size

    def tick_came_late(self, seconds: float) -> None:
        self._tick_lag = max(self._tick_lag or 0.0, seconds)
        self.loop_came_late(seconds)

    def loop_came_late(self, seconds: float) -> None:
        """The event loop ran something so long after it was due; early counts as in time."""
        self._loop_lag = max(self._loop_lag or 0.0, seconds)

    def turn(self) -> CostReading:
        """What was metered since the last call; metering begins anew."""
        reading = CostReading(
            _milliseconds(self._seconds), self._bytes, _milliseconds(self._tick_lag), _milliseconds(self._loop_lag)
        )
        self._seconds, self._bytes, self._tick_lag, self._loop_lag = None, 0, None, None
        return reading


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * MILLISECONDS
