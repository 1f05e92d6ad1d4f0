import asyncio
import time

import pytest

from monitoring.core import limit_log
from monitoring.core.rescue import OnceAMinute
from monitoring.core.wire.link import ProtectionCounters
from monitoring.servers import daphne_guarded_link
from monitoring.servers.daphne_guarded_link import GuardedDaphneLink, guarded_link_to
from monitoring.servers.daphne_intake import (
    CONTROL_WS_FRAMES_AT_ONCE,
    MAX_FRAGMENTS,
    MAX_MESSAGE,
    MAX_UNSENT,
    PAUSE_AT,
    RESUME_AT,
    WS_FRAMES_AT_ONCE,
)
from tests.monitoring.servers.fake_daphne import MEGABYTE, Frame, Protocol, ends
from tests.waiting import settled, until

SCOPE = {"path": "/ws/chat/", "client": ["10.0.0.7", 1234], "query_string": b"client_id=ada"}


@pytest.fixture
async def protocol():
    return Protocol()


@pytest.fixture
async def link(protocol, protection):
    return linked(protocol, protection)


def linked(protocol: Protocol, protection: ProtectionCounters) -> GuardedDaphneLink | None:
    return guarded_link_to(SCOPE, *ends(protocol), protection, "guard")


async def test_reading_pauses_while_the_consumer_is_behind_and_resumes_when_it_has_caught_up(
    link, protocol, protection
):
    receive = link.receiving(protocol.queue.get)
    protocol.arrives(*[b"x"] * PAUSE_AT)
    assert (protocol.transport.log, protection.paused_reads) == (["pause"], 1)
    while protocol.queue.qsize() > RESUME_AT + 1:
        await receive()
    await settled()
    assert protocol.transport.log == ["pause"]
    await receive()
    await settled()
    assert protocol.transport.log == ["pause", "resume"]


async def test_data_already_read_is_not_parsed_while_the_consumer_is_behind(link, protocol):
    receive = link.receiving(protocol.queue.get)
    protocol.arrives(*[b"x"] * 1000)
    assert (protocol.queue.qsize(), len(protocol.data)) == (PAUSE_AT, 1000 - PAUSE_AT)
    for _ in range(1000):
        await asyncio.wait_for(receive(), 1)
        assert protocol.queue.qsize() <= PAUSE_AT + RESUME_AT
    assert not protocol.data
    await settled()
    assert protocol.transport.log[-1] == "resume"


async def test_other_connections_get_their_turn_between_two_batches(link, protocol):
    receive = link.receiving(protocol.queue.get)
    protocol.arrives(*[b"x"] * 1000)
    for _ in range(PAUSE_AT):
        await receive()
    assert protocol.queue.empty()
    assert len(protocol.data) == 1000 - PAUSE_AT


async def test_a_sender_waits_until_half_of_the_unread_data_has_been_read(link, protocol, protection):
    send = link.sending(protocol.send)
    protocol.transport._tempDataLen = MAX_UNSENT
    await send({"type": "websocket.send"})
    protocol.transport._tempDataLen += 1
    sending = asyncio.create_task(send({"type": "websocket.send"}))
    await asyncio.sleep(0)
    for unread in (MAX_UNSENT, MAX_UNSENT // 2 + 1):
        protocol.transport._tempDataLen = unread
        await asyncio.sleep(daphne_guarded_link.LOOK_SECONDS * 2)
        assert not sending.done()
    protocol.transport._tempDataLen = MAX_UNSENT // 2
    await asyncio.wait_for(sending, 1)
    assert (protocol.transport.log, protection.closed_slow) == ([], 0)


async def test_a_peer_that_leaves_a_megabyte_unread_is_dropped_and_counted_once(
    link, protocol, protection, monkeypatch
):
    monkeypatch.setattr(daphne_guarded_link, "STALLED_SECONDS", 0.05)
    send = link.sending(protocol.send)
    protocol.transport._tempDataLen = MAX_UNSENT + 1
    for _ in range(2):
        await asyncio.wait_for(send({"type": "websocket.send"}), 1)
    assert (protocol.transport.log, protection.closed_slow) == (["abort"], 1)


async def test_a_sender_to_a_peer_that_has_left_does_not_wait(link, protocol):
    protocol.transport._tempDataLen = MAX_UNSENT + 1
    sending = asyncio.create_task(link.sending(protocol.send)({"type": "websocket.send"}))
    await asyncio.sleep(0)
    protocol.onClose(False, 1006, "")
    await asyncio.wait_for(sending, 1)


async def test_only_incoming_messages_are_limited_to_64_kilobytes(link, protocol):
    send = link.sending(protocol.send)
    await send({"type": "websocket.send"})
    with pytest.raises(ValueError, match="not accepted"):
        await send({"type": "websocket.send", "fails": True})
    assert protocol.limits_while_sending == [MEGABYTE] * 2
    assert protocol.maxMessagePayloadSize == protocol.maxFramePayloadSize == MAX_MESSAGE


async def test_the_limit_also_holds_before_the_accept(link, protocol):
    await link.sending(protocol.send)({"type": "websocket.accept"})
    assert protocol.limits_while_sending == [MAX_MESSAGE]


@pytest.mark.parametrize(("configured", "kept"), [(1_000, 1_000), (0, MAX_MESSAGE), (MEGABYTE, MAX_MESSAGE)])
async def test_the_servers_own_lower_limit_is_kept(protocol, protection, configured, kept):
    protocol.maxMessagePayloadSize = protocol.maxFramePayloadSize = configured
    linked(protocol, protection)
    assert protocol.maxMessagePayloadSize == protocol.maxFramePayloadSize == kept


@pytest.mark.parametrize("opcode", [9, 10])
async def test_other_connections_get_their_turn_between_control_frames(link, protocol, protection, opcode):
    protocol.arrives(*[Frame(opcode)] * 190)
    assert (len(protocol.data), protocol.transport.log) == (190 - WS_FRAMES_AT_ONCE, ["pause"])
    await until(lambda: not protocol.data)
    assert protocol.transport.log[-1] == "resume"
    assert protection.paused_reads == 190 // WS_FRAMES_AT_ONCE


@pytest.mark.parametrize("opcode", [9, 10])
async def test_a_flood_of_control_frames_is_refused(link, protocol, protection, opcode):
    protocol.arrives(*[Frame(opcode)] * (int(CONTROL_WS_FRAMES_AT_ONCE) + 10))
    await until(lambda: "abort" in protocol.transport.log)
    await settled()
    assert (protection.refused_messages, protocol.transport.log[-1]) == (1, "abort")


async def test_a_message_in_endless_fragments_is_refused(link, protocol, protection):
    protocol.arrives(*[Frame(0, fin=False)] * (MAX_FRAGMENTS + 1))
    await until(lambda: not protocol.data)
    assert (protection.refused_messages, protocol.transport.log[-1]) == (1, "abort")


async def test_a_ping_is_answered(link, protocol):
    protocol.arrives(Frame(9, payload=b"are you there"))
    assert protocol.pongs == [b"are you there"]


async def test_a_peer_that_pings_and_reads_no_answer_is_dropped(link, protocol, protection):
    protocol.transport._tempDataLen = MAX_UNSENT + 1
    protocol.arrives(Frame(9))
    assert (protocol.pongs, protocol.transport.log, protection.closed_slow) == ([], ["abort"], 1)


async def test_nobody_is_dropped_for_unread_pongs(link, protocol):
    receive = link.receiving(protocol.queue.get)
    protocol.autoPingTimeoutCall = "in 30 s"
    protocol.arrives(*[b"x"] * PAUSE_AT)
    assert protocol.autoPingTimeoutCall is None
    protocol.autoPingTimeoutCall, protocol.last_ping = "in 30 s", 0.0
    await receive()
    assert protocol.autoPingTimeoutCall is None
    assert time.time() - protocol.last_ping < 5


async def test_an_overlong_message_is_counted_and_refused_as_daphne_does(link, protocol, protection):
    protocol._max_message_size_exceeded(70_000, MAX_MESSAGE, "too long")
    assert (protocol.too_long, protection.refused_messages) == ([(70_000, MAX_MESSAGE, "too long")], 1)


async def test_an_answer_that_waited_here_is_not_a_round_trip_and_the_next_one_is(link, protocol):
    trips = []
    link.on_round_trip = trips.append
    receive = link.receiving(protocol.queue.get)
    link.ping()
    protocol.arrives(*[b"x"] * PAUSE_AT)
    link.ping()
    assert len(protocol.transport.tried) == 1
    for _ in range(PAUSE_AT):
        await receive()
    await settled()
    protocol.onPong(protocol.transport.tried[0][2:])
    assert trips == []
    link.ping()
    protocol.onPong(protocol.transport.tried[1][2:])
    assert len(trips) == 1


async def test_data_after_a_failure_is_ignored(link, protocol):
    protocol.failedByMe = True
    protocol.arrives(b"hello")
    assert protocol.queue.empty()


async def test_the_log_names_path_client_limit_and_setting_when_a_limit_acts(link, protocol, caplog, monkeypatch):
    monkeypatch.setattr(limit_log, "due", OnceAMinute())
    protocol._max_message_size_exceeded(70_000, MAX_MESSAGE, "too long")
    assert [record.getMessage() for record in caplog.records] == [
        "WebSocket /ws/chat/ of client ada (10.0.0.7): closed, because a message was longer than 65536 bytes"
        " (set by guard)"
    ]
