"""A monitor ticks, its batches go through a real journal, and a backtest of the same seconds finds what it reported."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.core.adaptive_interval import MOST_BUDGET
from monitoring.core.alert_rules import AlertScope, Comparison, NoData, Rule
from monitoring.history import seconds
from monitoring.history.backtest import backtest
from monitoring.journal.batcher import Batcher
from monitoring.storage import rows
from monitoring.storage.rows import Arrival
from tests.fakes import FakeClock, fake_monitor
from tests.monitoring.batches import MINUTE
from tests.monitoring.live_node import LiveNode

pytestmark = pytest.mark.django_db

VALUES = st.sampled_from([None, 5.0, 75.0, 78.0, 80.0, 81.0, 99.0])
RUNS = st.lists(st.tuples(VALUES, st.integers(1, 40)), min_size=1, max_size=12)
RULES = st.builds(
    lambda above, margin, **more: Rule(
        "cpu_percent",
        80.0,
        80.0 - margin if above else 80.0 + margin,
        "warning",
        "",
        scope=AlertScope.HOST,
        comparison=Comparison.ABOVE if above else Comparison.BELOW,
        **more,
    ),
    above=st.booleans(),
    margin=st.sampled_from([0.0, 4.0]),
    for_seconds=st.sampled_from([0.0, 3.0, 10.0]),
    keep_firing_seconds=st.sampled_from([0.0, 5.0, 20.0]),
    no_data=st.sampled_from(list(NoData)),
    no_data_seconds=st.sampled_from([5.0, 15.0]),
)


@pytest.mark.parametrize(("second", "first_tick"), [(43.4, 44), (43.6, 45), (43.0, 44)])
@pytest.mark.parametrize("for_seconds", [0.0, 10.0])
def test_the_minute_in_which_a_node_started_gives_the_same_beginning(second, first_tick, for_seconds):
    """Its first sample is not a second long, and the journal is not known to have had everything before it."""
    rule = Rule("waiting", 5.0, 5.0, "warning", "", scope=AlertScope.NODE, for_seconds=for_seconds)
    clock = FakeClock(MINUTE + second)
    monitor = fake_monitor(clock, cpu_budget=MOST_BUDGET)
    monitor.gauge("waiting", lambda: 6.0)
    monitor.alerts.use([rule])
    batcher = Batcher(monitor.node, "boot1", monitor.identity.host)
    reported = []
    for at in range(MINUTE + first_tick, MINUTE + 121):
        clock.now = float(at)
        tick = monitor.tick()
        reported += [record.at for record in tick.alerts if record.rule == "waiting"]
        if batch := batcher.add(tick):
            rows.store([Arrival(clock(), batch)])
    found = backtest(rule, datetime.fromtimestamp(MINUTE, UTC), datetime.fromtimestamp(MINUTE + 120, UTC))
    assert [span.tier for span in found.tiers] == ["minute"]
    assert [one.start for one in found.episodes] == pytest.approx(reported, abs=1e-3)


def run_live(redis, rule: Rule, values: list[float | None], start: int) -> list[tuple]:
    """Ticks once a second with these readings; the transitions that the node reported, by its alerts."""
    node = LiveNode(redis, start, cpu_budget=MOST_BUDGET)
    node.monitor.alerts.use([rule])
    found: dict[float, tuple] = {}
    for value in values:
        for record in node.tick(cpu_percent=value).alerts:
            if record.metric == rule.metric:
                end = record.at if record.state == "resolved" else None
                found[record.since] = (record.subject, record.since, end, record.flapping)
    node.flush()
    return list(found.values())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(RULES, RUNS)
def test_the_transitions_that_a_node_reported_are_those_of_a_backtest(redis, rule, runs):
    redis.flushdb()
    seconds._readers.clear()
    # The journal is known to be whole from its first full minute on. Its first second is calm and known, as what a node
    # saw before that was: the threshold itself is no breach.
    values = [80.0] * 61 + [value for value, length in runs for _ in range(length)]
    start = MINUTE
    reported = run_live(redis, rule, values, start)
    found = backtest(rule, datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(start + len(values), UTC))
    assert [(one.subject, one.start, one.end, one.flapping) for one in found.episodes] == reported
