import pytest

from monitoring.core.connection import Connection
from monitoring.core.monitored import SCOPE_KEY, Unmonitored, connection_of, requested_client_id


def scope(query: str = "", **more: object) -> dict:
    return {"type": "websocket", "query_string": query.encode(), **more}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("client_id=ada", "ada"),
        ("client_id=a.b:c_d-9&room=x", "a.b:c_d-9"),
        ("client_id=first&client_id=last", "last"),
        ("client_id=" + "x" * 64, "x" * 64),
        ("client_id=" + "x" * 65, None),
        ("client_id=", None),
        ("", None),
        ("client_id=a+b", "a b"),
        ("client_id=+ada%0A", "ada"),
        ("client_id=a%0Ada", None),
        ("client_id=%3Cscript%3E", "<script>"),
        ("client_id=ann%40example.com", "ann@example.com"),
        ("client_id=%EC%95%84", "아"),
        ("client_id=아", "아"),
        ("client_id=%FF", None),
        ("client_id=%2Fetc", None),
        ("client_id=..", None),
    ],
)
def test_the_requested_id_is_the_urls_where_it_is_valid(query, expected):
    assert requested_client_id(scope(query)) == expected


def test_a_consumer_finds_its_connection_in_the_scope(collector):
    connection = Connection(scope(), collector)
    assert connection_of(scope(**{SCOPE_KEY: connection})) is connection


def test_where_nothing_is_recorded_it_finds_one_that_records_nothing():
    connection = connection_of(scope("client_id=ada"))
    connection.latency(1.0)
    connection.frames(60.0, 16.7)
    assert isinstance(connection, Unmonitored)
    assert connection.client_id == "ada"
    connection.identify(id="ann", room="a")
    assert connection.client_id == "ann"
    assert len(connection_of(scope()).client_id) == 12
