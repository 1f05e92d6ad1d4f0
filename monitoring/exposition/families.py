"""The nodes' totals as metric families, written in the format that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
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

from monitoring.core.identity import distinct_names
from monitoring.exposition.instrument import HistogramBuckets, Instrument, InstrumentKind, Scope
from monitoring.exposition.instruments import MEASURES
from monitoring.fleet.totals import NodeTotals

PREFIX = "avatar_"
SCOPE_LABELS = {Scope.NODE: ("host", "node"), Scope.HOST: ("host",)}

Series = tuple[list[str], NodeTotals, float]


def written(nodes: Sequence[NodeTotals], accepted: str) -> tuple[bytes, str]:
    """The families in the best format of those that the header Accept names, and its content type."""
    encode, content_type = choose_encoder(accepted)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FleetCollector(nodes))
    return encode(registry), content_type


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
