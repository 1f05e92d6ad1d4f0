import asyncio

import pytest

from monitoring.core.outbox import Outbox
from tests.waiting import settled


class Connection:
    """A connection whose `send` waits until the gate is open."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent = []
        self.gate = asyncio.Event()
        self.error = error

    async def send(self, text: str) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.sent.append(text)


@pytest.fixture
async def connection():
    return Connection()


@pytest.fixture
async def outbox(connection):
    outbox = Outbox(connection.send, limit=2)
    yield outbox
    outbox.close()


async def test_texts_go_out_in_order(connection, outbox):
    connection.gate.set()
    for text in "abc":
        assert outbox.offer(text)
        await settled()
    assert connection.sent == ["a", "b", "c"]


async def test_offering_does_not_wait_and_the_newest_displaces_the_oldest(connection, outbox):
    outbox.offer("a")
    await settled()  # "a" is being sent now
    assert [outbox.offer(text) for text in "bcde"] == [True, True, False, False]
    connection.gate.set()
    await settled()
    assert connection.sent == ["a", "d", "e"]


async def test_closing_drops_what_waits(connection, outbox):
    outbox.offer("a")
    outbox.close()
    connection.gate.set()
    await settled()
    assert connection.sent == []


async def test_a_connection_that_is_gone_raises_nothing_and_takes_nothing_more(connection, outbox):
    connection.error = ConnectionError("gone")
    connection.gate.set()
    outbox.offer("a")
    await settled()
    assert [outbox.offer(text) for text in "bcd"] == [True, True, False]
    assert outbox._task.exception() is None
