"""A Channels consumer that knows nothing of us is still monitored, and guarded if asked for, under a real daphne."""

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.integration.rude_socket import RudeSocket, masked
from tests.pids import resident_mb
from tests.site import eventually, running_site

FLOOD_MB = 40


class Daphne(NamedTuple):
    port: int
    pid: int
    logs: Callable[[], str]


@pytest.fixture(scope="module")
def daphne(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("stock")) as site:
        process = site.daphne(application="tests.integration.stock_project:application")
        yield Daphne(site.port, process.pid, site.logs)


@pytest.fixture
def client(daphne):
    with connect(f"ws://127.0.0.1:{daphne.port}/?client_id=ada", compression=None) as client:
        yield client


def metrics(client) -> dict:
    client.send('{"metrics": true}')
    return json.loads(client.recv())


def row(client, client_id: str) -> dict:
    return next(row for row in metrics(client)["clients"] if row["client_id"] == client_id)


def test_its_connections_are_monitored(daphne):
    """Its messages and bytes are counted, and round trips are measured."""
    with connect(f"ws://127.0.0.1:{daphne.port}/?client_id=bob", compression=None) as client:
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
    port, pid, _ = daphne
    before, paused = resident_mb(pid), metrics(client)["server"]["paused_reads"]
    frames = masked(b'{"x":"%b"}' % (b"x" * 10_000)) * 100
    with RudeSocket(port, "/guarded/1/?client_id=flood") as flood:
        with pytest.raises(TimeoutError):
            flood.send_raw(frames * FLOOD_MB)
        assert metrics(client)["server"]["paused_reads"] > paused
        assert resident_mb(pid) - before < 10


def test_a_client_that_leaves_a_megabyte_unread_is_dropped(daphne, client):
    port, pid, _ = daphne
    before, closed = resident_mb(pid), metrics(client)["server"]["closed_slow"]
    with RudeSocket(port, "/guarded/1/?client_id=deaf") as deaf:
        for _ in range(FLOOD_MB):
            deaf.send(b'{"letters": 200000}')
        eventually(lambda: metrics(client)["server"]["closed_slow"] == closed + 1, seconds=20)
    assert resident_mb(pid) - before < 10


@pytest.mark.parametrize(("path", "is_answered"), [("/", True), ("/guarded/1/", False)])
def test_a_message_over_64_kilobytes_is_refused_only_where_the_project_asks_for_it(daphne, path, is_answered):
    text = json.dumps({"letters": 1, "padding": "x" * 70_000})
    with connect(f"ws://127.0.0.1:{daphne.port}{path}?client_id=long", compression=None) as client:
        client.send(text)
        if is_answered:
            assert client.recv() == '"x"'
            return
        with pytest.raises(ConnectionClosed):
            client.recv()
    said = "WebSocket /guarded/1/ of client long (127.0.0.1): closed, because a message was longer than 65536 bytes"
    eventually(lambda: f"{said} (set by guard in monitored(…))" in daphne.logs())
