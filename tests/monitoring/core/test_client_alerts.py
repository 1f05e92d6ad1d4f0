import json
from dataclasses import replace

import pytest

from monitoring.core import client_values
from monitoring.core.alert_rules import AlertScope, Comparison, Rule, default_rules
from monitoring.core.view import View
from tests.fakes import ticked

STALE = "stale_client_seconds"
CROWD = 1_500


def client_rule(metric: str, threshold: float, **more) -> Rule:
    return Rule(
        metric, threshold, threshold, "warning", "{subject}: {value:.0f}", scope=AlertScope.CLIENT,
        keep_firing_seconds=0.0, **more,
    )  # fmt: skip


def connect(monitor, number: int) -> list[str]:
    names = [f"idle-{at}" for at in range(number)]
    for name in names:
        monitor.collector.track_client_connection(name)
    return names


def changes(tick) -> list[tuple[str, str, str]]:
    return [(one.state, one.subject, one.ended) for one in tick.alerts]


def ticks(monitor, clock, number: int) -> list:
    return [ticked(monitor, clock) for _ in range(number)]


@pytest.fixture
def idle_for_a_minute(monitor, clock):
    """Connects so many clients, and lets them be silent for a minute."""

    def connected(number: int) -> list[str]:
        names = connect(monitor, number)
        ticks(monitor, clock, 60)
        return names

    return connected


def test_ten_stale_clients_have_an_alert_each(monitor, clock, idle_for_a_minute):
    names = idle_for_a_minute(10)
    tick = ticked(monitor, clock)
    assert changes(tick) == [("firing", name, "") for name in names]
    assert {(one.rule, one.scope, one.grouped) for one in tick.alerts} == {(STALE, "client", False)}


def test_a_crowd_of_stale_clients_is_one_alert_with_its_number_and_examples(monitor, clock, idle_for_a_minute):
    names = idle_for_a_minute(CROWD)
    (alert,) = ticked(monitor, clock).alerts
    assert (alert.subject, alert.grouped, alert.examples) == ("n1", True, names[:20])
    assert (alert.value, alert.last, alert.peak, alert.threshold) == (1_500.0, 1_500.0, 1_500.0, 60.0)
    assert alert.message == "1500 clients of n1: Silence of a client above 60 s"
    assert monitor.alerts.total == 1


def test_an_eleventh_stale_client_ends_the_alerts_of_the_others_as_grouped(monitor, clock, idle_for_a_minute):
    names = idle_for_a_minute(10)
    ticked(monitor, clock)
    monitor.collector.track_client_connection("late")
    seen = [change for tick in ticks(monitor, clock, 61) for change in changes(tick)]
    assert seen == [("firing", "n1", ""), *[("resolved", name, "grouped") for name in names]]


def test_it_goes_on_until_no_client_is_stale_and_shows_how_the_number_changes(monitor, clock, idle_for_a_minute):
    names = idle_for_a_minute(12)
    ticked(monitor, clock)
    for name in names[:-1]:
        monitor.collector.track_client_message(name)
    reports = [report for tick in ticks(monitor, clock, 5) for report in tick.peaks]
    assert [(one.value, one.last, one.peak, one.examples) for one in reports] == [(12.0, 1.0, 12.0, names[-1:])]
    monitor.collector.track_client_message(names[-1])
    assert changes(ticked(monitor, clock)) == [("resolved", "n1", "")]


def test_it_ends_when_its_clients_have_left(monitor, clock, idle_for_a_minute):
    names = idle_for_a_minute(50)
    ticked(monitor, clock)
    for name in names:
        monitor.collector.remove_client(name)
    assert changes(ticked(monitor, clock)) == [("resolved", "n1", "client gone")]


def test_clients_alone_end_their_alerts_when_they_speak_or_leave(monitor, clock, idle_for_a_minute):
    idle_for_a_minute(2)
    ticked(monitor, clock)
    monitor.collector.track_client_message("idle-0")
    monitor.collector.remove_client("idle-1")
    assert sorted(changes(ticked(monitor, clock))) == [
        ("resolved", "idle-0", ""), ("resolved", "idle-1", "client gone"),
    ]  # fmt: skip


def test_a_frame_shows_a_crowd_and_the_cpu_beside_it(monitor, clock, probe, idle_for_a_minute):
    idle_for_a_minute(CROWD)
    probe.set(cpu_percent=95.0)
    ticked(monitor, clock)
    frame = monitor.get_current_metrics()
    assert [alert["metric"] for alert in frame["alerts"]] == ["cpu_percent", STALE]
    assert frame["alerts_total"] == 2
    assert frame["alerts"][1]["count"] == CROWD
    assert len(frame["alerts"][1]["examples"]) == 20


def test_avatars_see_no_other_client(monitor, clock, idle_for_a_minute):
    names = idle_for_a_minute(CROWD)
    tick = ticked(monitor, clock)
    own = monitor.collector.client_metrics[names[0]]
    frame = monitor.reporter.frame([monitor.reporter.report(tick, [])])
    message = json.loads(frame.for_client(own, monitor.collector.clock(), "n1").payload)
    assert (message["alerts"], message["alerts_total"]) == ([], 0)


def test_a_crowd_makes_a_frame_little_larger(monitor, clock):
    connect(monitor, CROWD)
    view = View(limit=1)

    def size() -> int:
        return len(
            monitor.reporter.frame([monitor.reporter.report(ticked(monitor, clock), [view])]).for_view(view).payload
        )

    before = size()
    ticks(monitor, clock, 61)
    assert size() < before + 1_024


def test_a_rule_that_takes_time_counts_the_crowd_only_then(monitor, clock):
    rule = client_rule("latency_ms", 100.0, for_seconds=3.0)
    monitor.alerts.use([rule])
    seen = []
    for second in range(5):
        for name in connect(monitor, 30) if second == 0 else list(monitor.collector.client_metrics):
            monitor.collector.track_client_latency(name, 500.0)
        seen += [(second, *change) for change in changes(ticked(monitor, clock))]
    assert seen == [(3, "firing", "n1", "")]


@pytest.mark.parametrize(
    ("rule", "report", "value"),
    [
        (client_rule("latency_ms", 100.0), lambda c: c.track_client_latency("ada", 150.0), 150.0),
        (client_rule("average_latency_ms", 100.0), lambda c: c.track_client_latency("ada", 150.0), 150.0),
        (client_rule("p95_latency_ms", 100.0), lambda c: c.track_client_latency("ada", 150.0), 150.0),
        (
            client_rule("fps", 30.0, comparison=Comparison.BELOW),
            lambda c: c.track_client_rendered_frames("ada", 20.0, 50.0),
            20.0,
        ),
        (client_rule("frame_time_ms", 40.0), lambda c: c.track_client_rendered_frames("ada", 20.0, 50.0), 50.0),
    ],
)
def test_a_rule_may_be_about_what_a_client_measures(monitor, clock, rule, report, value):
    monitor.alerts.use([rule])
    for name in ("ada", "bob"):
        monitor.collector.track_client_connection(name)
    assert ticked(monitor, clock).alerts == []
    report(monitor.collector)
    (alert,) = ticked(monitor, clock).alerts
    assert (alert.subject, alert.value, alert.metric) == ("ada", value, rule.metric)


def test_a_slow_session_is_one_with_many_slow_frames(monitor, clock):
    monitor.alerts.use([client_rule("slow_frames_percent", 25.0)])
    monitor.collector.track_client_connection("ada")
    seen = []
    for slow in (0, 50, 51, 0):
        monitor.collector.track_client_rendered_frames("ada", 40.0, 25.0, long_frames=slow)
        seen += [(slow, one.state, one.value) for one in ticks(monitor, clock, 5)[0].alerts]
    assert seen == [(51, "firing", 25.5), (0, "resolved", 25.5)]


def test_a_rule_may_be_about_what_explains_a_client(monitor, clock):
    monitor.alerts.use([client_rule("verdict_network_percent", 50.0, for_seconds=2.0)])
    (name,) = connect(monitor, 1)
    for latency in (900.0, 901.0):
        monitor.collector.track_client_latency(name, latency)
        ticked(monitor, clock)
    found = [change for tick in ticks(monitor, clock, 4) for change in changes(tick)]
    assert found == [("firing", name, "")]


def test_a_hidden_client_is_no_slow_one(monitor, clock):
    monitor.alerts.use([client_rule("fps", 30.0, comparison=Comparison.BELOW)])
    monitor.collector.track_client_connection("ada")
    monitor.collector.track_client_rendered_frames("ada", 60.0, 16.0)
    ticked(monitor, clock)
    monitor.collector.track_client_rendered_frames("ada", 1.0, 1000.0, hidden=True)
    assert ticks(monitor, clock, 3)[-1].alerts == []


def test_clients_beyond_a_tick_s_turn_are_found_in_the_next_ones(monitor, clock, monkeypatch):
    monkeypatch.setattr(client_values, "LOOKED_AT", 10)
    monitor.alerts.use([client_rule("average_latency_ms", 100.0)])
    for name in connect(monitor, 25):
        monitor.collector.track_client_latency(name, 500.0)
    found = [[(one.value, one.last) for one in tick.alerts + tick.peaks] for tick in ticks(monitor, clock, 8)]
    assert [len(tick) for tick in found[:2]] == [10, 11]
    assert found[1][0] == (20.0, 20.0)
    assert found[6] == [(20.0, 25.0)]
    for name in list(monitor.collector.client_metrics):
        monitor.collector.remove_client(name)
    assert changes(ticked(monitor, clock)) == [("resolved", "n1", "client gone")]


def test_a_client_that_becomes_stale_again_and_again_is_flapping(monitor, clock):
    monitor.alerts.use([replace(default_rules({})[STALE], threshold=5.0, exit_threshold=5.0)])
    monitor.collector.track_client_connection("ada")
    fired = []
    for _ in range(4):
        fired += [one.flapping for tick in ticks(monitor, clock, 10) for one in tick.alerts if one.state == "firing"]
        monitor.collector.track_client_message("ada")
    assert fired == [False, False, True]
    assert monitor.alerts.firing[STALE, "ada"].flapping


def test_after_a_pause_of_the_whole_process_nobody_is_taken_for_silent(monitor, clock):
    connect(monitor, 50)
    ticked(monitor, clock)
    clock.advance(300)
    assert [tick.alerts for tick in ticks(monitor, clock, 61)] == [[]] * 61
    assert len(ticks(monitor, clock, 1)[0].alerts) == 1


def test_a_rule_that_is_switched_off_ends_its_alerts_and_may_come_back(monitor, clock, idle_for_a_minute):
    idle_for_a_minute(2)
    ticked(monitor, clock)
    rules = list(monitor.alerts.rules.values())
    monitor.alerts.use([])
    assert {change[2] for change in changes(ticked(monitor, clock))} == {"rule changed"}
    monitor.alerts.use(rules)
    assert [change[0] for change in changes(ticked(monitor, clock))] == ["firing", "firing"]


def test_what_was_found_for_one_metric_says_nothing_of_another(monitor, clock, monkeypatch):
    monkeypatch.setattr(client_values, "LOOKED_AT", 15)
    rule = client_rule("average_latency_ms", 100.0, name="slow")
    monitor.alerts.use([rule])
    for name in connect(monitor, 45):
        monitor.collector.track_client_latency(name, 500.0)
    ticks(monitor, clock, 3)
    monitor.alerts.use([replace(rule, metric="slow_frames_percent")])
    assert changes(ticked(monitor, clock)) == [("resolved", "n1", "rule changed")]
    assert [tick.alerts for tick in ticks(monitor, clock, 3)] == [[]] * 3
