"""A Channels consumer that knows nothing of us is still monitored and guarded, under a real daphne."""

import json

import pytest
from websockets.sync.client import connect

from tests.integration.rude_socket import RudeSocket, masked
from tests.pids import resident_mb
from tests.site import eventually, running_site

FLOOD_MB = 40


@pytest.fixture(scope="module")
def daphne(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("stock")) as site:
        process = site.daphne(application="tests.integration.stock_project:application")
        yield site.port, process.pid


@pytest.fixture
def client(daphne):
    with connect(f"ws://127.0.0.1:{daphne[0]}/?client_id=ada", compression=None) as client:
        yield client


def metrics(client) -> dict:
    client.send('{"metrics": true}')
    return json.loads(client.recv())


def row(client, client_id: str) -> dict:
    return next(row for row in metrics(client)["clients"] if row["client_id"] == client_id)


def test_its_connections_are_monitored(daphne):
    """Its messages and bytes are counted, and round trips are measured."""
    with connect(f"ws://127.0.0.1:{daphne[0]}/?client_id=bob", compression=None) as client:
        first, second = row(client, "bob"), row(client, "bob")
        assert (first["message_count"], second["message_count"]) == (1, 2)
        assert second["bytes_received"] == 2 * len('{"metrics": true}')
        assert second["bytes_sent"] > 100
        assert 0 < eventually(lambda: row(client, "bob")["average_latency_ms"]) < 1000


def test_it_may_send_more_than_a_client_may(client):
    client.send('{"letters": 200000}')
    assert len(client.recv()) == 200_002


def test_it_may_send_megabytes_without_a_pause(client):
    client.send('{"answers": 5000}')
    assert sum(len(client.recv()) for _ in range(5_000)) == 5_000 * 1_002


def test_a_flood_that_it_cannot_keep_up_with_waits_at_the_sender(daphne, client):
    port, pid = daphne
    before, paused = resident_mb(pid), metrics(client)["server"]["paused_reads"]
    frames = masked(b'{"x":"%b"}' % (b"x" * 10_000)) * 100
    with RudeSocket(port, "/?client_id=flood") as flood:
        with pytest.raises(TimeoutError):
            flood.send_raw(frames * FLOOD_MB)
        assert metrics(client)["server"]["paused_reads"] > paused
        assert resident_mb(pid) - before < 10


def test_a_client_that_leaves_a_megabyte_unread_is_dropped(daphne, client):
    port, pid = daphne
    before, closed = resident_mb(pid), metrics(client)["server"]["closed_slow"]
    with RudeSocket(port, "/?client_id=deaf") as deaf:
        for _ in range(FLOOD_MB):
            deaf.send(b'{"letters": 200000}')
        eventually(lambda: metrics(client)["server"]["closed_slow"] == closed + 1, seconds=20)
    assert resident_mb(pid) - before < 10
