"""Turns samples of consecutive ranges into buckets of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitoring.core.stats.fields import FACTS, Quantity
from monitoring.core.stats.sample import ADDED, COUNTERS, SKETCHES, Gauge, OwnLevel, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.tally import Tally

Sketches = Mapping[str, bytes | Sketch]
"""A part's distributions by the fields that hold them."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a chart says about a metric, and the fields of a sample, or the gauge of the project, that hold it.

    With a `counter`, its average is the count per measured second, and the gauge only gives the extremes. `sketch` is
    the distribution; with neither of the others everything is read from it. The trends page shows it if it is
    `charted`.
    """

    label: str
    unit: str
    gauge: str | None = None
    counter: str | None = None
    sketch: str | None = None
    charted: bool = True

    @property
    def fields(self) -> list[str]:
        return [name for name in (self.gauge, self.counter, self.sketch) if name]

    @property
    def is_read_from_sketch(self) -> bool:
        return not (self.gauge or self.counter)


def metrics_of_samples() -> dict[str, Metric]:
    """A metric for each quantity that the fields of a sample measure, by its name."""
    found: dict[Quantity, dict[str, str]] = {}
    for name, fact in FACTS.items():
        kind = "counter" if name in COUNTERS else "sketch" if name in SKETCHES else "gauge"
        found.setdefault(fact.quantity, {})[kind] = name
    return {
        quantity.name or next(iter(fields.values())): Metric(
            quantity.label, quantity.unit, charted=quantity.charted, **fields
        )
        for quantity, fields in found.items()
    }


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
        gauge = sample.gauge(metric.gauge) if metric.gauge else Gauge()
        if isinstance(gauge, OwnLevel):
            self.bounded |= gauge.bounded
        else:
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
