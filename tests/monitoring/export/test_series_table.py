from datetime import timedelta

import pytest

from monitoring.columns import timestamp
from monitoring.export import stream
from monitoring.export.series_table import SeriesTable
from monitoring.history.series import series_of
from tests.monitoring.batches import MINUTE, gauge, minute

pytestmark = pytest.mark.django_db
START = timestamp(MINUTE)


def lines(earlier=None) -> list[list[str]]:
    series = series_of(["connections", "latency_ms"], START, START + timedelta(minutes=3), points=3)
    text = b"".join(stream(SeriesTable(series, earlier), "csv")).decode()
    return [line.split(",") for line in text.splitlines()]


def test_it_has_a_row_for_each_bucket_of_each_metric_gaps_included():
    minute(connections=3, latency_ms=gauge(10, 20))
    header, *rows = lines()
    assert header[:6] == ["time", "bucket_seconds", "metric", "unit", "avg", "min"]
    assert [(row[0][14:16], row[2], row[4]) for row in rows] == [
        *(("14", "connections", "3.0"), ("15", "connections", ""), ("16", "connections", "")),
        *(("14", "latency_ms", "15.0"), ("15", "latency_ms", ""), ("16", "latency_ms", "")),
    ]


def test_each_row_says_how_much_of_it_was_measured():
    minute(connections=3)
    header, first, second, *_ = lines()
    assert (first[header.index("coverage")], second[header.index("coverage")]) == ("1.0", "0.0")


def test_what_it_is_compared_with_is_a_column_more():
    minute()
    header, first, *_ = lines({"connections": [1.5, 2.5, None], "latency_ms": [None] * 3})
    assert (header[-1], first[-1]) == ("avg_earlier", "1.5")
