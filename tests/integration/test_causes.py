"""Every cause of leaving, made by real clients of real servers."""

import json
import os
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.integration.rude_socket import RudeSocket, control_frame
from tests.site import Site, eventually, running_site

PROJECT = "tests.integration.leaving_project:application"
OFTEN = 20
ENOUGH = 0.95
LONG = 70_000
"""Longer than a guarded client's message may be, and than the uvicorn of these tests accepts."""

OF_DAPHNE = ("-m", "daphne", "--ping-interval", "1", "--ping-timeout", "1", "-p")
OF_UVICORN = ("--ws-ping-interval", "1", "--ws-ping-timeout", "1", "--ws-max-size", "65536", "--port")
SERVERS = {
    "daphne": OF_DAPHNE,
    "uvicorn": ("-m", "uvicorn", *OF_UVICORN),
    "uvicorn with wsproto": ("-m", "uvicorn", "--ws", "wsproto", *OF_UVICORN),
}


class Server(NamedTuple):
    name: str
    site: Site
    records: Path

    def open(self, client: str, path: str = "/") -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.site.port}{path}?client_id={client}", compression=None)

    def rude(self, client: str, path: str = "/") -> RudeSocket:
        return RudeSocket(self.site.port, f"{path}?client_id={client}")

    def found(self) -> dict[str, dict]:
        lines = self.records.read_text().splitlines() if self.records.exists() else []
        return {record["client"]: record for record in map(json.loads, lines)}

    def record(self, client: str) -> dict:
        """What was recorded of a session, once it has ended."""
        return eventually(lambda: self.found().get(client), seconds=15, what=self.site.logs)


@pytest.fixture(
    scope="module", params=["daphne", "uvicorn", pytest.param("uvicorn with wsproto", marks=pytest.mark.faults)]
)
def server(request, tmp_path_factory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("causes")
    records = directory / "records.jsonl"
    with running_site(directory, LEAVING_RECORDS=str(records)) as site:
        site.server(*SERVERS[request.param], str(site.port), PROJECT)
        yield Server(request.param, site, records)


# How clients leave. Each gets the server and the name of the client.


def says_goodbye(server: Server, name: str, code: int = 1000) -> None:
    with server.open(name) as client:
        client.close(code)


def goes_to_another_page(server: Server, name: str) -> None:
    says_goodbye(server, name, 1001)


def ends(server: Server, name: str) -> None:
    server.rude(name).close()


def resets(server: Server, name: str) -> None:
    with server.rude(name) as client:
        reset(client)


def reset(client: RudeSocket) -> None:
    client._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def vanishes(server: Server, name: str) -> None:
    """Its network is gone: it neither answers pings nor closes anything."""
    client = server.rude(name)
    server.record(name)
    client.close()


def sends_too_long_a_message(server: Server, name: str) -> None:
    path = "/guarded/" if server.name == "daphne" else "/"
    with server.rude(name, path) as client:
        with suppress(OSError):
            client.send(b'{"echo":"%b"}' % (b"x" * LONG))
        server.record(name)


def sends_an_unmasked_frame(server: Server, name: str) -> None:
    with server.rude(name) as client:
        client.send_raw(b"\x81\x02{}")
        server.record(name)


def sends_invalid_text(server: Server, name: str) -> None:
    with server.rude(name) as client:
        client.send(b"\xff\xfe")
        server.record(name)


def floods(server: Server, name: str) -> None:
    with server.rude(name, "/guarded/") as client:
        with suppress(OSError):
            client.send_raw(control_frame(10) * 1_000)
        server.record(name)


def tells(server: Server, name: str, **message: object) -> None:
    """It tells the consumer what to do, and stays."""
    with server.open(name) as client, suppress(ConnectionClosed):
        client.send(json.dumps(message))
        client.recv(timeout=10)


def resets_while_it_is_sent_something(server: Server, name: str) -> None:
    with server.rude(name) as client:
        client.send(b'{"answers": 300}')
        reset(client)


def is_served_by_an_application_that_returns(server: Server, name: str) -> None:
    with server.open(name, "/returning/") as client, suppress(ConnectionClosed):
        client.send("{}")
        server.record(name)


class Departure(NamedTuple):
    leave: Callable[[Server, str], None]
    cause: str
    ended: str
    only: str = ""


def told(**message: object) -> Callable[[Server, str], None]:
    return lambda server, name: tells(server, name, **message)


DEPARTURES = {
    "says goodbye": Departure(says_goodbye, "client_closed", "client closed"),
    "goes to another page": Departure(goes_to_another_page, "client_closed", "client closed"),
    "ends": Departure(ends, "client_lost", "connection lost"),
    "resets": Departure(resets, "client_lost", "connection lost: reset"),
    "vanishes": Departure(vanishes, "client_lost", "connection lost: timed out"),
    "resets while it is sent something": Departure(
        resets_while_it_is_sent_something, "client_lost", "connection lost: reset"
    ),
    "sends too long a message": Departure(sends_too_long_a_message, "refused", "dropped: message too long"),
    "sends an unmasked frame": Departure(sends_an_unmasked_frame, "refused", "dropped: protocol error"),
    "sends invalid text": Departure(sends_invalid_text, "refused", "dropped: protocol error"),
    "floods": Departure(floods, "refused", "dropped: too many frames", only="daphne"),
    "reads too slowly": Departure(told(abort=True), "slow_reader", "dropped: reads too slowly"),
    "makes the consumer fail": Departure(told(**{"raise": "secret"}), "application_error", "application failed"),
    "is closed by the consumer": Departure(told(close=4000), "application_closed", "server closed"),
    "is closed by an application that returns": Departure(
        is_served_by_an_application_that_returns, "application_closed", "server closed"
    ),
    "is not allowed": Departure(told(close=4403), "not_allowed", "server closed"),
    "is told that it broke a policy": Departure(told(close=1008), "not_allowed", "server closed", only="uvicorn"),
    "sent too many messages": Departure(told(close=4429), "refused", "server closed"),
    "is replaced": Departure(told(end=[4410, "replaced"]), "replaced", "replaced"),
}  # fmt: skip


def of(server: Server) -> dict[str, Departure]:
    return {name: one for name, one in DEPARTURES.items() if server.name.startswith(one.only)}


def test_every_departure_is_explained(server):
    made = of(server)
    for number, departure in enumerate(made.values()):
        departure.leave(server, f"once-{number}")
    found = {how: server.record(f"once-{number}") for number, how in enumerate(made)}
    assert {how: (record["cause"], record["ended"]) for how, record in found.items()} == {
        how: (departure.cause, departure.ended) for how, departure in made.items()
    }
    error = found["makes the consumer fail"]["error"]
    assert error.startswith("LookupError at tests/integration/leaving_project.py:")
    assert error.endswith(" in receive_json")
    assert "secret" not in server.records.read_text()


@pytest.mark.faults
def test_twenty_departures_of_each_kind_are_explained(server):
    made = of(server)
    right = total = 0
    wrong = []
    for how, departure in made.items():
        for number in range(OFTEN):
            name = f"{how.replace(' ', '-')}-{number}"
            departure.leave(server, name)
            cause = server.record(name)["cause"]
            total += 1
            right += cause == departure.cause
            if cause != departure.cause:
                wrong.append((how, cause))
    print(f"{server.name}: {right} of {total} departures attributed, {100 * right / total:.1f} %")
    assert right / total >= ENOUGH, wrong


@pytest.mark.faults
def test_twenty_clients_that_leave_a_megabyte_unread_are_dropped_for_it(tmp_path):
    """daphne's own pings would find them dead before they have read nothing for five seconds."""
    records = tmp_path / "records.jsonl"
    with running_site(tmp_path, LEAVING_RECORDS=str(records)) as site, ExitStack() as stack:
        site.daphne(application=PROJECT)
        server = Server("daphne", site, records)
        for number in range(OFTEN):
            client = stack.enter_context(server.rude(f"slow-{number}", "/guarded/"))
            client.send(b'{"answers": 6000}')
        causes = [server.record(f"slow-{number}")["cause"] for number in range(OFTEN)]
    assert causes.count("slow_reader") >= ENOUGH * OFTEN


def test_a_server_that_stops_says_so(server):
    """The last one, for it ends the server."""
    with server.open("stays") as client:
        client.send('{"echo": "here"}')
        client.recv(timeout=5)
        process = server.site.processes[-1]
        os.kill(process.pid, signal.SIGTERM)
        record = server.record("stays")
        process.wait(20)
    assert (record["cause"], record["ended"]) == ("server_stopped", "server stopped")
