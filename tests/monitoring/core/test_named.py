import asyncio
import threading

import pytest

from monitoring.core.client_names import KnownNames
from monitoring.core.connection import Connection


def connected(collector, query: str = "client_id=ada", *, accepted: bool = True) -> Connection:
    connection = Connection({"type": "websocket", "path": "/ws/", "query_string": query.encode()}, collector)
    if accepted:
        connection.accepted()
    return connection


def test_a_consumer_names_its_client_before_the_accept(collector):
    connection = connected(collector, accepted=False)
    connection.identify(id="ann", user="Ann", room="a")
    connection.accepted()
    client = collector.client_metrics["ann"]
    assert (client.user, client.room) == ("Ann", "a")
    (record,) = collector.sessions.take()
    assert (record.client_id, record.user, record.room) == ("ann", "Ann", "a")


def test_a_consumer_names_its_client_after_the_accept(collector):
    connection = connected(collector)
    connection.received_bytes(5)
    connection.identify(id="ann", user="Ann")
    connection.received_bytes(7)
    assert list(collector.client_metrics) == ["ann"]
    assert collector.client_metrics["ann"].bytes_received == 12
    (record,) = collector.sessions.take()
    assert (record.client_id, record.user) == ("ann", "Ann")
    connection.gone()
    (closed,) = collector.sessions.take()
    assert (closed.session_id, closed.client_id, closed.messages) == (record.session_id, "ann", 2)
    assert not collector.client_metrics


def test_a_room_may_change_and_be_left(collector):
    connection = connected(collector)
    collector.sessions.take()
    connection.identify(room="a")
    connection.identify(room="b")
    (record,) = collector.sessions.take()
    assert record.room == "b"
    connection.identify(room="b")
    assert collector.sessions.take() == []
    connection.identify(room="")
    assert collector.client_metrics["ada"].room is None
    assert collector.sessions.take()[0].room is None


def test_a_name_that_is_not_given_stays(collector):
    connection = connected(collector)
    connection.identify(user="Ann", room="a")
    connection.identify(room="b")
    assert (connection.client_id, connection.user, connection.room) == ("ada", "Ann", "b")


def test_a_taken_id_gets_a_number_and_keeps_it(collector):
    connected(collector, "client_id=ann")
    second = connected(collector)
    second.identify(id="ann")
    assert second.client_id == "ann#2"
    second.identify(id="ann")
    assert list(collector.client_metrics) == ["ann", "ann#2"]


def test_latencies_count_under_the_new_id_only(collector):
    connection = connected(collector)
    connection.latency(10.0)
    connection.identify(id="ann")
    connection.latency(20.0)
    gauge, _ = collector.now.latency()
    assert (gauge.count, gauge.average) == (1, 20.0)
    connection.gone()
    gauge, _ = collector.now.latency()
    assert gauge.count == 0


def test_what_a_consumer_says_stays(collector):
    connection = connected(collector)
    connection.identify(id="ann", room="")
    connection.identified(KnownNames("bob", "Bob", "b"))
    assert (connection.client_id, connection.user, connection.room) == ("ann", "Bob", None)
    connection.identified(KnownNames(), failed=True)
    assert connection.client_id == "ann"


def test_a_client_that_could_not_be_identified_gets_a_random_id(collector):
    connection = connected(collector)
    connection.identified(KnownNames(), failed=True)
    assert len(connection.client_id) == 12
    assert list(collector.client_metrics) == [connection.client_id]


def test_what_cannot_be_taken_is_counted_and_logged(collector, caplog):
    connection = connected(collector)
    connection.identify(id="a/b", user="Ann")
    connection.identify(id="a/b")
    assert (connection.client_id, connection.user) == ("ada", "Ann")
    assert collector.rescue.errors == 2
    (line,) = caplog.messages
    assert "id='a/b': must be 1 to 64 printable characters" in line


@pytest.mark.parametrize("query", ["client_id=a%2Fb", "client_id=" + "x" * 65])
def test_an_id_in_the_url_that_is_not_taken_is_logged(collector, caplog, query):
    for _ in range(2):
        assert len(connected(collector, query).client_id) == 12
    (line,) = caplog.messages
    assert "must be 1 to 64 printable characters" in line
    assert "on /ws/" in line


def test_after_its_end_nothing_changes(collector):
    connection = connected(collector)
    connection.gone()
    collector.sessions.take()
    connection.identify(id="ann", room="a")
    assert collector.sessions.take() == []
    assert not collector.client_metrics


async def test_a_thread_may_name_its_client(collector):
    """The counting happens on the loop, where nothing else is counting meanwhile."""
    connection = connected(collector)
    counted_in = []
    changed = collector.sessions.changed
    collector.sessions.changed = lambda client: (counted_in.append(threading.get_ident()), changed(client))
    await asyncio.to_thread(connection.identify, room="a")
    assert collector.client_metrics["ada"].room == "a"
    assert counted_in == [threading.get_ident()]
