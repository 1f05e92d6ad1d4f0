from unittest.mock import Mock

import pytest

from monitoring.core import ending
from monitoring.core.collector import MetricsCollector
from monitoring.core.connection import Connection
from monitoring.core.wire.link import RESET, SCOPE_KEY, TOO_LONG
from tests.fakes import FakeClock, FakeLink, FakeProbe

FORWARDED = [(b"x-forwarded-for", b"10.0.0.1")]


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def collector(clock):
    return MetricsCollector(probe=FakeProbe(), clock=clock)


def connected(collector: MetricsCollector, **scope) -> Connection:
    connection = Connection({"path": "/ws/7/", "query_string": b"client_id=ada", **scope}, collector)
    connection.accepted()
    return connection


def ended(collector: MetricsCollector) -> tuple[str, str]:
    """The cause and the error of the last session."""
    record = collector.sessions.take()[-1]
    return record.cause, record.error


def test_an_exception_is_named_and_its_text_is_not_kept(collector):
    connection = connected(collector)
    connection.failed(KeyError("secret"))
    connection.gone()
    assert ended(collector) == ("application_error", "KeyError")


def test_an_exception_that_cannot_be_described_is_the_applications_failure_still(collector, monkeypatch):
    monkeypatch.setattr(ending, "described", Mock(side_effect=ValueError))
    connection = connected(collector)
    connection.failed(KeyError("secret"))
    connection.gone()
    assert ended(collector) == ("application_error", "")


def test_an_exception_after_the_client_has_left_is_none_of_its_cause(collector):
    connection = connected(collector)
    connection.left(1000)
    connection.failed(KeyError("secret"))
    connection.gone()
    assert ended(collector) == ("client_closed", "")


def test_an_application_that_returns_has_closed_the_connection(collector):
    connection = connected(collector)
    connection.returned()
    connection.gone()
    assert ended(collector) == ("application_closed", "")


def test_what_the_server_told_a_send_in_vain_is_read_from_what_it_told_the_application(collector):
    link = FakeLink()
    link.not_received = lambda: {"type": "websocket.disconnect", "code": 1001, "reason": ""}
    connection = connected(collector, **{SCOPE_KEY: link})
    connection.is_unheard = True
    connection.failed(OSError())
    assert (connection.close_code, connection.ended) == (1001, "client closed")


@pytest.mark.parametrize(
    ("dropped", "lost", "told"),
    [
        ("", RESET, "connection lost: reset"),
        ("", "", "connection lost"),
        (TOO_LONG, RESET, "dropped: message too long"),
    ],
)
def test_the_link_says_what_tcp_said_and_what_it_dropped(collector, dropped, lost, told):
    link = FakeLink()
    link.dropped, link.lost = dropped, lost
    connection = connected(collector, **{SCOPE_KEY: link})
    connection.left(1006)
    assert connection.ended == told


def lost_after(collector: MetricsCollector, clock: FakeClock, seconds: float, **scope) -> str:
    connection = connected(collector, **scope)
    clock.advance(seconds)
    connection.left(1006)
    connection.gone()
    return ended(collector)[0]


def test_a_proxy_cut_a_forwarded_connection_that_was_idle_for_a_minute(collector, clock):
    assert lost_after(collector, clock, 60.0, headers=FORWARDED) == "proxy_timeout"
    assert lost_after(collector, clock, 60.0) == "client_lost"
    assert lost_after(collector, clock, 40.0, headers=FORWARDED) == "client_lost"


def test_what_was_sent_to_the_client_keeps_it_from_being_idle(collector, clock):
    connection = connected(collector, headers=FORWARDED)
    clock.advance(40.0)
    collector.take_sample(clock.now, 1.0)
    connection.sent_bytes(10)
    clock.advance(20.0)
    connection.left(1006)
    connection.gone()
    assert ended(collector)[0] == "client_lost"


def test_nothing_is_idle_while_the_server_pings(collector, clock):
    link = FakeLink()
    link.own_ping_seconds = 20.0
    assert lost_after(collector, clock, 60.0, headers=FORWARDED, **{SCOPE_KEY: link}) == "client_lost"
    link.own_ping_seconds = None
    assert lost_after(collector, clock, 60.0, headers=FORWARDED, **{SCOPE_KEY: link}) == "proxy_timeout"


def test_a_client_is_gone_even_if_its_cause_cannot_be_found(collector):
    link = FakeLink()
    link.own_ping_seconds = Mock()  # which cannot be compared
    connection = connected(collector, **{SCOPE_KEY: link})
    connection.left(1006)
    connection.gone()
    assert ended(collector)[0] == "unknown"
    assert collector.active_connections == 0
    assert collector.rescue.errors == 1


def test_departures_are_in_the_next_sample(collector, clock):
    lost_after(collector, clock, 5.0)
    sample = collector.take_sample(clock.now, 1.0)
    assert sample.breakdowns["departures"] == {"client_lost /ws/*/": 1}
    assert sum(sample.breakdowns["departures"].values()) == sample.disconnects
