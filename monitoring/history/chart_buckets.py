"""Turns samples of consecutive ranges into buckets of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitoring.core.stats.fold import ADDED
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.tally import Tally

Sketches = Mapping[str, bytes | Sketch]
"""A part's distributions by the fields that hold them."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a chart says about a metric, and the fields of a sample that hold it.

    With a `counter`, its average is the count per measured second, and the gauge only gives the extremes. `sketch` is
    the distribution; without a gauge everything is read from it.
    """

    label: str
    unit: str
    gauge: str | None
    counter: str | None = None
    sketch: str | None = None

    @property
    def fields(self) -> list[str]:
        return [name for name in (self.gauge, self.counter, self.sketch) if name]


@dataclass(slots=True)
class ChartBucket:
    """The values of a metric in one bucket of a chart; `average` is None if nothing is known.

    `count` is the number of readings, or for a counter the count itself. `bounded` says that `low` and `high` were not
    measured: the true values lie between them.
    """

    total: float = 0.0
    weight: float = 0.0
    count: int = 0
    low: float | None = None
    high: float | None = None
    distribution: Tally = field(default_factory=Tally)
    bounded: bool = False

    def take(self, metric: Metric, sample: Sample, sketches: Iterable[Sketches]) -> None:
        """Adds a sample that follows the previous ones, and the sketches of its parts."""
        gauge: Gauge = getattr(sample, metric.gauge) if metric.gauge else Gauge()
        self.bounded |= sample.bounded and metric.gauge in ADDED and bool(gauge.count)
        if metric.counter:
            counted: int = getattr(sample, metric.counter)
            self._add(counted, sample.seconds, counted, gauge if gauge.count else _steady(counted, sample.seconds))
        elif sample.seconds:
            self._add(gauge.sum, gauge.count, gauge.count, gauge)
        if metric.sketch:
            for part in sketches:
                self.distribution.add(part[metric.sketch])

    def read_distribution(self) -> None:
        """Reads from the distribution what a gauge would give; call it once, after the last sample."""
        gauge = self.distribution.gauge()
        self._add(gauge.sum, gauge.count, gauge.count, gauge)

    def _add(self, total: float, weight: float, count: int, bounds: Gauge) -> None:
        self.total += total
        self.weight += weight
        self.count += count
        if bounds.count:
            self.low = bounds.min if self.low is None else min(self.low, bounds.min)
            self.high = bounds.max if self.high is None else max(self.high, bounds.max)

    def merge(self, other: ChartBucket) -> None:
        """Adds the average and the distribution of another bucket; its extremes are ignored."""
        self.total += other.total
        self.weight += other.weight
        self.distribution.merge(other.distribution)

    @property
    def average(self) -> float | None:
        return self.total / self.weight if self.weight else None


def _steady(counted: int, seconds: float) -> Gauge:
    """A rate whose variation in between is unknown."""
    return Gauge.of(counted / seconds if seconds else None)
