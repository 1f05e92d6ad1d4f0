"""The cost of a year of history: to query, to keep, to fill. Run alone: `history.py fill|trends|drain|error NUMBER`.

Run alone, it works on the database in DATABASE_URL, which must be empty for `fill` and `drain`.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most

NODES = 4
START = datetime(2025, 1, 1, tzinfo=UTC)
RANGES = {
    "1 h": timedelta(hours=1),
    "24 h": timedelta(hours=24),
    "7 d": timedelta(days=7),
    "30 d": timedelta(days=30),
    "1 y": timedelta(days=365),
}
SHARES = (0.5, 0.95, 0.99)
MEGABYTE = 1024 * 1024
MILLISECONDS = 1e3


def of_trends(arena: Arena) -> Iterator[Row]:
    """On both databases, with the same rows."""
    from tests.postgres import new_database, running_postgres

    days = length(arena)
    found = {"sqlite": arena.run_alone(__name__, "trends", days, DATABASE_URL=year_in_sqlite(arena))}
    with running_postgres() as url, new_database(url) as database:
        arena.run_alone(__name__, "fill", days, DATABASE_URL=database)
        found["postgres"] = arena.run_alone(__name__, "trends", days, DATABASE_URL=database)
    for name, read in found.items():
        minutes = f"{read['minutes'] / 1e6:.1f} M minutes of {NODES} nodes"
        yield Row(
            f"trend_ms_{name}",
            f"the slowest trend query over {minutes}: {read['slowest']}",
            max(read["ms"].values()),
            "ms",
            at_most(50),
            {query: f"{spent:.1f} ms" for query, spent in read["ms"].items()},
        )
    read = found["sqlite"]
    yield Row(
        "bytes_per_minute",
        "the database's size over its minutes of nodes, all tiers and indexes included",
        read["bytes"] / read["minutes"],
        "B",
        sides={name: f"{one['bytes'] / MEGABYTE:.0f} MB" for name, one in found.items()},
    )


def length(arena: Arena) -> int:
    """Days of the history that is queried and exported."""
    return int(arena.choose(365, 40))


def year_in_sqlite(arena: Arena) -> str:
    """The URL of a database with the whole history, which is generated once."""
    path = arena.directory / "year.sqlite3"
    url = f"sqlite:///{path}"
    if not path.exists():
        arena.run_alone(__name__, "fill", length(arena), DATABASE_URL=url)
    return url


def of_draining(arena: Arena) -> Iterator[Row]:
    hours = int(arena.choose(10, 1))
    found = arena.run_alone(
        __name__,
        "drain",
        hours,
        DATABASE_URL=f"sqlite:///{arena.directory / 'drained'}",
        REDIS_URL=arena.second_redis_url,
    )
    rate = found["minutes"] / found["seconds"]
    what = f"a journal of {hours} h of {NODES} nodes into SQLite: minutes of nodes per second"
    sides = {"took": f"{found['seconds']:.1f} s", "memory": f"+{found['grown'] / MEGABYTE:.0f} MB"}
    yield Row("drain_minutes_per_second", what, rate, "/s", sides=sides)


def of_percentiles(arena: Arena) -> Iterator[Row]:
    found = arena.run_alone(__name__, "error", "0")
    what = "the largest error of p50, p95 and p99 of merged distributions against the sorted values"
    yield Row("percentile_error_pct", what, found["worst"], "%", at_most(1))


def fill(days: int) -> int:
    """Returns the number of minutes of nodes."""
    from tests.benchmarks import year

    call_command("migrate", verbosity=0)
    return year.generate(START, days=days, nodes=NODES)


def trends(days: int) -> dict[str, Any]:
    """Milliseconds of each query, the median of five after a first one; and the database's bytes."""
    from monitoring.history import series
    from monitoring.models import Minute

    minutes = Minute.objects.of_each_node().count()
    end = START + timedelta(days=days)
    node = "web-1:4000"
    spent = {}
    for label, length in RANGES.items():
        for whose, nodes in (("fleet", None), ("one node", [node])):
            for metric in series.METRICS:
                ask = partial(series.series, metric, end - length, end, nodes=nodes)
                spent[f"{metric}, {label}, {whose}"] = _milliseconds(ask)
    slowest = max(spent, key=spent.__getitem__)
    widest = {label: max(ms for query, ms in spent.items() if f", {label}, " in query) for label in RANGES}
    return {"ms": widest, "slowest": slowest, "minutes": minutes, "bytes": _bytes()}


def _milliseconds(ask: partial[Any]) -> float:
    taken = []
    for _ in range(6):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * MILLISECONDS)
    return median(taken[1:])


def _bytes() -> int:
    sql = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT pg_database_size(current_database())",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return int(cursor.fetchone()[0])


def drain(hours: int) -> dict[str, Any]:
    """Seconds, minutes, and the bytes by which the process grew."""
    from monitoring import redis_connections
    from monitoring.journal import stream
    from monitoring.storage import ingest as draining
    from tests.monitoring.batches import append, batch, random_sample

    call_command("migrate", verbosity=0)
    source = random.Random(1)
    first = START.timestamp()
    with redis_connections.connect(settings.REDIS_URL, seconds=10) as client:
        client.delete(stream.keys().stream)
        for seq in range(hours * 720):
            for node in range(NODES):
                samples = [random_sample(first + seq * 5 + second, source) for second in range(5)]
                append(client, batch(*samples, seq=seq + 1, boot=f"boot-{node}", node=f"web:{node}"))
        before = _peak()
        began = time.perf_counter()
        drained = draining.drain(client)
        seconds = time.perf_counter() - began
    assert drained.batches == hours * 720 * NODES, drained
    return {"seconds": seconds, "minutes": hours * 60 * NODES, "grown": _peak() - before}


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def error(_: int) -> dict[str, Any]:
    """In percent, over shapes of a thousand minutes each: even, long-tailed, two-humped, tiny, huge and all alike."""
    from monitoring.core.stats.sketch import Sketch
    from monitoring.core.stats.sketch_bytes import rank

    source = random.Random(1)
    shapes = (
        lambda: source.uniform(1, 100),
        lambda: source.lognormvariate(3, 1.5),
        lambda: source.gauss(5, 0.2) if source.random() < 0.5 else source.gauss(900, 20),
        lambda: source.uniform(0.002, 0.02),
        lambda: source.uniform(1e6, 8e7),
        lambda: 42.0,
    )
    worst = 0.0
    for shape in shapes:
        values = [shape() for _ in range(60_000)]
        merged = Sketch()
        for start in range(0, len(values), 60):
            merged.merge(Sketch.decode(Sketch.of(values[start : start + 60]).encode()))
        exact = sorted(values)
        for share, found in zip(SHARES, merged.quantiles(*SHARES), strict=True):
            true = exact[rank(share, len(values))]
            worst = max(worst, 100 * abs(found - true) / true)
    return {"worst": worst}


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"fill": fill, "trends": trends, "drain": drain, "error": error}[sys.argv[1]](int(sys.argv[2]))))
