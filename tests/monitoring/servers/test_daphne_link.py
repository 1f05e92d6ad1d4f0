import asyncio
import logging
import struct
import time
from collections import deque
from dataclasses import dataclass
from functools import partial

import pytest

from monitoring.core.wire.link import ProtectionCounters
from monitoring.servers import daphne_link
from monitoring.servers.daphne_intake import (
    CONTROL_WS_FRAMES_AT_ONCE,
    MAX_FRAGMENTS,
    MAX_MESSAGE,
    MAX_UNSENT,
    PAUSE_AT,
    RESUME_AT,
    WS_FRAMES_AT_ONCE,
)
from monitoring.servers.daphne_link import DaphneLink, link_to
from tests.waiting import settled, until

MEGABYTE = 1024 * 1024


class Transport:
    """Twisted's side of a socket, which accepts this many bytes at a time."""

    def __init__(self) -> None:
        self.dataBuffer = b""
        self.offset = 0
        self._tempDataLen = 0
        self.takes: int | Exception = MEGABYTE
        self.tried = []
        self.written = []
        self.log = []

    def writeSomeData(self, data):  # noqa: N802 - Twisted's name
        self.tried.append(data)
        return self.takes if isinstance(self.takes, Exception) else min(self.takes, len(data))

    def write(self, data):
        self.written.append(data)

    def pauseProducing(self):  # noqa: N802
        self.log.append("pause")

    def resumeProducing(self):  # noqa: N802
        self.log.append("resume")

    def loseConnection(self):  # noqa: N802
        self.log.append("lose")

    def abortConnection(self):  # noqa: N802
        self.log.append("abort")


@dataclass
class Frame:
    opcode: int
    fin: bool = True
    payload: bytes = b""


class Protocol:
    """daphne's side of a WebSocket."""

    STATE_OPEN = 3

    def __init__(self) -> None:
        self.state = self.STATE_OPEN
        self.transport = Transport()
        self.queue = asyncio.Queue()
        self.maxMessagePayloadSize = self.maxFramePayloadSize = MEGABYTE
        self.failedByMe = False
        self.data = deque()
        self.limits_while_sending = []
        self.closed = []
        self.too_long = []
        self.pongs = []
        self.last_ping = 0.0
        self.autoPingTimeoutCall = None

    def arrives(self, *messages: bytes) -> None:
        """Handles messages as autobahn does, which may have to wait."""
        self.data.extend(messages)
        self.consumeData()

    def consumeData(self):  # noqa: N802
        while self.processData():
            continue

    def processData(self):  # noqa: N802
        if not self.data:
            return False
        arrived = self.data.popleft()
        self.current_frame = arrived if isinstance(arrived, Frame) else Frame(2, fin=True, payload=arrived)
        self.onFrameEnd()
        return True

    def onFrameEnd(self):  # noqa: N802
        frame = self.current_frame
        if frame.opcode == 9:
            self.onPing(frame.payload)
        elif frame.opcode < 8 and frame.fin:
            self.message_data, self.message_is_binary = [frame.payload], True
            self.onMessageEnd()

    def onPing(self, payload): ...  # noqa: N802

    def sendPong(self, payload):  # noqa: N802
        self.pongs.append(payload)

    def _cancelAutoPingTimeoutCall(self):  # noqa: N802
        self.autoPingTimeoutCall = None

    def _dataReceived(self, data): ...  # noqa: N802

    def onMessageEnd(self):  # noqa: N802
        self.onMessage(b"".join(self.message_data), self.message_is_binary)

    def onMessage(self, payload, is_binary):  # noqa: N802
        self.queue.put_nowait({"type": "websocket.receive", "bytes": payload})

    def onPong(self, payload): ...  # noqa: N802

    def onClose(self, *how):  # noqa: N802
        self.closed.append(how)

    def _max_message_size_exceeded(self, *reason):
        self.too_long.append(reason)

    async def send(self, message):
        self.limits_while_sending.append(self.maxMessagePayloadSize)
        if message.get("fails"):
            raise ValueError("not accepted")


@pytest.fixture
async def protocol():
    return Protocol()


@pytest.fixture
def protection():
    return ProtectionCounters()


@pytest.fixture
async def link(protocol, protection):
    return linked(protocol, protection)


def linked(protocol: Protocol, protection: ProtectionCounters) -> DaphneLink | None:
    """As daphne hands out receive and send."""

    async def handle_reply(protocol, message):
        await protocol.send(message)

    return link_to(protocol.queue.get, partial(handle_reply, protocol), protection)


@pytest.fixture
def warnings(caplog):
    daphne_link.say_unknown.cache_clear()
    caplog.set_level(logging.WARNING, daphne_link.__name__)
    return caplog


async def test_another_server_has_no_link_but_under_daphne_its_absence_is_logged(protection, warnings, monkeypatch):
    async def receive(): ...
    async def send(message): ...

    monkeypatch.setattr(daphne_link, "is_daphne", lambda: False)
    assert link_to(receive, send, protection) is None
    assert warnings.records == []
    monkeypatch.setattr(daphne_link, "is_daphne", lambda: True)
    assert link_to(receive, send, protection) is None
    assert "code outside `monitored` may have wrapped" in warnings.text


@pytest.mark.parametrize("missing", ["_tempDataLen", "onPong"])
async def test_a_daphne_with_other_internals_has_no_link_and_that_is_logged_once(
    protection, warnings, missing, monkeypatch
):
    protocols = [Protocol() for _ in range(3)]
    for protocol in protocols:
        protocol.transport.__dict__.pop(missing, None)
    monkeypatch.delattr(Protocol, missing, raising=False)
    assert [linked(protocol, protection) for protocol in protocols] == [None] * 3
    (record,) = warnings.records
    assert missing in record.getMessage()
    assert "daphne 4" in record.getMessage()


async def test_a_daphne_with_another_queue_has_no_link_either(protocol, protection, warnings):
    protocol.queue = [].append
    assert link_to(protocol.queue, partial(protocol.send, protocol), protection) is None
    assert len(warnings.records) == 1


async def test_unsent_counts_the_bytes_that_twisted_holds(link, protocol):
    protocol.transport.dataBuffer = b"x" * 100
    protocol.transport.offset = 30
    protocol.transport._tempDataLen = 5
    assert link.unsent() == 75


async def test_a_frame_goes_to_the_socket_at_once_and_the_rest_waits(link, protocol):
    protocol.transport.takes = 2
    link.write(b"frame")
    assert (protocol.transport.tried, protocol.transport.written) == ([b"frame"], [b"ame"])


async def test_a_frame_keeps_its_place_behind_waiting_data(link, protocol):
    protocol.transport._tempDataLen = 1
    link.write(b"frame")
    assert (protocol.transport.tried, protocol.transport.written) == ([], [b"frame"])


async def test_nothing_is_written_before_the_handshake_or_after_the_end(link, protocol):
    protocol.state = 0
    link.write(b"frame")
    assert protocol.transport.tried == []


async def test_a_broken_socket_is_closed(link, protocol):
    protocol.transport.takes = ConnectionError("broken")
    link.write(b"frame")
    assert protocol.transport.log == ["lose"]


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
        await asyncio.sleep(daphne_link.LOOK_SECONDS * 2)
        assert not sending.done()
    protocol.transport._tempDataLen = MAX_UNSENT // 2
    await asyncio.wait_for(sending, 1)
    assert (protocol.transport.log, protection.closed_slow) == ([], 0)


async def test_a_peer_that_leaves_a_megabyte_unread_is_dropped_and_counted_once(
    link, protocol, protection, monkeypatch
):
    monkeypatch.setattr(daphne_link, "STALLED_SECONDS", 0.05)
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


async def test_a_socket_wrapper_such_as_tls_gets_every_frame(protocol, protection):
    protocol.transport.wrappedProtocol = protocol
    linked(protocol, protection).write(b"frame")
    assert (protocol.transport.tried, protocol.transport.written) == ([], [b"frame"])


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


async def test_the_listener_hears_of_each_message_and_of_the_end(link, protocol):
    told = []
    link.on_message = link.on_closed = told.append
    protocol.arrives(b"hello")
    protocol.onClose(True, 1001, "bye")
    assert told == [5, 1001]
    assert protocol.queue.qsize() == 1
    assert protocol.closed == [(True, 1001, "bye")]


async def test_a_ping_is_a_frame_that_every_client_answers(link, protocol):
    link.ping()
    (ping,) = protocol.transport.tried
    assert (ping[:2], len(ping)) == (b"\x89\x08", 10)


async def test_an_answered_ping_is_a_round_trip(link, protocol):
    trips = []
    link.on_round_trip = trips.append
    link.ping()
    (ping,) = protocol.transport.tried
    protocol.onPong(ping[2:])
    (milliseconds,) = trips
    assert 0 < milliseconds < 1000


@pytest.mark.parametrize("payload", [b"", b"hello", bytes(8), struct.pack("!Q", 2**63)])
async def test_an_unsolicited_pong_is_not_a_round_trip(link, protocol, payload):
    trips = []
    link.on_round_trip = trips.append
    protocol.onPong(payload)
    link.ping()
    protocol.onPong(payload)
    assert trips == []


async def test_an_answer_counts_once(link, protocol):
    trips = []
    link.on_round_trip = trips.append
    link.ping()
    for _ in range(3):
        protocol.onPong(protocol.transport.tried[0][2:])
    assert len(trips) == 1


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


async def test_one_answer_is_awaited_at_a_time_but_not_forever(link, protocol, monkeypatch):
    link.ping()
    link.ping()
    assert len(protocol.transport.tried) == 1
    later = time.perf_counter_ns() + daphne_link.LOST_NANOSECONDS + 1
    monkeypatch.setattr(daphne_link.time, "perf_counter_ns", lambda: later)
    link.ping()
    assert len(protocol.transport.tried) == 2


async def test_data_after_a_failure_is_ignored(link, protocol):
    protocol.failedByMe = True
    protocol.arrives(b"hello")
    assert protocol.queue.empty()


async def test_a_listener_is_optional(link, protocol):
    link.ping()
    protocol.arrives(b"hello")
    protocol.onPong(protocol.transport.tried[0][2:])
    protocol.onClose(False, None, "")
    assert protocol.queue.qsize() == 1
