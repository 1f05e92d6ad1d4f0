from __future__ import annotations

from unittest.mock import Mock

import pytest

from monitoring.core.collector import MetricsCollector
from monitoring.core.judging import MOST_IN_TURN, MOST_SUSPECTS, Judging
from monitoring.core.signals import ClientSignals
from monitoring.core.verdicts import Verdict
from tests.fakes import FakeClock, FakeProbe


class Readings:
    """Gives what a test says of a client, and notes whom it was asked about."""

    def __init__(self) -> None:
        self.signals: dict[str, ClientSignals] = {}
        self.asked: list[str] = []
        self.error: Exception | None = None

    def __call__(self, collector, client_id):
        self.asked.append(client_id)
        if self.error is not None:
            raise self.error
        signals = self.signals.get(client_id, ClientSignals(ping_ms=5.0))
        collector.client_metrics[client_id].signals = signals
        return signals

    def take(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def collector(clock):
    return MetricsCollector(probe=FakeProbe(), clock=clock)


@pytest.fixture
def readings():
    return Readings()


@pytest.fixture
def judging(collector, readings):
    return Judging(collector, readings)


def connect(collector, number):
    for one in range(number):
        collector.track_client_connection(f"client {one}")


def turns(judging, clock, number, seconds=1.0):
    for _ in range(number):
        clock.advance(seconds)
        judging.turn(clock.now)


@pytest.mark.parametrize(("number", "seconds"), [(1, 1.0), (7, 1.0), (100, 1.0), (100, 0.1), (13, 5.0)])
def test_every_client_is_judged_once_in_five_seconds(collector, judging, readings, clock, number, seconds):
    connect(collector, number)
    turns(judging, clock, 1, 5.0)
    readings.take()
    turns(judging, clock, round(20 / seconds), seconds)
    asked = readings.take()
    assert {asked.count(name) for name in collector.client_metrics} <= {3, 4, 5}


def test_a_round_is_spread_over_the_ticks(collector, judging, readings, clock):
    connect(collector, 50)
    turns(judging, clock, 5)
    readings.take()
    turns(judging, clock, 1)
    assert len(readings.take()) == 10


def test_one_tick_judges_no_more_than_it_may(collector, judging, readings, clock):
    connect(collector, 3 * MOST_IN_TURN)
    turns(judging, clock, 1, 5.0)
    turns(judging, clock, 1, 5.0)
    readings.take()
    turns(judging, clock, 1, 5.0)
    assert len(readings.take()) == MOST_IN_TURN


def test_whom_a_viewer_sees_is_judged_at_each_tick(collector, judging, readings, clock):
    connect(collector, 50)
    turns(judging, clock, 6)
    readings.take()
    for _ in range(3):
        collector.verdicts.look_at(["client 7"])
        turns(judging, clock, 1)
    assert readings.take().count("client 7") >= 3


def test_a_slow_round_trip_is_looked_into_at_the_next_tick_and_until_it_is_decided(collector, judging, readings, clock):
    connect(collector, 500)
    turns(judging, clock, 6)
    readings.signals["client 9"] = ClientSignals(ping_ms=800.0)
    collector.track_client_latency("client 9", 800.0)
    turns(judging, clock, 1)
    assert collector.client_metrics["client 9"].judgement.verdict is Verdict.FINE
    readings.signals["client 9"] = ClientSignals(ping_ms=801.0)
    turns(judging, clock, 1)
    assert collector.client_metrics["client 9"].judgement.verdict is Verdict.NETWORK
    readings.take()
    turns(judging, clock, 2)
    assert readings.take().count("client 9") <= 1


def measured(collector, readings, client_id, latency):
    collector.track_client_latency(client_id, latency)
    readings.signals[client_id] = ClientSignals(ping_ms=latency)


def test_while_round_trips_do_not_agree_the_next_ping_comes_soon(collector, judging, readings, clock):
    connect(collector, 2)
    connection = Mock(client_id="client 0")
    collector.connections.add(connection)
    for latency, pings in ((300.0, 1), (310.0, 2), (320.0, 3), (330.0, 3), (340.0, 3)):
        measured(collector, readings, "client 0", latency)
        turns(judging, clock, 1)
        assert connection.ping_soon.call_count == pings
    assert collector.client_metrics["client 0"].judgement.verdict == Verdict.NETWORK


def test_who_talks_and_falls_silent_is_pinged_soon_for_two_seconds(collector, judging, clock):
    connect(collector, 1)
    connection = Mock(client_id="client 0")
    collector.connections.add(connection)
    for _ in range(20):
        clock.advance(0.5)
        collector.track_client_message("client 0", bytes_recv=10)
    for second, pings in enumerate((0, 0, 1, 2, 2, 2)):
        collector.verdicts.look_at(["client 0"])
        judging.turn(clock())
        assert connection.ping_soon.call_count == pings, second
        clock.advance(1.01)


def test_whom_a_viewer_sees_is_pinged_more_often(collector, judging, clock):
    connect(collector, 2)
    seen, unseen = Mock(client_id="client 0"), Mock(client_id="client 1")
    collector.connections.add(seen)
    collector.connections.add(unseen)
    collector.verdicts.look_at(["client 0", "gone"])
    turns(judging, clock, 2)
    assert (seen.ping_often.call_count, unseen.ping_often.call_count) == (1, 0)


def test_who_talks_seldom_is_not_pinged_for_it(collector, judging, clock):
    connect(collector, 1)
    connection = Mock(client_id="client 0")
    collector.connections.add(connection)
    for _ in range(9):
        clock.advance(0.1)
        collector.track_client_message("client 0", 10)
    for _ in range(5):
        collector.verdicts.look_at(["client 0"])
        turns(judging, clock, 1)
    assert not connection.ping_soon.called


def test_the_same_pong_read_again_accuses_nobody(collector, judging, readings, clock):
    connect(collector, 1)
    readings.signals["client 0"] = ClientSignals(ping_ms=800.0)
    turns(judging, clock, 10)
    assert collector.client_metrics["client 0"].judgement.verdict is Verdict.FINE


def test_the_same_report_of_frames_read_again_accuses_nobody(collector, judging, readings, clock):
    connect(collector, 1)
    collector.track_client_rendered_frames("client 0", 5.0, 200.0)
    readings.signals["client 0"] = ClientSignals(ping_ms=5.0, frame_time_ms=200.0)
    turns(judging, clock, 5)
    assert collector.client_metrics["client 0"].judgement.verdict is Verdict.FINE
    clock.advance(1.0)
    collector.track_client_rendered_frames("client 0", 5.0, 200.0)
    turns(judging, clock, 1)
    assert collector.client_metrics["client 0"].judgement.verdict is Verdict.CLIENT_BUSY


def test_suspects_wait_for_their_turn(collector, judging, readings, clock):
    connect(collector, 1_000)
    turns(judging, clock, 6)
    for name in collector.client_metrics:
        collector.verdicts.answered(name, 500.0)
    readings.take()
    turns(judging, clock, 1)
    assert len(readings.take()) <= MOST_SUSPECTS + 1_000 / 5


def test_who_left_is_forgotten(collector, judging, readings, clock):
    connect(collector, 3)
    for name in collector.client_metrics:
        readings.signals[name] = ClientSignals(ping_ms=5.0, loop_lag_ms=500.0)
    turns(judging, clock, 3)
    for name in list(collector.client_metrics):
        collector.remove_client(name)
    turns(judging, clock, 2)
    assert not collector.verdicts.bad
    assert not collector.verdicts.suspects
    assert collector.verdicts.now(0) == {}


def test_an_error_of_one_client_is_counted_and_leaves_the_others(collector, judging, readings, clock):
    connect(collector, 2)
    readings.error = OSError("bad file descriptor")
    turns(judging, clock, 5)
    assert set(readings.take()) == {"client 0", "client 1"}
    assert collector.rescue.errors


def test_each_tick_of_a_monitor_counts_the_verdicts(collector, judging, clock):
    connect(collector, 2)
    turns(judging, clock, 5)
    sample = collector.take_sample(0.0, 1.0)
    assert sample.breakdowns == {"verdicts": {"fine": 2}}
