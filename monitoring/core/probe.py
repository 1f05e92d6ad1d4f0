"""Readings of the host: the only place that knows psutil."""

from __future__ import annotations

import logging
import sys
import time
from typing import Protocol

from monitoring.core.cgroup import cpu_limit, memory_limit
from monitoring.core.clock import Clock
from monitoring.core.host import HostReading, ProcHost
from monitoring.core.metrics import SystemMetrics

try:
    import psutil
except ImportError:
    PSUTIL_AVAILABLE = False
else:
    PSUTIL_AVAILABLE = True

logger = logging.getLogger(__name__)

PSUTIL_MISSING = "psutil is not available: pip install psutil"
MB = 1024 * 1024
LOOPBACK = {"lo", "lo0"}

SHORTEST_SECONDS = 0.05
"""CPU time is counted in ticks of 10 ms: over less than this a percentage says nothing."""


class Host(Protocol):
    def read(self) -> HostReading: ...


class Probe(Protocol):
    """What the collector asks for a reading of the host."""

    def read(self, timestamp: float) -> SystemMetrics: ...


class PsutilHost:
    """The same figures as ProcHost, on every system that psutil knows."""

    def read(self) -> HostReading:
        times = psutil.cpu_times()
        total = sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0)
        memory = psutil.virtual_memory()
        cards = [card for name, card in psutil.net_io_counters(pernic=True).items() if name not in LOOPBACK]
        return HostReading(
            cpu_busy=total - times.idle - getattr(times, "iowait", 0),
            cpu_total=total,
            memory_used=memory.total - memory.available,
            memory_total=memory.total,
            network_sent=sum(card.bytes_sent for card in cards),
            network_recv=sum(card.bytes_recv for card in cards),
        )


class LimitedHost:
    """A host seen from a container: memory and CPU are the container's where it has limits of its own."""

    def __init__(self, host: Host, clock: Clock = time.monotonic) -> None:
        self._host = host
        self._clock = clock
        self._memory = memory_limit()
        self._cpu = cpu_limit()

    def read(self) -> HostReading:
        reading = self._host.read()
        if self._memory is not None and (total := self._memory.total()) < reading.memory_total:
            reading = reading._replace(memory_used=self._memory.used(), memory_total=total)
        if self._cpu is not None:
            reading = reading._replace(cpu_busy=self._cpu.seconds(), cpu_total=self._clock() * self._cpu.cores)
        return reading


class SystemProbe:
    """Reads the host; CPU is the share used since the reading before.

    Two readings closer than SHORTEST_SECONDS give the same CPU share; the very first gives the share since the host's
    start. Without psutil nothing is read, and every reading says so.
    """

    def __init__(self, host: Host | None = None) -> None:
        self._host = host or default_host()
        self._before: HostReading | None = None
        self._cpu_percent = 0.0

    def read(self, timestamp: float) -> SystemMetrics:
        if not PSUTIL_AVAILABLE:
            return SystemMetrics.unavailable(timestamp, PSUTIL_MISSING)
        reading = self._host.read()
        return SystemMetrics(
            timestamp=timestamp,
            cpu_percent=self._share(reading),
            memory_percent=_percent(reading.memory_used, reading.memory_total),
            memory_used_mb=reading.memory_used / MB,
            memory_total_mb=reading.memory_total / MB,
            network_sent_mb=reading.network_sent / MB,
            network_recv_mb=reading.network_recv / MB,
        )

    def _share(self, reading: HostReading) -> float:
        before = self._before or HostReading(0, 0, 0, 0, 0, 0)
        total = reading.cpu_total - before.cpu_total
        if total >= SHORTEST_SECONDS:
            self._cpu_percent = _percent(reading.cpu_busy - before.cpu_busy, total)
            self._before = reading
        return self._cpu_percent


def _percent(part: float, whole: float) -> float:
    """Of figures that were not read at the same moment."""
    return min(100.0, max(0.0, 100 * part / whole))


class NoProbe:
    """Stands in where system metrics are switched off."""

    def read(self, timestamp: float) -> SystemMetrics:
        return SystemMetrics.unavailable(timestamp, "system metrics are switched off (enable_system_metrics=False)")


def default_host() -> Host:
    """/proc where there is one, because it costs a third; psutil elsewhere."""
    if sys.platform != "linux":
        return PsutilHost()
    try:
        return LimitedHost(ProcHost())
    except (OSError, ValueError) as error:
        logger.warning("/proc or the control groups cannot be read, psutil is used: %s", error)
        return PsutilHost()
