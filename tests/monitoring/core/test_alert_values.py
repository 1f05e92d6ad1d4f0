import msgspec
import pytest

from monitoring.core.alert_metrics import ALERT_METRICS_BY_NAME
from monitoring.core.alert_rules import Comparison, Rule
from monitoring.core.alert_state import Observation
from monitoring.core.alert_values import READINGS, observation_of, value_of
from monitoring.core.stats.sample import Gauge, Sample
from monitoring.core.stats.sketch import Sketch


def rule(metric: str, **more) -> Rule:
    return Rule(metric, 1.0, 1.0, "warning", "", **more)


LATENCIES = [10.0] * 90 + [200.0] * 9 + [900.0]
SAMPLE = Sample(
    1_000.0,
    seconds=2.0,
    messages=30,
    bytes_sent=500,
    cpu_percent=Gauge(2, 150.0, 70.0, 80.0),
    connections=Gauge.of(100.0),
    latency_ms=Gauge(100, sum(LATENCIES), 10.0, 900.0),
    latency_sketch=Sketch.of(LATENCIES),
    fps=Gauge.of(40.0),
    frame_time_sketch=Sketch.of([1000 / 60] * 7 + [1000 / 30] + [1000 / 20] * 2),
)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("cpu_percent", 75.0),
        ("memory_percent", None),
        ("connections", 100.0),
        ("messages_per_second", 15.0),
        ("bytes_sent", 250.0),
        ("latency_ms", 36.0),
        ("fps", 40.0),
        ("coverage_percent", 100.0),
        ("stale_client_seconds", None),
    ],
)
def test_a_metric_has_its_average_or_its_rate(metric, value):
    assert value_of(rule(metric), SAMPLE) == value


@pytest.mark.parametrize(
    ("metric", "value"),
    [("p50_latency_ms", 10), ("p95_latency_ms", 200), ("p99_latency_ms", 200), ("p95_frame_time_ms", 50)],
)
def test_percentiles_are_right_to_a_percent(metric, value):
    assert value_of(rule(metric), SAMPLE) == pytest.approx(value, rel=0.01)


@pytest.mark.parametrize(
    ("metric", "comparison", "each", "percent"),
    [
        ("latency_ms", Comparison.ABOVE, 100.0, 10.0),
        ("latency_ms", Comparison.ABOVE, 900.0, 0.0),
        ("latency_ms", Comparison.BELOW, 100.0, 90.0),
        ("fps", Comparison.BELOW, 30.0, 20.0),
        ("fps", Comparison.BELOW, 31.0, 30.0),
        ("fps", Comparison.ABOVE, 50.0, 70.0),
        ("frame_time_ms", Comparison.ABOVE, 40.0, 20.0),
    ],
)
def test_a_share_counts_the_clients_on_the_wrong_side_and_none_at_the_limit(metric, comparison, each, percent):
    assert value_of(rule(metric, comparison=comparison, each_threshold=each), SAMPLE) == pytest.approx(percent)


def test_coverage_is_the_measured_share_of_the_time():
    assert value_of(rule("coverage_percent"), Sample(0.0, seconds=45.0, end=60.0)) == 75.0
    assert value_of(rule("coverage_percent"), Sample(0.0)) is None


def test_where_no_client_is_left_nothing_is_to_be_measured():
    nobody = Sample(1_000.0, seconds=1.0, connections=Gauge.of(0.0))
    assert observation_of(rule("latency_ms"), nobody) == Observation(gone=True)
    assert observation_of(rule("fps", each_threshold=30.0), nobody) == Observation(gone=True)
    assert observation_of(rule("connections"), nobody) == Observation(0.0)
    assert observation_of(rule("latency_ms"), Sample(1_000.0, seconds=1.0)) == Observation()


def test_part_of_a_second_says_nothing_about_what_clients_measure():
    part = Sample(1_000.2, seconds=0.5, connections=Gauge.of(3.0))
    assert observation_of(rule("latency_ms"), part) is None
    assert observation_of(rule("cpu_percent"), part) == Observation()
    rest = msgspec.structs.replace(part, seconds=0.8)
    assert observation_of(rule("latency_ms"), rest, 0.5) == Observation(interval=0.5)


def test_every_reading_is_in_the_catalogue_and_stored_if_it_is_read_from_samples():
    stored = {name for name, metric in ALERT_METRICS_BY_NAME.items() if metric.stored}
    assert set(READINGS) == stored


def judged(**counts):
    return Sample(
        1_000.0, seconds=1.0, connections=Gauge.of(float(sum(counts.values()))), breakdowns={"verdicts": counts}
    )


def test_a_verdicts_share_is_that_of_the_client_seconds():
    assert value_of(rule("verdict_network_percent"), judged(network=1, fine=3)) == 25.0
    assert value_of(rule("verdict_hidden_percent"), judged(fine=4)) == 0.0


def test_the_share_of_two_nodes_weighs_each_client():
    whole = judged(network=1) + judged(fine=9)
    assert value_of(rule("verdict_network_percent"), whole) == 10.0


def lately(seconds: float = 1.0, **counts: int) -> Sample:
    return Sample(1_000.0, seconds=seconds, breakdowns={"departed_lately": counts})


def test_a_cause_has_its_share_of_those_that_left_within_a_minute():
    sample = lately(client_closed=18, application_error=2)
    assert value_of(rule("left_application_error_percent"), sample) == 10.0
    assert value_of(rule("left_refused_percent"), sample) == 0.0


def test_of_fewer_than_ten_that_left_there_is_no_share():
    assert value_of(rule("left_application_error_percent"), lately(application_error=9)) is None
    assert value_of(rule("left_application_error_percent"), Sample(1_000.0, seconds=1.0)) is None


def test_a_stored_minute_is_read_from_its_departures():
    counts = {"application_error /a/": 3, "application_error /b/": 2, "client_closed /a/": 15}
    minute = Sample(960.0, seconds=60.0, breakdowns={"departures": counts})
    assert value_of(rule("left_application_error_percent"), minute) == 25.0
    second = Sample(960.0, seconds=1.0, breakdowns={"departures": counts})
    assert value_of(rule("left_application_error_percent"), second) is None


def test_the_fleet_has_the_share_of_all_nodes():
    whole = lately(application_error=5, client_closed=5) + lately(client_closed=40)
    assert value_of(rule("left_application_error_percent"), whole) == 10.0


def test_without_clients_no_verdict_has_a_share():
    assert observation_of(rule("verdict_fine_percent"), judged()) == Observation(gone=True)
    assert observation_of(rule("verdict_fine_percent"), Sample(1_000.0, seconds=1.0)) == Observation()
