import pytest

from monitoring.core import sessions as module
from monitoring.core.metrics import ClientMetrics
from monitoring.core.sessions import SessionLog


@pytest.fixture
def log():
    return SessionLog()


@pytest.fixture
def client():
    return ClientMetrics("ada", 100.0, path="/ws/", remote="10.0.0.1")


def test_an_opened_connection_is_handed_over_at_once(log, client):
    log.opened(client)
    (record,) = log.take()
    assert (record.client_id, record.path, record.remote, record.connected_at) == ("ada", "/ws/", "10.0.0.1", 100.0)
    assert record.disconnected_at is None


def test_a_closed_one_is_handed_over_whole_under_the_same_id(log, client):
    log.opened(client)
    client.message_count, client.bytes_sent, client.bytes_received, client.fps = 3, 20, 10, 59.5
    for milliseconds in (10.0, 20.0, 30.0):
        client.latency_samples.append(milliseconds)
    log.closed(client, 190.5, 1000, "client closed")
    opened, closed = log.take()
    assert closed.session_id == opened.session_id
    assert (closed.disconnected_at, closed.close_code, closed.ended) == (190.5, 1000, "client closed")
    assert (closed.messages, closed.bytes_sent, closed.bytes_received) == (3, 20, 10)
    assert closed.latency_average_ms == 20.0
    assert closed.latency_p95_ms == pytest.approx(20.0, rel=0.01)


def test_latencies_that_were_never_measured_are_unknown(log, client):
    log.opened(client)
    (record,) = log.take()
    assert (record.latency_average_ms, record.latency_p95_ms) == (None, None)


def test_two_sessions_of_one_client_differ(log, client):
    for _ in range(2):
        log.opened(client)
        log.closed(client, 101.0, None, "")
    assert len({record.session_id for record in log.take()}) == 2


def test_each_record_is_taken_once(log, client):
    log.opened(client)
    assert len(log.take()) == 1
    assert log.take() == []


def test_what_nobody_takes_is_bounded_and_counted(log, client, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    for _ in range(5):
        log.opened(client)
    assert (len(log.take()), log.dropped) == (3, 2)
