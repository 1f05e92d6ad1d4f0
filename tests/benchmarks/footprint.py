"""The memory of a client and the size of a frame. Run alone: `footprint.py memory|frame CLIENTS`."""

from __future__ import annotations

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Iterator

from monitoring.core.collector import HISTORY
from monitoring.core.wire.outgoing import Outgoing
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.populated import Populated
from tests.fakes import FakeClock

SAMPLES = 100
FEW = 10
FRAME_BUDGETS = {10: 700, 10_000: 6144}


def per_client(arena: Arena) -> Iterator[Row]:
    clients = int(arena.choose(10_000, 3_000))
    empty, full = (arena.run_alone(__name__, "memory", count) for count in (0, clients))
    yield Row(
        "bytes_per_client",
        f"memory of a client with {SAMPLES} latencies held, of {clients} clients",
        (full - empty) / clients,
        "B",
        at_most(2048),
        {"without clients": f"{empty / 1024:.0f} KiB", f"{clients} clients": f"{full / 1024:.0f} KiB"},
    )
    few = arena.run_alone(__name__, "memory", FEW)
    yield Row(
        f"memory_kb_{FEW}",
        f"all that the monitor of {FEW} clients holds, with its last {HISTORY} ticks and {SAMPLES} latencies each",
        few / 1024,
        "KB",
        at_most(150),
        {"without clients": f"{empty / 1024:.0f} KiB"},
    )


def of_frames(arena: Arena) -> Iterator[Row]:
    for clients, budget in FRAME_BUDGETS.items():
        found = arena.run_alone(__name__, "frame", clients)
        yield Row(
            f"frame_bytes_{clients}",
            f"a frame of {clients} clients as the live page gets it, compressed with the one before",
            found["chained"],
            "B",
            at_most(budget),
            {"as JSON": f"{found['json']} B", "compressed by itself": f"{found['alone']} B"},
        )


def memory(clients: int) -> int:
    """Bytes that a monitor holds after a full history of ticks, including the latest samples of all clients."""
    tracemalloc.start()
    clock = FakeClock()
    populated = Populated(clients, clock=clock)
    for _ in range(SAMPLES):
        # A client is pinged every few seconds, so that a tick finds at most one new latency of it.
        clock.advance(1.0)
        populated.second()
        populated.measure_latencies(1)
        populated.tick()
        populated.forget_frames()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def frame(clients: int) -> dict[str, int]:
    """Sizes of a viewer's second frame when the clients have worked for a while, no two of them alike."""
    populated = Populated(clients)
    populated.age()
    populated.measure_latencies(3)
    for _ in range(2):
        time.sleep(1)
        populated.second()
        populated.tick()
    before, frame = (Outgoing(text.encode()) for text in populated.viewers[0].frames)
    frame.follow(before)
    sizes = {"alone": frame.deflated, "chained": frame.chained}
    return {"json": len(frame.payload), **{name: len(form.payload) for name, form in sizes.items()}}


if __name__ == "__main__":
    print(json.dumps({"memory": memory, "frame": frame}[sys.argv[1]](int(sys.argv[2]))))
