import asyncio
from typing import NamedTuple

import pytest

from monitoring.servers.uvicorn_link import uvicorn_link


class Transport:
    """asyncio's side of a socket."""

    def __init__(self) -> None:
        self.written = []
        self.aborted = 0

    def get_write_buffer_size(self):
        return 75

    def write(self, data):
        self.written.append(data)

    def is_closing(self):
        return self.aborted > 0

    def abort(self):
        self.aborted += 1


class Pong(NamedTuple):
    """A frame as the websockets library has it."""

    data: bytes


class WsprotoPong(NamedTuple):
    """The same as wsproto has it."""

    payload: bytearray


class Protocol:
    """uvicorn's side of a WebSocket."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.conn = None
        self.handshake_complete = True
        self.close_sent = self.disconnected = self.read_paused = False
        self.pongs = []
        self.lost = []
        self.timeouts = 0
        self.ping_interval = 20.0
        self.queue = asyncio.Queue()

    def connection_lost(self, error):
        self.lost.append(error)

    def keepalive_timeout(self):
        self.timeouts += 1

    async def send(self, message): ...

    def handle_pong(self, event):
        self.pongs.append(event)


@pytest.fixture
def protocol():
    return Protocol()


@pytest.fixture
def link(protocol, protection):
    return uvicorn_link(protocol.send, protection)


def test_another_server_has_no_link(protection):
    async def send(message): ...

    assert uvicorn_link(send, protection) is None
    assert uvicorn_link([].append, protection) is None


def test_unsent_counts_the_bytes_that_the_transport_holds(link):
    assert link.unsent() == 75


@pytest.mark.parametrize(
    "state",
    [{"handshake_complete": False}, {"close_sent": True}, {"disconnected": True}],
    ids=str,
)
def test_nothing_is_written_before_the_handshake_or_after_the_end(link, protocol, state):
    link.write(b"frame")
    vars(protocol).update(state)
    link.write(b"more")
    assert protocol.transport.written == [b"frame"]


def test_a_dropped_peer_is_counted_once(link, protocol, protection):
    link.abort()
    link.abort()
    assert (protocol.transport.aborted, protection.closed_slow) == (1, 1)


def test_it_takes_the_application_for_the_messages(link):
    assert link.tells is False


def pong(protocol, kind=Pong):
    """The client's answer to the last ping."""
    return kind(protocol.transport.written[-1][2:])


@pytest.mark.parametrize("kind", [Pong, lambda payload: WsprotoPong(bytearray(payload))], ids=["websockets", "wsproto"])
def test_an_answered_ping_is_a_round_trip(link, protocol, kind):
    trips = []
    link.on_round_trip = trips.append
    link.ping()
    protocol.handle_pong(pong(protocol, kind))
    protocol.handle_pong(pong(protocol, kind))
    (milliseconds,) = trips
    assert 0 < milliseconds < 1000


def test_other_pongs_are_uvicorns_own(link, protocol):
    link.ping()
    protocol.handle_pong(Pong(b"abcd"))
    assert protocol.pongs == [Pong(b"abcd")]


def test_nobody_is_pinged_while_reading_is_paused(link, protocol):
    protocol.read_paused = True
    link.ping()
    assert protocol.transport.written == []


def test_an_answer_that_waited_for_the_application_is_not_a_round_trip_and_the_next_one_is(link, protocol):
    trips = []
    link.on_round_trip = trips.append
    link.ping()
    protocol.read_paused = True
    link.taking()
    protocol.read_paused = False
    protocol.handle_pong(pong(protocol))
    assert trips == []
    link.ping()
    link.taking()
    protocol.handle_pong(pong(protocol))
    assert len(trips) == 1


def test_one_answer_is_awaited_at_a_time(link, protocol):
    link.ping()
    link.ping()
    assert len(protocol.transport.written) == 1


def test_a_uvicorn_with_other_internals_measures_no_round_trips(protocol, protection, monkeypatch):
    monkeypatch.delattr(Protocol, "handle_pong")
    link = uvicorn_link(protocol.send, protection)
    link.ping()
    assert (link.measures, protocol.transport.written) == (False, [])


def test_an_answer_that_may_wait_here_is_not_called_missing(link, protocol):
    link.ping()
    assert link.unanswered_ms() > 0
    protocol.read_paused = True
    assert link.unanswered_ms() is None
    link.taking()
    protocol.read_paused = False
    assert link.unanswered_ms() is None
