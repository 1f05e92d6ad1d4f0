import pytest

from monitoring.core import sessions as module
from monitoring.core.collector import MAX_CLIENTS
from monitoring.core.metrics import ClientMetrics
from monitoring.core.sessions import SessionLog, stamped
from monitoring.core.stats.sketch import Sketch


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


def test_a_closed_connection_is_handed_over_complete_under_the_same_id(log, client):
    log.opened(client)
    client.message_count, client.bytes_sent, client.bytes_received = 3, 20, 10
    for milliseconds in (10.0, 20.0, 30.0):
        client.latency_samples.append(milliseconds)
    log.closed(client, 190.5, 1000, "client closed")
    opened, closed = log.take()
    assert closed.session_id == opened.session_id
    assert (closed.disconnected_at, closed.close_code, closed.ended) == (190.5, 1000, "client closed")
    assert (closed.messages, closed.bytes_sent, closed.bytes_received) == (3, 20, 10)
    assert closed.latency_average_ms == 20.0
    assert closed.latency_p95_ms == pytest.approx(30.0, rel=0.01)


def test_a_closed_connection_has_the_distributions_of_its_whole_life(log, client):
    log.opened(client)
    for number in range(1, 1_001):
        client.latency_samples.append(float(number))
        client.drew(60.0 if number % 2 else 30.0, 16.7)
    log.closed(client, 190.5, 1000, "client closed")
    record = log.take()[-1]
    latency, frames = Sketch.decode(record.latency_sketch), Sketch.decode(record.frame_time_sketch)
    assert (latency.count, latency.quantile(0.5)) == (1_000, pytest.approx(500, rel=0.01))
    assert (record.latency_average_ms, record.latency_p95_ms) == (500.5, pytest.approx(950, rel=0.01))
    assert (record.fps_average, frames.count, frames.quantile(0.5)) == (45.0, 1_000, pytest.approx(16.7, rel=0.01))


def test_a_client_that_never_drew_has_no_frame_rate(log, client):
    log.opened(client)
    assert (log.take()[0].fps_average, log.take()) == (None, [])


def test_latencies_that_were_never_measured_are_unknown(log, client):
    log.opened(client)
    (record,) = log.take()
    assert (record.latency_average_ms, record.latency_p95_ms) == (None, None)


def test_two_sessions_of_one_client_differ(log, client):
    for _ in range(2):
        log.opened(client)
        log.closed(client, 101.0, None, "")
    assert len({record.session_id for record in log.take()}) == 2


def test_a_change_before_the_record_is_taken_needs_no_other(log, client):
    log.opened(client)
    client.user, client.room = "Ann", "a"
    log.changed(client)
    (record,) = log.take()
    assert (record.user, record.room) == ("Ann", "a")


def test_a_later_change_is_handed_over_once_with_what_it_ended_with(log, client):
    log.opened(client)
    (opened,) = log.take()
    for client.room in ("a", "b"):
        log.changed(client)
    (changed,) = log.take()
    assert (changed.session_id, changed.room, changed.disconnected_at) == (opened.session_id, "b", None)
    assert log.take() == []


def test_many_changes_at_once_are_spread_over_ticks(log, monkeypatch):
    monkeypatch.setattr(module, "MOST_CHANGES", 2)
    clients = [ClientMetrics(f"c{number}", 100.0) for number in range(3)]
    for one in clients:
        log.opened(one)
    log.take()
    for one in clients:
        log.changed(one)
    assert [len(log.take()) for _ in range(3)] == [2, 1, 0]


def test_a_client_that_changes_and_leaves_is_handed_over_as_it_left(log, client):
    log.opened(client)
    log.take()
    client.room = "a"
    log.changed(client)
    log.closed(client, 101.0, 1000, "client closed")
    (closed,) = log.take()
    assert (closed.room, closed.disconnected_at) == ("a", 101.0)


def test_each_record_is_taken_once(log, client):
    log.opened(client)
    assert len(log.take()) == 1
    assert log.take() == []


def test_a_whole_server_may_leave_within_one_interval(log):
    clients = [ClientMetrics(f"c{number}", 100.0) for number in range(MAX_CLIENTS)]
    for one in clients:
        log.opened(one)
    for one in clients:
        log.closed(one, 101.0, 1000, "client closed")
    assert (len(log.take()), log.dropped) == (2 * MAX_CLIENTS, 0)


def test_records_follow_a_wall_clock_that_jumped(log, client):
    log.opened(client)
    log.closed(client, 130.0, None, "")
    opened, closed = stamped(log.take(), 3_600.0)
    assert opened.connected_at == closed.connected_at == client.connected_at + 3_600
    assert closed.disconnected_at == 3_730.0


def test_records_keep_their_times_while_the_clocks_agree(log, client):
    log.opened(client)
    assert stamped(log.take(), 0.3)[0].connected_at == client.connected_at


def test_records_that_nobody_takes_are_limited_and_counted(log, client, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING", 3)
    for _ in range(5):
        log.opened(client)
    assert (len(log.take()), log.dropped) == (3, 2)


def test_sessions_beyond_the_limit_of_a_minute_are_counted_and_not_recorded(log, monkeypatch, caplog):
    monkeypatch.setattr(module, "MOST_A_MINUTE", 2)
    clients = [ClientMetrics(f"c{number}", 120.0) for number in range(4)]
    for one in clients:
        log.opened(one)
    for one in clients:
        log.closed(one, 121.0, 1000, "client closed")
    assert [record.client_id for record in log.take()] == ["c0", "c1", "c0", "c1"]
    assert log.left_out == 2
    assert len(caplog.records) == 1


def test_the_next_minute_has_room_again(log, monkeypatch):
    monkeypatch.setattr(module, "MOST_A_MINUTE", 1)
    for number, at in enumerate((120.0, 179.9, 180.0)):
        log.opened(ClientMetrics(f"c{number}", at))
    assert [record.client_id for record in log.take()] == ["c0", "c2"]


def test_ten_thousand_clients_may_come_back_twice_a_minute():
    assert module.MOST_A_MINUTE >= 2 * 10_000
