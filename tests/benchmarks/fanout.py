"""What a frame to one of 500 viewers costs a server: the cost of each extra viewer on top of a single one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from tests.benchmarks import rounds
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Budget, Row, at_least, at_most
from tests.benchmarks.load import LoadError, Tally, avatars, between_ticks, check_open, watching
from tests.benchmarks.payload import CLIENTS
from tests.benchmarks.server import Server

VIEWERS = 500
WARM_UP_SECONDS = 2
MICROSECONDS = 1e6
STOCK_WEBSOCKETS = "websockets"


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU per viewer and frame: the cost of an extra viewer, and the same with its share of everything
    else."""

    added: float
    shared: float


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
        yield _row(
            f"fanout_vs_stock_{layer}",
            f"server CPU per viewer and frame, {VIEWERS} viewers on daphne: stock group_send ({layer}) / ours",
            pair,
            at_least(6),
        )


def on_uvicorn(arena: Arena) -> Iterator[Row]:
    """Against the broadcast of `websockets`, which does nothing else."""
    broadcast = partial(arena.module, "tests.benchmarks.stock.broadcast", "PORT")
    readings = rounds.interleaved(
        {
            "ours": partial(_per_frame, arena, arena.site_on_uvicorn, ours=True),
            STOCK_WEBSOCKETS: partial(_per_frame, arena, broadcast),
        },
        rounds=int(arena.choose(4, 2)),
    )
    yield _row(
        "fanout_uvicorn_vs_websockets_broadcast",
        f"server CPU per viewer and frame, {VIEWERS} viewers: ours on uvicorn / websockets.broadcast",
        readings,
        at_most(1.35),
    )


def _row(key: str, what: str, readings: Mapping[str, Sequence[Cost]], budget: Budget) -> Row:
    """The first side's cost relative to the second's."""
    above, below = readings
    added = {name: [cost.added for cost in costs] for name, costs in readings.items()}
    shared = {f"{name}, with all else": [cost.shared for cost in costs] for name, costs in readings.items()}
    sides = rounds.shown({**added, **shared}, "µs", MICROSECONDS)
    return Row(key, what, rounds.ratio(added, above, below), "×", budget, sides)


def _per_frame(arena: Arena, start: Callable[[], Server], *, ours: bool = False) -> Cost:
    with start() as server:
        return asyncio.run(_watched(arena, server, ours=ours))


async def _watched(arena: Arena, server: Server, *, ours: bool) -> Cost:
    """With one viewer and with all; ours has the few clients that fill its frames."""
    tally, seconds = Tally(), int(arena.choose(8, 4))
    async with AsyncExitStack() as stack:
        if ours:
            await stack.enter_async_context(avatars(server.port, CLIENTS, Tally()))
        await stack.enter_async_context(watching(server.port, 1, tally, arena.cookie))
        alone = await _cpu(server, seconds, tally)
        others = await stack.enter_async_context(watching(server.port, VIEWERS - 1, tally, arena.cookie))
        whole = await _cpu(server, seconds, tally)
        check_open(others)
    if not 0.95 <= tally.texts / (VIEWERS * seconds) <= 1.05:
        raise LoadError(f"{VIEWERS} viewers got {tally.texts} frames in {seconds} s")
    return Cost(added=(whole - alone) / (tally.texts - seconds), shared=whole / tally.texts)


async def _cpu(server: Server, seconds: int, tally: Tally) -> float:
    """Seconds of CPU in this many whole seconds, whose frames the tally counts."""
    await asyncio.sleep(WARM_UP_SECONDS)
    await between_ticks()
    before, tally.texts = server.cpu, 0
    await asyncio.sleep(seconds - 0.5)
    await between_ticks()
    return server.cpu - before
