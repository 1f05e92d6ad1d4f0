import asyncio

import pytest

from avatar_site.conflation import Item, ItemKind
from avatar_site.mailbox import SLICE_BYTES, STALLED_SECONDS, LinkedMailbox, QueuedMailbox
from avatar_site.valve import Pump
from monitoring.core.wire.outgoing import Outgoing
from monitoring.core.wire.socket_outbox import BEHIND_BYTES
from tests.fakes import FakeClock, FakeLink
from tests.waiting import settled


def pose(about: str, text: str) -> Item:
    return Item(ItemKind.POSE, about, Outgoing(text.encode()))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def link():
    return FakeLink()


@pytest.fixture
def counted():
    return []


@pytest.fixture
async def pump():
    pump = Pump()
    yield pump
    pump.stop()


@pytest.fixture
def mailbox(link, counted, pump, clock):
    return LinkedMailbox(link, counted.append, pump, clock)


async def test_a_client_that_reads_gets_each_message_at_once(mailbox, link, counted):
    assert mailbox.tell(pose("ada", "1"))
    assert mailbox.offer(Outgoing(b"pong"))
    assert (link.ws_frames, counted) == ([Outgoing(b"1").ws_frame, Outgoing(b"pong").ws_frame], [1, 4])


async def test_a_client_that_is_behind_gets_only_the_newest_of_each_sender(mailbox, link, counted):
    link.waiting = BEHIND_BYTES + 1
    for number in range(100):
        for about in ("ada", "bob"):
            assert not mailbox.tell(pose(about, f"{about} {number}"))
    assert mailbox.flow()
    assert link.ws_frames == []
    link.waiting = 0
    assert not mailbox.flow()
    assert link.ws_frames == [Outgoing(b"ada 99").ws_frame + Outgoing(b"bob 99").ws_frame]
    assert counted == [6, 6]


async def test_messages_that_arrive_while_others_wait_come_after_them(mailbox, link):
    link.waiting = BEHIND_BYTES + 1
    mailbox.offer(Outgoing(b"1"))
    link.waiting = 0
    mailbox.offer(Outgoing(b"2"))
    mailbox.flow()
    assert link.ws_frames == [Outgoing(b"1").ws_frame + Outgoing(b"2").ws_frame]


async def test_a_newcomer_learns_of_a_large_room_in_slices_as_it_reads(mailbox, link):
    mailbox.introduce(pose(f"a{number}", "x" * 2_400) for number in range(1_000))
    slices = 1
    while True:
        link.waiting = BEHIND_BYTES + 1
        assert mailbox.flow()
        assert len(link.ws_frames) == slices, "it has not read the last slice yet"
        link.waiting = 0
        slices += 1
        if not mailbox.flow():
            break
    assert max(map(len, link.ws_frames)) < SLICE_BYTES + 3_000
    assert sum(map(len, link.ws_frames)) == 1_000 * len(Outgoing(b"x" * 2_400).ws_frame)
    assert link.aborted == 0


async def test_a_client_that_reads_nothing_for_long_is_dropped_but_a_slow_one_is_not(mailbox, link, clock):
    link.waiting = 10 * BEHIND_BYTES
    mailbox.tell(pose("ada", "1"))
    for _ in range(5):
        clock.advance(STALLED_SECONDS - 1)
        link.waiting -= 1
        assert mailbox.flow()
    clock.advance(STALLED_SECONDS + 1)
    assert not mailbox.flow()
    assert link.aborted == 1
    assert not mailbox.tell(pose("ada", "2"))


async def test_after_closing_nothing_is_sent(mailbox, link):
    link.waiting = BEHIND_BYTES + 1
    mailbox.tell(pose("ada", "1"))
    mailbox.close()
    link.waiting = 0
    mailbox.tell(pose("ada", "2"))
    mailbox.introduce([pose("bob", "3")])
    assert not mailbox.flow()
    assert link.ws_frames == []


class Connection:
    """A connection whose `send` waits until the gate is open."""

    def __init__(self) -> None:
        self.texts = []
        self.gate = asyncio.Event()

    async def send(self, message: Outgoing) -> None:
        await self.gate.wait()
        self.texts.append(message.text)


async def test_if_send_waits_for_the_peer_the_newest_of_each_sender_is_kept():
    connection = Connection()
    mailbox = QueuedMailbox(connection.send)
    mailbox.offer(Outgoing(b"welcome"))
    await settled()  # this one is being sent
    for number in range(100):
        mailbox.tell(pose("ada", str(number)))
    connection.gate.set()
    await settled()
    assert connection.texts == ["welcome", "99"]
    mailbox.close()
    assert not mailbox.offer(Outgoing(b"late"))
