from collections import Counter

import pytest

from monitoring.core.client_steps import ClientStep, decode_steps, encode_steps, key_of_session, steps_of
from monitoring.core.collector import MetricsCollector
from monitoring.core.signals import ClientSignals
from monitoring.core.step_taker import MOST_A_SECOND, StepTaker
from monitoring.core.verdicts import Judgement, Verdict
from tests.fakes import START


@pytest.fixture
def collector(clock, probe) -> MetricsCollector:
    return MetricsCollector(clock=clock, probe=probe)


@pytest.fixture
def taker(collector) -> StepTaker:
    return StepTaker(collector)


def connect(collector, *client_ids: str) -> None:
    for client_id in client_ids:
        collector.track_client_connection(client_id)


def taken(taker, clock, ticks: int = 1, interval: float = 1.0) -> list:
    """The groups of the next ticks."""
    groups = []
    for _ in range(ticks):
        clock.advance(interval)
        groups.append(taker.take(clock.now, clock.now, interval))
    return groups


def sizes(groups) -> list[int]:
    return [0 if group is None else len(group.keys) // 6 for group in groups]


def step_of(collector, client_id: str, groups) -> ClientStep:
    key = key_of_session(collector.sessions.open_ids[client_id])
    (step,) = steps_of(key, decode_steps(encode_steps([group for group in groups if group is not None])))
    return step


def test_few_clients_have_their_step_together_once_in_ten_seconds(collector, taker, clock):
    connect(collector, *map(str, range(12)))
    assert sizes(taken(taker, clock, 20)) == [12, *[0] * 9] * 2


def test_many_clients_are_spread_over_the_ticks_of_ten_seconds(collector, taker, clock):
    connect(collector, *map(str, range(1_000)))
    assert sizes(taken(taker, clock, 20)) == [100] * 20


def test_the_work_of_a_tick_is_bounded_however_many_there_are(collector, taker, clock):
    connect(collector, *map(str, range(10_000)))
    groups = taken(taker, clock, 80)
    assert set(sizes(groups)) == {MOST_A_SECOND}
    turns = Counter(key for group in groups for key in (group.keys[at : at + 6] for at in range(0, len(group.keys), 6)))
    assert set(turns.values()) == {2}
    assert len(turns) == 10_000


@pytest.mark.parametrize(("interval", "expected"), [(0.1, 25), (1.0, 100), (10.0, 1_000), (60.0, 1_000)])
def test_a_round_takes_ten_seconds_whatever_the_interval(collector, taker, clock, interval, expected):
    connect(collector, *map(str, range(1_000)))
    assert sizes(taken(taker, clock, 2, interval)) == [expected] * 2


def test_a_step_says_what_the_client_counted_and_measured(collector, taker, clock):
    connect(collector, "ada")
    collector.track_client_message("ada", bytes_sent=0, bytes_recv=300)
    collector.track_client_sent("ada", 70_000)
    collector.track_client_latency("ada", 25.0)
    collector.track_client_rendered_frames("ada", 60.0, 16.5)
    client = collector.client_metrics["ada"]
    client.signals = ClientSignals(kernel_rtt_ms=21.0, handler_ms=0.5, unsent_bytes=0)
    client.judgement = Judgement(Verdict.NETWORK)
    at, counted, levels, verdict = step_of(collector, "ada", taken(taker, clock))
    assert (at, counted, verdict) == (START + 1, (1, 1, 300, 70_000), "network")
    assert levels == pytest.approx((25.0, 21.0, 0.5, 60.0, 16.5, 0.0), rel=0.004)


def test_what_is_not_known_of_a_client_is_not_known_in_its_step(collector, taker, clock):
    connect(collector, "ada", "bob")
    collector.client_metrics["bob"].signals = ClientSignals(handler_ms=1.0)
    collector.client_metrics["bob"].judgement = Judgement(Verdict.FINE)
    groups = taken(taker, clock)
    assert step_of(collector, "ada", groups)[2:] == ((None,) * 6, None)
    assert step_of(collector, "bob", groups).verdict == "fine"


def test_a_client_that_somebody_looks_at_has_a_step_at_each_tick(collector, taker, clock):
    connect(collector, "ada", "bob")
    taken(taker, clock)
    collector.looked_at.look(["bob", "nobody"], until=clock.now + 3)
    assert sizes(taken(taker, clock, 5)) == [1, 1, 1, 0, 0]


def test_clients_that_left_or_are_not_recorded_have_none(collector, taker, clock):
    connect(collector, *map(str, range(220)))
    taken(taker, clock)
    collector.remove_client("160")
    del collector.sessions.open_ids["161"]
    assert sizes(taken(taker, clock)) == [98]


def test_without_clients_there_is_no_group(taker, clock):
    assert taken(taker, clock, 2) == [None, None]
