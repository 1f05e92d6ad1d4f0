"""The project's own gauges as metrics of charts, as far as they were stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from monitoring.history.chart_buckets import Metric
from monitoring.models import OwnGauge


def own_metrics(names: Iterable[str]) -> dict[str, Metric]:
    """The metrics with these names, in their order; those that no node ever had are missing."""
    known = {gauge.name: gauge for gauge in OwnGauge.objects.of(names)}
    return {name: _metric(known[name]) for name in names if name in known}


def own_metrics_between(start: datetime, end: datetime) -> dict[str, Metric]:
    """The metrics that any node had in the range, by name."""
    return {gauge.name: _metric(gauge) for gauge in OwnGauge.objects.seen_between(start, end)}


def _metric(gauge: OwnGauge) -> Metric:
    return Metric(str(gauge), gauge.unit, gauge=gauge.name)
