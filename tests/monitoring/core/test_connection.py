from unittest.mock import Mock

import pytest

from monitoring.core.connection import Connection, size_of
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.wire.link import SCOPE_KEY as LINK_KEY
from monitoring.core.wire.link import ProtectionCounters
from monitoring.servers.uvicorn_link import UvicornLink
from tests.fakes import FakeLink


def scope(query: str = "", **more: object) -> dict:
    return {"type": "websocket", "path": "/ws/", "query_string": query.encode(), "client": ("10.0.0.1", 5), **more}


def test_it_counts_from_its_accept_to_its_end(collector):
    connection = Connection(scope("client_id=ada"), collector)
    assert collector.active_connections == 0
    connection.accepted()
    assert (collector.client_metrics["ada"].path, collector.client_metrics["ada"].remote) == ("/ws/", "10.0.0.1")
    connection.gone()
    connection.gone()
    assert collector.take_sample(0, 1).disconnects == 1
    assert collector.active_connections == 0


def test_a_connection_that_was_never_accepted_is_not_counted(collector):
    Connection(scope(), collector).gone()
    sample = collector.take_sample(0, 1)
    assert (sample.connects, sample.disconnects) == (0, 0)


def test_a_taken_id_gets_a_number(collector):
    first, second = (Connection(scope("client_id=ada"), collector) for _ in range(2))
    first.accepted()
    second.accepted()
    third = Connection(scope("client_id=ada"), collector)
    assert [first.client_id, second.client_id, third.client_id] == ["ada", "ada#2", "ada#3"]
    assert list(collector.client_metrics) == ["ada", "ada#2"]


@pytest.mark.parametrize(
    ("message", "size"),
    [
        ({"text": "hello"}, 5),
        ({"text": "안녕"}, 6),
        ({"bytes": b"\x00\x01\x02"}, 3),
        ({"text": None, "bytes": b"ab"}, 2),
        ({"text": "", "bytes": None}, 0),
        ({}, 0),
    ],
)
def test_bytes_are_those_on_the_wire(message, size):
    assert size_of(message) == size


def test_messages_and_their_bytes_are_counted(collector):
    connection = Connection(scope("client_id=ada"), collector)
    connection.accepted()
    connection.received_bytes(5)
    connection.sent_bytes(7)
    client = collector.client_metrics["ada"]
    assert (client.bytes_received, client.bytes_sent) == (5, 7)
    assert (collector.total_messages, client.message_count) == (1, 1)


def test_a_consumer_may_report_latency_and_frames(collector):
    connection = Connection(scope("client_id=ada"), collector)
    connection.accepted()
    connection.latency(12.5)
    connection.frames(59.0, 16.9)
    client = collector.client_metrics["ada"]
    assert (client.average_latency_ms, client.fps) == (12.5, 59.0)


def test_the_first_to_close_decides_how_it_ended(collector):
    connection = Connection(scope(), collector)
    connection.closing(4400, "server closed")
    connection.closing(1006, "client closed")
    assert (connection.close_code, connection.ended) == (4400, "server closed")


@pytest.mark.parametrize(
    ("server", "message", "close_code", "ended"),
    [
        ("uvicorn", {"code": 1005, "reason": ""}, 1005, "client closed"),
        ("uvicorn", {"code": 1005}, 1006, "connection lost"),
        ("uvicorn", {"code": 1012}, 1012, "server stopped"),
        ("uvicorn", {"code": 1012, "reason": ""}, 1012, "client closed"),
        ("uvicorn --ws websockets", {"code": 1006, "reason": ""}, 1006, "connection lost"),
        ("uvicorn --ws websockets", {"code": 1012}, 1012, "server stopped"),
        ("granian", {"code": 4001}, 4001, "client closed"),
        ("granian", {"code": 1005}, None, "not told"),
    ],
)
def test_it_ended_as_the_server_reports(collector, server, message, close_code, ended):
    protocol = Mock(close_sent=False, ping_interval=20.0)
    link = UvicornLink(protocol, ProtectionCounters()) if server == "uvicorn" else None
    connection = Connection(scope(**{LINK_KEY: link}), collector)
    connection.disconnected({"type": "websocket.disconnect", **message})
    assert (connection.close_code, connection.ended) == (close_code, ended)


def test_under_uvicorn_a_slow_reader_was_dropped_and_not_lost(collector):
    link = UvicornLink(Mock(close_sent=False, ping_interval=20.0), ProtectionCounters())
    link._protocol.transport.is_closing.return_value = False
    connection = Connection(scope(**{LINK_KEY: link}), collector)
    link.abort()
    connection.disconnected({"type": "websocket.disconnect", "code": 1005})
    assert (connection.close_code, connection.ended) == (1006, "dropped: reads too slowly")


def test_events_after_its_end_are_not_counted(collector):
    """A closing server still reads messages under way, and no consumer gets them."""
    link = FakeLink()
    link.tells = link.measures = True
    connection = Connection(scope("client_id=ada", **{LINK_KEY: link}), collector)
    connection.accepted()
    link.on_message(5)
    connection.end(4012, "server stopped")
    link.on_message(7)
    link.on_round_trip(3.0)
    connection.received_bytes(7)
    *_, session = collector.sessions.take()
    assert (collector.total_messages, collector.bytes_received) == (session.messages, session.bytes_received) == (1, 5)
    gauge, _ = collector.now.latency()
    assert gauge.count == 0


def test_a_failing_count_never_reaches_the_consumer(collector, monkeypatch):
    connection = Connection(scope("client_id=ada"), collector)
    connection.accepted()
    monkeypatch.setattr(collector, "client_metrics", None)
    connection.latency(1.0)
    connection.frames(60.0, 16.7)
    connection.gone()
    assert collector.rescue.errors == 3


def test_a_connection_that_could_not_be_counted_counts_no_messages(collector, monkeypatch):
    connection = Connection(scope("client_id=ada"), collector)
    monkeypatch.setattr(collector, "client_metrics", None)
    connection.accepted()
    connection.received_bytes(5)
    connection.sent_bytes(5)
    assert (collector.rescue.errors, collector.total_messages) == (1, 0)


def test_a_second_accept_counts_nothing(collector):
    connection = Connection(scope("client_id=ada"), collector)
    for _ in range(2):
        connection.accepted()
    assert list(collector.client_metrics) == ["ada"]
    connection.gone()
    assert not collector.client_metrics


def test_its_next_ping_may_come_soon_while_it_is_open(collector):
    heartbeat, pinged = Heartbeat(collector.rescue), Mock()
    connection = Connection(scope(), collector, heartbeat)
    connection.ping_soon()
    connection.pinged_by(pinged)
    connection.accepted()
    for _ in range(5):
        heartbeat._turn()
    connection.ping_soon()
    heartbeat._turn()
    assert pinged.ping.call_count == 2
    connection.gone()
    connection.ping_soon()
    heartbeat._turn()
    assert pinged.ping.call_count == 2
