"""SPEC.md to the letter: its Python examples run, its classes have its fields, its messages its keys."""

import asyncio
import inspect
import json
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

import monitoring
from monitoring import ClientMetrics, MetricsCollector, PerformanceMonitor, SystemMetrics
from monitoring.core import probe
from monitoring.core.alert_rules import default_rules
from tests.fakes import FakeProbe, FakeViewer, hub_of
from tests.site import eventually, running_site
from tests.waiting import settled

ROOT = Path(__file__).resolve().parent.parent

SYSTEM = {"cpu_percent", "memory_percent", "memory_used_mb", "memory_total_mb", "network_sent_mb", "network_recv_mb"}
SERVER = {"uptime_seconds", "active_connections", "total_messages", "messages_per_second", "average_latency_ms"}
CLIENT = {
    "client_id",
    "connected_at",
    "message_count",
    "bytes_sent",
    "bytes_received",
    "last_message_time",
    "average_latency_ms",
    "connection_duration",
}
ALERT = {"type", "severity", "message", "metric", "value", "threshold", "timestamp"}


def breaching(**thresholds: float) -> PerformanceMonitor:
    """A monitor whose every tick is a CPU alert."""
    # The host's own CPU is known from the second reading on.
    collector = MetricsCollector(probe=FakeProbe())
    return PerformanceMonitor(collector=collector, alert_thresholds={"cpu_percent": -1.0, **thresholds})


# Components: data classes


def test_system_metrics_have_the_documented_fields():
    metrics = SystemMetrics(
        timestamp=1234567890.0,
        cpu_percent=35.2,
        memory_percent=62.8,
        memory_used_mb=2048.5,
        memory_total_mb=4096.0,
        network_sent_mb=125.3,
        network_recv_mb=89.7,
    )
    assert metrics.timestamp == 1234567890.0
    assert metrics.as_dict().keys() >= SYSTEM


def test_client_metrics_have_the_documented_fields():
    client = ClientMetrics(
        client_id="abc123",
        connected_at=1234567800.0,
        message_count=250,
        bytes_sent=51200,
        bytes_received=25600,
        last_message_time=1234567890.0,
        latency_samples=deque(maxlen=100),
    )
    for milliseconds in range(150):
        client.latency_samples.append(milliseconds)
    assert len(client.latency_samples) == 100
    assert client.average_latency_ms == sum(client.latency_samples) / len(client.latency_samples)


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (MetricsCollector, "collect_system_metrics", []),
        (MetricsCollector, "track_client_connection", ["client_id"]),
        (MetricsCollector, "track_client_message", ["client_id", "bytes_sent", "bytes_recv"]),
        (MetricsCollector, "track_client_latency", ["client_id", "latency_ms"]),
        (MetricsCollector, "remove_client", ["client_id"]),
        (MetricsCollector, "track_message", []),
        (MetricsCollector, "get_server_metrics", []),
        (PerformanceMonitor, "start", []),
        (PerformanceMonitor, "stop", []),
        (PerformanceMonitor, "get_current_metrics", []),
        (PerformanceMonitor, "get_performance_summary", []),
    ],
)
def test_the_documented_methods_take_the_documented_parameters(owner, name, parameters):
    signature = inspect.signature(getattr(owner, name))
    assert list(signature.parameters)[1 : 1 + len(parameters)] == parameters
    others = list(signature.parameters.values())[1 + len(parameters) :]
    assert all(parameter.default is not inspect.Parameter.empty for parameter in others)


def test_start_is_asynchronous_and_stop_is_not():
    assert inspect.iscoroutinefunction(PerformanceMonitor.start)
    assert not inspect.iscoroutinefunction(PerformanceMonitor.stop)


# Usage: server-side integration


async def test_server_side_integration():
    monitor = PerformanceMonitor(metrics_interval=1.0)
    await monitor.start()
    monitor.collector.track_client_connection("client-123")
    monitor.collector.track_message()
    monitor.collector.track_client_message("client-123", bytes_sent=1024, bytes_recv=512)
    monitor.collector.track_client_latency("client-123", latency_ms=25.5)
    metrics = monitor.get_current_metrics()
    monitor.stop()
    (client,) = metrics["clients"]
    assert (client["client_id"], client["bytes_sent"], client["bytes_received"]) == ("client-123", 1024, 512)
    assert (client["message_count"], client["average_latency_ms"]) == (1, 25.5)
    assert (metrics["server"]["total_messages"], metrics["server"]["active_connections"]) == (1, 1)


# Usage: WebSocket message format


def broadcast() -> dict:
    """The message that a viewer receives from a server with one client and one alert."""
    monitor, viewer = breaching(), FakeViewer()
    hub = hub_of(monitor)
    monitor.sinks.append(hub)
    hub.join(viewer)
    monitor.collector.track_client_connection("abc123")
    monitor.tick()
    return json.loads(viewer.frames[0])


def test_the_broadcast_has_the_documented_keys():
    message = broadcast()
    assert message["type"] == "metrics"
    assert {"timestamp", "system", "server", "clients", "alerts"} <= message.keys()
    assert message["system"].keys() >= SYSTEM
    assert message["server"].keys() >= SERVER
    assert message["clients"][0].keys() >= CLIENT
    assert message["alerts"][0].keys() >= ALERT
    assert message["alerts"][0]["message"].startswith("High CPU usage: ")


def test_the_current_metrics_are_the_same_message():
    message, current = broadcast(), breaching().get_current_metrics()
    assert current.keys() == message.keys()
    assert current["system"].keys() == message["system"].keys()


def test_server_metrics_have_the_documented_types():
    metrics = MetricsCollector().get_server_metrics()
    assert {name: type(metrics[name]) for name in sorted(SERVER)} == {
        "active_connections": int,
        "average_latency_ms": float,
        "messages_per_second": float,
        "total_messages": int,
        "uptime_seconds": float,
    }


# Metrics reference: alerts and histories


def test_the_alert_table():
    rules = default_rules({})
    assert {name: (rule.threshold, rule.severity) for name, rule in rules.items()} == {
        "cpu_percent": (80.0, "warning"),
        "memory_percent": (85.0, "warning"),
        "latency_ms": (100.0, "warning"),
        "stale_client_seconds": (60.0, "info"),
    }


def test_the_alert_format():
    monitor = breaching()
    monitor.tick()
    (alert,) = monitor.get_current_metrics()["alerts"]
    assert (alert["type"], alert["severity"]) == ("performance_alert", "warning")
    assert (alert["metric"], alert["threshold"]) == ("cpu_percent", -1.0)


# Programmatic configuration


def test_programmatic_configuration():
    monitor = PerformanceMonitor(
        metrics_interval=0.5,
        enable_system_metrics=True,
        enable_client_metrics=True,
        alert_thresholds={"cpu_percent": 90.0, "memory_percent": 90.0, "latency_ms": 150.0},
    )
    rules = monitor.alerts.rules
    assert monitor.metrics_interval == 0.5
    assert {name: rules[name].threshold for name in ("cpu_percent", "memory_percent", "latency_ms")} == {
        "cpu_percent": 90.0,
        "memory_percent": 90.0,
        "latency_ms": 150.0,
    }


def test_a_longer_interval_for_production():
    assert PerformanceMonitor(metrics_interval=2.0).metrics_interval == 2.0


# Troubleshooting


async def test_metrics_not_updating():
    monitor = PerformanceMonitor()
    await monitor.start()
    assert monitor.is_running
    monitor.stop()
    await monitor.start()
    assert monitor.is_running
    monitor.stop()


def test_high_memory_usage():
    monitor = PerformanceMonitor()
    stale_clients = ["client-1", "client-2"]
    for client_id in stale_clients:
        monitor.collector.track_client_connection(client_id)
    for _ in range(70):
        monitor.collector.collect_system_metrics()
    assert len(monitor.collector.system_metrics_history) <= 60
    assert len(monitor.collector.client_metrics) == 2
    for client_id in stale_clients:
        monitor.collector.remove_client(client_id)
    assert len(monitor.collector.client_metrics) == 0


def test_psutil_not_available(monkeypatch):
    monkeypatch.setattr(probe, "PSUTIL_AVAILABLE", False)
    monitor = PerformanceMonitor()
    monitor.collector.track_message()
    metrics = monitor.get_current_metrics()
    assert {metrics["system"][name] for name in SYSTEM} == {None}
    assert "psutil" in metrics["system"]["reason"]
    assert metrics["server"]["total_messages"] == 1


# Best practices


async def test_alert_integration():
    sent = []

    class CustomAlertHandler:
        async def handle_alert(self, alert):
            if alert["severity"] == "warning":
                await asyncio.sleep(0)
                sent.append(alert["message"])

    monitor = breaching()
    monitor.alert_handler = CustomAlertHandler()
    monitor.tick()
    await settled()
    assert [message.startswith("High CPU usage") for message in sent] == [True]


async def test_long_term_storage():
    rows = []

    class Database:
        async def insert(self, table, values):
            rows.append((table, json.dumps(values)))

    monitor, db = PerformanceMonitor(), Database()

    async def save_metrics():
        while len(rows) < 2:
            await asyncio.sleep(0)
            metrics = monitor.get_current_metrics()
            await db.insert("metrics", metrics)

    await save_metrics()
    assert [table for table, _ in rows] == ["metrics", "metrics"]


# Imports

WITHOUT_FRAMEWORKS = """
import asyncio, sys
for name in ("django", "channels", "redis", "celery", "twisted", "daphne"):
    sys.modules[name] = None
from monitoring import ClientMetrics, MetricsCollector, PerformanceMonitor, SystemMetrics
from monitoring.core.recorder import Recorder

async def main():
    monitor = PerformanceMonitor(metrics_interval=0.1)
    Recorder(None, monitor.collector)
    await monitor.start()
    monitor.collector.track_client_connection("client-123")
    await asyncio.sleep(0.3)
    monitor.stop()
    print(len(monitor.history), len(monitor.get_current_metrics()["clients"]))

asyncio.run(main())
"""


def test_the_core_runs_in_any_asyncio_program_without_django_and_channels():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FRAMEWORKS], cwd=ROOT, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    ticks, clients = map(int, done.stdout.split())
    assert ticks >= 2
    assert clients == 1


def test_the_public_names_are_importable_from_monitoring():
    assert {"ClientMetrics", "MetricsCollector", "PerformanceMonitor", "SystemMetrics", "monitored"} <= set(
        monitoring.__all__
    )
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = monitoring.nothing


# Configuration: command-line arguments


def test_the_documented_command_starts_the_site_with_the_documented_options(tmp_path):
    options = ("--no-monitoring", "--metrics-interval", "2.0")
    with running_site(tmp_path) as site:
        running = site.spawn("start_avatar_web_server.py", *options, "--port", str(site.port))
        eventually(lambda: f"runs at {site.url}/" in site.logs(), seconds=60, what=f"the site runs:\n{site.logs()}")
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
