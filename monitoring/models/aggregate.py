"""Samples as rows: the columns follow from `Sample`'s fields, so the two cannot drift apart."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Self

import msgspec
from django.db import models
from django.db.models.constraints import BaseConstraint

from monitoring.columns import timestamp
from monitoring.core.sample import Gauge, Sample
from monitoring.core.sketch import Sketch

_FIELDS = {field.name: field.type for field in msgspec.structs.fields(Sample)}
COUNTERS = [name for name, kind in _FIELDS.items() if kind is int]
GAUGES = [name for name, kind in _FIELDS.items() if kind is Gauge]
SKETCHES = [name for name, kind in _FIELDS.items() if kind is Sketch]
GAUGE_PARTS = ("count", "sum", "min", "max")
MEASURED = ["coverage", *COUNTERS, *(f"{name}_{part}" for name in GAUGES for part in GAUGE_PARTS), *SKETCHES]
"""The columns that measurements change; the others say of what they are."""


class Aggregate(models.Model):
    """One node's samples of one stretch of time, merged.

    Each counter of `Sample` is a column; each gauge is four: `<name>_count`, `_sum`, `_min` and `_max`, the last two
    null while the count is 0; each sketch is its encoded bytes. A subclass says how long its stretch is and which of
    its fields holds the start as a datetime.
    """

    SECONDS: ClassVar[int]
    TIME_FIELD: ClassVar[str]

    node = models.CharField(max_length=255, help_text="One server process, host:pid.")
    boot = models.CharField(max_length=32, help_text="One start of that process.")
    host = models.CharField(max_length=255)
    # The start again, as a number: both databases can group by it to any width with whole-number arithmetic.
    epoch = models.BigIntegerField("start, UTC epoch seconds")
    coverage = models.FloatField("seconds measured")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.node} at {getattr(self, self.TIME_FIELD):%Y-%m-%d %H:%M} UTC"

    @classmethod
    def start_of(cls, moment: float) -> int:
        """The epoch second at which the stretch around a moment begins."""
        return math.floor(moment / cls.SECONDS) * cls.SECONDS

    @classmethod
    def from_sample(cls, node: str, boot: str, host: str, sample: Sample) -> Self:
        """An unsaved row of the stretch in which the sample begins."""
        epoch = cls.start_of(sample.start)
        values: dict[str, Any] = {name: getattr(sample, name) for name in COUNTERS}
        for name in GAUGES:
            gauge: Gauge = getattr(sample, name)
            values |= {f"{name}_count": gauge.count, f"{name}_sum": gauge.sum}
            if gauge.count:
                values |= {f"{name}_min": gauge.min, f"{name}_max": gauge.max}
        for name in SKETCHES:
            values[name] = getattr(sample, name).encode()
        values[cls.TIME_FIELD] = timestamp(epoch)
        coverage = min(float(cls.SECONDS), sample.seconds)
        return cls(node=node, boot=boot, host=host, epoch=epoch, coverage=coverage, **values)

    def to_sample(self) -> Sample:
        """The sample that `from_sample` makes this row of."""
        values: dict[str, Any] = {name: getattr(self, name) for name in COUNTERS}
        for name in GAUGES:
            if getattr(self, f"{name}_count"):
                values[name] = Gauge(*(getattr(self, f"{name}_{part}") for part in GAUGE_PARTS))
        for name in SKETCHES:
            values[name] = self.sketch(name)
        return Sample(start=float(self.epoch), seconds=self.coverage, **values)

    def average(self, gauge: str) -> float | None:
        """The mean of a gauge's readings, None when there were none."""
        count = getattr(self, f"{gauge}_count")
        return getattr(self, f"{gauge}_sum") / count if count else None

    def lowest(self, gauge: str) -> float | None:
        return getattr(self, f"{gauge}_min")

    def highest(self, gauge: str) -> float | None:
        return getattr(self, f"{gauge}_max")

    def sketch(self, name: str) -> Sketch:
        return Sketch.decode(bytes(getattr(self, name)))


def _add_columns() -> None:
    for name in COUNTERS:
        Aggregate.add_to_class(name, models.BigIntegerField(default=0))
    for name in GAUGES:
        Aggregate.add_to_class(f"{name}_count", models.PositiveIntegerField(default=0))
        Aggregate.add_to_class(f"{name}_sum", models.FloatField(default=0.0))
        Aggregate.add_to_class(f"{name}_min", models.FloatField(null=True))
        Aggregate.add_to_class(f"{name}_max", models.FloatField(null=True))
    for name in SKETCHES:
        Aggregate.add_to_class(name, models.BinaryField(default=bytes))


_add_columns()


def in_range(table: str, seconds: int) -> list[BaseConstraint]:
    """The constraints that every table of aggregates has: coverage within its stretch, per cent within 0 to 100."""
    percent = {
        f"{table}_{name}_in_range": models.Q(**{f"{name}_min__gte": 0, f"{name}_max__lte": 100})
        for name in ("cpu_percent", "memory_percent")
    }
    return [
        models.CheckConstraint(
            condition=models.Q(coverage__gte=0, coverage__lte=seconds), name=f"{table}_coverage_in_range"
        ),
        *(models.CheckConstraint(condition=condition, name=name) for name, condition in percent.items()),
    ]
