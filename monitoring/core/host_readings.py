"""Reads the host once an interval, and turns two readings of its network's counters into rates."""

from __future__ import annotations

from collections import deque

from monitoring.core.clock import Clock
from monitoring.core.metrics import SystemMetrics
from monitoring.core.probe import Probe
from monitoring.core.rescue import Rescue
from monitoring.core.stats.sample import Sample

SHORTEST_SECONDS = 0.1
"""Minimum time between two readings of the network's counters that give a rate."""

READ_DIRECTLY = ("cpu_percent", "memory_percent", "memory_used_mb")


class HostReadings:
    """The last readings, `kept` of them in `history`. Reading never raises: failures are counted and leave all values
    None."""

    def __init__(self, probe: Probe, clock: Clock, rescue: Rescue, *, kept: int) -> None:
        self.history: deque[SystemMetrics] = deque(maxlen=kept)
        self.probe = probe
        self._clock, self._rescue = clock, rescue
        self._rates_from: SystemMetrics | None = None

    def read_into(self, sample: Sample) -> SystemMetrics:
        """Reads the host, keeps the reading and adds it to the sample."""
        metrics = self._read()
        self.history.append(metrics)
        for name in READ_DIRECTLY:
            value = getattr(metrics, name)
            if value is not None:
                getattr(sample, name).add(value)
        self._add_rates(sample, metrics)
        return metrics

    def prime(self) -> None:
        """Reads the host so that the next reading can give shares and rates; this one counts nowhere."""
        self._rates_from = None
        self._add_rates(Sample(start=0), self._read())

    def _read(self) -> SystemMetrics:
        now = self._clock()
        try:
            return self.probe.read(now)
        except Exception as error:
            self._rescue.failed("reading the host")
            return SystemMetrics.unavailable(now, f"cannot read the host: {error}")

    def _add_rates(self, sample: Sample, now: SystemMetrics) -> None:
        """Adds the network's rates since the previous reading that knew its counters."""
        before = self._rates_from
        if now.network_sent_mb is None or now.network_recv_mb is None:
            self._rates_from = None
            return
        if before is None or before.network_sent_mb is None or before.network_recv_mb is None:
            self._rates_from = now
            return
        seconds = now.timestamp - before.timestamp
        if seconds < SHORTEST_SECONDS * 0.9:
            return
        self._rates_from = now
        # A counter that went back was reset with its network card: nothing is known about that interval.
        if now.network_sent_mb >= before.network_sent_mb and now.network_recv_mb >= before.network_recv_mb:
            sample.network_sent_rate.add((now.network_sent_mb - before.network_sent_mb) / seconds)
            sample.network_recv_rate.add((now.network_recv_mb - before.network_recv_mb) / seconds)
