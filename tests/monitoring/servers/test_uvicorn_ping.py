import asyncio

import pytest

from monitoring.servers.uvicorn_ping import uvicorn_ping
from tests.waiting import settled


class Transport:
    unsent = 0

    def get_write_buffer_size(self) -> int:
        return self.unsent


class Protocol:
    """uvicorn's side of a WebSocket with the older implementation."""

    __module__ = "uvicorn.protocols.websockets.websockets_impl"

    def __init__(self) -> None:
        self.open = True
        self.messages = []
        self.max_queue = 2
        self.answers = []
        self.transport = Transport()

    async def ping(self):
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]

    async def asgi_send(self, message): ...


@pytest.fixture
async def protocol():
    return Protocol()


@pytest.fixture
def trips():
    return []


@pytest.fixture
async def ping(protocol, trips):
    ping = uvicorn_ping(protocol.asgi_send)
    ping.on_round_trip = trips.append
    yield ping
    ping.stop()


def test_another_server_has_none():
    assert uvicorn_ping(asyncio.Queue().put) is None
    assert uvicorn_ping(print) is None


async def test_an_answered_ping_is_a_round_trip(ping, protocol, trips):
    ping.ping()
    await settled()
    protocol.answers[0].set_result(0.025)
    await settled()
    assert trips == [25.0]


async def test_one_answer_is_awaited_at_a_time(ping, protocol):
    for _ in range(2):
        ping.ping()
        await settled()
    assert len(protocol.answers) == 1


async def test_nobody_is_pinged_before_the_handshake_or_while_reading_is_paused(ping, protocol):
    protocol.open = False
    ping.ping()
    protocol.open, protocol.messages = True, ["one", "two"]
    ping.ping()
    await settled()
    assert protocol.answers == []


async def test_an_answer_that_waited_here_is_not_a_round_trip(ping, protocol, trips):
    ping.ping()
    await settled()
    protocol.messages = ["one", "two"]
    protocol.answers[0].set_result(2.0)
    await settled()
    assert trips == []


async def test_a_client_that_leaves_harms_nobody(ping, protocol, trips):
    ping.ping()
    await settled()
    protocol.answers[0].set_exception(ConnectionError("closed"))
    await settled()
    assert trips == []


async def test_it_tells_for_how_long_an_answer_has_been_awaited(ping, protocol):
    assert ping.unanswered_ms() is None
    ping.ping()
    await settled()
    assert ping.unanswered_ms() > 0
    protocol.messages = ["one", "two"]
    assert ping.unanswered_ms() is None
    protocol.messages = []
    protocol.answers[0].set_result(0.025)
    await settled()
    assert ping.unanswered_ms() is None


async def test_while_something_is_unsent_it_does_not_ping(ping, protocol):
    """The application's own `send` would fail if it had to wait at the same time."""
    protocol.transport.unsent = 1
    ping.ping()
    await settled()
    assert protocol.answers == []
