"""The share of a core that monitoring takes while clients send one message a second each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

from tests.benchmarks import rounds
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_most
from tests.benchmarks.load import Tally, avatars, check_open, paced, watching
from tests.benchmarks.server import Server
from tests.benchmarks.sockets import Socket

BUDGETS_PERCENT = {10: 0.10, 500: 0.5}
EACH_PER_SECOND = 1.0
WARM_UP_SECONDS = 2.0
ON, OFF = "on", "off"


def of_monitoring(arena: Arena) -> Iterator[Row]:
    for clients, budget in BUDGETS_PERCENT.items():
        readings = asyncio.run(_measured(arena, clients))
        yield Row(
            f"overhead_pct_{clients}",
            f"CPU of monitoring, {clients} clients at 1 message/s, a viewer, the journal written: on - off",
            rounds.paired_difference(readings, ON, OFF),
            "% of a core",
            at_most(budget),
            rounds.shown(readings, "%") | {"difference": rounds.difference_shown(readings, ON, OFF, "%")},
        )


async def _measured(arena: Arena, clients: int) -> dict[str, list[float]]:
    readings: dict[str, list[float]] = {ON: [], OFF: []}
    for _ in range(int(arena.choose(4, 2))):
        some = await compared(arena, clients, rounds_=int(arena.choose(6, 3)), seconds=arena.choose(6, 4))
        for name, values in some.items():
            readings[name] += values
    return readings


async def compared(
    arena: Arena, clients: int, *, rounds_: int, seconds: float, each: float = EACH_PER_SECOND
) -> dict[str, list[float]]:
    """Percent of a core of two servers side by side; the one that is not being measured gets no messages."""
    async with AsyncExitStack() as stack:
        on, off = (stack.enter_context(server) for server in (arena.site_on_daphne(), arena.site_unwatched()))
        await stack.enter_async_context(watching(on.port, 1, Tally(), arena.cookie))
        sides = {}
        for name, server in ((ON, on), (OFF, off)):
            if 2 * clients < arena.open_files:
                sockets = await stack.enter_async_context(avatars(server.port, clients, Tally()))
                await percent(server, sockets, WARM_UP_SECONDS, each)
                sides[name] = partial(percent, server, sockets, seconds, each)
            else:
                sides[name] = partial(_percent_alone, server, clients, seconds, each)
        return await rounds.interleaved_async(sides, rounds_)


async def _percent_alone(server: Server, clients: int, seconds: float, each: float) -> float:
    """For more clients on both sides together than a process may have."""
    async with avatars(server.port, clients, Tally()) as sockets:
        await percent(server, sockets, WARM_UP_SECONDS, each)
        return await percent(server, sockets, seconds, each)


async def percent(server: Server, sockets: list[Socket], seconds: float, each: float = EACH_PER_SECOND) -> float:
    """Of a core, while all clients send at this rate."""
    loop = asyncio.get_running_loop()
    before, started = server.cpu, loop.time()
    await paced(sockets, each, seconds)
    cpu = server.cpu - before
    check_open(sockets)
    return 100 * cpu / (loop.time() - started)
