"""Ten thousand clients on one node and fifty viewers: how late and how large their frames are."""

from __future__ import annotations

import asyncio
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import AsyncExitStack
from statistics import median, quantiles

import msgspec

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.load import FRAME, Tally, avatars, check_open, paced, watching
from tests.benchmarks.sockets import Socket

CLIENTS, VIEWERS = 10_000, 50
EACH_PER_SECOND = 0.1
MILLISECONDS = 1e3
TIMESTAMP = re.compile(rb'"timestamp":([0-9.]+)')
KEYS = ("crowd_lag_ms", "crowd_tick_ms", "crowd_frame_bytes")


class Watched(Tally):
    """What the viewers received: seconds from a frame's tick to its arrival, the largest frame, and the ticks' own
    CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.lags: list[float] = []
        self.largest = b""
        self.tick_ms: list[float] = []

    def take(self, socket: Socket, text: bytes) -> None:
        arrived = time.time()
        if not text.startswith(FRAME):
            return
        super().take(socket, text)
        # One frame per tick is parsed completely: parsing them all would be a load of its own.
        self.lags.append(arrived - float(TIMESTAMP.search(text)[1]))
        self.largest = max(self.largest, text, key=len)
        if self.texts % VIEWERS == 0:
            self.tick_ms.append(msgspec.json.decode(text)["server"]["monitor"]["cpu_ms"])

    def forget(self) -> None:
        self.lags, self.tick_ms, self.largest = [], [], b""


def watched(arena: Arena) -> Iterator[Row]:
    seen = asyncio.run(_watched(arena))
    lags = [lag * MILLISECONDS for lag in seen.lags]
    what = f"{CLIENTS} clients at {EACH_PER_SECOND} messages/s each, {VIEWERS} viewers on one daphne"
    sides = {"median": f"{median(lags):.0f} ms", "99 of 100 at most": f"{quantiles(lags, n=100)[-1]:.0f} ms"}
    late = f"{what}: from a tick until the last viewer has its frame"
    yield Row(KEYS[0], late, max(lags), "ms", at_most(1000), sides)
    yield Row(KEYS[1], "the same: CPU of a tick, its 50 sends included", median(seen.tick_ms), "ms", at_most(20))
    compressed = float(len(zlib.compress(seen.largest)))
    sides = {"as JSON": f"{len(seen.largest)} B", "compressed": f"{compressed:.0f} B"}
    yield Row(KEYS[2], "the same: a frame, compressed by itself", compressed, "B", at_most(20 * 1024), sides)


async def _watched(arena: Arena) -> Watched:
    seen = Watched()
    async with AsyncExitStack() as stack:
        server = stack.enter_context(arena.site_on_daphne())
        clients = await stack.enter_async_context(avatars(server.port, CLIENTS, Tally()))
        viewers = await stack.enter_async_context(watching(server.port, VIEWERS, seen, arena.cookie))
        await paced(clients, EACH_PER_SECOND, 3)
        seen.forget()
        await paced(clients, EACH_PER_SECOND, arena.choose(20, 6))
        check_open([*clients, *viewers])
    return seen
