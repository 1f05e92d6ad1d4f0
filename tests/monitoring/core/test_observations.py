from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.core.alert_rules import STORE_LAG, AlertScope, Comparison, NoData, Rule
from monitoring.core.alert_state import AlertState, step
from monitoring.core.alert_values import observation_of
from monitoring.core.records import AlertRecord, Batch, decode, encode
from monitoring.core.stats.sample import Sample
from tests.fakes import FakeClock, FakeProbe, FakeSink, fake_monitor, ticked

QUEUE = Rule("queue", 10.0, 8.0, "warning", "{value:.0f} wait", keep_firing_seconds=0.0)


def changes(ticks) -> list[tuple]:
    return [(one.state, one.rule, one.subject, one.at) for tick in ticks for one in tick.alerts]


# A replay of the samples decides as the node did


@st.composite
def rules(draw) -> Rule:
    scope, metrics = draw(
        st.sampled_from(
            [
                (AlertScope.HOST, ("cpu_percent", "memory_percent")),
                (
                    AlertScope.NODE,
                    ("latency_ms", "p95_latency_ms", "connections", "messages_per_second", "queue", "fps"),
                ),
            ]
        )
    )
    metric = draw(st.sampled_from(metrics))
    shares = metric in ("latency_ms", "fps") and draw(st.booleans())
    comparison = draw(st.sampled_from(Comparison))
    threshold, margin = draw(st.floats(1, 90)), draw(st.floats(0, 10))
    above = shares or comparison is Comparison.ABOVE
    return Rule(
        metric,
        threshold,
        threshold - margin if above else threshold + margin,
        draw(st.sampled_from(["critical", "warning", "info"])),
        "{value}",
        name=draw(st.sampled_from(["a", "b", "c", ""])),
        scope=scope,
        comparison=comparison,
        each_threshold=draw(st.floats(1, 90)) if shares else None,
        for_seconds=float(draw(st.integers(0, 6))),
        keep_firing_seconds=float(draw(st.integers(0, 6))),
        no_data=draw(st.sampled_from(NoData)),
        no_data_seconds=float(draw(st.integers(0, 8))),
    )


class Second(msgspec.Struct):
    """What happens within one interval."""

    passes: float
    cpu: float | None
    queue: float | None
    latencies: list[float]
    fps: list[float]
    comes: bool
    goes: bool
    jump: float


known = st.one_of(st.none(), st.floats(0, 100), st.sampled_from([0.0, 100.0]))
few = st.lists(st.floats(1, 100), max_size=3)
seconds = st.builds(
    Second,
    passes=st.sampled_from([1.0] * 9 + [2.0, 7.0, 45.0]),
    cpu=known,
    queue=known,
    latencies=few,
    fps=few,
    comes=st.booleans(),
    goes=st.booleans(),
    jump=st.sampled_from([0.0] * 9 + [3_600.0, -3_600.0]),
)


class Walls:
    """A wall clock beside the steady one; it can be set."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.ahead = clock, 0.0

    def __call__(self) -> float:
        return self.clock() + self.ahead


def lived_through(rules: list[Rule], happenings: list[Second]):
    """The ticks of a monitor with these rules."""
    clock, probe, sink = FakeClock(), FakeProbe(), FakeSink()
    walls = Walls(clock)
    monitor = fake_monitor(clock, probe, stamps=walls)
    monitor.sinks.append(sink)
    queue: list[float | None] = [None]
    monitor.gauge("queue", lambda: queue[0])
    monitor.alerts.use(rules)
    for number, second in enumerate(happenings):
        probe.set(cpu_percent=second.cpu, memory_percent=second.cpu)
        queue[0] = second.queue
        if second.comes:
            monitor.collector.track_client_connection(f"c{number}")
        if second.goes and monitor.collector.client_metrics:
            monitor.collector.remove_client(next(iter(monitor.collector.client_metrics)))
        for name, latency in zip(monitor.collector.client_metrics, second.latencies, strict=False):
            monitor.collector.track_client_latency(name, latency)
            monitor.collector.track_message()
        for name, fps in zip(monitor.collector.client_metrics, second.fps, strict=False):
            monitor.collector.track_client_rendered_frames(name, fps, 1_000 / fps)
        walls.ahead += second.jump
        clock.advance(second.passes)
        monitor.tick()
    return sink.ticks


def replayed(rule: Rule, samples: list[tuple[Sample, float]]) -> list[tuple]:
    """The transitions of one rule by these samples, each with the seconds by which the clock was set before it."""
    state, found = AlertState(), []
    for sample, jumped in samples:
        state = state.moved(jumped) if jumped else state
        observation = observation_of(rule, sample)
        if observation is None:
            continue
        before, state = state, step(state, observation, rule, sample.until)
        if state.fires != before.fires:
            name = "firing" if state.fires else "resolved"
            found.append((name, sample.until, state.ended if not state.fires else "", state.peak, state.flapping))
    return found


@settings(max_examples=60)
@given(st.lists(rules(), min_size=1, max_size=4), st.lists(seconds, max_size=80))
def test_live_transitions_are_those_of_a_replay_of_the_samples(rules, happenings):
    ticks = lived_through(rules, happenings)
    # As they arrive in the journal.
    batch = Batch("n1", "boot", "h", 1, [tick.sample for tick in ticks], alerts=[a for t in ticks for a in t.alerts])
    arrived = decode(encode(batch))
    samples = list(zip(arrived.samples, [tick.jumped for tick in ticks], strict=True))
    for rule in {rule.key: rule for rule in rules}.values():
        live = [
            (one.state, one.at, one.ended, one.peak, one.flapping) for one in arrived.alerts if one.rule == rule.key
        ]
        assert live == replayed(rule, samples)


def test_a_record_of_an_older_release_is_about_its_metric():
    told = {"metric": "cpu_percent", "subject": "h", "state": "firing", "at": 1.0, "severity": "warning"}
    old = msgspec.convert({**told, "message": "x", "value": 1.0, "threshold": 1.0, "peak": 1.0}, AlertRecord)
    assert old.key == ("cpu_percent", "h")


# What is watched besides the sample


def test_a_watched_value_that_cannot_be_read_is_an_error_and_counted(monitor, clock):
    def fails() -> float:
        raise OSError("gone")

    monitor.watch(replace(QUEUE, no_data=NoData.FIRE, no_data_seconds=2.0), "web", fails)
    ticks = [ticked(monitor, clock) for _ in range(4)]
    (alert,) = [alert for tick in ticks for alert in tick.alerts]
    assert (alert.reason, alert.value, alert.message) == ("error", 2.0, "queue of web could not be read since 2s")
    assert monitor.collector.rescue.errors == 4


def test_a_rule_may_be_about_a_gauge_of_the_project(monitor, clock):
    values = iter([5.0, 11.0, 7.0])
    monitor.gauge("queue", lambda: next(values))
    monitor.alerts.use([QUEUE])
    ticks = [ticked(monitor, clock) for _ in range(3)]
    assert [change[:3] for change in changes(ticks)] == [("firing", "queue", "n1"), ("resolved", "queue", "n1")]


def test_a_rule_about_a_gauge_that_this_node_does_not_have_says_nothing(monitor, clock):
    monitor.alerts.use([replace(QUEUE, no_data=NoData.FIRE, no_data_seconds=1.0)])
    assert changes(ticked(monitor, clock) for _ in range(5)) == []


def test_another_rule_about_a_watched_value_has_its_subject(monitor, clock):
    monitor.watch(QUEUE, "orders", lambda: 50.0)
    worse = replace(QUEUE, name="very_long_queue", threshold=40.0, exit_threshold=30.0)
    monitor.alerts.use([worse])
    assert [change[:3] for change in changes([ticked(monitor, clock)])] == [
        ("firing", "queue", "orders"), ("firing", "very_long_queue", "orders"),
    ]  # fmt: skip


def test_two_rules_about_one_metric_fire_each_for_itself(monitor, clock, probe):
    cpu = monitor.alerts.rules["cpu_percent"]
    critical = replace(cpu, name="cpu_critical", threshold=95.0, exit_threshold=90.0, severity="critical")
    monitor.alerts.use([cpu, critical])
    seen = []
    for value in (85.0, 99.0):
        probe.set(cpu_percent=value)
        seen.append([(one.rule, one.severity) for one in ticked(monitor, clock).alerts])
    assert seen == [[("cpu_percent", "warning")], [("cpu_critical", "critical")]]
    assert [alert["rule"] for alert in monitor.get_current_metrics()["alerts"]] == ["cpu_critical", "cpu_percent"]


def test_the_journal_s_own_subject_stays_if_a_row_changes_its_rule(monitor, clock):
    monitor.watch(STORE_LAG, "journal", lambda: 20.0)
    monitor.alerts.use([replace(STORE_LAG, threshold=10.0, exit_threshold=5.0)])
    assert [change[:3] for change in changes([ticked(monitor, clock)])] == [("firing", "store_lag_seconds", "journal")]


# The issue's own cases


def test_one_busy_second_a_minute_is_no_alert_if_it_must_last_ten_seconds(monitor, clock, probe):
    monitor.alerts.use([replace(monitor.alerts.rules["cpu_percent"], for_seconds=10.0)])
    ticks = []
    for second in range(600):
        probe.set(cpu_percent=100.0 if second % 60 == 0 else 10.0)
        ticks.append(ticked(monitor, clock))
    assert changes(ticks) == []


@pytest.mark.parametrize(("keep", "episodes"), [(5.0, 1), (0.0, 3)])
def test_a_cpu_that_crosses_the_threshold_every_second_is_one_episode(monitor, clock, probe, keep, episodes):
    monitor.alerts.use([replace(monitor.alerts.rules["cpu_percent"], keep_firing_seconds=keep)])
    ticks = []
    for second in range(600):
        probe.set(cpu_percent=100.0 if second % 2 == 0 else 10.0)
        ticks.append(ticked(monitor, clock))
    assert [change[0] for change in changes(ticks)] == (["firing", "resolved"] * episodes)[:-1]


def test_cpu_at_its_limit_for_ten_minutes_is_one_episode_with_reports_every_five_seconds(monitor, clock, probe):
    probe.set(cpu_percent=100.0)
    ticks = [ticked(monitor, clock) for _ in range(600)]
    assert len(changes(ticks)) == 1
    assert [len(tick.peaks) for tick in ticks].count(1) == 119
    assert max(len(tick.peaks) for tick in ticks) == 1


def test_a_clock_that_is_set_neither_begins_nor_ends_an_alert(clock, probe):
    walls = Walls(clock)
    monitor = fake_monitor(clock, probe, stamps=walls)
    monitor.alerts.use([replace(monitor.alerts.rules["cpu_percent"], for_seconds=10.0)])
    probe.set(cpu_percent=100.0)
    ticks = []
    for second in range(30):
        walls.ahead = {5: 86_400.0, 8: -7_200.0, 20: 0.0}.get(second, walls.ahead)
        ticks.append(ticked(monitor, clock))
    assert [(number, one.state) for number, tick in enumerate(ticks) for one in tick.alerts] == [(10, "firing")]
    (alert,) = monitor.alerts.firing.values()
    assert alert.since == ticks[-1].timestamp - 19
