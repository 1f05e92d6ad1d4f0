"""Fifty viewers that read nothing, ten frames a second: what the server holds for them, and how another viewer
fares."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from statistics import median, quantiles

from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.crowd import MILLISECONDS, TIMESTAMP
from tests.benchmarks.load import FRAME, Tally, avatars, check_open, watching
from tests.benchmarks.sockets import Socket
from tests.integration.rude_socket import RudeSocket
from tests.pids import resident_mb

CLIENTS, SILENT = 700, 50
"""A hundred rows and their alerts make a frame of 190 kB."""
SETTLING_SECONDS = 2.0
VARIABLES = {"AVATAR_METRICS_INTERVAL": "0.1", "AVATAR_STALE_CLIENT_SECONDS": "1"}
KEYS = ("guard_lag_p99_ms", "guard_memory_mb")


class Felt(Tally):
    """Milliseconds from each frame's tick to its arrival, and the bytes of the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.lags: list[float] = []
        self.size = 0

    def take(self, socket: Socket, text: bytes) -> None:
        if text.startswith(FRAME):
            super().take(socket, text)
            self.lags.append((time.time() - float(TIMESTAMP.search(text)[1])) * MILLISECONDS)
            self.size = len(text)


def against_silence(arena: Arena) -> Iterator[Row]:
    calm, rude, grown, size = asyncio.run(_pressed(arena))
    what = f"{SILENT} viewers who read nothing of {size // 1000} kB ten times a second, under daphne"
    sides = {name: _shown(lags) for name, lags in (("without them", calm), ("with them", rude))}
    yield Row(KEYS[0], f"{what}: lag of one who reads", quantiles(rude, n=100)[-1], "ms", at_most(100), sides)
    unread = {"what they did not read": f"{SILENT * len(rude) * size / 1e6:.0f} MB"}
    yield Row(KEYS[1], "the same: growth of the server's memory", grown, "MB", at_most(60), unread)


async def _pressed(arena: Arena) -> tuple[list[float], list[float], float, int]:
    """Lags without and with them, the growth in MB, and the bytes of a frame."""
    felt, seconds = Felt(), arena.choose(30, 10)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(arena.site_on_daphne(**VARIABLES))
        await stack.enter_async_context(avatars(server.port, CLIENTS, Tally()))
        watchers = await stack.enter_async_context(watching(server.port, 1, felt, arena.cookie))
        await asyncio.sleep(SETTLING_SECONDS)
        calm = await _lags(felt, seconds)
        before = resident_mb(server.pid)
        for _ in range(SILENT):
            stack.enter_context(RudeSocket(server.port, "/ws/metrics/", arena.cookie))
        rude = await _lags(felt, seconds)
        check_open(watchers)
        return calm, rude, resident_mb(server.pid) - before, felt.size


async def _lags(felt: Felt, seconds: float) -> list[float]:
    await asyncio.sleep(0.2)  # the handshakes have kept this process from reading
    felt.lags = []
    await asyncio.sleep(seconds)
    return felt.lags


def _shown(lags: list[float]) -> str:
    return f"{median(lags):.0f} ms, 99 of 100 at most {quantiles(lags, n=100)[-1]:.0f} ms"
