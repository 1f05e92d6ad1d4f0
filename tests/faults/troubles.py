"""The troubles of the fault bench: each makes one client sick, of random size, and has the verdict that is right."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from monitoring.core.verdicts import Verdict
from tests.faults.avatars import Avatar, avatar
from tests.faults.network_proxy import BadNetwork, bad_network

BLOCK = "/block/"
"""`/block/400` of the troubled site blocks its event loop for 400 ms."""

LAG = "/lag/"
"""By how many milliseconds its event loop was late at most since this was asked last."""


@dataclass(frozen=True)
class Patient:
    """A client that gets sick: it `suffers` until it is cancelled."""

    client_id: str
    trouble: str
    right: Verdict
    size: str
    suffers: Callable[[], Coroutine[Any, Any, None]]


Ward = Callable[[int, str, random.Random, AsyncExitStack], Coroutine[Any, Any, Patient]]
"""Connects a client, healthy at first, to a site's port by an id."""


async def delayed(port: int, name: str, chance: random.Random, stack: AsyncExitStack) -> Patient:
    network, _ = await _behind(port, name, stack)
    delay = chance.uniform(0.15, 0.4)

    async def suffers() -> None:
        network.delay = delay
        await asyncio.Event().wait()

    return Patient(name, "network delay", Verdict.NETWORK, f"{delay * 1_000:.0f} ms each way", suffers)


async def stalled(port: int, name: str, chance: random.Random, stack: AsyncExitStack) -> Patient:
    """Lost segments, which TCP sends again after 200 ms at least, and twice as long each time (RFC 6298)."""
    network, _ = await _behind(port, name, stack)
    most = chance.uniform(2.0, 4.0)

    async def suffers() -> None:
        while True:
            await network.stall(chance.uniform(0.6, most))
            await asyncio.sleep(chance.uniform(0.05, 0.25))

    return Patient(name, "loss, as stalls", Verdict.NETWORK, f"600 to {most * 1_000:.0f} ms", suffers)


async def not_reading(port: int, name: str, chance: random.Random, stack: AsyncExitStack) -> Patient:
    """Others in its room move, so there is something to read."""
    room, buffer = f"room-of-{name}", chance.randrange(4_096, 32_768)
    one = await stack.enter_async_context(avatar(port, name, room=room, receive_buffer=buffer))
    talker = await stack.enter_async_context(avatar(port, f"healthy-talker-{name}", room=room))
    talker.pose, talker.moves_every = chance.randrange(1_000, 3_000), chance.uniform(0.02, 0.05)

    async def suffers() -> None:
        one.is_silent = chance.random() < 0.5
        one.stop_reading()
        await asyncio.Event().wait()

    size = f"{talker.pose / talker.moves_every / 1_000:.0f} kB/s, {buffer / 1_000:.0f} kB of buffer"
    return Patient(name, "does not read", Verdict.NOT_READING, size, suffers)


async def handled_slowly(port: int, name: str, chance: random.Random, stack: AsyncExitStack) -> Patient:
    one = await stack.enter_async_context(avatar(port, name))

    async def suffers() -> None:
        one.moves_every = chance.uniform(0.3, 1.0)
        while True:
            one.takes = chance.uniform(0.3, 0.8)
            await asyncio.sleep(one.moves_every)

    return Patient(name, "slow handler", Verdict.SERVER_HANDLER, "300 to 800 ms", suffers)


async def throttled(port: int, name: str, chance: random.Random, stack: AsyncExitStack) -> Patient:
    one = await stack.enter_async_context(avatar(port, name))
    fps = chance.uniform(8, 16)

    async def suffers() -> None:
        while True:
            now = fps * chance.uniform(0.9, 1.1)
            one.change(
                fps=now, frame_time_ms=1_000 / now, low_fps=now / 2, long_frames=round(now * chance.uniform(0.7, 2))
            )
            await asyncio.sleep(2)

    return Patient(name, "throttled frames", Verdict.CLIENT_BUSY, f"{fps:.0f} FPS", suffers)


async def hidden(port: int, name: str, chance: random.Random, stack: AsyncExitStack) -> Patient:
    """Browsers draw nothing in a hidden tab, and run its timers once a second at most."""
    one: Avatar = await stack.enter_async_context(avatar(port, name))
    fps = chance.choice([0.0, 1.0])

    async def suffers() -> None:
        one.moves_every = 1.0
        one.change(fps=fps, frame_time_ms=fps * 1_000, low_fps=fps, hidden=True)
        await asyncio.Event().wait()

    return Patient(name, "hidden tab", Verdict.HIDDEN, f"{fps:.0f} FPS", suffers)


OF_CLIENTS: tuple[Ward, ...] = (delayed, stalled, not_reading, handled_slowly, throttled, hidden)


@asynccontextmanager
async def patients(port: int, label: str, of_each: int, chance: random.Random) -> AsyncIterator[list[Patient]]:
    """So many clients for each trouble of clients, connected and still healthy."""
    async with AsyncExitStack() as stack:
        yield [
            await ward(port, f"{ward.__name__.replace('_', '-')}-{label}-{number}", chance, stack)
            for number in range(of_each)
            for ward in OF_CLIENTS
        ]


async def _behind(port: int, name: str, stack: AsyncExitStack) -> tuple[BadNetwork, Avatar]:
    network = await stack.enter_async_context(bad_network(port, BadNetwork()))
    return network, await stack.enter_async_context(avatar(network.port, name))
