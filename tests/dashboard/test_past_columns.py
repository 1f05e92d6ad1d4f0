from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.past_columns import DIGITS, READ_BEFORE, SERIES, of_samples, of_series
from monitoring.core.stats.sketch import Sketch
from monitoring.history.series import METRICS, series_of
from tests.monitoring.batches import MINUTE, gauge, minute, sample


def with_latency(second: int, *values: float):
    return sample(MINUTE + second, latency_ms=gauge(*values), latency_sketch=Sketch.of(values))


def test_each_second_is_a_row_and_what_is_missing_is_none():
    columns = of_samples([sample(MINUTE, messages=3, connects=1, connections=2), sample(MINUTE + 2)], MINUTE)
    assert set(columns) == {"time", *DIGITS}
    assert columns["time"] == [MINUTE, MINUTE + 2]
    assert columns["active_connections"] == [2, None]
    assert columns["messages_per_second"] == [3, 0]
    assert columns["connects"] == [1, 0]
    assert columns["cpu_percent"] == columns["average_latency_ms"] == columns["p99_latency_ms"] == [None, None]


def test_a_second_that_was_measured_in_part_has_its_own_rate():
    columns = of_samples([sample(seconds=0.5, messages=3), sample(MINUTE + 1, seconds=0)], MINUTE)
    assert columns["messages_per_second"] == [6, None]


def test_latency_is_that_of_the_last_ten_seconds():
    silent = [sample(MINUTE + second) for second in range(1, 12)]
    columns = of_samples([with_latency(0, 10.0, 30.0), *silent, with_latency(12, 5.0)], MINUTE)
    assert columns["average_latency_ms"] == [20] * 10 + [None] * 2 + [5]
    assert columns["p50_latency_ms"][:2] == [pytest.approx(10, rel=0.01)] * 2


def test_earlier_seconds_have_a_part_in_it_and_no_row():
    columns = of_samples([with_latency(-READ_BEFORE, 8.0), sample()], MINUTE)
    assert (columns["time"], columns["average_latency_ms"]) == ([MINUTE], [8])
    assert of_samples([with_latency(-READ_BEFORE - 1, 8.0), sample()], MINUTE)["average_latency_ms"] == [None]


def test_frame_rates_are_those_of_the_last_ten_seconds_too():
    columns = of_samples([sample(fps=60.0), sample(MINUTE + 1), sample(MINUTE + 2, fps=30.0)], MINUTE)
    assert columns["fps"] == [60, 60, 45]


def test_nothing_is_empty_columns():
    assert of_samples([], MINUTE) == {name: [] for name in ("time", *DIGITS)}


def test_the_columns_of_series_are_metrics_that_exist():
    assert {metric for metric, _ in SERIES.values()} <= set(METRICS)
    assert set(SERIES) <= set(DIGITS)


@pytest.mark.django_db
def test_stored_minutes_have_the_same_columns():
    minute(messages=120, connections=4, latency_ms=gauge(10.0), latency_sketch=Sketch.of([10.0]))
    minute(MINUTE + 120, connections=6)
    start = datetime.fromtimestamp(MINUTE, UTC)
    columns = of_series(series_of(METRICS, start, start + timedelta(minutes=3)))
    assert (columns["time"], columns["active_connections"]) == ([MINUTE, MINUTE + 120], [4, 6])
    assert columns["messages_per_second"] == [2, 0]
    assert columns["p95_latency_ms"] == [pytest.approx(10, rel=0.01), None]
    assert columns["memory_used_mb"] == columns["connects"] == [None, None]


def test_the_protocol_names_every_column():
    text = Path("docs/protocol.md").read_text()
    assert [name for name in DIGITS if f'"{name}"' not in text] == []
