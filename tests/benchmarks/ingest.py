"""The cost for a server to receive one message of an avatar and answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

from tests.benchmarks import rounds
from tests.benchmarks.arena import Arena
from tests.benchmarks.budget import Row, at_least, at_most
from tests.benchmarks.load import Tally, answered, avatars, check_open, paced
from tests.benchmarks.server import Server
from tests.benchmarks.sockets import Socket

AVATARS, EACH_PER_SECOND = 50, 40
WARM_UP_SECONDS = 1.0
MICROSECONDS = 1e6
STOCK, ON, OFF = "stock", "ours", "ours, monitoring off"


class Echo:
    """One server with its avatars; only one of the sides gets messages at a time."""

    def __init__(self, server: Server, sockets: list[Socket], tally: Tally) -> None:
        self._server = server
        self._sockets = sockets
        self._tally = tally

    async def per_message(self, seconds: float) -> float:
        """Seconds of the server's CPU per message and its answer."""
        before, self._tally.texts = self._server.cpu, 0
        sent = await paced(self._sockets, EACH_PER_SECOND, seconds)
        await answered(self._tally, sent)
        cpu = self._server.cpu - before
        check_open(self._sockets)
        return cpu / sent


def against_stock(arena: Arena) -> Iterator[Row]:
    readings = asyncio.run(_measured(arena))
    yield Row(
        "ingest_vs_stock",
        "server CPU per message of an avatar on daphne: stock echo with a channel layer / ours, monitoring on",
        rounds.ratio(readings, STOCK, ON),
        "×",
        at_least(2),
        rounds.shown({name: readings[name] for name in (STOCK, ON)}, "µs", MICROSECONDS),
    )
    yield Row(
        "ingest_on_vs_off",
        "the same: monitoring on / off",
        rounds.paired_ratio(readings, ON, OFF),
        "×",
        at_most(1.05),
        rounds.shown({name: readings[name] for name in (ON, OFF)}, "µs", MICROSECONDS),
    )


async def _measured(arena: Arena) -> dict[str, list[float]]:
    """Several generations of processes, because two processes of the same program differ too."""
    readings: dict[str, list[float]] = {STOCK: [], ON: [], OFF: []}
    for _ in range(int(arena.choose(3, 1))):
        async with AsyncExitStack() as stack:
            echoes = {
                STOCK: await _echo(stack, arena.stock_on_daphne("tests.benchmarks.stock.echo")),
                ON: await _echo(stack, arena.site_on_daphne()),
                OFF: await _echo(stack, arena.site_unwatched()),
            }
            for echo in echoes.values():
                await echo.per_message(WARM_UP_SECONDS)
            sides = {name: partial(echo.per_message, arena.choose(1.5, 1)) for name, echo in echoes.items()}
            some = await rounds.interleaved_async(sides, rounds=int(arena.choose(10, 6)))
        for name, values in some.items():
            readings[name] += values
    return readings


async def _echo(stack: AsyncExitStack, server: Server) -> Echo:
    stack.enter_context(server)
    tally = Tally()
    return Echo(server, await stack.enter_async_context(avatars(server.port, AVATARS, tally)), tally)
