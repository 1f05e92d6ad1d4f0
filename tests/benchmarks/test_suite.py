import pytest

from tests.benchmarks import suite
from tests.benchmarks.machine import UnusableError


def test_every_promised_row_is_measured():
    assert set(suite.KEYS) == {
        "fanout_vs_stock_redis", "fanout_vs_stock_memory", "fanout_uvicorn_vs_websockets_broadcast",
        "ingest_vs_stock", "ingest_on_vs_off", "track_vs_prometheus", "tick_ms_10", "tick_ms_500", "tick_ms_10000",
        "tick_ms_stale", "frame_bytes_stale", "tick_ms_ruled", "tick_ms_sorted", "memory_kb_10", "bytes_per_client",
        "overhead_pct_10", "overhead_pct_500", "frame_bytes_10", "frame_bytes_10000",
        "trend_ms_sqlite", "trend_ms_postgres", "bytes_per_minute", "drain_minutes_per_second", "percentile_error_pct",
        "export_rate", "export_memory", "backtest_seconds", "backtest_open_seconds",
        "crowd_lag_ms", "crowd_tick_ms", "crowd_frame_bytes", "guard_lag_p99_ms", "guard_memory_mb", "workers_scaling",
        "notice_p99_s", "page_update_ms", "page_main_thread_ms", "page_heap_mb", "page_numbers_ms",
        "page_numbers_far_ms", "page_weight_kb",
    }  # fmt: skip


def test_a_name_or_its_beginning_chooses_rows():
    assert suite.chosen("tick_ms_10") == ["tick_ms_10"]
    assert suite.chosen("tick") == [
        "tick_ms_10", "tick_ms_500", "tick_ms_10000", "tick_ms_stale", "tick_ms_ruled", "tick_ms_sorted",
    ]  # fmt: skip
    assert suite.chosen(None) == list(suite.KEYS)


def test_an_unknown_row_name_is_refused_with_the_known_ones():
    with pytest.raises(UnusableError, match="--only fps: must be one of fanout_vs_stock_redis, "):
        suite.chosen("fps")
