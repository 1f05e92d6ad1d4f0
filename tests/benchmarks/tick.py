"""The CPU of one tick: collect, detect alerts, encode for one viewer.

Run alone: `tick.py CLIENTS TICKS PAUSE [busy|quiet|stale|ruled|sorted]`: all clients may be silent, for less than a
minute or for more, one more rule watches them, or the viewer sorts and filters them in the way that costs most.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from monitoring.core.alert_rules import AlertScope, Rule
from monitoring.core.view import View
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.populated import Populated

BUDGETS_MS = {10: 0.4, 500: 1.0, 10_000: 3.0}
KEYS = (
    *(f"tick_ms_{clients}" for clients in BUDGETS_MS),
    "tick_ms_stale",
    "frame_bytes_stale",
    "tick_ms_ruled",
    "tick_ms_sorted",
)
WARM_UP_TICKS = 3
MILLISECONDS = 1e3

STALE_CLIENTS, STALE_BUDGET_MS, STALE_BUDGET_BYTES = 2_000, 2.0, 2_048
SILENCES = {"quiet": 50.0, "stale": 61.0}
"""For how many seconds all clients have been silent."""
RULED_CLIENTS, RULED_BUDGET_MS = 10_000, 20.0
SORTED_CLIENTS, SORTED_BUDGET_MS = 10_000, 20.0
COSTLY = View("-p95_latency_ms", search="a", state="live")
"""Of the views, the one that costs most: every name is searched, and percentiles are computed."""
SLOW = Rule(
    "p95_latency_ms", 1_000.0, 900.0, "warning", "Slow: {subject}", name="slow_clients", scope=AlertScope.CLIENT
)
"""Of the rules about clients, one of those that cost most: percentiles are computed."""


def costs(arena: Arena) -> Iterator[Row]:
    for clients, budget in BUDGETS_MS.items():
        found = arena.run_alone(__name__, clients, int(arena.choose(20, 15)), arena.choose(0.5, 0.15))
        yield _row(
            f"tick_ms_{clients}", f"CPU of one tick with {clients} clients and a viewer, after a pause", found, budget
        )

    yield from _costs_of_stale_clients(arena)
    found = arena.run_alone(__name__, RULED_CLIENTS, int(arena.choose(20, 15)), arena.choose(0.5, 0.15), "ruled")
    yield _row(
        "tick_ms_ruled", f"CPU of one tick with {RULED_CLIENTS} clients and one more rule", found, RULED_BUDGET_MS
    )

    found = arena.run_alone(__name__, SORTED_CLIENTS, int(arena.choose(20, 15)), arena.choose(0.5, 0.15), "sorted")
    yield _row(
        "tick_ms_sorted",
        f"CPU of one tick with {SORTED_CLIENTS} clients, searched, filtered and sorted by p95",
        found,
        SORTED_BUDGET_MS,
    )


def _costs_of_stale_clients(arena: Arena) -> Iterator[Row]:
    ticks, pause = int(arena.choose(20, 15)), arena.choose(0.5, 0.15)
    quiet, stale = (arena.run_alone(__name__, STALE_CLIENTS, ticks, pause, mode) for mode in SILENCES)
    yield _row("tick_ms_stale", f"CPU of one tick with {STALE_CLIENTS} clients stale at once", stale, STALE_BUDGET_MS)
    yield Row(
        "frame_bytes_stale",
        f"compressed frame, {STALE_CLIENTS} clients stale at once against none",
        stale["frame"] - quiet["frame"],
        "B more",
        at_most(STALE_BUDGET_BYTES),
        {"stale": f"{stale['frame']} B", "none": f"{quiet['frame']} B"},
    )


def _row(key: str, what: str, found: dict[str, Any], budget: float) -> Row:
    sides = {"median": f"{found['median']:.3g} ms", "95 of 100 at most": f"{found['p95']:.3g} ms"}
    return Row(key, what, found["median"], "ms", at_most(budget), sides)


def measured(clients: int, ticks: int, pause: float, mode: str = "busy") -> dict[str, Any]:
    """Milliseconds, and the bytes of the last frame, compressed. Between two ticks the clients work and the process
    sleeps: a tight loop would keep its caches warm."""
    populated = Populated(clients)
    spent = []
    frame = ""
    if mode == "ruled":
        populated.monitor.alerts.use([*populated.monitor.alerts.rules.values(), SLOW])
    if mode == "sorted":
        populated.measure_latencies(100)
        populated.viewers[0].view = COSTLY
    for number in range(ticks + WARM_UP_TICKS):
        if mode in SILENCES:
            populated.fall_silent(SILENCES[mode])
        else:
            populated.second()
        time.sleep(pause)
        before = time.thread_time()
        populated.tick()
        if number >= WARM_UP_TICKS:
            spent.append((time.thread_time() - before) * MILLISECONDS)
        frame = populated.viewers[0].frames[-1]
        populated.forget_frames()
    return {"median": median(spent), "p95": quantiles(spent, n=20)[-1], "frame": len(zlib.compress(frame.encode()))}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])))
