import pytest

from monitoring.core.connection import Connection
from monitoring.core.kernel_view import TcpInfo
from monitoring.core.recorder import Recorder
from monitoring.core.signal_reading import read_signals
from monitoring.core.signals import ClientSignals
from monitoring.core.wire.link import SCOPE_KEY as LINK_KEY
from tests.fakes import FakeLink
from tests.monitoring.core.test_recorder import JsonEcho, SyncEcho, connected, echo
from tests.waiting import settled


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest.fixture
def connection(collector, link) -> Connection:
    scope = {"type": "websocket", "path": "/ws/", "query_string": b"client_id=ada", LINK_KEY: link}
    connection = Connection(scope, collector)
    connection.accepted()
    return connection


def test_nobody_is_known_by_that_name(collector):
    assert read_signals(collector, "ada") is None


def test_what_nobody_measured_is_not_known(collector):
    collector.track_client_connection("ada")
    assert read_signals(collector, "ada") == ClientSignals()


def test_the_client_keeps_its_latest_reading(collector, connection):
    assert read_signals(collector, "ada") is collector.client_metrics["ada"].signals


def test_the_last_round_trip_counts(collector, connection):
    connection.latency(40.0)
    connection.latency(25.0)
    assert read_signals(collector, "ada").ping_ms == 25.0


def test_what_the_client_reports_is_in_it(collector, clock, connection):
    connection.frames(60.0, 16.7, long_frames=0)
    clock.advance(2)
    connection.frames(30.0, 33.3, long_frames=6)
    signals = read_signals(collector, "ada")
    assert (signals.fps, signals.frame_time_ms) == (30.0, 33.3)
    assert (signals.slow_frames_percent, signals.hidden) == (10.0, False)


def test_unsent_bytes_are_those_of_now(collector, connection, link):
    link.waiting = 4096
    assert read_signals(collector, "ada").unsent_bytes == 4096


def test_a_ping_without_its_answer_waits(collector, connection, link):
    link.measures = True
    other = Connection({"type": "websocket", "query_string": b"client_id=eve", LINK_KEY: link}, collector)
    other.accepted()
    link.unanswered = 700.0
    assert read_signals(collector, "eve").unanswered_ms == 700.0
    assert read_signals(collector, "ada").unanswered_ms is None


def test_without_a_link_the_socket_tells_what_is_unsent(collector):
    connection = Connection({"type": "websocket", "query_string": b"client_id=ada"}, collector)
    connection.accepted()
    connection.socket = Socket()
    assert read_signals(collector, "ada").unsent_bytes == 512


def test_pauses_and_refusals_are_those_since_the_last_reading(collector, connection, link):
    link.paused = 3
    connection.refused(2)
    first = read_signals(collector, "ada")
    link.paused = 4
    second = read_signals(collector, "ada")
    assert (first.pauses, first.refused_messages) == (3, 2)
    assert (second.pauses, second.refused_messages) == (1, 0)


def test_where_nobody_counts_pauses_or_refusals_they_are_not_known(collector, connection):
    signals = read_signals(collector, "ada")
    assert (signals.pauses, signals.refused_messages) == (None, None)


def test_the_loop_s_lag_is_the_longest_since_the_last_reading(collector, clock, connection):
    for lag in (2.0, 300.0, 4.0):
        clock.advance(1)
        collector.loop_lags.add(clock(), lag)
    assert read_signals(collector, "ada").loop_lag_ms == 300.0
    clock.advance(1)
    collector.loop_lags.add(clock(), 5.0)
    assert read_signals(collector, "ada").loop_lag_ms == 5.0


class Socket:
    """A socket whose counters a test sets."""

    def __init__(self) -> None:
        self.info: TcpInfo | None = TcpInfo(25.0, 20.0, 3, 750.0, 4096, 1200)

    def kernel(self) -> TcpInfo | None:
        return self.info

    def unsent(self) -> int | None:
        return 512


def test_what_the_kernel_knows_is_in_it(collector, connection):
    connection.socket = socket = Socket()
    first = read_signals(collector, "ada")
    socket.info = TcpInfo(26.0, 20.0, 5, 1000.0, 0, 10)
    second = read_signals(collector, "ada")
    assert (first.kernel_rtt_ms, first.kernel_min_rtt_ms, first.retransmits, first.not_read_ms) == (25.0, 20.0, 3, 750)
    assert (first.unsent_kernel_bytes, first.silent_ms) == (4096, 1200)
    assert (second.retransmits, second.not_read_ms, second.unsent_kernel_bytes) == (2, 250.0, 0)


@pytest.mark.parametrize("info", [None, TcpInfo()])
def test_what_the_kernel_does_not_tell_is_not_known(collector, connection, info):
    connection.socket = socket = Socket()
    socket.info = info
    signals = read_signals(collector, "ada")
    assert (signals.kernel_rtt_ms, signals.retransmits, signals.not_read_ms, signals.silent_ms) == (None,) * 4


@pytest.mark.usefixtures("in_memory_layer")
@pytest.mark.parametrize("app", [echo, JsonEcho.as_asgi(), SyncEcho.as_asgi()], ids=["plain", "async", "threads"])
async def test_a_message_s_time_in_its_consumer_is_read(collector, app):
    client = await connected(collector, app)
    await client.send_to(text_data='"hello"')
    await client.receive_from()
    await settled()
    signals = read_signals(collector, "ada")
    assert signals.handler_ms > 0
    assert signals.wait_ms is None


async def test_a_server_that_tells_of_messages_is_asked_for_few_of_them_by_a_coroutine_more(collector):
    """It must not: under daphne that would be one for each message."""
    link, got = FakeLink(), []
    link.tells = True

    async def taken() -> dict:
        return {"type": "websocket.receive", "text": "hello"}

    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        for _ in range(1_000):
            link.on_message(5)
            message = receive()
            got.append(message.cr_code is taken.__code__)
            await message

    async def send(message):
        pass

    await Recorder(app, collector)({"type": "websocket", "path": "/ws/", LINK_KEY: link}, taken, send)
    assert got.count(False) <= 64
