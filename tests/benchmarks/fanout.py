"""What it costs a server to send one frame to one of 500 viewers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial

from tests.benchmarks import rounds
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_least, at_most
from tests.benchmarks.load import LoadError, Tally, avatars, between_ticks, check_open, watching
from tests.benchmarks.payload import CLIENTS
from tests.benchmarks.server import Server

VIEWERS = 500
WARM_UP_SECONDS = 2
MICROSECONDS = 1e6


def on_daphne(arena: Arena) -> Iterator[Row]:
    """Against a group of stock consumers, through Redis and in memory."""
    stock = "tests.benchmarks.stock.fanout"
    readings = rounds.interleaved(
        {
            "stock, redis": partial(_per_frame, arena, lambda: arena.stock_on_daphne(stock, STOCK_LAYER="redis")),
            "ours": partial(_per_frame, arena, arena.site_on_daphne, ours=True),
            "stock, memory": partial(_per_frame, arena, lambda: arena.stock_on_daphne(stock, STOCK_LAYER="memory")),
        },
        rounds=int(arena.choose(3, 1)),
    )
    for layer in ("redis", "memory"):
        pair = {name: readings[name] for name in (f"stock, {layer}", "ours")}
        yield Row(
            f"fanout_vs_stock_{layer}",
            f"server CPU per viewer and frame, {VIEWERS} viewers on daphne: stock group_send ({layer}) / ours",
            rounds.ratio(pair, f"stock, {layer}", "ours"),
            "×",
            at_least(6),
            rounds.shown(pair, "µs", MICROSECONDS),
        )


def on_uvicorn(arena: Arena) -> Iterator[Row]:
    """Against the broadcast of `websockets`, which does nothing else."""
    broadcast = partial(arena.module, "tests.benchmarks.stock.broadcast", "PORT")
    readings = rounds.interleaved(
        {
            "ours": partial(_per_frame, arena, arena.site_on_uvicorn, ours=True),
            "websockets": partial(_per_frame, arena, broadcast),
        },
        rounds=int(arena.choose(4, 1)),
    )
    yield Row(
        "fanout_uvicorn_vs_websockets_broadcast",
        f"server CPU per viewer and frame, {VIEWERS} viewers: ours on uvicorn / websockets.broadcast",
        rounds.ratio(readings, "ours", "websockets"),
        "×",
        at_most(1.35),
        rounds.shown(readings, "µs", MICROSECONDS),
    )


def _per_frame(arena: Arena, start: Callable[[], Server], *, ours: bool = False) -> float:
    with start() as server:
        return asyncio.run(_watched(arena, server, ours=ours))


async def _watched(arena: Arena, server: Server, *, ours: bool) -> float:
    """Seconds of CPU per viewer and frame, over whole seconds; ours has the few clients that fill its frames."""
    tally, seconds = Tally(), int(arena.choose(8, 4))
    async with AsyncExitStack() as stack:
        if ours:
            await stack.enter_async_context(avatars(server.port, CLIENTS, Tally()))
        viewers = await stack.enter_async_context(watching(server.port, VIEWERS, tally, arena.cookie))
        await asyncio.sleep(WARM_UP_SECONDS)
        await between_ticks()
        before, tally.texts = server.cpu, 0
        await asyncio.sleep(seconds - 0.5)
        await between_ticks()
        cpu = server.cpu - before
        check_open(viewers)
    if not 0.95 <= tally.texts / (VIEWERS * seconds) <= 1.05:
        raise LoadError(f"{VIEWERS} viewers got {tally.texts} frames in {seconds} s")
    return cpu / tally.texts
