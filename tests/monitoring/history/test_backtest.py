from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.stats.sketch import Sketch
from monitoring.history import seconds
from monitoring.history.backtest import backtest, from_what, preview
from monitoring.journal import stream
from monitoring.models import Alert
from tests.monitoring.batches import MINUTE, batch, gauge, minute, sample

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)
CPU = Rule("cpu_percent", 80.0, 76.0, "warning", "", for_seconds=10.0, scope=AlertScope.HOST)


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """A process that has read nothing yet."""
    monkeypatch.setattr(seconds, "_readers", {})


def tried(rule: Rule = CPU, minutes: float = 10, **options):
    return backtest(rule, START, START + timedelta(minutes=minutes), **options)


def spans(found) -> list[tuple[str, float, float | None]]:
    """Subject, beginning and end of each episode, in seconds after START."""
    return [(one.subject, one.start - MINUTE, one.end and one.end - MINUTE) for one in found.episodes]


def cpu(*values: float, node: str = "web:1", **more) -> None:
    """A minute with each of these values for all of it."""
    for number, value in enumerate(values):
        minute(MINUTE + 60 * number, node=node, cpu_percent=gauge(*[value] * 60), **more)


def test_minutes_above_the_threshold_are_an_episode():
    cpu(10, 90, 95, 10, 10)
    found = tried(minutes=5)
    assert spans(found) == [("web", 71, 185)]
    assert found.episodes[0].peak == 95
    assert (found.seconds_firing, found.at_least, found.at_most) == (114, 114, 114)
    assert (found.is_computed, found.open_minutes, found.coverage, found.notices) == (True, 0, 1, 2)
    assert [(one.tier, one.start, one.end) for one in found.tiers] == [("minute", MINUTE, MINUTE + 300)]


def test_a_value_equal_to_the_threshold_is_no_breach():
    cpu(80, 80, 80)
    assert tried(minutes=3).episodes == []


def test_the_nodes_of_a_host_share_its_alerts():
    cpu(10, 90, 90, 10, node="web:1")
    cpu(10, 10, 90, 90, 10, node="web:2")
    found = tried(minutes=5)
    assert (spans(found), found.subjects) == ([("web", 71, 245)], ["web"])


def test_each_node_has_alerts_of_its_own_if_the_rule_is_about_nodes():
    busy = Rule("connections", 5.0, 4.0, "warning", "")
    minute(MINUTE, node="web:1", connections=gauge(*[9] * 60))
    minute(MINUTE, node="web:2", connections=gauge(*[3] * 60))
    found = tried(busy, 1)
    assert (spans(found), found.subjects) == ([("web:1", 1, None)], ["web:1", "web:2"])
    assert tried(busy, 1, node="web:2").episodes == []


def test_a_rule_about_the_fleet_is_about_all_nodes_together():
    busy = Rule("connections", 11.0, 10.0, "warning", "", scope=AlertScope.FLEET)
    minute(MINUTE, node="web:1", connections=gauge(*[9] * 60))
    minute(MINUTE, node="web:2", connections=gauge(*[3] * 60))
    assert spans(tried(busy, 1)) == [("fleet", 1, None)]
    with pytest.raises(ValueError, match="node=web:1: must be left out"):
        tried(busy, 1, node="web:1")


def test_a_minute_on_both_sides_of_the_threshold_is_said_to_be_open():
    minute(MINUTE, cpu_percent=gauge(*[10.0] * 30, *[90.0] * 30))
    found = tried(minutes=1)
    assert found.open_minutes == 1
    assert found.at_least <= found.seconds_firing <= found.at_most
    assert "of 1 minute the single seconds would matter" in from_what(found)


def test_a_share_of_clients_is_known_only_for_the_whole_minute():
    slow = Rule("latency_ms", 20.0, 20.0, "warning", "", each_threshold=100.0)
    minute(MINUTE, connections=10, latency_sketch=Sketch.of([10.0] * 7 + [500.0] * 3))
    found = tried(slow, 1)
    assert spans(found) == [("web:1", 1, None)]
    assert found.episodes[0].peak == pytest.approx(30)
    assert (found.at_least, found.at_most) == (None, None)
    assert "only the value over all of it is known" in from_what(found)


def judged(number: int, **counts: int) -> None:
    clients = sum(counts.values()) / 60
    minute(MINUTE + 60 * number, connections=clients, breakdowns={"verdicts": counts} if counts else {})


def test_the_share_of_a_verdict_is_known_for_the_whole_minute():
    slow = Rule("verdict_network_percent", 20.0, 20.0, "warning", "")
    judged(0, network=180, fine=420)
    judged(1, fine=600)
    judged(2)
    found = tried(slow, 3)
    assert spans(found) == [("web:1", 1, 65)]
    assert found.episodes[0].peak == 30.0


def test_the_share_of_a_verdict_in_the_fleet_is_that_of_all_clients(redis):
    slow = Rule("verdict_network_percent", 20.0, 20.0, "warning", "", scope=AlertScope.FLEET)
    minute(MINUTE, node="web:1", connections=1, breakdowns={"verdicts": {"network": 60}})
    minute(MINUTE, node="web:2", connections=1, breakdowns={"verdicts": {"fine": 60}})
    found = tried(slow, 1)
    assert [(one.subject, one.peak) for one in found.episodes] == [("fleet", 50.0)]


def test_the_share_of_a_cause_of_leaving_is_read_from_stored_departures():
    failing = Rule("left_application_error_percent", 5.0, 5.0, "critical", "")
    minute(MINUTE, connections=1, breakdowns={"departures": {"application_error /": 2, "client_closed /": 8}})
    minute(MINUTE + 60, connections=1, breakdowns={"departures": {"client_closed /": 10}})
    found = tried(failing, 2)
    assert [one.peak for one in found.episodes] == [20.0]


@pytest.mark.parametrize(("name", "expected"), [("p50", 10), ("p95", 200), ("p99", 500)])
def test_a_percentile_of_a_minute_is_that_of_its_distribution(name, expected):
    minute(MINUTE, connections=10, latency_sketch=Sketch.of([10.0] * 90 + [200.0] * 8 + [500.0] * 2))
    found = tried(Rule(f"{name}_latency_ms", 5.0, 5.0, "warning", ""), 1)
    assert found.episodes[0].peak == pytest.approx(expected, rel=0.01)


def test_minutes_without_clients_have_no_latency_and_no_alert():
    slow = Rule("latency_ms", 100.0, 95.0, "warning", "")
    minute(MINUTE, connections=1, latency_ms=gauge(500.0))
    minute(MINUTE + 60, connections=0)
    minute(MINUTE + 120, connections=0)
    assert spans(tried(slow, 3)) == [("web:1", 1, 65)]


def test_what_fires_when_the_range_begins_is_known():
    for number in range(-5, 2):
        minute(MINUTE + 60 * number, cpu_percent=gauge(*[90.0] * 60))
    found = tried(minutes=2)
    assert spans(found) == [("web", -289, None)]
    assert found.seconds_firing == 120


def test_a_rule_about_clients_shows_the_alerts_that_were_recorded():
    stale = Rule("stale_client_seconds", 60.0, 60.0, "info", "", scope=AlertScope.CLIENT)
    Alert.objects.create(
        rule=stale.key, metric=stale.metric, subject="avatar-1", severity="info", message="", value=61, threshold=60,
        peak=75, host="web", node="web:1", boot="b", started_at=START, ended_at=START + timedelta(seconds=14),
    )  # fmt: skip
    found = tried(stale)
    assert (spans(found), found.is_computed, found.tiers[0].tier) == ([("avatar-1", 0, 14)], False, "recorded")
    assert found.note.startswith("client rules need single clients, which are not kept")


def test_a_metric_that_is_not_in_history_is_said_not_to_be():
    found = tried(Rule("clock_skew_seconds", 1.0, 0.8, "warning", "", scope=AlertScope.HOST))
    assert found.note == "clock_skew_seconds is not kept in history: these are the alerts that were recorded"


def test_nothing_measured_is_not_nothing_fired():
    found = tried()
    assert (found.coverage, found.subjects, from_what(found)) == (0, [], "nothing was measured in this time")


def test_a_range_must_end_after_it_starts():
    with pytest.raises(ValueError, match="the range must end after it starts"):
        backtest(CPU, START, START)


def test_a_preview_is_of_the_last_seven_days():
    cpu(10, 90, 95, 10, 10)
    shown = preview(CPU, START + timedelta(days=7))
    assert (shown.episodes, shown.seconds_firing) == (1, 114)
    assert shown.from_what == "computed from stored minutes, less than 0.1 % of the time was measured"
    assert preview(CPU, START + timedelta(days=8)).episodes == 0


def record(redis, first: int, values: list[float], *nodes: dict[str, str]) -> None:
    """Appends what nodes, by default one, measured in each second, five at a time."""
    samples = [sample(first + second, cpu_percent=value) for second, value in enumerate(values)]
    for at in range(0, len(samples), 5):
        five = samples[at : at + 5]
        for who in nodes or [{}]:
            entry = {stream.FIELD: stream.pack(batch(*five, seq=1 + at, **who))}
            redis.xadd(stream.keys().stream, entry, id=f"{int(five[-1].until * 1000)}-*")


TWO_NODES = {"boot": "b1", "node": "web:1", "host": "one"}, {"boot": "b2", "node": "web:2", "host": "two"}


def test_seconds_are_read_where_the_journal_has_them(redis):
    cpu(90, node="web:1")
    record(redis, MINUTE, [90.0] * 90 + [10.0] * 30, {"boot": "web:1"})
    found = tried(minutes=2)
    assert spans(found) == [("web", 11, 95)]
    assert [(one.tier, one.start - MINUTE, one.end - MINUTE) for one in found.tiers] == [
        ("minute", 0, 60),
        ("second", 60, 120),
    ]


def test_a_fleet_s_seconds_are_its_nodes_together(redis):
    busy = Rule("cpu_percent", 80.0, 76.0, "warning", "", scope=AlertScope.FLEET)
    record(redis, MINUTE - 60, [10.0] * 60 + [90.0] * 20 + [10.0] * 40, *TWO_NODES)
    assert spans(tried(busy, 1)) == [("fleet", 1, 25)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(st.lists(st.sampled_from([10.0, 78.0, 80.0, 81.0, 95.0]), min_size=60, max_size=60))
def test_seconds_decide_where_minutes_leave_it_open(redis, values):
    redis.flushdb()
    seconds._readers.clear()
    record(redis, MINUTE - 60, [10.0] * 60 + values)
    found = tried(replace(CPU, for_seconds=3.0), 1)
    assert {one.tier for one in found.tiers} == {"second"}
    assert (found.open_minutes, found.at_least, found.at_most) == (0, found.seconds_firing, found.seconds_firing)
