from monitoring.core.connection import Connection
from monitoring.core.signals import ClientSignals


def connected(collector, client_id: str) -> Connection:
    scope = {"type": "websocket", "path": "/ws/", "query_string": f"client_id={client_id}".encode()}
    connection = Connection(scope, collector)
    connection.accepted()
    return connection


def test_a_client_is_found_from_its_accept_to_its_end(collector):
    connection = Connection({"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada"}, collector)
    assert collector.connections.of("ada") is None
    connection.accepted()
    assert collector.connections.of("ada") is connection
    connection.gone()
    assert collector.connections.of("ada") is None
    assert len(collector.connections) == 0


def test_it_follows_a_new_name(collector):
    connection = connected(collector, "ada")
    connection.identify(id="lovelace")
    assert collector.connections.of("ada") is None
    assert collector.connections.of("lovelace") is connection
    connection.gone()
    assert len(collector.connections) == 0


def test_a_returning_client_has_its_new_connection(collector):
    first = connected(collector, "ada")
    first.end(4012, "server stopped")
    second = connected(collector, "ada")
    assert collector.connections.of("ada") is second
    first.gone()
    assert collector.connections.of("ada") is second


def test_namesakes_are_two(collector):
    first, second = connected(collector, "ada"), connected(collector, "ada")
    assert (collector.connections.of("ada"), collector.connections.of("ada#2")) == (first, second)
    assert list(collector.connections) == [first, second]


def test_a_client_that_the_project_removes_is_not_found(collector):
    connected(collector, "ada")
    collector.remove_client("ada")
    assert len(collector.connections) == 0


def test_there_are_no_more_than_tracked_clients(collector):
    collector._max_clients = 1
    for name in ("ada", "bob", "eve"):
        connected(collector, name)
    assert [connection.client_id for connection in collector.connections] == ["ada"]
    assert collector.client_metrics["ada"].signals in (None, ClientSignals())
