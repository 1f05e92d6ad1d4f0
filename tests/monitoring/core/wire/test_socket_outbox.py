import asyncio

import pytest

from monitoring.core.wire.outgoing import Compress, Outgoing, deflated
from monitoring.core.wire.socket_outbox import BEHIND_BYTES, DROP_BYTES, LinkedOutbox, QueuedOutbox
from tests.fakes import FakeLink
from tests.waiting import settled

A, B, C, D, E = (Outgoing(text.encode()) for text in "abcde")


class Connection:
    """A connection whose `send` waits until the gate is open."""

    def __init__(self) -> None:
        self.sent = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def send(self, message: Outgoing) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.sent.append(message)


@pytest.fixture
async def connection():
    return Connection()


@pytest.fixture
async def queued(connection):
    outbox = QueuedOutbox(connection.send, limit=2)
    yield outbox
    outbox.close()


async def test_messages_go_out_in_order(connection, queued):
    connection.gate.set()
    for message in (A, B, C):
        assert queued.offer(message)
        await settled()
    assert connection.sent == [A, B, C]


async def test_offering_does_not_wait_and_the_newest_displaces_the_oldest(connection, queued):
    queued.offer(A)
    await settled()  # A is being sent now
    assert [queued.offer(message) for message in (B, C, D, E)] == [True, True, False, False]
    connection.gate.set()
    await settled()
    assert connection.sent == [A, D, E]


async def test_closing_drops_waiting_messages(connection, queued):
    queued.offer(A)
    queued.close()
    connection.gate.set()
    await settled()
    assert connection.sent == []


async def test_a_connection_that_is_gone_raises_nothing_and_accepts_nothing(connection, queued):
    connection.error = ConnectionError("gone")
    connection.gate.set()
    queued.offer(A)
    await settled()
    assert [queued.offer(message) for message in (B, C, D)] == [True, True, False]
    assert queued._task.exception() is None


@pytest.fixture
def link():
    return FakeLink()


@pytest.fixture
def counted():
    return []


@pytest.fixture
def linked(link, counted):
    """Makes an outbox over the link."""

    def make(*, droppable: bool = False, compress: Compress | None = None) -> LinkedOutbox:
        return LinkedOutbox(link, counted.append, droppable=droppable, compress=compress)

    return make


def test_over_a_link_the_prepared_frame_goes_out_at_once_and_its_bytes_are_counted(link, linked, counted):
    assert linked().offer(A)
    assert (link.ws_frames, counted) == ([A.ws_frame], [1])


def test_the_compressed_frame_goes_to_those_who_want_it(link, linked, counted):
    assert linked(compress=deflated).offer(A)
    assert (link.ws_frames, counted) == ([A.deflated.ws_frame], [len(A.deflated.payload)])


@pytest.mark.parametrize(("waiting", "taken"), [(BEHIND_BYTES, True), (BEHIND_BYTES + 1, False)])
def test_droppable_messages_are_left_out_while_too_much_is_unsent(link, linked, counted, waiting, taken):
    link.waiting = waiting
    assert linked(droppable=True).offer(A) is taken
    assert (len(link.ws_frames), len(counted), link.aborted) == (taken, taken, 0)


@pytest.mark.parametrize(("waiting", "taken"), [(DROP_BYTES, True), (DROP_BYTES + 1, False)])
def test_other_messages_are_sent_until_a_megabyte_waits_and_then_the_connection_is_dropped(
    link, linked, waiting, taken
):
    link.waiting = waiting
    assert linked().offer(A) is taken
    assert (len(link.ws_frames), link.aborted) == (taken, not taken)


def test_nothing_is_sent_after_closing(link, linked):
    outbox = linked()
    outbox.close()
    assert outbox.offer(A) is False
    assert link.ws_frames == []
