import logging
import struct
import time
from functools import partial
from types import SimpleNamespace

import pytest

from monitoring.core.heartbeat import LOST_SECONDS
from monitoring.core.wire.link import ProtectionCounters
from monitoring.servers import daphne_link, ws_ping
from monitoring.servers.daphne_link import DaphneLink, link_to
from tests.monitoring.servers.fake_daphne import MEGABYTE, Frame, Protocol, ends


@pytest.fixture
async def protocol():
    return Protocol()


@pytest.fixture
async def link(protocol, protection):
    return linked(protocol, protection)


def linked(protocol: Protocol, protection: ProtectionCounters) -> DaphneLink | None:
    return link_to(*ends(protocol), protection)


@pytest.fixture
def warnings(caplog, monkeypatch):
    daphne_link.say_unknown.cache_clear()
    monkeypatch.setattr(daphne_link, "is_running", lambda: True)
    caplog.set_level(logging.WARNING, daphne_link.__name__)
    return caplog


async def test_another_server_has_no_link_but_under_daphne_its_absence_is_logged(protection, warnings, monkeypatch):
    async def receive(): ...
    async def send(message): ...

    monkeypatch.setattr(daphne_link, "is_running", lambda: False)
    assert link_to(receive, send, protection) is None
    assert warnings.records == []
    monkeypatch.setattr(daphne_link, "is_running", lambda: True)
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


async def test_a_socket_wrapper_such_as_tls_gets_every_frame(protocol, protection):
    protocol.transport.wrappedProtocol = protocol
    linked(protocol, protection).write(b"frame")
    assert (protocol.transport.tried, protocol.transport.written) == ([], [b"frame"])


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


async def test_one_answer_is_awaited_at_a_time_but_not_forever(link, protocol, monkeypatch):
    link.ping()
    link.ping()
    assert len(protocol.transport.tried) == 1
    later = time.perf_counter_ns() + int(LOST_SECONDS * 1e9) + 1
    monkeypatch.setattr(ws_ping.time, "perf_counter_ns", lambda: later)
    link.ping()
    assert len(protocol.transport.tried) == 2


async def test_a_listener_is_optional(link, protocol):
    link.ping()
    protocol.arrives(b"hello")
    protocol.onPong(protocol.transport.tried[0][2:])
    protocol.onClose(False, None, "")
    assert protocol.queue.qsize() == 1


async def test_it_limits_nothing(link, protocol, protection):
    protocol.arrives(*[b"x" * 100_000] * 500, *[Frame(9)] * 500)
    assert (protocol.queue.qsize(), len(protocol.pongs_asked)) == (500, 500)
    assert protocol.maxMessagePayloadSize == protocol.maxFramePayloadSize == MEGABYTE
    assert protocol.transport.log == []
    assert protection == ProtectionCounters()


class ConnectionDone(Exception):  # noqa: N818 - Twisted's name
    """The peer has just ended it."""


class ConnectionLost(Exception):  # noqa: N818
    """Reading or writing failed."""


class ConnectionAborted(ConnectionLost):
    """This side has dropped it."""


@pytest.mark.parametrize(
    ("error", "silent", "reason"),
    [
        (ConnectionDone(), 0.0, ""),
        (ConnectionLost(), 0.0, "reset"),
        (ConnectionLost(), 119.0, "reset"),
        (ConnectionLost(), 121.0, ""),
        (ConnectionAborted(), 0.0, ""),
        (TimeoutError(), 900.0, "timed out"),
    ],
)
def test_twisted_hides_the_error_but_who_was_heard_lately_was_reset(error, silent, reason):
    assert daphne_link.reason_of(SimpleNamespace(value=error), silent) == reason


async def test_tcps_reason_is_known_before_the_end_is_told(protocol, link):
    told = []
    link.on_closed = lambda code: told.append((code, link.lost))
    failure = SimpleNamespace(value=ConnectionLost())
    protocol.connectionLost(failure)
    protocol.onClose(False, 1006, "")
    assert (told, protocol.lost) == ([(1006, "reset")], [failure])


@pytest.mark.parametrize(
    ("noted", "was_clean", "dropped"),
    [
        ({}, False, ""),
        ({}, True, ""),
        ({"failedByMe": True}, False, "dropped: protocol error"),
        ({"failedByMe": True, "wasMaxMessagePayloadSizeExceeded": True}, False, "dropped: message too long"),
        ({"failedByMe": True, "wasMaxFramePayloadSizeExceeded": True}, False, "dropped: message too long"),
        ({"closedByMe": True}, True, "server closed"),
    ],
)
async def test_what_autobahn_notes_of_itself_says_who_ended_it(protocol, link, noted, was_clean, dropped):
    for name, value in noted.items():
        setattr(protocol, name, value)
    protocol.onClose(was_clean, 1000 if was_clean else 1006, "")
    assert link.dropped == dropped


async def test_a_ping_that_autobahn_gives_up_on_is_a_timeout(protocol, link):
    protocol.wasNotCleanReason = daphne_link.PING_TIMEOUT
    protocol.onClose(False, 1006, "")
    assert (link.lost, link.dropped) == ("timed out", "")
