"""`/metrics`: the whole fleet from any node, in OpenMetrics or Prometheus' classic text format, as requested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from redis import RedisError

from monitoring import conf, redis_connections
from monitoring.access import Refused, guarded
from monitoring.core.identity import distinct_names
from monitoring.exposition.instrument import HistogramBuckets, Instrument, InstrumentKind, Scope
from monitoring.exposition.instruments import MEASURES
from monitoring.fleet import totals
from monitoring.fleet.totals import NodeTotals
from monitoring.site import SiteUnknownError

PREFIX = "avatar_"
SCOPE_LABELS = {Scope.NODE: ("host", "node"), Scope.HOST: ("host",)}

Series = tuple[list[str], NodeTotals, float]


@never_cache
@require_GET
@gzip_page
@guarded
def metrics(request: HttpRequest) -> HttpResponse:
    """The totals of all nodes; 503 while the Redis that holds them is unavailable."""
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FleetCollector(_read()))
    return HttpResponse(encode(registry), content_type=content_type)


def _read() -> list[NodeTotals]:
    redis_url = conf.current().redis_url
    if not redis_url:
        raise Refused(503, "no_redis", "The setting REDIS_URL is missing: nodes cannot share their totals")
    try:
        with redis_connections.connect(redis_url) as client:
            return totals.read(client)
    except SiteUnknownError as error:
        raise Refused(503, "database_away", "The database, which holds the site's name, is unavailable") from error
    except RedisError as error:
        raise Refused(503, "redis_away", "Redis, which holds the nodes' totals, is unavailable") from error


class FleetCollector(Collector):
    """Metric families of the nodes' totals; a host's values come from its node that ticked last."""

    def __init__(self, nodes: Sequence[NodeTotals]) -> None:
        names = distinct_names((node.boot, node.node) for node in nodes)
        self._nodes = [msgspec.structs.replace(node, node=names[node.boot]) for node in nodes]
        self._hosts = {node.host: node for node in sorted(nodes, key=lambda node: node.ticked_at)}

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(f"{PREFIX}nodes", "Nodes that report.", value=len(self._nodes))
        yield self._build()
        for measure in MEASURES:
            yield family(measure, self._nodes if measure.scope is Scope.NODE else self._hosts.values())

    def _build(self) -> Metric:
        build = InfoMetricFamily(f"{PREFIX}build", "Versions of each node.", labels=SCOPE_LABELS[Scope.NODE])
        for node in self._nodes:
            build.add_metric([node.host, node.node], node.build)
        return build


def family(measure: Instrument, nodes: Iterable[NodeTotals]) -> Metric:
    """One metric family with the series of these nodes."""
    name, labels = f"{PREFIX}{measure.name}", [*SCOPE_LABELS[measure.scope], *measure.labels]
    if measure.kind is InstrumentKind.HISTOGRAM:
        return _histogram(HistogramMetricFamily(name, measure.help, labels=labels, unit=measure.unit), measure, nodes)
    if measure.kind is InstrumentKind.GAUGE:
        gauges = GaugeMetricFamily(name, measure.help, labels=labels, unit=measure.unit)
        for values, _, value in _series(measure, nodes):
            gauges.add_metric(values, value)
        return gauges
    counters = CounterMetricFamily(name, measure.help, labels=labels, unit=measure.unit)
    for values, node, value in _series(measure, nodes):
        # A host counts since its own start, which is unknown here.
        counters.add_metric(values, value, created=node.started_at if measure.scope is Scope.NODE else None)
    return counters


def _histogram(family: HistogramMetricFamily, measure: Instrument, nodes: Iterable[NodeTotals]) -> Metric:
    for node in nodes:
        for more, value in measure.values(node):
            assert isinstance(value, HistogramBuckets)
            buckets = [(repr(bound), count) for bound, count in zip(value.bounds, value.counts, strict=True)]
            family.add_metric([*_labels(measure, node), *more], [*buckets, ("+Inf", value.count)], value.sum)
    return family


def _series(measure: Instrument, nodes: Iterable[NodeTotals]) -> Iterator[Series]:
    for node in nodes:
        for more, value in measure.values(node):
            assert not isinstance(value, HistogramBuckets)
            yield [*_labels(measure, node), *more], node, value


def _labels(measure: Instrument, node: NodeTotals) -> list[str]:
    return [getattr(node, label) for label in SCOPE_LABELS[measure.scope]]
