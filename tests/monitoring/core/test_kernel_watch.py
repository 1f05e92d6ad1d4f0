import socket
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from monitoring.core import kernel_watch
from monitoring.core.collector import MetricsCollector
from monitoring.core.connection import Connection
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.kernel_view import SCOPE_KEY, TcpInfo
from monitoring.core.kernel_watch import Watchable, agrees, is_direct, rare_period
from monitoring.core.signal_reading import read_signals
from monitoring.core.stats.sample import Gauge
from monitoring.core.stats.sketch import Sketch
from monitoring.core.verdicts import Judgement, Sureness, Verdict
from monitoring.core.wire.link import SCOPE_KEY as LINK_KEY
from monitoring.servers.tcp_info import tcp_info
from tests.fakes import FakeClock, FakeLink, FakeProbe

FINE, SLOW, UNKNOWN = (
    Judgement(verdict, Sureness.HIGH, {}) for verdict in (Verdict.FINE, Verdict.NETWORK, Verdict.UNKNOWN)
)
SECONDS = 5


class Socket:
    """A socket of which the kernel says what its watch says."""

    def __init__(self, watch: "Watch") -> None:
        self._watch = watch

    def kernel(self) -> TcpInfo:
        return self._watch.kernel

    def unsent(self) -> int:
        return 0


class Watch:
    """One client whose pings take `ping_ms`, and whose kernel says what `kernel` says; time passes by `live`."""

    def __init__(self, watched: Watchable = Watchable.REMOTE, address: str = "192.0.2.7", **kernel: object) -> None:
        self.clock = FakeClock()
        self.collector = MetricsCollector(probe=FakeProbe(), clock=self.clock)
        self.collector.kernel_watches = watched
        self.heartbeat = Heartbeat(self.collector.rescue)
        self.collector.ping_period = self.heartbeat.period
        self.link = FakeLink()
        self.link.tells = self.link.measures = True
        self.ping_ms = 40.0
        self.kernel = TcpInfo(rtt_ms=41.0, last_data_recv_ms=200)._replace(**kernel)
        self.answers = self.writes = True
        scope = {"client": [address, 1], LINK_KEY: self.link, SCOPE_KEY: Socket(self)}
        self.connection = Connection(scope, self.collector, self.heartbeat)
        self.connection.accepted()
        self.client.judgement = FINE
        self.pinged_at: list[int] = []
        self.passed = 0

    @property
    def client(self):
        return self.collector.client_metrics[self.connection.client_id]

    def live(self, seconds: int) -> None:
        """Each second the client is sent a message, and the heartbeat has a turn; pings are answered at once."""
        for _ in range(seconds):
            self.clock.advance(1.0)
            self.passed += 1
            if self.writes:
                self.connection.sent_bytes(10)
            before = self.link.pings
            self.heartbeat._turn()
            if self.link.pings > before:
                self.pinged_at.append(self.passed)
                if self.answers:
                    self.link.on_round_trip(self.ping_ms)

    @property
    def pauses(self) -> list[int]:
        return [after - before for before, after in zip(self.pinged_at, self.pinged_at[1:], strict=False)]


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.collector.rescue.errors == 0


def believed() -> Watch:
    """A client that the kernel watches: it was pinged a moment ago, and has not been pinged for its usual period."""
    watch = Watch()
    watch.live(80)
    assert watch.pauses[-1] == 30
    return watch


def test_after_three_pings_that_the_kernel_agrees_with_they_become_rare(watch):
    watch.live(120)
    assert watch.pauses == [5, 5, 30, 30, 30]


@pytest.mark.parametrize(
    ("ping", "kernel", "same"),
    [(2, 0.1, True), (6, 0.9, False), (100, 81, True), (100, 79, False), (2, 46, True), (2, 52, False)],
)
def test_a_ping_may_take_five_milliseconds_or_a_fifth_longer_and_be_forty_shorter(ping, kernel, same):
    assert agrees(ping, kernel) is same


def test_acknowledgements_that_are_held_back_do_not_make_pings_frequent(watch):
    watch.ping_ms, watch.kernel = 0.4, watch.kernel._replace(rtt_ms=7.0)
    watch.live(40)
    watch.kernel = watch.kernel._replace(rtt_ms=10.0)
    watch.live(80)
    assert watch.pauses == [5, 5, 30, 30, 30]


@pytest.mark.parametrize(("period", "rare"), [(5.0, 30.0), (14.0, 30.0), (25.0, 50.0), (60.0, 60.0)])
def test_rare_pings_are_at_most_a_minute_apart(period, rare):
    assert rare_period(period) == rare


def test_behind_a_proxy_the_kernel_is_not_believed(watch):
    watch.kernel = watch.kernel._replace(rtt_ms=0.1)
    watch.live(60)
    assert set(watch.pauses) == {5}


def test_two_agreements_after_a_disagreement_are_not_enough(watch):
    watch.live(6)
    watch.ping_ms = 90.0
    watch.live(5)
    watch.ping_ms = 40.0
    watch.live(15)
    assert set(watch.pauses) == {5}


@pytest.mark.parametrize("kernel", [{"rtt_ms": None}, {"last_data_recv_ms": None}, {"last_data_recv_ms": 3_001}])
def test_a_kernel_that_knows_nothing_new_is_not_believed(kernel):
    watch = Watch(**kernel)
    watch.live(60)
    assert set(watch.pauses) == {5}


def test_without_a_socket_to_read_nothing_changes(watch):
    watch.connection.socket = None
    watch.live(60)
    assert set(watch.pauses) == {5}


def test_a_client_that_is_sent_nothing_is_pinged_as_before(watch):
    watch.writes = False
    watch.live(60)
    assert set(watch.pauses) == {5}


@pytest.mark.parametrize("judgement", [None, SLOW, UNKNOWN])
def test_a_client_that_is_not_fine_is_pinged_as_before(watch, judgement):
    watch.client.judgement = judgement
    watch.live(60)
    assert set(watch.pauses) == {5}


def test_a_client_that_somebody_looks_at_is_pinged_as_before(watch):
    watch.collector.looked_at.look([watch.connection.client_id], watch.clock() + 1_000)
    watch.live(60)
    assert set(watch.pauses) == {5}


def test_when_the_kernels_round_trip_leaves_the_pings_a_ping_goes_out_with_the_next_turn():
    watch = believed()
    watch.kernel, watch.ping_ms = watch.kernel._replace(rtt_ms=60.0), 250.0
    before = len(watch.pinged_at)
    read_signals(watch.collector, watch.connection.client_id)
    watch.live(1)
    assert watch.pinged_at[before:] == [watch.passed]
    assert watch.client.latency_samples.last == 250.0
    # The kernel's average has not followed yet: nobody believes it before it agrees again.
    watch.live(60)
    assert max(watch.pauses[before:]) == 5


def test_a_reading_that_stays_where_the_ping_was_hurries_nothing():
    watch = believed()
    read_signals(watch.collector, watch.connection.client_id)
    before = watch.link.pings
    watch.live(1)
    assert watch.link.pings == before


def test_an_unanswered_ping_is_followed_by_others_in_the_usual_period():
    watch = believed()
    watch.answers = False
    watch.live(30)
    before = len(watch.pinged_at)
    watch.live(20)
    assert len(watch.pinged_at) - before == 4


def test_the_latency_holds_while_the_kernel_confirms_it_and_no_longer():
    watch = believed()
    watch.live(24)
    name = watch.connection.client_id
    assert sample(watch).latency_ms.max == 40.0
    assert watch.collector.now.latencies.value(name) == 40.0
    watch.kernel, watch.answers = watch.kernel._replace(last_data_recv_ms=9_000), False
    for _ in range(12):
        watch.live(1)
        sample(watch)
    assert watch.collector.now.latencies.value(name) is None


def sample(watch: Watch):
    return watch.collector.take_sample(watch.clock() - 1, 1.0)


def test_a_client_that_was_renamed_is_pinged_in_its_usual_period():
    watch = believed()
    watch.connection.identify("ann")
    assert watch.collector.now.latencies.value("ann") is None
    watch.live(6)
    assert watch.collector.now.latencies.value("ann") == watch.ping_ms


def test_a_real_socket_s_round_trip_lets_pings_rest_until_it_is_closed(monkeypatch):
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux tells")
    # However slow the machine is.
    monkeypatch.setattr(kernel_watch, "APART_MS", 10_000.0)
    watch = Watch(Watchable.ALL, address="127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        server, _ = listener.accept()
        with server:
            watch.connection.socket = SimpleNamespace(kernel=lambda: tcp_info(server))
            for _ in range(60):
                client.sendall(b"ping")
                server.sendall(server.recv(4))
                client.recv(4)
                watch.live(1)
            assert watch.pauses[-1] == 30
        before = len(watch.pinged_at)
        watch.live(20)
        assert len(watch.pinged_at) - before >= 4


def test_a_clients_own_report_of_a_latency_says_nothing_about_the_kernel(watch):
    for _ in range(3):
        watch.connection.latency(41.0)
    watch.live(20)
    assert watch.pauses == [5, 5]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost", ""])
def test_a_client_of_this_machine_may_come_through_a_proxy(address):
    assert not is_direct({"client": (address, 1)}, Watchable.REMOTE)
    assert is_direct({"client": (address, 1)}, Watchable.ALL)


@pytest.mark.parametrize("header", [b"X-Forwarded-For", b"forwarded", b"via", b"x-real-ip", b"x-amzn-trace-id"])
@pytest.mark.parametrize("watched", list(Watchable))
def test_a_client_with_a_header_of_a_proxy_comes_through_one(header, watched):
    assert not is_direct({"client": ("192.0.2.7", 1), "headers": [(header, b"192.0.2.8")]}, watched)


def test_a_client_of_another_machine_is_direct_unless_the_watch_is_off():
    assert is_direct({"client": ("192.0.2.7", 1), "headers": [(b"host", b"here")]}, Watchable.REMOTE)
    assert not is_direct({"client": ("192.0.2.7", 1)}, Watchable.NONE)
    assert not is_direct({"client": None}, Watchable.REMOTE)


def test_an_application_that_asks_its_clients_asks_as_before():
    watch = Watch()
    asked = SimpleNamespace(ping=lambda: None)
    watch.link.measures = False
    connection = Connection({"client": ["192.0.2.7", 1], LINK_KEY: watch.link}, watch.collector, watch.heartbeat)
    connection.pinged_by(asked)
    assert connection.watched is None


def test_trouble_with_its_frequent_pings_weighs_no_more_in_a_session_than_it_lasted():
    watch = Watch()
    watch.live(240)
    watch.client.judgement, watch.ping_ms = SLOW, 400.0
    watch.kernel = watch.kernel._replace(rtt_ms=401.0)
    for _ in range(60):
        watch.connection.ping_soon()
        watch.live(1)
    watch.connection.gone()
    session = watch.collector.sessions.take()[-1]
    assert session.latency_average_ms == pytest.approx((240 * 40 + 60 * 400) / 300, rel=0.02)
    assert Sketch.decode(session.latency_sketch).quantile(0.5) == pytest.approx(40.0, rel=0.01)


def test_a_session_and_the_minutes_count_round_trips_in_the_same_way(watch):
    readings = Gauge()
    for second in range(300):
        watch.ping_ms = 40.0 + second
        watch.live(1)
        readings += watch.collector.take_sample(second, 1).latency_ms
    watch.collector.remove_client(watch.connection.client_id)
    session = watch.collector.sessions.take()[-1]
    assert session.latency_average_ms == pytest.approx(readings.average, rel=0.01)
    assert Sketch.decode(session.latency_sketch).count == pytest.approx(readings.count, rel=0.02)
