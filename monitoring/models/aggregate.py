"""Samples as rows: the columns follow from `Sample`'s fields, so the two cannot drift apart."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.columns import timestamp
from monitoring.core.stats import breakdowns
from monitoring.core.stats.fold import NodeSample
from monitoring.core.stats.sample import BREAKDOWNS, COUNTERS, FIELDS, GAUGES, OWN, SKETCHES, Gauge, Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import is_foreign
from monitoring.models.later_columns import in_database
from monitoring.models.own_levels import own_levels, stored_levels

GAUGE_PARTS = ("count", "sum", "min", "max")
MEASURED = [
    "coverage",
    "began",
    "ended",
    *COUNTERS,
    *(f"{name}_{part}" for name in GAUGES for part in GAUGE_PARTS),
    *SKETCHES,
    "bounded",
    OWN,
    BREAKDOWNS,
]
"""The columns that measurements change; the other columns identify the row."""


FLEET = ""
"""The node of rows that cover all nodes together; their boot and host are empty too."""

CHUNK = 2_000

AnyAggregate = TypeVar("AnyAggregate", bound="Aggregate")


class AggregateQuerySet(models.QuerySet[AnyAggregate]):
    """Rows of one tier; `between`, `in_order` and `upsert` use the field that holds the row's start."""

    def between(self, start: datetime, end: datetime) -> Self:
        """Rows that begin at or after `start` and before `end`."""
        time = self.model.TIME_FIELD
        return self.filter(**{f"{time}__gte": start, f"{time}__lt": end})

    def of_nodes(self, nodes: Collection[str]) -> Self:
        return self.filter(node__in=nodes)

    def of_fleet(self) -> Self:
        return self.filter(node=FLEET)

    def of_each_node(self) -> Self:
        """The nodes' own rows, without the fleet's."""
        return self.exclude(node=FLEET)

    def at(self, epochs: Collection[int]) -> Self:
        """The rows that begin at these epoch seconds."""
        return self.filter(**{f"{self.model.TIME_FIELD}__in": [timestamp(epoch) for epoch in epochs]})

    def oldest(self) -> int | None:
        """The start of the oldest row, None if there is none."""
        return self.order_by(self.model.TIME_FIELD).values_list("epoch", flat=True).first()

    def upsert(self, rows: Iterable[AnyAggregate]) -> None:
        """Inserts the rows or replaces those with the same node, boot and start."""
        self.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["node", self.model.TIME_FIELD, "boot"],
            update_fields=MEASURED,
        )

    def in_order(self) -> Self:
        return self.order_by(self.model.TIME_FIELD, "node", "boot")

    def parts(self, fields: Collection[str]) -> Iterator[tuple[int, NodeSample, Mapping[str, bytes]]]:
        """Start, part and encoded sketches of each row, in order; only these fields and own gauges of its sample are
        filled."""
        gauges = [name for name in fields if name in GAUGES]
        counters = [name for name in fields if name in COUNTERS]
        sketches = [name for name in fields if name in SKETCHES]
        own = [name for name in fields if name not in (*FIELDS, BREAKDOWNS)]
        columns = [*(f"{name}_{part}" for name in gauges for part in GAUGE_PARTS), *counters]
        columns += [OWN] * bool(own) + [BREAKDOWNS] * (BREAKDOWNS in fields) + sketches
        rows = self.order_by(self.model.TIME_FIELD).values_list(
            "epoch", "node", "host", "began", "coverage", "ended", "bounded", *columns
        )
        for epoch, node, host, began, coverage, ended, bounded, *values in rows.iterator(chunk_size=CHUNK):
            sample = Sample(began, coverage, end=ended, bounded=bounded)
            taken = iter(values)
            for name in gauges:
                count, *rest = islice(taken, len(GAUGE_PARTS))
                if count:
                    setattr(sample, name, Gauge(count, *rest))
            for name in counters:
                setattr(sample, name, next(taken))
            if own and (stored := own_levels(next(taken))):
                sample.gauges = {name: stored[name] for name in own if name in stored}
            if BREAKDOWNS in fields:
                sample.breakdowns = next(taken) or {}
            yield epoch, NodeSample(node, host, sample), dict(zip(sketches, map(bytes, taken), strict=True))


class Aggregate(models.Model):
    """One node's samples of one stretch of time, merged; or the fleet's, folded.

    Each counter of `Sample` is a column; each gauge is four: `<name>_count`, `_sum`, `_min` and `_max`, the last two
    null while the count is 0; each sketch is its encoded bytes. `bounded` says that the lowest and highest of additive
    values were not measured: the true values lie between them. `gauges` are the project's own, `breakdowns` counts by
    label; both are null if there are none.
    A subclass sets the length of its stretch and which of its fields holds the start as a datetime.
    """

    SECONDS: ClassVar[int]
    TIME_FIELD: ClassVar[str]

    node = models.CharField(max_length=255, help_text=_("The name of one server process."))
    boot = models.CharField(max_length=32, help_text=_("One start of that process."))
    host = models.CharField(max_length=255)
    # The start again, as a number: both databases can group by it to any width with whole-number arithmetic.
    epoch = models.BigIntegerField(_("start, UTC epoch seconds"))
    coverage = models.FloatField(_("seconds measured"))
    # For two nodes with half a minute each, these say whether one followed the other.
    began = models.FloatField(_("first second measured, UTC epoch seconds"))
    bounded = models.BooleanField(_("extremes are bounds"), default=False, db_default=False)
    gauges = models.JSONField(_("the project's own gauges"), null=True, blank=True)
    breakdowns = models.JSONField(_("counts by label"), null=True, blank=True)
    ended = models.FloatField(_("end of the last second measured, UTC epoch seconds"))

    objects = AggregateQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        at = f"{getattr(self, self.TIME_FIELD):%Y-%m-%d %H:%M} UTC"
        return gettext("%(node)s at %(time)s") % {"node": self.node or gettext("fleet"), "time": at}

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
        values[OWN] = stored_levels(sample.gauges) or None
        values[BREAKDOWNS] = breakdowns.counted(sample.breakdowns) or None
        values[cls.TIME_FIELD] = timestamp(epoch)
        values["coverage"] = min(float(cls.SECONDS), sample.seconds)
        # A sample may reach into the next stretch; the fold does not count it there.
        values |= {"began": sample.start, "ended": min(float(epoch + cls.SECONDS), sample.until)}
        return cls(node=node, boot=boot, host=host, epoch=epoch, bounded=sample.bounded, **values)

    def to_sample(self) -> Sample:
        """The sample that `from_sample` made this row of.

        Raises OtherFormatError for a distribution in a format that this release does not know.
        """
        return self._to_sample(SKETCHES)

    def readable_sample(self) -> Sample:
        """The same without the distributions that this release does not know."""
        foreign = self.foreign_sketches()
        return self._to_sample([name for name in SKETCHES if name not in foreign])

    def foreign_sketches(self) -> dict[str, bytes]:
        """The distributions that this release does not know, as they are stored."""
        stored = {name: bytes(getattr(self, name)) for name in SKETCHES}
        return {name: data for name, data in stored.items() if is_foreign(data)}

    def _to_sample(self, sketches: Iterable[str]) -> Sample:
        values: dict[str, Any] = {name: getattr(self, name) for name in COUNTERS}
        for name in GAUGES:
            if getattr(self, f"{name}_count"):
                values[name] = Gauge(*(getattr(self, f"{name}_{part}") for part in GAUGE_PARTS))
        for name in sketches:
            values[name] = Sketch.decode(bytes(getattr(self, name)))
        values[OWN] = own_levels(self.gauges)
        values[BREAKDOWNS] = self.breakdowns or {}
        return Sample(start=self.began, seconds=self.coverage, end=self.ended, bounded=self.bounded, **values)

    def keep(self, sketches: Mapping[str, bytes]) -> None:
        """Keeps these distributions as they were stored, because nothing can be added to them here."""
        for name, data in sketches.items():
            setattr(self, name, data)

    def to_part(self) -> NodeSample:
        """The row as a part of the fleet, from `readable_sample`."""
        return NodeSample(self.node, self.host, self.readable_sample(), self.boot)

    def average(self, gauge: str) -> float | None:
        """The mean of a gauge's readings, None if there were none."""
        count = getattr(self, f"{gauge}_count")
        return getattr(self, f"{gauge}_sum") / count if count else None

    def lowest(self, gauge: str) -> float | None:
        return getattr(self, f"{gauge}_min")

    def highest(self, gauge: str) -> float | None:
        return getattr(self, f"{gauge}_max")


def _add_columns() -> None:
    for name in COUNTERS:
        Aggregate.add_to_class(name, models.BigIntegerField(default=0, **in_database(name, 0)))
    for name in GAUGES:
        Aggregate.add_to_class(f"{name}_count", models.PositiveBigIntegerField(default=0, **in_database(name, 0)))
        Aggregate.add_to_class(f"{name}_sum", models.FloatField(default=0.0, **in_database(name, 0.0)))
        Aggregate.add_to_class(f"{name}_min", models.FloatField(null=True))
        Aggregate.add_to_class(f"{name}_max", models.FloatField(null=True))
    for name in SKETCHES:
        Aggregate.add_to_class(name, models.BinaryField(default=bytes))


_add_columns()
