"""The CPU of one tick: collect, detect alerts, encode for one viewer. Run alone: `tick.py CLIENTS TICKS PAUSE`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.populated import Populated

BUDGETS_MS = {10: 0.3, 500: 2.0, 10_000: 20.0}
WARM_UP_TICKS = 3
MILLISECONDS = 1e3


def costs(arena: Arena) -> Iterator[Row]:
    for clients, budget in BUDGETS_MS.items():
        found = arena.run_alone(__name__, clients, int(arena.choose(20, 15)), arena.choose(0.5, 0.15))
        yield Row(
            f"tick_ms_{clients}",
            f"CPU of one tick with {clients} clients and a viewer, after a pause",
            found["median"],
            "ms",
            at_most(budget),
            {"median": f"{found['median']:.3g} ms", "95 of 100 at most": f"{found['p95']:.3g} ms"},
        )


def measured(clients: int, ticks: int, pause: float) -> dict[str, Any]:
    """Milliseconds. Between two ticks the clients work and the process sleeps: a tight loop would keep its caches
    warm."""
    populated = Populated(clients)
    spent = []
    for number in range(ticks + WARM_UP_TICKS):
        populated.second()
        time.sleep(pause)
        before = time.thread_time()
        populated.tick()
        if number >= WARM_UP_TICKS:
            spent.append((time.thread_time() - before) * MILLISECONDS)
        populated.forget_frames()
    return {"median": median(spent), "p95": quantiles(spent, n=20)[-1]}


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
