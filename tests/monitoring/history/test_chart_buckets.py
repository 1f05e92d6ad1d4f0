from monitoring.core.stats.sketch import Sketch
from monitoring.history.chart_buckets import ChartBucket, Metric
from tests.monitoring.batches import gauge, sample

CLIENTS = Metric("Clients", "", "connections")
RATE = Metric("Messages", "/s", "message_rate", counter="messages")
LATENCY = Metric("Latency", "ms", "latency_ms", sketch="latency_sketch")


def filled(metric: Metric, *samples, sketches=()) -> ChartBucket:
    bucket = ChartBucket()
    for one in samples:
        bucket.take(metric, one, sketches)
    return bucket


def test_a_gauge_is_the_average_of_all_its_readings():
    bucket = filled(CLIENTS, sample(connections=gauge(1, 2)), sample(connections=gauge(9)))
    assert (bucket.average, bucket.low, bucket.high, bucket.count) == (4, 1, 9, 3)


def test_a_rate_is_what_was_counted_by_the_seconds_measured():
    bucket = filled(RATE, sample(seconds=60, messages=60, message_rate=gauge(0, 5)), sample(seconds=30, messages=30))
    assert (bucket.average, bucket.low, bucket.high, bucket.count) == (1, 0, 5, 90)


def test_what_was_not_measured_is_unknown():
    for metric in (CLIENTS, RATE, LATENCY):
        bucket = filled(metric, sample(seconds=0, messages=5, connections=3))
        assert (bucket.average, bucket.low, bucket.high) == (None, None, None)
        assert bucket.distribution.quantiles(0.5) == [None]


def test_the_sketches_of_all_parts_are_one_distribution():
    parts = [{"latency_sketch": Sketch.of([value] * 3).encode()} for value in (5.0, 50.0)]
    bucket = filled(LATENCY, sample(latency_ms=5), sketches=parts)
    assert bucket.distribution.quantiles(0.0, 1.0) == Sketch.of([5.0, 50.0]).quantiles(0.0, 1.0)
