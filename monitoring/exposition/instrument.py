"""One exported value of a node's totals: its name, meaning and base unit, for both OpenMetrics and OTLP."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from operator import itemgetter

from monitoring.core.stats.sketch import Sketch
from monitoring.fleet.totals import NodeTotals

MILLISECOND = 1e-3


class InstrumentKind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Scope(StrEnum):
    """Whether a measure belongs to a node or a host; all nodes of a host report the same value for it."""

    NODE = "node"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class HistogramBuckets:
    """Counts at or below each of `bounds`, cumulative; `count` and `sum` cover all values."""

    bounds: Sequence[float]
    counts: Sequence[int]
    count: int
    sum: float
    lowest: float
    highest: float


Value = float | HistogramBuckets
Reading = Value | Mapping[tuple[str, ...], float] | None


@dataclass(frozen=True, slots=True)
class Instrument:
    """`read` returns its value, None if unknown; with `labels`, the values by these labels' values.

    `name` is without the prefix and the unit.
    """

    name: str
    kind: InstrumentKind
    help: str
    read: Callable[[NodeTotals], Reading]
    unit: str = ""
    scope: Scope = Scope.NODE
    labels: tuple[str, ...] = ()

    def values(self, totals: NodeTotals) -> Iterator[tuple[tuple[str, ...], Value]]:
        """The label values and the value of each series that is known."""
        reading = self.read(totals)
        if isinstance(reading, Mapping):
            yield from reading.items()
        elif reading is not None:
            yield (), reading


STEP = 1.08
"""Largest ratio between neighbouring bounds: a quantile interpolated between two bounds is within 8 % of each."""


def fine_bounds(*anchors: float) -> tuple[float, ...]:
    """These bounds, ascending, with as many between them as STEP requires, in even steps, to four digits."""
    bounds = list(anchors[:1])
    for low, high in pairwise(anchors):
        steps = math.ceil(math.log(high / low) / math.log(STEP))
        bounds += [float(f"{low * (high / low) ** (step / steps):.4g}") for step in range(1, steps)]
        bounds.append(high)
    return tuple(bounds)


def distribution(sketch: Sketch, bounds: Sequence[float], total: float | None = None) -> HistogramBuckets:
    """A sketch of milliseconds in seconds; the sum is the sketch's own, within 1 %, unless it is known.

    A value within 1 % of a bound may be counted on either side of it, but always on the same side.
    """
    found = [(value * MILLISECOND, times) for value, times in sketch.values()]
    ends = list(accumulate((times for _, times in found), initial=0))
    counts = [ends[bisect_right(found, bound, key=itemgetter(0))] for bound in bounds]
    summed = sum(value * times for value, times in found) if total is None else total * MILLISECOND
    lowest, highest = (found[0][0], found[-1][0]) if found else (0.0, 0.0)
    return HistogramBuckets(bounds, counts, ends[-1], summed, lowest, highest)
