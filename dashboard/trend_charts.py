"""The charts of the trends page: stored series in the form that the browser draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop

from dashboard.events import Events, spans
from dashboard.languages import gettext
from dashboard.periods import COMPARISONS, Period
from monitoring.core.stats.sketch import PERCENTILES
from monitoring.history import series as history
from monitoring.history.own_metrics import own_metrics_between
from monitoring.history.series import StoredSeries, series_of

POINTS = 750
"""As many buckets as a chart has pixels, and a few more, so that 30 days are hours and 24 hours are two minutes."""

COMPARABLE = 0.8
"""The minimum share of the measured time that was also measured before: a night is not compared with a day."""

CLIENT_SECONDS = 10
"""Clients are pinged, and report how they draw, about every five seconds."""

NO_TEXTS: Mapping[str, str] = {}
COLUMNS = ("average", "minimum", "maximum", "bounded", "p50", "p95", "p99")


@dataclass(frozen=True, slots=True)
class Chart:
    """Metrics with one unit that are drawn together; `alert` is the metric whose alerts and threshold are shown.

    `pause` is how many seconds may lie between two readings without the line showing a gap.
    """

    key: str
    title: str
    metrics: tuple[str, ...]
    alert: str | None = None
    pause: int = 0


CHOSEN = (
    Chart("cpu", gettext_noop("CPU"), ("cpu_percent",), alert="cpu_percent"),
    Chart("memory", gettext_noop("Memory"), ("memory_percent",), alert="memory_percent"),
    Chart("network", gettext_noop("Network"), ("network_sent_rate", "network_recv_rate")),
    Chart("clients", gettext_noop("Clients"), ("connections",)),
    Chart("messages", gettext_noop("Messages"), ("messages_per_second",)),
    Chart("latency", gettext_noop("Latency"), ("latency_ms",), alert="latency_ms", pause=CLIENT_SECONDS),
    Chart("fps", gettext_noop("Clients' frame rate"), ("fps",), pause=CLIENT_SECONDS),
    Chart("frames", gettext_noop("Clients' frame time"), ("frame_time_ms",), pause=CLIENT_SECONDS),
)
_CHOSEN_METRICS = {metric for chart in CHOSEN for metric in chart.metrics}
CHARTS = (
    *CHOSEN,
    *(
        Chart(name, metric.label, (name,), alert=name)
        for name, metric in history.METRICS.items()
        if metric.charted and name not in _CHOSEN_METRICS
    ),
)
METRICS = tuple(metric for chart in CHARTS for metric in chart.metrics)


def charts_of(period: Period) -> tuple[Chart, ...]:
    """All charts of a period: ours, and one for each gauge that the project had then."""
    own = own_metrics_between(period.start, period.end)
    return (*CHARTS, *(Chart(name, metric.label, (name,), alert=name) for name, metric in own.items()))


def metrics_of(charts: Iterable[Chart]) -> tuple[str, ...]:
    return tuple(metric for chart in charts for metric in chart.metrics)


def chart_of(metric: str) -> Chart | None:
    """The chart that shows a metric's alerts."""
    return next((chart for chart in CHARTS if chart.alert == metric), None)


def chart_about(metric: str, period: Period, *, of_each_client: bool) -> Chart | None:
    """The chart of an alert's or a rule's metric, that metric alone, which also has its percentiles; None if there is
    none, as for percentiles of each client."""
    percentile, _, whole = metric.partition("_")
    drawn = whole if percentile in PERCENTILES and not of_each_client else metric
    found = next((chart for chart in charts_of(period) if drawn in chart.metrics), None)
    return replace(found, metrics=(drawn,), alert=metric) if found else None


@dataclass(frozen=True, slots=True)
class Trend:
    """What a period's charts show: a series for each metric, all with the same buckets, and the series they are
    compared with, which is `shift` seconds earlier. A download has no charts."""

    period: Period
    series: Mapping[str, StoredSeries]
    earlier: Mapping[str, StoredSeries]
    shift: int
    charts: tuple[Chart, ...] = ()

    @property
    def alerts(self) -> list[str]:
        """The metrics whose alerts the charts show."""
        return [chart.alert for chart in self.charts if chart.alert]

    @property
    def is_empty(self) -> bool:
        return not any(_has_values(one) for one in self.series.values())

    @property
    def any_series(self) -> StoredSeries:
        return next(iter(self.series.values()))

    @property
    def measured(self) -> float:
        """The share of the range that was measured, 0 to 1."""
        return _share(self.series.values())

    @property
    def measured_earlier(self) -> float:
        """The measured share of the period it is compared with."""
        return _share(self.earlier.values())

    @property
    def is_comparable(self) -> bool:
        """Whether enough of it was measured to compare averages."""
        return self.measured_earlier >= COMPARABLE * self.measured


def trend_of(period: Period, metrics: Sequence[str] | None = None) -> Trend:
    """What is on screen for a period; or only these metrics, without the charts."""
    charts = charts_of(period) if metrics is None else ()
    metrics = metrics_of(charts) if metrics is None else metrics
    series = series_of(metrics, period.start, period.end, nodes=period.nodes, points=POINTS)
    any_series = series[metrics[0]]
    if period.shift is None:
        return Trend(period, series, {}, 0, charts)
    # Shifted by whole buckets, so that each lies exactly under the one it is compared with.
    width = any_series.bucket_seconds
    shift = max(1, round(period.shift.total_seconds() / width)) * width
    start = datetime.fromtimestamp(any_series.times[0] - shift, UTC)
    end = start + timedelta(seconds=width * len(any_series.times))
    earlier = series_of(metrics, start, end, nodes=period.nodes, points=POINTS)
    return Trend(period, series, earlier, shift, charts)


def as_json(
    trend: Trend, events: Events, thresholds: Mapping[str, float], export_url: str, limits: Mapping[str, str] = NO_TEXTS
) -> dict[str, Any]:
    """The charts as the page's JavaScript expects them; times are UTC epoch seconds, sent once for all series.

    `limits` are what stands at the thresholds of metrics.
    """
    period, one = trend.period, trend.any_series
    return {
        "start": period.start.timestamp(),
        "end": period.end.timestamp(),
        "live_url": reverse("avatar_monitoring:live"),
        "bucket_seconds": one.bucket_seconds,
        "times": one.times,
        "coverage": one.coverage,
        "compared_with": gettext(COMPARISONS[period.compare]) if period.compare else None,
        "marks": [{"at": mark.at.timestamp(), "text": mark.text, "kind": mark.kind} for mark in events.marks],
        "charts": [
            {
                "key": chart.key,
                "title": gettext(chart.title),
                "unit": trend.series[chart.metrics[0]].unit,
                "pause": chart.pause,
                "is_own": chart.metrics[0] not in history.METRICS,
                "threshold": thresholds.get(chart.alert) if chart.alert else None,
                "limit": limits.get(chart.alert, "") if chart.alert else "",
                "alerts": spans(events.alerts, chart.alert, period),
                "export_url": "".join((export_url, *(f"&metric={metric}" for metric in chart.metrics))),
                "series": [_line(trend, metric) for metric in chart.metrics],
            }
            for chart in trend.charts
        ],
    }


def _line(trend: Trend, metric: str) -> dict[str, Any]:
    shown, earlier = trend.series[metric], trend.earlier.get(metric)
    return {
        "label": gettext(shown.label),
        **{name: getattr(shown, name) for name in COLUMNS},
        "earlier": moved(earlier, shown.times, trend.shift) if earlier else [],
        "total": {
            **total(shown).as_dict(),
            "before": earlier.whole.average if earlier and trend.is_comparable else None,
        },
    }


def moved(earlier: StoredSeries, times: Iterable[int], shift: int) -> list[float | None]:
    """The earlier average under each of these times. Where older history is coarser, a value is repeated."""
    first, width = earlier.times[0], earlier.bucket_seconds
    rows = ((time - shift - first) // width for time in times)
    return [earlier.average[row] if 0 <= row < len(earlier.average) else None for row in rows]


def _share(series: Iterable[StoredSeries]) -> float:
    coverage = next(iter(series)).coverage
    return sum(coverage) / len(coverage)


def _has_values(one: StoredSeries) -> bool:
    return any(value is not None for value in one.average)


@dataclass(frozen=True, slots=True)
class Total:
    """Figures for a whole range, None if nothing was measured; `*_at` are starts of buckets in UTC epoch seconds.

    If it is `bounded`, minimum and maximum were not measured throughout: the true values lie between them.
    """

    average: float | None
    minimum: float | None
    maximum: float | None
    maximum_at: int | None
    bounded: bool
    p95: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def total(series: StoredSeries) -> Total:
    """The average of all readings, the extremes, and when the highest occurred."""
    low = min((value for value in series.minimum if value is not None), default=None)
    high = max((value for value in series.maximum if value is not None), default=None)
    return Total(
        average=series.whole.average,
        minimum=low,
        maximum=high,
        maximum_at=None if high is None else series.times[series.maximum.index(high)],
        bounded=any(series.bounded),
        p95=series.whole.p95,
    )
