import pytest

from monitoring.core.stats.sample import COUNTERS, GAUGES, SKETCHES
from monitoring.core.stats.sketch import Sketch
from monitoring.core.verdicts import Verdict
from monitoring.export.measures import MEASURES, SOURCES, chosen, percentiles
from monitoring.history.series import METRICS


def names(*metrics) -> list[str]:
    return [column.name for measure in chosen(metrics) for column in measure.columns]


def test_every_stored_field_of_a_sample_has_columns():
    assert [measure.source for measure in MEASURES] == [*COUNTERS, *GAUGES, *SKETCHES, "verdicts"]


def test_every_metric_of_a_chart_can_be_chosen():
    assert set(METRICS) <= set(SOURCES)
    assert all(chosen([name]) for name in SOURCES)


def test_a_gauge_is_average_bounds_and_number_of_readings():
    assert names("cpu_percent") == ["cpu_percent_avg", "cpu_percent_min", "cpu_percent_max", "cpu_percent_count"]


def test_latency_brings_its_percentiles_and_a_rate_its_counter():
    assert names("latency_ms")[-3:] == ["latency_p50_ms", "latency_p95_ms", "latency_p99_ms"]
    assert names("messages_per_second")[0] == "messages"


def test_the_columns_keep_their_order_whatever_the_order_of_the_names():
    assert names("fps", "messages") == names("messages", "fps")


def test_an_unknown_metric_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"^metric cpu: must be one of cpu_percent, memory_percent, .*frame_time_ms, "):
        chosen(["cpu"])


def test_percentiles_equal_those_of_the_sketch_encoded_or_not():
    sketches = [Sketch.of([float(value) for value in range(1, 101)]), Sketch()]
    for found in (percentiles(sketches), percentiles([sketch.encode() for sketch in sketches])):
        assert found == [[pytest.approx(sketches[0].quantile(q), rel=1e-5), None] for q in (0.50, 0.95, 0.99)]


def test_client_seconds_by_verdict_have_a_column_each():
    (measure,) = [one for one in chosen(["verdicts"]) if one.source == "verdicts"]
    found = measure.compute([{"verdicts": {"fine": 60}}, None, {"departures": {"unknown /": 1}}])
    columns = dict(zip((column.name for column in measure.columns), found, strict=True))
    assert columns["verdict_fine_seconds"] == [60, None, None]
    assert columns["verdict_network_seconds"] == [0, None, None]
    assert len(columns) == len(Verdict)


def test_what_is_about_the_monitor_comes_on_request():
    everything = {measure.source for measure in chosen(None)}
    assert "loop_lag_ms" in everything
    assert not everything & {"journal_lag_seconds", "store_lag_seconds"}
    assert [measure.source for measure in chosen(["store_lag_seconds"])] == ["store_lag_seconds"]
