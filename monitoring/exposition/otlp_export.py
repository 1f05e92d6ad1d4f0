"""A node's totals as OpenTelemetry metrics, sent over HTTP; the only module that knows OpenTelemetry."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from threading import get_ident

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from monitoring.core.identity import Identity
from monitoring.exposition.instrument import HistogramBuckets, Instrument, InstrumentKind, Scope
from monitoring.exposition.instruments import MEASURES
from monitoring.fleet.totals import NodeTotals

SEND_SECONDS = 5.0
PREFIX = "avatar."
UNITS = {"seconds": "s", "bytes": "By", "ratio": "1", "": ""}
"""OpenTelemetry's names for our units (UCUM)."""

SINCE_THE_START = AggregationTemporality.CUMULATIVE
NANOSECONDS = 1_000_000_000


class Exporter:
    """Sends one node's totals to one URL; each call takes about five seconds at most."""

    def __init__(self, endpoint: str, identity: Identity) -> None:
        self._sender = OTLPMetricExporter(endpoint=endpoint, timeout=SEND_SECONDS)
        self._resource = resource(identity)

    def __call__(self, totals: NodeTotals) -> str:
        """What went wrong, or nothing."""
        with overhearing(logging.getLogger(OTLPMetricExporter.__module__)) as said:
            if self._sender.export(metrics_data(totals, self._resource)) is MetricExportResult.SUCCESS:
                return ""
        return said.first or "no reason was given"


@contextmanager
def overhearing(logger: logging.Logger) -> Iterator[Overheard]:
    """Captures what this thread logs meanwhile, so that an outage is not logged at each attempt."""
    said = Overheard()
    logger.addFilter(said)
    try:
        yield said
    finally:
        logger.removeFilter(said)


class Overheard(logging.Filter):
    """The first message logged in the thread that created this."""

    def __init__(self) -> None:
        super().__init__()
        self.first = ""
        self._thread = get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.thread != self._thread:
            return True
        self.first = self.first or record.getMessage()
        return False


def resource(identity: Identity) -> Resource:
    """The resource that the metrics belong to; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES may add to it.

    The boot distinguishes instances, as OpenTelemetry asks, because two may have one name.
    """
    known = Resource.create(
        {"service.instance.id": identity.boot, "avatar.node": identity.node, "host.name": identity.host}
    )
    if str(known.attributes[SERVICE_NAME]).startswith("unknown_service"):
        known = known.merge(Resource({SERVICE_NAME: "avatar"}))
    return known


def metrics_data(totals: NodeTotals, whose: Resource) -> MetricsData:
    """Everything exported for a node, counted since its start."""
    metrics = [metric(measure, totals) for measure in MEASURES]
    scope = ScopeMetrics(InstrumentationScope("monitoring"), [one for one in metrics if one.data.data_points], "")
    return MetricsData([ResourceMetrics(whose, [scope], "")])


def metric(measure: Instrument, totals: NodeTotals) -> Metric:
    data: Sum | Gauge | Histogram
    if measure.kind is InstrumentKind.HISTOGRAM:
        data = Histogram(_distributions(measure, totals), SINCE_THE_START)
    elif measure.kind is InstrumentKind.COUNTER:
        data = Sum(_numbers(measure, totals), SINCE_THE_START, is_monotonic=True)
    else:
        data = Gauge(_numbers(measure, totals))
    return Metric(f"{PREFIX}{measure.name}", measure.help, UNITS[measure.unit], data)


def _numbers(measure: Instrument, totals: NodeTotals) -> list[NumberDataPoint]:
    points = []
    for labels, value in measure.values(totals):
        assert not isinstance(value, HistogramBuckets)
        attributes = dict(zip(measure.labels, labels, strict=True))
        began, written = _times(totals)
        # A host has counted for longer than the node, but since when is unknown.
        points.append(NumberDataPoint(attributes, 0 if measure.scope is Scope.HOST else began, written, value))
    return points


def _distributions(measure: Instrument, totals: NodeTotals) -> list[HistogramDataPoint]:
    points = []
    for _, value in measure.values(totals):
        assert isinstance(value, HistogramBuckets)
        within = [above - below for below, above in pairwise([0, *value.counts, value.count])]
        points.append(
            HistogramDataPoint(
                {}, *_times(totals), value.count, value.sum, within, value.bounds, value.lowest, value.highest
            )
        )
    return points


def _times(totals: NodeTotals) -> tuple[int, int]:
    return round(totals.started_at * NANOSECONDS), round(totals.written_at * NANOSECONDS)
