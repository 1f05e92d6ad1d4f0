"""The same application under other ASGI servers; where one reports no pongs, avatars are asked by a message."""

import json
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass

import pytest
from websockets.exceptions import ConnectionClosed

from tests.chain import CHAINED, ChainReader, has_dictionary
from tests.site import APPLICATION, Site, close_code, eventually, receive, running_site


@dataclass(frozen=True)
class Kind:
    """How a server is started and how it ends: it closes the WebSockets itself before it announces its shutdown."""

    command: tuple[str, ...]
    close_code: int | None
    exit_code: int
    round_trips: str
    told: dict[str, list]
    """How sessions ended: closed without a code, cut off, and open until the server stopped, where that is certain."""


KINDS = {
    # uvicorn sends "service restart", and ends with the signal that it received.
    "uvicorn": Kind(
        ("uvicorn", "--ws", "websockets-sansio"),
        1012,
        -signal.SIGTERM,
        "ping frames",
        {"left": [1005, "client closed"], "cut": [1006, "connection lost"], "stays": [1012, "server stopped"]},
    ),
    # granian drops its WebSockets without a close frame, and cannot tell a close without a code from a broken
    # connection.
    "granian": Kind(
        ("granian", "--interface", "asgi"),
        None,
        0,
        "messages",
        {"left": [None, "not told"], "cut": [None, "not told"]},
    ),
}


@pytest.fixture(scope="module", params=["uvicorn", pytest.param("granian", marks=pytest.mark.deployment)])
def kind(request) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def site(kind, tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("server")) as site:
        site.migrate()
        site.server("-m", *kind.command, "--port", str(site.port), APPLICATION)
        yield site


@pytest.fixture(scope="module")
def cookie(site) -> str:
    return site.sign_in()


def row(viewer, client_id: str) -> dict:
    """A client's row in the next frame, empty if there is none."""
    return next((row for row in receive(viewer, "metrics")["clients"] if row["client_id"] == client_id), {})


def test_avatars_exchange_messages(site):
    with site.avatar("client_id=ada&room=attic") as ada, site.avatar("client_id=bob&room=attic") as bob:
        assert receive(ada, "welcome")["client_id"] == "ada"
        assert receive(ada, "joined")["client_id"] == "bob"
        ada.send('{"type":"ping","t":1}')
        assert receive(ada, "pong")["t"] == 1
        ada.send('{"type":"pose","x":0.5}')
        assert receive(bob, "pose") == {"type": "pose", "x": 0.5, "client_id": "ada"}
        ada.close()
        assert receive(bob, "left")["client_id"] == "ada"


def test_a_viewer_gets_the_history_and_then_frames(site, cookie):
    with site.viewer(cookie) as viewer:
        assert json.loads(viewer.recv())["type"] == "history"
        first, second = receive(viewer, "metrics"), receive(viewer, "metrics")
    assert second["seq"] == first["seq"] + 1


def test_a_viewer_may_receive_chained_frames(site, cookie):
    reader = ChainReader()
    with site.viewer(cookie, None, CHAINED) as viewer:
        received = [viewer.recv() for _ in range(4)]
    messages = [json.loads(reader.read(data)) for data in received]
    assert [message["type"] for message in messages] == ["history"] + ["metrics"] * 3
    assert [has_dictionary(data) for data in received] == [False, False, True, True]
    assert len(received[2]) < len(received[1]) / 2


def test_messages_and_latency_are_measured_by_pings_that_the_client_answers(site, kind, cookie):
    with site.viewer(cookie) as viewer, site.avatar("client_id=ada") as ada:
        asked = receive(ada, "ping", seconds=8) if kind.round_trips == "messages" else {"id": 0}
        ada.send(json.dumps({"type": "pong", "id": asked["id"]}))
        measured = eventually(lambda: (found := row(viewer, "ada")).get("average_latency_ms") and found)
        assert receive(viewer, "metrics")["server"]["round_trips"] == kind.round_trips
    assert 0 < measured["average_latency_ms"] < 1000
    assert measured["message_count"] == 1
    assert measured["bytes_sent"] > 0


def test_a_flood_is_closed_with_4429(site):
    with site.avatar("client_id=flood") as flood:
        with suppress(ConnectionClosed):
            for _ in range(1000):
                flood.send('{"type":"telemetry","fps":60,"frame_time_ms":16}')
        assert close_code(flood) == 4429


def test_nobody_may_watch_without_signing_in(site):
    with site.viewer("") as viewer:
        assert close_code(viewer) == 4401


def test_on_sigterm_the_server_closes_in_its_own_way_and_stops_cleanly(site: Site, kind, cookie):
    (process,) = site.processes
    with site.viewer(cookie) as viewer, site.avatar() as avatar:
        receive(avatar, "welcome")
        receive(viewer, "metrics")
        process.send_signal(signal.SIGTERM)
        assert [close_code(avatar), close_code(viewer)] == [kind.close_code] * 2
    assert process.wait(10) == kind.exit_code
    assert "Traceback" not in site.logs()


def test_sessions_say_how_they_ended_as_far_as_the_server_reports(shared: Site, kind):
    process = shared.server("-m", *kind.command, "--port", str(shared.port), APPLICATION)
    with (
        shared.avatar("client_id=left") as left,
        shared.avatar("client_id=cut") as cut,
        shared.avatar("client_id=stays") as stays,
    ):
        for avatar in (left, cut, stays):
            receive(avatar, "welcome")
        with left.send_context():
            left.protocol.send_close()
        cut.socket.shutdown(socket.SHUT_RDWR)
        assert {receive(stays, "left")["client_id"] for _ in range(2)} == {"left", "cut"}
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    shared.shell("from monitoring.tasks import store_snapshots; store_snapshots()")
    told = shared.shell(
        "import json; from monitoring.models import ClientSession; "
        "print(json.dumps({row.client_id: [row.close_code, row.ended] for row in ClientSession.objects.all()}))"
    )
    assert kind.told.items() <= json.loads(told).items()
