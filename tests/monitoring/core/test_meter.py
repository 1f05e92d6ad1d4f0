"""The cost of monitoring: measured, shown in frames, and kept within its budget."""

import asyncio
import json
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.core.client_row import row
from monitoring.core.grid import Grid
from monitoring.core.heartbeat import Heartbeat
from monitoring.core.hub import SENDS_AT_A_TIME
from monitoring.core.message import fleet
from monitoring.core.meter import Cost, CostReading, Meter, merged
from monitoring.core.metrics import ClientMetrics
from monitoring.core.stats.recent import Recent
from monitoring.core.view import View
from tests.fakes import START, FakeClock, FakeViewer, fake_monitor, hub_of, ticked
from tests.waiting import until


class Work:
    """A sink that keeps this thread busy for `cpu_ms`, by its own clock."""

    def __init__(self, cpu_ms: float) -> None:
        self.cpu = FakeClock(0.0)
        self.cpu_ms = cpu_ms
        self.ticks = []

    def publish(self, tick):
        self.ticks.append(tick)
        self.cpu.advance(self.cpu_ms / 1000)


def working(clock: FakeClock, cpu_ms: float, **options):
    """A monitor whose every tick takes this long, and the sink that causes it."""
    work = Work(cpu_ms)
    monitor = fake_monitor(clock, meter=Meter(cpu=work.cpu), **options)
    monitor.sinks.append(work)
    return monitor, work


def run(monitor, clock, ticks: int) -> None:
    """This many ticks, each when the monitor wants it."""
    for _ in range(ticks):
        ticked(monitor, clock, monitor._grid.until_next(clock.now))


# The meter


def test_it_adds_up_the_enclosed_work_until_the_next_turn():
    cpu = FakeClock(0.0)
    meter = Meter(cpu=cpu)
    for seconds in (0.002, 0.003):
        with meter:
            cpu.advance(seconds)
        cpu.advance(1)
    meter.count_broadcast(100)
    meter.count_broadcast(50)
    assert meter.turn() == CostReading(pytest.approx(5.0), 150)
    assert meter.turn() == CostReading()


def test_failing_work_is_measured_too():
    cpu = FakeClock(0.0)
    meter = Meter(cpu=cpu)
    with suppress(RuntimeError), meter:
        cpu.advance(0.001)
        raise RuntimeError("broken")
    assert meter.turn().cpu_ms == pytest.approx(1.0)


def test_the_longest_delay_counts_and_an_early_tick_is_on_time():
    meter = Meter()
    for seconds in (-0.001, 0.004, 0.002):
        meter.loop_came_late(seconds)
    meter.tick_came_late(-0.5)
    assert meter.turn() == CostReading(tick_lag_ms=0.0, loop_lag_ms=pytest.approx(4.0))


def test_unmeasured_values_are_unknown():
    assert Meter().turn() == CostReading(None, 0, None, None)
    assert Cost().as_dict()["cpu_ms"] is None


def test_only_known_costs_of_the_fleet_are_added():
    costs = [Cost().as_dict(), Cost(cpu_ms=2.0, loop_lag_ms=3.0).as_dict()]
    both = merged(costs)
    assert (both["cpu_ms"], both["loop_lag_ms"], both["tick_lag_ms"]) == (2.0, 3.0, None)


def test_a_late_tick_shows_that_the_loop_was_late():
    meter = Meter()
    meter.tick_came_late(0.25)
    assert meter.turn() == CostReading(tick_lag_ms=250.0, loop_lag_ms=250.0)


def test_it_measures_this_threads_cpu():
    meter = Meter()
    with meter:
        sum(range(100_000))
    assert 0 < meter.turn().cpu_ms < 1000


async def test_the_heartbeat_reports_how_late_the_loop_is():
    told = []
    heartbeat = Heartbeat(fake_monitor(FakeClock()).collector.rescue, on_wake=told.append)
    await heartbeat.start()
    await until(lambda: told, seconds=2)
    await heartbeat.stop()
    assert -0.1 < told[0] < 1.0


# In the fleet


def test_the_fleets_work_is_added_and_its_longest_lag_counts():
    one = Cost(1.0, 0.1, 1.0, 5.0, 7.0, 100, 1.0, stretched=False)
    other = Cost(2.5, 0.25, 1.0, 3.0, 9.0, 50, 2.0, stretched=True)
    expected = Cost(3.5, 0.35, 2.0, 5.0, 9.0, 150, 2.0, stretched=True)
    assert merged([one.as_dict(), other.as_dict()]) == expected.as_dict()


def test_two_nodes_reports_are_one_cost(clock):
    reports = []
    for node, cpu_ms in (("n1", 3.0), ("n2", 4.0)):
        monitor, work = working(clock, cpu_ms, node=node)
        run(monitor, clock, 2)
        reports.append(monitor.reporter.report(work.ticks[-1], [View()]))
    server = fleet(reports)
    assert (server["monitor"]["cpu_ms"], server["monitor"]["cpu_percent"]) == (7.0, 0.7)
    del reports[1].server["monitor"]
    assert fleet(reports)["monitor"]["cpu_ms"] == 3.0


# In frames


def test_a_frame_contains_the_cost_of_the_previous_tick(clock):
    monitor, _ = working(clock, 2.5)
    run(monitor, clock, 2)
    frame = monitor.get_current_metrics()
    assert (frame["interval"], frame["stretched"]) == (1.0, False)
    assert frame["server"]["monitor"] == Cost(2.5, 0.25, 1.0, None, None, 0, 1.0).as_dict()


def test_a_subscribed_clients_frames_are_counted_too(monitor, clock):
    hub, texts = hub_of(monitor), []
    monitor.sinks.append(hub)
    monitor.collector.track_client_connection("ada")
    hub.subscribe("ada", lambda message: texts.append(message.text) or True)
    ticked(monitor, clock)
    assert monitor.meter.turn().bytes_broadcast == len(texts[0])


async def test_later_sends_are_measured_with_their_tick(clock):
    cpu = FakeClock(0.0)

    class Slow(FakeViewer):
        def offer_frame(self, frame, seq):
            cpu.advance(0.001)
            return super().offer_frame(frame, seq)

    monitor = fake_monitor(clock, meter=Meter(cpu=cpu))
    hub, viewers = hub_of(monitor), [Slow() for _ in range(2 * SENDS_AT_A_TIME + 1)]
    monitor.sinks.append(hub)
    for viewer in viewers:
        hub.join(viewer)
    ticked(monitor, clock)
    await until(lambda: all(viewer.frames for viewer in viewers))
    assert monitor.meter.turn().cpu_ms == pytest.approx(len(viewers))


async def test_a_running_monitor_measures_how_late_its_ticks_are():
    monitor, work = working(FakeClock(), 1.0)
    monitor._grid.until_next = lambda _: 0.01
    run_loop = asyncio.create_task(monitor._run())
    await until(lambda: len(work.ticks) == 2)
    run_loop.cancel()
    assert 0 < work.ticks[1].cost.tick_lag_ms < 1000
    assert work.ticks[1].cost.loop_lag_ms >= work.ticks[1].cost.tick_lag_ms


# Within the budget


def test_a_monitor_over_its_budget_measures_less_often_and_says_so(clock, caplog):
    monitor, work = working(clock, 15.0)
    hub, viewer = hub_of(monitor), FakeViewer()
    monitor.sinks.append(hub)
    hub.join(viewer)
    run(monitor, clock, 30)
    frames = [json.loads(text) for text in viewer.frames]
    assert [(frame["interval"], frame["stretched"]) for frame in frames[9:12]] == [
        (1.0, False),
        (2.0, True),
        (2.0, True),
    ]
    assert (frames[-1]["server"]["monitor"]["stretched"], frames[-1]["server"]["monitor"]["cpu_percent"]) == (
        True,
        0.75,
    )
    assert "Monitoring takes 1.5 % of a core, over its budget of 1 %: measuring every 2 s, not every 1 s" in caplog.text
    assert {tick.sample.seconds for tick in work.ticks[12:]} == {2.0}


def test_it_recovers_when_the_load_has_fallen(clock):
    monitor, work = working(clock, 35.0)
    run(monitor, clock, 40)
    assert monitor.pace.interval == 4.0
    work.cpu_ms = 1.0
    run(monitor, clock, 40)
    assert (monitor.pace.interval, monitor.pace.stretched) == (1.0, False)


def test_samples_tile_the_time_while_the_interval_changes(clock):
    monitor, work = working(clock, 900.0)
    run(monitor, clock, 60)
    assert monitor.pace.interval == 60.0
    work.cpu_ms = 1.0
    run(monitor, clock, 60)
    samples = [tick.sample for tick in work.ticks]
    ends = [sample.start + sample.seconds for sample in samples]
    assert [sample.start for sample in samples[1:]] == ends[:-1]
    assert all(sample.seconds > 0 for sample in samples)
    assert all(sample.start // 60 == (end - 0.001) // 60 for sample, end in zip(samples, ends, strict=True))


@given(
    st.lists(st.tuples(st.sampled_from([0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 12.0, 20.0, 60.0]), st.floats(0, 0.3))),
    st.floats(0, 100),
)
def test_a_grid_with_a_changing_interval_covers_every_moment_once(changes, offset):
    now = START + offset
    grid, end = Grid(1.0, now, now), None
    for interval, late in changes:
        now += grid.until_next(now) + late * grid.interval
        start, seconds = grid.span(now, now)
        assert end is None or start == pytest.approx(end, abs=0.0021)
        assert 0 <= seconds <= now - start + 0.1
        end = start + seconds
        grid.change(interval)


# Clients' round trips


def test_a_row_shows_the_last_round_trip_and_its_variation():
    client = ClientMetrics("ada", 900.0, latency_samples=Recent([10.0, 14.0, 12.0]))
    shown = row(client, 990.5, "n1")
    assert (shown["latency_ms"], shown["p95_latency_ms"], shown["jitter_ms"]) == (12.0, 14.0, 3.0)


def test_values_that_were_never_measured_are_null():
    shown = row(ClientMetrics("ada", 900.0), 990.5, "n1")
    assert [shown[key] for key in ("latency_ms", "p95_latency_ms", "jitter_ms")] == [None, None, None]
    assert Recent([5.0]).jitter is None


@given(st.lists(st.floats(0, 1000, width=32), min_size=1, max_size=40), st.integers(2, 20))
def test_the_variation_covers_the_values_held(numbers, maxlen):
    recent = Recent(maxlen=maxlen)
    for number in numbers:
        recent.append(number)
        held = list(recent)
        steps = [abs(b - a) for a, b in pairwise(held)]
        assert recent.last == held[-1]
        assert sum(value <= recent.p95 for value in held) >= 0.95 * len(held)
        assert sum(value < recent.p95 for value in held) < 0.95 * len(held)
        assert recent.jitter == (pytest.approx(sum(steps) / len(steps)) if steps else None)
