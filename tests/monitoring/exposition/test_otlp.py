import asyncio
import logging
import sys
import threading
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate

import pytest
from django.core.exceptions import ImproperlyConfigured
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from monitoring import runtime
from monitoring.conf import MonitoringSettings
from monitoring.core.identity import Identity
from monitoring.exposition import otlp, otlp_export
from monitoring.exposition.otlp import OtlpPush, exporter
from monitoring.fleet.totals_writer import NodeTotalsSink
from tests.fakes import hub_of, ticked
from tests.waiting import until


class Receiver(ThreadingHTTPServer):
    """An OTLP receiver over HTTP; while `gate` is closed it accepts a request and does not answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[ExportMetricsServiceRequest] = []
        self.paths: list[str] = []
        self.status = 200
        self.gate = threading.Event()
        self.gate.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/metrics"

    def metrics(self) -> dict:
        """The metrics of the last push by name."""
        (resource,) = self.requests[-1].resource_metrics
        return {metric.name: metric for metric in resource.scope_metrics[0].metrics}

    def attributes(self) -> dict[str, str]:
        """The attributes of the last push's resource."""
        found = self.requests[-1].resource_metrics[0].resource.attributes
        return {attribute.key: attribute.value.string_value for attribute in found}


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        self.server.gate.wait(5)
        if self.server.status == 200:
            self.server.requests.append(ExportMetricsServiceRequest.FromString(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing on the terminal."""


@contextmanager
def receiving():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver():
    with receiving() as server:
        yield server


@pytest.fixture
def own(monitor, clock) -> NodeTotalsSink:
    """A node's totals after one second with some clients."""
    hub = hub_of(monitor)
    own = NodeTotalsSink(monitor, hub)
    monitor.sinks += [hub, own]
    monitor.collector.track_client_connection("ada")
    for latency in (0.5, 20.0, 20.0):
        monitor.collector.track_message()
        monitor.collector.track_client_latency("ada", latency)
    ticked(monitor, clock)
    return own


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr(otlp, "PUSH_SECONDS", 0.02)
    monkeypatch.setattr(otlp_export, "SEND_SECONDS", 0.5)


class Known(Identity):
    """A node whose boot a test knows."""

    boot = "b1"
    host = "web"


IDENTITY = Known("n1")


@asynccontextmanager
async def pushing(own: NodeTotalsSink, url: str):
    push = OtlpPush(own, exporter(url, IDENTITY))
    await push.start()
    try:
        yield push
    finally:
        await push.stop()


async def test_totals_arrive_as_metrics(own, receiver):
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.pushed)
    found = receiver.metrics()
    (point,) = found["avatar.messages_received"].sum.data_points
    assert (point.as_int, found["avatar.messages_received"].sum.is_monotonic) == (3, True)
    assert point.start_time_unix_nano == round(own._node.started_at * 1e9)
    # A host has counted for longer than the node, but since when is unknown.
    (of_host,) = found["avatar.host_network_sent"].sum.data_points
    assert of_host.start_time_unix_nano == 0
    assert found["avatar.connections"].gauge.data_points[0].as_int == 1
    assert (found["avatar.host_cpu"].unit, found["avatar.host_cpu"].gauge.data_points[0].as_double) == ("1", 0.1)


async def test_latencies_arrive_as_a_histogram_in_seconds(own, receiver):
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.pushed)
    metric = receiver.metrics()["avatar.latency"]
    (point,) = metric.histogram.data_points
    up_to = dict(zip(point.explicit_bounds, accumulate(point.bucket_counts), strict=False))
    assert (metric.unit, point.count, point.sum) == ("s", 1, pytest.approx(0.0135))
    assert up_to[0.025] == sum(point.bucket_counts) == 1
    assert len(point.bucket_counts) == len(point.explicit_bounds) + 1
    assert metric.histogram.aggregation_temporality == 2


async def test_unknown_values_are_left_out(own, receiver):
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.pushed)
    assert not {"avatar.client_frame_rate", "avatar.journal_batches_waiting"} & set(receiver.metrics())


async def test_the_resource_names_the_node(own, receiver):
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.pushed)
    assert receiver.attributes().items() >= {
        "service.name": "avatar", "service.instance.id": "b1", "avatar.node": "n1", "host.name": "web",
    }.items()  # fmt: skip


async def test_alerts_carry_their_metric_and_severity(own, receiver):
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.pushed)
    points = receiver.metrics()["avatar.host_alerts_firing"].gauge.data_points
    labels = [{one.key: one.value.string_value for one in point.attributes} for point in points]
    assert {"metric": "cpu_percent", "severity": "warning"} in labels


async def test_each_push_contains_all_counts(own, receiver, monitor, clock):
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.pushed)
        monitor.collector.track_message()
        ticked(monitor, clock)
        await until(lambda: receiver.metrics()["avatar.messages_received"].sum.data_points[0].as_int == 4)


async def test_a_clean_stop_pushes_the_last_counts(own, receiver, monitor, clock, monkeypatch):
    monkeypatch.setattr(otlp, "PUSH_SECONDS", 60.0)
    async with pushing(own, receiver.url):
        monitor.collector.track_message()
        ticked(monitor, clock)
    assert receiver.metrics()["avatar.messages_received"].sum.data_points[0].as_int == 4


async def test_a_hanging_receiver_delays_neither_the_loop_nor_the_stop(own, receiver, monkeypatch):
    monkeypatch.setattr(otlp, "STOP_SECONDS", 0.1)
    monkeypatch.setattr(otlp_export, "SEND_SECONDS", 5.0)
    receiver.gate.clear()
    loop = asyncio.get_running_loop()
    async with pushing(own, receiver.url) as push:
        await until(lambda: receiver.paths)
        longest = 0.0
        for _ in range(20):
            began = loop.time()
            await asyncio.sleep(0.01)
            longest = max(longest, loop.time() - began)
        assert push.skipped
        assert longest < 0.2
        began = loop.time()
    assert loop.time() - began < 1.0


async def test_a_receiver_that_is_down_is_logged_once(own, caplog):
    with receiving() as gone:
        url = gone.url
    with caplog.at_level(logging.WARNING):
        async with pushing(own, url) as push:
            await until(lambda: push.failures >= 2, seconds=5)
    assert len([record for record in caplog.records if "rejects" in record.message]) == 1
    assert "Connection refused" in caplog.text or "Failed to export" in caplog.text, "by the release of the library"
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]


def test_the_librarys_first_message_is_the_reason(caplog):
    logger = logging.getLogger("a library")
    with otlp_export.overhearing(logger) as said:
        logger.warning("connection refused, retrying")
        logger.error("out of retries")
        other = threading.Thread(target=logger.warning, args=["of somebody else"])
        other.start()
        other.join()
    logger.warning("later")
    assert said.first == "connection refused, retrying"
    assert [record.message for record in caplog.records] == ["of somebody else", "later"]


async def test_pushing_continues_when_the_receiver_is_back(own, receiver):
    receiver.status = 400
    async with pushing(own, receiver.url) as push:
        await until(lambda: push.failures)
        receiver.status = 200
        await until(lambda: push.pushed)


async def test_before_the_first_tick_nothing_is_pushed(monitor, receiver):
    async with pushing(NodeTotalsSink(monitor, hub_of(monitor)), receiver.url):
        await asyncio.sleep(0.1)
    assert receiver.paths == []


def test_missing_packages_are_one_line_that_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "monitoring.exposition.otlp_export", raising=False)
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ImproperlyConfigured, match=r"pip install opentelemetry-sdk opentelemetry-exporter-otlp"):
        exporter("http://localhost:4318", IDENTITY)


async def test_the_runtime_pushes_to_the_configured_endpoint(settings):
    del settings.REDIS_URL
    parts = runtime.build(MonitoringSettings(otlp_endpoint="http://localhost:4318/v1/metrics")).parts
    assert [part for part in parts if isinstance(part, OtlpPush)]
    assert not [part for part in runtime.build(MonitoringSettings()).parts if isinstance(part, OtlpPush)]
