import pytest

from monitoring.core.wire.link import ProtectionCounters
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


class Protocol:
    """uvicorn's side of a WebSocket."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.conn = None
        self.handshake_complete = True
        self.close_sent = self.disconnected = False

    async def send(self, message): ...


@pytest.fixture
def protocol():
    return Protocol()


@pytest.fixture
def protection():
    return ProtectionCounters()


@pytest.fixture
def link(protocol, protection):
    return uvicorn_link(protocol.send, protection)


def test_another_server_has_no_link(protection):
    async def send(message): ...

    assert uvicorn_link(send, protection) is None
    assert uvicorn_link([].append, protection) is None


def test_unsent_is_what_the_transport_holds(link):
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


def test_a_peer_that_is_dropped_is_counted_once(link, protocol, protection):
    link.abort()
    link.abort()
    assert (protocol.transport.aborted, protection.closed_slow) == (1, 1)


def test_it_asks_for_no_round_trips_and_wraps_nothing(link, protocol):
    link.ping()
    assert link.tells is False
    assert protocol.transport.written == []
    assert link.receiving("receive") == "receive"
    assert link.sending(protocol.send) == protocol.send
