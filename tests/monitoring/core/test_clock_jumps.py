"""A wall clock that is set while a node runs: what viewers and the journal receive."""

import json

import pytest

from monitoring.core.alert_state import Observation
from monitoring.core.records import decode, encode
from monitoring.core.view import View
from monitoring.journal.batcher import Batcher
from tests.fakes import FakeClock, FakeProbe, FakeViewer, MetricsCollector, PerformanceMonitor, hub_of

DAY = 86_400.0
START = 1_700_000_040.0


class Clocks:
    """A wall clock and a monotonic one that agree until the wall clock is set."""

    def __init__(self) -> None:
        self.wall, self.steady = FakeClock(START), FakeClock(START)

    def advance(self, seconds: float = 1.0, *, jump: float = 0.0) -> None:
        self.steady.advance(seconds)
        self.wall.advance(seconds + jump)


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def monitor(clocks):
    collector = MetricsCollector(probe=FakeProbe(), clock=clocks.steady)
    return PerformanceMonitor(collector=collector, stamps=clocks.wall, node="n1")


def tick(monitor, clocks, seconds=1.0, *, jump=0.0):
    clocks.advance(seconds, jump=jump)
    return monitor.tick()


def test_a_new_client_is_not_two_days_old_after_the_clock_was_set_ahead(monitor, clocks):
    tick(monitor, clocks)
    tick(monitor, clocks, jump=2 * DAY)
    monitor.collector.track_client_connection("ada")
    clocks.advance(3.0)
    one = monitor.tick()
    (client,) = monitor.reporter.frame([monitor.reporter.report(one, [View()])]).as_dict(View())["clients"]
    assert client["connected_at"] == one.timestamp - 3
    assert (client["last_message_time"], client["connection_duration"]) == (one.timestamp - 3, 3.0)
    assert one.alerts == []


def test_existing_stamps_move_with_the_clock(monitor, clocks):
    monitor.collector.track_client_connection("ada")
    viewer, hub = FakeViewer(), hub_of(monitor)
    monitor.sinks.append(hub)
    hub.join(viewer)
    monitor.alerts.observe("latency_ms", "n1", Observation(500.0), clocks.wall())
    for _ in range(3):
        tick(monitor, clocks)
    one = tick(monitor, clocks, jump=7_200)
    times = [sample["timestamp"] for sample in json.loads(viewer.histories[-1])["samples"]]
    assert times == [one.timestamp - seconds for seconds in (3, 2, 1)]
    assert json.loads(viewer.histories[-1])["restamped"] is True
    assert [alert.at for alert in monitor.alerts.firing.values()] in ([], [START + 7_200])
    back = tick(monitor, clocks, jump=-7_200)
    assert (one.jumped, back.jumped) == (7_200, -7_200)
    assert back.timestamp == START + 5
    assert [past.report.timestamp for past in hub.past][-2:] == [back.timestamp - 1, back.timestamp]


def test_a_corrected_jump_leaves_the_journal_at_the_right_time(monitor, clocks):
    batcher, batches = Batcher("n1", "boot", "web"), []
    for second in range(30):
        jump = {5: 7_200.0, 20: -7_200.0}.get(second, 0.0)
        if batch := batcher.add(tick(monitor, clocks, jump=jump)):
            batches.append(batch)
    if batch := batcher.close():
        batches.append(batch)
    assert [[jump.seconds for jump in batch.jumps] for batch in batches if batch.jumps] == [[7_200], [-7_200]]
    starts = [sample.start - START for batch in batches for sample in batch.samples]
    assert [start for start in starts if start < 100] == [*range(5), *range(20, 30)]
    assert [start - 7_200 for start in starts if start > 100] == [*range(5, 20)]
    assert all(decode(encode(batch)) == batch for batch in batches)
    for batch in batches:
        assert max(sample.until for sample in batch.samples) - min(sample.start for sample in batch.samples) <= 6
