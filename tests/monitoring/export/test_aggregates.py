import random
from datetime import datetime

import pytest

from monitoring.columns import timestamp
from monitoring.core.stats.sample import Sample
from monitoring.core.stats.sketch import Sketch
from monitoring.export import reading
from monitoring.export.aggregates import Aggregates
from monitoring.models import Hour, Minute
from tests.monitoring.batches import MINUTE, gauge, minute, random_sample

pytestmark = pytest.mark.django_db
START, END = timestamp(MINUTE - 3_600), timestamp(MINUTE + 86_400)


def aggregates(tier=Minute, **options) -> Aggregates:
    return Aggregates(tier.objects.of_each_node(), START, END, **options)


def rows(records: Aggregates, after: datetime | None = None) -> list[dict]:
    names = [column.name for column in records.columns]
    found = [zip(*chunk.columns, strict=True) for chunk in records.chunks(after)]
    return [dict(zip(names, row, strict=True)) for part in found for row in part]


def test_a_row_contains_the_minutes_measurements():
    minute(messages=7, cpu_percent=gauge(10, 20), latency_sketch=Sketch.of([10.0] * 9))
    [row] = rows(aggregates())
    assert list(row)[:6] == ["minute", "node", "boot", "host", "coverage_seconds", "messages"]
    assert (row["minute"], row["node"], row["coverage_seconds"], row["messages"]) == (timestamp(MINUTE), "web:1", 60, 7)
    assert [row[f"cpu_percent_{part}"] for part in ("avg", "min", "max", "count")] == [15, 10, 20, 2]
    assert row["latency_p95_ms"] == pytest.approx(10, rel=0.01)


def test_coverage_has_milliseconds_whatever_was_added():
    minute(seconds=0.1)
    minute(MINUTE + 60, seconds=0.2)
    [row] = rows(aggregates(width=3_600))
    assert row["coverage_seconds"] == 0.3


def test_unmeasured_values_are_none():
    minute()
    [row] = rows(aggregates())
    assert [row[name] for name in ("fps_avg", "fps_min", "fps_max", "latency_p50_ms")] == [None] * 4


def test_rows_are_in_order_of_time_node_and_boot():
    minute(MINUTE + 60)
    for node, boot in (("web:2", "a"), ("web:1", "b"), ("web:1", "a")):
        Minute.from_sample(node, boot, "web", Sample(MINUTE)).save()
    order = [((row["minute"].timestamp() - MINUTE) / 60, row["node"], row["boot"]) for row in rows(aggregates())]
    assert order == [(0, "web:1", "a"), (0, "web:1", "b"), (0, "web:2", "a"), (1, "web:1", "web:1")]


def test_the_start_is_included_and_the_end_is_not():
    for at in (-3_660, -3_600, 86_340, 86_400):
        minute(MINUTE + at)
    assert [row["minute"].timestamp() - MINUTE for row in rows(aggregates())] == [-3_600, 86_340]


def test_only_the_columns_of_chosen_metrics_are_read(django_assert_num_queries):
    minute(cpu_percent=5)
    records = aggregates(metrics=["cpu_percent"])
    with django_assert_num_queries(1) as asked:
        [row] = rows(records)
    assert list(row)[5:] == ["cpu_percent_avg", "cpu_percent_min", "cpu_percent_max", "cpu_percent_count"]
    assert "sketch" not in asked[0]["sql"]


def test_a_tier_names_its_time_column():
    Hour.from_sample("web:1", "a", "web", Sample(MINUTE)).save()
    assert [row["hour"].minute for row in rows(aggregates(Hour))] == [0]


@pytest.mark.parametrize("width", [None, 300])
def test_it_resumes_after_any_chunk_with_the_same_chunks(monkeypatch, width):
    monkeypatch.setattr(reading, "READ", 7)
    monkeypatch.setattr(reading, "CHUNK", 5)
    source = random.Random(1)
    for at in range(40):
        for node in ("web:1", "web:2"):
            Minute.from_sample(node, node, "web", random_sample(MINUTE + 60 * at, source)).save()
    records = aggregates(width=width)
    chunks = list(records.chunks())
    assert len(chunks) > 4
    for at, chunk in enumerate(chunks):
        left = list(records.chunks(chunk.last))
        assert [one.columns for one in left] == [one.columns for one in chunks[at + 1 :]]


def test_rows_are_merged_into_buckets_by_the_clock():
    for at in range(1, 5):
        minute(MINUTE + 60 * at, messages=1, latency_sketch=Sketch.of([float(at + 1)]), latency_ms=gauge(at + 1))
    found = rows(aggregates(width=120))
    assert [(row["bucket"].timestamp() - MINUTE, row["messages"]) for row in found] == [(0, 1), (120, 2), (240, 1)]
    assert [row["latency_ms_avg"] for row in found] == [2, 3.5, 5]
    assert found[1]["latency_p99_ms"] == pytest.approx(4, rel=0.01)


def test_client_seconds_by_verdict_are_added_in_buckets():
    for number, counts in enumerate([{"fine": 60}, {"fine": 30, "network": 30}, None]):
        minute(MINUTE + 60 * number, breakdowns={"verdicts": counts} if counts else {})
    found = rows(aggregates(metrics=["verdicts"], width=3_600))
    assert [(row["verdict_fine_seconds"], row["verdict_network_seconds"]) for row in found] == [(90, 30)]


def test_a_bucket_is_a_multiple_of_the_tier():
    with pytest.raises(ValueError, match="bucket of 90 s: must be a multiple of the resolution, 60 s"):
        aggregates(width=90)


def test_it_counts_the_remaining_rows():
    minute()
    minute(MINUTE + 60)
    assert (aggregates().count(), aggregates().count(timestamp(MINUTE))) == (2, 1)


def test_a_chunk_is_found_by_the_index_without_a_scan_from_the_start(django_assert_num_queries):
    """With two lower bounds of the time SQLite could choose the wrong one, and each chunk would read all rows before
    it."""
    minute()
    found = aggregates()
    with django_assert_num_queries(1) as asked:
        rows(found, timestamp(MINUTE))
    assert asked[0]["sql"].count('"minute" >') == 1
