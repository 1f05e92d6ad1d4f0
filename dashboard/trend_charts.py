"""The charts of the trends page: stored series and alerts as the browser draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.periods import Period
from monitoring.history import Series, series
from monitoring.models import Alert

ALERTS_PER_CHART = 200


@dataclass(frozen=True, slots=True)
class Chart:
    """Metrics of one unit that are drawn together; `alert` is the metric whose alerts and threshold are shown."""

    title: str
    metrics: tuple[str, ...]
    alert: str | None = None


CHARTS = (
    Chart("CPU", ("cpu_percent",), alert="cpu_percent"),
    Chart("Memory", ("memory_percent",), alert="memory_percent"),
    Chart("Network", ("network_sent_rate", "network_recv_rate")),
    Chart("Clients", ("connections",)),
    Chart("Messages", ("messages_per_second",)),
    Chart("Latency", ("latency_ms",), alert="latency_ms"),
    Chart("Frame rate of the clients", ("fps",)),
)


def trend(period: Period, thresholds: Mapping[str, float]) -> dict[str, Any] | None:
    """All charts of a period as JSON; times are epoch seconds. None when nothing was stored in it.

    Every series is bucketed alike, so their times are sent once.
    """
    stored = {metric: series(metric, period.start, period.end) for chart in CHARTS for metric in chart.metrics}
    if not any(_has_values(one) for one in stored.values()):
        return None
    any_series = stored[CHARTS[0].metrics[0]]
    return {
        "start": period.start.timestamp(),
        "end": period.end.timestamp(),
        "bucket_seconds": any_series.bucket_seconds,
        "times": any_series.times,
        "charts": [_chart(chart, [stored[metric] for metric in chart.metrics], period, thresholds) for chart in CHARTS],
    }


def _chart(chart: Chart, stored: Sequence[Series], period: Period, thresholds: Mapping[str, float]) -> dict[str, Any]:
    return {
        "title": chart.title,
        "unit": stored[0].unit,
        "threshold": thresholds.get(chart.alert) if chart.alert else None,
        "alerts": _spans(chart.alert, period.start, period.end) if chart.alert else [],
        "series": [_line(one) for one in stored],
    }


def _line(one: Series) -> dict[str, Any]:
    columns = ("average", "minimum", "maximum", "p50", "p95", "p99", "coverage")
    return {"label": one.label} | {name: getattr(one, name) for name in columns}


def _spans(metric: str, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The newest alerts of a metric, cut to the range."""
    found = Alert.objects.of_metric(metric).between(start, end).latest_first()[:ALERTS_PER_CHART]
    return [
        {
            "start": max(alert.started_at, start).timestamp(),
            "end": min(alert.ended_at or end, end).timestamp(),
            "message": alert.message,
        }
        for alert in found
    ]


def _has_values(one: Series) -> bool:
    return any(value is not None for value in one.average)
