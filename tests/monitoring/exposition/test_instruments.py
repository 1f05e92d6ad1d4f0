import math
import random
import re
from itertools import pairwise

import pytest

from monitoring.core.journal_state import JournalState
from monitoring.core.meter import Cost
from monitoring.core.metrics import SystemMetrics
from monitoring.core.stats.fields import FACTS
from monitoring.core.stats.sample import COUNTERS
from monitoring.core.stats.sketch import Sketch
from monitoring.core.verdicts import Verdict
from monitoring.exposition.instrument import HistogramBuckets, InstrumentKind, Scope, distribution
from monitoring.exposition.instruments import FRAME_TIME_BOUNDS, LATENCY_BOUNDS, MEASURES
from monitoring.fleet.totals import AlertCount, ServerTotals
from tests.monitoring.fleet.test_totals import node

BY_NAME = {measure.name: measure for measure in MEASURES}


def value(name: str, **totals):
    return BY_NAME[name].read(node(**totals))


def test_a_distribution_counts_up_to_each_bound_in_seconds():
    found = distribution(Sketch.of([0.5, 3.0, 30.0, 30.0, 99_000.0]), [0.001, 0.01, 0.1])
    assert (list(found.counts), found.count) == ([1, 2, 4], 5)
    assert found.sum == pytest.approx(99.0635, rel=0.01)
    assert (found.lowest, found.highest) == (pytest.approx(0.0005, rel=0.01), pytest.approx(99.0, rel=0.01))


def test_a_known_sum_is_exact():
    assert distribution(Sketch.of([10.0, 20.0]), LATENCY_BOUNDS, 30.0).sum == pytest.approx(0.03)


def test_an_empty_distribution_is_all_zeros():
    found = distribution(Sketch(), LATENCY_BOUNDS)
    assert (sum(found.counts), found.count, found.sum) == (0, 0, 0.0)


@pytest.mark.parametrize("fps", [144, 120, 90, 60, 30])
def test_a_client_at_its_displays_rate_counts_below_the_bound_for_it(fps):
    seconds = 1 / fps
    bound = next(bound for bound in FRAME_TIME_BOUNDS if bound > seconds)
    found = distribution(Sketch.of([seconds * 1000]), [bound])
    assert found.counts == [1]
    assert bound < seconds * 1.1


@pytest.mark.parametrize("bounds", [LATENCY_BOUNDS, FRAME_TIME_BOUNDS])
def test_bounds_ascend(bounds):
    assert sorted(set(bounds)) == list(bounds)


@pytest.mark.parametrize("bounds", [LATENCY_BOUNDS, FRAME_TIME_BOUNDS])
def test_bounds_are_at_most_eight_percent_apart_and_few(bounds):
    assert max(high / low for low, high in pairwise(bounds)) < 1.0805
    assert len(bounds) < 180


def test_customary_bounds_are_included():
    assert {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0} <= set(LATENCY_BOUNDS)


def histogram_quantile(q: float, found: HistogramBuckets) -> float:
    """As Prometheus computes it from cumulative buckets: linearly within the bucket that holds the rank."""
    rank, below, low = q * found.count, 0, 0.0
    for bound, count in zip(found.bounds, found.counts, strict=True):
        if count >= rank:
            return low + (bound - low) * (rank - below) / (count - below)
        below, low = count, bound
    return found.bounds[-1]


def drawn(kind: str) -> list[float]:
    """Five thousand round trips in milliseconds."""
    chance = random.Random(7)
    draw = {
        "steady": lambda: chance.uniform(14.9, 15.1),
        "spread evenly": lambda: chance.uniform(2, 400),
        "log-normal": lambda: chance.lognormvariate(3, 0.8),
        "exponential": lambda: 0.3 + chance.expovariate(1 / 40),
        "two clusters": lambda: chance.gauss(5, 0.2) if chance.random() < 0.7 else chance.gauss(700, 30),
        "a long tail": lambda: min(59_000, 3 * chance.paretovariate(1.1)),
        "below a millisecond": lambda: chance.uniform(0.3, 0.6),
    }[kind]
    return [draw() for _ in range(5_000)]


@pytest.mark.parametrize(
    "kind",
    ["steady", "spread evenly", "log-normal", "exponential", "two clusters", "a long tail", "below a millisecond"],
)
@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99])
def test_the_quantile_that_prometheus_computes_is_near_the_true_one(kind, q):
    values = sorted(drawn(kind))
    true = values[math.ceil(q * len(values)) - 1] / 1000
    assert histogram_quantile(q, distribution(Sketch.of(values), LATENCY_BOUNDS)) == pytest.approx(true, rel=0.1)


def test_no_two_measures_have_the_same_name():
    assert len(BY_NAME) == len(MEASURES)


def test_names_follow_prometheus_rules():
    for measure in MEASURES:
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", measure.name)
        assert measure.help.endswith(".")
        assert measure.unit in ("", "seconds", "bytes", "ratio")
        assert not set(measure.name.split("_")) & {"total", "count", "sum", "bucket", "ms", "mb", "percent", "seconds"}
        assert measure.unit == "" or measure.unit not in measure.name


def test_no_label_grows_with_the_number_of_clients():
    assert {label for measure in MEASURES for label in measure.labels} == {
        "metric",
        "severity",
        "cause",
        "path",
        "name",
        "verdict",
    }


def test_an_unknown_value_is_left_out():
    unread = SystemMetrics.unavailable(0.0, "psutil is missing")
    assert value("host_cpu", system=unread) is None
    assert value("client_frame_rate", server=ServerTotals(fps=None)) is None
    assert value("journal_batches_waiting") is None
    assert list(BY_NAME["host_cpu"].values(node(system=unread))) == []


def test_values_are_in_base_units():
    system = SystemMetrics(0.0, 25.0, 50.0, 512.0, 1024.0, 1.5, 0.0)
    assert value("host_cpu", system=system) == 0.25
    assert value("host_memory_used", system=system) == 512 * 1024 * 1024
    assert value("monitor_cpu", cpu_ms=1500.0) == 1.5
    assert value("event_loop_lag", server=ServerTotals(monitor=Cost(loop_lag_ms=20.0))) == pytest.approx(0.02)


def test_a_journal_that_waits_is_down():
    states = [JournalState(), JournalState(waits_for="redis"), JournalState(waits_for="room")]
    assert [value("journal_up", journal=state) for state in states] == [1, 0, 0]
    assert value("journal_up") is None


def test_alerts_about_hosts_are_separate_from_those_about_nodes():
    alerts = [AlertCount("cpu_percent", "warning", 1), AlertCount("latency_ms", "warning", 0)]
    assert value("host_alerts_firing", alerts=alerts) == {("cpu_percent", "warning"): 1}
    assert value("node_alerts_firing", alerts=alerts) == {("latency_ms", "warning"): 0}


def test_each_counter_of_a_sample_is_exported():
    counters = {name: number for number, name in enumerate(COUNTERS, start=1)}
    assert {name: value(FACTS[name].measure, **counters) for name in COUNTERS} == counters
    assert all(BY_NAME[FACTS[name].measure].kind is InstrumentKind.COUNTER for name in COUNTERS)


def test_each_figure_of_a_server_is_exported():
    figures = {name: number for number, name in enumerate(ServerTotals.__struct_fields__, 1) if name not in NESTED}
    found = [measure.read(node(server=ServerTotals(**figures))) for measure in MEASURES]
    assert all(number in found for number in figures.values())


NESTED = ("refused", "monitor", "verdicts")


def test_clients_and_their_seconds_are_counted_by_verdict():
    now = value("clients", server=ServerTotals(verdicts={"network": 2}))
    seconds = value("client_time", breakdowns={"verdicts": {"network": 90, "fine": 10}})
    assert (now[("network",)], now[("fine",)], len(now)) == (2, 0, len(Verdict))
    assert (seconds[("network",)], seconds[("hidden",)], len(seconds)) == (90, 0, len(Verdict))


def test_a_node_that_judges_nobody_has_no_series_by_verdict():
    assert value("clients") is None
    assert value("client_time") is None


def test_hosts_have_measures_of_their_own():
    assert all(measure.name.startswith("host_") == (measure.scope is Scope.HOST) for measure in MEASURES)
