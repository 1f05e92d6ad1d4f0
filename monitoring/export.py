"""Stored minutes as rows of a file: what the columns are, and how each format writes them, one row at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from monitoring.core.sketch import Sketch
from monitoring.models import Minute
from monitoring.models.aggregate import COUNTERS, GAUGES
from monitoring.models.minute import MinuteQuerySet

Row = dict[str, Any]
Format = Callable[[Iterable[Row]], Iterator[str]]

CHUNK = 2_000
PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

COLUMNS = (
    "minute",
    "node",
    "boot",
    "host",
    "coverage_seconds",
    *COUNTERS,
    *(f"{gauge}_{part}" for gauge in GAUGES for part in ("avg", "min", "max")),
    *(f"latency_{name}_ms" for name in PERCENTILES),
)


def rows(minutes: MinuteQuerySet) -> Generator[Row, None, None]:
    """The minutes in order, read in chunks; a value that was not measured is None."""
    for minute in minutes.in_order().iterator(chunk_size=CHUNK):
        yield _row(minute)


def _row(minute: Minute) -> Row:
    row: Row = {
        "minute": minute.minute.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "node": minute.node,
        "boot": minute.boot,
        "host": minute.host,
        "coverage_seconds": minute.coverage,
    }
    row |= {name: getattr(minute, name) for name in COUNTERS}
    for gauge in GAUGES:
        row[f"{gauge}_avg"] = _rounded(minute.average(gauge))
        row[f"{gauge}_min"] = _rounded(minute.lowest(gauge))
        row[f"{gauge}_max"] = _rounded(minute.highest(gauge))
    return row | _percentiles(minute.sketch("latency_sketch"))


def _percentiles(sketch: Sketch) -> Row:
    return {f"latency_{name}_ms": _rounded(sketch.quantile(q)) for name, q in PERCENTILES.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def as_csv(rows: Iterable[Row]) -> Iterator[str]:
    """RFC 4180 with a header; texts that a spreadsheet would run as a formula begin with an apostrophe."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    for row in rows:
        yield _take(line)
        writer.writerow([_harmless(value) for value in row.values()])
    yield _take(line)


def as_jsonl(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON object a line."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def as_json(rows: Iterable[Row]) -> Iterator[str]:
    """One JSON array of objects."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


FORMATS: dict[str, Format] = {"csv": as_csv, "jsonl": as_jsonl, "json": as_json}


def _take(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
