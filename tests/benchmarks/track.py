"""The cost of counting one message. Run alone: `track.py ROUNDS CALLS`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client import CollectorRegistry, Counter

from monitoring import MetricsCollector
from tests.benchmarks import rounds
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most

CLIENTS = 500
NANOSECONDS = 1e9
OURS, LABELLED, BOUND = "ours", "prometheus_client", "prometheus_client, label kept"


def against_prometheus(arena: Arena) -> Iterator[Row]:
    readings = arena.run_alone(__name__, int(arena.choose(15, 7)), int(arena.choose(100_000, 40_000)))
    yield Row(
        "track_vs_prometheus",
        "track_message + track_client_message / one labelled Counter inc()",
        rounds.ratio(readings, OURS, LABELLED),
        "×",
        at_most(0.5),
        rounds.shown(readings, "ns", NANOSECONDS),
    )


def measured(turns: int, calls: int) -> dict[str, list[float]]:
    """Seconds per call. The label is the client's, like ours; for scale also a counter that needs no look-up."""
    names = [f"avatar-{number}" for number in range(CLIENTS)] * (calls // CLIENTS)
    collector = MetricsCollector()
    counter = Counter("messages", "Messages of a client", ["client"], registry=CollectorRegistry())
    for name in names[:CLIENTS]:
        collector.track_client_connection(name)
        counter.labels(name)
    bound = counter.labels(names[0])
    sides: dict[str, Callable[[], None]] = {
        OURS: partial(_ours, collector, names),
        LABELLED: lambda: _labelled(counter, names),
        BOUND: lambda: _bound(bound, names),
    }
    return rounds.interleaved({name: partial(_timed, side, len(names)) for name, side in sides.items()}, turns)


def _ours(collector: MetricsCollector, names: list[str]) -> None:
    for name in names:
        collector.track_message()
        collector.track_client_message(name, 0, 120)


def _labelled(counter: Counter, names: list[str]) -> None:
    for name in names:
        counter.labels(name).inc()


def _bound(child: Counter, names: list[str]) -> None:
    for _ in names:
        child.inc()


def _timed(call: Callable[[], None], calls: int) -> float:
    before = time.thread_time()
    call()
    return (time.thread_time() - before) / calls


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]))))
