"""All measurements, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks import (
    backtests,
    crowd,
    export,
    fanout,
    footprint,
    guard,
    history,
    ingest,
    live_page,
    notices,
    overhead,
    tick,
    track,
    workers,
)
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row
from tests.benchmarks.machine import UnusableError


@dataclass(frozen=True, slots=True)
class Measurement:
    """The function that measures the rows with these keys."""

    keys: tuple[str, ...]
    rows: Callable[[Arena], Iterator[Row]]


MEASUREMENTS = (
    Measurement(("fanout_vs_stock_redis", "fanout_vs_stock_memory"), fanout.on_daphne),
    Measurement(("fanout_uvicorn_vs_websockets_broadcast",), fanout.on_uvicorn),
    Measurement(("ingest_vs_stock", "ingest_on_vs_off"), ingest.against_stock),
    Measurement(("track_vs_prometheus",), track.against_prometheus),
    Measurement(tick.KEYS, tick.costs),
    Measurement(("bytes_per_client", "memory_kb_10"), footprint.per_client),
    Measurement(("overhead_pct_10", "overhead_pct_500"), overhead.of_monitoring),
    Measurement(("frame_bytes_10", "frame_bytes_10000"), footprint.of_frames),
    Measurement(crowd.KEYS, crowd.watched),
    Measurement(guard.KEYS, guard.against_silence),
    Measurement(("trend_ms_sqlite", "trend_ms_postgres", "bytes_per_minute"), history.of_trends),
    Measurement(backtests.KEYS, backtests.of_rules),
    Measurement(("export_rate", "export_memory"), export.of_minutes),
    Measurement(("drain_minutes_per_second",), history.of_draining),
    Measurement(("percentile_error_pct",), history.of_percentiles),
    Measurement(live_page.KEYS, live_page.in_a_browser),
    Measurement((notices.KEY,), notices.breach_to_webhook),
    Measurement(("workers_scaling",), workers.scaling),
)
KEYS = tuple(key for measurement in MEASUREMENTS for key in measurement.keys)


def chosen(only: str | None) -> list[str]:
    """The key `only`, or the keys that begin with it; all by default. Raises UnusableError if there are none."""
    keys = [only] if only in KEYS else [key for key in KEYS if key.startswith(only or "")]
    if not keys:
        raise UnusableError(f"--only {only}: must be one of {', '.join(KEYS)}, or the beginning of such a name")
    return keys


def run(arena: Arena, keys: list[str]) -> Iterator[Row]:
    """The rows of these keys, each as soon as it is measured."""
    for measurement in MEASUREMENTS:
        if set(measurement.keys) & set(keys):
            yield from (row for row in measurement.rows(arena) if row.key in keys)
