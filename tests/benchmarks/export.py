"""How fast stored minutes become a file, and how much memory that takes. Run alone: `export.py FORMAT [METRIC …]`."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_least, at_most
from tests.benchmarks.history import year_in_sqlite

PLAIN = ("messages", "connections", "message_rate", "cpu_percent", "memory_percent", "memory_used_mb",
         "network_sent_rate", "network_recv_rate", "fps")  # fmt: skip
"""Metrics whose columns are no percentiles."""


def of_minutes(arena: Arena) -> Iterator[Row]:
    """Rows per second and peak memory for a year of minutes of four nodes."""
    database = year_in_sqlite(arena)
    whole, plain, *rest = (
        arena.run_alone(__name__, *words, DATABASE_URL=database)
        for words in (["csv"], ["csv", *PLAIN], ["csv.gz"], ["jsonl"], ["parquet"])
    )
    rows, others = whole["rows"], dict(zip(("csv.gz", "jsonl", "parquet"), rest, strict=True))
    yield Row(
        "export_rate",
        f"export of {rows} minutes to CSV, all columns",
        whole["rate"],
        "rows/s",
        at_least(50_000),
        {"without percentiles": _per_second(plain), **{name: _per_second(found) for name, found in others.items()}},
        {"with_percentiles": whole, "plain": plain, **others},
    )
    yield Row(
        "export_memory",
        f"peak memory of the export of {rows} minutes to CSV",
        whole["peak_mb"],
        "MB",
        at_most(150),
        {name: f"{found['peak_mb']:.0f} MB" for name, found in others.items()},
    )


def rate(name: str, metrics: Sequence[str] = ()) -> dict[str, Any]:
    """Exports all minutes of the database to a file with this ending: rows, seconds, rows a second, peak in MB."""
    from django.core.management import call_command

    from monitoring.models import Minute

    rows = Minute.objects.of_each_node().count()
    chosen = [word for metric in metrics for word in ("--metric", metric)]
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"minutes.{name}"
        begun, worked = time.perf_counter(), time.process_time()
        with open(os.devnull, "w") as quiet:
            call_command("export_metrics", "--from", "2000-01-01", "--output", str(path), *chosen, stderr=quiet)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
        size = path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = {"rows": rows, "seconds": seconds, "cpu_seconds": cpu, "rate": rows / seconds}
    return {**spent, "peak_mb": peak, "bytes_per_row": size / rows}


def _per_second(found: dict[str, Any]) -> str:
    return f"{found['rate']:.0f} rows/s"


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(rate(sys.argv[1], sys.argv[2:])))
