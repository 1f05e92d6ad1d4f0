import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from monitoring.core.stats.sketch import Sketch
from monitoring.core.stats.sketch_bytes import rank
from monitoring.history import stretches as module
from monitoring.history.series import METRICS, series
from monitoring.journal import stream
from monitoring.models import Minute, PruneWatermark
from monitoring.storage.roll_up import roll_up
from tests.monitoring.batches import MINUTE, batch, gauge, minute, sample

pytestmark = pytest.mark.django_db
START = datetime.fromtimestamp(MINUTE, UTC)


def shown(metric: str = "connections", minutes: float = 3, **options):
    return series(metric, START, START + timedelta(minutes=minutes), **options)


def test_every_bucket_is_there_and_missing_data_is_a_gap():
    minute(connections=4)
    minute(MINUTE + 120, connections=6)
    line = shown()
    assert line.times == [MINUTE, MINUTE + 60, MINUTE + 120]
    assert line.average == [4, None, 6]
    assert line.coverage == [1, 0, 1]


def test_the_end_is_exclusive():
    minute(MINUTE + 180, connections=4)
    assert shown().average == [None, None, None]


def test_a_series_describes_itself():
    line = shown("cpu_percent")
    assert (line.metric, line.label, line.unit, line.bucket_seconds) == ("cpu_percent", "CPU", "%", 60)


def test_a_metric_with_only_a_distribution_has_averages_and_extremes_too():
    times = [12.0, 16.0, 20.0, 48.0]
    minute(MINUTE, frame_time_sketch=Sketch.of(times[:2]))
    minute(MINUTE, node="web:2", frame_time_sketch=Sketch.of(times[2:]))
    line = shown("frame_time_ms")
    found = [line.average[0], line.minimum[0], line.maximum[0], line.p50[0], line.p99[0], line.whole.average]
    assert found == pytest.approx([24, 12, 48, 16, 48, 24], rel=0.01)
    assert (line.count, line.average[1]) == ([4, 0, 0], None)


def test_all_lists_have_one_length_and_times_have_percentiles():
    for metric in METRICS:
        line = shown(metric)
        assert {len(values) for values in (line.average, line.minimum, line.maximum, line.coverage)} == {3}
        assert len(line.p95) == (3 if METRICS[metric].sketch else 0)


def test_percentiles_of_many_minutes_and_nodes_are_accurate_to_1_percent():
    source = random.Random(5)
    values = [source.lognormvariate(3, 1) for _ in range(4_000)]
    for index in range(10):
        for node in range(2):
            part = values[index * 2 + node :: 20]
            minute(MINUTE + index * 60, node=f"web:{node}", latency_ms=gauge(*part), latency_sketch=Sketch.of(part))
    line = shown("latency_ms", minutes=10, points=1)
    exact = sorted(values)
    for found, q in ((line.p50, 0.50), (line.p95, 0.95), (line.p99, 0.99)):
        assert [value for value in found if value] == pytest.approx([exact[rank(q, len(exact))]], rel=0.01)
    assert line.average[0] == pytest.approx(sum(values) / len(values), rel=1e-5)


def test_a_restarted_node_continues_in_one_line():
    minute(MINUTE, boot="first", connections=4)
    minute(MINUTE + 60, boot="first", seconds=20, connections=4)
    minute(MINUTE + 80, boot="second", seconds=40, connections=6)
    minute(MINUTE + 120, boot="second", connections=6)
    line = shown(nodes=["web:1"])
    assert line.average == [4, pytest.approx((20 * 4 + 40 * 6) / 60, rel=1e-4), 6]
    assert line.coverage == [1, 1, 1]


def test_it_can_be_limited_to_some_nodes():
    minute(connections=4)
    minute(connections=6, node="web:2")
    assert shown(nodes=["web:2"]).average[0] == 6
    assert shown().average[0] == 10


def test_a_partly_measured_minute_says_so():
    minute(seconds=45)
    minute(MINUTE + 60)
    minute(MINUTE + 60, seconds=30, end=MINUTE + 120, node="web:2")
    assert shown().coverage == [0.75, 0.75, 0]


def test_the_last_bucket_needs_no_future_seconds(monkeypatch):
    minute(MINUTE + 120, seconds=30)
    assert shown(minutes=2.5).coverage[-1] == 0.5
    monkeypatch.setattr(module.time, "time", lambda: MINUTE + 150.0)
    line = shown(minutes=2.5)
    assert (line.coverage[-1], line.end) == (1, MINUTE + 150)


def test_no_bucket_is_measured_for_longer_than_it_lasts(monkeypatch):
    minute(MINUTE + 120, seconds=60)
    monkeypatch.setattr(module.time, "time", lambda: MINUTE + 150.0)
    assert shown(minutes=2.5).coverage == [0, 0, 1]


@pytest.mark.parametrize(
    ("begin", "minutes", "counted", "start", "end"),
    [(0, 2, 200, 0, 120), (0, 1.5, 200, 0, 120), (30, 1, 200, 0, 120), (30, 0.25, 100, 0, 60), (1, 3, 400, 0, 240)],
)
def test_nothing_is_counted_outside_the_named_range(begin, minutes, counted, start, end):
    for number in range(-2, 6):
        minute(MINUTE + number * 60, messages=100)
    first = START + timedelta(seconds=begin)
    line = series("messages_per_second", first, first + timedelta(minutes=minutes))
    assert (sum(line.count), line.start - MINUTE, line.end - MINUTE) == (counted, start, end)


def test_a_range_within_minutes_counts_the_journals_seconds_however_few_the_points(redis):
    # Not the hour of other tests, because what was read of an entry is remembered.
    begin = MINUTE + 3_600
    for seq, start in enumerate(range(begin - 60, begin + 300), 1):
        one = sample(start, messages=2)
        redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(batch(one, seq=seq))}, id=f"{start + 1}000-0")
    first = START + timedelta(hours=1, seconds=10)
    line = series("messages_per_second", first, first + timedelta(seconds=90), points=2)
    assert (line.tier, line.bucket_seconds, sum(line.count)) == ("second", 60, 180)
    assert (line.start, line.end) == (begin + 10, begin + 100)
    assert line.coverage == [1, 1]


def test_a_restart_lowers_no_coverage_and_counts_no_client_twice():
    minute(seconds=20, connections=10)
    minute(MINUTE + 20, seconds=40, connections=10, node="web:2")
    assert (shown().coverage[0], shown().average[0]) == (1, 10)


def test_short_ranges_that_the_journal_holds_are_shown_second_by_second(redis):
    # Entries before the range, because the contents of the first may be cut off.
    for seq, start in enumerate(range(MINUTE - 60, MINUTE + 300), 1):
        one = sample(start, connections=start % 10, messages=2, latency_sketch=Sketch.of([5.0]))
        journal_entry = f"{start + 1}000-0"
        redis.xadd(stream.keys().stream, {stream.FIELD: stream.pack(batch(one, seq=seq))}, id=journal_entry)
    line = shown(minutes=3)
    assert (line.tier, line.bucket_seconds, len(line.times)) == ("second", 1, 180)
    assert line.average[:3] == [MINUTE % 10, (MINUTE + 1) % 10, (MINUTE + 2) % 10]
    assert set(line.coverage) == {1.0}
    assert shown("messages_per_second", minutes=3).average[0] == 2
    assert shown("latency_ms", minutes=3).p50[0] == pytest.approx(5, rel=0.01)
    assert shown(minutes=3, nodes=["web:9"]).average == [None] * 180


def test_while_redis_is_away_minutes_are_used(settings):
    settings.REDIS_URL = "unix:///nowhere.sock?db=0"
    minute(connections=4)
    assert (shown().tier, shown().average[0]) == ("minute", 4)


def test_longer_ranges_use_hours_and_days_up_to_the_last_minute():
    start = MINUTE - MINUTE % 86_400
    minute(start, connections=2)
    minute(start + 86_400, connections=6, latency_sketch=Sketch.of([7.0]))
    roll_up()
    for days, tier in ((7, "hour"), (90, "day")):
        line = series("connections", *range_of(start, days))
        assert (line.tier, [value for value in line.average if value is not None]) == (tier, [2, 6])
        assert line.count[0] == 1
        assert [value for value in series("latency_ms", *range_of(start, days)).p99 if value] == pytest.approx(
            [7], rel=0.01
        )


def test_pruned_ranges_come_from_the_hours():
    minute(connections=2)
    roll_up()
    with transaction.atomic():
        PruneWatermark.objects.lock()["minute"].move_to(MINUTE + 86_400)
    Minute.objects.all().delete()
    assert (shown().tier, shown().average) == ("hour", [2])


def test_peaks_of_the_message_rate_survive_in_the_hours():
    minute(messages=120, message_rate=gauge(0, 1, 50))
    roll_up()
    line = series("messages_per_second", START, START + timedelta(days=7))
    assert (line.average[0], line.minimum[0], line.maximum[0], line.count[0]) == (2, 0, 50, 120)


def range_of(start: int, days: int) -> tuple[datetime, datetime]:
    return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(start + days * 86_400, UTC)


@pytest.mark.parametrize("seconds", [61, 3_600, 86_401, 8_640_000, 31_536_000])
@pytest.mark.parametrize("points", [1, 7, 1_500])
def test_there_are_never_more_points_than_asked_for(seconds, points):
    line = series("fps", START, START + timedelta(seconds=seconds), points=points)
    assert 1 <= len(line.times) <= points


def test_invalid_arguments_are_refused():
    with pytest.raises(ValueError, match="metric=disk: must be one of cpu_percent, "):
        shown("disk")
    with pytest.raises(ValueError, match="must end after it starts"):
        shown(minutes=0)


def test_a_node_whose_clock_is_ahead_covers_no_more_than_the_time_until_now(monkeypatch):
    minute(MINUTE + 120, seconds=30)
    monkeypatch.setattr(module.time, "time", lambda: MINUTE + 148.0)
    line = shown(minutes=2.25)
    assert (line.coverage[-1], line.end) == (1, MINUTE + 148)
