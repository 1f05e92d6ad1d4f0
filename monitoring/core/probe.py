"""Readings of the host: the only place that knows psutil."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

from monitoring.core.cgroup import CpuLimit, MemoryLimit, cpu_limit, memory_limit
from monitoring.core.clock import Clock
from monitoring.core.host import HostReading, ProcHost, gathered
from monitoring.core.metrics import MB, SystemMetrics
from monitoring.core.network import Traffic

try:
    import psutil
except ImportError:
    PSUTIL_AVAILABLE = False
else:
    PSUTIL_AVAILABLE = True

PSUTIL_MISSING = "psutil is not installed: pip install psutil, or the extra avatar-monitoring[system]"

SHORTEST_SECONDS = 0.2
"""CPU time is counted in ticks of 10 ms: over less time than this a percentage means nothing."""

FIRST = "cpu: known from the second reading on"


class Host(Protocol):
    def read(self) -> HostReading: ...


class Probe(Protocol):
    """What the collector asks for a reading of the host."""

    def read(self, timestamp: float) -> SystemMetrics: ...


class PsutilHost:
    """The same figures as ProcHost, on every system that psutil knows."""

    def __init__(self) -> None:
        self._traffic = Traffic()

    def read(self) -> HostReading:
        return gathered(
            {
                ("cpu_busy", "cpu_total"): self._cpu,
                ("memory_used", "memory_total"): self._memory,
                ("network_sent", "network_recv"): self._network,
            }
        )

    def _cpu(self) -> tuple[float, float]:
        times = psutil.cpu_times()
        total = sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)
        return total - times.idle - getattr(times, "iowait", 0), total

    def _memory(self) -> tuple[int, int]:
        memory = psutil.virtual_memory()
        return memory.total - memory.available, memory.total

    def _network(self) -> tuple[int, int]:
        cards = psutil.net_io_counters(pernic=True)
        return self._traffic.add({name: (card.bytes_sent, card.bytes_recv) for name, card in cards.items()})


class LimitedHost:
    """A host seen from a container: memory and CPU are the container's if it has limits of its own.

    If a limit cannot be read, nobody knows whether there is one, so the limited value is unknown as well.
    """

    def __init__(self, host: Host, clock: Clock = time.monotonic) -> None:
        self._host = host
        self._clock = clock
        self._memory: Callable[[], MemoryLimit | None] = _once(memory_limit)
        self._cpu: Callable[[], CpuLimit | None] = _once(cpu_limit)

    def read(self) -> HostReading:
        host = self._host.read()
        if self._is_unlimited():
            return host
        limited = gathered(
            {
                ("cpu_busy", "cpu_total"): lambda: self._cpu_of(host),
                ("memory_used", "memory_total"): lambda: self._memory_of(host),
            }
        )
        own = limited._asdict() | {"network_sent": host.network_sent, "network_recv": host.network_recv}
        return HostReading(**{**own, "reasons": (*host.reasons, *limited.reasons)})

    def _is_unlimited(self) -> bool:
        """Whether it is known that there are no limits, so that nothing needs to be put together."""
        try:
            return self._cpu() is None and self._memory() is None
        except Exception:
            return False  # `read` says why they are not known

    def _cpu_of(self, host: HostReading) -> tuple[float | None, float | None]:
        limit = self._cpu()
        if limit is None:
            return host.cpu_busy, host.cpu_total
        return limit.seconds(), self._clock() * limit.cores

    def _memory_of(self, host: HostReading) -> tuple[int | None, int | None]:
        limit = self._memory()
        if limit is None or (host.memory_total is not None and limit.total() >= host.memory_total):
            return host.memory_used, host.memory_total
        return limit.used(), limit.total()


def _once(find: Callable[[], Any]) -> Callable[[], Any]:
    """Asks until there is an answer, and remembers it."""
    found: list[Any] = []

    def answer() -> Any:
        if not found:
            found.append(find())
        return found[0]

    return answer


class SystemProbe:
    """Reads the host; CPU is the share used since the previous reading.

    Two readings closer than SHORTEST_SECONDS give the same CPU share; the very first one gives none, because the use
    since the host's start says nothing about now. Without psutil nothing is read, and every reading says so.
    """

    def __init__(self, host: Host | None = None) -> None:
        self._host = host or default_host()
        self._before: tuple[float, float, float] | None = None
        self._cpu_percent: float | None = None

    def read(self, timestamp: float) -> SystemMetrics:
        if not PSUTIL_AVAILABLE:
            return SystemMetrics.unavailable(timestamp, PSUTIL_MISSING)
        reading = self._host.read()
        cpu_percent = self._share(reading, timestamp)
        reasons = list(reading.reasons)
        if cpu_percent is None and reading.cpu_total is not None:
            reasons.append(FIRST)
        return SystemMetrics(
            timestamp=timestamp,
            cpu_percent=cpu_percent,
            memory_percent=_percent(reading.memory_used, reading.memory_total),
            memory_used_mb=_megabytes(reading.memory_used),
            memory_total_mb=_megabytes(reading.memory_total),
            network_sent_mb=_megabytes(reading.network_sent),
            network_recv_mb=_megabytes(reading.network_recv),
            reason="; ".join(reasons) or None,
        )

    def _share(self, reading: HostReading, timestamp: float) -> float | None:
        if reading.cpu_busy is None or reading.cpu_total is None:
            self._before = self._cpu_percent = None
            return None
        now = timestamp, reading.cpu_busy, reading.cpu_total
        if self._before is None:
            self._before = now
        elif timestamp - self._before[0] >= SHORTEST_SECONDS and reading.cpu_total > self._before[2]:
            self._cpu_percent = _percent(reading.cpu_busy - self._before[1], reading.cpu_total - self._before[2])
            self._before = now
        return self._cpu_percent


def _percent(part: float | None, whole: float | None) -> float | None:
    """The percentage of figures that were not read at the same moment."""
    if part is None or not whole:
        return None
    return min(100.0, max(0.0, 100 * part / whole))


def _megabytes(size: int | None) -> float | None:
    return None if size is None else size / MB


class NoProbe:
    """Used when system metrics are switched off."""

    def read(self, timestamp: float) -> SystemMetrics:
        return SystemMetrics.unavailable(timestamp, "system metrics are switched off (enable_system_metrics=False)")


def default_host() -> Host:
    """/proc on Linux, because it costs a third; elsewhere psutil, which reads the same files on Linux."""
    return LimitedHost(ProcHost()) if sys.platform == "linux" else PsutilHost()
