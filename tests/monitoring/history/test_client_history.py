import itertools
from datetime import datetime

import pytest

from monitoring.columns import timestamp
from monitoring.core.adaptive_interval import MOST_BUDGET
from monitoring.core.step_taker import StepTaker
from monitoring.history import client_history, seconds
from monitoring.history.client_history import ClientHistory, history_of
from monitoring.history.seconds import SecondsUnavailableError
from monitoring.journal import stream
from monitoring.journal.batcher import Batcher
from monitoring.models import ClientSession
from monitoring.storage.rows import store_sessions
from tests.fakes import FakeClock, FakeProbe, fake_monitor
from tests.monitoring.batches import MINUTE, append, batch, sample, session

pytestmark = pytest.mark.django_db
SESSION = "00112233445566778899aabbccddeeff"


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """A process that has read nothing yet."""
    monkeypatch.setattr(seconds, "_readers", {})


class JournalingNode:
    """A node that ticks once a second from the minute's start on, and appends what it measured."""

    def __init__(self, redis, name: str = "web:1") -> None:
        self._redis = redis
        self.clock = FakeClock(MINUTE)
        self.monitor = fake_monitor(self.clock, FakeProbe(), cpu_budget=MOST_BUDGET)
        self.monitor.step_taker = StepTaker(self.monitor.collector)
        self.monitor.sinks.append(self)
        self.collector = self.monitor.collector
        self._batcher = Batcher(name, name, "web")
        self.lost = False

    def publish(self, tick) -> None:
        filled = self._batcher.add(tick)
        if filled is not None and not self.lost:
            append(self._redis, filled, at=tick.timestamp)

    def pass_seconds(self, number: int, received: int = 0) -> None:
        """Each second every client sends `received` messages of 10 bytes and gets one of 100."""
        for _ in range(number):
            self.clock.advance(1)
            for client_id in self.collector.client_metrics:
                for _ in range(received):
                    self.collector.track_client_message(client_id, 0, 10)
                self.collector.track_client_sent(client_id, 100)
            self.monitor.tick(self.clock.now)


@pytest.fixture
def node(redis) -> JournalingNode:
    return JournalingNode(redis)


def at(second: float) -> datetime:
    return timestamp(MINUTE + second)


def read(client_id: str = "ada", start: float = 0, end: float = 600) -> ClientHistory:
    return history_of(client_id, at(start), at(end))


def times(history: ClientHistory) -> list[float]:
    return [round(moment - MINUTE, 1) for moment in history.columns["time"]]


def store(redis) -> None:
    """Stores the sessions of all that the journal holds."""
    store_sessions([stream.unpack(entry.data) for entry in stream.read_after(redis, "0-0")])


def test_a_client_has_a_step_every_ten_seconds_with_what_it_did_in_between(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(35, received=3)
    found = read()
    assert times(found) == [1, 11, 21, 31]
    assert found.columns["seconds"] == [1, 10, 10, 10]
    assert found.columns["messages_received_per_second"] == [3, 3, 3, 3]
    assert found.columns["bytes_received_per_second"] == [30, 30, 30, 30]
    assert found.columns["messages_sent_per_second"] == [1, 1, 1, 1]
    assert found.columns["bytes_sent_per_second"] == [100, 100, 100, 100]
    assert (found.complete, found.step, [row.client_id for row in found.sessions]) == (True, 0, ["ada"])


def test_measurements_and_verdicts_are_those_of_each_step_and_unknown_ones_stay_unknown(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(2)
    node.collector.track_client_latency("ada", 40.0)
    node.pass_seconds(13)
    columns = read().columns
    assert columns["latency_ms"] == [None, pytest.approx(40, rel=0.004)]
    assert columns["kernel_rtt_ms"] == columns["handler_ms"] == columns["fps"] == [None, None]
    assert columns["verdict"][-1] == node.collector.client_metrics["ada"].judgement.verdict


def test_a_client_that_somebody_looked_at_has_a_step_every_second_of_that_time(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(11)
    node.collector.looked_at.look(["ada"], until=node.clock.now + 3)
    node.pass_seconds(9)
    assert times(read()) == [1, 11, 12, 13, 14]


def test_other_clients_steps_are_left_out(node):
    for name in ("ada", "bob", "ada#2"):
        node.collector.track_client_connection(name)
    node.pass_seconds(5)
    assert times(read()) == [1]
    assert times(read("nobody")) == []


def test_a_client_of_a_stored_session_is_found_after_it_left_until_its_very_end(node, redis):
    node.collector.track_client_connection("ada")
    node.pass_seconds(13, received=2)
    node.collector.remove_client("ada")
    node.pass_seconds(7)
    store(redis)
    found = read()
    assert ClientSession.objects.count() == 1
    assert times(found) == [1, 11, 13]
    assert found.columns["messages_received_per_second"] == [2, 2, 2]
    assert found.columns["messages_sent_per_second"] == [1, 1, None]  # sessions do not store how many
    assert found.columns["latency_ms"][-1] is None


def test_a_client_that_reconnected_starts_over(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(13, received=9)
    node.collector.remove_client("ada")
    node.collector.track_client_connection("ada")
    node.pass_seconds(12, received=1)
    columns = read().columns
    assert columns["session"] == [0, 0, 0, 1]
    assert columns["messages_received_per_second"] == [9, 9, 9, 1]


def test_a_renamed_client_keeps_its_whole_session(node):
    node.collector.track_client_connection("guest")
    node.pass_seconds(12)
    collector = node.collector
    client = collector.client_metrics.pop("guest")
    collector.sessions.renamed(client, "ada")
    client.client_id = "ada"
    collector.client_metrics["ada"] = client
    collector.sessions.changed(client)
    node.pass_seconds(13)
    assert times(read()) == [1, 11, 21]
    assert times(read("guest")) == []


def test_of_two_connections_at_once_the_newer_one_counts(redis, node):
    other = JournalingNode(redis, "web:2")
    node.collector.track_client_connection("ada")
    for second in range(25):
        if second == 5:
            other.collector.track_client_connection("ada")
        node.pass_seconds(1, received=1)
        other.pass_seconds(1, received=7)
    found = read()
    assert [row.node for row in found.sessions] == ["web:1", "web:2"]
    assert times(found) == [1, 11, 21]
    assert found.columns["messages_received_per_second"] == [1, 7, 7]


def test_a_lost_batch_makes_a_step_longer_and_falsifies_nothing(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(10, received=1)
    node.lost = True
    node.pass_seconds(10, received=1)
    node.lost = False
    node.pass_seconds(10, received=4)
    columns = read().columns
    assert columns["seconds"] == [1, 20]
    assert columns["messages_received_per_second"] == [1, 1.15]


def test_what_lies_too_far_apart_is_no_step(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(10, received=1)
    node.lost = True
    node.pass_seconds(120, received=1)
    node.lost = False
    node.pass_seconds(20, received=1)
    assert read().columns["seconds"] == [1, None, 10]
    assert read().columns["messages_received_per_second"] == [1, None, 1]


def test_the_first_step_of_a_range_knows_the_one_before_it(node):
    node.collector.track_client_connection("ada")
    node.pass_seconds(40, received=2)
    found = read(start=20)
    assert times(found) == [21, 31]
    assert found.columns["messages_received_per_second"] == [2, 2]
    assert times(read(start=5, end=30)) == [11, 21]


def test_a_batch_that_was_appended_twice_counts_once(redis):
    twice = batch(sample(), sessions=[session(SESSION, messages=1)])
    append(redis, twice, twice, at=MINUTE + 5)
    assert len(history_of("avatar-1", at(0), at(60)).sessions) == 1


def test_bad_steps_and_steps_of_a_later_release_lose_nothing_else(node, redis):
    node.collector.track_client_connection("ada")
    node.pass_seconds(5)
    for number, data in enumerate((b"\1poison", b"\2later", b"\1"), 100):
        append(redis, batch(sample(MINUTE + 6), seq=number, boot="web:1", client_steps=data), at=MINUTE + 6)
    node.pass_seconds(10)
    assert times(read()) == [1, 11]


def test_what_was_reported_with_a_wrong_clock_is_void(node, redis):
    node.collector.track_client_connection("ada")
    node.pass_seconds(15)
    append(redis, batch(sample(MINUTE + 16), seq=99, boot="web:1", renewed=[MINUTE]), at=MINUTE + 16)
    assert times(read()) == []


def test_a_long_range_is_merged_to_a_number_of_points_that_a_chart_can_show(node, monkeypatch):
    monkeypatch.setattr(client_history, "MOST_POINTS", 3)
    node.collector.track_client_connection("ada")
    node.pass_seconds(60, received=2)
    found = read(end=60)
    assert (found.step, times(found)) == (20, [11, 31, 51])
    assert found.columns["seconds"] == [11, 20, 20]
    assert found.columns["messages_received_per_second"] == [2, 2, 2]


def test_reading_ends_in_time_with_the_newest_part_and_says_from_when_on(node, monkeypatch):
    node.collector.track_client_connection("ada")
    node.pass_seconds(1_300)
    clock = itertools.count(0, 3)
    monkeypatch.setattr(client_history, "monotonic", lambda: next(clock))
    found = read(end=1_300)
    assert (found.complete, found.start) == (False, at(700))
    assert times(found)[0] == 701


def test_an_empty_journal_has_nothing(redis):
    assert times(read()) == []


def test_without_redis_it_says_so(settings):
    store_sessions([batch(sessions=[session(SESSION)])])
    settings.REDIS_URL = ""
    with pytest.raises(SecondsUnavailableError, match="REDIS_URL is missing"):
        history_of("avatar-1", at(0), at(60))
