import random
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.core.sketch import Sketch
from monitoring.history import METRICS, bucket_width, series
from tests.monitoring.batches import MINUTE, gauge, minute

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)


def shown(metric: str = "connections", minutes: float = 3, **options):
    return series(metric, START, START + timedelta(minutes=minutes), **options)


def test_every_bucket_is_there_and_what_is_missing_is_a_gap():
    minute(connections=4)
    minute(MINUTE + 120, connections=6)
    line = shown()
    assert line.times == [MINUTE, MINUTE + 60, MINUTE + 120]
    assert line.average == [4, None, 6]
    assert line.coverage == [1, 0, 1]


def test_the_end_is_not_included():
    minute(MINUTE + 180, connections=4)
    assert shown().average == [None, None, None]


def test_a_series_says_what_it_shows():
    line = shown("cpu_percent")
    assert (line.metric, line.label, line.unit, line.bucket_seconds) == ("cpu_percent", "CPU", "%", 60)


def test_all_lists_are_of_one_length_and_only_latency_has_percentiles():
    for metric in METRICS:
        line = shown(metric)
        assert {len(values) for values in (line.average, line.minimum, line.maximum, line.coverage)} == {3}
        assert len(line.p95) == (3 if metric == "latency_ms" else 0)


def test_percentiles_of_many_minutes_and_nodes_are_right_to_1_percent():
    source = random.Random(5)
    values = [source.lognormvariate(3, 1) for _ in range(4_000)]
    for index in range(10):
        for node in range(2):
            part = values[index * 2 + node :: 20]
            minute(MINUTE + index * 60, node=f"web:{node}", latency_ms=gauge(*part), latency_sketch=Sketch.of(part))
    line = shown("latency_ms", minutes=10, points=1)
    exact = sorted(values)
    for found, q in ((line.p50, 0.50), (line.p95, 0.95), (line.p99, 0.99)):
        assert [value for value in found if value] == pytest.approx([exact[int(q * (len(exact) - 1))]], rel=0.01)
    assert line.average[0] == pytest.approx(sum(values) / len(values), rel=1e-5)


def test_it_can_be_of_some_nodes_only():
    minute(connections=4)
    minute(connections=6, node="web:2")
    assert shown(nodes=["web:2"]).average[0] == 6
    assert shown().average[0] == 10


def test_a_minute_that_was_measured_in_part_says_so():
    minute(seconds=45)
    minute(MINUTE + 60)
    minute(MINUTE + 60, seconds=30, node="web:2")
    assert shown().coverage == [0.75, 0.75, 0]


def test_the_bucket_at_the_end_needs_no_seconds_beyond_it():
    minute(MINUTE + 120, seconds=30)
    assert shown(minutes=2.5).coverage[-1] == 1


def test_a_restart_does_not_lower_coverage():
    minute(seconds=20)
    minute(seconds=40, node="web:2")
    assert shown().coverage[0] == 1


@pytest.mark.parametrize(
    ("hours", "points", "width"),
    [
        (1, 1_500, 60),
        (24, 1_500, 60),
        (24, 1_000, 120),
        (24 * 7, 1_500, 600),
        (24 * 30, 1_500, 1_800),
        (24 * 365, 100, 345_600),
    ],
)
def test_buckets_are_as_narrow_as_the_points_allow(hours, points, width):
    start = 20_000 * 86_400
    assert bucket_width(start, start + hours * 3_600, points) == width


@pytest.mark.parametrize("seconds", [61, 3_600, 86_401, 8_640_000, 31_536_000])
@pytest.mark.parametrize("points", [1, 7, 1_500])
def test_there_are_never_more_points_than_asked_for(seconds, points):
    line = series("fps", START, START + timedelta(seconds=seconds), points=points)
    assert 1 <= len(line.times) <= points


def test_what_cannot_be_shown_is_said():
    with pytest.raises(ValueError, match="metric=disk: allowed is cpu_percent, "):
        shown("disk")
    with pytest.raises(ValueError, match="ends after it starts"):
        shown(minutes=0)
