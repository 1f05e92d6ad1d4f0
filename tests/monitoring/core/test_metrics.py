from collections import deque

import pytest

from monitoring.core.metrics import ClientMetrics, ServerMetrics, SystemMetrics
from monitoring.core.stats.recent import Recent


def test_system_metrics_are_rounded_for_display():
    metrics = SystemMetrics(1.0, 35.24, 62.87, 2048.54, 4096.0, 125.3456, 89.7)
    assert metrics.as_dict() == {
        "cpu_percent": 35.2,
        "memory_percent": 62.9,
        "memory_used_mb": 2048.5,
        "memory_total_mb": 4096.0,
        "network_sent_mb": 125.346,
        "network_recv_mb": 89.7,
        "network_sent_bytes": 131_434_388,
        "network_recv_bytes": 94_057_267,
        "reason": None,
    }


@pytest.mark.parametrize("size", [0, 1, 1_234_567_891, 2**50 + 1])
def test_network_counters_are_known_to_the_byte(size):
    shown = SystemMetrics(1.0, None, None, None, None, size / 2**20, size / 2**20).as_dict()
    assert (shown["network_sent_bytes"], shown["network_recv_bytes"]) == (size, size)


def test_an_unread_host_has_nulls_and_a_reason():
    shown = SystemMetrics.unavailable(1.0, "because").as_dict()
    assert shown.pop("reason") == "because"
    assert set(shown.values()) == {None}


def test_a_client_keeps_its_last_hundred_round_trips():
    client = ClientMetrics("ada", 100.0)
    for milliseconds in range(150):
        client.latency_samples.append(milliseconds)
    assert len(client.latency_samples) == 100
    assert client.latency_samples[0] == 50.0
    assert client.average_latency_ms == pytest.approx(99.5)


def test_a_client_without_round_trips_has_an_average_of_zero():
    assert ClientMetrics("ada", 100.0).average_latency_ms == 0.0


def test_a_given_deque_of_round_trips_is_copied():
    client = ClientMetrics("ada", 100.0, latency_samples=deque([10.0, 20.0], maxlen=100))
    assert isinstance(client.latency_samples, Recent)
    assert client.average_latency_ms == 15.0


def test_a_connections_duration_is_in_seconds():
    assert ClientMetrics("ada", 100.0).connection_duration(190.5) == 90.5


def test_server_metrics_are_rounded_for_display_and_unknown_ones_null():
    metrics = ServerMetrics(3600.52, 5, 12450, 8.51, 15.234, 12.345, None, None, 59.84, 1, 2)
    assert metrics.as_dict() == {
        "uptime_seconds": 3600.5,
        "active_connections": 5,
        "total_messages": 12450,
        "messages_per_second": 8.5,
        "average_latency_ms": 15.23,
        "p50_latency_ms": pytest.approx(12.345, abs=0.006),
        "p95_latency_ms": None,
        "p99_latency_ms": None,
        "fps": 59.8,
        "bytes_sent": 1,
        "bytes_received": 2,
        "errors": 0,
        "paused_reads": 0,
        "closed_slow": 0,
        "refused_messages": 0,
        "refused": {},
        "sessions_left_out": 0,
        "round_trips": None,
    }
