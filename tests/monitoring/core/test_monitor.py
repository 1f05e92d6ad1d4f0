import asyncio
from types import SimpleNamespace

import pytest

from monitoring.core.alert_rules import Rule
from monitoring.core.monitor import PerformanceMonitor
from monitoring.core.probe import NoProbe
from tests.fakes import FakeSink, fake_monitor, ticked
from tests.waiting import settled, until


class Handler:
    """An operator's own alert handler."""

    def __init__(self, error: Exception | None = None) -> None:
        self.alerts = []
        self.error = error

    def handle_alert(self, alert):
        if self.error is not None:
            raise self.error
        self.alerts.append(alert)


class AsyncHandler(Handler):
    async def handle_alert(self, alert):
        await asyncio.sleep(0)
        super().handle_alert(alert)


def test_a_tick_hands_one_sample_of_the_interval_to_every_sink(monitor, clock):
    monitor.sinks += [FakeSink(), FakeSink()]
    monitor.collector.track_message()
    tick = ticked(monitor, clock)
    assert [sink.ticks for sink in monitor.sinks] == [[tick], [tick]]
    assert (tick.seq, tick.timestamp, tick.sample.messages) == (1, clock.now, 1)
    assert (tick.sample.start, tick.sample.seconds) == (clock.now - 1, 1.0)


def test_a_tick_can_be_given_its_time(monitor, clock):
    clock.advance(1)
    assert monitor.tick(clock.now + 0.25).timestamp == clock.now + 0.25


def test_ticks_are_numbered_and_their_samples_tile_the_time(monitor, clock):
    ticks = [ticked(monitor, clock, seconds) for seconds in (1, 1, 3, 1)]
    assert [tick.seq for tick in ticks] == [1, 2, 3, 4]
    assert [tick.sample.seconds for tick in ticks] == [1, 1, 3, 1]
    ends = [tick.sample.start + tick.sample.seconds for tick in ticks]
    assert [tick.sample.start for tick in ticks[1:]] == ends[:-1]


def test_it_remembers_the_last_sixty_ticks(monitor, clock):
    for _ in range(70):
        ticked(monitor, clock)
    assert len(monitor.history) == 60


def test_a_sink_that_raises_does_not_stop_the_others(monitor, clock):
    monitor.sinks += [FakeSink(RuntimeError("broken")), FakeSink()]
    ticked(monitor, clock)
    assert len(monitor.sinks[1].ticks) == 1
    assert monitor.collector.rescue.errors == 1


def test_an_unreadable_host_does_not_stop_the_tick(monitor, probe, clock):
    probe.error = OSError("no /proc")
    tick = ticked(monitor, clock)
    assert tick.system.cpu_percent is None
    assert tick.server.errors == 1


def test_sessions_are_handed_over_once(monitor, clock):
    monitor.collector.track_client_connection("ada")
    assert [record.client_id for record in ticked(monitor, clock).sessions] == ["ada"]
    assert ticked(monitor, clock).sessions == []


# Alerts


def test_a_breach_is_one_change_and_appears_in_every_frame(monitor, probe, clock):
    probe.set(cpu_percent=85.3)
    assert [alert.message for alert in ticked(monitor, clock).alerts] == ["High CPU usage: 85.3%"]
    assert ticked(monitor, clock).alerts == []
    (alert,) = monitor.get_current_metrics()["alerts"]
    assert (alert["metric"], alert["subject"], alert["severity"]) == ("cpu_percent", monitor.host, "warning")


def test_memory_and_latency_are_watched_too(monitor, probe, clock):
    probe.set(memory_percent=90.0)
    monitor.collector.track_client_latency("ada", 150.0)
    firing = {alert.metric: alert.subject for alert in ticked(monitor, clock).alerts}
    assert firing == {"memory_percent": monitor.host, "latency_ms": "n1"}


def test_a_silent_client_is_stale_after_sixty_seconds_until_it_speaks(monitor, clock):
    monitor.collector.track_client_connection("ada")
    assert ticked(monitor, clock, 60).alerts == []
    (alert,) = ticked(monitor, clock).alerts
    assert (alert.subject, alert.severity, alert.message) == ("ada", "info", "Stale client: ada inactive for 61s")
    monitor.collector.track_client_message("ada", bytes_recv=1)
    assert [change.state for change in ticked(monitor, clock).alerts] == ["resolved"]


def test_a_stale_client_that_leaves_ends_its_alert(monitor, clock):
    monitor.collector.track_client_connection("ada")
    ticked(monitor, clock, 61)
    monitor.collector.remove_client("ada")
    assert [change.state for change in ticked(monitor, clock).alerts] == ["resolved"]


def test_an_alert_handler_is_called_when_an_alert_begins(monitor, probe, clock):
    monitor.alert_handler = Handler()
    for cpu in (90.0, 95.0, *[10.0] * 6):
        probe.set(cpu_percent=cpu)
        ticked(monitor, clock)
    (alert,) = monitor.alert_handler.alerts
    assert (alert["type"], alert["value"], alert["threshold"]) == ("performance_alert", 90.0, 80.0)


async def test_an_alert_handler_may_be_asynchronous(monitor, probe, clock):
    monitor.alert_handler = AsyncHandler()
    probe.set(cpu_percent=90.0)
    ticked(monitor, clock)
    await settled()
    assert [alert["metric"] for alert in monitor.alert_handler.alerts] == ["cpu_percent"]


@pytest.mark.parametrize("kind", [Handler, AsyncHandler])
async def test_an_alert_handler_that_raises_is_counted_and_affects_nothing(monitor, probe, clock, kind):
    monitor.alert_handler = kind(RuntimeError("broken"))
    probe.set(cpu_percent=90.0)
    ticked(monitor, clock)
    await until(lambda: monitor.collector.rescue.errors == 1)


# Running


async def test_it_runs_from_start_to_stop(monitor):
    assert not monitor.is_running
    await monitor.start()
    assert monitor.is_running
    monitor.stop()
    assert not monitor.is_running


async def test_starting_twice_is_the_same_as_once(monitor):
    await monitor.start()
    task = monitor._task
    await monitor.start()
    assert monitor._task is task
    monitor.stop()


async def test_it_can_be_started_again(monitor):
    for _ in range(2):
        await monitor.start()
        monitor.stop()
    await monitor.start()
    assert monitor.is_running
    monitor.stop()


async def test_stopping_hands_over_the_counts_since_the_last_tick(monitor):
    sink = FakeSink()
    monitor.sinks.append(sink)
    await monitor.start()
    monitor.collector.track_message()
    monitor.stop()
    monitor.stop()
    assert [tick.sample.messages for tick in sink.ticks] == [1]


async def test_stopping_ends_all_alerts_even_if_their_causes_last(monitor, probe, clock):
    sink = FakeSink()
    monitor.sinks.append(sink)
    await monitor.start()
    probe.set(cpu_percent=95.0)
    ticked(monitor, clock)
    monitor.stop()
    assert [[change.state for change in tick.alerts] for tick in sink.ticks] == [["firing"], ["resolved"]]
    assert monitor.alerts.firing == {}


async def test_the_loop_ticks_once_an_interval_and_survives_a_failing_tick():
    monitor = PerformanceMonitor(metrics_interval=0.1, enable_system_metrics=False)
    ticks = asyncio.Event()
    monitor.alerts.take_changes = failing_once(monitor.alerts.take_changes, then=ticks)
    await monitor.start()
    await asyncio.wait_for(ticks.wait(), 2)
    monitor.stop()
    assert monitor.collector.rescue.errors == 1


def failing_once(function, then: asyncio.Event):
    calls = iter([RuntimeError("broken")])

    def call():
        error = next(calls, None)
        if error is not None:
            raise error
        then.set()
        return function()

    return call


# Configuration


@pytest.mark.parametrize("interval", [0, 0.09, 61, -1, float("nan")])
def test_an_invalid_interval_raises_and_says_what_is_allowed(interval):
    with pytest.raises(ValueError, match=r"metrics_interval=.*must be 0.1 to 60.0 s"):
        PerformanceMonitor(metrics_interval=interval)


@pytest.mark.parametrize("budget", [-1.0, 0.0, 100.1, float("nan")])
def test_an_impossible_budget_is_refused(budget):
    with pytest.raises(ValueError, match=rf"^cpu_budget={budget}: must be 0.01 to 100.0 percent of a core$"):
        PerformanceMonitor(cpu_budget=budget)


def test_an_unknown_threshold_raises():
    with pytest.raises(ValueError, match="unknown cpu"):
        PerformanceMonitor(alert_thresholds={"cpu": 90.0})


def test_thresholds_replace_the_defaults(probe, clock):
    monitor = fake_monitor(clock, probe, alert_thresholds={"cpu_percent": 90.0})
    probe.set(cpu_percent=85.0)
    assert ticked(monitor, clock).alerts == []


def test_system_metrics_can_be_switched_off():
    monitor = PerformanceMonitor(enable_system_metrics=False)
    assert isinstance(monitor.collector._host.probe, NoProbe)
    assert monitor.get_current_metrics()["system"]["cpu_percent"] is None


def test_client_metrics_can_be_switched_off():
    monitor = PerformanceMonitor(enable_client_metrics=False)
    monitor.collector.track_client_connection("ada")
    metrics = monitor.get_current_metrics()
    assert metrics["clients"] == []
    assert metrics["server"]["active_connections"] == 1


def test_a_new_boot_has_a_new_name():
    assert PerformanceMonitor().boot != PerformanceMonitor().boot


# Reading


def test_current_metrics_are_up_to_date(monitor, clock):
    monitor.collector.track_client_connection("ada")
    clock.advance(90.5)
    monitor.collector.track_message()
    metrics = monitor.get_current_metrics()
    assert metrics["type"] == "metrics"
    assert metrics["timestamp"] == clock.now
    assert metrics["server"]["total_messages"] == 1
    assert metrics["clients"][0]["connection_duration"] == 90.5


def test_reading_current_metrics_takes_nothing_from_the_next_sample(monitor, clock):
    monitor.collector.track_message()
    monitor.get_current_metrics()
    assert ticked(monitor, clock).sample.messages == 1


def test_it_watches_additional_values(clock, monitor):
    rule = Rule("queue_length", 10.0, 10.0, "warning", "Queue: {value:.0f}", keep_firing_seconds=0.0)
    readings = iter([None, 11.0, 12.0, 10.0])
    monitor.watch(rule, "web", lambda: next(readings))
    states = [[(one.subject, one.state, one.peak) for one in ticked(monitor, clock).alerts] for _ in range(4)]
    assert states == [[], [("web", "firing", 11.0)], [], [("web", "resolved", 12.0)]]


def test_an_unreadable_value_is_counted_and_the_tick_goes_on(clock, monitor):
    def unreadable():
        raise RuntimeError

    monitor.watch(Rule("queue_length", 10.0, 10.0, "warning", "Queue"), "web", unreadable)
    assert ticked(monitor, clock).seq == 1
    assert monitor.collector.rescue.errors == 1


def test_an_alert_on_a_value_that_can_no_longer_be_read_does_not_fire_forever(clock, monitor):
    readings = iter([11.0])
    monitor.watch(Rule("queue_length", 10.0, 10.0, "warning", "Queue", no_data_seconds=3.0), "web", readings.__next__)
    ended = [one.ended for _ in range(6) for one in ticked(monitor, clock).alerts if one.state == "resolved"]
    assert ended == ["not measured"]


def test_a_latency_alert_ends_within_five_seconds_after_the_last_client_left(clock, monitor):
    monitor.collector.track_client_connection("ada")
    monitor.collector.track_client_latency("ada", 500.0)
    assert [one.state for one in ticked(monitor, clock).alerts] == ["firing"]
    monitor.collector.remove_client("ada")
    states = [[(one.state, one.ended) for one in ticked(monitor, clock).alerts] for _ in range(5)]
    assert states == [[], [], [], [], [("resolved", "client gone")]]


def test_a_latency_alert_continues_for_a_minute_while_clients_do_not_answer(clock, monitor):
    monitor.collector.track_client_connection("ada")
    monitor.collector.track_client_latency("ada", 500.0)
    ticked(monitor, clock)
    ticks = [ticked(monitor, clock) for _ in range(70)]
    ended = [(n, one.ended) for n, tick in enumerate(ticks) for one in tick.alerts if one.metric == "latency_ms"]
    assert ended == [(69, "not measured")]


def test_a_latency_reported_without_a_connected_client_still_fires(clock, monitor):
    monitor.collector.track_client_latency("ada", 500.0)
    assert [one.metric for one in ticked(monitor, clock).alerts] == ["latency_ms"]


def test_peaks_are_separate_from_transitions(clock, probe, monitor):
    values = iter([90.0, 91.0, 92.0, 93.0, 94.0, 95.0])
    rule = Rule("queue_length", 10.0, 10.0, "warning", "Queue")
    monitor.watch(rule, "web", values.__next__)
    ticks = [ticked(monitor, clock) for _ in range(6)]
    assert [len(tick.alerts) for tick in ticks] == [1, 0, 0, 0, 0, 0]
    assert [[one.peak for one in tick.peaks] for tick in ticks] == [[], [], [], [], [], [95.0]]


def test_an_alert_is_handled_once_even_if_its_peak_grows(clock, monitor):
    handled = []
    monitor.alert_handler = SimpleNamespace(handle_alert=handled.append)
    values = iter(range(90, 200))
    monitor.watch(Rule("queue_length", 10.0, 10.0, "warning", "Queue"), "web", lambda: float(next(values)))
    for _ in range(20):
        ticked(monitor, clock)
    assert [(one["value"], one["current"], one["peak"]) for one in handled] == [(90.0, 90.0, 90.0)]
